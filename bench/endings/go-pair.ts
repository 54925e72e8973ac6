// Two control blocks of kcp-go on a virtual clock, and the network between them: the program `reference` of spec/interop/peers/go.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ModeParameters } from 'rxkcp';
import { goProgram } from '../../spec/interop/support/go-build.ts';

interface Answer {
  readonly ret: number;
  /** Segments. */
  readonly state: { readonly queued: number; readonly inflight: number };
  readonly next?: number;
  readonly packets: string[] | null;
  readonly error?: string;
}

type Name = 'left' | 'right';

const WINDOW = 128;
const MTU = 1400;

export class GoPair {
  /** Datagrams that the left end sent during the outage. */
  inVain = 0;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: ((answer: Answer) => void)[] = [];
  readonly #inFlight: { readonly at: number; readonly to: Name; readonly hex: string }[] = [];
  readonly #flushAt: Record<Name, number> = { left: 0, right: 0 };
  readonly #delay: number;
  readonly #outage: readonly [from: number, to: number];
  readonly #interval: number;

  static async open(mode: ModeParameters, delay: number, at: number, outage: number): Promise<GoPair> {
    const pair = new GoPair(mode.interval, delay, [at, at + outage]);
    const { nodelay, interval, resend, nc } = mode;
    const settings = {
      nodelay: [+nodelay, interval, resend, +nc],
      sndwnd: WINDOW,
      rcvwnd: WINDOW,
      mtu: MTU,
      stream: true,
    };
    for (const id of ['left', 'right'] as const) await pair.#ask(id, 0, { op: 'new', conv: 1, ...settings });
    return pair;
  }

  private constructor(interval: number, delay: number, outage: readonly [number, number]) {
    this.#interval = interval;
    this.#delay = delay;
    this.#outage = outage;
    this.#child = spawn(goProgram('reference'));
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.(JSON.parse(line)));
  }

  /** The left end writes, if its window has room. */
  async write(now: number, bytes: number): Promise<void> {
    const { state } = await this.#ask('left', now, { op: 'state' });
    if (state.queued + state.inflight >= WINDOW) return;
    await this.#ask('left', now, { op: 'send', hex: '00'.repeat(bytes) });
    await this.#flush('left', now);
  }

  /** One ms: what arrives, and the flushes that are due. Returns the bytes that the right end has read. */
  async turn(now: number): Promise<number> {
    let received = 0;
    while (this.#inFlight.length > 0 && this.#inFlight[0]!.at <= now) {
      const { to, hex } = this.#inFlight.shift()!;
      await this.#ask(to, now, { op: 'input', hex });
      if (to === 'right') received += await this.#read(now);
    }
    for (const id of ['left', 'right'] as const) if (now >= this.#flushAt[id]) await this.#flush(id, now);
    return received;
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
  }

  async #read(now: number): Promise<number> {
    let bytes = 0;
    for (;;) {
      const { ret } = await this.#ask('right', now, { op: 'recv' });
      if (ret < 0) return bytes;
      bytes += ret;
    }
  }

  async #flush(id: Name, now: number): Promise<void> {
    const { next = this.#interval } = await this.#ask(id, now, { op: 'flush' });
    this.#flushAt[id] = now + next;
  }

  async #ask(id: Name, at: number, operation: Readonly<Record<string, unknown>>): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin.write(`${JSON.stringify({ id, at, ...operation })}\n`);
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    const [from, to] = this.#outage;
    for (const hex of answer.packets ?? []) {
      const isLost = at >= from && at <= to;
      if (isLost && id === 'left') this.inVain++;
      if (!isLost) this.#inFlight.push({ at: at + this.#delay, to: id === 'left' ? 'right' : 'left', hex });
    }
    return answer;
  }
}
