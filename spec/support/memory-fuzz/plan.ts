// What one run of the memory fuzz does: all of it is drawn from its seed.

import type { FecDirections, FecShape, ModeName, SessionOptions } from 'rxkcp';
import { CIPHER_NAMES, type CipherName } from '../ciphers.ts';
import { integer, pick, seeded } from '../random.ts';

/** The links there are to run over. */
export type LinkName = 'memory pair' | 'memory hub' | 'message port' | 'own dgram' | 'lent dgram' | 'native';

/** Which implementation of a cipher: the addon's, that of OpenSSL or the WebAssembly kernel, or the one in JavaScript. */
export type Implementation = 'addon' | 'kernel' | 'portable';

/** How a link in memory treats what it is given to send, see `Air`. */
export type Holding = 'views' | 'in order' | 'own memory';

/** Settings of one end. */
export interface EndPlan {
  readonly cipher: Implementation;
  readonly options: Omit<SessionOptions, 'cipher'>;
  readonly messages: number;
  readonly reader: 'subscriber' | 'iterator' | 'web stream';
  readonly isTraced: boolean;
  readonly holding: Holding;
}

export interface Plan {
  readonly seed: number;
  readonly link: LinkName;
  readonly cipher: CipherName | undefined;
  readonly ends: readonly [EndPlan, EndPlan];
  readonly sizes: readonly number[];
  readonly network: {
    readonly loss: number;
    readonly duplicate: number;
    readonly reorder: number;
    readonly delay: number;
  };
}

const SMALL = [1, 2, 40, 40, 300, 1300, 1500];
const LARGE = [...SMALL, 1376, 5000, 30_000];
/** So much that memory of what has arrived is written to again. */
const BULK = [1376, 5000, 30_000];
const SHAPES: readonly FecShape[] = [
  { data: 1, parity: 1 },
  { data: 2, parity: 1 },
  { data: 3, parity: 1 },
  { data: 5, parity: 2 },
  { data: 10, parity: 3 },
  { data: 4, parity: 4 },
];

/** Whether a run over this link is in virtual time. */
export function isVirtual(link: LinkName): boolean {
  return link === 'memory pair' || link === 'memory hub';
}

export function draw(link: LinkName, seed: number): Plan {
  const random = seeded(seed);
  const windows = pick(random, [
    [4, 16],
    [16, 64],
    [64, 128, 512],
    [128, 512],
  ]);
  const shapes = [undefined, ...SHAPES];
  const encode = random() < 0.3 ? [undefined, undefined] : [pick(random, shapes), pick(random, shapes)];
  // Real time is dear: nothing that takes hundreds of round trips, or so much work that the network is late.
  const mtu = pick(random, isVirtual(link) ? [1400, 1400, 1472, 600, 200] : [1400, 1472, 600]);
  const cipher = random() < 0.4 ? undefined : pick(random, CIPHER_NAMES);
  const drawEnd = (i: number): EndPlan => ({
    cipher: pick(random, ['addon', 'kernel', 'portable']),
    options: {
      mode: pick<ModeName>(random, ['fast3', 'fast3', 'fast2', 'normal']),
      mtu,
      // A thousand transmissions: a machine with much else to do is not a dead link.
      deadLink: 1000,
      stream: random() < 0.3,
      sendWindow: pick(random, windows),
      receiveWindow: pick(random, windows),
      duplicates: pick(random, isVirtual(link) ? [0, 0, 0, 1, 2] : [0, 0, 0, 1]),
      rateLimit: pick(random, [0, 0, 0, 3_000_000]),
      ackNoDelay: random() < 0.5,
      writeDelay: random() < 0.3,
      fec: drawFec(random, encode[i], encode[1 - i]),
    },
    messages: integer(random, 15, isVirtual(link) ? 60 : 30),
    reader: isVirtual(link) ? 'subscriber' : pick(random, ['subscriber', 'subscriber', 'iterator', 'web stream']),
    isTraced: random() < 0.3,
    holding: pick(random, ['views', 'in order', 'own memory']),
  });
  return {
    seed,
    link,
    cipher,
    ends: [drawEnd(0), drawEnd(1)],
    sizes:
      Math.min(...windows) < (isVirtual(link) ? 16 : 64)
        ? SMALL
        : pick(random, [LARGE, LARGE, isVirtual(link) ? BULK : SMALL]),
    network: {
      loss: pick(random, isVirtual(link) ? [0, 0.03, 0.1, 0.2] : [0, 0.03, 0.1]),
      duplicate: pick(random, [0, 0.05]),
      reorder: pick(random, [0, 0.1]),
      delay: isVirtual(link) ? pick(random, [0, 10, 40]) : pick(random, [0, 1, 3]),
    },
  };
}

/** The peer's shape may be known, found out, or taken for another. */
function drawFec(random: () => number, encode: FecShape | undefined, peers: FecShape | undefined): FecDirections {
  const belief = random();
  if (belief < 0.1) return { encode, decode: pick(random, SHAPES) };
  return { encode, decode: belief < 0.5 ? peers : undefined };
}
