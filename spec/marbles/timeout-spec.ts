// The retransmission timeout (RTO): how long an answer may take, and what a second silence, and a third, are worth.

import { describe, expect, test } from 'vitest';
import { ack, wins } from '../support/marbles.ts';
import { timeline } from '../support/timeline.ts';

describe('a message that is never acknowledged', () => {
  test('is sent again after 200 ms, and half that more each time with nodelay', () =>
    timeline({
      options: { mode: 'fast3' },
      messages: 'a',
      sent: '    p 199ms p 299ms p 399ms p',
      values: { a: 'hello', p: 'PUSH sn=0' },
      until: 1000,
    }));

  test('is sent again after 200 ms, and all of that more each time without nodelay', () =>
    timeline({
      options: { mode: 'normal' },
      messages: 'a',
      sent: '    p 199ms p 399ms p 599ms p',
      values: { a: 'hello', p: 'PUSH sn=0' },
      until: 1300,
    }));

  test('tells each time when it was sent, so that its ack can tell which one it is for', () =>
    timeline({
      messages: 'a',
      sent: '    p 199ms q 299ms r',
      values: { a: 'hello', p: 'PUSH ts=0', q: 'PUSH ts=200', r: 'PUSH ts=500' },
      fields: ['ts'],
      until: 600,
    }));

  test('is the only one that is sent any more after three silent timeouts, beside a probe every 300 ms; a word of the peer brings back all', () =>
    timeline({
      messages: 'ab',
      packets: ' 1700ms                                                                w',
      sent: '    pq 198ms pr 298ms pr 398ms p 309ms v 189ms p 109ms v 189ms s',
      values: {
        ...{ a: 'hello', b: 'world', p: 'PUSH sn=0', q: 'PUSH sn=1, PUSH sn=0', r: 'PUSH sn=1', v: 'WASK sn=0' },
        s: 'PUSH sn=0, PUSH sn=1',
        w: wins(128),
      },
      until: 1800,
    }));

  test('goes along with whatever the application sends, from its first silent timeout on', () =>
    timeline({
      messages: 'a 249ms b 749ms c 14ms d',
      sent: '    p 199ms p 49ms  q 199ms r 49ms p 249ms r 149ms p 99ms p 14ms p',
      values: {
        ...{ a: 'hello', b: 'world', c: 'c', d: 'd', p: 'PUSH sn=0' },
        ...{ q: 'PUSH sn=0, PUSH sn=1', r: 'PUSH sn=1' },
      },
      until: 1070,
    }));

  test('no longer backs off when another one was acknowledged', () =>
    timeline({
      messages: 'ab',
      packets: ' 920ms k',
      // The round trip was 20 ms, so the RTO is 60; the next two timeouts are 120 and 150, not 430 and 460.
      sent: '    pq 198ms pr 298ms pr 398ms p 19ms r 119ms r 149ms r',
      values: {
        ...{ a: 'hello', b: 'world', p: 'PUSH sn=0', q: 'PUSH sn=1, PUSH sn=0', r: 'PUSH sn=1' },
        k: ack(0, 900, 1),
      },
      until: 1200,
    }));
});

describe('an ack', () => {
  test('at the very ms of the timeout is in time', () =>
    timeline({
      messages: 'a',
      packets: ' 200ms k',
      sent: '    p',
      values: { a: 'hello', p: 'PUSH sn=0', k: ack(0, 0, 1) },
      until: 1000,
    }));

  test('one ms later is not', () =>
    timeline({
      messages: 'a',
      packets: ' 201ms   k',
      sent: '    p 199ms p',
      values: { a: 'hello', p: 'PUSH sn=0', k: ack(0, 0, 1) },
      until: 1000,
    }));

  test('measures the round trip, and so the timeout of what follows: srtt + 4 · rttvar, three round trips at first', () =>
    timeline({
      messages: 'a 99ms      b',
      packets: ' 50ms   k',
      sent: '    p 99ms      q 149ms q',
      values: { a: 'hello', b: 'world', p: 'PUSH sn=0', q: 'PUSH sn=1', k: ack(0, 0, 1) },
      until: 300,
      doing: {
        60: (end) => expect(end.stats()).toMatchObject({ srtt: 50, rttvar: 25, rto: 150 }),
      },
    }));

  test('of the second transmission measures that one', () =>
    timeline({
      messages: 'a 299ms                 b',
      packets: ' 250ms           k',
      sent: '    p 199ms p 99ms         q 149ms q',
      values: { a: 'hello', b: 'world', p: 'PUSH sn=0', q: 'PUSH sn=1', k: ack(0, 200, 1) },
      until: 500,
    }));

  test.each([
    ['30 ms', 'fast3', 'p---------q 29ms q', 80],
    ['100 ms', 'fast', 'p---------q 99ms q', 200],
  ] as const)('that comes at once does not make the timeout shorter than %s in mode %s', (_, mode, sent, until) =>
    timeline({
      options: { mode },
      messages: 'a---------b',
      packets: ' -k',
      sent,
      values: { a: 'hello', b: 'world', p: 'PUSH sn=0', q: 'PUSH sn=1', k: ack(0, 0, 1) },
      until,
    }),
  );

  test('with a timestamp from the future measures nothing', () =>
    timeline({
      messages: 'a 99ms b',
      packets: ' 50ms   k',
      sent: '    p 99ms q 199ms q',
      values: { a: 'hello', b: 'world', p: 'PUSH sn=0', q: 'PUSH sn=1', k: ack(0, 51, 1) },
      until: 400,
    }));
});
