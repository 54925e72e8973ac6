// The impairments of one direction, in the order in which datagrams meet them.

import { Corruption, Duplication } from './damage.ts';
import { makeDice } from './dice.ts';
import { Blackouts, Bottleneck, MtuCap } from './limits.ts';
import { Loss, LossInBursts } from './loss.ts';
import type { Impairments } from './options.ts';
import type { Stage } from './passage.ts';
import { Delay, Reordering } from './timing.ts';

/** More than the slowest of its followers, ms: so long a datagram is held back that others are to overtake. */
const OVERTAKING_TIME = 10;

/** @param origin what the times of blackouts count from, ms on the scheduler's clock. */
export function stagesOf(impairments: Impairments, seed: number, direction: number, origin: number): Stage[] {
  const { mtu, blackouts, loss, burstLoss, corrupt, duplicate, rate, delay = 0, jitter = 0, reorder } = impairments;
  const { reorderBy = 2 * jitter + OVERTAKING_TIME } = impairments;
  const dice = (stream: number): (() => number) => makeDice(seed, stream, direction);
  const stages: Stage[] = [];
  // The number of its dice is all that an impairment has to do with its place here.
  if (mtu !== undefined) stages.push(new MtuCap(mtu));
  if (blackouts !== undefined) stages.push(new Blackouts(blackouts, origin));
  if (loss !== undefined) stages.push(new Loss(loss, dice(1)));
  if (burstLoss !== undefined) stages.push(new LossInBursts(burstLoss, dice(2)));
  if (corrupt !== undefined) stages.push(new Corruption(corrupt, dice(3)));
  if (duplicate !== undefined) stages.push(new Duplication(duplicate, dice(4)));
  if (rate !== undefined) stages.push(new Bottleneck(rate));
  if (delay > 0 || jitter > 0) stages.push(new Delay(delay, jitter, dice(5)));
  if (reorder !== undefined) stages.push(new Reordering(reorder, reorderBy, dice(6)));
  return stages;
}
