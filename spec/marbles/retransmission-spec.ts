// How a loss is noticed before its timeout: by acks of what was sent later.
//
// The peer has said `w` first, so that no packet repeats the first segment.

import { describe, expect, test } from 'vitest';
import { ack, wins } from '../support/marbles.ts';
import { timeline } from '../support/timeline.ts';

const modes = { nodelay: true, interval: 10, nc: true };
const values = {
  ...{ a: 'a', b: 'b', c: 'c', d: 'd', e: 'e', w: wins(128) },
  ...{ p: 'PUSH sn=0', q: 'PUSH sn=1', r: 'PUSH sn=2', s: 'PUSH sn=3', t: 'PUSH sn=4' },
  // Acks of segments 1 to 4, which were sent at ms 2 to 5; 0 is missing.
  ...{ 1: ack(1, 2, 0), 2: ack(2, 3, 0), 3: ack(3, 4, 0), 4: ack(4, 5, 0) },
};

describe('a segment is sent again', () => {
  test('as soon as two later ones were acknowledged, with resend 2', () =>
    timeline({
      messages: '-abc',
      packets: ' w       50ms 12',
      sent: '    -pqr    48ms p',
      values,
      doing: { 140: (end) => expect(end.stats().retransmissions).toEqual({ fast: 1, early: 0, timeout: 0 }) },
      until: 150,
    }));

  test('as soon as one was, with resend 1', () =>
    timeline({
      options: { mode: { ...modes, resend: 1 } },
      messages: '-abc',
      packets: ' w       50ms 1',
      sent: '    -pqr    47ms p',
      values,
      until: 150,
    }));

  test('once more when two after it have been acknowledged, while few are in flight: each counts half', () =>
    timeline({
      messages: '-abcde',
      packets: ' w       50ms 1234',
      // Two halves make one: what has been counted once goes with the next flush, as there is nothing new to send.
      sent: '    -pqrst  46ms p 7ms p',
      values,
      until: 130,
    }));

  test('but with more than 64 in flight only when what was sent after it has been acknowledged', () =>
    timeline({
      // Segments of 26 bytes, 70 of them.
      options: { mtu: 50 },
      messages: '-x       58ms  y',
      packets: ' w  50ms f 18ms g  39ms n',
      sent: '    -o 49ms p 8ms  q 49ms  r',
      values: {
        ...values,
        x: new Uint8Array(70 * 26),
        y: new Uint8Array(2 * 26),
        o: Array.from({ length: 70 }, (_, sn) => `PUSH sn=${sn}`).join(' | '),
        p: 'PUSH sn=0',
        q: 'PUSH sn=70 | PUSH sn=71',
        // And all others that are still missing.
        r: [0, ...Array.from({ length: 61 }, (_, i) => i + 9)].map((sn) => `PUSH sn=${sn}`).join(' | '),
        f: [1, 2, 3, 4].map((sn) => ack(sn, 1, 0)),
        g: [5, 6, 7, 8].map((sn) => ack(sn, 1, 0)),
        n: [70, 71].map((sn) => ack(sn, 60, 0)),
      },
      until: 115,
    }));

  test('at the next flush when one later was acknowledged and nothing new is to be sent', () =>
    timeline({
      messages: '-abc',
      packets: ' w       50ms 1',
      sent: '    -pqr    56ms p',
      values,
      doing: { 140: (end) => expect(end.stats().retransmissions).toEqual({ fast: 0, early: 1, timeout: 0 }) },
      until: 150,
    }));

  test('so early not even then, if something new is: what comes next may yet tell', () =>
    timeline({
      options: { writeDelay: true },
      messages: '-ab      52ms c',
      packets: ' w        50ms k',
      sent: '    ----------p 49ms r---------q',
      values: { ...values, k: ack(1, 10, 0), p: 'PUSH sn=0, PUSH sn=1', r: 'PUSH sn=2', q: 'PUSH sn=0' },
      until: 150,
    }));

  test('at once when any later one was, with resend 0: never fast, but early, with the flush that the ack asks for', () =>
    timeline({
      options: { mode: { ...modes, resend: 0 } },
      messages: '-abc',
      packets: ' w       50ms 1',
      sent: '    -pqr    47ms p',
      values,
      doing: { 140: (end) => expect(end.stats().retransmissions).toEqual({ fast: 0, early: 1, timeout: 0 }) },
      until: 150,
    }));
});

describe('an ack does not count against a segment', () => {
  test('that was sent again for acks five times: from then on its timeout counts alone', () =>
    timeline({
      options: { mode: { ...modes, resend: 1 } },
      messages: '-ab----------c----------d----------e----------f----------g',
      packets: ' w-----------1----------2----------3----------4----------5----------6',
      sent: '    -pq---------pr---------ps---------pt---------pu---------pv',
      values: {
        ...values,
        ...{ f: 'f', g: 'g', u: 'PUSH sn=5', v: 'PUSH sn=6' },
        ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((sn) => [sn, ack(sn, 11 * sn - 9, 0)])),
      },
      until: 75,
    }));

  test('that has been sent again for its timeout since', () =>
    timeline({
      // The ack of 1 comes between two flushes, and so does c, which then leaves with the timeout of 0.
      options: { writeDelay: true },
      messages: '-ab 203ms c',
      packets: ' w 204ms  k',
      sent: '    ----------p 199ms q',
      values: { ...values, k: ack(1, 10, 0), p: 'PUSH sn=0, PUSH sn=1', q: 'PUSH sn=0, PUSH sn=2' },
      until: 300,
    }));

  test('that was sent again more than twice after what is acknowledged here', () =>
    timeline({
      messages: '-abc',
      // A word, so that it is not silent, and the answers to the first transmissions, late.
      packets: ' w                      600ms  w 400ms         12',
      sent: '    -pqr  197ms pqr 297ms pqr     397ms pqr',
      values,
      until: 1100,
    }));

  test('that has been acknowledged itself', () =>
    timeline({
      messages: '-abc',
      packets: ' w       50ms 012',
      sent: '    -pqr',
      values: { ...values, 0: ack(0, 1, 0) },
      until: 150,
    }));
});

test('an ack that comes twice, or late, or for what was never sent, changes nothing', () =>
  timeline({
    messages: '-abc',
    packets: ' w       50ms k 49ms k1290',
    sent: '    -pqr',
    values: { ...values, k: ack(2, 3, 3), 9: ack(9, 3, 3), 0: ack(0, 1, 0) },
    until: 500,
  }));
