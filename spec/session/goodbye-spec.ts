// What two ends of this project tell each other: that they have finished, that they leave, that they take up no conversation.

import { finalize, firstValueFrom, interval, lastValueFrom, of, Subject, Subscription } from 'rxjs';
import {
  type Burst,
  connect,
  type Link,
  listen,
  memoryNetwork,
  memoryPair,
  type PeerBurst,
  PeerLeftError,
  ServerClosingError,
  ServerFullError,
  type Session,
  SessionClosedError,
  type SessionEnd,
  type SessionOptions,
} from 'rxkcp';
import { label, type Pair, pair, VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { readInt32 } from '../../src/bytes/int.ts';
import { TS_OFFSET } from '../../src/core/kcp/segment.ts';
import { ack, push, text, wins, words } from '../support/marbles.ts';
import { seeds } from '../support/random.ts';
import { open, pair as openPair } from '../support/sessions.ts';

/** What is read of a session, how that ends, and how the session does, in order. */
function log(session: Session): string[] {
  const seen: string[] = [];
  session.subscribe({
    next: (message) => seen.push(words(message)),
    error: (error) => seen.push(error.code ?? error.message),
    complete: () => seen.push('complete'),
  });
  session.closed$.subscribe(({ reason }) => seen.push(reason));
  return seen;
}

function over(network: object, options: SessionOptions = {}, seed = 1): Pair {
  return pair({ network, options: { mode: 'fast3', ...options }, seed, keep: 0 });
}

describe('complete()', () => {
  test('ends the other side within a round trip of the last ack, and well', () => {
    const { left, right, run } = over({ delay: 20 });
    const seen = log(right.session);
    left.send(text('last words'));
    left.session.complete();
    run(50);
    expect(seen).toEqual(['last words', 'complete']);
    expect(left.session.closed).toBe(true);
    // (The network of a pair loses what its sender has on the way when it ends; so the other one asks for a while.)
    run(10_000);
    expect(seen).toEqual(['last words', 'complete', 'peer']);
  });

  test('of both ends at once completes both', () => {
    const { left, right, run } = over({ delay: 20 });
    const [a, b] = [log(left.session), log(right.session)];
    left.send(text('l'));
    right.send(text('r'));
    left.session.complete();
    right.session.complete();
    run(1000);
    expect(a).toEqual(['r', 'complete', 'completed']);
    expect(b).toEqual(['l', 'complete', 'completed']);
  });

  test('leaves a peer that still sends with sends that fail, and not with an error of its own', async () => {
    const scheduler = new VirtualScheduler();
    const [c, d] = openPair({ scheduler });
    d.next(text('hello'));
    c.next(text('hello'));
    c.complete();
    scheduler.run(1000);
    expect(d.closed).toBe(true);
    await expect(d.send(text('too late'))).rejects.toThrow(SessionClosedError);
    await expect(firstValueFrom(d.closed$)).resolves.toEqual({ reason: 'peer' });
    await expect(lastValueFrom(d)).resolves.toEqual(text('hello'));
  });

  test.each(seeds(20))(
    'of a session at rest, whose peer has said nothing but acks, is told through 30 % loss (seed %i)',
    (seed) => {
      const { left, right, run } = over({ delay: 25, loss: 0.3 }, {}, seed);
      const [a, b] = [log(left.session), log(right.session)];
      left.send(text('hello'));
      run(20_000);
      left.session.complete();
      run(60_000);
      expect(a).toEqual(['completed', 'complete']);
      expect(b).toEqual(['hello', 'complete', 'peer']);
    },
  );

  test('of a session at rest takes a word each way where nothing is lost', () => {
    const { left, run, transcript } = pair({ network: { delay: 25 }, options: { mode: 'fast3' } });
    left.send(text('hello'));
    run(20_000);
    const { length } = transcript.entries;
    left.session.complete();
    run(60_000);
    const sent = transcript.entries.slice(length).filter(({ what }) => what === 'sent');
    expect(sent.length).toBeLessThanOrEqual(4);
    expect(left.session.closed).toBe(true);
  });

  test('long after the last data, of which the ack may be lost, repeats that as one just after it does', () => {
    const scheduler = new VirtualScheduler();
    const [left, right] = memoryPair();
    const sent: string[] = [];
    right.incoming.subscribe((burst) => void sent.push(...burst.map((one) => label(one))));
    const a = open(left, { scheduler });
    a.subscribe();
    right.outgoing.next([push(0, 'hi')]);
    scheduler.run(60_000);
    sent.length = 0;
    a.complete();
    scheduler.run(120_000);
    expect(sent.length).toBeGreaterThanOrEqual(8);
    expect(sent.every((one) => one.startsWith('WINS'))).toBe(true);
    expect(a.closed).toBe(true);
  });

  test.each(seeds(20))('is told through 20 % loss each way (seed %i)', (seed) => {
    const { left, right, run } = over({ delay: 25, loss: 0.2 }, {}, seed);
    const [a, b] = [log(left.session), log(right.session)];
    for (let i = 0; i < 20; i++) left.send(text(`${i}`));
    left.session.complete();
    run(30_000);
    expect([...a].sort()).toEqual(['complete', 'completed']);
    expect(b.slice(-2)).toEqual(['complete', 'peer']);
    expect(b.length).toBe(22);
  });
});

describe('finish()', () => {
  test('ends what the other side reads, and then all of it; or nothing else, if that is half-open', async () => {
    const closing = over({ delay: 20 });
    const seen = log(closing.right.session);
    closing.left.send(text('x'));
    closing.left.session.finish();
    closing.run(10_000);
    expect(seen).toEqual(['x', 'complete', 'peer']);
    expect(closing.left.session.closed).toBe(true);
    const { left, right, run } = over({ delay: 20 }, { allowHalfOpen: true });
    const [a, b] = [log(left.session), log(right.session)];
    left.send(text('a question'));
    const finished = left.session.finish();
    run(200);
    await finished;
    expect(b).toEqual(['a question', 'complete']);
    left.session.next(text('ignored'));
    await expect(left.session.send(text('refused'))).rejects.toThrow(SessionClosedError);
    run(60_000);
    for (const word of ['an', 'answer']) right.send(text(word));
    run(60_100);
    expect(a).toEqual(['an', 'answer']);
    await Promise.all([right.session.finish(), Promise.resolve(run(61_000))]);
    expect(a).toEqual(['an', 'answer', 'complete', 'completed']);
    expect(b).toEqual(['a question', 'complete', 'completed']);
  });

  test('may be followed by complete(), which does not wait for the other side', () => {
    const { left, right, run } = over({ delay: 20 }, { allowHalfOpen: true });
    const b = log(right.session);
    left.send(text('x'));
    left.session.finish();
    run(1000);
    expect(left.session.closed).toBe(false);
    left.session.complete();
    run(2000);
    expect([left.session.closed, right.session.closed]).toEqual([true, true]);
    expect(b).toEqual(['x', 'complete', 'peer']);
  });

  test('rejects if the session ends before everything is acknowledged; who does not look is not troubled', async () => {
    const lonely = open(memoryPair()[0]);
    lonely.next(text('nobody hears'));
    const finished = lonely.finish();
    lonely.close();
    await expect(finished).rejects.toThrow(SessionClosedError);
    const failing = open(memoryPair()[0]);
    failing.next(text('nobody hears'));
    void failing.finish();
    failing.error(new Error('mine'));
    await expect(failing.finish()).rejects.toThrow(SessionClosedError);
  });

  test.each(seeds(10))('works both ways through 20 % loss (seed %i)', (seed) => {
    const { left, right, run } = over({ delay: 25, loss: 0.2 }, { allowHalfOpen: true }, seed);
    const [a, b] = [log(left.session), log(right.session)];
    for (let i = 0; i < 10; i++) left.send(text('l'));
    left.session.finish();
    run(20_000);
    expect(b.at(-1)).toBe('complete');
    for (let i = 0; i < 10; i++) right.send(text('r'));
    right.session.finish();
    run(60_000);
    expect([a.length, a.slice(-2)]).toEqual([12, ['complete', 'completed']]);
    expect([b.length, b.slice(-2)]).toEqual([12, ['complete', 'completed']]);
  });
});

describe('close()', () => {
  test('ends the other side, which has everything', () => {
    const scheduler = new VirtualScheduler();
    const [a, b] = openPair({ scheduler });
    const seen = log(b);
    a.next(text('x'));
    scheduler.run(100);
    a.close();
    expect(seen).toEqual(['x', 'complete', 'peer']);
  });

  test('fails the other side if something is missing', () => {
    const scheduler = new VirtualScheduler();
    const [left, right] = memoryPair();
    let losing = true;
    const lossy: Link = {
      ...left,
      outgoing: { next: (burst: Burst) => !losing && left.outgoing.next(burst) },
    };
    const a = open(lossy, { scheduler });
    const b = open(right, { scheduler });
    const seen = log(b);
    losing = false;
    a.next(text('arrives'));
    scheduler.run(100);
    losing = true;
    a.next(text('is lost'));
    losing = false;
    // Too early to be sent again.
    a.close();
    scheduler.run(scheduler.now() + 1000);
    expect(seen).toEqual(['arrives', 'failed', 'ERR_PEER_LEFT']);
    let end: SessionEnd | undefined;
    b.closed$.subscribe((one) => {
      end = one;
    });
    expect(end?.error).toBeInstanceOf(PeerLeftError);
  });

  test('says nothing where nothing was ever sent', () => {
    const [left, right] = memoryPair();
    let count = 0;
    right.incoming.subscribe((burst) => {
      count += burst.length;
    });
    open(left).close();
    open(memoryPair()[0]).complete();
    expect(count).toBe(0);
  });
});

describe('a peer of another kind', () => {
  test('gets nothing but a window report, once when this end leaves', () => {
    const scheduler = new VirtualScheduler();
    const [left, right] = memoryPair();
    const sent: string[] = [];
    right.incoming.subscribe((burst) => {
      sent.push(...burst.map((one) => label(one)));
      if (sent.at(-1)?.includes('WASK')) scheduler.schedule(() => right.outgoing.next([wins(128, { una: 1 })]), 10);
    });
    const a = open(left, { scheduler, conv: 1 });
    a.next(text('x'));
    // (As an ack that leaves nothing open.)
    a.complete();
    right.outgoing.next([ackOf(0)]);
    scheduler.run(10_000);
    expect(a.closed).toBe(true);
    expect(sent.filter((one) => one.includes('WINS')).length).toBeLessThanOrEqual(3);
    expect(sent.every((one) => /^(PUSH|WINS|WASK)/.test(one))).toBe(true);
  });

  test('that does not understand finish() lets it end a few round trips after the last ack', async () => {
    const scheduler = new VirtualScheduler();
    const [left, right] = memoryPair();
    const a = open(left, { scheduler });
    let sentAt = 0;
    right.incoming.subscribe(([datagram]) => {
      sentAt = readInt32(datagram as Uint8Array, TS_OFFSET);
    });
    a.next(text('x'));
    const finished = a.finish();
    right.outgoing.next([ackOf(0, sentAt)]);
    scheduler.run(5000);
    await finished;
    await expect(firstValueFrom(a.closed$)).resolves.toEqual({ reason: 'completed' });
  });
});

const ackOf = (sn: number, ts = 0): Uint8Array => ack(sn, ts, sn + 1);

describe('a stranger', () => {
  const FINISHED = 1;
  const LEFT = 2;
  const BY_OWN_CLOCK = 32;

  test.each([
    ['a timestamp that was never used', LEFT, 1, 5_000_000],
    ['a timestamp of before the beginning', LEFT, 1, -1000],
    ['a clock that is not the peer’s', LEFT | BY_OWN_CLOCK, 1, 5_000_000],
    ['an end before what has come', FINISHED, 0, 0],
  ])('with %s ends nothing', (_, frg, sn, ts) => {
    const scheduler = new VirtualScheduler();
    const [left, right] = memoryPair();
    const a = open(left, { scheduler });
    const seen = log(a);
    right.outgoing.next([push(0, 'x')]);
    const forged = wins(128, { sn, ts });
    forged[5] = frg;
    right.outgoing.next([forged]);
    scheduler.run(10_000);
    expect(seen).toEqual(['x']);
  });

  test('cannot refuse a conversation that the server has answered', () => {
    const [a, b] = openPair();
    a.next(text('x'));
    b.next(text('y'));
    const seen = log(a);
    const forged = wins(128, { ts: 0 });
    forged[5] = 64;
    const scheduler = new VirtualScheduler();
    const [left, right] = memoryPair();
    const c = open(left, { scheduler });
    c.next(text('x'));
    right.outgoing.next([ackOf(0)]);
    right.outgoing.next([forged]);
    scheduler.run(1000);
    expect([a.closed, c.closed, seen]).toEqual([false, false, ['y']]);
  });
});

describe('a server', () => {
  /** Clients on a network of 20 ms each way. */
  function bench(options: object = {}) {
    const scheduler = new VirtualScheduler();
    const network = memoryNetwork();
    const sessions: Session[] = [];
    const ends: string[] = [];
    listen({ link: network.hub, scheduler, mode: 'fast3', ...options }).subscribe({
      next: (session) => {
        sessions.push(session);
        session.subscribe(session);
      },
      error: (error) => ends.push(error.message),
      complete: () => ends.push('complete'),
    });
    const dial = (more: SessionOptions = {}): { session: Session; error: unknown; seen: string[] } => {
      const link = network.link();
      const slow = {
        ...link,
        outgoing: { next: (burst: Burst) => void scheduler.schedule(() => link.outgoing.next(burst), 20) },
      };
      const client = { session: undefined as unknown as Session, error: undefined as unknown, seen: [] as string[] };
      connect({ link: slow, scheduler, mode: 'fast3', ...more }).subscribe((session) => {
        client.session = session;
        client.seen = log(session);
        session.closed$.subscribe(({ error }) => {
          client.error = error;
        });
        session.next(text('hello'));
      });
      return client;
    };
    return { scheduler, sessions, ends, dial, network };
  }

  test.each([
    ['', {}],
    [' with FEC', { fec: { data: 3, parity: 1 } }],
  ])('that is full says so in a round trip%s', (_, options) => {
    const { scheduler, dial, sessions } = bench({ maxSessions: 1, ...options });
    const first = dial(options);
    scheduler.run(100);
    const second = dial(options);
    scheduler.run(125);
    expect(second.error).toBeInstanceOf(ServerFullError);
    expect(first.seen).toEqual(['hello']);
    first.session.close();
    scheduler.run(200);
    const third = dial(options);
    scheduler.run(300);
    expect([third.seen, sessions.length]).toEqual([['hello'], 2]);
  });

  test('that is closing refuses, ends its sessions well, and completes', () => {
    const closing$ = new Subject<void>();
    const { scheduler, dial, ends, sessions } = bench({ closing$ });
    const client = dial();
    scheduler.run(90);
    const late = dial();
    scheduler.run(100);
    // What is not acknowledged yet keeps it.
    sessions[0]?.next(text('and goodbye'));
    closing$.next();
    expect(ends).toEqual([]);
    scheduler.run(1000);
    expect(late.error).toBeInstanceOf(ServerClosingError);
    expect(client.seen).toEqual(['hello', 'and goodbye', 'complete', 'peer']);
    expect(ends).toEqual(['complete']);
  });

  test('that is closing and has no session completes at once', () => {
    const closing$ = new Subject<void>();
    const { ends } = bench({ closing$ });
    closing$.next();
    expect(ends).toEqual(['complete']);
  });

  test('that closes gracefully loses nothing that it has acknowledged', () => {
    const closing$ = new Subject<void>();
    const scheduler = new VirtualScheduler();
    const network = memoryNetwork();
    let read = 0;
    listen({ link: network.hub, scheduler, mode: 'fast3', closing$ }).subscribe((session) => {
      session.subscribe(() => read++);
      session.pause();
      scheduler.schedule(() => session.resume(), 500);
    });
    let client: Session | undefined;
    connect({ link: network.link(), scheduler, mode: 'fast3' }).subscribe((session) => {
      client = session;
      for (let i = 0; i < 50; i++) session.next(text('x'));
    });
    scheduler.run(100);
    expect(client?.stats().inFlight).toBe(0);
    closing$.next();
    scheduler.run(5000);
    expect(read).toBe(50);
  });

  test('refuses with no more bytes than it was sent, and remembers nothing', () => {
    const incoming = new Subject<PeerBurst>();
    const sent: PeerBurst[] = [];
    const local = { address: '10.0.0.1', port: 1 };
    const link = { local, incoming, outgoing: { next: (burst: PeerBurst) => sent.push(burst) } };
    listen({ link, closing$: of(1) }).subscribe();
    incoming.next({ peer: { address: '10.0.0.2', port: 2 }, burst: [push(0, 'x', { ts: 77 })] });
    // It has completed: nothing is answered at all.
    expect(sent).toEqual([]);
    listen({ link: { ...link }, maxSessions: 1, validate: 'off' }).subscribe();
    for (const port of [1, 2]) {
      incoming.next({ peer: { address: '10.0.0.2', port }, burst: [push(0, 'x', { ts: 77 })] });
    }
    const refusal = sent.find(({ peer }) => peer.port === 2);
    expect(refusal?.burst.map((one) => label(one))).toEqual(['WINS sn=0 frg=64 una=0 wnd=128 len=0']);
  });
});

describe('the sources of a session', () => {
  test('are let go of when it ends, or takes nothing more', () => {
    const scheduler = new VirtualScheduler();
    for (const end of [
      (session: Session) => session.close(),
      (session: Session) => session.complete(),
      (session: Session) => void session.finish(),
      (session: Session) => session.error(new Error('mine')),
    ]) {
      const session = open(memoryPair()[0], { scheduler });
      session.subscribe({ error: () => {} });
      let running = 2;
      const source = interval(10, scheduler).pipe(finalize(() => running--));
      source.subscribe({ next: () => session.next(text('x')) });
      const source$ = interval(10, scheduler).pipe(finalize(() => running--));
      // An Observable of messages, and one more.
      new Subject<Uint8Array>().subscribe(session);
      source$.subscribe(session as never);
      end(session);
      expect(running).toBe(1);
    }
  });

  test('that ask for it alone are let go of without an end', () => {
    const session = open(memoryPair()[0]);
    let running = 1;
    const subscription = new Subject<Uint8Array>().pipe(finalize(() => running--)).subscribe(session);
    subscription.unsubscribe();
    expect([running, session.closed]).toEqual([0, false]);
    const parent = new Subscription();
    parent.add(new Subject<Uint8Array>().subscribe(session));
    parent.unsubscribe();
    expect(session.closed).toBe(false);
    session.close();
  });
});
