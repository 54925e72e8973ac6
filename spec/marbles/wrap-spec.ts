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

describe.each([
  ['32 bits', LAST],
  ['31 bits', 0x7fff_ffff],
])('when sequence numbers go beyond %s', (_, last) => {
  const first = (last + 1) % 2 ** 32;
  const inTheMiddle = {
    make: (scheduler: SchedulerLike) => blockEnd(scheduler, { initialSn: { send: last - 1, receive: last - 1 } }),
  };
  const sending = {
    ...{ a: 'a', b: 'b', c: 'c', w: wins(128, { una: last - 1 }) },
    ...{ p: `PUSH sn=${last - 1}`, q: `PUSH sn=${last}`, r: `PUSH sn=${first}` },
  };

  test('segments are sent, acknowledged, and found lost as ever', () =>
    timeline({
      ...inTheMiddle,
      messages: '-abc',
      packets: ' w       50ms 12',
      sent: '    -pqr    48ms p',
      values: { ...sending, 1: ack(last, 2, last - 1), 2: ack(first, 3, last - 1) },
      until: 150,
    }));

  test('una acknowledges across the border', () =>
    timeline({
      ...inTheMiddle,
      messages: '-abc',
      packets: ' w       50ms k',
      sent: '    -pqr',
      values: { ...sending, k: ack(first, 3, first + 1) },
      until: 1000,
    }));

  test('segments are delivered in order', () =>
    timeline({
      ...inTheMiddle,
      packets: ' -dcab',
      sent: '    ----------k',
      received: '---m(nox)',
      values: {
        ...{ a: push(last - 1, 'a'), b: push(last, 'b'), c: push(first, 'c'), d: push(first + 1, 'd') },
        ...{ m: 'a', n: 'b', o: 'c', x: 'd', k: `ACK sn=${last} una=${first + 2}` },
      },
      fields: ['sn', 'una'],
      until: 50,
    }));

  test('those before are old, not far ahead', () =>
    timeline({
      make: (scheduler: SchedulerLike) => blockEnd(scheduler, { initialSn: { send: first, receive: first } }),
      packets: ' -a',
      sent: '    ----------k',
      received: '',
      values: { a: push(last, 'old'), k: `ACK sn=${last} una=${first}` },
      fields: ['sn', 'una'],
      until: 50,
    }));
});

describe.each([
  ['32 bits', LAST],
  ['31 bits', 0x7fff_ffff],
])('when timestamps go beyond %s', (_, last) => {
  const first = (last + 1) % 2 ** 32;
  const inTime = (start: number) => ({
    make: (scheduler: SchedulerLike) => arq({ conv: 1, mode: 'fast3', scheduler: longAgo(scheduler, start) }),
  });

  test('timeouts are as long as ever', () =>
    timeline({
      ...inTime(last - 249),
      messages: 'a',
      sent: '    p 199ms q 299ms r',
      values: {
        a: 'hello',
        p: `PUSH ts=${last - 249}`,
        q: `PUSH ts=${last - 49}`,
        r: `PUSH ts=${(last + 251) % 2 ** 32}`,
      },
      fields: ['ts'],
      until: 600,
    }));

  test('a round trip across the border is as long as it was', () =>
    timeline({
      ...inTime(last - 19),
      messages: 'a',
      packets: ' 50ms k',
      sent: '    p',
      values: { a: 'hello', p: `PUSH ts=${last - 19}`, k: ack(0, last - 19, 1) },
      fields: ['ts'],
      doing: { 60: (end) => expect(end.stats()).toMatchObject({ srtt: 50, rto: 150 }) },
      until: 600,
    }));

  test('an ack counts against segments that were sent before it, on whatever side of the border', () =>
    timeline({
      ...inTime(last - 1),
      messages: '-abc',
      packets: ' w       50ms 12',
      sent: '    -pqr    48ms p',
      values: {
        ...{ a: 'a', b: 'b', c: 'c', w: wins(128), p: 'PUSH sn=0', q: 'PUSH sn=1', r: 'PUSH sn=2' },
        // Segment 0 left at the last ms before the border, 1 at the first behind it, 2 one later.
        ...{ 1: ack(1, first, 0), 2: ack(2, first + 1, 0) },
      },
      until: 150,
    }));

  test('a flush that is due across the border is made', () =>
    timeline({
      ...inTime(last - 4),
      packets: ' ---a',
      sent: '    ----------k',
      values: { a: push(0, 'a', { ts: 77 }), k: 'ACK ts=77' },
      fields: ['ts'],
      until: 50,
    }));
});
