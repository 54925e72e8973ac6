// The same sources in a real browser: sessions between two workers, and every cipher and the Reed-Solomon code, in plain
// JavaScript and by the SIMD kernels.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { seededRandom } from 'rxkcp/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../interop/support/peer-presence.ts';
import { bundleForBrowser } from '../support/bundle.ts';
import { CIPHER_NAMES } from '../support/ciphers.ts';
import type { Observed } from './programs/observable.ts';
import type { Report, Task } from './programs/session.ts';
import type { Vectors, Verdict } from './programs/vectors.ts';
import { CHROMIUM, launch, Site } from './support.ts';

const MIB = 1024 * 1024;
/** Ciphers that the kernel does without OpenSSL. */
const BY_KERNEL = ['salsa20', 'sm4', '3des', 'xor', 'none'];

/** The globals of a page, as far as they are used here. */
interface PageScope {
  examine(vectors: Vectors): Verdict;
  observe(): Promise<Observed>;
  Worker: new (url: string, options: { type: 'module' }) => PageWorker;
}

interface PageWorker {
  onmessage: (event: { data: Report | { error: string } }) => void;
  onerror: (event: { message: string }) => void;
  postMessage(task: Task, transfer: unknown[]): void;
}

const json = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
const vectors = { crypto: json('crypto'), fec: json('reed-solomon') } as Vectors;

describeWith(CHROMIUM, 'in Chromium', () => {
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    const [session, examination, observation] = await Promise.all([
      bundleForBrowser("import { serve } from './spec/browser/programs/session.ts'; serve();"),
      bundleForBrowser("import { examine } from './spec/browser/programs/vectors.ts'; globalThis.examine = examine;"),
      bundleForBrowser(
        "import { observe } from './spec/browser/programs/observable.ts'; globalThis.observe = observe;",
      ),
    ]);
    // But for the comments in which the bundler names files, one of which is process.ts.
    for (const { code } of [session, examination, observation]) {
      expect(code.replace(/^\/\/ .*$/gm, '')).not.toMatch(/["']node:|\bprocess\./);
    }
    site = await Site.open({
      '/session.js': session.code,
      '/vectors.js': examination.code,
      '/observable.js': observation.code,
    });
    browser = await launch();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    site?.close();
  }, 60_000);

  test('two workers exchange 4 MiB each way at 10 % loss, over a MessagePort with salsa20 and FEC 10/3', async () => {
    const page = await browser.newPage();
    await page.goto(site.url('/'));
    const reports = await page.evaluate(
      async ({ bytes, loss }) => {
        const { Worker } = globalThis as unknown as PageScope;
        const { port1, port2 } = new MessageChannel();
        const ends = [port1, port2].map(
          (port, i) =>
            new Promise<Report>((resolve, reject) => {
              const worker = new Worker('/session.js', { type: 'module' });
              worker.onmessage = ({ data }) => ('error' in data ? reject(new Error(data.error)) : resolve(data));
              worker.onerror = ({ message }) => reject(new Error(message));
              worker.postMessage({ port, seed: i + 1, bytes, loss }, [port]);
            }),
        );
        return Promise.all(ends);
      },
      { bytes: 4 * MIB, loss: 0.1 },
    );
    await page.close();
    console.log(`in Chromium, ${browser.version()}: ${JSON.stringify(reports)}`);
    const [left, right] = reports;
    for (const [i, report] of reports.entries()) {
      const bytes = new Uint8Array(4 * MIB);
      seededRandom(i + 1)(bytes);
      expect(report.sent).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(report.receivedBytes).toBe(4 * MIB);
      // Of some 4000 packets and 10/3 as many again of parity.
      expect(report.lost).toBeGreaterThan(200);
      expect(report.recovered).toBeGreaterThan(50);
    }
    expect(left?.received).toBe(right?.sent);
    expect(right?.received).toBe(left?.sent);
  }, 180_000);

  test('every cipher and the Reed-Solomon code agree with kcp-go, in plain JavaScript and by SIMD', async () => {
    const verdict = await examined('/');
    expect(verdict.failures).toEqual([]);
    expect(verdict.compared).toBeGreaterThan(20 * CIPHER_NAMES.length);
    expect(verdict.byKernel.sort()).toEqual([...BY_KERNEL].sort());
    expect(verdict.fecByKernel).toBe(true);
  }, 180_000);

  test("a session feeds the platform's own Observable, and RxJS takes one", async () => {
    const page = await browser.newPage();
    await page.goto(site.url('/'));
    await page.addScriptTag({ url: '/observable.js', type: 'module' });
    const observed = await page.evaluate(() => (globalThis as unknown as PageScope).observe());
    await page.close();
    expect(observed).toEqual({ lengths: [1, 2, 3], isReleased: true, clicks: ['click'] });
  }, 180_000);

  test('a page whose policy forbids WebAssembly has them in plain JavaScript', async () => {
    const verdict = await examined('/strict/');
    expect(verdict.failures).toEqual([]);
    expect(verdict.byKernel).toEqual([]);
    expect(verdict.fecByKernel).toBe(false);
  }, 180_000);

  async function examined(path: string): Promise<Verdict> {
    const page = await browser.newPage();
    await page.goto(site.url(path));
    await page.addScriptTag({ url: '/vectors.js', type: 'module' });
    const verdict = await page.evaluate((given) => (globalThis as unknown as PageScope).examine(given), vectors);
    await page.close();
    return verdict;
  }
});
