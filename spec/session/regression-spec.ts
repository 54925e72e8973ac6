// Faults that were found once, each with the least that shows it.

import { config, firstValueFrom, map, Subject, type Subscription } from 'rxjs';
import {
  type Burst,
  IdleTimeoutError,
  listen,
  memoryPair,
  type PeerBurst,
  type Session,
  type SessionEnd,
  snmp,
} from 'rxkcp';
import { arq } from 'rxkcp/operators';
import { describe, expect, test, vi } from 'vitest';
import { MODES } from '../../src/arq/modes.ts';
import { ControlBlock } from '../../src/core/kcp/control-block.ts';
import { Counters } from '../../src/counters/counters.ts';
import { timerQueueOf } from '../../src/time/timer-queue.ts';
import { ack, packet, push, testScheduler, text, timedLabel, wins, words } from '../support/marbles.ts';
import { open } from '../support/sessions.ts';

function makeBlock(more: Partial<ConstructorParameters<typeof ControlBlock>[0]> = {}): ControlBlock {
  return new ControlBlock({
    ...MODES.fast3,
    conv: 1,
    now: 0,
    counters: new Counters(),
    sendWindow: 32,
    receiveWindow: 32,
    mtu: 1400,
    stream: false,
    ackNoDelay: false,
    deadLink: 20,
    idleTimeout: 0,
    ...more,
  });
}

const alice = { address: '10.0.0.1', port: 1 };

/** A server on a hub of the test's. */
function serve(handle: (session: Session) => void): { from(...burst: Uint8Array[]): void; subscription: Subscription } {
  const incoming = new Subject<PeerBurst>();
  const link = { local: alice, incoming, outgoing: { next: () => {} } };
  const subscription = listen({ link, takeover: 'at-once' }).subscribe(handle);
  return { from: (...burst) => incoming.next({ peer: alice, burst }), subscription };
}

test('an ack for what was admitted to the window but never sent is a lie, and changes nothing', () => {
  const block = makeBlock();
  block.input(wins(0), 0);
  block.send(text('secret'), 1);
  block.flush(1, true);
  // Enough duplicates for a flush of acks alone, which admits and sends nothing.
  block.input(packet(...Array.from({ length: 58 }, () => ({ sn: 0, wnd: 100 }))), 2);
  block.flushAfterInput(2);
  expect(block.sending).toMatchObject({ inFlight: 1, unsent: 1 });
  block.takeBurst();
  block.input(ack(0, 0, 0, { wnd: 100 }), 3);
  block.flush(4, true);
  expect(block.takeBurst().map(timedLabel)).toEqual(['PUSH sn=0 frg=0 una=1 wnd=31 ts=4 len=6']);
  expect(block.sending.unsentBytes).toBe(0);
});

test('a conversation goes on after a month of silence', () => {
  const block = makeBlock();
  const late = 2 ** 31 + 86_400_000;
  block.input(push(0, 'x'), late);
  block.flushAfterInput(late);
  expect(block.nextTimeout(late)).toBeLessThanOrEqual(10);
});

describe('what was acknowledged is still read after', () => {
  test('the link has completed', async () => {
    const incoming = new Subject<Burst>();
    const session = open({ incoming, outgoing: new Subject<Burst>() });
    incoming.next([push(0, '1'), push(1, '2')]);
    incoming.complete();
    await expect(firstValueFrom(session.closed$)).resolves.toEqual({ reason: 'peer' });
    const seen: string[] = [];
    for await (const message of session) seen.push(words(message));
    expect(seen).toEqual(['1', '2']);
  });

  test('the peer was given up, and only then does the session fail', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const incoming = hot<Burst>('a', { a: [push(0, '1'), push(1, '2')] });
      const session = open({ incoming, outgoing: new Subject<Burst>() }, { scheduler, idleTimeout: 100 });
      session.pause();
      expectObservable(session.pipe(map(words))).toBe('200ms (ab#)', { a: '1', b: '2' }, new IdleTimeoutError(1, 100));
      scheduler.schedule(() => {
        expect(session.closed).toBe(true);
        session.resume();
      }, 200);
    });
  });

  test('but not after close()', async () => {
    const incoming = new Subject<Burst>();
    const session = open({ incoming, outgoing: new Subject<Burst>() });
    incoming.next([push(0, '1')]);
    session.close();
    for await (const message of session) expect.fail(`read ${words(message)}`);
  });
});

describe('idleTimeout', () => {
  test('counts from when it was set, on a session that was quiet before', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const [left, right] = memoryPair();
      const [a, b] = [open(left, { scheduler }), open(right, { scheduler })];
      a.next(text('hello'));
      scheduler.schedule(() => a.configure({ idleTimeout: 1000 }), 10_000);
      scheduler.schedule(() => {
        expect(a.closed).toBe(false);
        a.close();
        b.close();
      }, 20_000);
    });
  });

  test('gives every probe its time, even if it was us who slept', () => {
    const block = makeBlock({ idleTimeout: 1200 });
    block.tick(60_000);
    expect(block.state).toBe('open');
    expect(block.takeBurst().map(timedLabel)).toEqual(['WASK sn=0 frg=0 una=0 wnd=32 ts=0 len=0']);
    expect(block.nextTimeout(60_000)).toBe(100);
  });
});

test('a server that completes a session in its handler acknowledges what began it', () => {
  const sent: string[] = [];
  const incoming = new Subject<PeerBurst>();
  const link = {
    local: alice,
    incoming,
    outgoing: { next: (out: PeerBurst) => sent.push(...out.burst.map(timedLabel)) },
  };
  const subscription = listen({ link }).subscribe((session) => session.complete());
  incoming.next({ peer: alice, burst: [push(0, 'x', { ts: 5 })] });
  expect(sent).toEqual(['ACK sn=0 frg=16 una=1 wnd=127 ts=5 len=0, WINS sn=0 frg=2 una=1 wnd=127 ts=5 len=0']);
  subscription.unsubscribe();
});

test('an end without a round-trip time of its own stays three seconds for what its peer repeats, and no longer', () => {
  const scheduler = testScheduler();
  scheduler.run(({ hot, expectObservable }) => {
    const incoming = hot<Burst>('a 899ms a', { a: [push(0, 'x')] });
    const session = open({ incoming, outgoing: new Subject<Burst>() }, { scheduler });
    session.subscribe({});
    scheduler.schedule(() => session.complete(), 1);
    expectObservable(session.closed$).toBe('3900ms (e|)', { e: { reason: 'completed' } });
  });
});

describe('a server whose handlers call back', () => {
  test('makes no session when the end of the old one has closed it', () => {
    const before = snmp().CurrEstab;
    const server = serve((session) => session.closed$.subscribe(() => server.subscription.unsubscribe()));
    server.from(push(0, 'a', { conv: 1 }));
    server.from(push(0, 'b', { conv: 2 }));
    expect(snmp().CurrEstab).toBe(before);
  });

  test('keeps the new session when the end of the old one brought it about', () => {
    const seen: string[] = [];
    let count = 0;
    const server = serve((session) => {
      const name = ++count;
      session.pipe(map(words)).subscribe({
        next: (word) => {
          seen.push(`${name}${word}`);
          if (word === 'bye') session.close();
        },
        complete: () => {
          if (name === 1) server.from(push(0, 'x', { conv: 2 }));
        },
      });
    });
    server.from(push(0, 'bye', { conv: 1 }));
    server.from(push(1, 'y', { conv: 2 }));
    expect(seen).toEqual(['1bye', '2x', '2y']);
    server.subscription.unsubscribe();
  });
});

test('an empty message, which only a foreign peer sends, is passed over', () => {
  const incoming = new Subject<Burst>();
  const [left] = memoryPair();
  const [from, to] = [open({ incoming, outgoing: new Subject<Burst>() }), open(left)];
  from.subscribe(to);
  incoming.next([push(0, ''), push(1, 'x')]);
  expect(to.closed).toBe(false);
  expect(to.stats().bytesSent).toBe(1);
  from.close();
  to.close();
});

test('nothing is delivered after close(), whatever its last flush brings back', () => {
  const incoming = new Subject<Burst>();
  const seen: string[] = [];
  const outgoing = { next: (): void => incoming.next([push(1, 'answer')]) };
  const session = open({ incoming, outgoing }, { writeDelay: true });
  session.pipe(map(words)).subscribe((word) => seen.push(word));
  session.next(text('x'));
  session.close();
  expect(seen).toEqual([]);
});

test('a link that fails with undefined has failed', () => {
  const incoming = new Subject<Burst>();
  const session = open({ incoming, outgoing: new Subject<Burst>() });
  const ends: SessionEnd[] = [];
  session.closed$.subscribe((end) => ends.push(end));
  session.subscribe({ error: () => {} });
  incoming.error(undefined);
  expect(ends).toEqual([{ reason: 'failed', error: undefined }]);
});

test('the caps on what waits hold for a stream, too, however much is written at once', async () => {
  const [left] = memoryPair();
  const session = open(left, { stream: true, sendWindow: 4, sendQueueSegments: 10, sendQueueBytes: 20_000 });
  await session.send(new Uint8Array(4 * 1376));
  await expect(session.send(new Uint8Array(5_000_000))).rejects.toThrow('over 10 segments wait');
  session.configure({ sendWindow: 4 });
  await expect(session.send(new Uint8Array(11 * 1376))).rejects.toThrow('over 10 segments wait');
  expect(session.closed).toBe(false);
  session.close();
});

test('send resolves with the segment its bytes went into', async () => {
  const [left, right] = memoryPair();
  const [a, b] = [open(left, { stream: true, writeDelay: true }), open(right)];
  const done: number[] = [];
  await a.send(text('1')).then(() => done.push(1));
  await a.send(text('2')).then(() => done.push(2));
  expect(done).toEqual([1, 2]);
  a.close();
  b.close();
});

test('a callback that throws is reported, and does not stop the conversation', async () => {
  const { transmit, whenTaken } = bound();
  const messages = new Subject<Uint8Array>();
  const sent: number[] = [];
  const subscription = messages.pipe(transmit).subscribe((burst) => sent.push(burst.length));
  const reported: unknown[] = [];
  config.onUnhandledError = (error) => reported.push(error);
  messages.next(text('1'));
  whenTaken(
    () => {
      throw new Error('mine');
    },
    () => {},
  );
  messages.next(text('2'));
  expect(sent).toEqual([1, 1]);
  subscription.unsubscribe();
  await vi.waitFor(() => expect(reported).toEqual([new Error('mine')]));
  config.onUnhandledError = null;
});

/** An arq, with a method that can be passed on. */
function bound(): Pick<ReturnType<typeof arq>, 'transmit' | 'whenTaken'> {
  const made = arq({ conv: 1 });
  return { transmit: made.transmit, whenTaken: made.whenTaken.bind(made) };
}

test('what is fixed when a session is made cannot be changed later', () => {
  const [left] = memoryPair();
  const session = open(left);
  expect(() => session.configure({ sendQueueBytes: 5 } as never)).toThrow('option sendQueueBytes must be set when');
  session.close();
});

describe('a timer queue', () => {
  test('does not spin on a timer that sets itself to a fraction of now', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const queue = timerQueueOf(scheduler);
      let runs = 0;
      const timer = queue.timer(() => {
        if (++runs < 10) timer.set(0.5);
      });
      timer.set(1);
      scheduler.schedule(() => expect(runs).toBe(10), 100);
    });
  });

  test('outlives a wake-up that never came', () => {
    let now = 0;
    const tasks: (() => void)[] = [];
    const scheduler = {
      now: () => now,
      schedule: (work: () => void) => {
        tasks.push(work);
        return { unsubscribe: () => {} };
      },
    };
    const fired: number[] = [];
    const queue = timerQueueOf(scheduler as never);
    queue.timer(() => fired.push(1)).set(10);
    // Fake timers were taken away, and the task with them.
    tasks.length = 0;
    now = 100;
    queue.timer(() => fired.push(2)).set(5);
    now = 105;
    for (const task of tasks) task();
    expect(fired).toEqual([1, 2]);
  });
});

test('an end whose round trips take less than a millisecond does not linger as if it had measured none', () => {
  const scheduler = testScheduler();
  scheduler.run(() => {
    const [left, right] = memoryPair();
    const [a, b] = [open(left, { scheduler }), open(right, { scheduler })];
    const ended: number[] = [];
    a.closed$.subscribe(() => ended.push(scheduler.now()));
    b.subscribe(b);
    a.subscribe(() => a.complete());
    a.next(text('hello'));
    scheduler.schedule(() => {
      expect(a.stats()).toMatchObject({ srtt: 0, rto: 30 });
      expect(ended.map((at) => at <= 100)).toEqual([true]);
      b.close();
    }, 3000);
  });
});
