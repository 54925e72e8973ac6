// A running kcp-go peer (../peers/go/README.md): its events as they come, and its end.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { filter, firstValueFrom, map, type Observable, ReplaySubject, skip } from 'rxjs';
import type { FecShape, Snmp } from 'rxkcp';
import type { Cleanup } from './cleanup.ts';
import { goProgram } from './go-build.ts';
import { shapeName } from './settings.ts';

/** What one end of a transfer has moved: the peer's `done` event, and the same of our ends. */
export interface Moved {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Lower-case hex; '' for nothing. */
  readonly sentSha256: string;
  readonly receivedSha256: string;
  readonly seconds: number;
}

interface Events {
  listening: { readonly port: number };
  accepted: { readonly remote: string; readonly conv: number };
  /** A client started with `-hold` has made its session. */
  holding: { readonly conv: number };
  /** With what the process has counted by then. */
  done: Moved & { readonly snmp: Snmp };
  /** The shape of the groups it sends was changed. */
  fec: Line;
  /** Something came out of band. */
  oob: { readonly conv: number; readonly payload: string };
  /** How sending out of band went: an empty error is a success. */
  oobSent: { readonly max: number; readonly error: string };
  report: { readonly sessions: number; readonly snmp: Snmp };
}

type Line = { readonly event: string; readonly message?: string };

export class GoPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines = new ReplaySubject<Line>();
  readonly #exited: Promise<void>;
  #reports = 0;
  #oobSent = 0;

  /** Starts the program with `flags`; it is killed when the test is over. */
  constructor(flags: readonly string[], cleanup: Cleanup) {
    this.#child = spawn(goProgram('peer'), flags, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', (error) => this.#lines.error(error));
    this.#exited = new Promise((resolve) => {
      this.#child.on('exit', (code, signal) => {
        this.#lines.error(new Error(`the kcp-go peer has ended (${signal ?? code})`));
        resolve();
      });
    });
    createInterface(this.#child.stdout).on('line', (text) => this.#take(JSON.parse(text)));
    cleanup(() => this.kill());
  }

  /** The first event of that name, past or to come; rejects when the peer reports an error, or ends. */
  event<Name extends keyof Events>(name: Name): Promise<Events[Name]> {
    return this.#nth(name, 0);
  }

  /** All events of that name, past and to come; fails when the peer reports an error, or ends. */
  events<Name extends keyof Events>(name: Name): Observable<Events[Name]> {
    return this.#lines.pipe(
      filter(({ event }) => event === name),
      map((line) => line as unknown as Events[Name]),
    );
  }

  /** What it counts now. It has to be started with `-idle-report`. */
  report(): Promise<Events['report']> {
    this.#say('report');
    return this.#nth('report', this.#reports++);
  }

  /** A client started with `-hold` does its work now. */
  begin(): void {
    this.#say('begin');
  }

  /** From the next border of two groups on it sends groups of another shape; resolves when that is so. Once for each peer. */
  async changeShape(shape: FecShape): Promise<void> {
    this.#say(`fec ${shapeName(shape)}`);
    await this.event('fec');
  }

  /** Sends out of band, in the session it has made last. It has to be started with `-oob`. */
  sendOob(payload: Uint8Array): Promise<Events['oobSent']> {
    this.#say(`oob ${Buffer.from(payload).toString('hex')}`);
    return this.#nth('oobSent', this.#oobSent++);
  }

  /** SIGKILL: not a word to anyone. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #nth<Name extends keyof Events>(name: Name, before: number): Promise<Events[Name]> {
    return firstValueFrom(this.events(name).pipe(skip(before)));
  }

  #say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  #take(line: Line): void {
    if (line.event === 'error') this.#lines.error(new Error(`kcp-go peer: ${line.message}`));
    else this.#lines.next(line);
  }
}

/** A kcp-go server that listens, and its port. */
export async function startGoServer(
  flags: readonly string[],
  cleanup: Cleanup,
): Promise<{ readonly peer: GoPeer; readonly port: number }> {
  const peer = new GoPeer(['-role', 'server', ...flags], cleanup);
  const { port } = await peer.event('listening');
  return { peer, port };
}

/** A kcp-go client that dials `port` of this machine. */
export function startGoClient(port: number, flags: readonly string[], cleanup: Cleanup): GoPeer {
  return new GoPeer(['-role', 'client', '-addr', `127.0.0.1:${port}`, ...flags], cleanup);
}
