import {
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  type Observable,
  Subject,
  TimeoutError,
  take,
  timeout,
  toArray,
} from 'rxjs';
import {
  type Burst,
  connect,
  DeadLinkError,
  InvalidMessageError,
  MessageTooLargeError,
  memoryPair,
  OptionError,
  SendQueueFullError,
  type Session,
  SessionClosedError,
  type SessionEnd,
} from 'rxkcp';
import { label } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { ack, push, testScheduler, text, words } from '../support/marbles.ts';
import { open, pair } from '../support/sessions.ts';

const endOf = (session: Session): Promise<SessionEnd> => firstValueFrom(session.closed$);

describe('as an Observable, a session', () => {
  test('keeps messages for the first subscriber, and then for the next one', () => {
    const [a, b] = pair();
    for (const word of ['one', 'two', 'three']) a.next(text(word));
    const seen: string[] = [];
    b.pipe(take(2), map(words)).subscribe((word) => seen.push(word));
    expect(seen).toEqual(['one', 'two']);
    b.pipe(map(words)).subscribe((word) => seen.push(`again ${word}`));
    expect(seen).toEqual(['one', 'two', 'again three']);
  });

  test('gives every subscriber every message', () => {
    const [a, b] = pair();
    const seen: string[] = [];
    for (const name of ['x', 'y']) b.pipe(map(words)).subscribe((word) => seen.push(name + word));
    a.next(text('1'));
    a.next(text('2'));
    expect(seen).toEqual(['x1', 'y1', 'x2', 'y2']);
  });

  test('stops the sender when nobody reads, and holds no more than the window', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const [a, b] = pair({ receiveWindow: 8, sendWindow: 8, scheduler });
      for (let i = 0; i < 50; i++) a.next(text(`${i}`));
      scheduler.schedule(() => {
        expect(b.stats().unread).toBe(8);
        expect(a.stats()).toMatchObject({ remoteWindow: 0, queued: 42, inFlight: 0 });
        a.close();
        b.close();
      }, 1000);
    });
  });

  test('goes on where it stopped after pause and resume', () => {
    const [a, b] = pair();
    const seen: string[] = [];
    b.pipe(map(words)).subscribe((word) => {
      seen.push(word);
      if (word === '2') b.pause();
    });
    for (const word of ['1', '2', '3']) a.next(text(word));
    expect(seen).toEqual(['1', '2']);
    b.resume();
    expect(seen).toEqual(['1', '2', '3']);
  });

  test('gives a late subscriber the way it ended, and nothing else', async () => {
    const [a, b] = pair();
    a.complete();
    await expect(endOf(a)).resolves.toEqual({ reason: 'completed' });
    await expect(lastValueFrom(a.pipe(toArray()))).resolves.toEqual([]);
    b.error(new Error('boom'));
    await expect(lastValueFrom(b)).rejects.toThrow('boom');
    await expect(endOf(b)).resolves.toMatchObject({ reason: 'failed' });
  });

  test('has read deadlines by way of timeout, and lives on after one', async () => {
    const [a, b] = pair();
    await expect(firstValueFrom(b.pipe(timeout(20)))).rejects.toThrow(TimeoutError);
    a.next(text('late'));
    await expect(firstValueFrom(b.pipe(map(words), timeout(1000)))).resolves.toBe('late');
  });
});

describe('as an async iterable, a session', () => {
  test('is read at the pace of the loop: what is not asked for stays in the window', async () => {
    const [a, b] = pair();
    for (const word of ['1', '2', '3', 'end']) a.next(text(word));
    const seen: string[] = [];
    for await (const message of b) {
      seen.push(words(message));
      expect(b.stats().unread).toBe(4 - seen.length);
      if (words(message) === 'end') break;
    }
    expect(seen).toEqual(['1', '2', '3', 'end']);
    expect(b.closed).toBe(false);
  });

  test('ends with the session, and throws what the session failed with', async () => {
    const [a, b] = pair();
    const first = b[Symbol.asyncIterator]();
    const reading = first.next();
    a.complete();
    b.close();
    await expect(reading).resolves.toEqual({ done: true, value: undefined });
    const [c] = pair();
    const iterator = c[Symbol.asyncIterator]();
    const pulls = [iterator.next(), iterator.next()];
    c.error(new Error('gone'));
    await expect(pulls[0]).rejects.toThrow('gone');
    await expect(pulls[1]).resolves.toEqual({ done: true, value: undefined });
  });

  test('is not held back by a loop that was left', async () => {
    const [a, b] = pair();
    a.next(text('1'));
    for await (const _ of b) break;
    const seen: string[] = [];
    b.pipe(map(words)).subscribe((word) => seen.push(word));
    a.next(text('2'));
    expect(seen).toEqual(['2']);
  });
});

describe('as an Observer, a session', () => {
  test('may be sent to from its own subscriber: an echo, however deep it bounces', () => {
    const [a, b] = pair();
    b.subscribe(b);
    let bounces = 0;
    a.subscribe((message) => {
      if (++bounces < 20_000) a.next(message);
    });
    a.next(text('ball'));
    expect(bounces).toBe(20_000);
  });

  test('slows down what it echoes while its own window is full, and loses nothing', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const [left, right] = memoryPair();
      const server = open(left, { scheduler, sendWindow: 4, receiveWindow: 4, sendQueueSegments: 1 });
      const client = open(right, { scheduler, sendWindow: 4, receiveWindow: 2 });
      server.subscribe(server);
      const sent = Array.from({ length: 50 }, (_, i) => `${i}`);
      for (const word of sent) client.next(text(word));
      const seen: string[] = [];
      scheduler.schedule(() => {
        expect(server.stats()).toMatchObject({ remoteWindow: 0, unread: 4 });
        client.pipe(map(words)).subscribe((word) => seen.push(word));
      }, 1000);
      scheduler.schedule(() => {
        expect(seen).toEqual(sent);
        client.close();
        server.close();
      }, 60_000);
    });
  });

  test('fails when it is pushed beyond the caps on what waits', async () => {
    const [left] = memoryPair();
    const lonely = open(left, { sendWindow: 1, sendQueueSegments: 3 });
    for (let i = 0; i < 4; i++) lonely.next(text('x'));
    expect(lonely.closed).toBe(false);
    lonely.next(text('x'));
    await expect(endOf(lonely)).resolves.toEqual({
      reason: 'failed',
      error: new SendQueueFullError('sendQueueSegments', 3),
    });
  });

  test('ignores next, complete and error after its end', () => {
    const [a] = pair();
    a.close();
    a.next(text('x'));
    a.complete();
    a.error(new Error('late'));
    expect(a.stats().bytesSent).toBe(0);
  });

  test('fails on a message that is none, or too large', async () => {
    const [a, b] = pair({ mtu: 50 });
    a.next(new Uint8Array(0));
    b.next(new Uint8Array(7000));
    await expect(endOf(a)).resolves.toEqual({ reason: 'failed', error: new InvalidMessageError(new Uint8Array(0)) });
    await expect(endOf(b)).resolves.toEqual({ reason: 'failed', error: new MessageTooLargeError(7000, 255 * 26) });
  });
});

describe('send', () => {
  test('resolves as soon as the window takes the message, and not before', async () => {
    const [a, b] = pair({ sendWindow: 2 });
    const taken: number[] = [];
    const sending = [0, 1, 2, 3].map((i) => a.send(text(`${i}`)).then(() => taken.push(i)));
    await Promise.all(sending.slice(0, 2));
    expect(taken).toEqual([0, 1]);
    // The acks of the first two come with the next flush of the other end.
    await Promise.all(sending);
    expect(taken).toEqual([0, 1, 2, 3]);
    a.close();
    b.close();
  });

  test('resolves in stream mode with the segment whose rest of room the message took', async () => {
    const incoming = new Subject<Burst>();
    const session = open({ incoming, outgoing: new Subject<Burst>() }, { sendWindow: 1, stream: true });
    await session.send(text('1'));
    const taken: number[] = [];
    const sending = [2, 3].map((i) => session.send(text(`${i}`)).then(() => taken.push(i)));
    expect(session.stats()).toMatchObject({ inFlight: 1, queued: 1 });
    incoming.next([ack(0, 0, 1)]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toEqual([2, 3]);
    session.close();
    await Promise.all(sending);
  });

  test('takes one message of any size when the window is just full, and then keeps to the caps', async () => {
    const [left] = memoryPair();
    const lonely = open(left, { sendWindow: 1, sendQueueSegments: 1, sendQueueBytes: 10, mtu: 50 });
    await lonely.send(text('fills the window'));
    const sending = lonely.send(new Uint8Array(100));
    await expect(lonely.send(text('x'))).rejects.toThrow(new SendQueueFullError('sendQueueSegments', 1));
    expect(lonely.stats()).toMatchObject({ inFlight: 1, queued: 4 });
    lonely.close();
    await expect(sending).rejects.toThrow(SessionClosedError);
  });

  test('rejects what cannot be sent, and the session lives on', async () => {
    const [a, b] = pair({ mtu: 50 });
    await expect(a.send(new Uint8Array(0))).rejects.toThrow(InvalidMessageError);
    await expect(a.send('text' as never)).rejects.toThrow(
      'a message must be a Uint8Array of at least 1 byte, got "text"',
    );
    await expect(a.send(new Uint8Array(7000))).rejects.toThrow(MessageTooLargeError);
    const reading = firstValueFrom(b.pipe(map(words)));
    await a.send(text('fine'));
    await expect(reading).resolves.toBe('fine');
  });

  test('rejects after complete, and when the session ends while it waits', async () => {
    const [left] = memoryPair();
    const lonely = open(left, { sendWindow: 1 });
    await lonely.send(text('1'));
    const waiting = lonely.send(text('2'));
    const failure = new Error('cable cut');
    lonely.error(failure);
    await expect(waiting).rejects.toBe(failure);
    const [a] = pair();
    a.complete();
    await expect(a.send(text('x'))).rejects.toThrow(SessionClosedError);
  });
});

test('has write deadlines by way of timeout: what waited goes on waiting', async () => {
  const [left] = memoryPair();
  const lonely = open(left, { sendWindow: 1 });
  await lonely.send(text('1'));
  const sending = lonely.send(text('2'));
  await expect(firstValueFrom(from(sending).pipe(timeout(20)))).rejects.toThrow(TimeoutError);
  expect(lonely.stats()).toMatchObject({ inFlight: 1, queued: 1 });
  lonely.close();
  await expect(sending).rejects.toThrow(SessionClosedError);
});

describe('a session ends', () => {
  test('completed, when all is acknowledged', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const incoming = hot<Burst>('30ms a', { a: [ack(0, 0, 1)] });
      const session = open({ incoming, outgoing: new Subject<Burst>() }, { scheduler });
      session.next(text('x'));
      session.complete();
      session.next(text('too late'));
      expectObservable(session).toBe('30ms |');
      expectObservable(session.closed$).toBe('30ms (e|)', { e: { reason: 'completed' } });
      expectSubscriptions(incoming.subscriptions).toBe('^ 29ms !');
      expect(session.stats().bytesSent).toBe(1);
    });
  });

  test('with DeadLinkError when nobody answers', () => {
    const scheduler = testScheduler();
    scheduler.run(({ expectObservable }) => {
      const session = open(memoryPair()[0], { scheduler, deadAfter: 250 });
      session.next(text('x'));
      const error = new DeadLinkError(1, { transmissions: 2, waited: 250, heardAgo: undefined });
      expectObservable(session).toBe('250ms #', {}, error);
      expectObservable(session.closed$).toBe('250ms (e|)', { e: { reason: 'failed', error } });
    });
  });

  test('by the peer, when the link completes', () => {
    const incoming = new Subject<Burst>();
    const session = open({ incoming, outgoing: new Subject<Burst>() });
    const ends: SessionEnd[] = [];
    session.closed$.subscribe((end) => ends.push(end));
    incoming.complete();
    expect(ends).toEqual([{ reason: 'peer' }]);
  });

  test('by the peer, too, when the link completes before all that was to be sent is acknowledged', () => {
    const incoming = new Subject<Burst>();
    const session = open({ incoming, outgoing: new Subject<Burst>() });
    const ends: SessionEnd[] = [];
    session.closed$.subscribe((end) => ends.push(end));
    session.next(text('x'));
    session.complete();
    incoming.complete();
    expect(ends).toEqual([{ reason: 'peer' }]);
  });

  test('at once when what made it is unsubscribed from, with the link let go', () => {
    const incoming = new Subject<Burst>();
    const ends: SessionEnd[] = [];
    const dialling = connect({ link: { incoming, outgoing: new Subject<Burst>() } }).subscribe((session) => {
      session.closed$.subscribe((end) => ends.push(end));
    });
    expect(incoming.observed).toBe(true);
    dialling.unsubscribe();
    expect(ends).toEqual([{ reason: 'closed' }]);
    expect(incoming.observed).toBe(false);
  });

  test('and still acknowledges what its peer repeats, for a while', () => {
    const scheduler = testScheduler();
    scheduler.run(({ hot, expectObservable }) => {
      const out = new Subject<Burst>();
      const data = [push(0, 'x')];
      const incoming: Observable<Burst> = hot('a 199ms a', { a: data });
      const session = open({ incoming, outgoing: out }, { scheduler });
      session.subscribe({});
      const sent = '5ms a 194ms a 159ms w 354ms w 354ms w 354ms w 354ms w 354ms w 354ms w 354ms w';
      expectObservable(out.pipe(map(([packet]) => label(packet as Uint8Array).slice(0, 4)))).toBe(sent, {
        a: 'ACK ',
        w: 'WINS',
      });
      // Three seconds after data last came, for there is no round-trip time to go by.
      expectObservable(session.closed$).toBe('3200ms (e|)', { e: { reason: 'completed' } });
      scheduler.schedule(() => session.complete(), 5);
    });
  });
});

test('settings can be changed while a session runs, and a wrong one changes nothing', () => {
  const [a] = pair();
  a.configure({ sendWindow: 7, receiveWindow: 9, mtu: 576, stream: true, mode: 'normal' });
  expect(a.stats()).toMatchObject({ sendWindow: 7, receiveWindow: 9 });
  expect(() => a.configure({ sendWindow: 8, mtu: 5 })).toThrow(OptionError);
  expect(a.stats().sendWindow).toBe(7);
  expect(() => a.configure(undefined as never)).toThrow(new OptionError('options', undefined, 'an object'));
});

test('a message handed out is the reader’s: writing to it disturbs nothing', () => {
  const [a, b] = pair();
  const buffer = text('hello');
  const received: Uint8Array[] = [];
  b.subscribe((message) => {
    received.push(message.slice());
    message.fill(0);
  });
  a.next(buffer);
  a.next(buffer);
  expect(received.map(words)).toEqual(['hello', 'hello']);
  expect(words(buffer)).toBe('hello');
});

test('counters have kcp-go’s names and add up', () => {
  const [a, b] = pair();
  b.subscribe({});
  a.next(text('12345'));
  expect(a.snmp()).toMatchObject({ BytesSent: 5, OutPkts: 1, OutSegs: 1, OutBytes: 29, RingBufferSndBuffer: 1 });
  expect(b.snmp()).toMatchObject({ BytesReceived: 5, InPkts: 1, InSegs: 1, InBytes: 29, RepeatSegs: 0 });
  a.close();
  b.close();
});

test('counters come as an Observable on the clock of the session, until it ends', () => {
  const scheduler = testScheduler();
  scheduler.run(({ expectObservable }) => {
    const [a] = pair({ scheduler });
    const segments = a.snmp$(100).pipe(map(({ OutSegs }) => `${OutSegs}`));
    expectObservable(segments).toBe('0 99ms 1 49ms |');
    scheduler.schedule(() => a.next(text('x')), 50);
    scheduler.schedule(() => a.close(), 150);
  });
});
