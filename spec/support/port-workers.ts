// Servers in worker threads that share one port, and clients that know which of them answers.

import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { connect, type Session } from 'rxkcp';
import { bundleForNode } from './bundle.ts';

/** Answers every message with its own number; says its port once it is bound. */
const SERVER = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { listen } from 'rxkcp';
  const { number, port } = workerData;
  const onListening = (local: { port: number }) => parentPort?.postMessage(local.port);
  const server = listen({ port, host: '127.0.0.1', reusePort: true, mode: 'fast3', onListening }).subscribe((session) => {
    session.subscribe({ next: () => session.next(Uint8Array.of(number)), error: () => {} });
  });
  parentPort?.once('message', () => {
    server.unsubscribe();
    parentPort?.close();
  });
`;

export interface Program {
  readonly url: URL;
  remove(): void;
}

/** Writes a program of workers (that of `PortWorker`s), with the sources in it, to where it finds the packages it needs. */
export async function writeProgram(code = SERVER): Promise<Program> {
  const url = new URL(`../.port-worker-${process.pid}.mjs`, import.meta.url);
  writeFileSync(url, (await bundleForNode(code, 'ts')).code);
  return { url, remove: () => rmSync(fileURLToPath(url)) };
}

/** Whether node:dgram can share a port: on Linux, by Node 22.12, and 23.1 and later. */
export function canShareByDgram(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (process.platform !== 'linux') return false;
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

export class PortWorker {
  readonly number: number;
  readonly port: number;
  readonly #thread: Worker;

  private constructor(thread: Worker, number: number, port: number) {
    this.#thread = thread;
    this.number = number;
    this.port = port;
  }

  /** @param native whether by the native link. Rejects with what `listen` failed with. */
  static start(program: URL, number: number, port: number, native: boolean): Promise<PortWorker> {
    const thread = new Worker(program, {
      workerData: { number, port },
      env: { ...process.env, RXKCP_NATIVE: native ? '1' : '0' },
    });
    return new Promise((resolve, reject) => {
      thread.once('error', reject);
      thread.once('message', (bound: number) => resolve(new PortWorker(thread, number, bound)));
    });
  }

  /** Ends it in the middle of everything. */
  async terminate(): Promise<void> {
    await this.#thread.terminate();
  }

  /** Unsubscribes from `listen`, and resolves with the exit code when nothing keeps the thread any longer. */
  close(): Promise<number> {
    return new Promise((resolve) => {
      this.#thread.once('exit', resolve);
      this.#thread.postMessage('close');
    });
  }
}

/** A client with its own socket, which asks again 5 ms after each answer. */
export class AskingClient {
  /** Who has answered, in order. */
  readonly answers: number[] = [];
  error: unknown = undefined;
  #session: Session | undefined = undefined;
  readonly #subscription;

  constructor(port: number) {
    this.#subscription = connect({ port, mode: 'fast3' }).subscribe((session) => {
      this.#session = session;
      session.subscribe({
        next: ([number = 0]) => {
          this.answers.push(number);
          setTimeout(() => session.next(Uint8Array.of(0)), 5);
        },
        error: (error) => {
          this.error = error;
        },
      });
      session.next(Uint8Array.of(0));
    });
  }

  /** From now on three transmissions without an acknowledgement are a dead link. */
  beImpatient(): void {
    this.#session?.configure({ deadLink: 3 });
  }

  close(): void {
    this.#subscription.unsubscribe();
  }
}
