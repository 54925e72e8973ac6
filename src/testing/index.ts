/**
 * Bad networks, virtual time, and packets in words.
 *
 * @module rxkcp/testing
 */

export { type AttackAct, type AttackOptions, attack } from './attack.ts';
export { type Bottleneck, bottleneck } from './bottleneck/bottleneck.ts';
export type { Flow, FlowCounts } from './bottleneck/flow.ts';
export type { BottleneckOptions, CoDelOptions, FlowOptions } from './bottleneck/options.ts';
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
export { planOf } from './swarm/draw.ts';
export type { SwarmFinding, SwarmFindingKind } from './swarm/finding.ts';
export { literalOf } from './swarm/literal.ts';
export type {
  SwarmBlackout,
  SwarmCall,
  SwarmChanges,
  SwarmConfigure,
  SwarmDeed,
  SwarmGarbage,
  SwarmJump,
  SwarmMoment,
  SwarmOperation,
  SwarmPause,
  SwarmPlan,
  SwarmRedial,
  SwarmRestart,
  SwarmSend,
  SwarmSettings,
} from './swarm/plan.ts';
export type { SwarmChannel, SwarmEnd, SwarmProtocol } from './swarm/protocol.ts';
export { runPlan, type SwarmRun, type SwarmRunOptions } from './swarm/run.ts';
export { type SwarmShrunk, shrinkPlan } from './swarm/shrink.ts';
export {
  type SwarmOptions,
  type SwarmProgress,
  type SwarmReport,
  type SwarmReportedFinding,
  swarm,
} from './swarm/swarm.ts';
export { type TcpFlow, type TcpKind, type TcpStats, tcpFlow } from './tcp/tcp-flow.ts';
export { lineOf, type Side, Transcript, type TranscriptEntry } from './transcript.ts';
export { type VirtualHelpers, type VirtualOptions, virtual } from './virtual.ts';
export { VirtualScheduler } from './virtual-scheduler.ts';
