import { map, Subject, take, takeUntil } from 'rxjs';
import {
  connect,
  memoryPair,
  none,
  OptionError,
  type Session,
  TRACE_INPUT,
  TRACE_OUTPUT,
  type TraceEvent,
} from 'rxkcp';
import { type Arq, arq, RecoveredPacket } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import type { Burst } from '../../src/bytes/burst.ts';
import { ack, packet, push, testScheduler, text, wask, wins } from '../support/marbles.ts';
import { open } from '../support/sessions.ts';

/** A conversation fed by hand on a clock that a test moves: 1, at 5000 ms. */
function byHand(options: Parameters<typeof arq>[0] = {}) {
  const scheduler = testScheduler();
  scheduler.frame = 5000;
  const conversation: Arq = arq({ conv: 1, scheduler, mode: 'fast3', ...options });
  const packets = new Subject<Burst>();
  const messages = new Subject<Uint8Array | Uint8Array[]>();
  const sent: Burst[] = [];
  const ends: string[] = [];
  messages
    .pipe(conversation.transmit)
    .subscribe({ next: (burst) => sent.push(burst), error: () => ends.push('failed') });
  packets.pipe(conversation.receive).subscribe({ error: () => ends.push('failed') });
  return { scheduler, conversation, packets, messages, sent, ends };
}

function eventsOf(conversation: Arq): TraceEvent[] {
  const events: TraceEvent[] = [];
  conversation.trace$().subscribe((event) => events.push(event));
  return events;
}

const kindsOf = (events: readonly TraceEvent[]): string => events.map(({ kind }) => kind).join(' ');

describe('the trace of a conversation', () => {
  test('tells of a message sent: handed over, written, put out', () => {
    const { conversation, messages } = byHand();
    const events = eventsOf(conversation);
    messages.next(text('hello'));
    expect(events).toEqual([
      { kind: 'send', conv: 1, stream: false, datalen: 5 },
      { kind: 'out-push', conv: 1, sn: 0, frg: 0, una: 0, ts: 5000, xmit: 1, datalen: 5 },
      { kind: 'output', conv: 1, datalen: 29 },
    ]);
  });

  test('tells of a message received: its segment, what became of it, the reading, the ack', () => {
    const { conversation, packets } = byHand({ ackNoDelay: true });
    const events = eventsOf(conversation);
    packets.next([push(0, 'hello', { ts: 77, wnd: 99 })]);
    expect(events).toEqual([
      { kind: 'input', conv: 1, cmd: 81, frg: 0, wnd: 99, ts: 77, sn: 0, una: 0, len: 5, datalen: 5 },
      { kind: 'in-push', conv: 1, sn: 0, una: 0, ts: 77, packettype: 'regular', repeat: false },
      { kind: 'recv', conv: 1, stream: false, sn: 0, ts: 77, datalen: 5 },
      { kind: 'out-ack', conv: 1, sn: 0, una: 1, wnd: 128, ts: 77 },
      { kind: 'output', conv: 1, datalen: 24 },
    ]);
  });

  test('names the last segment of a message of several, and all its bytes', () => {
    const { conversation, packets } = byHand();
    const events: TraceEvent[] = [];
    conversation.trace$('recv').subscribe((event) => events.push(event));
    packets.next([push(0, 'hel', { frg: 1, ts: 7 }), push(1, 'lo', { ts: 8 })]);
    expect(events).toEqual([{ kind: 'recv', conv: 1, stream: false, sn: 1, ts: 8, datalen: 5 }]);
  });

  test('tells repeats from news, and what FEC rebuilt from what came by itself', () => {
    const { conversation, packets } = byHand();
    const events: TraceEvent<'in-push'>[] = [];
    conversation.trace$('in-push').subscribe((event) => events.push(event));
    const rebuilt = new RecoveredPacket(push(1, 'b'));
    packets.next([push(0, 'a'), push(0, 'a'), rebuilt, push(5000, 'far')]);
    expect(events.map(({ sn, packettype, repeat }) => [sn, packettype, repeat])).toEqual([
      [0, 'regular', false],
      [0, 'regular', true],
      [1, 'fec', false],
      [5000, 'regular', true],
    ]);
  });

  test('tells of acks with the timeout that was in force, and of windows asked for and told', () => {
    const { scheduler, conversation, packets, messages } = byHand();
    messages.next(text('hello'));
    scheduler.frame = 5040;
    const events = eventsOf(conversation);
    packets.next([packet({ cmd: 82, sn: 0, ts: 5000, una: 1, wnd: 0 }), wins(9, { ts: 3 }), wask({ ts: 4, wnd: 8 })]);
    expect(events.filter(({ kind }) => kind !== 'input')).toEqual([
      { kind: 'in-ack', conv: 1, sn: 0, una: 1, ts: 5000, rto: 200 },
      { kind: 'in-wins', conv: 1, wnd: 9, ts: 3 },
      { kind: 'in-wask', conv: 1, wnd: 8, ts: 4 },
      { kind: 'out-wins', conv: 1, sn: 0, una: 0, wnd: 128, ts: 0 },
      { kind: 'output', conv: 1, datalen: 24 },
    ]);
    expect(conversation.stats().rto).toBeLessThan(200);
  });

  test('tells of each transmission with its number, and of the question for a window that is shut', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable }) => {
      const conversation = arq({ conv: 1, scheduler, mode: 'fast3' });
      const until = cold('900ms x');
      cold('-a', { a: text('hello') })
        .pipe(conversation.transmit, takeUntil(until))
        .subscribe();
      cold('250ms w', { w: [wins(0)] })
        .pipe(conversation.receive, takeUntil(until))
        .subscribe();
      const pushes = conversation
        .trace$('out-push', 'out-wask')
        .pipe(map((event) => (event.kind === 'out-push' ? event.xmit : event.kind)));
      expectObservable(pushes, '900ms !').toBe('-1 199ms 2 299ms 3 249ms w', { 1: 1, 2: 2, 3: 3, w: 'out-wask' });
    });
  });

  test('shows what is malformed, up to where it went wrong, and nothing of strangers', () => {
    const { conversation, packets } = byHand();
    const events = eventsOf(conversation);
    packets.next([packet({ cmd: 80 }), push(0, 'of another', { conv: 2 }), push(0, 'cut').subarray(0, 25)]);
    expect(kindsOf(events)).toBe('input input');
    expect(events).toMatchObject([{ cmd: 80 }, { len: 3, datalen: 1 }]);
  });

  test('writes numbers above 2^31 as they are', () => {
    const { conversation, packets } = byHand({ conv: 0xffff_fffe });
    const events = eventsOf(conversation);
    packets.next([ack(0xffff_fffd, 0xffff_fff0, 0xffff_ffff, { conv: 0xffff_fffe })]);
    expect(events[1]).toEqual({
      kind: 'in-ack',
      conv: 0xffff_fffe,
      sn: 0xffff_fffd,
      una: 0xffff_ffff,
      ts: 0xffff_fff0,
      rto: 200,
    });
  });
});

describe('listening to the trace', () => {
  test('is for the kinds that are asked for', () => {
    const { conversation, messages, packets } = byHand({ ackNoDelay: true });
    const out: TraceEvent[] = [];
    const into: TraceEvent[] = [];
    conversation.trace$(...TRACE_OUTPUT).subscribe((event) => out.push(event));
    conversation.trace$(...TRACE_INPUT).subscribe((event) => into.push(event));
    messages.next(text('a'));
    packets.next([push(0, 'b')]);
    expect(kindsOf(out)).toBe('out-push output out-ack output');
    expect(kindsOf(into)).toBe('input in-push');
    expect(() => conversation.trace$('outpush' as 'output')).toThrow(OptionError);
  });

  test('may come and go: each hears what happens while it listens', () => {
    const { conversation, messages } = byHand();
    messages.next(text('unheard'));
    const first: TraceEvent[] = [];
    const second: TraceEvent[] = [];
    const listener = conversation.trace$('send').subscribe((event) => first.push(event));
    messages.next(text('1'));
    conversation
      .trace$('send')
      .pipe(take(1))
      .subscribe((event) => second.push(event));
    messages.next(text('22'));
    messages.next(text('333'));
    listener.unsubscribe();
    messages.next(text('unheard'));
    expect(first).toMatchObject([{ datalen: 1 }, { datalen: 2 }, { datalen: 3 }]);
    expect(second).toMatchObject([{ datalen: 2 }]);
  });

  test('hears nothing old after all others had left in the middle of it', () => {
    const { conversation, packets, messages } = byHand();
    packets.next([wins(128)]);
    const late: TraceEvent[] = [];
    const listener = conversation.trace$().subscribe(() => {
      listener.unsubscribe();
      conversation.trace$().subscribe((event) => late.push(event));
    });
    messages.next(text('1'));
    expect(kindsOf(late)).toBe('output');
    messages.next(text('22'));
    expect(kindsOf(late)).toBe('output send out-push output');
  });

  test('may send, and close, out of an event: nothing is lost, and all is heard in order', () => {
    const { conversation, packets, messages, sent } = byHand();
    packets.next([wins(128)]);
    const kinds: string[] = [];
    conversation.trace$().subscribe((event) => {
      if (event.kind === 'out-push' && event.sn < 2) messages.next(text('again'));
      if (event.kind === 'out-push' && event.sn === 2) conversation.close();
    });
    conversation.trace$().subscribe({ next: ({ kind }) => kinds.push(kind), complete: () => kinds.push('|') });
    messages.next(text('hello'));
    expect(sent.map((burst) => burst.length)).toEqual([3]);
    expect(kinds.join(' ')).toBe('send out-push send out-push send out-push output |');
  });

  test('may call back while the last flush is told of', () => {
    const { conversation, messages } = byHand({ writeDelay: true });
    const kinds: string[] = [];
    conversation.trace$('out-push', 'output').subscribe({
      next: ({ kind }) => {
        kinds.push(kind);
        conversation.kick();
      },
      complete: () => kinds.push('|'),
    });
    messages.next(text('a'));
    messages.next(text('b'));
    conversation.close();
    expect(kinds.join(' ')).toBe('out-push out-push output |');
  });

  test('ends with the conversation, and at once after that', () => {
    const { conversation } = byHand();
    const ends: string[] = [];
    conversation.trace$().subscribe({ complete: () => ends.push('|') });
    conversation.fail(new Error('boom'));
    conversation.trace$().subscribe({ complete: () => ends.push('late |') });
    expect(ends).toEqual(['|', 'late |']);
  });
});

describe('the trace of a session', () => {
  test('counts datagrams as they leave, with all that the layers below add', () => {
    const [left, right] = memoryPair();
    const bytes: number[] = [];
    left.incoming.subscribe((burst) => bytes.push(burst.reduce((sum, { length }) => sum + length, 0)));
    const session = open(right, { cipher: none(), fec: { data: 1, parity: 1 }, duplicates: 1 });
    const events: TraceEvent[] = [];
    session.trace$('output').subscribe((event) => events.push(event));
    session.next(text('hello'));
    session.sendOob(text('x'));
    session.next(text('hello'));
    // Data twice, and for its neighbour in time parity once. (The second message has the unanswered first one with it.)
    expect(bytes).toEqual([2 * (20 + 8 + 29), 2 * (20 + 8 + 4 + 1), 3 * (20 + 8 + 29 + 29)]);
    expect(events).toEqual(bytes.map((datalen) => ({ kind: 'output', conv: 1, datalen })));
  });

  test('has each thing once, in order, and ends with the session', () => {
    const [left, right] = memoryPair();
    const session = open(left);
    open(right).subscribe();
    const kinds: string[] = [];
    session.trace$().subscribe({ next: ({ kind }) => kinds.push(kind), complete: () => kinds.push('|') });
    session.next(text('hello'));
    session.close();
    expect(kinds.join(' ')).toBe('send out-push output |');
  });

  test('lets a listener send on the session it listens to', () => {
    const [left, right] = memoryPair();
    let session: Session | undefined;
    connect({ link: left, conv: 1 }).subscribe((opened) => {
      session = opened;
    });
    right.outgoing.next([wins(128)]);
    const sizes: number[] = [];
    right.incoming.subscribe((burst) => sizes.push(...burst.map(({ length }) => length)));
    session
      ?.trace$('output')
      .pipe(take(2))
      .subscribe(() => session?.next(text('more')));
    session?.next(text('first'));
    expect(sizes).toEqual([29, 28, 28]);
  });
});
