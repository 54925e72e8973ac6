// Programs with ciphers and FEC, bundled for production by each bundler, run: on Node, and in a page.

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, launch, Site } from '../browser/support.ts';
import { describeWith, type Presence } from '../interop/support/peer-presence.ts';
import { BUNDLERS } from './bundlers.ts';
import { installPacked, ROOT, TOOLS } from './packed.ts';

const WORKED = 'aesGcm salsa20 aes256 twofish none';

const tools: Presence = {
  peer: 'bundlers',
  missing:
    existsSync(TOOLS) && existsSync(join(ROOT, 'dist'))
      ? undefined
      : 'npm run build && npm ci --prefix spec/platforms/tools',
};

/** How a run of a bundle on Node says which link it has. */
function run(bundle: string, env: Readonly<Record<string, string>> = {}): { output: string; link: string } {
  const log = join(bundle, '../debug.txt');
  const command = `"${process.execPath}" "${bundle}" 2>"${log}"`;
  const output = execFileSync('sh', ['-c', command], {
    env: { ...process.env, NODE_DEBUG: 'rxkcp', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { output, link: readFileSync(log, 'utf8') };
}

describeWith(tools, 'bundled', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxkcp-bundlers-'));
  /** Without the package near it. */
  const elsewhere = mkdtempSync(join(tmpdir(), 'rxkcp-bundled-'));

  beforeAll(() => {
    installPacked(folder);
    const programs = join(ROOT, 'spec/platforms/programs');
    for (const name of readdirSync(programs)) copyFileSync(join(programs, name), join(folder, name));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(elsewhere, { recursive: true, force: true });
  });

  /** A bundle, moved away from the package. */
  async function moved(name: string, target: 'node' | 'page'): Promise<string> {
    const bundle = await BUNDLERS[name]!(folder, `${target}.mjs`, target);
    mkdirSync(join(elsewhere, name), { recursive: true });
    const file = join(elsewhere, name, `${target}.mjs`);
    copyFileSync(bundle, file);
    return file;
  }

  test.each(Object.keys(BUNDLERS))(
    'by %s for Node: ciphers, FEC and UDP work, and it says why the native link is not used',
    async (name) => {
      const bundle = await moved(name, 'node');
      // Webpack writes down where the package was.
      renameSync(join(folder, 'node_modules'), join(folder, 'gone'));
      const { output, link } = run(bundle);
      renameSync(join(folder, 'gone'), join(folder, 'node_modules'));
      expect(output).toBe(`${WORKED}\nudp\n`);
      if (process.platform === 'linux') expect(link).toMatch(/UDP by node:dgram: .*RXKCP_PREBUILD names no prebuild/);
    },
  );

  const prebuilds = join(ROOT, 'native/prebuilds', `${process.platform}-${process.arch}`);
  const prebuild = existsSync(prebuilds) ? readdirSync(prebuilds).find((name) => name.includes('glibc')) : undefined;
  const hasPrebuild: Presence = {
    peer: 'the native link',
    missing: prebuild === undefined ? 'npm run build:native' : undefined,
  };
  describeWith(hasPrebuild, 'with RXKCP_PREBUILD', () => {
    test.each(Object.keys(BUNDLERS))('by %s: it uses the prebuild', async (name) => {
      const { output, link } = run(await moved(name, 'node'), { RXKCP_PREBUILD: join(prebuilds, prebuild!) });
      expect(output).toBe(`${WORKED}\nudp\n`);
      expect(link).toContain('UDP by the native link');
    });

    test('a prebuild that is not there is reported, and node:dgram is used', async () => {
      const { output, link } = run(await moved('esbuild', 'node'), { RXKCP_PREBUILD: join(elsewhere, 'none.node') });
      expect(output).toBe(`${WORKED}\nudp\n`);
      expect(link).toMatch(/Warning: RXKCP_PREBUILD: Cannot find module/);
    });
  });

  describeWith(CHROMIUM, 'for a page', () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launch();
    }, 120_000);

    afterAll(() => browser?.close());

    test.each(Object.keys(BUNDLERS))('by %s: ciphers and FEC work', async (name) => {
      const code = readFileSync(await moved(name, 'page'), 'utf8');
      expect(code).not.toMatch(/["']node:/);
      const site = await Site.open({ '/bundle.js': code });
      const page = await browser.newPage();
      await page.goto(site.url('/'));
      await page.addScriptTag({ url: '/bundle.js', type: 'module' });
      await page.waitForFunction("document.title !== 'rxkcp'");
      expect(await page.title()).toBe(WORKED);
      await page.close();
      site.close();
    });
  });
});

describe('the bundlers', () => {
  test('are those of the documents', () => {
    const page = readFileSync(join(ROOT, 'docs/bundling.md'), 'utf8');
    for (const name of Object.keys(BUNDLERS)) expect(page).toContain(`| ${name} |`);
  });
});
