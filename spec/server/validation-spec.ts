// What a server does for an address that is not proven: little.

import {
  AddressUnprovenError,
  connect,
  listen,
  memoryNetwork,
  OptionError,
  ReceiveQueueFullError,
  refusals,
  resetRefusals,
  SendQueueFullError,
  type Session,
} from 'rxkcp';
import { VirtualScheduler } from 'rxkcp/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { ack, push, text, wask, wins, words } from '../support/marbles.ts';
import { alice, bob, carol, ForgedNetwork } from './support/forger.ts';

const PUSH = 81;

beforeEach(() => resetRefusals());

describe('for an address that is not proven', () => {
  const greet = (bytes: number) => (session: Session) => session.next(new Uint8Array(bytes));

  test.each<[string, (session: Session) => void, (network: ForgedNetwork) => void]>([
    ['an echo of one byte', (session) => session.subscribe(session), () => {}],
    ['a greeting of 1 kB', greet(1000), () => {}],
    ['a greeting of 170 kB', greet(170_000), () => {}],
    ['a thousand small messages', (session) => Array.from({ length: 1000 }, () => session.next(text('x'))), () => {}],
    [
      'a file, and 400 blind acknowledgements',
      greet(340_000),
      (network) => {
        for (let i = 0; i < 400; i++) {
          network.scheduler.run(network.scheduler.now() + 3);
          network.from(alice, wins(65_535, { una: 0x7fff_ff00 }));
        }
      },
    ],
    ['a silent reader', () => {}, () => {}],
  ])('%s is three times the bytes that came, and one datagram', (_, handler, attack) => {
    const network = new ForgedNetwork({}, handler);
    network.from(alice, push(0, 'x', { wnd: 65_535 }));
    attack(network);
    network.scheduler.run(400_000);
    expect(network.leftFor(alice)).toBeLessThanOrEqual(network.allowedFor(alice));
    expect(network.sessions.every(({ closed }) => closed)).toBe(true);
  });

  test('no segment leaves more than five times', () => {
    const network = new ForgedNetwork({}, (session) => session.next(text('answer')));
    network.from(alice, push(0, 'x'));
    for (let i = 0; i < 100; i++) {
      network.scheduler.run(network.scheduler.now() + 100);
      network.from(alice, wask());
    }
    const times = network.sent.filter(({ datagram }) => Buffer.from(datagram).includes('answer')).length;
    expect(times).toBe(5);
    expect(refusals().datagramsWithheld).toBeGreaterThan(0);
    network.subscription.unsubscribe();
  });

  test('a 64th of sendQueueBytes may wait, and more ends the session, not the process', () => {
    const network = new ForgedNetwork({}, () => {});
    network.from(alice, push(0, 'x', { wnd: 0 }));
    const [session] = network.sessions as [Session];
    let queued = 0;
    for (let i = 0; i < 65_500 && !session.closed; i++) {
      session.next(new Uint8Array(1000));
      queued = Math.max(queued, session.stats().queuedBytes);
    }
    expect(queued).toBeLessThanOrEqual(2 ** 20);
    expect(network.ends).toMatchObject([{ reason: 'failed', error: { code: 'ERR_SEND_QUEUE_FULL' } }]);
    network.subscription.unsubscribe();
  });

  test('a session ends after 30 s', () => {
    const network = new ForgedNetwork();
    network.from(alice, push(0, 'x'));
    network.scheduler.run(29_999);
    expect(network.ends).toEqual([]);
    network.scheduler.run(30_100);
    expect(network.ends).toEqual([{ reason: 'failed', error: expect.any(AddressUnprovenError) }]);
    expect(refusals().unprovenEnded).toBe(1);
  });

  test('an ack of something else is no proof, and that of a transmission is', () => {
    const blob = new Uint8Array(50_000);
    const network = new ForgedNetwork({}, (session) => session.next(blob));
    // Long enough for an answer of a whole datagram to leave room for challenges.
    const opener = push(0, 'x'.repeat(200));
    network.from(alice, opener);
    const { datagram } = network.sent.find(({ datagram }) => datagram[4] === PUSH) as { datagram: Uint8Array };
    const ts = new DataView(datagram.buffer).getInt32(8, true);
    network.from(alice, ack(0, ts + 1, 1));
    expect(network.leftFor(alice)).toBeLessThanOrEqual(network.allowedFor(alice));
    network.from(bob, opener);
    const other = network.sent.find(({ to, datagram }) => to.startsWith(bob.address) && datagram[4] === PUSH) as {
      datagram: Uint8Array;
    };
    network.from(bob, ack(0, new DataView(other.datagram.buffer).getInt32(8, true), 1));
    expect(network.leftFor(bob)).toBeGreaterThan(blob.length / 2);
    network.subscription.unsubscribe();
  });

  test('a whole datagram in answer to a tiny one waits for the proof, asks for it at once, and leaves when it is there', () => {
    const network = new ForgedNetwork({}, (session) => session.next(new Uint8Array(1376)));
    network.from(alice, push(0, 'x'));
    network.scheduler.run(1);
    const pushes = (): number[] =>
      network.sent.filter(({ datagram }) => datagram[4] === PUSH).map(({ datagram }) => datagram.length);
    expect(pushes()).toEqual([24]);
    network.from(alice, network.answerOf(alice));
    expect(pushes()).toEqual([24, 1400]);
    network.subscription.unsubscribe();
  });

  test('what was configured meanwhile counts when it is proven', () => {
    const network = new ForgedNetwork({ sendWindow: 100 }, (session) => {
      session.configure({ sendWindow: 7 });
    });
    network.from(alice, push(0, 'x'));
    network.scheduler.run(150);
    network.from(alice, network.answerOf(alice));
    expect(network.sessions[0]?.stats().sendWindow).toBe(7);
    network.subscription.unsubscribe();
  });
});

describe('a client of ours', () => {
  test.each(['limit', 'before-delivery'] as const)('that only sends proves its address, too (%s)', (validate) => {
    const scheduler = new VirtualScheduler();
    const network = memoryNetwork();
    const read: string[] = [];
    const server = listen({ link: network.hub, scheduler, validate }).subscribe((session) =>
      session.subscribe((message) => read.push(words(message))),
    );
    let client: Session | undefined;
    const connection = connect({ link: network.link(), scheduler }).subscribe((session) => {
      client = session;
      session.next(text('one'));
    });
    scheduler.run(40_000);
    client?.next(text('two'));
    scheduler.run(41_000);
    expect(read).toEqual(['one', 'two']);
    expect(refusals().unprovenEnded).toBe(0);
    expect(client?.stats().rto).toBeLessThan(1000);
    connection.unsubscribe();
    server.unsubscribe();
  });

  test('gets a greeting as soon as its first ack has come', () => {
    const scheduler = new VirtualScheduler();
    const network = memoryNetwork();
    const server = listen({ link: network.hub, scheduler }).subscribe((session) =>
      session.next(new Uint8Array(100_000)),
    );
    let greetedAt: number | undefined;
    const connection = connect({ link: network.link(), scheduler }).subscribe((session) => {
      session.subscribe(() => {
        greetedAt = scheduler.now();
      });
      session.next(text('hello'));
    });
    scheduler.run(1000);
    expect(greetedAt).toBeLessThan(100);
    connection.unsubscribe();
    server.unsubscribe();
  });
});

describe('before-delivery', () => {
  test('makes no session before an answer, and then delivers what came first', () => {
    const network = new ForgedNetwork({ validate: 'before-delivery' });
    network.from(alice, push(0, 'x'));
    network.scheduler.run(50);
    expect(network.sessions).toEqual([]);
    expect(network.leftFor(alice)).toBeLessThanOrEqual(25);
    network.from(alice, network.answerOf(alice));
    expect(network.messages).toEqual(['1:x']);
    network.subscription.unsubscribe();
  });

  test('takes no answer from another address, nor one of two minutes ago, nor for a conversation that has ended', () => {
    const network = new ForgedNetwork({ validate: 'before-delivery' });
    network.from(alice, push(0, 'x'));
    const answer = network.answerOf(alice);
    network.from(bob, push(0, 'x'), answer);
    expect(network.sessions).toEqual([]);
    network.from(alice, answer);
    expect(network.sessions.length).toBe(1);
    network.sessions[0]?.close();
    network.from(alice, push(0, 'x'), answer);
    expect(network.sessions.length).toBe(1);
    network.from(carol, push(0, 'x'));
    const old = network.answerOf(carol);
    network.scheduler.run(network.scheduler.now() + 120_000);
    network.from(carol, push(0, 'x'), old);
    expect(network.sessions.length).toBe(1);
    network.subscription.unsubscribe();
  });

  test('ends the replay of a conversation from ten thousand addresses: nothing is delivered, no session kept', () => {
    const network = new ForgedNetwork({ validate: 'before-delivery' });
    for (let i = 0; i < 10_000; i++) {
      const peer = { address: `10.2.${i >> 8}.${i & 255}`, port: 1 };
      network.from(peer, push(0, 'LOGIN'), push(1, 'PAY'), push(2, 'LOGOUT'), ack(-1, 12_345, 0));
      expect(network.leftFor(peer)).toBeLessThanOrEqual(24);
    }
    expect(network.messages).toEqual([]);
    expect(network.sessions).toEqual([]);
    network.subscription.unsubscribe();
  });
});

describe('under pressure', () => {
  test('an opener is answered by a challenge, nothing is kept, and the answer makes the session', () => {
    const network = new ForgedNetwork({ maxUnproven: 2 });
    for (let port = 1; port <= 100; port++) network.from({ ...bob, port }, push(0, 'x'));
    expect(network.sessions.length).toBe(2);
    network.from(alice, push(0, 'hello'));
    expect(network.sessions.length).toBe(2);
    network.from(alice, network.answerOf(alice));
    expect(network.sessions.length).toBe(3);
    // Its first segment is sent again.
    network.from(alice, push(0, 'hello'));
    expect(network.messages).toContain('3:hello');
    expect(refusals()).toMatchObject({ openersChallenged: 99, answers: 1 });
    network.subscription.unsubscribe();
  });

  test('the challenge is no longer than the opener', () => {
    const network = new ForgedNetwork({ maxUnproven: 0 });
    network.from(alice, push(0, 'x'));
    expect(network.leftFor(alice)).toBe(24);
    network.subscription.unsubscribe();
  });

  test('a forger does not guess an answer', () => {
    const network = new ForgedNetwork({ maxUnproven: 0 });
    network.from(alice, push(0, 'x'));
    for (let ts = 0; ts < 10_000; ts++) network.from(alice, ack(-1, ts * 429_496, 0));
    expect(network.sessions).toEqual([]);
    network.subscription.unsubscribe();
  });

  test('of many answers in one packet, only the last counts', () => {
    const network = new ForgedNetwork({ maxUnproven: 0 });
    network.from(alice, push(0, 'x'));
    const right = network.answerOf(alice);
    network.from(alice, Uint8Array.from([...right, ...ack(-1, 1, 0)]));
    expect(network.sessions).toEqual([]);
    network.from(alice, Uint8Array.from([...ack(-1, 1, 0), ...right]));
    expect(network.sessions.length).toBe(1);
    network.subscription.unsubscribe();
  });
});

describe('a full server', () => {
  test('ends the session that was unproven for longest, never a proven one', () => {
    const network = new ForgedNetwork({ maxSessions: 3 });
    network.from(alice, push(0, 'proven'));
    network.scheduler.run(150);
    network.from(alice, network.answerOf(alice));
    for (let port = 1; port <= 50; port++) network.from({ ...bob, port }, push(0, 'x'));
    expect(network.sessions.length).toBe(51);
    expect(network.sessions[0]?.closed).toBe(false);
    expect(network.sessions.filter(({ closed }) => !closed).length).toBe(3);
    expect(network.ends.every(({ error }) => error instanceof AddressUnprovenError)).toBe(true);
    network.subscription.unsubscribe();
  });

  test('refuses when all are proven', () => {
    const network = new ForgedNetwork({ maxSessions: 1 });
    network.from(alice, push(0, 'x'));
    network.scheduler.run(150);
    network.from(alice, network.answerOf(alice));
    network.from(bob, push(0, 'x'));
    expect(network.sessions.length).toBe(1);
    expect(refusals().openersRefused).toBe(1);
    network.subscription.unsubscribe();
  });

  test('takes so many new sessions a second from one network, and others meanwhile', () => {
    const network = new ForgedNetwork({ maxNewSessions: 10 });
    for (let host = 0; host < 50; host++) network.from({ address: `10.0.7.${host}`, port: 1 }, push(0, 'x'));
    expect(network.sessions.length).toBe(10);
    network.from(carol, push(0, 'x'));
    expect(network.sessions.length).toBe(11);
    network.scheduler.run(500);
    for (let host = 50; host < 100; host++) network.from({ address: `10.0.7.${host}`, port: 1 }, push(0, 'x'));
    expect(network.sessions.length).toBe(16);
    expect(refusals().openersLimited).toBe(85);
    network.subscription.unsubscribe();
  });
});

describe('what all sessions hold together', () => {
  test('is capped for what was received: the one that holds most ends', () => {
    const network = new ForgedNetwork({ maxReceiveBytes: 10_000 }, (session) => session.pause());
    network.from(bob, push(0, new Uint8Array(1000)));
    for (let sn = 0; sn < 20; sn++) network.from(alice, push(sn, new Uint8Array(1000)));
    expect(network.ends).toEqual([{ reason: 'failed', error: expect.any(ReceiveQueueFullError) }]);
    expect(network.sessions[0]?.closed).toBe(false);
    network.subscription.unsubscribe();
  });

  test('is capped for what is to be sent', () => {
    const network = new ForgedNetwork({ maxQueueBytes: 100_000, validate: 'off' });
    network.from(alice, push(0, 'x', { wnd: 0 }));
    network.from(bob, push(0, 'x', { wnd: 0 }));
    const [first, second] = network.sessions as [Session, Session];
    first.next(new Uint8Array(60_000));
    for (let i = 0; i < 70 && !second.closed; i++) second.next(new Uint8Array(1000));
    network.scheduler.run(20);
    second.next(new Uint8Array(1000));
    expect(first.closed).toBe(true);
    expect(second.closed).toBe(false);
    expect(network.ends).toEqual([{ reason: 'failed', error: expect.any(SendQueueFullError) }]);
    network.subscription.unsubscribe();
  });
});

describe('another conversation from the address of a living session', () => {
  test('ends nothing before its sender has answered', () => {
    const network = new ForgedNetwork();
    network.from(alice, push(0, 'old', { conv: 1 }));
    network.from(alice, push(0, 'forged', { conv: 2 }));
    network.scheduler.run(5000);
    network.from(alice, push(1, 'goes on', { conv: 1 }));
    expect(network.messages).toEqual(['1:old', '1:goes on']);
    network.from(alice, push(0, 'new', { conv: 3 }));
    network.from(alice, network.answerOf(alice));
    expect(network.messages).toEqual(['1:old', '1:goes on', '2:new']);
    expect(network.ends).toEqual([{ reason: 'peer' }]);
    network.subscription.unsubscribe();
  });
});

test.each([
  [{ validate: 'always' }, 'validate'],
  [{ takeover: 1 }, 'takeover'],
  [{ maxUnproven: -1 }, 'maxUnproven'],
  [{ maxNewSessions: 0 }, 'maxNewSessions'],
  [{ maxReceiveBytes: 0.5 }, 'maxReceiveBytes'],
  [{ maxQueueBytes: 0 }, 'maxQueueBytes'],
  [{ migrate: 1 }, 'migrate'],
  [{ migrate: true }, 'migrate'],
])('%o is refused by name', (options, option) => {
  const attempt = (): unknown => listen({ link: memoryNetwork().hub, ...options } as never);
  expect(attempt).toThrow(OptionError);
  expect(attempt).toThrow(option);
});
