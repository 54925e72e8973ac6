// Several workers on one port: the system spreads the peers, and each session stays with its worker.

import { setTimeout as sleep } from 'node:timers/promises';
import { AddressInUseError, DeadLinkError } from 'rxkcp';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeNative } from '../../support/native.ts';
import { AskingClient, canShareByDgram, PortWorker, type Program, writeProgram } from '../../support/port-workers.ts';
import { socketCount } from './native/support.ts';

/** So many that all of them get to one of two workers once in 2 ** 23 runs. */
const CLIENTS = 24;

let program: Program;
let socketsBefore = 0;
beforeAll(async () => {
  program = await writeProgram();
  socketsBefore = socketCount();
});
afterAll(() => program.remove());

let workers: PortWorker[] = [];
const clients: AskingClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

async function start(native: boolean, count: number): Promise<void> {
  workers = [];
  for (let i = 0; i < count; i++) await join(native);
}

async function join(native: boolean): Promise<void> {
  workers.push(await PortWorker.start(program.url, workers.length + 1, workers[0]?.port ?? 0, native));
}

function ask(count: number): AskingClient[] {
  const more = Array.from({ length: count }, () => new AskingClient((workers[0] as PortWorker).port));
  clients.push(...more);
  return more;
}

/** Resolves when each of them has so many answers more. */
async function answered(asking: readonly AskingClient[], count: number): Promise<void> {
  const before = asking.map(({ answers }) => answers.length);
  await vi.waitFor(
    () => {
      for (const [i, { answers }] of asking.entries()) {
        expect(answers.length).toBeGreaterThanOrEqual((before[i] as number) + count);
      }
    },
    { timeout: 10_000, interval: 5 },
  );
}

/** Those who have been answered by this worker last. */
function servedBy(number: number): AskingClient[] {
  return clients.filter(({ answers }) => answers.at(-1) === number);
}

function suite(native: boolean): void {
  test('peers are spread over all workers, and each session stays with its own', async () => {
    await start(native, 2);
    await answered(ask(CLIENTS), 20);
    for (const { answers } of clients) expect(new Set(answers).size).toBe(1);
    expect(servedBy(1).length).toBeGreaterThan(0);
    expect(servedBy(2).length).toBeGreaterThan(0);
  });

  test.each([1, 2])(
    'worker %i of two is terminated under load: the other one’s sessions go on, and it has the port',
    async (number) => {
      await start(native, 2);
      await answered(ask(CLIENTS), 5);
      const lost = servedBy(number);
      const kept = clients.filter((client) => !lost.includes(client));
      await (workers[number - 1] as PortWorker).terminate();
      for (const client of lost) client.beImpatient();
      await answered(kept, 20);
      for (const { answers } of kept) expect(new Set(answers)).toEqual(new Set([3 - number]));
      await vi.waitFor(
        () => expect(lost.map(({ error }) => error).every((error) => error instanceof DeadLinkError)).toBe(true),
        { timeout: 10_000 },
      );
      const redialled = ask(lost.length);
      await answered(redialled, 5);
      for (const { answers } of redialled) expect(new Set(answers)).toEqual(new Set([3 - number]));
      expect(kept.map(({ error }) => error)).toEqual(kept.map(() => undefined));
    },
  );

  test('a worker that takes the place of the one that joined last leaves the sessions of all others as they are', async () => {
    await start(native, 3);
    await answered(ask(CLIENTS), 5);
    const kept = [...servedBy(1), ...servedBy(2)];
    await (workers[2] as PortWorker).terminate();
    // Long enough for a lonely server to tell peers that it does not know them. Some of these the system sends to the wrong worker meanwhile.
    await sleep(2000);
    await join(native);
    await answered(kept, 20);
    for (const { answers, error } of kept) {
      expect(new Set(answers).size).toBe(1);
      expect(error).toBe(undefined);
    }
    // All miss it once in 10 ** 11 runs.
    await answered(ask(64), 1);
    expect(servedBy(4).length).toBeGreaterThan(0);
  });

  test('workers that stop listening end by themselves, and leave no socket behind', async () => {
    await start(native, 2);
    await answered(ask(4), 1);
    for (const client of clients.splice(0)) client.close();
    await expect(Promise.all(workers.splice(0).map((worker) => worker.close()))).resolves.toEqual([0, 0]);
    await vi.waitFor(() => expect(socketCount()).toBe(socketsBefore));
  });
}

describeNative('over the native link:', () => suite(true));

describe('over node:dgram:', () => {
  if (canShareByDgram()) {
    suite(false);
    return;
  }
  console.warn(
    `skipped: workers on one port over node:dgram (Node 22.12, or 23.1 and later, on Linux; this is ${process.version})`,
  );
  test('where it cannot share a port, the second worker is told so', async () => {
    await start(false, 1);
    await expect(join(false)).rejects.toMatchObject({ name: AddressInUseError.name, code: 'ERR_ADDRESS_IN_USE' });
  });
});
