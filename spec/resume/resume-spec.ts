// One session over many connections, in virtual time.

import { config } from 'rxjs';
import { memoryResumeStore, type ResumableSession, ResumeError } from 'rxkcp/resume';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';
import { type Fate, type Passing, ResumeWorld, type WorldClient } from '../support/resume-world.ts';

const unhandled: unknown[] = [];
beforeEach(() => {
  unhandled.length = 0;
  config.onUnhandledError = (error) => unhandled.push(error);
});
afterEach(() => {
  config.onUnhandledError = null;
  expect(unhandled).toEqual([]);
});

/** Collects what a session delivers, and how it ends. */
function reading(session: ResumableSession): string[] {
  const read: string[] = [];
  session.subscribe({
    next: (message) => read.push(words(message)),
    error: (error) => read.push(`#${error instanceof ResumeError ? error.kind : error}`),
    complete: () => read.push('|'),
  });
  session.closed$.subscribe(({ reason, error }) =>
    read.push(error instanceof ResumeError ? `${reason} ${error.kind}` : reason),
  );
  return read;
}

/** A server that echoes, and a client that says `said`. */
function echoing(world: ResumeWorld, ...said: string[]): { client: WorldClient; read: string[] } {
  world.server({}, (session) => session.subscribe(session));
  let read: string[] = [];
  const client = world.client({}, (session) => {
    read.push(...reading(session));
    session.subscribe((message) => read.push(words(message)));
    for (const word of said) session.next(text(word));
  });
  read = [];
  return { client, read };
}

describe('a resumable session', () => {
  test('delivers messages in both directions, over one connection', () => {
    const world = new ResumeWorld();
    const { client, read } = echoing(world, 'a', 'b');
    world.run(1000);
    expect(read).toEqual(['a', 'b']);
    expect(client.session?.unacknowledged).toBe(0);
    expect(world.wires).toHaveLength(1);
    expect(world.target?.sessions).toHaveLength(1);
  });

  test('is emitted when the server has answered, and once, whatever becomes of connections', () => {
    const world = new ResumeWorld();
    const { client } = echoing(world);
    world.run(9);
    expect(client.session).toBeUndefined();
    world.run(1);
    expect(client.session).toBeDefined();
    for (let i = 0; i < 3; i++) {
      world.wire.cut();
      world.run(500);
    }
    expect(world.wires).toHaveLength(4);
    expect(world.target?.sessions).toHaveLength(1);
    expect(client.end).toBeUndefined();
  });

  test('says whether there is a connection', () => {
    const world = new ResumeWorld();
    const { client } = echoing(world);
    world.run(20);
    const states: boolean[] = [];
    client.session?.connected$.subscribe((isConnected) => states.push(isConnected));
    world.wire.cut();
    world.run(500);
    client.session?.close();
    expect(states).toEqual([true, false, true, false]);
  });

  test('keeps what is sent without a connection, and sends it over the next one', () => {
    const world = new ResumeWorld();
    const { client, read } = echoing(world, 'a');
    world.run(100);
    world.wire.cut();
    world.run(1);
    client.session?.next(text('b'));
    world.target?.sessions[0]?.next(text('from the server'));
    world.run(500);
    expect(read).toEqual(['a', 'from the server', 'b']);
  });

  describe('exactly once, in order, both ways, with the connection cut', () => {
    const COUNT = 6;
    const script = (fate: (passing: Passing) => Fate): { sent: number; up: string[]; down: string[] } => {
      const world = new ResumeWorld();
      let down: string[] = [];
      let up: string[] = [];
      const numbered = (session: ResumableSession): void => {
        for (let i = 0; i < COUNT; i++) {
          world.scheduler.schedule(() => session.next(text(`${i}`)), 7 * i);
        }
        world.scheduler.schedule(() => void session.finish(), 7 * COUNT);
      };
      world.fate = fate;
      // One may have finished before the other.
      world.server({ allowHalfOpen: true }, (session) => {
        up = reading(session);
        numbered(session);
      });
      world.client({ allowHalfOpen: true }, (session) => {
        down = reading(session);
        numbered(session);
      });
      world.run(70_000);
      return { sent: world.frames.length, up, down };
    };
    const whole = Array.from({ length: COUNT }, (_, i) => `${i}`);
    const { sent } = script(() => undefined);

    test('nowhere', () => {
      const { up, down } = script(() => undefined);
      expect([up.slice(0, COUNT), down.slice(0, COUNT)]).toEqual([whole, whole]);
      expect(up.slice(COUNT)).toEqual(expect.arrayContaining(['|', 'completed']));
      expect(down.slice(COUNT)).toEqual(expect.arrayContaining(['|', 'completed']));
    });

    for (const fate of ['cut', 'cut behind'] as const) {
      test(`at each frame, ${fate}`, () => {
        expect(sent).toBeGreaterThan(20);
        for (let at = 0; at < sent; at++) {
          const { up, down } = script(({ index }) => (index === at ? fate : undefined));
          expect([at, up.slice(0, COUNT), down.slice(0, COUNT)]).toEqual([at, whole, whole]);
          // The last words may be lost: then an end learns of the end when the session expires, and misses nothing.
          expect([at, up.length, down.length]).toEqual([at, COUNT + 2, COUNT + 2]);
          for (const end of [...up.slice(COUNT), ...down.slice(COUNT)]) {
            expect(['|', 'completed', 'peer'], `${at}`).toContain(end);
          }
        }
      });
    }

    test('at each pair of frames', () => {
      for (let first = 0; first < sent; first++) {
        for (let second = first + 1; second < sent; second++) {
          const { up, down } = script(({ index }) => (index === first || index === second ? 'cut' : undefined));
          expect([first, second, up.slice(0, COUNT), down.slice(0, COUNT)]).toEqual([first, second, whole, whole]);
          expect([first, second, up.length, down.length]).toEqual([first, second, COUNT + 2, COUNT + 2]);
        }
      }
    });
  });

  test('does not deliver again what was not acknowledged in time', () => {
    const world = new ResumeWorld();
    // No acknowledgment of the server arrives over the first connection.
    world.fate = ({ wire, from, frame }) =>
      wire === world.wires[0] && from === 'server' && frame.kind === 'ack' ? 'cut' : undefined;
    const up: string[] = [];
    world.server({}, (session) => session.subscribe((message) => up.push(words(message))));
    const client = world.client({}, (session) => {
      for (const word of ['a', 'b', 'c']) session.next(text(word));
    });
    world.run(1000);
    expect(up).toEqual(['a', 'b', 'c']);
    expect(client.session?.unacknowledged).toBe(0);
    expect(world.wires).toHaveLength(2);
    // Nothing was sent twice: the welcome says what has arrived.
    expect(world.frames.filter(({ frame }) => frame.kind === 'data')).toHaveLength(3);
  });

  test('the welcome that is lost makes no second session', () => {
    const world = new ResumeWorld();
    world.fate = ({ frame, index }) => (frame.kind === 'welcome' && index < 5 ? 'cut' : undefined);
    const { client, read } = echoing(world, 'a');
    world.run(1000);
    expect(world.wires.length).toBeGreaterThan(2);
    expect(world.target?.sessions).toHaveLength(1);
    expect(read).toEqual(['a']);
    expect(client.session?.id).toBe(world.target?.sessions[0]?.id);
  });
});

describe('a server that shares its store', () => {
  test('continues the sessions of another one', () => {
    const world = new ResumeWorld();
    const store = memoryResumeStore({ scheduler: world.scheduler });
    const ups: string[][] = [];
    const opened = (session: ResumableSession): void => void ups.push(reading(session));
    const first = world.server({ store }, opened);
    const client = world.client();
    world.run(100);
    const down = reading(client.session as ResumableSession);
    client.session?.next(text('a'));
    first.sessions[0]?.next(text('x'));
    world.run(100);
    // The first server goes, with what it has not sent yet.
    world.wire.cut();
    first.sessions[0]?.next(text('y'));
    first.subscription.unsubscribe();
    client.session?.next(text('b'));
    const second = world.server({ store }, opened);
    world.run(500);
    expect(second.sessions).toHaveLength(1);
    second.sessions[0]?.next(text('z'));
    world.run(500);
    expect(ups).toEqual([['a', '|', 'closed'].sort(), ['b']].map((up) => expect.arrayContaining(up)));
    expect(down).toEqual(['x', 'y', 'z']);
    expect(second.sessions[0]?.received).toBe(2);
    expect(second.sessions[0]?.id).toBe(client.session?.id);
  });

  test('ends the session at the one that only seemed dead, which delivers nothing more', () => {
    const world = new ResumeWorld();
    const store = memoryResumeStore({ scheduler: world.scheduler });
    const first = world.server({ store });
    const client = world.client();
    world.run(100);
    const stale = first.sessions[0] as ResumableSession;
    const atFirst = reading(stale);
    stale.pause();
    client.session?.next(text('a'));
    world.run(100);
    // The client notices at once, the server never.
    world.wire.cut(0, Infinity);
    const ups: string[][] = [];
    world.server({ store }, (session) => void ups.push(reading(session)));
    world.run(500);
    stale.resume();
    stale.next(text('to nobody'));
    world.run(500);
    expect(atFirst.sort()).toEqual(['failed forked', '|'].sort());
    expect(ups).toEqual([['a']]);
  });

  test('unsubscribing ends no session, with serve behind it, too', async () => {
    const { serve } = await import('rxkcp/operators');
    const { Subject } = await import('rxjs');
    const { resumed } = await import('rxkcp/resume');
    const world = new ResumeWorld();
    const { scheduler, random } = world;
    const store = memoryResumeStore({ scheduler });
    const connections = new Subject<never>();
    const subscription = connections
      .pipe(
        resumed({ scheduler, random, store }),
        serve((session) => session.subscribe(session)),
      )
      .subscribe();
    world.target = { sessions: [], subscription, accept: ({ server }) => connections.next(server as never) };
    const client = world.client();
    world.run(100);
    subscription.unsubscribe();
    const second = world.server({ store });
    world.run(500);
    expect(second.sessions).toHaveLength(1);
    expect(client.end).toBeUndefined();
  });
});
