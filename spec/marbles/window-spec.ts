// Flow control: how much may be under way, and what happens when the reader is slower than the writer.

import type { Arq } from 'rxkcp/operators';
import { describe, test } from 'vitest';
import { ack, push, wask, wins } from '../support/marbles.ts';
import { timeline } from '../support/timeline.ts';

/** `PUSH sn=0 | PUSH sn=1 | …`: segments with a packet each. */
const pushes = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `PUSH sn=${from + i}`).join(' | ');

describe('the window of a peer', () => {
  test('is taken for 32 segments until it has said', () =>
    timeline({
      options: { mtu: 50 },
      messages: 'a',
      packets: ' -----k',
      sent: '    p----q',
      values: { a: 'x'.repeat(26 * 40), p: pushes(0, 31), q: pushes(32, 39), k: ack(31, 0, 32) },
      until: 20,
    }));

  test('counts from what it has acknowledged in order', () =>
    timeline({
      packets: ' w---k----l',
      messages: '-abcd',
      sent: '    -pq-r-----s',
      values: {
        ...{ a: 'a', b: 'b', c: 'c', d: 'd', w: wins(2), p: 'PUSH sn=0', q: 'PUSH sn=1' },
        k: ack(0, 1, 1, { wnd: 2 }),
        r: 'PUSH sn=2',
        l: ack(2, 4, 1, { wnd: 3 }),
        // Not so fast: una has not moved, so this waits for the flush.
        s: 'PUSH sn=3',
      },
      until: 11,
    }));

  test('that is closed is asked about after 500 ms, and then after half as long again each time', () =>
    timeline({
      packets: ' w 519ms w 759ms w 1119ms w',
      messages: '-a',
      // Counted from the flush that found it closed (1), sent with the flush after (multiples of 10): 501, 1260, 2385, 4077.
      sent: '    510ms q 749ms q 1129ms q 1689ms q',
      values: { w: wins(0), a: 'a', q: 'WASK' },
      fields: [],
      until: 4100,
    }));

  test('that is closed is asked about every 300 ms while nothing answers', () =>
    timeline({
      packets: ' w 1519ms w',
      messages: '-a',
      sent: '    510ms q 299ms q 299ms q 149ms q 1129ms q',
      values: { w: wins(0), a: 'a', q: 'WASK' },
      fields: [],
      until: 2400,
    }));

  test('that leaves no room behind what is acknowledged out of order is asked about, too, though it is not 0', () =>
    timeline({
      // Of two acks the later one came first; the news that the window has opened was lost.
      packets: ' w---k----l',
      messages: '-ab-----c',
      sent: '    -pq 507ms v',
      values: {
        ...{ a: 'a', b: 'b', c: 'c', w: wins(2), p: 'PUSH sn=0', q: 'PUSH sn=1', v: 'WASK sn=0' },
        k: ack(0, 1, 0, { wnd: 2 }),
        l: ack(1, 2, 0, { wnd: 2 }),
      },
      until: 600,
    }));

  test('that has opened again lets go what waits, with the next flush, and is not asked about any more', () =>
    timeline({
      packets: ' w 598ms         o-------------k',
      messages: '-a',
      sent: '    510ms q 89ms  p',
      values: { w: wins(0), a: 'a', q: 'WASK sn=0', o: wins(8), p: 'PUSH sn=0', k: ack(0, 600, 1) },
      until: 3000,
    }));

  test('that closes with an ack is asked about, too, although nothing waits', () =>
    timeline({
      messages: 'a',
      packets: ' ----k',
      sent: '    p 509ms q',
      values: { a: 'a', p: 'PUSH', k: ack(0, 0, 1, { wnd: 0 }), q: 'WASK' },
      fields: [],
      until: 600,
    }));
});

describe('our send window', () => {
  test('holds back what the peer had room for', () =>
    timeline({
      options: { sendWindow: 2 },
      packets: ' w-----k',
      messages: '-abc',
      sent: '    -pq---r',
      values: {
        ...{ a: 'a', b: 'b', c: 'c', w: wins(9), p: 'PUSH sn=0', q: 'PUSH sn=1' },
        k: ack(0, 1, 1),
        r: 'PUSH sn=2',
      },
      until: 20,
    }));
});

describe('our receive window', () => {
  const reader = { options: { receiveWindow: 2 }, doing: { 0: (end: Arq) => end.pause() } };

  test('closes while nobody reads, and what is beyond it is not acknowledged', () =>
    timeline({
      ...reader,
      packets: ' -abc',
      sent: '    ----------k',
      received: '',
      values: { a: push(0, 'a'), b: push(1, 'b'), c: push(2, 'c'), k: 'ACK sn=2 una=2 wnd=0' },
      fields: ['sn', 'una', 'wnd'],
      until: 50,
    }));

  test('is told to who asks', () =>
    timeline({
      ...reader,
      packets: ' -ab 15ms q',
      sent: '    ----------k---------w',
      values: { a: push(0, 'a'), b: push(1, 'b'), q: wask(), k: 'ACK wnd=0', w: 'WINS wnd=0' },
      fields: ['wnd'],
      until: 50,
    }));

  test('opens again when the reader goes on, and says so unasked', () =>
    timeline({
      ...reader,
      packets: ' -ab',
      sent: '    ----------k 19ms w',
      received: '25ms (mn)',
      values: { a: push(0, 'a'), b: push(1, 'b'), m: 'a', n: 'b', k: 'ACK wnd=0', w: 'WINS wnd=2' },
      fields: ['wnd'],
      doing: { ...reader.doing, 25: (end) => end.resume() },
      until: 50,
    }));

  test('that was told as closed is told again and again once it is open, until new data comes', () =>
    timeline({
      ...reader,
      packets: ' -ab 90ms c',
      // An RTO is 200 ms: after an eighth of it, with the next flush.
      sent: '    ----------k 19ms w 29ms w 29ms w 9ms r',
      values: {
        ...{ a: push(0, 'a'), b: push(1, 'b'), c: push(2, 'c') },
        ...{ k: 'ACK wnd=0', w: 'WINS wnd=2', r: 'ACK wnd=2' },
      },
      fields: ['wnd'],
      doing: { ...reader.doing, 25: (end) => end.resume() },
      until: 400,
    }));

  test('that was told as closed is told eleven times at most', () =>
    timeline({
      ...reader,
      packets: ' -ab',
      sent: '    ----------k 19ms w 29ms w 29ms w 29ms w 29ms w 29ms w 29ms w 49ms w 99ms w 199ms w 399ms w',
      values: { a: push(0, 'a'), b: push(1, 'b'), k: 'ACK wnd=0', w: 'WINS wnd=2' },
      fields: ['wnd'],
      doing: { ...reader.doing, 25: (end) => end.resume() },
      until: 20_000,
    }));

  test('takes in a burst of more segments than it has, if they can be delivered', () =>
    timeline({
      options: { receiveWindow: 1 },
      packets: ' -a',
      sent: '    ----------k',
      received: '-(mnop)',
      values: {
        a: ['m', 'n', 'o', 'p'].map((data, sn) => push(sn, data)),
        ...{ m: 'm', n: 'n', o: 'o', p: 'p', k: 'ACK sn=3 una=4 wnd=1, WINS sn=3 una=4 wnd=1' },
      },
      fields: ['sn', 'una', 'wnd'],
      until: 20,
    }));

  test('does not close over fragments of a message that is not complete', () =>
    timeline({
      options: { receiveWindow: 2 },
      packets: ' -abc',
      sent: '    ----------k',
      received: '---m',
      values: {
        a: push(0, 'a', { frg: 2 }),
        b: push(1, 'b', { frg: 1 }),
        c: push(2, 'c'),
        m: 'abc',
        // The window was full for a moment, and now it is not.
        k: 'ACK sn=2 una=3 wnd=2, WINS sn=2 una=3 wnd=2',
      },
      fields: ['sn', 'una', 'wnd'],
      until: 50,
    }));
});
