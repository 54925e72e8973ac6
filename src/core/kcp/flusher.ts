// What a control block sends: one flush after another, in the order of kcp-go's (kcp.go, flush): acks, window commands,
// retransmissions, new segments.

import type { Counters } from '../../counters/counters.ts';
import type { DeadLink } from '../../errors.ts';
import { CongestionWindow } from './congestion.ts';
import { LossDetection } from './loss-detection.ts';
import { PacketWriter } from './packet-writer.ts';
import type { Receiver } from './receiver.ts';
import type { RttEstimator } from './rtt.ts';
import { SEGMENT_HEADER, WASK, WINS } from './segment.ts';
import type { OutgoingSegment, SendBuffer } from './send-buffer.ts';
import type { Tunables } from './tunables.ts';
import { Unanswered } from './unanswered.ts';
import { WindowProbe } from './window-probe.ts';

/** What a peer's receive window is taken for before it has said (IKCP_WND_RCV). */
const REMOTE_WINDOW_DEFAULT = 32;

export class Flusher {
  readonly writer: PacketWriter;
  readonly congestion: CongestionWindow;
  readonly losses = new LossDetection();
  readonly probe = new WindowProbe();
  readonly unanswered = new Unanswered();
  /** The peer's free window, in segments, as last told. */
  remoteWindow = REMOTE_WINDOW_DEFAULT;
  /** Whether the last flush has more to send: `flushRest` goes on with it. */
  hasRest = false;
  /** Whether the next flush asks for the peer's window. */
  asksWindow = false;
  /** Transmissions of the segment that was transmitted `deadLink` times; 0 if none was. */
  deadLinkReached = 0;
  readonly #tunables: Readonly<Tunables>;
  readonly #rtt: RttEstimator;
  readonly #sending: SendBuffer;
  readonly #receiver: Receiver;
  readonly #counters: Counters;
  readonly #flight: number;

  constructor(
    conv: number,
    tunables: Readonly<Tunables>,
    rtt: RttEstimator,
    sending: SendBuffer,
    receiver: Receiver,
    counters: Counters,
    flight: number,
  ) {
    this.#tunables = tunables;
    this.#rtt = rtt;
    this.#sending = sending;
    this.#receiver = receiver;
    this.#counters = counters;
    this.#flight = flight;
    this.writer = new PacketWriter(conv, tunables.mtu);
    this.congestion = new CongestionWindow(tunables.mtu - SEGMENT_HEADER);
  }

  /** What a timeout adds to that of its segment. */
  get backoff(): number {
    return this.#tunables.nodelay ? this.#rtt.rto >> 1 : this.#rtt.rto;
  }

  /** How the link died, told at `clock`. */
  deadLink(clock: number): DeadLink {
    const { deadLinkReached, unanswered } = this;
    const heardAgo = unanswered.heardAgo(clock);
    if (deadLinkReached > 0) return { transmissions: deadLinkReached, waited: undefined, heardAgo };
    return { transmissions: unanswered.transmissions, waited: unanswered.waited(clock), heardAgo };
  }

  /** Whether nothing can leave before the peer tells a window. */
  get isBlocked(): boolean {
    if (this.remoteWindow === 0) return true;
    const { queued, oldest, hasUnsent, inFlight } = this.#sending;
    return queued > 0 && oldest === undefined && !hasUnsent && inFlight >= this.#effectiveWindow();
  }

  /** Whether something waits for the next flush. */
  get isAwaited(): boolean {
    const { acks, tellsWindow } = this.#receiver;
    const { hasUnsent, suspects, queued, inFlight } = this.#sending;
    if (acks.length > 0 || this.asksWindow || tellsWindow || hasUnsent) return true;
    if (this.losses.isSilent) return false;
    return suspects.length > 0 || (queued > 0 && inFlight < this.#effectiveWindow());
  }

  /** The peer was heard. Returns whether that broke a silence. */
  heard(clock: number): boolean {
    this.unanswered.heard(clock);
    this.probe.heard();
    return this.losses.heard();
  }

  /** The network is back: nothing is silent, and what has waited for an RTO is due. */
  kick(clock: number): void {
    this.losses.kick(this.#sending, clock, this.#rtt.rto);
    this.probe.heard();
    this.unanswered.excuse(clock, Infinity);
    if (this.isBlocked) this.asksWindow = true;
  }

  /** One flush at `clock`; new segments and retransmissions only if it is `full`. */
  flush(clock: number, full: boolean): void {
    this.writer.begin(this.#receiver.freeWindow, this.#receiver.buffer.nxt);
    this.#writeControls(clock);
    const window = this.#effectiveWindow();
    const admitted = this.losses.isSilent ? 0 : this.#sending.admit((this.#sending.una + window) | 0);
    if (full) this.#transmit(clock, admitted, window);
    this.#endPackets();
  }

  /** Goes on with a flush that has a rest, once what it wrote was taken. */
  flushRest(clock: number): void {
    this.writer.begin(this.#receiver.freeWindow, this.#receiver.buffer.nxt);
    this.#transmitNew(clock);
    this.#endPackets();
  }

  /** Flush phases 1 to 3. */
  #writeControls(clock: number): void {
    const { acks, news, buffer } = this.#receiver;
    const { rto } = this.#rtt;
    acks.write(this.writer, buffer.nxt);
    if (this.probe.check(this.isBlocked, this.losses.isSilent, clock, rto)) {
      this.asksWindow = true;
      this.unanswered.sent(clock);
    }
    if (this.asksWindow) this.writer.writeControl(WASK, acks.lastSn, acks.lastTs);
    if (this.#receiver.tellsWindow || news.isDue(clock)) {
      this.writer.writeControl(WINS, acks.lastSn, acks.lastTs);
      news.tell(clock, rto);
    }
    this.asksWindow = this.#receiver.tellsWindow = false;
  }

  /** Flush phases 5 and 6: retransmissions in sn order, then what was never sent. */
  #transmit(clock: number, admitted: number, window: number): void {
    const { resend, nc, deadLink, mtu } = this.#tunables;
    this.losses.collect(this.#sending, clock, this.#rtt.rto, this.backoff, resend, admitted > 0);
    const { due, fast, early, timedOut } = this.losses;
    const again = this.losses.takeRepeat(this.#sending, clock);
    // Nobody has answered yet: without segment 0 the peer can make nothing of what comes after it.
    const isOpening = !this.unanswered.wasHeard && due.length === 0 && again === undefined;
    const opener = isOpening ? this.#sending.oldest : undefined;
    if (again !== undefined) this.#transmitAgain(again, clock);
    for (const segment of due) {
      this.#sending.transmitted(segment, clock, segment.rto);
      this.writer.writePush(segment, false);
      this.unanswered.sent(clock);
      if (deadLink > 0 && segment.transmissions >= deadLink) this.deadLinkReached = segment.transmissions;
    }
    due.length = 0;
    this.#transmitNew(clock);
    if (opener !== undefined && admitted > 0 && this.writer.addRepeat(opener, clock)) this.#counters.RetransSegs++;
    this.#counters.FastRetransSegs += fast;
    this.#counters.EarlyRetransSegs += early;
    this.#counters.LostSegs += timedOut;
    this.#counters.RetransSegs += fast + early + timedOut;
    if (nc) return;
    const mss = mtu - SEGMENT_HEADER;
    if (fast + early > 0) this.congestion.fastRetransmitted(this.#sending.inFlight, resend, mss);
    if (timedOut > 0) this.congestion.timedOut(window, mss);
  }

  /** Sends a segment once more, whose timeout stays as it is. */
  #transmitAgain(segment: OutgoingSegment, clock: number): void {
    segment.ts = clock;
    this.writer.writePush(segment, false);
    this.unanswered.sent(clock);
    this.#counters.RetransSegs++;
  }

  /** Flush phase 6. */
  #transmitNew(clock: number): void {
    const { rto } = this.#rtt;
    while (this.writer.packets < this.#flight) {
      const segment = this.#sending.nextUnsent();
      if (segment === undefined) break;
      segment.una = this.#receiver.buffer.nxt;
      this.#sending.transmitted(segment, clock, rto);
      this.writer.writePush(segment, true);
      this.unanswered.sent(clock);
    }
    this.hasRest = this.#sending.hasUnsent;
  }

  #endPackets(): void {
    this.writer.close();
    if (this.writer.segments === 0) return;
    this.#receiver.news.told = this.#receiver.freeWindow;
    this.#counters.OutSegs += this.writer.segments;
    this.writer.segments = 0;
  }

  #effectiveWindow(): number {
    const window = Math.min(this.#tunables.sendWindow, this.remoteWindow);
    return this.#tunables.nc ? window : Math.min(window, this.congestion.cwnd);
  }
}
