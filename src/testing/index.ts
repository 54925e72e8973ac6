// What a user imports from 'rxkcp/testing': bad networks, virtual time, and packets in words.

export type { Direction, NetworkEvent } from './carry.ts';
export { useScheduler } from './default-clock.ts';
export { seededRandom } from './dice.ts';
export {
  blackOut,
  capMtu,
  corrupt,
  delayBy,
  duplicate,
  type ImpairOptions,
  impair,
  impairBursts,
  limitRate,
  lose,
  loseInBursts,
  reorder,
} from './impair.ts';
export { type LabelField, label, labeller } from './label.ts';
export {
  type Blackout,
  type BurstLoss,
  burstsOf,
  type ImpairedOptions,
  type Impairments,
  type RateLimit,
} from './options.ts';
export { type Delivery, type FrameScheduler, type Pair, type PairEnd, type PairOptions, pair } from './pair.ts';
export type { LossCause } from './passage.ts';
export { lineOf, type Side, Transcript, type TranscriptEntry } from './transcript.ts';
export { type VirtualHelpers, type VirtualOptions, virtual } from './virtual.ts';
export { VirtualScheduler } from './virtual-scheduler.ts';
