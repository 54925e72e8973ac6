// The congestion window (cwnd), with `nc: false`: how many segments may be in flight, as long as acks come, and when
// they do not. Segments are 26 bytes here (MTU 50); the message has forty.
//
// cwnd grows with each packet that moves una: by one below ssthresh (slow start); then by about one a window (congestion
// avoidance), by way of `incr`, the window in bytes: incr += 26·26/incr + 26/16, rounded down.

import { describe, expect, test } from 'vitest';
import { ack } from '../support/marbles.ts';
import { timeline } from '../support/timeline.ts';

const reno = { mtu: 50, mode: { nodelay: true, interval: 10, resend: 2, nc: false } } as const;
const message = 'x'.repeat(26 * 40);
const pushes = (...sns: number[]): string => sns.map((sn) => `PUSH sn=${sn}`).join(' | ');

/** Acknowledges everything up to and including `sn`, which was sent at `ts`. */
const upTo = (sn: number, ts: number): Uint8Array => ack(sn, ts, sn + 1);

const growing = {
  options: reno,
  messages: 'a',
  values: {
    a: message,
    ...{ p: pushes(0), q: pushes(1, 2), r: pushes(3, 4), s: pushes(5, 6), t: pushes(7, 8, 9, 10) },
    ...{ 1: upTo(0, 0), 2: upTo(2, 10), 3: upTo(4, 20), 4: upTo(6, 30) },
  },
} as const;

describe('the congestion window', () => {
  test('begins with one segment, and grows by one with an ack in slow start, which ends at two; then by one a window', () =>
    timeline({
      ...growing,
      packets: ' ----------1---------2---------3---------4',
      sent: '    p---------q---------r---------s---------t',
      doing: {
        5: (end) => expect(end.stats()).toMatchObject({ cwnd: 1, ssthresh: 2 }),
        15: (end) => expect(end.stats()).toMatchObject({ cwnd: 2, ssthresh: 2 }),
        // incr: 52, then 52 + 13 + 1, then 66 + 10 + 1: not yet three segments of 26 bytes.
        35: (end) => expect(end.stats()).toMatchObject({ cwnd: 2, ssthresh: 2 }),
        // Then 77 + 8 + 1 = 86: three and something, rounded up.
        45: (end) => expect(end.stats()).toMatchObject({ cwnd: 4, ssthresh: 2 }),
      },
      until: 50,
    }));

  test('grows no further than the window of the peer', () =>
    timeline({
      ...growing,
      packets: ' ----------1---------2---------3---------4',
      sent: '    p---------q---------r---------s---------t',
      values: {
        ...growing.values,
        ...{ 4: ack(6, 30, 7, { wnd: 3 }), t: pushes(7, 8, 9) },
      },
      doing: { 45: (end) => expect(end.stats()).toMatchObject({ cwnd: 3 }) },
      until: 50,
    }));

  test('after a fast retransmission is half of what was in flight, at least two, and `resend` more', () =>
    timeline({
      ...growing,
      // Segment 7 is missing.
      packets: ' ----------1---------2---------3---------4---------89',
      sent: '    p---------q---------r---------s---------t----------u',
      values: { ...growing.values, 8: ack(8, 40, 7), 9: ack(9, 40, 7), u: pushes(7) },
      doing: {
        50: (end) => expect(end.stats()).toMatchObject({ cwnd: 4, inFlight: 4 }),
        52: (end) => expect(end.stats()).toMatchObject({ cwnd: 2 + 2, ssthresh: 2 }),
      },
      until: 55,
    }));

  test('after a timeout is one, and slow start goes on to half of what it was', () =>
    timeline({
      ...growing,
      packets: ' ----------1---------2---------3---------4',
      sent: '    p---------q---------r---------s---------t 29ms u',
      values: { ...growing.values, u: pushes(7, 8, 9, 10) },
      doing: {
        60: (end) => expect(end.stats()).toMatchObject({ cwnd: 4, rto: 30 }),
        71: (end) => expect(end.stats()).toMatchObject({ cwnd: 1, ssthresh: 2 }),
      },
      until: 75,
    }));

  test('does not count with nc', () =>
    timeline({
      options: { mtu: 50 },
      messages: 'a',
      sent: '    p',
      values: { a: message, p: pushes(...Array(32).keys()) },
      until: 20,
    }));
});
