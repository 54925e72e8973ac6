import { expect, test } from 'vitest';
import { EarlyPackets } from '../../src/server/early-packets.ts';

const bytes = (value: number): Uint8Array => Uint8Array.of(value);

test('keeps what came early for as many strangers as it may, and then forgets the oldest', () => {
  const early = new EarlyPackets(2);
  early.add('a', 1, bytes(1), 0);
  early.add('b', 1, bytes(2), 0);
  early.add('a', 1, bytes(3), 0);
  early.add('c', 1, bytes(4), 0);
  expect(early.take('a', 1, 0)).toEqual([]);
  expect(early.take('b', 1, 0)).toEqual([bytes(2)]);
  expect(early.take('c', 1, 0)).toEqual([bytes(4)]);
  expect(early.take('c', 1, 0)).toEqual([]);
});

test('keeps nothing for long, of another conversation, or that is written to later', () => {
  const early = new EarlyPackets(2);
  const lent = bytes(1);
  early.add('a', 1, lent, 0);
  lent[0] = 9;
  early.add('a', 1, bytes(2), 60);
  early.addParity('a', 2, bytes(3), 60);
  expect(early.take('a', 1, 101)).toEqual([bytes(2)]);
  early.add('a', 1, bytes(1), 0);
  early.add('a', 2, bytes(2), 0);
  expect(early.take('a', 1, 0)).toEqual([]);
});

test('keeps the latest 32 packets of a stranger', () => {
  const early = new EarlyPackets(1);
  for (let i = 0; i < 40; i++) early.add('a', 1, bytes(i), 0);
  const kept = early.take('a', 1, 0).map(([first]) => first);
  expect(kept).toEqual(Array.from({ length: 32 }, (_, i) => i + 8));
});
