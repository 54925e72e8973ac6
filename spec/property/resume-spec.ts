// Resumable sessions against a naive twin, two lists: connections are cut anywhere, servers come and go, and each message arrives once, in
// order, at whichever server is in turn. And peers that mean no good.

import { config } from 'rxjs';
import { memoryResumeStore, type ResumableSession, ResumeError, type ResumeStore } from 'rxkcp/resume';
import type { VirtualScheduler } from 'rxkcp/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type ResumeFrame } from '../../src/core/resume/frame.ts';
import { bytes, integer, pick, seeded, seeds } from '../support/random.ts';
import { ResumeWorld, Wire, type WorldServer } from '../support/resume-world.ts';

const unhandled: unknown[] = [];
beforeEach(() => {
  unhandled.length = 0;
  config.onUnhandledError = (error) => unhandled.push(error);
});
afterEach(() => {
  config.onUnhandledError = null;
  expect(unhandled).toEqual([]);
});

/** A message that tells its place in the list. */
function message(random: () => number, number: number): Uint8Array {
  const content = bytes(random, integer(random, 4, 40));
  new DataView(content.buffer).setUint32(0, number);
  return content;
}

const numberOf = (content: Uint8Array): number => new DataView(content.buffer).getUint32(0);

/** What was said by one end, and heard by the other. */
interface Direction {
  readonly said: number[];
  readonly heard: number[];
}

/** One client, and servers that share a store, under random events. */
class Play {
  readonly world = new ResumeWorld();
  readonly random: () => number;
  readonly store: ResumeStore;
  readonly up: Direction = { said: [], heard: [] };
  readonly down: Direction = { said: [], heard: [] };
  client: ResumableSession | undefined;
  readonly servers: WorldServer[] = [];
  readonly opened: ResumableSession[] = [];
  readonly ends: unknown[] = [];
  cutChance = 0;
  #number = 0;

  constructor(seed: number, options: { windowMessages?: number; windowBytes?: number; expireAfter?: number } = {}) {
    this.random = seeded(seed);
    const { scheduler } = this.world;
    this.store = memoryResumeStore({ scheduler });
    this.world.delay = integer(this.random, 0, 50);
    this.world.fate = () => (this.random() < this.cutChance ? pick(this.random, ['cut', 'cut behind']) : undefined);
    this.options = { allowHalfOpen: true, ...options };
    this.addServer();
    const client = this.world.client(this.options, (session) => {
      this.client = session;
      session.subscribe({ next: (content) => this.down.heard.push(numberOf(content)), error: () => {} });
      session.closed$.subscribe((end) => this.ends.push(end.error ?? end.reason));
    });
    this.world.run(200);
    expect(client.session).toBeDefined();
  }

  readonly options: { allowHalfOpen: boolean; expireAfter?: number };

  addServer(): void {
    const server = this.world.server({ ...this.options, store: this.store }, (session) => {
      this.opened.push(session);
      session.subscribe((content) => this.up.heard.push(numberOf(content)));
    });
    this.servers.push(server);
  }

  say(session: ResumableSession | undefined, { said }: Direction): void {
    if (!session || session.closed || session.unacknowledged > 4000) return;
    const number = ++this.#number;
    said.push(number);
    session.next(message(this.random, number));
  }

  /** Something happens. */
  act(): void {
    const { world, random } = this;
    const live = this.opened.filter(({ closed }) => !closed);
    // Of more than one, the older ones do not know that they are over.
    expect(live.length).toBeLessThan(2);
    switch (integer(random, 0, 11)) {
      case 0:
      case 1:
      case 2:
        for (let i = integer(random, 1, 10); i > 0; i--) this.say(this.client, this.up);
        break;
      case 3:
      case 4:
      case 5:
        for (let i = integer(random, 1, 10); i > 0; i--) this.say(live[0], this.down);
        break;
      case 6:
        world.wire.cut(integer(random, 0, 500), pick(random, [0, 50, 3000, Infinity]));
        break;
      case 7:
        pick(random, [this.client, ...live])?.pause();
        break;
      case 8:
        for (const session of [this.client, ...live]) session?.resume();
        break;
      case 9:
        world.target = undefined;
        break;
      case 10:
        if (this.servers.length < 2 || random() < 0.2) this.addServer();
        world.target = pick(random, this.servers.slice(-3));
        break;
      default: {
        // A server goes, and those who have come to it must look elsewhere.
        if (this.servers.length < 2) break;
        const gone = this.servers.splice(integer(random, 0, this.servers.length - 2), 1)[0] as WorldServer;
        gone.subscription.unsubscribe();
        if (world.target === gone) world.target = undefined;
      }
    }
    world.run(integer(random, 0, 400));
  }

  /** Nothing happens any more: all that was said is heard. */
  calm(): void {
    this.cutChance = 0;
    this.world.target = this.servers.at(-1);
    for (let i = 0; i < 5; i++) {
      for (const session of [this.client, ...this.opened]) session?.resume();
      this.world.run(10_000);
    }
  }
}

describe('against the naive twin', () => {
  test.each(seeds(60))('each message once, in order, at whichever server: seed %i', (seed) => {
    const random = seeded(seed);
    const play = new Play(seed, {
      windowMessages: pick(random, [1, 3, 1000]),
      windowBytes: pick(random, [1, 100, 1_000_000]),
    });
    play.cutChance = pick(random, [0, 0.01, 0.1]);
    for (let i = 0; i < 150; i++) play.act();
    play.calm();
    expect(play.ends).toEqual([]);
    expect(play.up.heard).toEqual(play.up.said);
    expect(play.down.heard).toEqual(play.down.said);
    expect(play.up.said.length + play.down.said.length).toBeGreaterThan(100);
    // Both ends, and the store, keep nothing more.
    expect([play.client?.unacknowledged, play.opened.at(-1)?.unacknowledged]).toEqual([0, 0]);
    void play.client?.finish();
    void play.opened.at(-1)?.finish();
    play.world.run(10_000);
    expect(play.ends).toEqual(['completed']);
    for (const { subscription } of play.servers) subscription.unsubscribe();
    play.world.run(100_000);
    expect(play.world.scheduler.pending).toBe(0);
  });

  test('with outages longer than the session lives: no gap, and one typed end', () => {
    const kinds = new Set<string>();
    for (const seed of seeds(60)) {
      const play = new Play(seed, { expireAfter: 1000 });
      for (let i = 0; i < 60 && play.ends.length === 0; i++) play.act();
      play.calm();
      expect([seed, play.up.heard]).toEqual([seed, play.up.said.slice(0, play.up.heard.length)]);
      expect([seed, play.down.heard]).toEqual([seed, play.down.said.slice(0, play.down.heard.length)]);
      for (const end of play.ends) {
        expect(end).toBeInstanceOf(ResumeError);
        kinds.add((end as ResumeError).kind);
      }
    }
    expect([...kinds].filter((kind) => kind !== 'expired' && kind !== 'unknown')).toEqual([]);
    expect(kinds.has('expired')).toBe(true);
  });
});

/** A store that takes its time, as one across a network does. */
function slow(store: ResumeStore, scheduler: VirtualScheduler, delay: () => number): ResumeStore {
  const later = <T>(work: () => T): Promise<T> =>
    new Promise((resolve) => scheduler.schedule(() => resolve(work()), delay()));
  return {
    create: (...of) => later(() => store.create(...of) as number | undefined),
    read: (...of) => later(() => store.read(...of) as ReturnType<ResumeStore['read']> & object) as never,
    update: (...of) => later(() => store.update(...of) as number | undefined),
    remove: (...of) => later(() => void store.remove(...of)),
  };
}

describe('with a store across a network, and servers that die', () => {
  test.each(seeds(25))('nothing is lost; what is delivered again has the number that it had: seed %i', async (seed) => {
    const random = seeded(seed);
    const world = new ResumeWorld();
    const { scheduler } = world;
    const store = slow(memoryResumeStore({ scheduler }), scheduler, () => integer(random, 0, 30));
    let last = 0;
    let again = 0;
    const up: Direction = { said: [], heard: [] };
    const down: Direction = { said: [], heard: [] };
    let server: ResumableSession | undefined;
    const addServer = (): WorldServer =>
      world.server({ store, windowMessages: 20 }, (session) => {
        server = session;
        session.subscribe((content) => {
          if (session.received <= last) again++;
          else up.heard.push(numberOf(content));
          last = Math.max(last, session.received);
        });
      });
    let current = addServer();
    const client = world.client({ windowMessages: 20 });
    const run = async (ms: number): Promise<void> => {
      for (let i = 0; i < ms; i++) {
        world.run(1);
        for (let turn = 0; turn < 4; turn++) await undefined;
      }
    };
    await run(300);
    client.session?.subscribe((content) => down.heard.push(numberOf(content)));
    for (let i = 1; i <= 120; i++) {
      if (client.session) {
        up.said.push(i);
        client.session.next(message(random, i));
      }
      // What was accepted is delivered; what was not may be.
      server?.send(message(random, i)).then(
        () => down.said.push(i),
        () => {},
      );
      if (random() < 0.05) world.wire.cut(0, pick(random, [0, 100, Infinity]));
      if (random() < 0.05) {
        const dead = current;
        current = addServer();
        world.wire.cut(0, Infinity);
        // Some die at once, some only seem to.
        if (random() < 0.5) dead.subscription.unsubscribe();
      }
      await run(integer(random, 0, 30));
    }
    await run(3000);
    expect(up.heard).toEqual(up.said);
    expect(down.heard.filter((number) => down.said.includes(number))).toEqual(down.said);
    expect(new Set(down.heard).size).toBe(down.heard.length);
    expect(down.heard).toEqual([...down.heard].sort((a, b) => a - b));
    expect(again).toBeLessThan(up.said.length / 4);
    expect(world.wires.length).toBeGreaterThan(2);
    client.subscription.unsubscribe();
  });
});

describe('peers that mean no good', () => {
  /** A frame that is one, or nearly, or not at all. */
  function hostile(random: () => number, id: Uint8Array, secret: Uint8Array): Uint8Array {
    const number = (): number => pick(random, [0, 1, 2, 3, integer(random, 0, 2000), 2 ** 53 - 1, 2 ** 40]);
    const frames: (() => ResumeFrame)[] = [
      () => ({
        kind: 'hello',
        id: pick(random, [id, bytes(random, 16)]),
        epoch: number(),
        secret: pick(random, [secret, bytes(random, 16)]),
        received: number(),
        windowMessages: 1 + number() / 2,
        windowBytes: 1 + number() / 2,
      }),
      () => ({
        kind: 'welcome',
        secret,
        epoch: 1 + number() / 2,
        received: number(),
        windowMessages: 1,
        windowBytes: 1,
        expireAfter: number(),
      }),
      () => ({ kind: 'data', number: number(), ack: number(), payload: bytes(random, integer(random, 0, 100)) }),
      () => ({ kind: 'ack', ack: number() }),
      () => ({
        kind: 'farewell',
        reason: pick(random, ['done', 'forked', 'violation']),
        sent: number(),
        ack: number(),
      }),
    ];
    const frame = encodeFrame(pick(random, frames)());
    if (random() < 0.3) frame[integer(random, 0, frame.length - 1)] = integer(random, 0, 255);
    if (random() < 0.1) return frame.subarray(0, integer(random, 0, frame.length));
    if (random() < 0.1) return bytes(random, integer(random, 0, 40));
    return frame;
  }

  /** A wire whose frames are not looked at. */
  class Raw extends Wire {
    constructor(world: ResumeWorld) {
      super({ ...world, scheduler: world.scheduler, delay: 0, pass: () => undefined } as unknown as ResumeWorld);
    }
  }

  test('100,000 frames at a server: bounded memory, and the sessions of others live on', () => {
    const random = seeded(5);
    const world = new ResumeWorld();
    const { scheduler } = world;
    const store = memoryResumeStore({ scheduler, maxSessions: 300 });
    world.server({ store, maxSessions: 100, expireAfter: 60_000, handshakeTimeout: 1000 });
    const { target } = world;
    const honest = world.client();
    world.run(100);
    let frames = 0;
    let ended = 0;
    let wires = 0;
    const ids = Array.from({ length: 50 }, () => bytes(random, 16));
    for (const secrets = new Map<Uint8Array, Uint8Array>(); frames < 100_000; ) {
      const wire = new Raw(world);
      const id = pick(random, ids);
      wires++;
      wire.client.subscribe({
        next: (frame) => {
          const decoded = decodeFrame(frame);
          if (decoded.kind === 'welcome') secrets.set(id, decoded.secret);
        },
        error: () => ended++,
        complete: () => ended++,
      });
      target?.accept(wire);
      // Half of them know how to begin.
      const windows = { windowMessages: 1000, windowBytes: 1_000_000 };
      if (random() < 0.5) {
        const secret = secrets.get(id);
        wire.client.next(encodeFrame({ kind: 'hello', id, epoch: secret ? 1 : 0, secret, received: 0, ...windows }));
        frames++;
        world.run(1);
      }
      for (let i = integer(random, 1, 30); i > 0 && !wire.client.isOver; i--) {
        wire.client.next(hostile(random, id, secrets.get(id) ?? id));
        frames++;
        if (random() < 0.3) world.run(integer(random, 0, 3));
      }
      if (random() < 0.2) wire.cut();
      world.run(1);
    }
    world.run(200_000);
    // All are gone: by a violation, a refusal, the handshake's timeout, or because we went.
    expect(wires).toBeGreaterThan(3000);
    expect(target?.sessions.filter(({ closed }) => !closed)).toHaveLength(1);
    expect(target?.sessions.length).toBeGreaterThan(30);
    expect(scheduler.pending).toBeLessThan(5);
    expect(honest.end).toBeUndefined();
    const read: string[] = [];
    target?.sessions[0]?.subscribe((content) => read.push(String(content)));
    honest.session?.next(Uint8Array.of(1, 2, 3));
    world.run(100);
    expect(read).toEqual(['1,2,3']);
    expect(ended).toBeGreaterThan(1000);
  });

  test('frames at a client: a typed end, and no more than the window is kept', () => {
    const random = seeded(6);
    const kinds = new Map<string, number>();
    for (let run = 0; run < 3000; run++) {
      const world = new ResumeWorld();
      const secret = bytes(random, 16);
      world.target = {
        accept: (wire: Wire) => {
          wire.server.subscribe({
            next: () => {
              const windows = { windowMessages: 10, windowBytes: 1000 };
              const welcome = {
                kind: 'welcome',
                secret,
                epoch: 1,
                received: 0,
                expireAfter: 1000,
                ...windows,
              } as const;
              if (random() < 0.8) wire.server.next(encodeFrame(welcome));
              for (let i = 0; i < 30; i++) wire.server.next(hostile(random, secret, secret));
            },
            error: () => {},
            complete: () => {},
          });
        },
      } as never;
      world.pass = () => undefined;
      const client = world.client({ windowMessages: 5, windowBytes: 200 }, (session) => {
        session.next(Uint8Array.of(1));
        session.closed$.subscribe(({ reason, error }) => {
          const kind = error instanceof ResumeError ? error.kind : reason;
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        });
      });
      world.run(20_000);
      client.subscription.unsubscribe();
      if (client.end !== 'complete' && client.end !== undefined) expect(client.end).toBeInstanceOf(ResumeError);
    }
    expect(kinds.get('violation')).toBeGreaterThan(1000);
    // The rest has heard nothing but what may be said.
    for (const kind of kinds.keys())
      expect(['violation', 'forked', 'left', 'peer', 'expired', 'closed']).toContain(kind);
  });

  test('a peer that sends more than the window is refused', () => {
    for (const windows of [
      { windowMessages: 3, windowBytes: 1000 },
      { windowMessages: 1000, windowBytes: 300 },
    ]) {
      const world = new ResumeWorld();
      world.server(windows);
      const ends: unknown[] = [];
      // The client is told of larger windows than there are.
      const client = world.client({}, (session) => {
        session.closed$.subscribe(({ error }) => ends.push((error as ResumeError).kind));
      });
      world.fate = ({ frame, bytes: frameBytes }) => {
        if (frame.kind === 'welcome') {
          frameBytes.set(encodeFrame({ ...frame, windowMessages: windows.windowMessages + 6, windowBytes: 999 }));
        }
        return undefined;
      };
      world.run(100);
      for (let i = 0; i < 5; i++) client.session?.next(new Uint8Array(100));
      world.run(100);
      expect(ends).toEqual(['violation']);
    }
  });
});
