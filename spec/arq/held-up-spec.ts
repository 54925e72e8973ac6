import { Subject } from 'rxjs';
import { arq } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import type { Burst } from '../../src/bytes/burst.ts';
import { ack, push, text } from '../support/marbles.ts';
import { StallingScheduler } from '../support/stalling-scheduler.ts';

/** A conversation with the first RTO of 200 ms, that has sent one message at 0, and when it sent anything. */
function conversation() {
  const scheduler = new StallingScheduler();
  const ends = arq({ conv: 1, scheduler, mode: { nodelay: true, interval: 10, resend: 2, nc: true } });
  const messages = new Subject<Uint8Array>();
  const packets = new Subject<Burst>();
  const sentAt: number[] = [];
  let over = false;
  messages.pipe(ends.transmit).subscribe({
    next: () => sentAt.push(scheduler.now()),
    error: () => {
      over = true;
    },
  });
  packets.pipe(ends.receive).subscribe({ error: () => {} });
  messages.next(text('hello'));
  const timeouts = (): number => ends.stats().retransmissions.timeout;
  return { scheduler, messages, packets, sentAt, timeouts, isOver: () => over };
}

describe('a process that was held up', () => {
  test('takes in what has come meanwhile before it takes a segment for lost', () => {
    const { scheduler, messages, packets, sentAt, timeouts } = conversation();
    scheduler.pass(190);
    scheduler.stall(60);
    // As an event loop does it: timers first, then what the socket has.
    scheduler.pass(0);
    messages.next(text('more'));
    packets.next([ack(0, 0, 1)]);
    packets.next([ack(1, 250, 2)]);
    scheduler.pass(10_000);
    expect(sentAt).toEqual([0, 250]);
    expect(timeouts()).toBe(0);
  });

  test('retransmits when nothing has come after as long again', () => {
    const { scheduler, sentAt } = conversation();
    scheduler.pass(150);
    scheduler.stall(80);
    scheduler.pass(400);
    // Due at 200, noticed at 230.
    expect(sentAt.slice(0, 2)).toEqual([0, 260]);
  });

  test('does not retransmit a ms before that, though it sends something else then', () => {
    const { scheduler, messages, sentAt, timeouts } = conversation();
    scheduler.pass(150);
    scheduler.stall(80);
    scheduler.pass(29);
    messages.next(text('more'));
    expect(sentAt).toEqual([0, 259]);
    expect(timeouts()).toBe(0);
    scheduler.pass(1);
    expect(timeouts()).toBe(1);
  });

  test('waits one RTO at most, however long it was held up', () => {
    const { scheduler, sentAt } = conversation();
    scheduler.pass(150);
    scheduler.stall(3_600_000);
    scheduler.pass(1000);
    expect(sentAt.slice(0, 2)).toEqual([0, 150 + 3_600_000 + 200]);
  });

  test('does not take its peer for dead for the time in which it could not hear it', () => {
    const { scheduler, messages, packets, sentAt, isOver } = conversation();
    scheduler.pass(150);
    scheduler.stall(3_600_000);
    scheduler.pass(0);
    expect(isOver()).toBe(false);
    packets.next([ack(0, 0, 1)]);
    messages.next(text('more'));
    // The first timer that is due is the one for the death.
    scheduler.stall(3_600_000);
    scheduler.pass(900);
    expect(isOver()).toBe(false);
    scheduler.pass(200);
    expect(isOver()).toBe(true);
    expect(sentAt.length).toBe(2);
  });

  test('takes in what has come before it takes a segment for lost, though it was held up before, when none was due', () => {
    const { scheduler, packets, timeouts } = conversation();
    packets.next([push(0, 'hello')]);
    // Its ack is due at 10.
    scheduler.stall(30);
    scheduler.pass(160);
    scheduler.stall(60);
    scheduler.pass(0);
    packets.next([ack(0, 0, 1)]);
    scheduler.pass(10_000);
    expect(timeouts()).toBe(0);
  });

  test('retransmits in time after weeks without a word, when it was held up at the last of them', () => {
    const { scheduler, messages, packets, timeouts } = conversation();
    packets.next([push(0, 'hello')]);
    scheduler.stall(30);
    scheduler.pass(0);
    packets.next([ack(0, 0, 1)]);
    // By then the clock of 32 bits takes what is past for what is to come.
    scheduler.pass(2 ** 31 + 1000);
    messages.next(text('more'));
    scheduler.pass(1000);
    expect(timeouts()).toBeGreaterThanOrEqual(2);
  });

  test('still retransmits when it is held up again and again', () => {
    const { scheduler, timeouts } = conversation();
    for (let i = 0; i < 50; i++) {
      scheduler.pass(1);
      scheduler.stall(49);
    }
    // 200 ms, 300, 450, 675, … after each other, and up to 100 ms each for the holding up.
    expect(timeouts()).toBeGreaterThanOrEqual(3);
  });

  test('retransmits for fast acks at once', () => {
    const { scheduler, messages, packets, sentAt, timeouts } = conversation();
    for (const more of ['a', 'b', 'c']) messages.next(text(more));
    scheduler.pass(150);
    scheduler.stall(80);
    packets.next([ack(1, 0, 0), ack(2, 0, 0), ack(3, 0, 0)]);
    expect(sentAt.at(-1)).toBe(230);
    expect(timeouts()).toBe(0);
  });

  test('is not one whose timers come within 5 ms', () => {
    const { scheduler, sentAt } = conversation();
    scheduler.pass(199);
    scheduler.stall(6);
    scheduler.pass(100);
    expect(sentAt.slice(0, 2)).toEqual([0, 205]);
  });

  test('still acknowledges what its peer repeats when it has overslept the end of its conversation', () => {
    const { scheduler, messages, packets, sentAt } = conversation();
    packets.next([ack(0, 0, 1), push(0, 'data', { una: 1 })]);
    scheduler.pass(20);
    messages.complete();
    const sent = sentAt.length;
    scheduler.stall(10_000);
    // The timer first, then what the socket has.
    scheduler.pass(0);
    packets.next([push(0, 'data', { una: 1 })]);
    expect(sentAt.length).toBe(sent + 1);
    expect(sentAt.at(-1)).toBe(10_020);
    scheduler.pass(20_000);
    packets.next([push(0, 'data', { una: 1 })]);
    expect(sentAt.length).toBe(sent + 1);
  });
});
