// A store that takes its time: what waits for it, and who comes meanwhile.

import { memoryResumeStore, type ResumableSession, type ResumeStore } from 'rxkcp/resume';
import { describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';
import { ResumeWorld } from '../support/resume-world.ts';

/** A store whose answers take `delay` ms each way, and what it was asked. */
class SlowStore implements ResumeStore {
  watch?: ResumeStore['watch'] & object;
  readonly asked: string[] = [];
  delay = 20;
  /** ms that the writing of an end takes in addition. */
  ending = 0;
  readonly #memory: ResumeStore;
  readonly #world: ResumeWorld;

  constructor(world: ResumeWorld) {
    this.#world = world;
    this.#memory = memoryResumeStore({ scheduler: world.scheduler });
  }

  create(...of: Parameters<ResumeStore['create']>): Promise<number | undefined> {
    return this.#later('create', () => this.#memory.create(...of) as number | undefined);
  }

  read(...of: Parameters<ResumeStore['read']>): ReturnType<ResumeStore['read']> {
    return this.#later('read', () => this.#memory.read(...of)) as ReturnType<ResumeStore['read']>;
  }

  update(...of: Parameters<ResumeStore['update']>): Promise<number | undefined> {
    const more = of[2].isOver ? this.ending : 0;
    return this.#later(`update ${of[3].length}`, () => this.#memory.update(...of) as number | undefined, more);
  }

  remove(...of: Parameters<ResumeStore['remove']>): Promise<void> {
    return this.#later('remove', () => void this.#memory.remove(...of));
  }

  #later<T>(what: string, work: () => T, more = 0): Promise<T> {
    this.asked.push(what);
    const { scheduler } = this.#world;
    return new Promise((resolve, reject) =>
      scheduler.schedule(() => {
        try {
          const answer = work();
          scheduler.schedule(() => resolve(answer), this.delay);
        } catch (error) {
          reject(error);
        }
      }, this.delay + more),
    );
  }
}

/** Lets ms pass, with promises. */
async function run(world: ResumeWorld, ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) {
    world.run(1);
    for (let turn = 0; turn < 4; turn++) await undefined;
  }
}

interface Both {
  readonly world: ResumeWorld;
  readonly store: SlowStore;
  readonly up: ResumableSession;
  readonly down: ResumableSession;
}

async function open(): Promise<Both> {
  const world = new ResumeWorld();
  const store = new SlowStore(world);
  const server = world.server({ store });
  const client = world.client();
  await run(world, 200);
  store.asked.length = 0;
  return { world, store, up: client.session as ResumableSession, down: server.sessions[0] as ResumableSession };
}

describe('with a store that takes its time', () => {
  test('a message leaves, and send() resolves, when the store has it; all that came meanwhile goes in one writing', async () => {
    const { world, store, up, down } = await open();
    const seen: string[] = [];
    up.subscribe((message) => seen.push(words(message)));
    for (let i = 0; i < 5; i++) down.send(text(`${i}`)).then(() => seen.push(`taken ${i}`));
    await run(world, 39);
    expect(seen).toEqual([]);
    await run(world, 2);
    expect(seen).toEqual(['taken 0']);
    await run(world, 45);
    expect(seen).toEqual(['taken 0', '0', 'taken 1', 'taken 2', 'taken 3', 'taken 4', '1', '2', '3', '4']);
    expect(store.asked).toEqual(['update 1', 'update 4']);
  });

  test('a message is acknowledged when the store knows that it was consumed', async () => {
    const { world, up, down } = await open();
    const seen: string[] = [];
    down.subscribe((message) => seen.push(words(message)));
    up.next(text('a'));
    await run(world, 10);
    expect([seen, up.unacknowledged]).toEqual([['a'], 1]);
    await run(world, 80);
    expect(up.unacknowledged).toBe(0);
  });

  test('a handler’s answer and the acknowledgment of its question are one writing', async () => {
    const { world, store, up, down } = await open();
    down.subscribe((message) => down.next(message));
    up.next(text('a'));
    await run(world, 200);
    expect(store.asked).toEqual(['update 1']);
  });

  test('of connections that come while the session is looked up, the newest is welcome', async () => {
    const world = new ResumeWorld();
    const store = new SlowStore(world);
    const first = world.server({ store });
    const client = world.client();
    await run(world, 200);
    const opened: ResumableSession[] = [];
    first.subscription.unsubscribe();
    world.server({ store }, (session) => opened.push(session));
    // Each connection lives for 30 ms; the store needs 80.
    world.wire.cut();
    for (let i = 0; i < 4; i++) {
      await run(world, 40);
      world.wire.cut();
    }
    await run(world, 1000);
    expect(world.wires.length).toBeGreaterThan(4);
    expect(opened.filter(({ closed }) => !closed)).toHaveLength(1);
    expect(opened.length).toBeLessThan(3);
    const seen: string[] = [];
    opened.at(-1)?.subscribe((message) => seen.push(words(message)));
    client.session?.next(text('still the same'));
    await run(world, 100);
    expect(seen).toEqual(['still the same']);
  });

  test('two servers that a session comes to at once: one has it, and the other has not', async () => {
    const { world, store, up } = await open();
    const others = [world.server({ store }), world.server({ store })];
    for (let i = 0; i < 20; i++) {
      world.target = others[i % 2];
      world.wire.cut(0, 1000);
      await run(world, 35);
    }
    await run(world, 3000);
    const live = others.flatMap(({ sessions }) => sessions.filter(({ closed }) => !closed));
    const seen: string[] = [];
    for (const session of live) session.subscribe((message) => seen.push(words(message)));
    up.next(text('to one'));
    await run(world, 100);
    expect(seen).toEqual(['to one']);
  });

  test('a client that comes back while the end is written is told of it, and no second session begins', async () => {
    const { world, store, down, up } = await open();
    const ends: unknown[] = [];
    up.closed$.subscribe(({ reason }) => ends.push(reason));
    world.wire.cut();
    await run(world, 1);
    // What is read now is what was there before.
    store.ending = 300;
    down.close();
    await run(world, 250);
    expect(ends).toEqual([]);
    await run(world, 1000);
    expect(ends).toEqual(['peer']);
    expect(world.target?.sessions).toHaveLength(1);
  });

  test('what a store tells of writings, late, ends the session only if they are of another server', async () => {
    const world = new ResumeWorld();
    const store = new SlowStore(world);
    let tell = (_revision: number): void => {};
    store.watch = (_id, changed) => {
      tell = (revision) => world.scheduler.schedule(() => changed(revision), 100);
      return () => {};
    };
    const { update } = store;
    let last = 0;
    store.update = async (...of) => {
      const revision = (await update.apply(store, of)) as number;
      last = revision;
      tell(revision);
      return revision;
    };
    const server = world.server({ store });
    const client = world.client();
    await run(world, 300);
    const [session] = server.sessions;
    for (let i = 0; i < 3; i++) {
      session?.next(text('a'));
      await run(world, 200);
    }
    expect(session?.closed).toBe(false);
    tell(last + 1);
    await run(world, 150);
    expect(session?.closed).toBe(true);
    client.subscription.unsubscribe();
  });

  test('a store that does not answer costs its client the handshake, and no more', async () => {
    const world = new ResumeWorld();
    const store = new SlowStore(world);
    world.server({ store });
    store.delay = 100_000;
    const client = world.client({ handshakeTimeout: 500 });
    await run(world, 2000);
    expect(client.session).toBeUndefined();
    store.delay = 1;
    expect(world.wires.length).toBeGreaterThan(2);
    client.subscription.unsubscribe();
    const second = world.client();
    await run(world, 100);
    expect(second.session).toBeDefined();
  });

  test('one that rejects ends the session there, with its error as the cause', async () => {
    const { world, store, down, up } = await open();
    const ends: unknown[] = [];
    down.closed$.subscribe(({ error }) => ends.push(error));
    store.update = () => Promise.reject(new Error('no disk'));
    const sending = down.send(text('a'));
    sending.catch(() => {});
    await run(world, 10);
    await expect(sending).rejects.toMatchObject({ kind: 'store', cause: { message: 'no disk' } });
    expect(ends).toMatchObject([{ code: 'ERR_RESUME_STORE' }]);
    expect(up.closed).toBe(false);
    world.run(100_000);
  });
});
