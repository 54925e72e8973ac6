// Part of the matrix; all of it is `npm run matrix`.

import { describe, expect, test } from 'vitest';
import { someCells } from './cells.ts';
import { measure } from './measure.ts';
import { changes, readTable } from './table.ts';

const table = readTable();

describe('over a network with', () => {
  for (const cell of someCells()) {
    test(`${cell.name}, everything arrives byte for byte, at the pace and the price in the table`, () => {
      // If a change is meant: npm run matrix -- --renew
      expect(changes({ [cell.name]: measure(cell) }, table)).toEqual([]);
    });
  }
});

test('a figure that is off by more than 5 %, either way, or of an unknown network, is a change', () => {
  const figures = { goodput: 1000, overhead: 2, p50: 100, p99: 200 };
  const kept = { one: figures };
  expect(changes({ one: { ...figures, goodput: 950, overhead: 2.09, p99: 209 } }, kept)).toEqual([]);
  expect(changes({ one: { ...figures, goodput: 949, p50: 106 }, two: figures }, kept)).toEqual([
    'one: goodput 1000 → 949 (-5.1 %)',
    'one: p50 100 → 106 (6.0 %)',
    'two: not in the table',
  ]);
});
