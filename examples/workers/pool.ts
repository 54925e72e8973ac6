// Several workers on one port, of which those that die are replaced.
//
// The system spreads peers over the sockets of a port by a hash of both addresses, divided by the number of sockets. So when that number
// changes, peers of all workers get to others, which know nothing of their sessions. Two rules follow: whoever dies is replaced at once,
// and nobody leaves before all are through with their sessions. See docs/multi-core.md.

import { filter, firstValueFrom, from, type Observable, race, Subject, timer } from 'rxjs';
import type { Start, StartedWorker } from './start.ts';
import type { Report, Stats } from './words.ts';

export interface PoolOptions {
  /** The module that each worker runs. */
  readonly program: URL;
  readonly start: Start;
  readonly workers: number;
  /** 0: any free one. */
  readonly port: number;
  /** ms that sessions have for their end. */
  readonly patience: number;
}

export interface Change {
  readonly kind: 'joined' | 'left';
  readonly name: number;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #workers = new Map<number, StartedWorker>();
  readonly #changes = new Subject<Change>();
  #newest = 0;
  #joining: Promise<void> = Promise.resolve();
  #port: number;
  #isEnding = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** Fails when a worker cannot listen. */
  get changes(): Observable<Change> {
    return this.#changes;
  }

  get names(): readonly number[] {
    return [...this.#workers.keys()];
  }

  /** Resolves with the port when all workers listen: clients that come before lose their session when the next one joins. */
  async open(): Promise<number> {
    // One after the other: the first may have chosen the port.
    for (let i = 0; i < this.#options.workers && !this.#isEnding; i++) {
      this.#joining = this.#join();
      await this.#joining;
    }
    return this.#port;
  }

  async stats(): Promise<ReadonlyMap<number, Stats>> {
    const stats = new Map<number, Stats>();
    for (const [name, worker] of this.#workers) {
      const report = heard(worker, 'counted');
      worker.tell({ kind: 'count' });
      const counted = await report;
      if (counted !== undefined) stats.set(name, counted);
    }
    return stats;
  }

  /** As if it had crashed. */
  kill(name: number): void {
    if (!this.#isEnding) this.#workers.get(name)?.kill();
  }

  /** Sessions say goodbye, and have what they sent acknowledged; then all workers leave. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#joining;
    const workers = [...this.#workers.values()];
    const drained = workers.map((worker) => {
      const report = heard(worker, 'drained');
      worker.tell({ kind: 'drain' });
      return report;
    });
    // Those of peers that are gone would last until they are dead links.
    await firstValueFrom(race(from(Promise.all(drained)), timer(this.#options.patience)));
    for (const worker of workers) worker.tell({ kind: 'leave' });
    await Promise.all(workers.map(({ ended }) => ended));
  }

  close(): void {
    this.#isEnding = true;
    for (const worker of this.#workers.values()) worker.kill();
  }

  async #join(): Promise<void> {
    const name = ++this.#newest;
    const { start, program } = this.#options;
    const worker = start(program, { WORKER_NAME: `${name}`, WORKER_PORT: `${this.#port}` });
    this.#workers.set(name, worker);
    const report = await heard(worker, 'listening');
    if (report === undefined) {
      this.#workers.delete(name);
      // Another one would end like it.
      throw new Error(`worker ${name} does not listen: ${await worker.ended}`);
    }
    this.#port = report.port;
    this.#changes.next({ kind: 'joined', name });
    void worker.ended.then(() => this.#left(name));
  }

  #left(name: number): void {
    this.#workers.delete(name);
    this.#changes.next({ kind: 'left', name });
    if (!this.#isEnding) this.#joining = this.#join().catch((error) => this.#changes.error(error));
  }
}

/** The next report of that kind; undefined if the worker ends before. */
function heard<K extends Report['kind']>(worker: StartedWorker, kind: K): Promise<(Report & { kind: K }) | undefined> {
  const isOne = (report: Report): report is Report & { kind: K } => report.kind === kind;
  return Promise.race([firstValueFrom(worker.reports.pipe(filter(isOne))), worker.ended.then(() => undefined)]);
}
