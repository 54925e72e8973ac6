// The control block where a timeline does not reach: a reader that takes one message and stops, a peer that makes things up.

import { MODES } from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { ControlBlock } from '../../../src/core/kcp/control-block.ts';
import { Counters } from '../../../src/counters/counters.ts';
import { packet, push, text, timedLabel, wins, words } from '../../support/marbles.ts';

const WINDOW = 2;

function makeBlock(): ControlBlock {
  return new ControlBlock({
    ...MODES.fast3,
    conv: 1,
    now: 0,
    counters: new Counters(),
    sendWindow: 32,
    receiveWindow: WINDOW,
    mtu: 1400,
    stream: false,
    ackNoDelay: false,
    deadLink: 20,
    idleTimeout: 0,
  });
}

test('a read that leaves the window as full as it was tells the peer nothing; one that opens it does', () => {
  const block = makeBlock();
  // The last of them lies beyond the window, and moves up when the first is read.
  for (const sn of [0, 1, 2]) block.input(push(sn, `${sn}`), 1);
  block.tick(10);
  expect(block.receiving.unread).toBe(WINDOW);
  block.takeBurst();
  block.read(11);
  expect(block.receiving.unread).toBe(WINDOW);
  expect(block.nextTimeout(11)).toBeUndefined();
  block.tick(20);
  expect(block.takeBurst()).toEqual([]);
  block.read(21);
  block.tick(30);
  expect(block.takeBurst().map(timedLabel)).toEqual(['WINS sn=0 frg=0 una=3 wnd=1 ts=0 len=0']);
});

test('a message lies in a buffer of its own, whatever it came in', () => {
  const block = makeBlock();
  const packet = push(0, 'hello');
  block.input(packet, 1);
  const message = block.read(2);
  expect(message?.buffer).not.toBe(packet.buffer);
  expect([message?.byteOffset, message?.buffer.byteLength]).toEqual([0, 5]);
});

describe('what was admitted to the window but never sent', () => {
  /** One message that a flush of acks alone has admitted, and not sent. */
  function admitted(): ControlBlock {
    const block = makeBlock();
    block.input(wins(0), 0);
    block.send(text('secret'), 1);
    block.flush(1, true);
    block.input(packet(...Array.from({ length: 58 }, () => ({ sn: 0, wnd: 100 }))), 2);
    block.flushAfterInput(2);
    expect(block.sending).toMatchObject({ inFlight: 1, unsent: 1, unsentBytes: 6 });
    block.takeBurst();
    return block;
  }

  test('is done with when the peer says in una that it has it: nothing is sent or waited for in its place', () => {
    const block = admitted();
    block.input(wins(100, { una: 1 }), 3);
    block.flush(4, true);
    expect(block.takeBurst()).toEqual([]);
    expect(block.drained).toBe(true);
    expect(block.nextTimeout(4)).toBeUndefined();
    block.send(text('next'), 5);
    block.flush(5, true);
    expect(block.takeBurst().map(timedLabel)).toEqual(['PUSH sn=1 frg=0 una=1 wnd=1 ts=5 len=4']);
  });

  test('takes up no room of the queue any more after that', () => {
    const block = admitted();
    block.input(wins(100, { una: 1 }), 3);
    expect(block.sending.unsentBytes).toBe(0);
  });
});

describe('when a whole window times out at once', () => {
  /** A hundred segments on their way, the peer heard at 0 and silent since. */
  function sent(): ControlBlock {
    const block = makeBlock();
    block.configure({ sendWindow: 100 }, 0);
    block.input(wins(100), 0);
    for (let sn = 0; sn < 100; sn++) block.send(text(`${sn}`), 0);
    block.flush(0, true);
    block.takeBurst();
    return block;
  }

  const timeout = 200;
  const numbers = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

  /** The sn of each segment in the packets that were written. */
  function taken(block: ControlBlock): number[] {
    const labels = block.takeBurst().map(timedLabel).join(' ');
    return [...labels.matchAll(/PUSH sn=(\d+)/g)].map(([, sn]) => Number(sn));
  }

  test('the first 64 are sent again, and the others an interval later', () => {
    const block = sent();
    block.tick(timeout);
    expect(taken(block)).toEqual(numbers(0, 64));
    expect(block.nextTimeout(timeout)).toBe(10);
    block.tick(timeout + 10);
    expect(taken(block)).toEqual(numbers(64, 36));
  });

  test('an ack of them all has nothing more sent', () => {
    const block = sent();
    block.tick(timeout);
    block.takeBurst();
    block.input(wins(100, { una: 100 }), timeout + 1);
    block.flushAfterInput(timeout + 1);
    expect(block.takeBurst()).toEqual([]);
    expect(block.nextTimeout(timeout + 1)).toBeUndefined();
  });
});

test('rings that one conversation has emptied serve another one, and neither gets what is of the other', () => {
  const conversations = [0, 1].map(() => [makeBlock(), makeBlock()] as const);
  for (const [sender, receiver] of conversations) {
    sender.configure({ sendWindow: 256 }, 0);
    receiver.configure({ receiveWindow: 256 }, 0);
    sender.input(wins(256), 0);
  }
  for (let now = 1; now < 8; now++) {
    for (const [index, [sender, receiver]] of conversations.entries()) {
      for (let i = 0; i < 200; i++) sender.send(text(`${index} ${now} ${i}`), now);
      sender.flush(now, true);
      for (const packet of sender.takeBurst()) receiver.input(packet, now);
      const messages = numbersOf(200, () => words(receiver.read(now) ?? new Uint8Array(0)));
      expect(messages).toEqual(numbersOf(200, (i) => `${index} ${now} ${i}`));
      receiver.flush(now, true);
      for (const packet of receiver.takeBurst()) sender.input(packet, now);
      expect(sender.drained).toBe(true);
    }
  }
});

function numbersOf<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
