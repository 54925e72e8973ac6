// What a tunnel does while it runs: signals, the log of counters, sessions that expire.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { snmp } from 'rxkcp';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openTunnelClient } from '../../cli/tunnel/client.ts';
import type { Log } from '../../cli/tunnel/log.ts';
import { runUntilSignal } from '../../cli/tunnel/running.ts';
import { tunnelSettings } from '../../cli/tunnel/settings.ts';
import { goLayout, startSnmpLog } from '../../cli/tunnel/snmp-log.ts';
import { connected, exchange, startEcho, startEnd } from '../interop/support/kcptun.ts';
import { freePort } from '../support/free-port.ts';

const silent: Log = { say() {}, detail() {} };

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rxkcp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('signals', () => {
  /** A tunnel with so many streams, and what it was told. */
  function run(streams: number): { told: string[]; ended: Promise<void>; log: () => string; left: () => void } {
    const told: string[] = [];
    const file = join(newFolder(), 'log');
    const settings = { ...tunnelSettings('client', {}), log: file };
    let open = streams;
    const running = {
      streams: () => open,
      drain: () => void told.push('drain'),
      close: () => void told.push('close'),
    };
    const ended = runUntilSignal(settings, async () => running);
    return { told, ended, log: () => readFileSync(file, 'utf8'), left: () => open-- };
  }

  afterEach(() => {
    for (const name of ['SIGUSR1', 'SIGTERM', 'SIGINT'] as const) process.removeAllListeners(name);
  });

  const handled = (name: 'SIGUSR1' | 'SIGTERM'): Promise<unknown> =>
    expect.poll(() => process.listenerCount(name)).toBeGreaterThan(0);

  test('SIGUSR1 logs the counters, by the names of kcp-go', async () => {
    const { ended, log } = run(0);
    await handled('SIGUSR1');
    process.emit('SIGUSR1');
    process.emit('SIGTERM');
    await ended;
    expect(log()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d counters: BytesSent:\d+ .*RetransSegs:\d+/m);
  });

  test('SIGTERM lets streams end, and then ends', async () => {
    const { told, ended, left } = run(1);
    await handled('SIGTERM');
    process.emit('SIGTERM');
    await expect.poll(() => told).toEqual(['drain']);
    left();
    await ended;
    expect(told).toEqual(['drain', 'close']);
  });

  test('a second one ends at once', async () => {
    const { told, ended } = run(1);
    await handled('SIGTERM');
    process.emit('SIGTERM');
    await expect.poll(() => process.listenerCount('SIGTERM')).toBe(1);
    process.emit('SIGTERM');
    await ended;
    expect(told).toEqual(['drain', 'close']);
  });
});

describe('the log of counters', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date(2026, 0, 31, 23, 59, 58) });
    onTestFinished(() => void vi.useRealTimers());
  });

  test('has a line each period, in a file a day, with a head', () => {
    const folder = join(newFolder(), 'logs');
    const stop = startSnmpLog(join(folder, 'snmp-20060102.csv'), 1, silent);
    vi.advanceTimersByTime(3000);
    stop();
    vi.advanceTimersByTime(3000);
    expect(readdirSync(folder)).toEqual(['snmp-20260131.csv', 'snmp-20260201.csv']);
    const [head, ...lines] = readFileSync(join(folder, 'snmp-20260201.csv'), 'utf8').trimEnd().split('\n');
    expect(head).toBe(['Unix', ...Object.keys(snmp())].join(','));
    const midnight = new Date(2026, 1, 1).getTime() / 1000;
    expect(lines.map((line) => Number(line.split(',')[0]))).toEqual([midnight, midnight + 1]);
  });

  test('says why it can write none, and goes on', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    const say = vi.fn();
    const stop = startSnmpLog(join(folder, 'file', 'snmp.csv'), 60, { ...silent, say });
    vi.advanceTimersByTime(120_000);
    stop();
    expect(say).toHaveBeenCalledTimes(2);
    expect(say.mock.calls[0]?.[0]).toMatch(/^snmplog: /);
  });

  test('is off without a name', () => {
    startSnmpLog('', 1, silent);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('names its files by the reference time of Go', () => {
    const date = new Date(2026, 10, 3, 15, 4, 9);
    expect(goLayout('./log-20060102-150405-06-03.csv', date)).toBe('./log-20261103-150409-26-03.csv');
  });
});

test('a session that has expired takes no more streams, and ends with its last', async () => {
  const target = await startEcho(onTestFinished);
  const [udp, port] = [await freePort(), await freePort()];
  const listening = { mode: 'fast3', listen: `127.0.0.1:${udp}`, target: `127.0.0.1:${target}` };
  await startEnd('ours', 'server', listening, onTestFinished);
  const said: string[] = [];
  const client = await openTunnelClient(
    tunnelSettings('client', {
      mode: 'fast3',
      localaddr: `127.0.0.1:${port}`,
      remoteaddr: `127.0.0.1:${udp}`,
      autoexpire: '1',
    }),
    { ...silent, say: (line) => said.push(line) },
  );
  onTestFinished(() => client.close());
  const before = snmp().ActiveOpens;
  const old = await connected(port);
  old.write('old');
  await new Promise((resolve) => old.once('data', resolve));
  await exchange(port, 1000);
  expect(snmp().ActiveOpens - before).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await exchange(port, 1000);
  expect(snmp().ActiveOpens - before).toBe(2);
  expect(said.filter((line) => line.includes('ended'))).toEqual([]);
  old.end().resume();
  await expect
    .poll(() => said.filter((line) => line.includes('ended')))
    .toEqual([`session with port ${udp} ended: completed`]);
});
