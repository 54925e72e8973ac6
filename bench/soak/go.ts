// kcp-go's part in a soak: a client of rxkcp that talks to its server for the whole time, and its clients that have bytes echoed
// by our servers, one after the other.

import { setTimeout as sleep } from 'node:timers/promises';
import { Child, type ChildEvent } from '../child.ts';
import { PASSWORD, type Profile, WINDOW } from './profiles.ts';

/** The profiles that kcp-go can share: streams. */
const FLAGS: Partial<Record<Profile, readonly string[]>> = {
  salsa: ['-crypt', 'salsa20', '-nodelay', '1,10,2,1'],
  'aes-fec': ['-crypt', 'aes', '-fec', '10/3', '-nodelay', '0,30,2,1'],
};
/** Of each client. */
const BYTES = 256 * 1024;
/** ms that one may take, and between two. */
const PATIENCE = 40_000;
const PAUSE = 3_000;

function flagsOf(profile: Profile): string[] {
  const windows = ['-sndwnd', `${WINDOW}`, '-rcvwnd', `${WINDOW}`];
  return [...(FLAGS[profile] ?? []), '-password', PASSWORD, ...windows, '-timeout', '0'];
}

/** What kcp-go has done. */
export interface GoTotals {
  /** Of its clients. */
  rounds: number;
  bytes: number;
  /** Rounds that a breaking fault has ended. */
  broken: number;
  /** Sessions of its server that gave way to another conversation from their address. */
  replaced: number;
}

/** Who is told what goes wrong. */
export interface GoListener {
  wrong(message: string): void;
  /** The server is gone, and was not to. */
  crashed(message: string): void;
}

/** What a session of kcp-go says that is closed: by its listener alone, since its program closes no session. */
const CLOSED = 'io: read/write on closed pipe';

/**
 * kcp-go's server knows sessions by their address, and keeps those of clients that have left forever. The system gives
 * the port of a socket that was closed to a new one now and then: then there is another conversation at that address, and
 * kcp-go closes the session of the old one. Such a session fails, and nothing else may.
 */
export class GoServer {
  readonly port: number;
  readonly #child: Child;
  readonly #totals: GoTotals;
  readonly #listener: GoListener;
  readonly #convs = new Map<string, number>();
  readonly #replaced = new Set<number>();
  readonly #closed = new Set<number>();
  readonly #watched: Promise<void>;
  #stopped = false;

  /** @param length ms that it may live. */
  static async start(
    program: string,
    profile: Profile,
    length: number,
    totals: GoTotals,
    listener: GoListener,
  ): Promise<GoServer> {
    const child = new Child([program], ['-role', 'server', '-work', 'echo', ...flagsOf(profile)], length, true);
    const { port } = await child.event('listening');
    return new GoServer(child, port as number, totals, listener);
  }

  private constructor(child: Child, port: number, totals: GoTotals, listener: GoListener) {
    this.port = port;
    this.#child = child;
    this.#totals = totals;
    this.#listener = listener;
    this.#watched = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#child.stop();
    await this.#watched;
    for (const conv of this.#closed) {
      if (!this.#replaced.has(conv)) this.#listener.wrong(`session ${conv} was closed, and none took its place`);
    }
  }

  async #watch(): Promise<void> {
    try {
      for (;;) this.#take(await this.#child.next());
    } catch (error) {
      if (!this.#stopped) this.#listener.crashed(String(error));
    }
  }

  /** Of the two events of a session that is replaced, any may be the first. */
  #take({ event, remote, conv, message }: ChildEvent): void {
    if (event === 'accepted') {
      const before = this.#convs.get(remote as string);
      this.#convs.set(remote as string, conv as number);
      if (before === undefined) return;
      this.#replaced.add(before);
      this.#totals.replaced++;
    } else if (event === 'error') {
      if (message === CLOSED) this.#closed.add(conv as number);
      else this.#listener.wrong(`session ${conv}: ${message}`);
    }
  }
}

export class GoClients {
  readonly #program: string;
  readonly #totals: GoTotals;
  readonly #isExcused: (port: number) => boolean;
  readonly #wrong: (message: string) => void;
  #stopped = false;

  /** @param isExcused whether a session with that port may fail at the moment, or might have a short while ago. */
  constructor(
    program: string,
    totals: GoTotals,
    isExcused: (port: number) => boolean,
    wrong: (message: string) => void,
  ) {
    this.#program = program;
    this.#totals = totals;
    this.#isExcused = isExcused;
    this.#wrong = wrong;
  }

  /** Until `stop`. @param ports of relays. */
  async run(profile: Profile, ports: readonly number[]): Promise<void> {
    for (let round = 0; !this.#stopped; round++) {
      await this.#round(profile, ports[round % ports.length] as number, round);
      await sleep(PAUSE);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #round(profile: Profile, port: number, seed: number): Promise<void> {
    const flags = ['-role', 'client', '-work', 'echo', '-addr', `127.0.0.1:${port}`, '-bytes', `${BYTES}`];
    const child = new Child([this.#program], [...flags, '-seed', `${seed}`, ...flagsOf(profile)], PATIENCE);
    let wasExcused = this.#isExcused(port);
    const watching = setInterval(() => {
      wasExcused ||= this.#isExcused(port);
    }, 500);
    try {
      const { sentSha256, receivedSha256, bytesReceived } = await child.event('done');
      if (sentSha256 !== receivedSha256 || bytesReceived !== BYTES) {
        this.#wrong(`${bytesReceived} of ${BYTES} bytes came back, ${sentSha256} as ${receivedSha256}`);
      }
      this.#totals.rounds++;
      this.#totals.bytes += BYTES;
    } catch (error) {
      if (wasExcused) this.#totals.broken++;
      else this.#wrong(String(error));
    } finally {
      clearInterval(watching);
      await child.stop();
    }
  }
}
