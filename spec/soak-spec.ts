// npm run soak, in seconds: that the harness works, and finds out what it is there to find out. (An hour: bench/doc/soak.md.)

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { firstValueFrom, map, switchMap } from 'rxjs';
import { connect, listen } from 'rxkcp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { compilePrograms } from '../bench/soak/compile.ts';
import { GoServer } from '../bench/soak/go.ts';
import { type GrowthBounds, growthOf, type Point } from '../bench/soak/growth.ts';
import { KINDS } from '../bench/soak/loads.ts';
import { Logbook } from '../bench/soak/logbook.ts';
import type { Plan } from '../bench/soak/plan.ts';
import { optionsOf } from '../bench/soak/profiles.ts';
import { Load } from '../bench/soak/programs/load.ts';
import { Echo, EchoError, Records } from '../bench/soak/programs/records.ts';
import { soak } from '../bench/soak/soak.ts';
import { nativeAddon } from '../src/link/udp/native/addon.ts';
import { goProgram, kcpGo } from './interop/support/go-build.ts';
import { describeWith } from './interop/support/peer-presence.ts';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/free-port.ts';

vi.setConfig({ testTimeout: 120_000 });

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const FAULTY_ADDON = here('../native/faults/build/Release/faults.node');
const MIB = 2 ** 20;
const SEED = Number(process.env.SOAK_SEED ?? 1 + Math.floor(Math.random() * 1_000_000));

/** Where programs find what they import: within the package. */
const programs = mkdtempSync(here('.soak-'));

beforeAll(async () => {
  console.log(`SOAK_SEED=${SEED}`);
  const alias = {
    rxkcp: here('../src/index.ts'),
    'rxkcp/node': here('../src/streams/node/index.ts'),
    'rxkcp/streams': here('../src/streams/index.ts'),
    '#udp': here('../src/link/udp/index.ts'),
    '#fast-ciphers': here('../src/core/crypto/node/index.ts'),
    '#fec-product': here('../src/core/fec/node/index.ts'),
    '#bundling': here('../src/arq/bundling/automatic.ts'),
    '#controller': here('../src/arq/controller/automatic.ts'),
    '#disposal': here('../src/session/disposal/automatic.ts'),
    '#rebinding': here('../src/session/rebinding/automatic.ts'),
    '#memory': here('../src/bytes/fresh/unzeroed.ts'),
  };
  await compilePrograms({ outdir: programs, alias });
});
afterAll(() => rmSync(programs, { recursive: true }));

function short(changes: Partial<Plan>): Plan {
  return {
    seed: SEED,
    rate: 300,
    length: 4_000,
    least: 5,
    clients: 1,
    loads: [
      ['bulk', 'salsa', 0, 'relay'],
      ['small', 'gcm-fec', 1, 'relay'],
      ['slow', 'plain', 1, 'relay'],
      ['web', 'aes-fec', 0, 'relay'],
      ['duplex', 'salsa', 1, 'relay'],
      ['churn', 'plain', 0, 'direct'],
    ],
    warmUp: 500,
    pause: 200,
    recovery: 200,
    faults: ['socket errors', 'garbage', 'drop', 'worker kill', 'server kill'],
    idleTimeout: 3_000,
    stall: 60_000,
    sampleEvery: 200,
    collectEvery: 3,
    // Too short to tell.
    bounds: { share: 1, bytes: 1024 * MIB },
    programs: programs,
    addon: existsSync(FAULTY_ADDON) ? FAULTY_ADDON : undefined,
    ...changes,
  };
}

/** Without what depends on how busy the machine is: a session that is given up early comes back and goes on. */
const timeless = (failures: readonly string[]): string[] =>
  failures.filter((failure) => !failure.includes('nothing was done to it'));

const isNative = nativeAddon() !== undefined;

describe('a soak', () => {
  test('of seconds ends with nothing lost', async () => {
    const verdict = await soak(short({}), isNative, () => {});
    expect(timeless(verdict.failures)).toEqual([]);
    expect(verdict.kinds.map(({ kind }) => kind)).toHaveLength(6);
    for (const { lost, duplicates } of verdict.kinds) expect([lost, duplicates]).toEqual([0, 0]);
    expect(Object.values(verdict.faults).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
    expect(verdict.processes.map(({ sessionsLeft, name }) => (name === 'server, killed' ? 0 : sessionsLeft))).toEqual(
      verdict.processes.map(() => 0),
    );
  });

  test('finds out servers that lose a message and keep memory', async () => {
    const loads: Plan['loads'] = [
      ['small', 'plain', 0, 'direct'],
      ['small', 'plain', 1, 'direct'],
    ];
    const bounds = { share: 0.1, bytes: 8 * MIB };
    const changes = { loads, faults: [], length: 3_000, least: 100, sabotaged: true, bounds };
    const { failures, kinds } = await soak(short(changes), isNative, () => {});
    expect(failures.join('\n')).toMatch(/record \d+ was to come.*came/);
    expect(failures.join('\n')).toMatch(/server, node:dgram: heap has grown/);
    expect(kinds.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(0);
  });
});

describe('a logbook', () => {
  test('excuses no sessions but those of what was broken', () => {
    const logbook = new Logbook(short({}));
    logbook.excuse([1, 2], 60_000);
    logbook.failed('one', 2, 'ERR_DEAD_LINK');
    expect(logbook.failures).toEqual([]);
    logbook.failed('another', 3, 'ERR_DEAD_LINK');
    expect(logbook.failures).toHaveLength(1);
  });
});

describe('a load', () => {
  test('that is to send no more sends what a session that ended has left open', async ({ onTestFinished }) => {
    let received = 0;
    const port = await new Promise<number>((resolve) => {
      let isFirst = true;
      const listening = listen({
        ...optionsOf('plain', 0),
        host: '127.0.0.1',
        port: 0,
        onListening: ({ port }) => resolve(port),
      }).subscribe((session) => {
        const echoes = !isFirst;
        isFirst = false;
        session.subscribe((message) => {
          received++;
          if (echoes) session.next(message);
        });
      });
      onTestFinished(() => listening.unsubscribe());
    });
    const wrongs: string[] = [];
    const load = new Load(
      { ...KINDS.small, id: 1, profile: 'plain', port },
      { seed: SEED, idleTimeout: 0, stall: 60_000, sampleEvery: 1_000, collectEvery: 1, loads: [] },
      { failed: (_, __, code) => wrongs.push(code), wrong: (message) => wrongs.push(message) },
    );
    const done = load.run();
    await eventually(() => expect(received).toBeGreaterThanOrEqual(3));
    load.drain();
    load.drop();
    await done;
    expect(load.totals.messages).toBeGreaterThanOrEqual(3);
    expect(load.totals.sessions).toBe(2);
    expect(wrongs).toEqual([]);
  });
});

describeWith(kcpGo, "kcp-go's server", () => {
  const start = async (length: number) => {
    const totals = { rounds: 0, bytes: 0, broken: 0, replaced: 0 };
    const told: string[] = [];
    const tell = (message: string): void => {
      told.push(message);
    };
    const server = await GoServer.start(goProgram('peer'), 'aes-fec', length, totals, { wrong: tell, crashed: tell });
    return { server, totals, told };
  };

  /** A session from `port` of ours, 0 for any, that leaves without a word when it has an echo. @returns its port. */
  const converse = async (server: GoServer, port: number): Promise<number> => {
    const socket: Socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    const own = (socket.address() as AddressInfo).port;
    const options = { ...optionsOf('aes-fec', 60_000), port: server.port, socket, closeSocket: true };
    const closed = once(socket, 'close');
    await firstValueFrom(
      connect(options).pipe(
        switchMap((session) => {
          session.next(new Uint8Array(100));
          return session.pipe(map(() => session.close()));
        }),
      ),
    );
    await closed;
    return own;
  };

  test('goes on when another conversation comes from the address of one that was left', async () => {
    const { server, totals, told } = await start(60_000);
    const port = await converse(server, await freePort());
    await converse(server, port);
    await converse(server, port);
    await converse(server, 0);
    await server.stop();
    expect(totals.replaced).toBe(2);
    expect(told).toEqual([]);
  });

  test('is missed when it is gone', async () => {
    const { server, told } = await start(2_000);
    await eventually(() => expect(told).toEqual([expect.stringContaining('not done after 2000 ms')]));
    await server.stop();
  });
});

describe('an echo', () => {
  const records = new Records(SEED, 7, [12, 500]);
  const [first, second, third] = [0, 1, 2].map((number) => records.record(number)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const taken = (borders: boolean, ...pieces: Uint8Array[]): Error | number => {
    const echo = new Echo(records, 7, borders);
    try {
      for (const piece of pieces) echo.take(piece);
      return echo.next;
    } catch (error) {
      return error as Error;
    }
  };
  const joined = Buffer.concat([first, second, third]);

  test('is right when all comes in order, with borders or without', () => {
    expect(taken(true, first, second, third)).toBe(3);
    expect(taken(false, joined.subarray(0, 5), joined.subarray(5, 40), joined.subarray(40))).toBe(3);
    expect(taken(true, joined)).toBeInstanceOf(EchoError);
  });

  test('is wrong when one is missing, comes twice, or has another byte', () => {
    expect(taken(true, first, third)).toMatchObject({ lost: 1, duplicates: 0 });
    expect(taken(true, first, second, first)).toMatchObject({ lost: 0, duplicates: 1 });
    const changed = Uint8Array.from(second);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(taken(true, first, changed)).toBeInstanceOf(EchoError);
    expect(taken(false, joined.subarray(0, 5), joined.subarray(6))).toBeInstanceOf(EchoError);
  });

  test('goes on from the first record that was not complete', () => {
    const echo = new Echo(records, 7, false);
    expect(echo.take(joined.subarray(0, first.length + 5))).toBe(1);
    echo.restart();
    expect(echo.take(second)).toBe(1);
  });
});

describe('memory', () => {
  const bounds: GrowthBounds = { share: 0.1, bytes: 8 * MIB };
  const points = (value: (index: number) => number): Point[] =>
    Array.from({ length: 50 }, (_, index) => ({ at: 60_000 * index, value: MIB * value(index) }));

  test.each([
    ['is flat, with noise', (index: number) => 100 + 6 * Math.sin(index * 7), false],
    ['has one peak', (index: number) => (index === 30 ? 300 : 100), false],
    ['falls', (index: number) => 200 - index, false],
    ['grows, but by little', (index: number) => 50 + index / 10, false],
    ['grows, but by a small share', (index: number) => 400 + index / 2, false],
    ['grows steadily', (index: number) => 100 + index / 2 + 6 * Math.sin(index * 7), true],
    ['has grown at one time, for good', (index: number) => (index < 25 ? 100 : 140), true],
  ])('%s', (_, value, grows) => {
    expect(growthOf(points(value), bounds)?.grows).toBe(grows);
  });

  test('cannot be told from a few points', () => {
    expect(growthOf(points((index) => index).slice(0, 7), bounds)).toBeUndefined();
  });
});
