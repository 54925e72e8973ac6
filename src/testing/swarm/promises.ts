// Oracle: what was not delivered was reported.
//
// What is promised of messages that were sent in a session, when all is over:
//
// - The session is `completed`, or still open: its peer has acknowledged all of them, and delivers them. Unless that peer was closed or killed
//   by the plan: then it knows that what it had not read is gone.
// - It ended otherwise (`failed`, `closed`, or `peer`: a new conversation took its place): `closed$` says so. Any number of the last messages
//   may be missing; none in between, which delivery.ts sees to.
//
// And of ends: if both have called `complete()`, everything has arrived both ways, no reader was stopped when its session ended (a window that is
// full acknowledges nothing), and no fault came between, both ends are `completed`. An end stays for two RTOs after the last message that it
// got, to answer for it, but for eight in all: where messages still came when these were over, nothing is promised. Who leaves sooner has to
// be sure that its peer knows. Acks that are lost may make one of them believe that its peer is dead: with one datagram of five lost that
// would take nine of them in a row (one end in two million), so networks that lose more, or in bursts, are left out.

import { PeerRestartedError, RxkcpError } from '../../errors.ts';
import type { SwarmPlan } from './plan.ts';
import { endOf } from './plan.ts';
import type { Talk } from './talk.ts';
import type { World } from './world.ts';

/** Share of datagrams that a network loses at most for good ends to be promised. */
const LOSS_MAX = 0.2;
/** RTOs for which an end that has sent everything stays at most. */
const STAY_RTOS = 8;
/** What keeps an end from saying its last words, or from hearing those of its peer. */
const DISTURBING: ReadonlySet<string> = new Set(['blackout', 'restart', 'redial', 'close', 'jump', 'configure']);

export function checkPromises(world: World, plan: SwarmPlan): void {
  for (const talk of world.talks) {
    checkLoss(world, talk);
    checkEnd(world, talk);
    checkGoodEnd(world, talk, plan);
  }
}

function checkLoss(world: World, talk: Talk): void {
  if (talk.sent.length === 0 || (talk.end !== undefined && talk.end.reason !== 'completed')) return;
  // An open session whose peer is gone, and that may wait forever, got no report, but no promise either.
  if (talk.isOpen && talk.session.stats().inFlight + talk.session.stats().queued > 0) return;
  const peers = world.peersOf(talk);
  const isDelivered = peers.some((peer) => peer.source === talk && peer.received === talk.sent.length);
  if (isDelivered || peers.some(({ isDiscarded }) => isDiscarded)) return;
  const arrived = Math.max(0, ...peers.map(({ received }) => received));
  world.find(
    'lost',
    `${talk.name} is ${talk.end?.reason ?? 'open'}, and ${arrived} of ${talk.sent.length} messages arrived`,
  );
}

function checkEnd(world: World, talk: Talk): void {
  if (talk.end?.reason !== 'failed') return;
  const { error } = talk.end;
  if (!(error instanceof RxkcpError)) world.find('untyped end', `${talk.name}: ${error}`);
  if (!(error instanceof PeerRestartedError)) return;
  const peer = world.peersOf(talk).find(({ isOpen, endedAt }) => isOpen || endedAt > talk.endedAt);
  if (peer !== undefined) world.find('false death', `${talk.name}: ${error}, and ${peer.name} was there`);
}

function checkGoodEnd(world: World, talk: Talk, plan: SwarmPlan): void {
  if (talk.end?.reason !== 'failed' || !talk.isCompleting || talk.deadLink > 0 || talk.idleTimeout > 0) return;
  const peer = world.peersOf(talk).find(({ source }) => source === talk);
  if (!peer?.isCompleting || peer.received < talk.sent.length || talk.received < peer.sent.length) return;
  if (talk.isEndedPaused || peer.isEndedPaused) return;
  const { rto } = peer.session.stats();
  const hasStayed = peer.endedAt >= peer.completedAt + STAY_RTOS * rto;
  if (hasStayed && peer.endedAt < peer.receivedAt + rto) return;
  if (!isGood(plan) || talk.deadAfter < 10 * talk.session.stats().rto) return;
  const since = Math.min(talk.completedAt, peer.completedAt);
  const isDisturbed = plan.operations.some((operation) => DISTURBING.has(operation.do) && endOf(operation) >= since);
  if (isDisturbed) return;
  world.find(
    'false death',
    `${talk.name}: ${talk.end.error}, and ${peer.name} has completed, too, and all has arrived`,
  );
}

function isGood({ network }: SwarmPlan): boolean {
  const { outgoing = {}, incoming = {}, ...both } = network;
  return [outgoing, incoming].every((oneWay) => {
    const { loss = 0, burstLoss, rate, mtu, blackouts, corrupt = 0 } = { ...both, ...oneWay };
    return loss + corrupt <= LOSS_MAX && [burstLoss, rate, mtu, blackouts].every((limit) => limit === undefined);
  });
}
