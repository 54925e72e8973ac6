// How conversations of one question and one answer end over a network that loses.

import type { ModeName, SessionEnd } from 'rxkcp';
import { pair } from 'rxkcp/testing';

/** Who completes when. */
export const KINDS = {
  'the server answers and completes; then the client': { request: false, answer: true, delivered: true },
  'the client completes with its question': { request: true, answer: true, delivered: false },
  'both complete with their first message': { request: true, answer: false, delivered: false },
} as const;

export type Kind = keyof typeof KINDS;

/** What became of the conversations, as numbers of them. */
export interface GoodEnds {
  runs: number;
  /** Everything arrived, and both ends say so. */
  good: number;
  /** Everything arrived, and one end says that it failed. */
  calledDead: number;
  /** A message was lost, and its sender was told that it arrived. */
  lostSilently: number;
}

export function goodEnds(kind: Kind, mode: ModeName, delay: number, loss: number, seeds: number): GoodEnds {
  const { request, answer, delivered } = KINDS[kind];
  const counts = { runs: seeds, good: 0, calledDead: 0, lostSilently: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const network = { loss, delay, jitter: delay / 4 };
    const { left, right, run } = pair({ seed: seed * 104_729 + 13, keep: 0, network, options: { mode } });
    const ends: (SessionEnd | undefined)[] = [];
    const got = [0, 0];
    left.session.closed$.subscribe((end) => {
      ends[0] = end;
    });
    right.session.closed$.subscribe((end) => {
      ends[1] = end;
    });
    left.delivered$.subscribe(() => {
      got[0]!++;
      if (delivered) left.session.complete();
    });
    right.delivered$.subscribe(() => {
      got[1]!++;
      if (!answer) return;
      right.send(Uint8Array.of(2));
      right.session.complete();
    });
    left.send(Uint8Array.of(1));
    if (!answer) right.send(Uint8Array.of(2));
    if (request) left.session.complete();
    if (!answer) right.session.complete();
    run(300_000);
    const isWell = ends.every((end) => end !== undefined && end.reason !== 'failed') && ends.length === 2;
    const isAll = got[0] === 1 && got[1] === 1;
    if (isAll && isWell) counts.good++;
    else if (isAll) counts.calledDead++;
    else if (got.some((count, i) => count === 0 && ends[1 - i]?.reason === 'completed')) counts.lostSilently++;
  }
  return counts;
}
