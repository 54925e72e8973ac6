// A clock that only moves when it is told to, for runs of hours in seconds.

import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import { type Deadlined, DeadlineHeap } from '../time/deadline-heap.ts';

type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

/** All that is to be done at one time, in the order in which it was scheduled: a doubly linked list. */
class Instant implements Deadlined {
  due: number;
  place = -1;
  first: VirtualAction<unknown> | undefined;
  last: VirtualAction<unknown> | undefined;

  constructor(due: number) {
    this.due = due;
  }
}

class VirtualAction<T> extends Subscription implements SchedulerAction<T> {
  /** Where it stands; undefined when it waits for nothing. Written by the agenda only, as are its neighbours. */
  instant: Instant | undefined;
  previous: VirtualAction<unknown> | undefined;
  next: VirtualAction<unknown> | undefined;
  readonly #scheduler: VirtualScheduler;
  readonly #agenda: Agenda;
  readonly #work: Work<T>;
  #state: T | undefined;

  constructor(scheduler: VirtualScheduler, agenda: Agenda, work: Work<T>) {
    super();
    this.#scheduler = scheduler;
    this.#agenda = agenda;
    this.#work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.#state = state;
    this.#agenda.remove(this as VirtualAction<unknown>);
    // As in RxJS: what is infinitely far away is not scheduled.
    if (!Number.isFinite(delay)) this.unsubscribe();
    else this.#agenda.add(this as VirtualAction<unknown>, this.#scheduler.now() + Math.max(delay, 0));
    return this;
  }

  /** Does the work; the action is over unless the work scheduled it again. */
  execute(): void {
    try {
      this.#work.call(this, this.#state);
    } finally {
      if (this.instant === undefined) this.unsubscribe();
    }
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.#agenda.remove(this as VirtualAction<unknown>);
    super.unsubscribe();
  }
}

/** Actions by time, and by the order in which they were scheduled. Cancelled ones leave at once. */
class Agenda {
  size = 0;
  readonly #instants = new Map<number, Instant>();
  readonly #heap = new DeadlineHeap<Instant>((a, b) => a < b);

  get nextAt(): number | undefined {
    return this.#heap.peek()?.due;
  }

  add(action: VirtualAction<unknown>, at: number): void {
    let instant = this.#instants.get(at);
    if (instant === undefined) {
      instant = new Instant(at);
      this.#instants.set(at, instant);
      this.#heap.add(instant);
    }
    action.instant = instant;
    action.previous = instant.last;
    if (instant.last === undefined) instant.first = action;
    else instant.last.next = action;
    instant.last = action;
    this.size++;
  }

  remove(action: VirtualAction<unknown>): void {
    const { instant, previous, next } = action;
    if (instant === undefined) return;
    if (previous === undefined) instant.first = next;
    else previous.next = next;
    if (next === undefined) instant.last = previous;
    else next.previous = previous;
    action.instant = action.previous = action.next = undefined;
    this.size--;
    if (instant.first !== undefined) return;
    this.#instants.delete(instant.due);
    this.#heap.remove(instant);
  }

  /** Takes out the action that comes first. */
  take(): VirtualAction<unknown> | undefined {
    const action = this.#heap.peek()?.first;
    if (action !== undefined) this.remove(action);
    return action;
  }
}

/**
 * A scheduler in virtual time: `now()` stands still until {@link VirtualScheduler.run} moves it from one action to the
 * next. What is due at the same ms runs in the order in which it was scheduled, as with the `VirtualTimeScheduler` and
 * the `TestScheduler` of RxJS; but scheduling and cancelling cost O(log n), and what was cancelled or done is forgotten
 * at once, so that a run can be as long as one likes.
 *
 * @example
 * const scheduler = new VirtualScheduler();
 * interval(1000, scheduler).subscribe(() => console.log(scheduler.now()));
 * scheduler.run(3000);   // 1000, 2000, 3000
 */
export class VirtualScheduler implements SchedulerLike {
  readonly #agenda = new Agenda();
  #now: number;

  /** @param start virtual ms at first. Default 0. */
  constructor(start = 0) {
    this.#now = start;
  }

  /** Virtual time in ms. */
  now(): number {
    return this.#now;
  }

  /** Actions that wait. */
  get pending(): number {
    return this.#agenda.size;
  }

  /** When the next action is due, virtual ms; undefined when none waits. */
  get nextAt(): number | undefined {
    return this.#agenda.nextAt;
  }

  /** Runs `work` once, `delay` ms from now (0 or less: now, after what is due now already), unless it is unsubscribed from. */
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    return new VirtualAction(this, this.#agenda, work).schedule(state, delay);
  }

  /**
   * Runs all actions that are due until `until`, those included that they schedule meanwhile, and sets the clock to it.
   * An error that an action throws comes through; the other actions are still there for the next run.
   *
   * @param until virtual ms. Default: when nothing waits any more, which may be never; the clock then stands at the last action.
   */
  run(until = Infinity): void {
    for (let at = this.#agenda.nextAt; at !== undefined && at <= until; at = this.#agenda.nextAt) {
      // An action may run the clock on itself: time does not go back after that.
      this.#now = Math.max(this.#now, at);
      this.#agenda.take()?.execute();
    }
    if (Number.isFinite(until)) this.#now = Math.max(this.#now, until);
  }
}
