// kcp-go's part in a soak: a client of ours that talks to its server for the whole time, and clients of its that have bytes echoed
// by our servers, one after the other.

import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../child.ts';
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

/** @param length ms that it may live. */
export async function startGoServer(
  program: string,
  profile: Profile,
  length: number,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const child = new Child([program], ['-role', 'server', '-work', 'echo', ...flagsOf(profile)], length);
  const { port } = await child.event('listening');
  return { port: port as number, stop: () => child.stop() };
}

/** What kcp-go's clients have done. */
export interface GoRounds {
  rounds: number;
  bytes: number;
  /** Rounds that a breaking fault has ended. */
  broken: number;
}

export class GoClients {
  readonly totals: GoRounds = { rounds: 0, bytes: 0, broken: 0 };
  readonly #program: string;
  readonly #isExcused: () => boolean;
  readonly #wrong: (message: string) => void;
  #stopped = false;

  /** @param isExcused whether a session may fail at the moment, or might have a short while ago. */
  constructor(program: string, isExcused: () => boolean, wrong: (message: string) => void) {
    this.#program = program;
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
    let wasExcused = this.#isExcused();
    const watching = setInterval(() => {
      wasExcused ||= this.#isExcused();
    }, 500);
    try {
      const { sentSha256, receivedSha256, bytesReceived } = await child.event('done');
      if (sentSha256 !== receivedSha256 || bytesReceived !== BYTES) {
        this.#wrong(`${bytesReceived} of ${BYTES} bytes came back, ${sentSha256} as ${receivedSha256}`);
      }
      this.totals.rounds++;
      this.totals.bytes += BYTES;
    } catch (error) {
      if (wasExcused) this.totals.broken++;
      else this.#wrong(String(error));
    } finally {
      clearInterval(watching);
      await child.stop();
    }
  }
}
