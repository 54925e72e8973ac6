// Runs of the memory fuzz: the links, the network between the ends, and what went wrong.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Observable, type SchedulerLike, Subscription } from 'rxjs';
import * as rxkcp from 'rxkcp';
import { type Cipher, connect, type Hub, type Link, listen, monotonicScheduler, type Session } from 'rxkcp';
import { VirtualScheduler } from 'rxkcp/testing';
import { openRelay } from '../../../examples/relay.ts';
import { KEY_BYTES, makeCipher } from '../ciphers.ts';
import { seeded } from '../random.ts';
import { Air } from './air.ts';
import { End } from './end.ts';
import { draw, type Implementation, isVirtual, type LinkName, type Plan } from './plan.ts';

/** Real ms without a message after which a run is stuck, whatever else the machine has to do. */
const PATIENCE = 60_000;
const VIRTUAL_PATIENCE = 600_000;
/** Runs in real time that go on at a time: most of it is waiting. Many more, and one process is too slow a network for all of them. */
const AT_A_TIME = 8;

/** Does the runs with `seeds` over `link`. @throws Error with the seed and the configuration of the first that goes wrong. */
export async function run(link: LinkName, seeds: readonly number[]): Promise<void> {
  const left = [...seeds];
  const work = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const plan = draw(link, seed);
      // Others have their turn, too, after each run in virtual time.
      await setImmediate();
      const wrong = isVirtual(link) ? runVirtual(plan) : await runReal(plan);
      if (wrong === undefined) continue;
      left.length = 0;
      throw new Error(`seed ${seed} over ${link}: ${wrong}\n${JSON.stringify(plan, undefined, 1)}`);
    }
  };
  await Promise.all(Array.from({ length: isVirtual(link) ? 1 : AT_A_TIME }, work));
}

/** Both ends of a run, and what is to be undone after it. */
class Run {
  /** The first thing that was wrong. */
  wrong: string | undefined;
  /** Called with each message. */
  progress = (): void => {};
  readonly open = new Subscription();
  readonly plan: Plan;
  readonly clock: SchedulerLike;
  readonly #ends: readonly [End, End];
  readonly #over: () => void;

  constructor(plan: Plan, clock: SchedulerLike, over: () => void) {
    this.plan = plan;
    this.clock = clock;
    this.#over = over;
    const progress = (): void => {
      this.progress();
      if (this.#ends.every(({ isDone }) => isDone)) over();
    };
    const newEnd = (side: 0 | 1): End =>
      new End(plan, side, clock, (what) => this.fail(`end ${side}: ${what}`), progress);
    this.#ends = [newEnd(0), newEnd(1)];
  }

  fail(what: string): void {
    this.wrong ??= what;
    this.#over();
  }

  /** Has the end `side` talk by the session that `sessions` emits. */
  join(side: 0 | 1, sessions: Observable<Session>): void {
    const subscription = sessions.subscribe({
      next: (session) => this.#ends[side].start(session, this.#ends[1 - side]!.sent),
      error: (error) => this.fail(`${error}`),
    });
    this.open.add(subscription);
  }

  /** Ends it. Returns what was wrong. */
  end(): string | undefined {
    if (!this.#ends.every(({ isDone }) => isDone)) {
      this.wrong ??= `stuck: ${this.#ends.map(({ state }) => state).join(', ')}`;
    }
    for (const end of this.#ends) end.stop();
    this.open.unsubscribe();
    return this.wrong;
  }

  options(side: 0 | 1): rxkcp.SessionOptions {
    const { cipher, ends } = this.plan;
    const { options, cipher: implementation } = ends[side];
    const made = cipher && makeBy(implementation, (portable) => makeCipher(rxkcp, cipher, keyOf(cipher), { portable }));
    return { ...options, cipher: made, conv: 7, scheduler: this.clock };
  }
}

function runVirtual(plan: Plan): string | undefined {
  const scheduler = new VirtualScheduler();
  let isOver = false;
  const run = new Run(plan, scheduler, () => {
    isOver = true;
  });
  try {
    openInMemory(run);
    while (!isOver && scheduler.pending > 0 && scheduler.now() < VIRTUAL_PATIENCE) scheduler.run(scheduler.nextAt);
    // What is under way may still do harm.
    scheduler.run(scheduler.now() + 200);
  } catch (error) {
    run.fail(`${error}`);
  }
  return run.end();
}

async function runReal(plan: Plan): Promise<string | undefined> {
  let stop = (): void => {};
  const over = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const run = new Run(plan, monotonicScheduler, stop);
  const timer = setTimeout(stop, PATIENCE);
  run.progress = () => timer.refresh();
  try {
    if (plan.link === 'message port') openInMemory(run);
    else await openUdp(run);
    await over;
  } catch (error) {
    run.fail(`${error}`);
  }
  clearTimeout(timer);
  return run.end();
}

/** Links whose datagrams go through the air. */
function openInMemory(run: Run): void {
  const { plan, clock } = run;
  const [left, right] = ([0, 1] as const).map((side) => {
    const random = seeded(plan.seed * 2 + side + 1_000_000);
    const air = new Air(plan, plan.ends[side].holding, clock, random, (what) => run.fail(`end ${side}: ${what}`));
    run.open.add(() => air.stop());
    return air;
  }) as [Air, Air];
  if (plan.link === 'memory hub') {
    const { hub, link } = rxkcp.memoryNetwork();
    run.join(1, listen({ ...run.options(1), conv: undefined, link: hubThrough(right, hub) } as rxkcp.ListenOptions));
    run.join(0, connect({ ...run.options(0), link: linkThrough(left, link()) }));
    return;
  }
  const [one, other] = plan.link === 'message port' ? ports() : rxkcp.memoryPair();
  run.join(1, connect({ ...run.options(1), link: linkThrough(right, other) }));
  run.join(0, connect({ ...run.options(0), link: linkThrough(left, one) }));
}

function ports(): [Link, Link] {
  const { port1, port2 } = new MessageChannel();
  return [
    rxkcp.messagePortLink(port1 as unknown as rxkcp.MessagePortLike),
    rxkcp.messagePortLink(port2 as unknown as rxkcp.MessagePortLike),
  ];
}

function linkThrough(air: Air, link: Link): Link {
  return {
    ...link,
    sendsInOrder: air.sendsInOrder,
    memory: air.memory,
    incoming: new Observable((subscriber) =>
      link.incoming.subscribe({
        next: (burst) => air.lend(burst, (lent) => subscriber.next(lent)),
        complete: () => subscriber.complete(),
      }),
    ),
    outgoing: { next: (burst) => air.send(burst, (arriving) => link.outgoing.next(arriving)) },
  };
}

function hubThrough(air: Air, hub: Hub): Hub {
  return {
    ...hub,
    sendsInOrder: air.sendsInOrder,
    memory: air.memory,
    incoming: new Observable((subscriber) =>
      hub.incoming.subscribe(({ peer, burst }) => air.lend(burst, (lent) => subscriber.next({ peer, burst: lent }))),
    ),
    outgoing: {
      next: ({ peer, burst }) => air.send(burst, (arriving) => hub.outgoing.next({ peer, burst: arriving })),
    },
  };
}

/** A server, a client, and a relay between them. */
async function openUdp(run: Run): Promise<void> {
  const { plan } = run;
  const native = plan.link === 'native' ? undefined : '0';
  const host = '127.0.0.1';
  const sockets = plan.link === 'lent dgram' ? [await bound(), await bound()] : [];
  const port = await new Promise<number>((onListening) => {
    const { conv: _, ...options } = run.options(1);
    const socket = sockets[1] && { socket: sockets[1], closeSocket: true };
    const where = { host, port: 0, onListening: (local: rxkcp.Address) => onListening(local.port), ...socket };
    run.join(
      1,
      withNative(native, () => listen({ ...options, ...where })),
    );
  });
  const { seed, network } = plan;
  const relay = await openRelay({ target: { address: host, port }, seed, jitter: network.delay / 2, ...network });
  run.open.add(() => relay.close());
  const socket = sockets[0] && { socket: sockets[0], closeSocket: true };
  run.join(
    0,
    withNative(native, () => connect({ ...run.options(0), host, port: relay.port, ...socket })),
  );
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

function makeBy(implementation: Implementation, make: (portable: boolean) => Cipher): Cipher {
  return withNative(implementation === 'addon' ? undefined : '0', () => make(implementation === 'portable'));
}

function keyOf(cipher: keyof typeof KEY_BYTES): Uint8Array {
  return new Uint8Array(KEY_BYTES[cipher]).fill(7);
}

function withNative<T>(value: '0' | undefined, make: () => T): T {
  const before = process.env.RXKCP_NATIVE;
  if (value === undefined) delete process.env.RXKCP_NATIVE;
  else process.env.RXKCP_NATIVE = value;
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env.RXKCP_NATIVE;
    else process.env.RXKCP_NATIVE = before;
  }
}
