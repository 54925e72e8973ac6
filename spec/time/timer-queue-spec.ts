import { describe, expect, test } from 'vitest';
import { timerQueueOf } from '../../src/time/timer-queue.ts';
import { testScheduler } from '../support/marbles.ts';

describe('a timer queue', () => {
  test('runs each timer once, in time, in order, with one action pending', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const queue = timerQueueOf(scheduler);
      const fired: string[] = [];
      for (const delay of [30, 10, 20, 10]) queue.timer(() => fired.push(`${delay}@${scheduler.now()}`)).set(delay);
      expect(scheduler.actions.filter(({ closed }) => !closed).length).toBe(1);
      scheduler.schedule(() => expect(fired).toEqual(['10@10', '10@10', '20@20', '30@30']), 100);
    });
  });

  test('takes the last word: a timer set again forgets what it was set to, one that is cleared fires never', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const fired: number[] = [];
      const queue = timerQueueOf(scheduler);
      const moved = queue.timer(() => fired.push(scheduler.now()));
      const cleared = queue.timer(() => fired.push(-1));
      moved.set(50);
      moved.set(5);
      moved.set(70);
      cleared.set(60);
      cleared.set(undefined);
      scheduler.schedule(() => expect(fired).toEqual([70]), 100);
    });
  });

  test('lets a timer set itself, and others, while it runs', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const queue = timerQueueOf(scheduler);
      const fired: string[] = [];
      const other = queue.timer(() => fired.push(`other@${scheduler.now()}`));
      const again = queue.timer(() => {
        fired.push(`again@${scheduler.now()}`);
        if (fired.length < 3) again.set(10);
        other.set(5);
      });
      again.set(10);
      scheduler.schedule(() => expect(fired).toEqual(['again@10', 'other@15', 'again@20', 'other@25']), 100);
    });
  });

  test('is one for each scheduler', () => {
    const scheduler = testScheduler();
    expect(timerQueueOf(scheduler)).toBe(timerQueueOf(scheduler));
    expect(timerQueueOf(scheduler)).not.toBe(timerQueueOf(testScheduler()));
  });
});
