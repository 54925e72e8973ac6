// Acknowledging: what, when, and what an ack says.

import { describe, test } from 'vitest';
import { push } from '../support/marbles.ts';
import { timeline } from '../support/timeline.ts';

const values = {
  ...{ a: push(0, 'a', { ts: 77 }), b: push(1, 'b', { ts: 78 }), c: push(2, 'c', { ts: 79 }) },
  ...{ d: push(3, 'd'), e: push(4, 'e') },
};

describe('a segment is acknowledged', () => {
  test('at the next flush, with the time at which it was sent', () =>
    timeline({
      packets: ' ---a',
      sent: '    ----------k',
      received: '---m',
      values: { ...values, m: 'a', k: 'ACK sn=0 una=1 wnd=128 ts=77' },
      fields: ['sn', 'una', 'wnd', 'ts'],
      until: 50,
    }));

  test('at once with ackNoDelay, when it has been read', () =>
    timeline({
      options: { ackNoDelay: true },
      packets: ' ---a',
      sent: '    ---k',
      received: '---m',
      values: { ...values, m: 'a', k: 'ACK sn=0 una=1 wnd=128 ts=77' },
      fields: ['sn', 'una', 'wnd', 'ts'],
      until: 50,
    }));

  test('after ten times as long where the flush comes after ten times as long', () =>
    timeline({
      options: { mode: { nodelay: true, interval: 100, resend: 2, nc: true } },
      packets: ' ---a',
      sent: '    100ms k',
      values: { ...values, k: 'ACK sn=0' },
      until: 150,
    }));

  test('along with others; those that una tells anyway are left out, except the last', () =>
    timeline({
      packets: ' -abc',
      sent: '    ----------k',
      received: '-lmn',
      values: { ...values, l: 'a', m: 'b', n: 'c', k: 'ACK sn=2 una=3' },
      fields: ['sn', 'una'],
      until: 50,
    }));

  test('by name when one before is missing', () =>
    timeline({
      packets: ' -bca',
      sent: '    ----------k',
      received: '---(lmn)',
      values: { ...values, l: 'a', m: 'b', n: 'c', k: 'ACK sn=0 una=3' },
      fields: ['sn', 'una'],
      until: 50,
    }));

  test('by name until then', () =>
    timeline({
      packets: ' -bc         ---------a',
      sent: '    ----------k---------l',
      values: { ...values, k: 'ACK sn=1 una=0, ACK sn=2 una=0', l: 'ACK sn=0 una=3' },
      fields: ['sn', 'una'],
      until: 50,
    }));

  test('again when it comes again, and delivered once', () =>
    timeline({
      packets: ' -a--------------a',
      sent: '    ----------k---------k',
      received: '-m',
      values: { ...values, m: 'a', k: 'ACK sn=0 una=1' },
      fields: ['sn', 'una'],
      until: 50,
    }));

  test('if it is the last of the window', () =>
    timeline({
      options: { receiveWindow: 4 },
      packets: ' -d',
      sent: '    ----------k',
      values: { ...values, k: 'ACK sn=3 una=0' },
      fields: ['sn', 'una'],
      until: 50,
    }));

  test('not if it lies beyond', () =>
    timeline({
      options: { receiveWindow: 4 },
      packets: ' -e',
      sent: '',
      values,
      until: 50,
    }));
});

describe('acks that would fill a packet (four, where the MTU is 100)', () => {
  test('leave at once', () =>
    timeline({
      options: { mtu: 100 },
      packets: ' -bcde',
      sent: '    ----k',
      values: { ...values, k: 'ACK sn=1, ACK sn=2, ACK sn=3, ACK sn=4' },
      until: 50,
    }));

  test('wait when there is one less', () =>
    timeline({
      options: { mtu: 100 },
      packets: ' -bcd',
      sent: '    ----------k',
      values: { ...values, k: 'ACK sn=1, ACK sn=2, ACK sn=3' },
      until: 50,
    }));
});

test('messages are delivered in order, whatever order their segments come in; fragments once they are complete', () =>
  timeline({
    options: { ackNoDelay: false },
    packets: ' -y-c-z-x',
    sent: '    ----------k',
    received: '-------(mn)',
    values: {
      x: push(0, 'o', { frg: 0 }),
      y: push(1, 'ne', { frg: 1 }),
      c: push(2, ' two', { frg: 0 }),
      z: push(3, 'early', { frg: 5 }),
      m: 'o',
      n: 'ne two',
      k: 'ACK sn=0 una=4',
    },
    fields: ['sn', 'una'],
    until: 50,
  }));
