// What a session promises whatever happens around it: the order of its end, and that nobody else pays for what goes wrong.

import { Subject } from 'rxjs';
import {
  aesGcm,
  type Burst,
  connect,
  type Hub,
  type Link,
  listen,
  memoryNetwork,
  memoryPair,
  OptionError,
  type Session,
  snmp,
} from 'rxkcp';
import { toDuplex } from 'rxkcp/node';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { text, words } from '../support/marbles.ts';
import { open, pair } from '../support/sessions.ts';

const FAILURE = new Error('mine');

/** `link`, of which everything that is sent is lost. */
function deaf(link: Link): Link {
  return { incoming: link.incoming, outgoing: { next: () => {} } };
}

describe('the order in which a session ends is the same', () => {
  test.each<[string, (session: Session) => void, (link: Link) => Link]>([
    ['after error()', (session) => session.error(FAILURE), (link) => link],
    ['after close()', (session) => session.close(), (link) => link],
    ['after complete()', (session) => session.complete(), (link) => link],
    ['for a dead link', (session) => session.next(text('x')), deaf],
    ['for a link that throws', (session) => session.next(text('x')), throwing],
  ])('%s', async (_name, end, around) => {
    const scheduler = new VirtualScheduler();
    const [left] = memoryPair();
    const order: string[] = [];
    const note = (what: string) => () => order.push(what);
    connect({ link: around(left), conv: 1, scheduler }).subscribe({
      next: (session) => {
        session.closed$.subscribe(note('closed$'));
        session.subscribe({ error: note('messages'), complete: note('messages') });
        session.trace$().subscribe({ complete: note('trace$') });
        scheduler.schedule(() => end(session), 1);
      },
      complete: note('connect'),
    });
    scheduler.run(1e7);
    expect(order).toEqual(['closed$', 'connect', 'trace$', 'messages']);
  });

  test('and what had come before is still read afterwards, and counted', () => {
    const [left, right] = pair();
    right.pause();
    const before = snmp().BytesReceived;
    left.next(text('hello'));
    right.error(FAILURE);
    const read: unknown[] = [];
    right.resume();
    right.subscribe({ next: (message) => read.push(words(message)), error: (error) => read.push(error) });
    expect(read).toEqual(['hello', FAILURE]);
    expect(snmp().BytesReceived - before).toBe(5);
    left.close();
  });

  function throwing(link: Link): Link {
    return {
      incoming: link.incoming,
      outgoing: {
        next: () => {
          throw FAILURE;
        },
      },
    };
  }
});

describe('what is thrown below a session ends that session alone', () => {
  /** Sessions of a server, by the port of their peers, and what each has read. */
  function served(hub: Hub, options: object = {}): { sessions: Map<number, Session>; read: string[] } {
    const sessions = new Map<number, Session>();
    const read: string[] = [];
    listen({ link: hub, ...options }).subscribe((session) => {
      sessions.set(session.remote?.port as number, session);
      session.subscribe({ next: (message) => read.push(words(message)), error: () => {} });
    });
    return { sessions, read };
  }

  test('by a hub, when it sends to one of them', () => {
    const network = memoryNetwork();
    let failing = 0;
    const outgoing: Hub['outgoing'] = {
      next: (sent) => {
        if (sent.peer.port === failing) throw FAILURE;
        network.hub.outgoing.next(sent);
      },
    };
    const { sessions, read } = served({ ...network.hub, outgoing });
    const clients = [1, 2].map((port) => open(network.link({ address: '10.0.0.1', port }), { conv: port }));
    for (const client of clients) client.next(text('a'));
    const ends: unknown[] = [];
    sessions.get(1)?.closed$.subscribe((end) => ends.push(end));
    failing = 1;
    sessions.get(1)?.next(text('x'));
    expect(ends).toEqual([{ reason: 'failed', error: FAILURE }]);
    clients[1]?.next(text('b'));
    expect(sessions.get(2)?.closed).toBe(false);
    expect(read).toEqual(['a', 'a', 'b']);
    for (const client of clients) client.close();
  });

  test('by a cipher, when it seals', () => {
    const [left, right] = memoryPair();
    let failing = false;
    const { name, overhead, ...inner } = aesGcm(new Uint8Array(16), { onSealLimit: () => {} });
    const seal = (packets: Burst): Uint8Array[] => {
      if (failing) throw FAILURE;
      return inner.seal(packets);
    };
    const sender = open(left, { cipher: { name, overhead, seal, open: inner.open } });
    const reader = open(right, { cipher: aesGcm(new Uint8Array(16)) });
    const failures: unknown[] = [];
    sender.subscribe({ error: (error) => failures.push(error) });
    sender.next(text('a'));
    failing = true;
    sender.next(text('b'));
    expect(failures).toEqual([FAILURE]);
    expect(reader.closed).toBe(false);
    reader.close();
  });

  test('but a cipher that throws at a datagram loses that datagram: anyone can send one', () => {
    const network = memoryNetwork();
    const key = new Uint8Array(16);
    const inner = aesGcm(key);
    const cipher = {
      name: 'picky',
      overhead: inner.overhead,
      seal: (packets: Burst) => inner.seal(packets),
      open: (datagrams: Burst) => {
        if (datagrams.some(({ length }) => length < 20)) throw FAILURE;
        return inner.open(datagrams);
      },
    };
    const { read } = served(network.hub, { cipher });
    const before = snmp().InCsumErrors;
    const stranger = network.link();
    const [datagram] = inner.seal([new Uint8Array(30)]) as [Uint8Array];
    stranger.outgoing.next([new Uint8Array(5), datagram, new Uint8Array(6)]);
    expect(snmp().InCsumErrors - before).toBe(2);
    const client = open(network.link(), { cipher: aesGcm(key) });
    client.next(text('a'));
    expect(read).toEqual(['a']);
    client.close();
  });
});

describe('backpressure between sessions', () => {
  /** A sender, a relay that reads from it, and a session whose peer does not read. */
  function chain(relay: (from: Session, to: Session) => void): { sender: Session; from: Session; to: Session } {
    const scheduler = new VirtualScheduler();
    const [sender, from] = pair({ receiveWindow: 8, scheduler });
    const [to, sink] = pair({ sendWindow: 8, receiveWindow: 8, scheduler });
    sink.pause();
    relay(from, to);
    for (let i = 0; i < 100; i++) sender.next(new Uint8Array(1000));
    scheduler.run(5000);
    return { sender, from, to };
  }

  test('holds when one is the subscriber of the other', () => {
    const { sender, from, to } = chain((one, other) => one.subscribe(other));
    expect(to.stats().bytesSent).toBeLessThanOrEqual(17 * 1000);
    expect(from.stats().unread).toBe(8);
    for (const session of [sender, from, to]) session.close();
  });

  test('is not imposed on a handler that calls next', () => {
    const { sender, from, to } = chain((one, other) => one.subscribe((message) => other.next(message)));
    expect(to.stats().bytesSent).toBe(100 * 1000);
    expect(from.stats().unread).toBe(0);
    for (const session of [sender, from, to]) session.close();
  });

  test('ends with the session that was full', () => {
    const { sender, from, to } = chain((one, other) => one.subscribe(other));
    to.close();
    expect(from.stats().unread).toBe(0);
    for (const session of [sender, from]) session.close();
  });
});

test('listeners to a trace hear all events in one order, whatever one of them causes', () => {
  const [left] = memoryPair();
  const session = open(left, { fec: { data: 3, parity: 1 } });
  const heard: string[][] = [[], []];
  let once = true;
  for (const list of heard) {
    session.trace$('out-push', 'output').subscribe(({ kind }) => {
      list.push(kind);
      if (!once) return;
      once = false;
      session.sendOob(new Uint8Array(500));
    });
  }
  session.next(text('hello'));
  expect(heard[0]).toEqual(['out-push', 'output', 'output']);
  expect(heard[1]).toEqual(heard[0]);
  session.close();
});

test('a window that is raised while it is full is told to the peer at once', () => {
  const scheduler = new VirtualScheduler();
  const [a, b] = memoryPair();
  const reader = open(a, { scheduler, receiveWindow: 16 });
  const sender = open(b, { scheduler });
  for (let i = 0; i < 100; i++) sender.next(new Uint8Array(1300));
  scheduler.run(60_000);
  expect(reader.stats().unread).toBe(16);
  reader.configure({ receiveWindow: 128 });
  scheduler.run(scheduler.now() + 20);
  expect(reader.stats().unread).toBe(100);
  reader.close();
  sender.close();
});

test.each([
  ['conv', 2],
  ['fec', { data: 3, parity: 1 }],
  ['cipher', aesGcm(new Uint8Array(16))],
  ['scheduler', new VirtualScheduler()],
])('configure refuses %s, which is set for good when the session is made', (option, value) => {
  const [left] = memoryPair();
  const session = open(left);
  const attempt = (): void => session.configure({ [option]: value } as never);
  expect(attempt).toThrow(OptionError);
  expect(attempt).toThrow(`option ${option} must be set when the session is made, not while it runs`);
  expect(() => session.configure({ rateLimti: 5 } as never)).toThrow('did you mean rateLimit?');
  session.close();
});

test('a stream over a session that fails gets its error after what had come before', async () => {
  const [left, right] = pair();
  const duplex = toDuplex(right);
  left.next(text('hello'));
  right.error(FAILURE);
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const chunk of duplex) seen.push(words(chunk as Uint8Array));
  };
  await expect(read()).rejects.toBe(FAILURE);
  expect(seen).toEqual(['hello']);
  left.close();
});

test('an end that completes or fails what goes into a link of memory does not end the other one', () => {
  const [left, right] = memoryPair();
  const ends: unknown[] = [];
  right.incoming.subscribe({ error: (error) => ends.push(error), complete: () => ends.push('complete') });
  const bursts = new Subject<Burst>();
  bursts.subscribe(left.outgoing);
  bursts.complete();
  expect(ends).toEqual([]);
});
