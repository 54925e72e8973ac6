import { asapScheduler, interval, type SchedulerLike, Subscription, timer, VirtualTimeScheduler } from 'rxjs';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { integer, seeded, seeds } from '../support/random.ts';

describe('a virtual scheduler', () => {
  test('runs what is due, in the order of time, and of scheduling where times are the same', () => {
    const scheduler = new VirtualScheduler();
    const ran: string[] = [];
    const note = (name: string, delay: number): Subscription =>
      scheduler.schedule(() => ran.push(`${name}@${scheduler.now()}`), delay);
    note('c', 20);
    note('a', 10);
    note('d', 20);
    note('b', 10);
    note('e', 21);
    scheduler.run(20);
    expect(ran).toEqual(['a@10', 'b@10', 'c@20', 'd@20']);
    expect(scheduler.pending).toBe(1);
    scheduler.run(30);
    expect(ran.at(-1)).toBe('e@21');
    expect(scheduler.now()).toBe(30);
  });

  test('runs what is scheduled meanwhile for the same ms after what is due by then already', () => {
    const scheduler = new VirtualScheduler();
    const ran: string[] = [];
    scheduler.schedule(() => {
      ran.push('first');
      scheduler.schedule(() => ran.push('third'), 0);
    }, 5);
    scheduler.schedule(() => ran.push('second'), 5);
    scheduler.run(5);
    expect(ran).toEqual(['first', 'second', 'third']);
  });

  test('does not run what was cancelled, by another action of the same ms least of all, and forgets it', () => {
    const scheduler = new VirtualScheduler();
    const ran: string[] = [];
    scheduler.schedule(() => second.unsubscribe(), 5);
    const second = scheduler.schedule(() => ran.push('second'), 5);
    for (let i = 0; i < 1000; i++) scheduler.schedule(() => ran.push('never'), i).unsubscribe();
    expect(scheduler.pending).toBe(2);
    scheduler.run();
    expect(ran).toEqual([]);
    expect(scheduler.pending).toBe(0);
  });

  test('lets an action schedule itself anew, with a state, until it is cancelled', () => {
    const scheduler = new VirtualScheduler(100);
    const ran: [number, number | undefined][] = [];
    const action = scheduler.schedule<number>(
      function (state = 0) {
        ran.push([scheduler.now(), state]);
        this.schedule(state + 1, 10);
      },
      5,
      7,
    );
    scheduler.run(130);
    action.unsubscribe();
    scheduler.run(200);
    expect(ran).toEqual([
      [105, 7],
      [115, 8],
      [125, 9],
    ]);
    expect(scheduler.pending).toBe(0);
  });

  test('can be run from an action, and time does not go back after that', () => {
    const scheduler = new VirtualScheduler();
    const ran: number[] = [];
    scheduler.schedule(() => scheduler.run(50), 10);
    scheduler.schedule(() => ran.push(scheduler.now()), 20);
    scheduler.run(30);
    expect(ran).toEqual([20]);
    expect(scheduler.now()).toBe(50);
  });

  test('hands on what an action throws, and goes on with the others in the next run', () => {
    const scheduler = new VirtualScheduler();
    const ran: number[] = [];
    scheduler.schedule(() => {
      throw new Error('broken');
    }, 1);
    scheduler.schedule(() => ran.push(scheduler.now()), 2);
    expect(() => scheduler.run(5)).toThrow('broken');
    scheduler.run(5);
    expect(ran).toEqual([2]);
  });

  test('serves the operators of RxJS, whose subscriptions leave nothing behind', () => {
    const scheduler = new VirtualScheduler();
    const seen: string[] = [];
    const ticks = interval(1000, scheduler).subscribe((tick) => seen.push(`${scheduler.now()}: ${tick}`));
    timer(1500, scheduler).subscribe({ complete: () => seen.push('timer') });
    scheduler.run(2500);
    expect(seen).toEqual(['1000: 0', 'timer', '2000: 1']);
    ticks.unsubscribe();
    expect(scheduler.pending).toBe(0);
  });

  test('never gets to what is infinitely far away', () => {
    const scheduler = new VirtualScheduler();
    expect(scheduler.schedule(() => {}, Number.POSITIVE_INFINITY).closed).toBe(true);
    expect(scheduler.pending).toBe(0);
    expect(asapScheduler.now()).toBeGreaterThan(0);
  });

  test.each(seeds(30))('does the same in the same order as the one of RxJS (seed %i)', (seed) => {
    expect(programOn(new VirtualScheduler(), (scheduler) => scheduler.run(), seed)).toEqual(
      programOn(new VirtualTimeScheduler(undefined, Number.POSITIVE_INFINITY), (scheduler) => scheduler.flush(), seed),
    );
  });
});

/** A random program: actions that schedule others, themselves, and cancel one another. */
function programOn<T extends SchedulerLike>(scheduler: T, run: (scheduler: T) => void, seed: number): string[] {
  const random = seeded(seed);
  const log: string[] = [];
  const actions: Subscription[] = [];
  let left = 300;
  const add = (): void => {
    const name = actions.length;
    actions.push(Subscription.EMPTY);
    actions[name] = scheduler.schedule<number>(
      function (round = 0) {
        log.push(`${scheduler.now()} ${name}.${round}`);
        for (let i = integer(random, 0, 2); i > 0 && left-- > 0; i--) add();
        if (random() < 0.3) actions[integer(random, 0, actions.length - 1)]?.unsubscribe();
        if (random() < 0.3 && round < 5) this.schedule(round + 1, integer(random, 0, 4));
      },
      integer(random, 0, 6),
      0,
    );
  };
  for (let i = 0; i < 10; i++) add();
  run(scheduler);
  expect(log.length).toBeGreaterThan(10);
  return log;
}
