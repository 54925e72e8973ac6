// rxkcp echo, sink, ping, perf and relay, against each other.

import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { runPerf } from '../../cli/perf.ts';
import { type PingOptions, runPing } from '../../cli/ping.ts';
import { runRelay } from '../../cli/relay.ts';
import { runServer, type Work } from '../../cli/serve.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { freePort } from '../support/free-port.ts';

const FAST = { mode: 'fast3' } as const;

/** What is printed from here on. */
function printed(): string[] {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(String(line)));
  return lines;
}

afterEach(() => void vi.restoreAllMocks());

/** Runs it until the test is over. */
async function untilTheEnd(command: () => Promise<void>, lines: readonly string[], says: RegExp): Promise<void> {
  const ended = command();
  onTestFinished(async () => {
    process.emit('SIGTERM');
    await ended;
  });
  await Promise.race([ended, expect.poll(() => lines.some((line) => says.test(line))).toBe(true)]);
}

async function serve(work: Work, lines: string[]): Promise<string> {
  const address = `127.0.0.1:${await freePort()}`;
  await untilTheEnd(() => runServer(work, address, { ...FAST, stream: true }), lines, /^(echo|sink) listens on 127/);
  return address;
}

test('perf says how fast a sink reads, and an echo answers', async () => {
  const lines = printed();
  const bytes = 1_000_000;
  for (const [work, echo] of [
    ['sink', false],
    ['echo', true],
  ] as const) {
    const address = await serve(work, lines);
    const result = await runPerf(address, { ...FAST, stream: true }, { bytes, write: 65_536, echo });
    expect(result.bytes).toBe(bytes);
    expect(result.seconds).toBeGreaterThan(0);
    expect(result.bitsPerSecond / (8 * (bytes / result.seconds))).toBeCloseTo(1, 3);
    expect(result.wireBytes).toBeGreaterThan(bytes);
    expect(result.segments).toBeGreaterThanOrEqual(Math.ceil(bytes / 1376));
  }
});

const PING: PingOptions = { count: 5, interval: 20, size: 64, json: true };

test('ping times each ack, with the delay of a relay both ways', async () => {
  const lines = printed();
  const target = await serve('echo', lines);
  const through = `127.0.0.1:${await freePort()}`;
  const impairments = { delay: 30 };
  await untilTheEnd(() => runRelay({ listen: through, target, impairments, seed: 1 }), lines, /^relay listens/);
  expect(await runPing(through, FAST, PING)).toBe(true);
  const { sent, acknowledged, sentAgain, min, avg, max } = JSON.parse(lines.at(-1) as string);
  expect([sent, acknowledged, sentAgain]).toEqual([5, 5, 0]);
  expect(min).toBeGreaterThanOrEqual(59);
  expect(avg).toBeGreaterThanOrEqual(min);
  expect(max).toBeGreaterThanOrEqual(avg);
});

test('a relay loses as many as it is told to, and KCP sends them again', async () => {
  const lines = printed();
  const target = await serve('echo', lines);
  const through = `127.0.0.1:${await freePort()}`;
  const impairments = { loss: 0.3, duplicate: 0.1, reorder: 0.1 };
  await untilTheEnd(() => runRelay({ listen: through, target, impairments, seed: 7 }), lines, /^relay listens/);
  expect(await runPing(through, FAST, { ...PING, count: 30, json: false })).toBe(true);
  const summary = lines.at(-2) as string;
  expect(summary).toMatch(/^30 sent, 30 acknowledged, [1-9]\d* sent again \(\d+\.\d % of all segments\)$/);
  expect(lines.at(-1)).toMatch(/^round trip min\/avg\/max = [\d.]+\/[\d.]+\/[\d.]+ ms$/);
});

test('a ping of several segments is answered when the last of them is', async () => {
  const lines = printed();
  const target = await serve('echo', lines);
  const through = `127.0.0.1:${await freePort()}`;
  const impairments = { delay: 30 };
  await untilTheEnd(() => runRelay({ listen: through, target, impairments, seed: 1 }), lines, /^relay listens/);
  // Four segments, one in each round trip.
  const narrow = { ...FAST, mtu: 100, sendWindow: 1 };
  expect(await runPing(through, narrow, { ...PING, count: 1, size: 300 })).toBe(true);
  expect(JSON.parse(lines.at(-1) as string).min).toBeGreaterThanOrEqual(4 * 59);
});

test('a ping that nobody answers says so', async () => {
  printed();
  expect(await runPing(`127.0.0.1:${await freePort()}`, FAST, { ...PING, count: 1 })).toBe(false);
});

test('a wrong address is one sentence', async () => {
  printed();
  await expect(runServer('echo', '127.0.0.1', FAST)).rejects.toThrow(UsageError);
  const relay = { listen: '127.0.0.1:0', target: '', impairments: {}, seed: 1 };
  await expect(runRelay(relay)).rejects.toThrow(/^--target/);
});
