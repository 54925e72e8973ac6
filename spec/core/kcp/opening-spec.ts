import { describe, expect, test } from 'vitest';
import { openingOf, openingTs } from '../../../src/core/kcp/opening.ts';
import { segmentFound } from '../../../src/core/kcp/trace.ts';
import { ack, push } from '../../support/marbles.ts';

const joined = (...packets: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(packets));

describe('openingOf', () => {
  test('is the first segment, or one that overtook it within the window', () => {
    expect(openingOf(push(0, 'a'), 4)).toBe('first');
    expect(openingOf(push(3, 'a'), 4)).toBe('early');
    expect(openingOf(push(4, 'a'), 4)).toBe('none');
    expect(openingOf(push(-1, 'a'), 4)).toBe('none');
    expect(openingOf(joined(push(1, 'a'), push(0, 'b')), 4)).toBe('first');
  });

  test('is none for a packet that ends within a segment', () => {
    const whole = push(0, 'hello');
    for (let length = 0; length < whole.length; length++) {
      expect(openingOf(whole.subarray(0, length), 4), `${length} bytes`).toBe('none');
    }
    // The second is cut short: the first alone counts.
    expect(openingOf(joined(push(1, 'a'), whole.subarray(0, whole.length - 1)), 4)).toBe('none');
  });

  test('is none from the middle of a conversation', () => {
    expect(openingOf(ack(0, 0, 1), 4)).toBe('none');
    expect(openingOf(joined(push(1, 'a'), ack(0, 0, 1)), 4)).toBe('none');
  });
});

test('the timestamp of segment 0 ends at a length that leads backwards: anybody may have written it', () => {
  const late = push(5, 'a');
  expect(openingTs(late)).toBeUndefined();
  expect(openingTs(joined(late, push(0, 'b', { ts: 77 })))).toBe(77);
  for (const length of [-1, -24, -25, -(2 ** 31)]) {
    const backwards = Uint8Array.from(joined(late, push(6, 'b')));
    new DataView(backwards.buffer).setInt32(late.length + 20, length, true);
    expect(openingTs(backwards)).toBeUndefined();
  }
});

test('a trace tells where in its packet a segment is by how much follows its header', () => {
  const twice = joined(push(0, 'abc'), push(1, 'de'));
  expect(segmentFound(twice, 0)).toMatchObject({ sn: 0, len: 3, datalen: 3 + 24 + 2 });
  expect(segmentFound(twice, 27)).toMatchObject({ sn: 1, len: 2, datalen: 2 });
});
