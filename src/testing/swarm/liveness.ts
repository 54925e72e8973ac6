// Oracle: two ends that are alive come to an end of what they have to do.
//
// When the last operation of a plan is over, the network heals and every reader reads. From then on, in each session in which something waits
// (its own message, one of the peer's, `complete()`), something has to happen within
//
// - 10 RTO, the longer one of both ends, if its peer is there: acknowledgments, deliveries, an end. A peer that has gone silent is probed: once
//   the network heals, the first answer ends all backoff. So to that the wait for the next probe is added;
// - `deadAfter` or `idleTimeout`, and the 10 s for which a server ignores the first packet of a conversation that it has ended, if its peer is
//   gone: an end with an error.
//
// And then again after each such progress. Where the peer is gone and both settings are 0, nothing is promised. When nothing waits any more, each
// open session sends one message: it arrives, or the session learns that its peer is gone. A session that is not told of it by that has
// forgotten its peer, or is deaf.

import { IdleTimeoutError } from '../../errors.ts';
import { ServedSession } from '../../server/served-session.ts';
import { PROOF_WITHIN } from '../../server/validation.ts';
import type { SessionStats } from '../../session/stats.ts';
import type { Talk } from './talk.ts';
import type { World } from './world.ts';

/** RTOs within which something happens. */
const RTOS = 10;
/** ms for which a server ignores what looks like the beginning of a conversation that it has ended; and 1 s for what follows. */
const RECENT = 11_000;
/** ms between two probes of a window that has been closed for long, at most: when a peer that has closed it is gone, the next one tells. */
const PROBE_LIMIT = 120_000;
/** ms between probes of a peer that does not answer, at most, for as long as there are a hundred of them; then the wait grows by half each time. */
const PROBE_WAIT = 1000;
const PROBES_DENSE_MS = 30_000;
/** ms that a completed end stays at most, if it has measured no RTO. */
const LINGER_MAX = 12_000;
/** Bytes of the last message. */
const LAST_WORD = 16;
/** Looks per time in which something has to happen. */
const LOOKS = 20;

/** What is known of a session. Of two looks, what happened between them may have happened just after the first. */
interface Watch {
  /** What changes when something happens. */
  readonly mark: string;
  /** Since when that is as it is. */
  since: number;
  /** Segments that are not acknowledged, and since when their number is what it is. */
  readonly outstanding: number;
  readonly outstandingSince: number;
  /** When it was looked at last. */
  readonly seenAt: number;
  /** The longest RTO of both ends. */
  readonly rto: number;
  /** ms for which segments may have been lost when the network healed. */
  inVain: number;
}

export class Liveness {
  /** ms from the end of the last fault to the end of what was waiting then. */
  settledAfter = 0;
  readonly #world: World;
  readonly #watches = new Map<Talk, Watch>();
  #healedAt = Infinity;

  constructor(world: World) {
    this.#world = world;
  }

  /** To be called now and then before the network heals: in between, nothing may have happened. */
  look(): void {
    for (const talk of this.#world.talks) if (talk.isOpen) this.#whyWaiting(talk);
  }

  /** Lets all come to an end; what does not is a finding. */
  settle(): void {
    const world = this.#world;
    this.look();
    this.#healedAt = world.at;
    for (const [talk, watch] of this.#watches) {
      watch.since = world.at;
      const oldest = talk.sentAt[this.#peerOf(talk)?.received ?? 0] ?? world.at;
      watch.inVain = world.at - Math.min(oldest, watch.outstandingSince);
    }
    world.paths.left.heal();
    world.paths.right.heal();
    for (const talk of world.talks) world.pause(talk, false);
    this.#wait();
    this.settledAfter = world.at - this.#healedAt;
    for (const talk of world.talks) if (world.finding === undefined && talk.isTaking) world.send(talk, LAST_WORD);
    this.#wait();
    this.#rest();
  }

  #wait(): void {
    const world = this.#world;
    while (world.finding === undefined) {
      let step = Infinity;
      for (const talk of world.talks) {
        const why = this.#whyWaiting(talk);
        if (why === undefined) continue;
        const patience = this.#patience(talk);
        if (patience === undefined) continue;
        const waited = world.at - (this.#watches.get(talk)?.since ?? world.at);
        if (waited > patience || world.clock.pending === 0) {
          world.find('stuck', `${talk.name} waits for ${waited} ms: ${why}`);
          return;
        }
        step = Math.min(step, Math.ceil(patience / LOOKS));
      }
      if (step === Infinity) break;
      world.clock.run(world.clock.now() + step);
      this.#checkDeaths();
    }
  }

  /** What a session waits for; undefined if it does not. */
  #whyWaiting(talk: Talk): string | undefined {
    const { session, end } = talk;
    if (end !== undefined) {
      if (talk.waiting > 0) return `${talk.waiting} calls of send$ have not settled`;
      return talk.isReadOut ? undefined : 'it has ended, and its messages have not';
    }
    const stats = session.stats();
    const { inFlight, queued } = stats;
    const peer = this.#peerOf(talk);
    this.#watch(talk, stats, peer);
    if (inFlight + queued > 0) return `${inFlight} segments in flight, ${queued} queued`;
    if (talk.isCompleting) return 'it was completed';
    if (talk.waiting > 0) return `${talk.waiting} calls of send$ have not settled`;
    if (peer !== undefined && peer.receivedBytes < talk.sentBytes && peer.source === talk) {
      return `${talk.sentBytes - peer.receivedBytes} bytes that are acknowledged, and not delivered`;
    }
    return undefined;
  }

  #watch(talk: Talk, stats: SessionStats, peer: Talk | undefined): void {
    const { at } = this.#world;
    const other = peer?.session.stats();
    const outstanding = stats.inFlight + stats.queued;
    const mark = `${outstanding} ${talk.receivedBytes} ${peer?.name} ${peer?.receivedBytes} ${other?.unread}`;
    const watch = this.#watches.get(talk);
    const changedAt = watch?.seenAt ?? talk.openedAt;
    const rto = Math.max(stats.rto, other?.rto ?? 0);
    this.#watches.set(talk, {
      mark,
      since: watch?.mark === mark ? watch.since : this.#healedAt === Infinity ? changedAt : at,
      outstanding,
      outstandingSince: watch?.outstanding === outstanding ? watch.outstandingSince : changedAt,
      seenAt: at,
      rto: Math.max(watch?.rto ?? 0, rto),
      inVain: watch?.inVain ?? 0,
    });
  }

  /** ms within which something has to happen; undefined if nothing is promised. */
  #patience(talk: Talk): number | undefined {
    const { rto, inVain } = this.#watches.get(talk) ?? { rto: 0, inVain: 0 };
    const rtos = RTOS * rto + probeWait(inVain);
    if (!talk.isOpen) return rtos;
    const { srtt, inFlight, queued, remoteWindow } = talk.session.stats();
    if (inFlight + queued === 0 && srtt === 0) return rtos + LINGER_MAX;
    if (this.#peerOf(talk) !== undefined) return rtos;
    const { deadAfter, idleTimeout } = talk;
    const limit = Math.min(deadAfter || Infinity, idleTimeout || Infinity);
    return limit === Infinity ? undefined : limit + RECENT + rtos + (remoteWindow === 0 ? PROBE_LIMIT : 0);
  }

  /** The session of the other end that is there. */
  #peerOf(talk: Talk): Talk | undefined {
    return this.#world.peersOf(talk).findLast(({ isOpen }) => isOpen);
  }

  /** What the session takes for its retransmission timeout, or has taken for it when it was last read: at first it is a guess. */
  #rtoOf(talk: Talk): number {
    return Math.max(this.#watches.get(talk)?.rto ?? 0, talk.session.stats().rto);
  }

  /** No peer that is there, and has been for 10 RTO on a good network, is taken for dead. */
  #checkDeaths(): void {
    const world = this.#world;
    for (const talk of world.talks) {
      if (talk.end?.reason !== 'failed' || talk.endedAt <= this.#healedAt) continue;
      const peer = this.#peerOf(talk);
      if (peer === undefined) continue;
      const rto = Math.max(this.#rtoOf(talk), this.#rtoOf(peer));
      if (talk.endedAt - Math.max(this.#healedAt, peer.openedAt) <= RTOS * rto) continue;
      // Half of the time there is for an answer to a probe was less than that takes.
      if (talk.end.error instanceof IdleTimeoutError && talk.idleTimeout <= 4 * rto) continue;
      world.find('false death', `${talk.name}: ${talk.end.error}, and ${peer.name} is there`);
    }
  }

  /** A server gives the peer of a session a time to prove its address, and has a timer until then. */
  #awaitProof(open: readonly Talk[]): void {
    const world = this.#world;
    const ages = open.filter(isOnTrial).map(({ openedAt }) => world.at - openedAt);
    if (ages.length > 0) world.clock.run(world.clock.now() + PROOF_WITHIN - Math.min(...ages));
  }

  /** Nothing waits: after what is still in flight, no timer is left, and nothing is kept that was not read. */
  #rest(): void {
    const world = this.#world;
    let open: readonly Talk[] = [];
    // What was in flight may have made a session, or ended one: then there is more to wait for.
    for (let before: number | undefined; before !== open.length; ) {
      before = open.length;
      const rto = Math.max(0, ...world.talks.map(({ session }) => session.stats().rto));
      world.clock.run(world.clock.now() + RTOS * rto + 1000);
      this.#wait();
      open = world.talks.filter(({ isOpen }) => isOpen);
    }
    this.#awaitProof(open);
    for (const { name, session } of open) {
      const { unread } = session.stats();
      if (unread > 0) world.find('memory left', `${name} keeps ${unread} segments`);
    }
    const { pending } = world.clock;
    if (pending === 0 || open.some(({ idleTimeout, deadAfter }) => idleTimeout > 0 || deadAfter === 0)) return;
    world.find('timer left', `${pending} timers, and nothing is to be done`);
  }
}

/** Whether the address of the peer is not proven to the server of that session. */
function isOnTrial({ session }: Talk): boolean {
  return session instanceof ServedSession && !session.isProven;
}

/** ms between two probes of a peer that has not answered for `silence` ms, at most: see `WindowProbe`. */
function probeWait(silence: number): number {
  if (silence === 0) return 0;
  return silence < PROBES_DENSE_MS ? PROBE_WAIT : Math.min(silence, PROBE_LIMIT);
}
