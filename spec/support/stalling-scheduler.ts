// A virtual clock on which a process can be held up: time goes by, nothing runs meanwhile, and what was due runs late.

import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';

export class StallingScheduler implements SchedulerLike {
  #now = 0;
  readonly #waiting = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  /** For work that does not ask for its action: that is all a session needs. */
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const action = new Subscription(() => void this.#waiting.delete(entry)) as SchedulerAction<T>;
    const entry = { at: this.#now + delay, run: () => work.call(action, state) };
    this.#waiting.add(entry);
    return action;
  }

  /** Lets `ms` pass; what was due before runs at once, the rest in time. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = [...this.#waiting].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#waiting.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = until;
  }

  /** Lets `ms` pass in which nothing runs. */
  stall(ms: number): void {
    this.#now += ms;
  }
}
