// The networks of the matrix: every combination of the axes.

import { type FecShape, none, type SessionOptions } from 'rxkcp';
import type { Impairments, PairOptions } from 'rxkcp/testing';
import { burstsOf, seededRandom } from 'rxkcp/testing';

/** One network, and the settings of both ends. */
export interface Cell {
  /** Its row in the table, in words. */
  readonly name: string;
  readonly options: PairOptions;
}

const LOSSES = [0, 1, 5, 10, 20, 30] as const;
const ROUND_TRIPS = [2, 30, 100, 300] as const;
const WINDOWS = [32, 128, 1024] as const;
/** Datagrams in a burst of losses, on average. */
const BURST = 4;
const FEC = [undefined, { data: 10, parity: 3 }] as const;

/** What a damaging network does beside losing: one datagram in fifty comes twice, in twenty late, in a hundred broken. */
const DAMAGE: Impairments = { duplicate: 0.02, reorder: 0.05, corrupt: 0.01 };

function lossesOf(percent: number): readonly (readonly [string, Impairments])[] {
  if (percent === 0) return [['no loss', {}]];
  const share = percent / 100;
  return [
    [`${percent} % lost`, { loss: share }],
    [`${percent} % lost in bursts`, { burstLoss: burstsOf(share, BURST) }],
  ];
}

function sessionOptions(window: number, damaged: boolean, fec: FecShape | undefined): SessionOptions {
  // What is broken is told by a checksum, which bare KCP does not have.
  const cipher = damaged ? { cipher: none(new Uint8Array(32), { random: seededRandom(1) }) } : {};
  return { mode: 'fast3', sendWindow: window, receiveWindow: window, fec, ...cipher };
}

/** All of them, anew: a cell has dice of its own. Those with FEC follow on those without. */
export function cells(): Cell[] {
  return LOSSES.flatMap(lossesOf).flatMap(([loss, impairments]) =>
    ROUND_TRIPS.flatMap((roundTrip) =>
      WINDOWS.flatMap((window) =>
        [false, true].flatMap((damaged) =>
          FEC.map((fec) => ({
            name: `${loss}, ${roundTrip} ms, window ${window}${damaged ? ', damaged' : ''}${fec ? `, FEC ${fec.data}/${fec.parity}` : ''}`,
            options: {
              seed: 1,
              keep: 0,
              network: { ...impairments, ...(damaged ? DAMAGE : {}), delay: roundTrip / 2 },
              options: sessionOptions(window, damaged, fec),
            },
          })),
        ),
      ),
    ),
  );
}

/** Those of the small form: each value of each axis, with some of the others. */
export function someCells(): Cell[] {
  return cells().filter((_, index) => index % 13 === 0);
}
