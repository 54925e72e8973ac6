// One end without I/O: windows, numbers, acknowledgments, and what a store has to know first.

import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type ResumeFrame } from '../../../src/core/resume/frame.ts';
import { ResumeEnd } from '../../../src/core/resume/resume-end.ts';
import { type ResumeCoreOptions, resumeSettings } from '../../../src/core/resume/settings.ts';

const peer = { received: 0, windowMessages: 1000, windowBytes: 100_000 };

function end(options: ResumeCoreOptions = {}, isJournaled = false): ResumeEnd {
  return new ResumeEnd(resumeSettings(options), isJournaled);
}

/** The frames that leave now. */
function frames(of: ResumeEnd, now = 0): ResumeFrame[] {
  const left: ResumeFrame[] = [];
  for (let frame = of.next(now); frame; frame = of.next(now)) left.push(decodeFrame(frame));
  return left;
}

const numbers = (of: ResumeFrame[]): number[] => of.flatMap((frame) => (frame.kind === 'data' ? [frame.number] : []));
const message = (length = 1): Uint8Array => new Uint8Array(length).fill(7);
const data = (number: number, length = 1, ack = 0): Uint8Array =>
  encodeFrame({ kind: 'data', number, ack, payload: message(length) });
const violating = expect.objectContaining({ kind: 'violation' });

describe('what is sent', () => {
  test('leaves in order, as far as the window goes, in messages and in bytes', () => {
    const one = end();
    for (let i = 0; i < 5; i++) one.write(message(10));
    expect(frames(one)).toEqual([]);
    one.attach({ ...peer, windowMessages: 2 });
    expect(numbers(frames(one))).toEqual([1, 2]);
    one.input(encodeFrame({ kind: 'ack', ack: 1 }));
    expect(numbers(frames(one))).toEqual([3]);
    one.detach();
    // The next window is one of bytes. One message may always be sent.
    one.attach({ received: 1, windowMessages: 100, windowBytes: 5 });
    expect(numbers(frames(one))).toEqual([2]);
    one.detach();
    one.attach({ received: 2, windowMessages: 100, windowBytes: 25 });
    expect(numbers(frames(one))).toEqual([3, 4]);
    expect([one.outgoing.waiting, one.outgoing.bytes, one.outgoing.congested]).toEqual([3, 30, true]);
  });

  test('has room as its caps say', () => {
    const one = end({ maxMessages: 3, maxBytes: 25 });
    expect(one.write(message(100))).toBe(1);
    expect(() => one.write(message(1))).toThrow(expect.objectContaining({ kind: 'cap' }));
    one.attach({ ...peer, received: 0 });
    frames(one);
    one.input(encodeFrame({ kind: 'ack', ack: 1 }));
    for (let i = 0; i < 2; i++) one.write(message(12));
    expect(() => one.write(message(2))).toThrow(/maxBytes/);
    one.write(message(1));
    expect(() => one.write(message(1))).toThrow(/maxMessages/);
  });

  test('waits for the store, if there is one; so do acknowledgments', () => {
    const one = end({ ackDelay: 0 }, true);
    one.attach(peer);
    one.write(message());
    one.write(message());
    expect(frames(one)).toEqual([]);
    expect(one.outgoing.congested).toBe(true);
    one.markStored(1, 0, 0);
    expect(numbers(frames(one))).toEqual([1]);
    one.input(data(1));
    one.read();
    one.consume(0);
    expect(frames(one)).toEqual([]);
    one.markStored(2, 1, 0);
    expect(frames(one)).toEqual([{ kind: 'data', number: 2, ack: 1, payload: message() }]);
  });

  test('cannot be acknowledged before it has left', () => {
    const one = end();
    one.write(message());
    one.attach({ ...peer, windowMessages: 1 });
    expect(() => one.input(encodeFrame({ kind: 'ack', ack: 1 }))).toThrow(violating);
    frames(one);
    one.input(encodeFrame({ kind: 'ack', ack: 1 }));
    // An older one, and the same again, are nothing.
    one.input(encodeFrame({ kind: 'ack', ack: 0 }));
    one.input(encodeFrame({ kind: 'ack', ack: 1 }));
    expect(one.outgoing.waiting).toBe(0);
  });

  test('can be continued from what was not acknowledged, and from nowhere else', () => {
    const one = end();
    for (let i = 0; i < 5; i++) one.write(message());
    one.attach(peer);
    frames(one);
    one.input(encodeFrame({ kind: 'ack', ack: 2 }));
    expect([1, 2, 3, 5, 6].map((received) => one.canResumeFrom(received))).toEqual([false, true, true, true, false]);
  });

  test('is what another end has left', () => {
    const record = { acked: 7, received: 3, isFinished: true, isPeerFinished: false };
    const one = new ResumeEnd(resumeSettings(), true, record, [message(1), message(2), message(0)]);
    one.attach({ ...peer, received: 8 });
    expect(frames(one)).toMatchObject([
      { number: 9, ack: 3, payload: message(2) },
      { number: 10, ack: 3, payload: message(0) },
    ]);
    one.input(data(4));
    expect(one.read()).toEqual(message());
    expect(one.outgoing.isFinished).toBe(true);
    one.input(encodeFrame({ kind: 'ack', ack: 9 }));
    expect(one.outgoing.isDelivered).toBe(true);
  });
});

describe('what arrives', () => {
  test('is read once, in order; a gap is a violation', () => {
    const one = end();
    one.attach(peer);
    one.input(data(1));
    one.input(data(1));
    one.input(data(2, 2));
    expect(() => one.input(data(4))).toThrow(violating);
    expect([one.read()?.length, one.read()?.length, one.read()]).toEqual([1, 2, undefined]);
  });

  test('is a copy, which is the reader’s', () => {
    const one = end();
    one.attach(peer);
    const frame = data(1);
    one.input(frame);
    frame.fill(0);
    const read = one.read() as Uint8Array;
    expect(read).toEqual(message());
    expect(read.buffer.byteLength).toBe(1);
  });

  test('is refused if it is more than the window, or larger than a message may be', () => {
    const few = end({ windowMessages: 2 });
    few.attach(peer);
    few.input(data(1));
    few.input(data(2));
    expect(() => few.input(data(3))).toThrow(violating);
    const small = end({ windowBytes: 100, maxMessageSize: 200 });
    small.attach(peer);
    small.input(data(1, 150));
    expect(() => small.input(data(2, 1))).toThrow(violating);
    small.read();
    expect(() => small.input(data(2, 201))).toThrow(violating);
    small.input(data(2, 200));
  });

  test('ends with an empty message, behind which there is none', () => {
    const one = end();
    one.attach(peer);
    one.input(data(1));
    one.input(data(2, 0));
    expect([one.incoming.isFinished, one.incoming.isRead]).toEqual([true, false]);
    one.input(data(2, 0));
    expect(() => one.input(data(3))).toThrow(violating);
    one.read();
    one.consume(0);
    expect([one.incoming.isRead, one.incoming.consumed]).toEqual([true, 2]);
    // The end is acknowledged at once.
    expect(frames(one)).toEqual([{ kind: 'ack', ack: 2 }]);
  });

  test('is acknowledged after ackDelay, at once when a quarter of the window is full, and when it was consumed', () => {
    const one = end({ ackDelay: 20, windowMessages: 8, windowBytes: 4000 });
    one.attach(peer);
    one.input(data(1));
    one.read();
    expect([one.nextTimeout(0), frames(one, 100)]).toEqual([undefined, []]);
    expect(one.consume(100)).toBe(true);
    expect(one.consume(100)).toBe(false);
    expect([one.nextTimeout(110), frames(one, 119)]).toEqual([10, []]);
    expect(frames(one, 120)).toEqual([{ kind: 'ack', ack: 1 }]);
    for (const [from, length] of [
      [2, 1],
      [4, 500],
    ] as const) {
      one.input(data(from, length));
      one.input(data(from + 1, length));
      one.read();
      one.read();
      one.consume(200);
      expect(frames(one, 200)).toEqual([{ kind: 'ack', ack: from + 1 }]);
    }
    expect(one.nextTimeout(200)).toBeUndefined();
  });

  test('after a hello or a welcome, another one is a violation', () => {
    const one = end();
    one.attach(peer);
    const hello = encodeFrame({ kind: 'hello', id: new Uint8Array(16), epoch: 0, secret: undefined, ...peer });
    expect(() => one.input(hello)).toThrow(violating);
  });
});
