// One wake-up for many timers. Every session has at most one timer, and all sessions on a scheduler share one
// pending action at the earliest of them: ten thousand idle sessions cost nothing.

import type { SchedulerLike, Subscription } from 'rxjs';
import { type Deadlined, DeadlineHeap } from './deadline-heap.ts';

/** A timer of a queue. Make one with {@link TimerQueue.timer}. */
export class QueuedTimer implements Deadlined {
  /** When it was due last, or will be; infinity when it is not set. */
  deadline = Number.POSITIVE_INFINITY;
  heapIndex = -1;
  /** Taken out to be run in the wake-up that is under way. Written by the queue only. */
  isDue = false;
  readonly #queue: TimerQueue;
  readonly run: () => void;

  constructor(queue: TimerQueue, run: () => void) {
    this.#queue = queue;
    this.run = run;
  }

  /** Fires once, `delay` ms from now, in place of what was set before; `undefined` clears. */
  set(delay: number | undefined): void {
    if (delay === undefined) this.#queue.clear(this);
    else this.#queue.set(this, delay);
  }
}

export class TimerQueue {
  readonly #scheduler: SchedulerLike;
  readonly #heap = new DeadlineHeap<QueuedTimer>((a, b) => a < b);
  #wakeUp: Subscription | undefined = undefined;
  #wakeUpAt = Number.POSITIVE_INFINITY;
  #running = false;

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
  }

  timer(run: () => void): QueuedTimer {
    return new QueuedTimer(this, run);
  }

  set(timer: QueuedTimer, delay: number): void {
    const now = this.#scheduler.now();
    this.#heap.remove(timer);
    timer.isDue = false;
    timer.deadline = now + delay;
    this.#heap.add(timer);
    this.#arm(now);
  }

  clear(timer: QueuedTimer): void {
    timer.isDue = false;
    if (timer.heapIndex >= 0) {
      this.#heap.remove(timer);
      if (this.#heap.size === 0) this.#disarm();
    }
    timer.deadline = Number.POSITIVE_INFINITY;
  }

  /** Wakes up in time for the earliest timer. A wake-up that comes too early is cheaper than one moved each time. */
  #arm(now: number): void {
    if (this.#running) return;
    const earliest = this.#heap.peek();
    if (earliest === undefined) {
      this.#disarm();
    } else if (earliest.deadline < this.#wakeUpAt || this.#wakeUpAt < now) {
      // (The one that is overdue may never come: its clock was taken away, by fake timers in a test, say.)
      this.#wakeUp?.unsubscribe();
      this.#wakeUpAt = earliest.deadline;
      const delay = Math.max(Math.ceil(earliest.deadline - now), 0);
      this.#wakeUp = this.#scheduler.schedule(() => this.#run(), delay);
    }
  }

  #disarm(): void {
    this.#wakeUp?.unsubscribe();
    this.#wakeUp = undefined;
    this.#wakeUpAt = Number.POSITIVE_INFINITY;
  }

  /** Runs what is due, each timer once: one that sets itself anew has to wait for another wake-up. */
  #run(): void {
    this.#running = true;
    try {
      // Less than a millisecond early is in time: timers are no finer than that.
      const until = this.#scheduler.now() + 1;
      const due: QueuedTimer[] = [];
      for (let timer = this.#heap.peek(); timer !== undefined && timer.deadline < until; timer = this.#heap.peek()) {
        this.#heap.remove(timer);
        timer.isDue = true;
        due.push(timer);
      }
      for (const timer of due) {
        if (!timer.isDue) continue;
        timer.isDue = false;
        timer.run();
      }
    } finally {
      this.#running = false;
      this.#wakeUpAt = Number.POSITIVE_INFINITY;
      this.#arm(this.#scheduler.now());
    }
  }
}

const queues = new WeakMap<SchedulerLike, TimerQueue>();

/** The queue shared by all that run on `scheduler`. */
export function timerQueueOf(scheduler: SchedulerLike): TimerQueue {
  let queue = queues.get(scheduler);
  if (queue === undefined) {
    queue = new TimerQueue(scheduler);
    queues.set(scheduler, queue);
  }
  return queue;
}
