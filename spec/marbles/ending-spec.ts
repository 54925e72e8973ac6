// How a conversation ends: well, after all is acknowledged; or because nobody answers. KCP has no packet for it.

import { DeadLinkError, IdleTimeoutError } from 'rxkcp';
import { describe, test } from 'vitest';
import { ack, push, wins } from '../support/marbles.ts';
import { timeline } from '../support/timeline.ts';

const hello = { a: 'hello', p: 'PUSH sn=0' };

describe('an end that has nothing more to say', () => {
  test('is over when all is acknowledged, and not before', () =>
    timeline({
      messages: 'a|',
      packets: ' 50ms k',
      sent: '    p 49ms |',
      received: '50ms |',
      values: { ...hello, k: ack(0, 0, 1) },
      ends: 50,
    }));

  test('is over at once when it never said anything', () =>
    timeline({
      messages: '--|',
      sent: '    --|',
      received: '--|',
      values: {},
      ends: 2,
    }));

  test('lingers while the peer may repeat what it has sent: two RTOs after that and its last data; says eight times meanwhile what it has', () =>
    timeline({
      messages: 'a|',
      packets: ' 40ms x---------k',
      // The round trip was 50 ms, so the RTO is 150: until 50 + 300.
      sent: '    p 49ms q 33ms w 32ms w 32ms w 33ms w 32ms w 32ms w 33ms w 32ms w 32ms |',
      values: {
        ...hello,
        x: push(0, 'hi'),
        k: ack(0, 0, 1),
        q: 'ACK sn=0 una=1',
        p: 'PUSH sn=0 una=0',
        w: 'WINS sn=0 una=1',
      },
      fields: ['sn', 'una'],
      ends: 350,
    }));

  test('does not linger when the peer has acknowledged a segment that said what was received', () =>
    timeline({
      messages: '45ms a|',
      packets: ' 40ms x 59ms k',
      sent: '    45ms q 54ms |',
      received: '40ms m 59ms |',
      values: { a: 'hello', m: 'hi', x: push(0, 'hi'), k: ack(0, 45, 1), q: 'ACK sn=0 una=1, PUSH sn=0 una=1' },
      fields: ['sn', 'una'],
      ends: 100,
    }));

  test('acknowledges at once what is repeated meanwhile, and lingers two RTOs after that', () =>
    timeline({
      messages: 'a|',
      packets: ' 40ms x---------k 49ms  x',
      sent: '    p 49ms q 33ms w 15ms q 27ms w 38ms w 38ms w 38ms w 38ms w 38ms w 38ms w 37ms |',
      values: { ...hello, x: push(0, 'hi'), k: ack(0, 0, 1), q: 'ACK sn=0', w: 'WINS sn=0' },
      ends: 400,
    }));
});

describe('a segment that was sent as often as `deadLink` allows', () => {
  const plan = { options: { deadLink: 3 }, messages: 'a', values: { ...hello, k: ack(0, 0, 1) } };

  test('fails its conversation with DeadLinkError, without another timeout', () =>
    timeline({
      ...plan,
      sent: '    p 199ms p 299ms (p#)',
      received: '500ms #',
      error: new DeadLinkError(1, { transmissions: 3, heardAgo: undefined }),
      ends: 500,
    }));

  test('does not if it is acknowledged at that very ms', () =>
    timeline({
      ...plan,
      packets: ' 500ms k',
      sent: '    p 199ms p',
      until: 1000,
    }));

  test('does if it is acknowledged one ms later', () =>
    timeline({
      ...plan,
      packets: ' 501ms k',
      sent: '    p 199ms p 299ms (p#)',
      error: new DeadLinkError(1, { transmissions: 3, heardAgo: undefined }),
      ends: 500,
    }));
});

describe('`deadAfter` without an answer', () => {
  const plan = { options: { deadAfter: 1000 }, messages: 'a', values: { ...hello, k: ack(0, 0, 1), w: wins(9) } };

  test('fails the conversation with DeadLinkError, which tells how long that was and when the peer was last heard', () =>
    timeline({
      ...plan,
      packets: ' 100ms w',
      // Counted from the first transmission after that: 200.
      sent: '    p 199ms p 299ms p 399ms p 299ms #',
      received: '1200ms #',
      error: new DeadLinkError(1, { transmissions: 3, waited: 1000, heardAgo: 1100 }),
      ends: 1200,
    }));

  test('is over with any packet of the peer, though it acknowledges nothing; and so is backoff', () =>
    timeline({
      ...plan,
      packets: ' 999ms w 999ms w',
      sent: '    p 199ms p 299ms p 399ms p 199ms p 299ms p 399ms p 199ms p 299ms p',
      until: 2600,
    }));

  test('is over with one that comes at its last ms', () =>
    timeline({
      ...plan,
      packets: ' 1000ms w',
      sent: '    p 199ms p 299ms p 399ms p 199ms p 299ms p',
      until: 1500,
    }));

  test('does not wait for one that comes one ms later', () =>
    timeline({
      ...plan,
      packets: ' 1001ms w',
      sent: '    p 199ms p 299ms p 399ms p 99ms #',
      error: new DeadLinkError(1, { transmissions: 4, waited: 1000, heardAgo: undefined }),
      ends: 1000,
    }));

  test('begins with the first transmission, not with the last word of the peer', () =>
    timeline({
      ...plan,
      messages: ' 5s a',
      packets: ' w',
      sent: '    5s p 199ms p 299ms p 399ms p 99ms #',
      error: new DeadLinkError(1, { transmissions: 4, waited: 1000, heardAgo: 6000 }),
      ends: 6000,
    }));

  test('is never when it is 0', () =>
    timeline({
      options: { deadAfter: 0, mode: 'normal', sendWindow: 1 },
      messages: 'a',
      sent: '    p 199ms p 399ms p 599ms p 359ms q 319ms q 119ms p',
      values: { ...hello, q: 'WASK sn=0' },
      until: 2001,
    }));
});

describe('idleTimeout', () => {
  const plan = { options: { idleTimeout: 1200 }, values: { w: 'WASK', o: wins(128) }, fields: [] };

  test('asks a silent peer six times in its second half, then fails with IdleTimeoutError', () =>
    timeline({
      ...plan,
      sent: '    600ms w 99ms w 99ms w 99ms w 99ms w 99ms w 99ms #',
      received: '1200ms #',
      error: new IdleTimeoutError(1, 1200),
      ends: 1200,
    }));

  test('begins anew with any packet of the peer', () =>
    timeline({
      ...plan,
      packets: ' 700ms                 o',
      sent: '    600ms w 699ms w 99ms w 99ms w 99ms w 99ms w 99ms w 99ms #',
      error: new IdleTimeoutError(1, 1200),
      ends: 1900,
    }));

  test('begins anew with one that comes at its last ms', () =>
    timeline({
      ...plan,
      packets: ' 1200ms o',
      sent: '    600ms w 99ms w 99ms w 99ms w 99ms w 99ms w',
      until: 1500,
    }));

  test('does not wait for one that comes one ms later', () =>
    timeline({
      ...plan,
      packets: ' 1201ms o',
      sent: '    600ms w 99ms w 99ms w 99ms w 99ms w 99ms w 99ms #',
      error: new IdleTimeoutError(1, 1200),
      ends: 1200,
    }));
});
