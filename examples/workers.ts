// One port, served by several cores: npm run example examples/workers.ts -- --help
//
// Each worker is a thread (or, with --cluster, a process) with a socket of its own on the same port. Which worker a peer gets to, the
// system decides; its session stays there. Here one of them dies, is replaced, and its clients dial again; then all end
// their sessions in good order, as they do on Ctrl-C.

import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import {
  defer,
  filter,
  firstValueFrom,
  ignoreElements,
  interval,
  map,
  merge,
  Observable,
  Subject,
  takeWhile,
  tap,
} from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { reconnecting } from './reconnect.ts';
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
  /** 0: any free one. */
  readonly port?: number;
  readonly start: Start;
  /** The module that each worker runs. */
  readonly program: URL;
  /** Asks for the end. */
  readonly interrupt?: Observable<unknown>;
}

/** A client that asks all the time, and comes back when it has lost its session. Emits the name of the worker that answers. */
function client(port: number): Observable<number> {
  // Nothing tells a client that its worker died: that it hears nothing does.
  const dial = connect({ port, mode: 'fast3', idleTimeout: 2000 });
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
export function workers(options: WorkersOptions): Observable<string> {
  const { workers: count, clients, port = 0, start = startThread, program, interrupt = new Subject() } = options;
  return new Observable((subscriber) => {
    const pool = new Pool({ program, start, workers: count, port, patience: 10_000 });
    const say = (line: string): void => subscriber.next(line);
    const sayStats = async (): Promise<void> => {
      for (const line of inWords(await pool.stats())) say(line);
    };
    /** Who has answered each client last. */
    const servedBy: (number | undefined)[] = Array.from({ length: clients }, () => undefined);
    const answers = new Subject<void>();
    const allServed = (): Promise<unknown> => {
      const isServed = (name: number | undefined): boolean => name !== undefined && pool.names.includes(name);
      return firstValueFrom(answers.pipe(filter(() => servedBy.every(isServed))));
    };
    const show = async (): Promise<void> => {
      await allServed();
      await sayStats();
      // Of the worker that joined last: its place is the last one, and its replacement takes just that. See docs/multi-core.md.
      const victim = Math.max(...pool.names);
      const before = [...servedBy];
      const replaced = firstValueFrom(pool.changes.pipe(filter(({ kind }) => kind === 'joined')));
      pool.kill(victim);
      const { name } = await replaced;
      say(`worker ${victim} has died, worker ${name} has taken its place`);
      await allServed();
      const kept = servedBy.filter((worker, index) => worker === before[index]).length;
      say(`${clients - kept} of ${clients} clients have lost their session and dialled again`);
      await sayStats();
    };
    const run = async (): Promise<void> => {
      const bound = await pool.open();
      say(`port ${bound} is served by workers ${pool.names.join(', ')}`);
      for (const index of servedBy.keys()) {
        const answered = client(bound).subscribe((name) => {
          servedBy[index] = name;
          answers.next();
        });
        subscriber.add(answered);
      }
      await Promise.race([show(), firstValueFrom(interrupt)]);
      say('all workers end their sessions');
      const gone = firstValueFrom(pool.changes.pipe(ignoreElements()), { defaultValue: undefined });
      await pool.end();
      await gone;
      say('nothing is left');
    };
    subscriber.add(() => pool.close());
    run().then(
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
      .option('--port <port>', '0 for any free one', integer(0, 65_535), 0)
      .option('--cluster', 'processes of node:cluster instead of threads', false)
      .parse()
      .opts<{ workers: number; clients: number; port: number; cluster: boolean }>();
    const how = cluster ? { start: startProcess, program: PROCESS } : { start: startThread, program: THREAD };
    return workers({ ...flags, ...how, interrupt });
  }),
  () => interrupt.next(),
);
