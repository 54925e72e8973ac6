// One port, served by several cores: npm run example examples/workers.ts -- --help
//
// Each worker is a thread (or, with --cluster, a process) with a socket of its own on the same port. Which worker a peer gets to, the
// system decides; its session stays there. Here one of them dies, is replaced, and its clients dial again; then all end
// their sessions in good order, as they do on Ctrl-C.

import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import {
  concat,
  defer,
  filter,
  firstValueFrom,
  ignoreElements,
  interval,
  map,
  merge,
  NEVER,
  Observable,
  Subject,
  Subscription,
  takeUntil,
  takeWhile,
  tap,
} from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { reconnecting } from 'rxkcp/operators';
import { integer } from './support/arguments.ts';
import { runAsProgram } from './support/program.ts';
import { decode, encode } from './support/text.ts';
import { Pool } from './workers/pool.ts';
import { type Start, startProcess, startThread } from './workers/start.ts';
import { GOODBYE, type Stats } from './workers/words.ts';

const THREAD = new URL('./workers/thread.mjs', import.meta.url);
const PROCESS = new URL('./workers/worker.ts', import.meta.url);

export interface WorkersOptions {
  readonly workers: number;
  readonly clients: number;
  /** ms of silence after which a client dials again: longer than a worker takes to be replaced. */
  readonly idleTimeout: number;
  /** 0: any free one. */
  readonly port?: number;
  readonly start: Start;
  /** The module that each worker runs. */
  readonly program: URL;
  /** Asks for the end. */
  readonly interrupt?: Observable<unknown>;
}

/** A client that asks all the time, and comes back when it has lost its session. Emits the name of the worker that answers. */
function client(port: number, idleTimeout: number): Observable<number> {
  // Nothing tells a client that its worker died: that it hears nothing does.
  const dial = connect({ port, mode: 'fast3', idleTimeout });
  const ask = (session: Session): Observable<string> =>
    merge(
      interval(20).pipe(
        tap(() => session.next(encode('who are you?'))),
        ignoreElements(),
      ),
      session.pipe(map(decode)),
    );
  return reconnecting(dial, ask, { first: 100, most: 2000 }).pipe(
    takeWhile((answer) => answer !== GOODBYE),
    map(Number),
  );
}

/** What happens, in lines. */
export function workers({
  workers: count,
  clients,
  idleTimeout,
  port = 0,
  start,
  program,
  interrupt = NEVER,
}: WorkersOptions): Observable<string> {
  return new Observable((subscriber) => {
    const pool = new Pool({ program, start, workers: count, port, patience: 10_000 });
    const fleet = new Fleet(clients, pool, idleTimeout);
    subscriber.add(() => fleet.close());
    subscriber.add(() => pool.close());
    subscriber.add(pool.changes.subscribe({ error: (error) => subscriber.error(error) }));
    const opening = told(async (say) => {
      const bound = await pool.open();
      say(`port ${bound} is served by workers ${pool.names.join(', ')}`);
      fleet.open(bound);
      await fleet.allServed();
      for (const line of inWords(await pool.stats())) say(line);
    });
    const death = told(async (say) => {
      // Of the worker that joined last: its place is the last one, and its replacement takes just that. See docs/multi-core.md.
      const victim = Math.max(...pool.names);
      const before = fleet.servedBy;
      const replaced = firstValueFrom(pool.changes.pipe(filter(({ kind }) => kind === 'joined')));
      pool.kill(victim);
      const { name } = await replaced;
      say(`worker ${victim} has died, worker ${name} has taken its place`);
      await fleet.allServed();
      const lost = fleet.servedBy.filter((worker, index) => worker !== before[index]).length;
      say(`${lost} of ${clients} clients lost their session and have dialled again`);
      for (const line of inWords(await pool.stats())) say(line);
    });
    const end = told(async (say) => {
      say('all workers end their sessions');
      await pool.end();
      say('nothing is left');
    });
    const story = concat(opening, death).pipe(takeUntil(interrupt));
    subscriber.add(concat(story, end).subscribe(subscriber));
  });
}

/** Clients, and who answers them. */
class Fleet {
  /** The worker that has answered last, of each. */
  readonly #servedBy: (number | undefined)[];
  readonly #pool: Pool;
  readonly #idleTimeout: number;
  readonly #answers = new Subject<void>();
  readonly #subscription = new Subscription();

  constructor(clients: number, pool: Pool, idleTimeout: number) {
    this.#servedBy = Array.from({ length: clients }, () => undefined);
    this.#pool = pool;
    this.#idleTimeout = idleTimeout;
  }

  get servedBy(): readonly (number | undefined)[] {
    return [...this.#servedBy];
  }

  open(port: number): void {
    for (const index of this.#servedBy.keys()) {
      const answered = client(port, this.#idleTimeout).subscribe((name) => {
        this.#servedBy[index] = name;
        this.#answers.next();
      });
      this.#subscription.add(answered);
    }
  }

  /** Resolves when a worker that is alive has answered last, of each. */
  async allServed(): Promise<void> {
    const isServed = (name: number | undefined): boolean => name !== undefined && this.#pool.names.includes(name);
    await firstValueFrom(this.#answers.pipe(filter(() => this.#servedBy.every(isServed))));
  }

  close(): void {
    this.#subscription.unsubscribe();
  }
}

function told(tell: (say: (line: string) => void) => Promise<void>): Observable<string> {
  return new Observable((subscriber) => {
    tell((line) => subscriber.next(line)).then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
  });
}

function inWords(stats: ReadonlyMap<number, Stats>): string[] {
  return [...stats].map(
    ([name, { sessions, messages }]) => `  worker ${name}: ${sessions} sessions, ${messages} messages answered`,
  );
}

const interrupt = new Subject<void>();
runAsProgram(
  import.meta.url,
  defer(() => {
    const { cluster, ...flags } = new Command('npm run example examples/workers.ts --')
      .option('--workers <count>', 'how many', integer(1, 256), availableParallelism())
      .option('--clients <count>', 'how many', integer(1, 1000), 16)
      .option('--idle-timeout <ms>', 'silence after which a client dials again', integer(100, 60_000), 2000)
      .option('--port <port>', '0 for any free one', integer(0, 65_535), 0)
      .option('--cluster', 'processes of node:cluster instead of threads', false)
      .parse()
      .opts<{ workers: number; clients: number; idleTimeout: number; port: number; cluster: boolean }>();
    const how = cluster ? { start: startProcess, program: PROCESS } : { start: startThread, program: THREAD };
    return workers({ ...flags, ...how, interrupt });
  }),
  () => interrupt.next(),
);
