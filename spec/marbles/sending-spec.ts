// How a message leaves: at once or at the next flush, in one segment or several, in one packet or several.
//
// In these diagrams one character is one ms. Letters stand for messages, for packets of the peer, and for packets of
// ours in words: spec/support/timeline.ts.

import { describe, test } from 'vitest';
import { push, wins } from '../support/marbles.ts';
import { timeline } from '../support/timeline.ts';

describe('a message', () => {
  test('leaves at once, with the time, our free window, and nothing received yet', () =>
    timeline({
      messages: '-a',
      sent: '    -p',
      values: { a: 'hello', p: 'PUSH sn=0 frg=0 una=0 wnd=128 ts=1 len=5' },
      fields: ['sn', 'frg', 'una', 'wnd', 'ts', 'len'],
      until: 20,
    }));

  test('takes acks that wait along, and says in una what was received so far', () =>
    timeline({
      packets: ' x',
      messages: '---a',
      sent: '    ---p',
      values: { x: push(0, 'hi'), a: 'hello', p: 'ACK sn=0 una=1, PUSH sn=0 una=1' },
      fields: ['sn', 'una'],
      until: 20,
    }));

  test('longer than a segment is cut into fragments, which count down to 0', () =>
    timeline({
      options: { mtu: 50 },
      messages: '-a',
      sent: '    -p',
      values: {
        a: 'x'.repeat(60),
        p: 'PUSH sn=0 frg=2 len=26 | PUSH sn=1 frg=1 len=26 | PUSH sn=2 frg=0 len=8',
      },
      fields: ['sn', 'frg', 'len'],
      until: 20,
    }));

  test('as long as a segment is not cut', () =>
    timeline({
      options: { mtu: 50 },
      messages: '-a',
      sent: '    -p',
      values: { a: 'x'.repeat(26), p: 'PUSH sn=0 frg=0 len=26' },
      fields: ['sn', 'frg', 'len'],
      until: 20,
    }));

  test('waits with others for the next flush when writes are delayed, and shares its packet with them', () =>
    timeline({
      options: { writeDelay: true },
      messages: '--a-b-c',
      sent: '    ----------p',
      values: { a: 'hello', b: 'hello', c: 'hello', p: 'PUSH sn=0, PUSH sn=1, PUSH sn=2' },
      until: 20,
    }));

  test('does not wait for the flush when it fills the send window', () =>
    timeline({
      options: { writeDelay: true, sendWindow: 2 },
      messages: '--a-b',
      sent: '    ----p',
      values: { a: 'hello', b: 'hello', p: 'PUSH sn=0, PUSH sn=1' },
      until: 20,
    }));

  test('is preceded by the very first one, in a packet with room for it, until the peer was heard', () =>
    timeline({
      messages: '-a-b-c---d',
      packets: ' -------w',
      sent: '    -p-q-r---s',
      values: {
        a: 'hello',
        b: 'hello',
        c: 'x'.repeat(1376),
        d: 'hello',
        w: wins(128),
        p: 'PUSH sn=0',
        q: 'PUSH sn=1, PUSH sn=0',
        r: 'PUSH sn=2',
        s: 'PUSH sn=3',
      },
      until: 20,
    }));
});

describe('a stream', () => {
  test('fills up its last segment before it begins another, as long as that one has not left', () =>
    timeline({
      options: { stream: true, writeDelay: true, mtu: 50 },
      messages: '-a-b-c',
      sent: '    ----------p',
      values: {
        a: 'x'.repeat(10),
        b: 'x'.repeat(10),
        c: 'x'.repeat(10),
        p: 'PUSH sn=0 frg=0 len=26 | PUSH sn=1 frg=0 len=4',
      },
      fields: ['sn', 'frg', 'len'],
      until: 20,
    }));

  test('sends small writes one by one when they need not wait', () =>
    timeline({
      options: { stream: true },
      packets: ' w',
      messages: '-a-b',
      sent: '    -p-q',
      values: { w: wins(128), a: 'hello', b: 'hello', p: 'PUSH sn=0', q: 'PUSH sn=1' },
      until: 20,
    }));

  test('joins what waits for the window', () =>
    timeline({
      options: { stream: true, mtu: 50 },
      packets: ' w------o',
      messages: '-a-b',
      sent: '    ----------p',
      values: {
        w: wins(0),
        o: wins(128),
        a: 'x'.repeat(10),
        b: 'x'.repeat(10),
        p: 'PUSH sn=0 len=20',
      },
      fields: ['sn', 'len'],
      until: 20,
    }));
});
