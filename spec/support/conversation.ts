// A random conversation between two endpoints over a random network, on a virtual clock, and its transcript:
// everything that was done to each end, and every packet it sent, with the time.

import type { Endpoint, EndpointOptions } from './endpoint.ts';
import { bytes, integer, pick, seeded } from './random.ts';

export type Act =
  | { readonly at: number; readonly do: 'write'; readonly message: Uint8Array }
  | { readonly at: number; readonly do: 'input'; readonly packet: Uint8Array }
  | { readonly at: number; readonly do: 'read' };

export interface Sent {
  readonly at: number;
  readonly packet: Uint8Array;
}

/** One end's side of a conversation. */
export interface Side {
  readonly options: EndpointOptions;
  readonly acts: Act[];
  readonly sent: Sent[];
  readonly written: Uint8Array[];
  readonly read: Uint8Array[];
}

export interface Plan {
  readonly sides: readonly [EndpointOptions, EndpointOptions];
  readonly loss: number;
  readonly duplicate: number;
  readonly delay: number;
  readonly jitter: number;
  /** Virtual ms for which messages are written; the rest of the run delivers them. */
  readonly writing: number;
  readonly messages: number;
  readonly messageMax: number;
  /** ms for which a reader sleeps now and then. */
  readonly readerNap: number;
}

/** A plan drawn from `seed`; both ends share conv, mode of framing and MTU. */
export function randomPlan(seed: number): Plan {
  const random = seeded(seed);
  const start = pick(random, [0, 0, 0xffff_f000, 0x7fff_f800, 123_456]);
  const sns = [0, 0, 0, 0xffff_fff0, 0x7fff_fff8].map((sn) => sn | 0);
  const sn = [pick(random, sns), pick(random, sns)] as const;
  const shared = { conv: integer(random, -5, 5), mtu: pick(random, [100, 576, 1400]), stream: random() < 0.4, start };
  const side = (send: number, receive: number): EndpointOptions => ({
    ...shared,
    ...pick(random, [
      { nodelay: false, interval: 40, resend: 2, nc: true },
      { nodelay: true, interval: 10, resend: 2, nc: true },
      { nodelay: false, interval: 100, resend: 0, nc: false },
      { nodelay: true, interval: 20, resend: 3, nc: false },
      { nodelay: true, interval: 500, resend: 1, nc: false },
    ]),
    sendWindow: pick(random, [1, 4, 32, 128, 1024]),
    receiveWindow: pick(random, [32, 128, 1024]),
    ackNoDelay: random() < 0.2,
    writeDelay: random() < 0.2,
    initialSn: { send, receive },
  });
  const mss = shared.mtu - 24;
  return {
    sides: [side(sn[0], sn[1]), side(sn[1], sn[0])],
    loss: pick(random, [0, 0.01, 0.1, 0.2, 0.3]),
    duplicate: pick(random, [0, 0, 0.02, 0.1]),
    delay: pick(random, [0, 1, 10, 50, 150]),
    jitter: pick(random, [0, 0, 5, 60]),
    writing: pick(random, [50, 1000, 4000]),
    messages: pick(random, [1, 20, 200]),
    messageMax: pick(random, [1, 60, mss, 4 * mss, 20 * mss]),
    readerNap: pick(random, [0, 0, 0, 3000]),
  };
}

/** Runs the plan until all is delivered, at most an hour of virtual time. */
export function converse(seed: number, plan: Plan, make: (options: EndpointOptions) => Endpoint): [Side, Side] {
  const random = seeded(seed ^ 0x5eed);
  const start = plan.sides[0].start;
  const sides = plan.sides.map((options) => ({ options, acts: [], sent: [], written: [], read: [] })) as Side[] as [
    Side,
    Side,
  ];
  const ends = plan.sides.map(make) as [Endpoint, Endpoint];
  const flying: { at: number; order: number; to: 0 | 1; packet: Uint8Array }[] = [];
  const napUntil = [start, start];
  let order = 0;
  const toWrite = ([0, 1] as const).flatMap((from) =>
    Array.from({ length: integer(random, from === 0 ? 1 : 0, plan.messages) }, () => ({
      from,
      at: start + integer(random, 0, plan.writing),
      message: bytes(random, integer(random, 1, plan.messageMax)),
    })),
  );
  toWrite.sort((a, b) => a.at - b.at);
  const waiting: [Uint8Array[], Uint8Array[]] = [[], []];

  const transmit = (from: 0 | 1, now: number): void => {
    for (const packet of ends[from].takeBurst()) {
      sides[from].sent.push({ at: now, packet });
      const copies = random() < plan.duplicate ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (random() < plan.loss) continue;
        const at = now + plan.delay + integer(random, 0, plan.jitter);
        flying.push({ at, order: order++, to: (1 - from) as 0 | 1, packet });
      }
    }
  };

  for (let now = start; now < start + 3_600_000; ) {
    for (const i of [0, 1] as const) {
      if (ends[i].nextWake(now) === 0) ends[i].wake(now);
      transmit(i, now);
    }
    flying.sort((a, b) => a.at - b.at || a.order - b.order);
    while (flying[0] !== undefined && flying[0].at <= now) {
      const { to, packet } = flying.shift() as (typeof flying)[number];
      sides[to].acts.push({ at: now, do: 'input', packet });
      ends[to].input(packet, now);
      transmit(to, now);
    }
    while (toWrite[0] !== undefined && toWrite[0].at <= now) {
      const { from, message } = toWrite.shift() as (typeof toWrite)[number];
      waiting[from].push(message);
    }
    for (const i of [0, 1] as const) {
      if (now >= (napUntil[i] as number)) {
        if (random() < 0.05) napUntil[i] = now + integer(random, 0, plan.readerNap);
        for (let more = true; more; ) {
          sides[i].acts.push({ at: now, do: 'read' });
          const message = ends[i].read(now);
          if (message === undefined) more = false;
          else sides[i].read.push(message);
        }
      }
      while (waiting[i][0] !== undefined && ends[i].canSend) {
        const message = waiting[i].shift() as Uint8Array;
        sides[i].acts.push({ at: now, do: 'write', message });
        sides[i].written.push(message);
        ends[i].write(message, now);
        transmit(i, now);
      }
    }
    const isDone = [toWrite, ...waiting].every((queue) => queue.length === 0) && napUntil.every((at) => at <= now);
    if (isDone && flying.length === 0 && ends.every((end) => end.nextWake(now) === undefined)) break;
    const next = [
      flying.length > 0 ? Math.min(...flying.map(({ at }) => at)) : Number.POSITIVE_INFINITY,
      toWrite[0]?.at ?? Number.POSITIVE_INFINITY,
      ...napUntil.filter((at) => at > now),
      ...ends.map((end) => now + (end.nextWake(now) ?? Number.POSITIVE_INFINITY)),
    ];
    now = Math.max(Math.min(...next), now + 1);
    if (!Number.isFinite(now)) break;
  }
  return sides;
}

/** Does to `end` what was done to the end of `side`, and returns what it sends. */
export function replay(side: Side, end: Endpoint): Sent[] {
  const sent: Sent[] = [];
  let now = side.options.start;
  const collect = (): void => {
    for (const packet of end.takeBurst()) sent.push({ at: now, packet });
  };
  const wakeUntil = (until: number): void => {
    for (;;) {
      const wait = end.nextWake(now);
      if (wait === undefined || now + wait > until) break;
      now += wait;
      end.wake(now);
      collect();
    }
    now = until;
  };
  for (const act of side.acts) {
    wakeUntil(act.at);
    if (act.do === 'write') end.write(act.message, act.at);
    else if (act.do === 'input') end.input(act.packet, act.at);
    else end.read(act.at);
    collect();
  }
  wakeUntil(Math.max(now, side.sent.at(-1)?.at ?? 0));
  return sent;
}
