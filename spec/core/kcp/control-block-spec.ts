// The control block where a timeline does not reach: a reader that takes one message and stops, a peer that makes things up.

import { MODES } from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { ControlBlock } from '../../../src/core/kcp/control-block.ts';
import { Counters } from '../../../src/counters/counters.ts';
import { packet, push, text, timedLabel, wins } from '../../support/marbles.ts';

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
    expect(block.sending).toMatchObject({ inFlight: 1, hasUnsent: true, unsentBytes: 6 });
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
