// Two ends, ours or the C core's, over the same bad network on the same virtual clock, and what came of it.

import type { Subscription } from 'rxjs';
import { type Burst, type Link, memoryPair } from 'rxkcp';
import { burstsOf, type Impairments, impair, type NetworkEvent, VirtualScheduler } from 'rxkcp/testing';
import { readInt32 } from '../../../src/bytes/int.ts';
import { PUSH, SEGMENT_HEADER } from '../../../src/core/kcp/segment.ts';
import type { Endpoint, EndpointOptions } from '../../support/endpoint.ts';
import { bytes, integer, pick, seeded } from '../../support/random.ts';

/** Who makes an end; releases what it holds. */
export interface Maker {
  readonly name: string;
  make(options: EndpointOptions): Endpoint & { readonly drained: boolean; release(): void };
}

/** What is done, and to whom: the same whoever the ends are. */
export interface Plan {
  readonly seed: number;
  readonly options: EndpointOptions;
  readonly network: Impairments;
  /** Messages of the left end, one by one, by virtual time; and of the right. */
  readonly writes: readonly (readonly { readonly at: number; readonly message: Uint8Array }[])[];
  /** Messages of the left end after that, all at once. */
  readonly bulk: readonly Uint8Array[];
  /** When the right end's reader sleeps, and for how long. */
  readonly naps: readonly { readonly at: number; readonly duration: number }[];
}

/** What came of it. */
export interface Outcome {
  /** Whether all that was written has arrived, both ways, and nothing else. */
  readonly exact: boolean;
  /** Bytes a second of the bulk. */
  readonly goodput: number;
  /** ms that 99 in 100 of the left end's single messages took. */
  readonly p99: number;
  /** Segments with data on the wire, for each that there was. */
  readonly transmissions: number;
}

const MODES = [
  { nodelay: true, interval: 10, resend: 2, nc: true },
  { nodelay: true, interval: 20, resend: 2, nc: true },
  { nodelay: false, interval: 30, resend: 2, nc: true },
  { nodelay: false, interval: 40, resend: 2, nc: true },
  { nodelay: true, interval: 10, resend: 2, nc: false },
] as const;

/** Most virtual ms of a run. */
const PATIENCE = 1_800_000;
/** When single messages are over. */
const SINGLES = 4000;

export function randomPlan(seed: number): Plan {
  const random = seeded(seed);
  const share = pick(random, [0, 0.01, 0.05, 0.1, 0.2, 0.3]);
  const delay = pick(random, [1, 15, 50, 150]);
  const mtu = pick(random, [100, 576, 1400]);
  const singles = (count: number, longest: number): { at: number; message: Uint8Array }[] =>
    Array.from({ length: count }, () => ({
      at: integer(random, 0, SINGLES),
      message: bytes(random, integer(random, 1, longest)),
    })).toSorted((a, b) => a.at - b.at);
  const options: EndpointOptions = {
    ...pick(random, MODES),
    conv: integer(random, 0, 0x7fff_ffff),
    // The C core's receive window is at least 128.
    sendWindow: pick(random, [32, 128, 512]),
    receiveWindow: pick(random, [128, 512]),
    mtu,
    stream: random() < 0.3,
    ackNoDelay: false,
    writeDelay: false,
    start: pick(random, [0, 0xffff_f800]),
    initialSn: { send: 0, receive: 0 },
  };
  return {
    seed,
    options,
    network: {
      ...(random() < 0.5 ? { loss: share } : { burstLoss: burstsOf(share, 3) }),
      ...{ delay, jitter: pick(random, [0, 0, delay / 4]), duplicate: pick(random, [0, 0.02]) },
      ...{ reorder: pick(random, [0, 0.02]), reorderBy: 10 },
    },
    writes: [singles(200, Math.min(2000, mtu)), singles(30, 10 * mtu)],
    bulk: Array.from({ length: 40 }, () => bytes(random, 4 * (mtu - 24))),
    naps: random() < 0.3 ? [{ at: integer(random, 0, SINGLES), duration: integer(random, 100, 2000) }] : [],
  };
}

/** One end on the clock. */
class Driven {
  readonly read: Uint8Array[] = [];
  readonly readAt: number[] = [];
  readonly written: Uint8Array[] = [];
  readonly writtenAt: number[] = [];
  napUntil = 0;
  readonly #endpoint: ReturnType<Maker['make']>;
  readonly #link: Link;
  readonly #scheduler: VirtualScheduler;
  readonly #waiting: Uint8Array[] = [];
  #timer: Subscription | undefined = undefined;

  constructor(endpoint: ReturnType<Maker['make']>, link: Link, scheduler: VirtualScheduler) {
    this.#endpoint = endpoint;
    this.#link = link;
    this.#scheduler = scheduler;
    link.incoming.subscribe((burst) => this.#input(burst));
    this.#settle();
  }

  get drained(): boolean {
    return this.#waiting.length === 0 && this.#endpoint.drained;
  }

  get readBytes(): number {
    return this.read.reduce((sum, { length }) => sum + length, 0);
  }

  write(message: Uint8Array): void {
    this.written.push(message);
    this.writtenAt.push(this.#scheduler.now());
    this.#waiting.push(message);
    this.#settle();
  }

  nap(duration: number): void {
    this.napUntil = this.#scheduler.now() + duration;
    this.#scheduler.schedule(() => this.#settle(), duration);
  }

  close(): void {
    this.#timer?.unsubscribe();
    this.#endpoint.release();
  }

  #input(burst: Burst): void {
    for (const packet of burst) this.#endpoint.input(packet, this.#scheduler.now());
    this.#settle();
  }

  #settle(): void {
    const now = this.#scheduler.now();
    while (this.#waiting.length > 0 && this.#endpoint.canSend) {
      this.#endpoint.write(this.#waiting.shift() as Uint8Array, now);
    }
    for (let more = now >= this.napUntil; more; ) {
      const message = this.#endpoint.read(now);
      if (message === undefined) break;
      this.read.push(message);
      this.readAt.push(now);
      more = true;
    }
    const burst = this.#endpoint.takeBurst();
    if (burst.length > 0) this.#link.outgoing.next(burst);
    this.#timer?.unsubscribe();
    const wait = this.#endpoint.nextWake(now);
    if (wait === undefined) return;
    this.#timer = this.#scheduler.schedule(() => {
      this.#endpoint.wake(this.#scheduler.now());
      this.#settle();
    }, wait);
  }
}

export function duel(plan: Plan, leftMaker: Maker, rightMaker: Maker): Outcome {
  const { options, network, seed } = plan;
  const { start } = options;
  const scheduler = new VirtualScheduler(start);
  const [leftLink, rightLink] = memoryPair();
  const segments = { sent: 0, distinct: new Set<string>() };
  const count = ({ what, packet, direction }: NetworkEvent): void => {
    if (what !== 'sent') return;
    for (let offset = 0; offset < packet.length; offset += SEGMENT_HEADER + readInt32(packet, offset + 20)) {
      if (packet[offset + 4] !== PUSH) continue;
      segments.sent++;
      segments.distinct.add(`${direction} ${readInt32(packet, offset + 12)}`);
    }
  };
  const left = new Driven(
    leftMaker.make(options),
    impair({ ...network, seed, scheduler, watch: count })(leftLink),
    scheduler,
  );
  const right = new Driven(rightMaker.make(options), rightLink, scheduler);
  const [toRight = [], toLeft = []] = plan.writes;
  for (const { at, message } of toRight) scheduler.schedule(() => left.write(message), at);
  for (const { at, message } of toLeft) scheduler.schedule(() => right.write(message), at);
  for (const { at, duration } of plan.naps) scheduler.schedule(() => right.nap(duration), at);
  const settle = (): void => {
    while (scheduler.now() - start < PATIENCE && !(left.drained && right.drained)) scheduler.run(scheduler.now() + 50);
    scheduler.run(scheduler.now() + 1000);
  };
  scheduler.run(start + SINGLES);
  settle();
  const p99 = delayQuantile(left, right);
  const from = scheduler.now();
  for (const message of plan.bulk) left.write(message);
  settle();
  const bulkBytes = plan.bulk.reduce((sum, { length }) => sum + length, 0);
  const outcome: Outcome = {
    exact: isSame(left, right, options.stream) && isSame(right, left, options.stream),
    goodput: (1000 * bulkBytes) / ((right.readAt.at(-1) ?? Number.NaN) - from),
    p99,
    transmissions: segments.sent / segments.distinct.size,
  };
  left.close();
  right.close();
  return outcome;
}

/** 99 in 100 of the messages written so far took no longer, from the write until their last byte was read. */
function delayQuantile({ written, writtenAt }: Driven, { read, readAt }: Driven): number {
  const delays: number[] = [];
  let writtenBytes = 0;
  let readBytes = 0;
  let index = 0;
  for (const [i, { length }] of written.entries()) {
    writtenBytes += length;
    while (readBytes < writtenBytes && index < read.length) readBytes += (read[index++] as Uint8Array).length;
    delays.push((readAt[index - 1] as number) - (writtenAt[i] as number));
  }
  return delays.toSorted((a, b) => a - b)[Math.ceil(delays.length * 0.99) - 1] as number;
}

function isSame({ written }: Driven, { read }: Driven, stream: boolean): boolean {
  if (!stream && (read.length !== written.length || read.some(({ length }, i) => length !== written[i]?.length)))
    return false;
  return Buffer.concat(read).equals(Buffer.concat(written));
}
