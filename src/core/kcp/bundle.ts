// Segments that are not acknowledged yet go along in later datagrams, where there is room. What a thin stream loses then comes with its next
// message, without a datagram or a round trip more; any KCP peer takes the copies for duplicates. (For TCP: K. Evensen, A. Petlund,
// C. Griwodz, P. Halvorsen, "Redundant bundling in TCP to reduce perceived latency for time-dependent thin streams", 2008.)
//
// Adaptive bundling is a control loop. Each segment that is lost all the same adds one to the number of segments that go along, and each
// that is sent takes a little away. So that number settles where about one segment in 1000 is still lost, however the network loses them.

import { type Checks, integer, requireAll } from '../../check.ts';
import { MTU_MAX } from '../../limits.ts';
import type { OutgoingSegment } from './outgoing-segment.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { RttEstimator } from './rtt.ts';
import type { SendBuffer } from './send-buffer.ts';
import { serialDiff } from './serial.ts';

/** What goes along with each datagram, whatever the network does. See {@link bundling}. */
export interface BundleLimits {
  /** Segments at most, the newest first. 1 … 64. */
  readonly segments: number;
  /** Bytes of them at most, headers of 24 bytes each included. 1 … 1472. */
  readonly bytes: number;
}

/**
 * Has segments go along with later datagrams. Made by {@link bundling}; any number of sessions may have the same one.
 *
 * Called by a flush at `now` (int32 clock) after all new segments of `sending` and the retransmitted ones of `lost` were written. It fills up
 * the last packet. Not to be called by users.
 */
export type Bundling = (
  writer: PacketWriter,
  sending: SendBuffer,
  rtt: RttEstimator,
  lost: readonly OutgoingSegment[],
  now: number,
) => void;

/** Segments that go along at most, where the losses decide. */
const DEPTH_MAX = 8;
/** How many go along at least, once any do: a burst of losses is soon followed by another. */
const DEPTH_MIN = 1.8;
/** What the depth of a new conversation is: its first loss, if it comes soon, is enough to begin. */
const DEPTH_FIRST = 0.8;
/** What a segment takes off the depth while none go along: they begin when more than this share is lost. */
const SHARE_TO_BEGIN = 0.003;
/** The same while some do: the share of losses that is put up with. */
const SHARE_LEFT = 0.001;
/** ms from one datagram with data to the next, on average, from which on a stream is thin. */
const THIN_GAP = 10;
/** The longest gap that counts, ms. */
const GAP_MAX = 100;
/** By how much the round-trip time without a queue may have grown from one datagram to the next: a longer route is none. */
const BASE_GROWTH = 1 + 1 / 4096;
/** Datagrams without bundles after a queue was seen: the first time, twice as many each time after that, and at most. */
const PAUSE_FIRST = 512;
const PAUSE_MAX = 8192;
/** Retransmitted segments of which it is awaited whether they were lost. */
const SUSPECTS_MAX = 64;

const LIMITS: Checks<BundleLimits> = {
  segments: /* @__PURE__ */ integer(1, 64),
  bytes: /* @__PURE__ */ integer(1, MTU_MAX),
};

/**
 * Makes the value of the option `bundle`: what has segments that are not acknowledged yet go along with later datagrams.
 *
 * Only room in datagrams that carry data anyway is used: no datagram is added, and none gets longer than the MTU. A lost message then arrives
 * with the next one. Peers of any kind take what they have already for a duplicate.
 *
 * - `'adaptive'`: as many segments as the losses ask for, 8 at most. None while fewer than 3 in 1000 are lost, while more than about 100
 *   datagrams per second are sent, and while the round-trip time says that a queue grows.
 * - `{ segments, bytes }`: so many in each datagram, whatever the network does.
 *
 * On Node the option takes either by itself, and `'adaptive'` is its default. In a page a session bundles only what you give it, so that
 * pages that do not want it do not carry it.
 *
 * @example
 * connect({ link, mode: 'fast3', bundle: bundling('adaptive') }).subscribe((session) => session.subscribe(session));
 *
 * @throws OptionError if a limit is out of range; `error.option` names it.
 */
export function bundling(bundle: 'adaptive' | BundleLimits): Bundling {
  if (bundle === 'adaptive') return adaptive();
  const { segments, bytes } = requireAll('bundle', bundle, LIMITS);
  return (writer, sending, _rtt, _lost, now) => write(writer, sending, now, segments, bytes);
}

function adaptive(): Bundling {
  const streams = new WeakMap<SendBuffer, Stream>();
  return (writer, sending, rtt, lost, now) => {
    const stream = streams.get(sending) ?? new Stream(now);
    streams.set(sending, stream);
    const depth = stream.measure(sending, rtt, lost, now);
    if (depth >= 1) write(writer, sending, now, Math.floor(depth), MTU_MAX);
  };
}

interface Suspect {
  readonly segment: OutgoingSegment;
  readonly sn: number;
  /** When it was first retransmitted. */
  readonly at: number;
}

/** What is known of one conversation. */
class Stream {
  #suspects: Suspect[] = [];
  #depth = DEPTH_FIRST;
  /** Where what was sent ended at the last flush. */
  #end: number | undefined;
  /** From one datagram with data to the next, on average. */
  #gap = GAP_MAX;
  #sentAt: number;
  /** Datagrams for which nothing goes along, and for how many it will be the next time. */
  #pause = 0;
  #nextPause = PAUSE_FIRST / 2;
  /** The round-trip time without a queue. */
  #base = Infinity;

  constructor(now: number) {
    this.#sentAt = now;
  }

  /** Takes in what a flush tells. Returns how many segments are to go along with what it has sent. */
  measure(sending: SendBuffer, { srtt }: RttEstimator, lost: readonly OutgoingSegment[], now: number): number {
    const { nxt } = sending;
    const sent = serialDiff(nxt, this.#end ?? sending.una);
    this.#end = nxt;
    this.#judge(srtt, now);
    this.#depth = Math.max(0, this.#depth - sent * (this.#depth < 1 ? SHARE_TO_BEGIN : SHARE_LEFT));
    if (sent === 0 && lost.length === 0) return 0;
    const gap = Math.min(Math.max(serialDiff(now, this.#sentAt), 0), GAP_MAX);
    this.#gap += (gap - this.#gap) / 8;
    this.#sentAt = now;
    if (this.#gap < THIN_GAP) return 0;
    this.#suspect(lost, now);
    this.#base = Math.min(this.#base * BASE_GROWTH, srtt || Infinity);
    return this.#isQueued(srtt) ? 0 : this.#depth;
  }

  /** Whether there is a queue, or was one lately: it may have been the bundles'. */
  #isQueued(srtt: number): boolean {
    if (this.#pause > 0) this.#pause--;
    else if (srtt > this.#base * 1.5 + 25) {
      this.#pause = this.#nextPause = Math.min(this.#nextPause * 2, PAUSE_MAX);
      this.#depth = Math.min(this.#depth, 1);
    }
    return this.#pause > 0;
  }

  #suspect(lost: readonly OutgoingSegment[], now: number): void {
    for (const segment of lost) {
      const { sn } = segment;
      const isKnown = this.#suspects.some((other) => other.sn === sn);
      if (!isKnown && this.#suspects.length < SUSPECTS_MAX) this.#suspects.push({ segment, sn, at: now });
    }
  }

  /** Which suspects were lost. What is acknowledged sooner after its retransmission than that can be answered was not. */
  #judge(srtt: number, now: number): void {
    if (this.#suspects.length === 0) return;
    this.#suspects = this.#suspects.filter(({ segment, sn, at }) => {
      if (segment.sn === sn && segment.acked === 0) return true;
      if (serialDiff(now, at) >= srtt * 0.75) this.#deepen();
      return false;
    });
  }

  #deepen(): void {
    const depth = Math.min(this.#depth + 1, DEPTH_MAX + 1);
    this.#depth = depth > 1 ? Math.max(depth, DEPTH_MIN) : depth;
  }
}

/** Adds the newest unacknowledged segments to the packet being written, those it has itself excepted. */
function write(writer: PacketWriter, sending: SendBuffer, now: number, segments: number, bytes: number): void {
  const earlier: OutgoingSegment[] = [];
  for (let segment = sending.oldest; segment; segment = sending.after(segment))
    if (segment.ts !== now) earlier.push(segment);
  let left = bytes;
  for (const segment of earlier.slice(-segments).reverse()) {
    left -= segment.packet.length;
    if (left < 0 || !writer.hasRoomFor(segment)) return;
    // With its own time: the ack gives the round trip of this copy.
    writer.writePush({ ...segment, ts: now }, false);
  }
}
