// What happens in a soak, written down as it happens.

import { FAULT_KINDS, type FaultKind } from './faults.ts';
import type { GoTotals } from './go.ts';
import type { Plan } from './plan.ts';
import type { Ears, SoakProcess } from './process.ts';

/** Failures that are kept; more are counted. */
const KEPT = 100;
/** ms until a process has told of what happened during a fault. */
const LATEST_TELLING = 1_000;

export class Logbook implements Ears {
  readonly plan: Plan;
  /** All there have been, in the order in which they were started. */
  readonly processes: SoakProcess[] = [];
  readonly faults = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as { [kind in FaultKind]: number };
  /** Which fault began when, s after the beginning, and how many it took. */
  readonly timeline: { readonly at: number; readonly kind: FaultKind; readonly seconds: number }[] = [];
  /** System calls that were made to fail. */
  readonly socketErrors: { [name: string]: number } = {};
  /** Sessions of servers that have failed, by the code of their error. */
  readonly leavings: { [code: string]: number } = {};
  readonly failures: string[] = [];
  /** Beyond those kept. */
  moreFailures = 0;
  go: GoTotals | undefined = undefined;
  /** ms of `performance.now()`. */
  began = performance.now();
  ended = Number.POSITIVE_INFINITY;
  /** Fails when a process has ended that was not to: there is nothing to go on with. */
  readonly crash: Promise<never>;
  crashed = (_who: string): void => {};
  /** Until when sessions may fail, ms of `performance.now()`, by the port that their clients send to. */
  readonly #excused = new Map<number, number>();
  /** Until when sockets may report a port without a listener, ms of `performance.now()`. */
  #refusingUntil = 0;

  constructor(plan: Plan) {
    this.plan = plan;
    this.crash = new Promise((_, reject) => {
      this.crashed = (who) => reject(new Error(`${who} is gone`));
    });
    this.crash.catch(() => {});
  }

  /** All are there: the time runs. */
  begin(): void {
    this.began = performance.now();
  }

  /** No more is to be sent: what comes now, draining and waiting, is another time. */
  end(): void {
    this.ended = performance.now();
  }

  /** Counts a fault. @returns is called when it is over. */
  fault(kind: FaultKind): () => void {
    this.faults[kind]++;
    const at = this.#seconds();
    if (kind === 'socket errors') this.#refusingUntil = Number.POSITIVE_INFINITY;
    return () => {
      if (kind === 'socket errors') this.#refusingUntil = performance.now() + LATEST_TELLING;
      this.timeline.push({ at, kind, seconds: this.#seconds() - at });
    };
  }

  /** For so many ms sessions with these ports may fail: there was a breaking fault. */
  excuse(ports: readonly number[], ms: number): void {
    for (const port of ports) this.#excused.set(port, performance.now() + ms);
  }

  isExcused(port: number): boolean {
    return performance.now() < (this.#excused.get(port) ?? 0);
  }

  wrong(who: string, message: string): void {
    const { kind, at } = this.timeline.at(-1) ?? {};
    const last = kind === undefined ? '' : ` (the last fault was a ${kind}, at ${at?.toFixed(1)} s)`;
    const failure = `${this.#seconds().toFixed(1)} s: ${who}: ${message}${last}`;
    if (this.failures.length < KEPT) this.failures.push(failure);
    else this.moreFailures++;
  }

  failed(load: string, port: number, code: string): void {
    // A client that has received nothing yet may believe that the port has no listener.
    if (code === 'ERR_CONNECTION_REFUSED' && performance.now() < this.#refusingUntil) return;
    if (!this.isExcused(port)) this.wrong(load, `its session failed with ${code}, and nothing was done to it`);
  }

  left(code: string): void {
    this.leavings[code] = (this.leavings[code] ?? 0) + 1;
  }

  errors(counts: Readonly<{ [name: string]: number }>): void {
    for (const [name, count] of Object.entries(counts)) {
      this.socketErrors[name] = (this.socketErrors[name] ?? 0) + count;
    }
  }

  #seconds(): number {
    return (performance.now() - this.began) / 1000;
  }
}
