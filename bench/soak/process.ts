// A process of the soak, as the one that started it sees it: what it says, what it holds, how it ends.

import { type ChildProcess, fork } from 'node:child_process';
import type { ClientSettings, LoadTotals, Order, Sample, ServerSettings, Word } from './words.ts';

export interface TimedSample extends Sample {
  /** ms of `performance.now()`. */
  readonly at: number;
}

/** Who is told what processes say. */
export interface Ears {
  wrong(who: string, message: string): void;
  /** A process has ended that was not to. */
  crashed(who: string): void;
  failed(load: string, port: number, code: string): void;
  left(code: string): void;
  errors(counts: Readonly<Record<string, number>>): void;
}

/**
 * The young generation has from the start the size to which V8 (of Node 20) lets it grow, 16 MiB: it grows in large steps, when a
 * process was held up for instance, and stays so. That looks like a leak in RSS, and would hide one.
 */
const V8 = ['--expose-gc', '--min-semi-space-size=16'];
/** Bytes kept of what it writes to standard error. */
const STDERR = 4_000;
const running = new Set<SoakProcess>();

process.on('exit', () => {
  for (const each of running) each.kill();
});

export class SoakProcess {
  readonly name: string;
  readonly started = performance.now();
  readonly samples: TimedSample[] = [];
  /** Of a client, at its last sample. */
  loads: readonly LoadTotals[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<Word['word'], ((word: Word) => void)[]>();
  /** How it is to end: not at all, by itself with status 0, or killed. */
  #ending: 'unexpected' | 'stopped' | 'killed' = 'unexpected';

  /** @param dgram whether it has to do without the native link. */
  constructor(name: string, program: string, settings: ServerSettings | ClientSettings, dgram: boolean, ears: Ears) {
    this.name = name;
    const env = dgram ? { ...process.env, RXKCP_NATIVE: '0' } : process.env;
    const argument = [JSON.stringify(settings)];
    this.#child = fork(program, argument, {
      env,
      execArgv: V8,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    running.add(this);
    let stderr = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr = (stderr + text).slice(-STDERR);
    });
    this.#child.on('message', (word: Word) => this.#take(word, ears));
    this.#child.on('error', (error) => ears.wrong(name, String(error)));
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        running.delete(this);
        const isRight = this.#ending === 'killed' || (this.#ending === 'stopped' && code === 0);
        if (!isRight) ears.wrong(name, `ended (${signal ?? code}) ${stderr.trim()}`);
        if (this.#ending === 'unexpected') ears.crashed(name);
        resolve();
      });
    });
  }

  get wasKilled(): boolean {
    return this.#ending === 'killed';
  }

  /** The next word of that kind. */
  word<W extends Word['word']>(kind: W): Promise<Extract<Word, { word: W }>> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(kind) ?? [];
      waiting.push(resolve as (word: Word) => void);
      this.#waiting.set(kind, waiting);
    });
  }

  tell(order: Order): void {
    if (this.#child.connected) this.#child.send(order, () => {});
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** At once. Resolves when it is gone. */
  kill(): Promise<void> {
    this.#ending = 'killed';
    this.#child.kill('SIGKILL');
    return this.#ended;
  }

  /** Resolves when it is gone, with status 0 as is right. */
  async stop(): Promise<void> {
    this.#ending = 'stopped';
    this.tell({ order: 'stop' });
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await this.#ended;
    clearTimeout(patience);
  }

  #take(word: Word, ears: Ears): void {
    if (word.word === 'sample') {
      this.samples.push({ ...word.sample, at: performance.now() });
      this.loads = word.loads;
    } else if (word.word === 'wrong') ears.wrong(this.name, word.message);
    else if (word.word === 'failed') ears.failed(`${this.name}: ${word.load}`, word.port, word.code);
    else if (word.word === 'left') ears.left(word.code);
    else if (word.word === 'errors') ears.errors(word.counts);
    const waiting = this.#waiting.get(word.word) ?? [];
    this.#waiting.delete(word.word);
    for (const resolve of waiting) resolve(word);
  }
}
