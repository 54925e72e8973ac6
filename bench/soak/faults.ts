// What goes wrong on purpose. A gentle fault ends no session; a breaking one ends some, which are resumed.

import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Network } from './network.ts';
import type { SoakProcess } from './process.ts';

export const FAULT_KINDS = [
  'blackout',
  'socket errors',
  'garbage',
  'freeze',
  'drop',
  'long blackout',
  'worker kill',
  'server kill',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What there is to be broken. */
export interface Target {
  readonly random: () => number;
  readonly network: Network;
  readonly servers: readonly SoakProcess[];
  readonly clients: readonly SoakProcess[];
  /** Has threads that can be killed. */
  readonly threaded: SoakProcess;
  /** By which clients reach it, and those that share its ports; relays, too. */
  readonly threadedPorts: readonly number[];
  /** The same of the server whose life is short. */
  readonly victimPorts: readonly number[];
  /** Of all servers. */
  readonly ports: readonly number[];
  /** Of relays that may be dark for as long as sessions do not live. */
  readonly relays: readonly number[];
  /** Of sessions, ms. */
  readonly idleTimeout: number;
  /** Ends the server whose life is short, and starts it again after so many ms. */
  killServer(pause: number): Promise<void>;
}

interface Fault {
  /** Of a breaking fault: the ports by which clients reach what it breaks. No other session may end. */
  readonly breaks?: (target: Target) => readonly number[];
  /** ms that it takes at most; undefined: OUTLASTING times what sessions live without a word. */
  readonly most?: number;
  /** Resolves when it is over. */
  readonly run: (target: Target, broken: readonly number[]) => Promise<unknown>;
}

/** ms; far from killing any link: the quickest dies after 13 s. */
const OUTAGE = 1_500;
/** How long a long blackout takes, in addition to `idleTimeout`. */
export const OUTLASTING = 1.5;
/** ms that system calls fail, one every 20 ms. */
const ERRORS = 2_000;
/** Datagrams of garbage, and ms in which they are thrown. */
const GARBAGE = 400;
const THROWING = 500;
/** ms until what was killed is there again. */
const REVIVAL = 3_000;

export const FAULTS: Readonly<Record<FaultKind, Fault>> = {
  blackout: { most: OUTAGE, run: ({ network }) => network.blackout(OUTAGE) },
  'socket errors': {
    most: ERRORS,
    run: async ({ servers, clients, random }) => {
      for (const each of [...servers, ...clients]) each.tell({ order: 'errors', ms: ERRORS, seed: seedOf(random) });
      await sleep(ERRORS);
    },
  },
  garbage: { most: THROWING, run: ({ ports, random }) => throwGarbage(ports, random) },
  freeze: {
    most: OUTAGE,
    run: async ({ servers, random }) => {
      const frozen = servers[Math.floor(random() * servers.length)];
      frozen?.signal('SIGSTOP');
      await sleep(OUTAGE);
      frozen?.signal('SIGCONT');
    },
  },
  drop: {
    most: 0,
    run: async ({ clients, random }) => {
      for (const client of clients) client.tell({ order: 'drop', seed: seedOf(random) });
    },
  },
  'long blackout': {
    breaks: ({ relays, random }) => relays.slice(Math.floor(random() * relays.length)).slice(0, 1),
    run: ({ network, idleTimeout }, dark) => network.blackout(OUTLASTING * idleTimeout, dark),
  },
  'worker kill': {
    breaks: ({ threadedPorts }) => threadedPorts,
    most: REVIVAL,
    run: async ({ threaded, random }) => {
      const killed = threaded.word('worker-killed');
      threaded.tell({ order: 'kill-worker', seed: seedOf(random) });
      await killed;
    },
  },
  'server kill': {
    breaks: ({ victimPorts }) => victimPorts,
    most: REVIVAL,
    run: ({ killServer, random }) => killServer(1_000 * random()),
  },
};

const seedOf = (random: () => number): number => Math.floor(random() * 2 ** 31);

/** Random bytes, and what looks like a segment up to a point, for every port. */
async function throwGarbage(ports: readonly number[], random: () => number): Promise<void> {
  const socket = createSocket('udp4').on('error', () => {});
  for (let i = 0; i < GARBAGE; i++) {
    const datagram = Uint8Array.from({ length: Math.floor(random() * 1_500) }, () => random() * 256);
    // The command of a segment: PUSH to WINS, and two that there are not.
    if (random() < 0.5 && datagram.length > 5) datagram[4] = 80 + Math.floor(random() * 6);
    socket.send(datagram, ports[i % ports.length] as number, '127.0.0.1');
    if (i % 40 === 39) await sleep(10);
  }
  socket.close();
}
