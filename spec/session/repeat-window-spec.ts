import { describe, expect, test } from 'vitest';
import { RepeatWindow } from '../../src/session/repeat-window.ts';
import { integer, seeded, seeds } from '../support/random.ts';

/** Which of `numbers` are new, by a fresh window. */
function news(...numbers: number[]): boolean[] {
  const window = new RepeatWindow();
  return numbers.map((number) => window.isNew(number));
}

describe('a window of numbers', () => {
  test('takes each once, in any order', () => {
    expect(news(0, 1, 1, 0, 5, 3, 3, 5, 4, 2, 6)).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  test('remembers 1024 numbers, and takes none behind them', () => {
    expect(news(1023, 0, 0)).toEqual([true, true, false]);
    expect(news(0, 1024, 0, 1, 1)).toEqual([true, true, false, true, false]);
    expect(news(5000, 3976, 3977, 70_000 + 5000 - 65_536)).toEqual([true, false, true, true]);
  });

  test('goes on where numbers wrap around', () => {
    const last = 0xffff_fffe;
    expect(news(last - 1, 0, last, last, 0, 1, last - 1)).toEqual([true, true, true, false, false, true, false]);
  });

  test('begins again when the numbers do: more than 65536 behind', () => {
    expect(news(100_000, 34_464, 34_463, 34_463, 34_464, 34_465)).toEqual([true, false, true, false, true, true]);
    expect(news(100_000, 5, 5, 100_000, 100_000)).toEqual([true, true, false, true, false]);
  });

  test.each(seeds(20))('agrees with a set of all numbers, while none lies behind it (seed %i)', (seed) => {
    const random = seeded(seed);
    const [window, seen] = [new RepeatWindow(), new Set<number>()];
    let highest = integer(random, 0, 0xffff_ffff);
    for (let i = 0; i < 5000; i++) {
      const ahead = random() < 0.01 ? integer(random, 0, 3000) : integer(random, -40, 3);
      const number = (highest + ahead) >>> 0;
      if (ahead > 0) highest = number;
      expect(window.isNew(number)).toBe(!seen.has(number) || i === 0);
      seen.add(number);
    }
  });
});
