import { describe, expect, test } from 'vitest';
import { timerQueueOf } from '../src/timer-queue.ts';
import { testScheduler } from './support/marbles.ts';

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

  test('does not run a timer that was cleared, or set to later, by another one of the same wake-up', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      const queue = timerQueueOf(scheduler);
      const fired: string[] = [];
      const first = queue.timer(() => {
        fired.push(`first@${scheduler.now()}`);
        cleared.set(undefined);
        moved.set(5);
      });
      const cleared = queue.timer(() => fired.push('cleared'));
      const moved = queue.timer(() => fired.push(`moved@${scheduler.now()}`));
      for (const timer of [first, cleared, moved]) timer.set(10);
      scheduler.schedule(() => expect(fired).toEqual(['first@10', 'moved@15']), 100);
    });
  });

  test('asks its scheduler for one wake-up, however many timers set themselves while it runs', () => {
    const scheduler = testScheduler();
    scheduler.run(() => {
      let schedulings = 0;
      const counting = {
        now: () => scheduler.now(),
        schedule: (work: () => void, delay: number) => {
          schedulings++;
          // A wake-up comes late.
          return scheduler.schedule(work, delay + 3);
        },
      } as unknown as typeof scheduler;
      const queue = timerQueueOf(counting);
      const fired: number[] = [];
      for (let i = 0; i < 5; i++) {
        // Each before the one that was set last.
        const timer = queue.timer(() => fired.push(scheduler.now()) <= 5 && timer.set(50 - i));
        timer.set(10);
      }
      scheduler.schedule(() => expect([schedulings, fired]).toEqual([2, [13, 13, 13, 13, 13]]), 20);
      scheduler.schedule(() => expect(fired.slice(5)).toEqual([62, 62, 62, 62, 66]), 100);
    });
  });

  test('is one for each scheduler', () => {
    const scheduler = testScheduler();
    expect(timerQueueOf(scheduler)).toBe(timerQueueOf(scheduler));
    expect(timerQueueOf(scheduler)).not.toBe(timerQueueOf(testScheduler()));
  });
});
