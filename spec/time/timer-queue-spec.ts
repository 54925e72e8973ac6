import { config, type SchedulerAction, type SchedulerLike, type Subscription } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { timerQueueOf } from '../../src/time/timer-queue.ts';
import { eventually } from '../support/eventually.ts';
import { testScheduler } from '../support/marbles.ts';
import { StallingScheduler } from '../support/stalling-scheduler.ts';

type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

/** Delays are at least 1 ms, as those of `setTimeout` are. */
class TimeoutScheduler extends StallingScheduler {
  scheduled = 0;
  override schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    this.scheduled++;
    return super.schedule(work, Math.max(delay, 1), state);
  }
}

/** A scheduler whose clock and timers can be replaced, as fake timers in a test replace those of the platform. */
class FakeableScheduler implements SchedulerLike {
  current: StallingScheduler;

  constructor(current: StallingScheduler) {
    this.current = current;
  }

  now(): number {
    return this.current.now();
  }

  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    return this.current.schedule(work, delay, state);
  }
}

function schedulerAt(now: number): StallingScheduler {
  const scheduler = new StallingScheduler();
  scheduler.stall(now);
  return scheduler;
}

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

  test('is not put off, once its wake-up is overdue, by timers that are set meanwhile', () => {
    const scheduler = new TimeoutScheduler();
    const queue = timerQueueOf(scheduler);
    const fired: number[] = [];
    const other = queue.timer(() => {});
    queue.timer(() => fired.push(scheduler.now())).set(10);
    scheduler.stall(10);
    for (let i = 0; i < 100; i++) {
      scheduler.stall(0.5);
      other.set(50);
    }
    expect(scheduler.scheduled).toBeLessThanOrEqual(2);
    scheduler.pass(0);
    expect(fired).toEqual([60]);
  });

  test.each([210, 5000])('has another wake-up if its clock was taken away, and the new one shows %d', (now) => {
    const clock = new FakeableScheduler(schedulerAt(0));
    const queue = timerQueueOf(clock);
    const fired: string[] = [];
    queue.timer(() => fired.push(`faked@${clock.now()}`)).set(200);
    clock.current = schedulerAt(now);
    queue.timer(() => fired.push(`real@${clock.now()}`)).set(200);
    clock.current.pass(300);
    expect(fired).toEqual([`faked@${now}`, `real@${now + 200}`]);
  });

  test('survives the loss of both wake-ups, when the clock is taken away twice', () => {
    const clock = new FakeableScheduler(schedulerAt(0));
    const queue = timerQueueOf(clock);
    const fired: string[] = [];
    queue.timer(() => fired.push(`faked@${clock.now()}`)).set(200);
    clock.current = schedulerAt(210);
    queue.timer(() => fired.push(`faked@${clock.now()}`)).set(200);
    clock.current = schedulerAt(5000);
    queue.timer(() => fired.push(`real@${clock.now()}`)).set(200);
    clock.current.pass(300);
    expect(fired).toEqual(['faked@5000', 'faked@5000', 'real@5200']);
  });

  test('starts its wake-up again when the clock goes backwards', () => {
    const clock = new FakeableScheduler(schedulerAt(10_000));
    const queue = timerQueueOf(clock);
    const fired: string[] = [];
    queue.timer(() => fired.push(`faked@${clock.now()}`)).set(200);
    clock.current = schedulerAt(9900);
    queue.timer(() => fired.push(`real@${clock.now()}`)).set(400);
    clock.current.pass(500);
    expect(fired).toEqual(['faked@10200', 'real@10300']);
  });

  describe('of which a timer throws', () => {
    const unhandled: unknown[] = [];
    afterEach(() => {
      config.onUnhandledError = null;
      unhandled.splice(0);
    });

    test('runs the others, those of later wake-ups too, and reports every error', async () => {
      config.onUnhandledError = (error) => unhandled.push(error);
      const scheduler = new StallingScheduler();
      const queue = timerQueueOf(scheduler);
      const fired: string[] = [];
      const failing = (name: string): (() => void) => {
        return () => {
          fired.push(name);
          throw new Error(name);
        };
      };
      queue.timer(failing('first')).set(10);
      queue.timer(() => fired.push('second')).set(10);
      queue.timer(failing('third')).set(10);
      queue.timer(() => fired.push('fourth')).set(20);
      scheduler.pass(30);
      expect(fired).toEqual(['first', 'second', 'third', 'fourth']);
      await eventually(() => expect(unhandled).toEqual([new Error('first'), new Error('third')]));
    });
  });
});
