// A program under measurement: events as JSON lines on its standard output, bounded in time, and gone when we are.
// It ends when its standard input closes, and so even if this process dies without a word.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Command } from './bench.ts';

export interface ChildEvent {
  readonly event: string;
  readonly [member: string]: unknown;
}

const running = new Set<Child>();

process.on('exit', () => {
  for (const child of running) child.kill();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

export class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #events: ChildEvent[] = [];
  #failure: Error | undefined = undefined;
  #arrived = (): void => {};
  #stderr = '';

  /**
   * @param timeout ms the program may take in all.
   * @param outlivesSessions whether a server goes on when one of its sessions fails: that is an event like others then, no end.
   */
  constructor([program, ...first]: Command, args: readonly string[], timeout: number, outlivesSessions = false) {
    this.#process = spawn(program, [...first, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(this);
    const what = `${program} ${args.join(' ')}`;
    const bound = setTimeout(() => this.#fail(new Error(`${what}: not done after ${timeout} ms`)), timeout);
    this.#process.on('error', (error) => this.#fail(error));
    this.#process.on('close', (code, signal) => {
      clearTimeout(bound);
      running.delete(this);
      this.#fail(new Error(`${what}: ended (${signal ?? code}) ${this.#stderr.trim()}`));
    });
    // Writing to a child that has just ended is not another failure.
    this.#process.stdin.on('error', () => {});
    this.#process.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-2000);
    });
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as ChildEvent;
      const isOfSession = event.conv !== undefined;
      if (event.event === 'error' && !(outlivesSessions && isOfSession)) {
        this.#fail(new Error(`${what}: ${event.message}`));
      }
      this.#events.push(event);
      this.#arrived();
    });
  }

  /** The next event of that name; others before it are dropped. Fails when the program does. */
  async event(name: string): Promise<ChildEvent> {
    for (;;) {
      const event = await this.next();
      if (event.event === name) return event;
    }
  }

  /** The next event. Fails when the program does. */
  async next(): Promise<ChildEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  /** Writes one line to its standard input. */
  tell(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Writes one line to its standard input, which it answers with an event of that name. */
  ask(line: string): Promise<ChildEvent> {
    this.tell(line);
    return this.event(line);
  }

  /** Ends it and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const closed = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.stdin.end();
    const patience = setTimeout(() => this.kill(), 3000);
    await closed;
    clearTimeout(patience);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.kill();
    this.#arrived();
  }
}

/** The number `member` of an event. */
export function numberOf(event: ChildEvent, member: string): number {
  const value = event[member];
  if (typeof value !== 'number') throw new Error(`event ${event.event} has no number ${member}`);
  return value;
}
