// One wake-up for many timers. Every session has at most one timer, and all sessions on a scheduler share one
// pending action at the earliest of them: ten thousand idle sessions cost nothing.

import type { SchedulerLike, Subscription } from 'rxjs';
import { callSafely } from '../rx/report.ts';
import { type Deadlined, DeadlineHeap } from './deadline-heap.ts';

/** ms by which a wake-up is overdue when it counts as lost, and so does its substitute. */
const LOST_AFTER = 1000;

/** A timer of a queue. Make one with {@link TimerQueue.timer}. */
export class QueuedTimer implements Deadlined {
  /** When it was due last, or will be; infinity when it is not set. */
  due = Infinity;
  place = -1;
  readonly #queue: TimerQueue;
  readonly run: () => void;

  constructor(queue: TimerQueue, run: () => void) {
    this.#queue = queue;
    this.run = run;
  }

  /** Fires once, `delay` ms from now, in place of what was set before; `undefined` clears. */
  set(delay: number | undefined): void {
    this.#queue.set(this, delay);
  }
}

export class TimerQueue {
  readonly #scheduler: SchedulerLike;
  readonly #heap = new DeadlineHeap<QueuedTimer>((a, b) => a < b);
  /** What the clock showed when a timer was last set. Written by the queue only. */
  latest: number;
  #wakeUp: Subscription | undefined;
  /** A second wake-up, if the first is overdue. */
  #substitute: Subscription | undefined;
  #wakeUpAt = Infinity;
  #running = false;

  /**
   * Runs each timer that is due, once: a timer that sets itself again waits for another wake-up. If a timer throws, the
   * others still run, and RxJS reports the error as unhandled.
   */
  readonly #run = (): void => {
    this.#running = true;
    // Less than a millisecond early is in time: timers are no finer than that.
    const until = this.#scheduler.now() + 1;
    const due: QueuedTimer[] = [];
    for (let timer = this.#heap.peek(); timer && timer.due < until; timer = this.#heap.peek()) {
      this.#heap.remove(timer);
      due.push(timer);
    }
    for (const timer of due) {
      // Another one may have set it again, or cleared it.
      if (timer.place < 0 && timer.due < until) callSafely(timer.run);
    }
    this.#running = false;
    this.#disarm();
    this.#arm(this.#scheduler.now());
  };

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
    this.latest = scheduler.now();
  }

  get isEmpty(): boolean {
    return !this.#heap.peek();
  }

  timer(run: () => void): QueuedTimer {
    return new QueuedTimer(this, run);
  }

  /** See {@link QueuedTimer.set}. */
  set(timer: QueuedTimer, delay: number | undefined): void {
    this.#heap.remove(timer);
    if (delay === undefined) {
      timer.due = Infinity;
      if (this.isEmpty) this.#disarm();
    } else {
      const now = this.#scheduler.now();
      timer.due = now + delay;
      this.#heap.add(timer);
      this.#arm(now);
    }
  }

  /**
   * Wakes up in time for the earliest timer. A wake-up that comes too early is cheaper than one moved each time, and one
   * that is late must not be moved: that would put it off again with every timer that is set meanwhile.
   */
  #arm(now: number): void {
    if (this.#running) return;
    // Fake timers in a test replace the clock and later restore it. A wake-up of the other clock may never come.
    const isLost = now < this.latest || now - this.#wakeUpAt >= LOST_AFTER;
    this.latest = now;
    const earliest = this.#heap.peek();
    if (!earliest) return;
    const { due } = earliest;
    if (due < this.#wakeUpAt || isLost) {
      this.#disarm();
      this.#wakeUpAt = due;
      this.#wakeUp = this.#scheduler.schedule(this.#run, Math.max(Math.ceil(due - now), 0));
    } else if (this.#wakeUpAt < now) {
      // Probably it is only late, and comes before this one.
      this.#substitute ??= this.#scheduler.schedule(this.#run);
    }
  }

  #disarm(): void {
    this.#wakeUp?.unsubscribe();
    this.#substitute?.unsubscribe();
    this.#wakeUp = this.#substitute = undefined;
    this.#wakeUpAt = Infinity;
  }
}

/** The queues of each scheduler, one for each clock that it has shown: usually one. */
const queues = new WeakMap<SchedulerLike, TimerQueue[]>();

/**
 * The queue shared by all that begin on `scheduler` at about the same time.
 *
 * A scheduler may show another clock for a while, as those of RxJS do during `TestScheduler.run`. Then time goes backwards, and the
 * wake-ups of before come when the first clock is back. So an earlier time than a queue has seen is not that queue's. Of those that it
 * may belong to, it belongs to the one whose time is nearest.
 */
export function timerQueueOf(scheduler: SchedulerLike): TimerQueue {
  const now = scheduler.now();
  const known = queues.get(scheduler) ?? [];
  const [nearest = new TimerQueue(scheduler)] = known
    .filter(({ latest }) => latest <= now)
    .sort((a, b) => b.latest - a.latest);
  // Timers keep the queue that they have; one without any is not worth finding again.
  const kept = known.filter((queue) => queue !== nearest && !queue.isEmpty);
  queues.set(scheduler, [...kept, nearest]);
  return nearest;
}
