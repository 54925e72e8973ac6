// 32 bits go round: sequence numbers after 4 294 967 295 segments, timestamps after 49.7 days. Nothing may notice.

import type { SchedulerLike } from 'rxjs';
import { arq } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import { blockEnd } from '../support/block-end.ts';
import { ack, push, wins } from '../support/marbles.ts';
import { timeline } from '../support/timeline.ts';

const LAST = 0xffff_ffff;

/** `scheduler`, as if it had been started long ago: its clock shows `start` at ms 0. */
function longAgo(scheduler: SchedulerLike, start: number): SchedulerLike {
  return {
    now: () => start + scheduler.now(),
    schedule: scheduler.schedule.bind(scheduler) as SchedulerLike['schedule'],
  };
}

describe('when sequence numbers wrap', () => {
  const inTheMiddle = {
    make: (scheduler: SchedulerLike) => blockEnd(scheduler, { initialSn: { send: LAST - 1, receive: LAST - 1 } }),
  };

  test('segments are sent, acknowledged, and found lost as ever', () =>
    timeline({
      ...inTheMiddle,
      messages: '-abc',
      packets: ' w       50ms 12',
      sent: '    -pqr    48ms p',
      values: {
        ...{ a: 'a', b: 'b', c: 'c', w: wins(128, { una: LAST - 1 }) },
        ...{ p: 'PUSH sn=4294967294', q: 'PUSH sn=4294967295', r: 'PUSH sn=0' },
        ...{ 1: ack(LAST, 2, LAST - 1), 2: ack(0, 3, LAST - 1) },
      },
      until: 150,
    }));

  test('una acknowledges across the border', () =>
    timeline({
      ...inTheMiddle,
      messages: '-abc',
      packets: ' w       50ms k',
      sent: '    -pqr',
      values: {
        ...{ a: 'a', b: 'b', c: 'c', w: wins(128, { una: LAST - 1 }) },
        ...{ p: 'PUSH sn=4294967294', q: 'PUSH sn=4294967295', r: 'PUSH sn=0', k: ack(0, 3, 1) },
      },
      until: 1000,
    }));

  test('segments are delivered in order', () =>
    timeline({
      ...inTheMiddle,
      packets: ' -dcab',
      sent: '    ----------k',
      received: '---m(nox)',
      values: {
        ...{ a: push(LAST - 1, 'a'), b: push(LAST, 'b'), c: push(0, 'c'), d: push(1, 'd') },
        ...{ m: 'a', n: 'b', o: 'c', x: 'd', k: 'ACK sn=4294967295 una=2' },
      },
      fields: ['sn', 'una'],
      until: 50,
    }));

  test('those before are old, not far ahead', () =>
    timeline({
      make: (scheduler) => blockEnd(scheduler, { initialSn: { send: 0, receive: 0 } }),
      packets: ' -a',
      sent: '    ----------k',
      received: '',
      values: { a: push(LAST, 'old'), k: 'ACK sn=4294967295 una=0' },
      fields: ['sn', 'una'],
      until: 50,
    }));
});

describe('when timestamps wrap', () => {
  const inTime = (start: number) => ({
    make: (scheduler: SchedulerLike) => arq({ conv: 1, mode: 'fast3', scheduler: longAgo(scheduler, start) }),
  });

  test('timeouts are as long as ever', () =>
    timeline({
      ...inTime(LAST - 249),
      messages: 'a',
      sent: '    p 199ms q 299ms r',
      values: { a: 'hello', p: 'PUSH ts=4294967046', q: 'PUSH ts=4294967246', r: 'PUSH ts=250' },
      fields: ['ts'],
      until: 600,
    }));

  test('a round trip across the border is as long as it was', () =>
    timeline({
      ...inTime(LAST - 19),
      messages: 'a',
      packets: ' 50ms k',
      sent: '    p',
      values: { a: 'hello', p: 'PUSH ts=4294967276', k: ack(0, LAST - 19, 1) },
      fields: ['ts'],
      doing: { 60: (end) => expect(end.stats()).toMatchObject({ srtt: 50, rto: 150 }) },
      until: 600,
    }));

  test('an ack counts against segments that were sent before it, on whatever side of the border', () =>
    timeline({
      ...inTime(LAST - 1),
      messages: '-abc',
      packets: ' w       50ms 12',
      sent: '    -pqr    48ms p',
      values: {
        ...{ a: 'a', b: 'b', c: 'c', w: wins(128), p: 'PUSH sn=0', q: 'PUSH sn=1', r: 'PUSH sn=2' },
        // Segment 0 left at 4294967295, 1 at 0, 2 at 1.
        ...{ 1: ack(1, 0, 0), 2: ack(2, 1, 0) },
      },
      until: 150,
    }));

  test('a flush that is due across the border is made', () =>
    timeline({
      ...inTime(LAST - 4),
      packets: ' ---a',
      sent: '    ----------k',
      values: { a: push(0, 'a', { ts: 77 }), k: 'ACK ts=77' },
      fields: ['ts'],
      until: 50,
    }));
});
