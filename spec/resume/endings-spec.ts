// How resumable sessions end: well, or with one typed error.

import { config, EMPTY, NEVER, Subject, throwError } from 'rxjs';
import {
  memoryResumeStore,
  type ResumableOptions,
  type ResumableSession,
  type ResumedOptions,
  ResumeError,
  type ResumeStore,
  resumable,
  resumed,
} from 'rxkcp/resume';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type HelloFrame } from '../../src/core/resume/frame.ts';
import { text, words } from '../support/marbles.ts';
import { ResumeWorld, Wire, type WorldClient } from '../support/resume-world.ts';

const unhandled: unknown[] = [];
beforeEach(() => {
  unhandled.length = 0;
  config.onUnhandledError = (error) => unhandled.push(error);
});
afterEach(() => {
  config.onUnhandledError = null;
  expect(unhandled).toEqual([]);
});

const kindOf = (error: unknown): unknown => (error instanceof ResumeError ? error.kind : error);

/** How a session has ended, and what its messages ended with. */
function ending(session: ResumableSession | undefined): { end: unknown; messages: unknown } {
  const found = { end: undefined as unknown, messages: undefined as unknown };
  session?.closed$.subscribe(({ reason, error }) => {
    found.end = error === undefined ? reason : kindOf(error);
  });
  session?.subscribe({
    error: (error) => {
      found.messages = kindOf(error);
    },
    complete: () => {
      found.messages = 'complete';
    },
  });
  return found;
}

interface Both {
  readonly world: ResumeWorld;
  readonly client: WorldClient;
  readonly up: ResumableSession;
  readonly down: ResumableSession;
  readonly atClient: ReturnType<typeof ending>;
  readonly atServer: ReturnType<typeof ending>;
}

/** A client and a server that know each other. */
function open(options: ResumableOptions = {}, serverOptions: ResumedOptions = {}): Both {
  const world = new ResumeWorld();
  const server = world.server(serverOptions);
  const client = world.client(options);
  world.run(100);
  const up = client.session as ResumableSession;
  const down = server.sessions[0] as ResumableSession;
  return { world, client, up, down, atClient: ending(up), atServer: ending(down) };
}

describe('a session ends well', () => {
  test('by complete(): everything has arrived, and the other end completes', () => {
    const { world, client, up, atClient, atServer } = open();
    up.next(text('a'));
    up.complete();
    world.run(100);
    expect(atClient).toEqual({ end: 'completed', messages: 'complete' });
    expect(atServer).toEqual({ end: 'peer', messages: 'complete' });
    expect(client.end).toBe('complete');
    expect(world.scheduler.pending).toBe(0);
  });

  test('by close(): at once, without what waits', () => {
    const { world, up, down, atClient, atServer } = open();
    down.next(text('on its way'));
    up.close();
    expect(atClient).toEqual({ end: 'closed', messages: 'complete' });
    world.run(100);
    expect(atServer).toEqual({ end: 'peer', messages: 'complete' });
  });

  test('by unsubscribing from what made it', () => {
    const { world, client, atClient, atServer } = open();
    client.subscription.unsubscribe();
    expect(atClient.end).toBe('closed');
    world.run(100);
    expect(atServer.end).toBe('peer');
    expect(world.scheduler.pending).toBe(0);
  });

  test('by finish() at both ends: both read all of the other', async () => {
    const { world, up, down, atClient, atServer } = open({ allowHalfOpen: true }, { allowHalfOpen: true });
    const read: string[] = [];
    up.subscribe((message) => read.push(words(message)));
    const finished = up.finish();
    world.run(100);
    await finished;
    expect(atClient).toEqual({ end: undefined, messages: undefined });
    expect(atServer).toEqual({ end: undefined, messages: 'complete' });
    down.next(text('last words'));
    void down.finish();
    world.run(100);
    expect(read).toEqual(['last words']);
    expect([atClient.end, atServer.end]).toEqual(['completed', 'completed']);
  });

  test('by finish() at one end: the other follows, unless it stays open for sending', () => {
    const { world, up, atClient, atServer } = open();
    void up.finish();
    world.run(100);
    expect(atServer).toEqual({ end: 'peer', messages: 'complete' });
    expect(atClient).toEqual({ end: 'completed', messages: 'complete' });
  });

  test('and lets go of the sources of what it sends', () => {
    const { world, up, down } = open();
    const read: string[] = [];
    down.subscribe((message) => read.push(words(message)));
    const [one, two] = [new Subject<Uint8Array>(), new Subject<Uint8Array>()];
    one.subscribe(up).unsubscribe();
    two.subscribe(up);
    one.next(text('1'));
    two.next(text('2'));
    expect([one.observed, two.observed]).toEqual([false, true]);
    world.run(100);
    up.close();
    expect(two.observed).toBe(false);
    // What is subscribed now is let go of at once.
    one.subscribe(up);
    expect(one.observed).toBe(false);
    expect(read).toEqual(['2']);
  });

  test('a client that was away learns of the end when it is back', () => {
    const { world, down, atClient, atServer } = open();
    world.wire.cut();
    world.run(1);
    down.close();
    world.run(500);
    expect(atServer.end).toBe('closed');
    expect(atClient).toEqual({ end: 'peer', messages: 'complete' });
  });
});

describe('a session fails with one typed error', () => {
  test('unknown: the server has no memory', () => {
    const { world, client, atClient } = open();
    world.wire.cut();
    world.server();
    world.run(1000);
    expect(atClient).toEqual({ end: 'unknown', messages: 'unknown' });
    expect(client.end).toBe('complete');
    expect(world.target?.sessions).toEqual([]);
  });

  test('expired: the client was away for too long, which both ends know at their own time', () => {
    const { world, atClient, atServer } = open({}, { expireAfter: 5000 });
    const { target } = world;
    world.target = undefined;
    world.wire.cut(0, 1000);
    world.run(4999);
    expect([atClient.end, atServer.end]).toEqual([undefined, undefined]);
    world.run(1);
    expect(atClient).toEqual({ end: 'expired', messages: 'expired' });
    world.run(1000);
    // A server completes the messages of those who are lost.
    expect(atServer).toEqual({ end: 'expired', messages: 'complete' });
    world.target = target;
    expect(world.scheduler.pending).toBe(0);
  });

  test('expired: a client that knows better is told by the server', () => {
    const { world, atClient } = open({ expireAfter: 100_000 }, { expireAfter: 5000 });
    const { target } = world;
    world.target = undefined;
    world.wire.cut();
    world.run(6000);
    world.target = target;
    world.run(1000);
    expect(atClient.end).toBe('expired');
  });

  test('expired: also by a store that has seen it expire', () => {
    const world = new ResumeWorld();
    const store = memoryResumeStore({ scheduler: world.scheduler });
    const first = world.server({ store, expireAfter: 5000 });
    const client = world.client({ expireAfter: 100_000 });
    world.run(100);
    const atClient = ending(client.session);
    world.target = undefined;
    first.subscription.unsubscribe();
    world.run(6000);
    world.server({ store });
    world.run(1000);
    expect(atClient.end).toBe('expired');
  });

  test('expires neither while there is a connection, nor when it is back in time', () => {
    const { world, atClient, atServer, up } = open({}, { expireAfter: 5000 });
    world.run(60_000);
    const { target } = world;
    world.target = undefined;
    world.wire.cut();
    world.run(4800);
    world.target = target;
    world.run(60_000);
    expect([atClient.end, atServer.end]).toEqual([undefined, undefined]);
    const read: string[] = [];
    world.target?.sessions[0]?.subscribe((message) => read.push(words(message)));
    up.next(text('still here'));
    world.run(100);
    expect(read).toEqual(['still here']);
  });

  test('cap: next() with too many messages, or bytes, that are not acknowledged', () => {
    for (const caps of [{ maxMessages: 3 }, { maxBytes: 30 }]) {
      const { world, up, atClient, atServer } = open(caps);
      world.wire.cut();
      world.run(1);
      for (let i = 0; i < 3; i++) up.next(new Uint8Array(10));
      expect(atClient.end).toBeUndefined();
      up.next(new Uint8Array(10));
      expect(atClient).toEqual({ end: 'cap', messages: 'cap' });
      world.run(100_000);
      expect(atServer.end).toBe('expired');
    }
  });

  test('cap: send() is refused, and the session goes on', async () => {
    const { world, up, atClient } = open({ maxMessages: 3 });
    for (let i = 0; i < 3; i++) up.next(text('a'));
    await expect(up.send(text('b'))).rejects.toMatchObject({ code: 'ERR_RESUME_CAP', kind: 'cap' });
    world.run(100);
    await up.send(text('c'));
    world.run(100);
    expect(atClient.end).toBeUndefined();
  });

  test('cap: at the server, which tells the client what is missing', () => {
    const { world, down, atClient, atServer } = open({}, { maxMessages: 3 });
    for (let i = 0; i < 4; i++) down.next(text('a'));
    expect(atServer).toEqual({ end: 'cap', messages: 'cap' });
    world.run(100);
    expect(atClient.end).toBe('peer');
    // Three were on their way; of those that were not, the client learns.
    const again = open({ windowMessages: 1 }, { maxMessages: 3 });
    again.up.pause();
    for (let i = 0; i < 4; i++) again.down.next(text('a'));
    again.world.run(100);
    expect(again.atClient.end).toBe('left');
  });

  test('left: the peer has closed before all had arrived', () => {
    const { world, down, up, atClient } = open();
    const read: string[] = [];
    up.subscribe({ next: (message) => read.push(words(message)), error: () => {} });
    world.wire.cut();
    down.next(text('never sent'));
    down.close();
    world.run(1000);
    expect(atClient).toEqual({ end: 'left', messages: 'left' });
    expect(read).toEqual([]);
  });

  test('full: the server has maxSessions, or its store', () => {
    const world = new ResumeWorld();
    world.server({ maxSessions: 1 });
    world.client();
    world.run(100);
    const second = world.client();
    world.run(100);
    expect(second.end).toMatchObject({ code: 'ERR_RESUME_FULL' });
    world.server({ store: memoryResumeStore({ maxSessions: 1, scheduler: world.scheduler }) });
    world.client();
    world.run(100);
    const fourth = world.client();
    world.run(100);
    expect(fourth.end).toMatchObject({ code: 'ERR_RESUME_FULL' });
  });

  test('full: the store has no room for what is sent', () => {
    const scheduler = new ResumeWorld().scheduler;
    const { down, atServer } = open({}, { store: memoryResumeStore({ maxBytes: 25, scheduler }) });
    for (let i = 0; i < 3; i++) down.next(new Uint8Array(10));
    expect(atServer.end).toBe('full');
  });

  test('unreachable: the client gives up dialing', () => {
    const { world, client, atClient } = open({ reconnect: { giveUp: (_, failures) => failures === 3 } });
    world.target = undefined;
    world.wire.cut();
    world.run(1000);
    expect(atClient).toEqual({ end: 'unreachable', messages: 'unreachable' });
    expect(client.end).toBe('complete');
    const errors: unknown[] = [];
    const reconnect = { giveUp: () => true };
    resumable(
      throwError(() => new Error('no way')),
      { reconnect, scheduler: world.scheduler },
    ).subscribe({
      error: (error) => errors.push(error),
    });
    expect(errors).toMatchObject([{ kind: 'unreachable', cause: { message: 'no way' } }]);
  });

  test('store: it throws', () => {
    const world = new ResumeWorld();
    let isBroken = false;
    const memory = memoryResumeStore({ scheduler: world.scheduler });
    const store: ResumeStore = {
      create: (...of) => memory.create(...of),
      read: (...of) => memory.read(...of),
      update: (...of) => {
        if (isBroken) throw new Error('disk full');
        return memory.update(...of);
      },
      remove: (...of) => memory.remove(...of),
    };
    const first = world.server({ store });
    const client = world.client();
    world.run(100);
    const atServer = ending(first.sessions[0]);
    const atClient = ending(client.session);
    isBroken = true;
    first.sessions[0]?.next(text('not stored'));
    expect(atServer).toEqual({ end: 'store', messages: 'complete' });
    // The record is there still: another server, or this one, continues.
    isBroken = false;
    world.run(1000);
    expect(atClient.end).toBeUndefined();
    expect(first.sessions).toHaveLength(2);
  });
});

describe('two connections for one token', () => {
  /** A copy of a client, as far as the server can tell: it says what `hello` has said. */
  const copy = (world: ResumeWorld, hello: HelloFrame): { wire: Wire; heard: string[] } => {
    const wire = new Wire(world);
    const heard: string[] = [];
    wire.client.subscribe({
      next: (bytes) => {
        const frame = decodeFrame(bytes);
        heard.push(frame.kind === 'farewell' ? frame.reason : frame.kind);
      },
      error: () => heard.push('#'),
      complete: () => heard.push('|'),
    });
    world.target?.accept(wire);
    wire.client.next(encodeFrame(hello));
    return { wire, heard };
  };
  const hellos = (world: ResumeWorld): HelloFrame[] =>
    world.frames.flatMap(({ frame }) => (frame.kind === 'hello' ? [frame] : []));

  test('the newer one wins, and the older one ends', () => {
    const { world, client, atClient, atServer } = open();
    const welcome = world.frames.find(({ frame }) => frame.kind === 'welcome')?.frame;
    if (welcome?.kind !== 'welcome') throw new Error('no welcome');
    const { secret, epoch } = welcome;
    const { heard } = copy(world, { ...(hellos(world)[0] as HelloFrame), secret, epoch });
    world.run(1000);
    expect(heard).toEqual(['welcome']);
    expect(atClient).toEqual({ end: 'forked', messages: 'forked' });
    expect(client.end).toBe('complete');
    expect(atServer.end).toBeUndefined();
    expect(world.wires).toHaveLength(1);
  });

  test('a hello that is replayed is refused, and nothing happens to the session', () => {
    const { world, atClient } = open();
    world.wire.cut();
    world.run(500);
    const seen = hellos(world);
    expect(seen.map(({ epoch }) => epoch)).toEqual([0, 1]);
    for (const hello of seen) expect([hello.epoch, copyOf(world, hello)]).toEqual([hello.epoch, ['forked', '|']]);
    world.run(1000);
    expect(atClient.end).toBeUndefined();
    expect(world.wires).toHaveLength(2);
  });

  const copyOf = (world: ResumeWorld, hello: HelloFrame): string[] => {
    const { heard } = copy(world, hello);
    world.run(100);
    return heard;
  };

  test('nor does one of the future, with another secret, or with numbers that cannot be', () => {
    const { world, up, atClient, atServer } = open();
    up.next(text('a'));
    world.wire.cut();
    world.run(500);
    const hello = hellos(world)[1] as HelloFrame;
    expect(copyOf(world, { ...hello, epoch: 9 })).toEqual(['forked', '|']);
    expect(copyOf(world, { ...hello, epoch: 2, received: 7 })).toEqual(['forked', '|']);
    expect(copyOf(world, { ...hello, epoch: 2, secret: new Uint8Array(16) })).toEqual(['unknown', '|']);
    expect(copyOf(world, { ...hello, id: new Uint8Array(16) })).toEqual(['unknown', '|']);
    expect(copyOf(world, { ...hello, id: new Uint8Array(16), epoch: 0, received: 1 })).toEqual(['violation', '|']);
    expect([atClient.end, atServer.end]).toEqual([undefined, undefined]);
  });

  test('a client that says it is not the newer one can come back', () => {
    const { world, up, atServer } = open();
    world.wire.client.next(encodeFrame({ kind: 'farewell', reason: 'forked', sent: 0, ack: 0 }));
    world.run(1000);
    expect(atServer.end).toBe('forked');
    expect(world.wires).toHaveLength(2);
    expect(world.target?.sessions).toHaveLength(2);
    expect(up.closed).toBe(false);
  });

  test('of a farewell, numbers that cannot be are not believed', () => {
    const { world, up, atClient } = open();
    up.next(text('a'));
    world.target = {
      accept: (wire: Wire) => {
        const frame = encodeFrame({ kind: 'farewell', reason: 'done', sent: 0, ack: 99 });
        wire.server.subscribe({ next: () => wire.server.next(frame), error: () => {}, complete: () => {} });
      },
    } as never;
    world.wire.cut();
    world.run(1000);
    expect(atClient.end).toBe('peer');
    expect(up.unacknowledged).toBe(1);
  });

  test('a server whose numbers are of another past is not believed', () => {
    const world = new ResumeWorld();
    const store = memoryResumeStore({ scheduler: world.scheduler });
    world.server({ store });
    const client = world.client();
    world.run(100);
    const atClient = ending(client.session);
    // The store was restored from a copy that has seen messages which this client has not sent.
    const id = client.session?.id as string;
    const found = store.read(id) as { record: { received: number }; revision: number };
    store.update(id, found.revision, { ...found.record, received: 5 } as never, [], 60_000);
    world.wire.cut();
    world.run(1000);
    expect(atClient.end).toBe('forked');
  });
});

describe('the handshake', () => {
  test('is waited for by both ends, not for long', () => {
    const world = new ResumeWorld();
    world.server({ handshakeTimeout: 1000 });
    // A connection that says nothing.
    const silent = new Wire(world);
    const heard: unknown[] = [];
    silent.client.subscribe({ next: () => {}, error: () => {}, complete: () => heard.push(world.scheduler.now()) });
    world.target?.accept(silent);
    world.run(5000);
    expect(heard).toEqual([1005]);
    // A server that says nothing: the client dials again.
    world.target = { ...world.target, accept: () => {} } as never;
    world.client({ handshakeTimeout: 1000 });
    world.run(3500);
    expect(world.wires).toHaveLength(4);
  });

  test('is a welcome, or nothing goes on', () => {
    const frames = [
      encodeFrame({ kind: 'data', number: 1, ack: 0, payload: text('a') }),
      encodeFrame({ kind: 'ack', ack: 0 }),
      Uint8Array.of(),
    ];
    for (const frame of frames) {
      const world = new ResumeWorld();
      world.server();
      world.fate = ({ from, wire }) => {
        if (from === 'server') return 'cut';
        wire.server.subscribe({ next: () => wire.client.received.next(frame), error: () => {}, complete: () => {} });
        return undefined;
      };
      const client = world.client();
      world.run(100);
      expect(client.end).toMatchObject({ kind: 'violation' });
    }
  });

  test('a server completes with its source and its sessions, and fails as its source does', () => {
    const ends: unknown[] = [];
    const observer = { error: (error: unknown) => ends.push(error), complete: () => ends.push('complete') };
    EMPTY.pipe(resumed()).subscribe(observer);
    throwError(() => 'no port')
      .pipe(resumed())
      .subscribe(observer);
    expect(ends).toEqual(['complete', 'no port']);
  });

  test('options are checked, and named', () => {
    const wrong: [ResumableOptions & ResumedOptions, string][] = [
      [{ expireAfter: 0 }, 'expireAfter'],
      [{ handshakeTimeout: 1.5 }, 'handshakeTimeout'],
      [{ maxMessages: 0 }, 'maxMessages'],
      [{ windowBytes: -1 }, 'windowBytes'],
      [{ peerLoss: 'maybe' as 'error' }, 'peerLoss'],
      [{ random: 4 as never }, 'random'],
      [{ scheduler: {} as never }, 'scheduler'],
      [{ windowMessage: 1 } as never, 'windowMessage'],
    ];
    for (const [options, option] of wrong) {
      expect(() => resumable(NEVER, options)).toThrow(expect.objectContaining({ option }));
      expect(() => resumed(options)).toThrow(expect.objectContaining({ option }));
    }
    expect(() => resumable(NEVER, { reconnect: { first: 0 } })).toThrow(expect.objectContaining({ option: 'first' }));
    expect(() => resumable(4 as never)).toThrow(expect.objectContaining({ option: 'dial' }));
    expect(() => resumed({ store: {} as never })).toThrow(expect.objectContaining({ option: 'store' }));
    const typo = { maxSession: 1 } as never;
    expect(() => resumed(typo)).toThrow(expect.objectContaining({ option: 'maxSession', nearest: 'maxSessions' }));
    for (const maxSessions of [0, 2 ** 31]) {
      expect(() => resumed({ maxSessions })).toThrow(expect.objectContaining({ option: 'maxSessions' }));
    }
    expect(() => memoryResumeStore({ maxBytes: 0 })).toThrow(expect.objectContaining({ option: 'maxBytes' }));
  });
});
