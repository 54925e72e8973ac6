// What a control block sends, and when: one flush after another, in the order of kcp-go's (kcp.go, flush): acks, window commands,
// retransmissions, new segments. Of kcp-go's flushes, those that would find nothing to do are not made.

import type { Counters } from '../../counters/counters.ts';
import type { Farewell, MakeFarewell } from './farewell.ts';
import { FlushGrid } from './flush-grid.ts';
import { LossDetection } from './loss-detection.ts';
import type { OutgoingSegment } from './outgoing-segment.ts';
import { PacketWriter } from './packet-writer.ts';
import type { Receiver } from './receiver.ts';
import type { RttEstimator } from './rtt.ts';
import { REMOTE_WINDOW_DEFAULT, WASK, WINS } from './segment.ts';
import type { SendBuffer } from './send-buffer.ts';
import { earliest, isReached } from './serial.ts';
import { Silence } from './silence.ts';
import type { Tunables } from './tunables.ts';
import { WindowProbe } from './window-probe.ts';
import { ANSWER } from './words.ts';

export class Flusher {
  readonly writer: PacketWriter;
  readonly grid: FlushGrid;
  readonly losses: LossDetection;
  readonly silence: Silence;
  readonly farewell: Farewell | undefined;
  /** The peer's free window, in segments, as last told. */
  remoteWindow = REMOTE_WINDOW_DEFAULT;
  /** Whether the last flush has more to send: `flushRest` goes on with it. */
  hasRest = false;
  /** Whether the next flush asks for the peer's window. */
  asks = false;
  readonly #probe = new WindowProbe();
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
    now: number,
    makeFarewell: MakeFarewell | undefined,
  ) {
    this.#tunables = tunables;
    this.#rtt = rtt;
    this.#sending = sending;
    this.#receiver = receiver;
    this.#counters = counters;
    this.#flight = flight;
    this.writer = new PacketWriter(conv, tunables);
    this.grid = new FlushGrid(tunables.interval, now);
    this.losses = new LossDetection(tunables, rtt, sending);
    this.silence = new Silence(tunables, now);
    this.farewell = makeFarewell?.(sending, receiver, rtt, now);
    if (this.farewell) this.writer.wordless = ANSWER;
  }

  /** When the next flush that finds something to do is due, silence aside (int32 clock); undefined when none is. */
  get nextAt(): number | undefined {
    const { grid, losses } = this;
    const pacedAt = losses.isSilent ? undefined : this.#sending.congestion?.nextAt;
    if (this.#wanted()) return earliest(grid.next, pacedAt);
    const probeAt = this.#probe.nextAt(this.#isBlocked(), losses.isSilent, grid.next);
    const toldAt = earliest(this.#receiver.news.nextAt, this.farewell?.nextAt);
    const timed = earliest(earliest(probeAt, toldAt), losses.repeatAt);
    const at = earliest(losses.noticedAt(grid.next), pacedAt);
    return timed === undefined ? at : earliest(at, grid.firstAfter(timed));
  }

  /** Passes over the flushes up to `now`, if they would have had nothing to do. To be called before anything changes. */
  skipIdle(now: number): void {
    const { grid, losses } = this;
    if (!grid.isBehind(now) || isReached(now, this.nextAt)) return;
    grid.skipTo(now, losses.nextDue);
    this.#probe.passed(this.#isBlocked(), losses.isSilent);
  }

  /** The peer was heard. Returns whether that broke a silence. */
  heard(now: number): boolean {
    this.silence.heard(now);
    this.#probe.heard();
    return this.losses.heard(now);
  }

  /** The network is back: nothing is silent, and what has waited for an RTO is due. */
  kick(now: number): void {
    this.losses.kick(now);
    this.#probe.heard();
    this.silence.excuse(now, Infinity);
    if (this.#isBlocked()) this.asks = true;
  }

  /** One flush at `now`; new segments and retransmissions only if it is `full`. */
  flush(now: number, full: boolean): void {
    this.#begin();
    const speaks = this.#writeControls(now);
    const window = this.#effectiveWindow();
    const hasNew = !this.losses.isSilent && this.#sending.admit(window);
    if (full) this.#transmit(now, hasNew, window);
    if (speaks) this.farewell?.write(this.writer, now);
    this.#end();
  }

  /** Goes on with a flush that has a rest, once what it wrote was taken. */
  flushRest(now: number): void {
    this.#begin();
    this.#transmitNew(now);
    this.#end();
  }

  #begin(): void {
    this.writer.begin(this.#receiver.wnd, this.#receiver.buffer.nxt);
  }

  /** Flush phases 1 to 3. Returns whether there are words for the end of the flush, which tell the window, too. */
  #writeControls(now: number): boolean | undefined {
    const { writer } = this;
    const { news, acks } = this.#receiver;
    const { rto } = this.#rtt;
    this.#receiver.writeAcks(writer);
    if (this.#probe.check(this.#isBlocked(), this.losses.isSilent, now, rto)) {
      this.asks = true;
      this.silence.sent(now);
    }
    if (this.asks) writer.control(WASK);
    this.asks = false;
    const isNews = news.isDue(now);
    const speaks = this.farewell?.isDue(isNews || acks > 0);
    if (isNews) news.tell(now, rto);
    if (isNews && !speaks) writer.control(WINS);
    return speaks;
  }

  /** Flush phases 5 and 6: retransmissions in sn order, then what was never sent. */
  #transmit(now: number, hasNew: boolean, window: number): void {
    const { losses, silence } = this;
    const { deadLink, bundle } = this.#tunables;
    const counters = this.#counters;
    const sending = this.#sending;
    losses.collect(now, hasNew);
    const { due, fast, early } = losses;
    const acked = fast + early;
    const timedOut = due.length - acked;
    const again = losses.takeRepeat(now, silence.heardAt);
    // The peer has not answered yet: without segment 0 it cannot use later segments.
    const isOpening = hasNew && silence.heardAt === undefined && due.length === 0 && !again;
    const opener = isOpening && sending.oldest;
    if (again) this.#repeat(again, now);
    for (const segment of due) {
      this.#send(segment, now, segment.rto, false);
      if (deadLink > 0 && segment.xmit >= deadLink) silence.wornOut = segment.xmit;
    }
    this.#transmitNew(now);
    if (opener && this.writer.hasRoomFor(opener)) this.#repeat(opener, now);
    if (bundle) bundle(this.writer, sending, this.#rtt, due, now);
    // To set a length takes long.
    if (due.length > 0) due.length = 0;
    counters.FastRetransSegs += fast;
    counters.EarlyRetransSegs += early;
    counters.LostSegs += timedOut;
    sending.congestion?.lost(acked, timedOut, window);
  }

  /** Flush phase 6. */
  #transmitNew(now: number): void {
    const sending = this.#sending;
    while (this.writer.packets < this.#flight) {
      const segment = sending.nextUnsent();
      if (!segment) break;
      segment.una = this.#receiver.buffer.nxt;
      this.#send(segment, now, this.#rtt.rto, true);
    }
    this.hasRest = sending.unsent > 0;
  }

  #send(segment: OutgoingSegment, now: number, rto: number, first: boolean): void {
    this.#sending.transmitted(segment, now, rto);
    this.#write(segment, now, first);
  }

  /** Retransmits a segment, and leaves its timeout as it is. */
  #repeat(segment: OutgoingSegment, now: number): void {
    segment.stamp(now);
    this.#write(segment, now, false);
    this.#probe.spared = true;
  }

  #write(segment: OutgoingSegment, now: number, first: boolean): void {
    this.writer.writePush(segment, first);
    this.silence.sent(now);
    if (!first) this.#counters.RetransSegs++;
  }

  #end(): void {
    const { writer } = this;
    writer.close();
    if (writer.segments === 0) return;
    this.#receiver.news.told = this.#receiver.wnd;
    this.#counters.OutSegs += writer.segments;
    writer.segments = 0;
  }

  /** Whether nothing can leave before the peer tells a window. */
  #isBlocked(): boolean {
    if (this.remoteWindow === 0) return true;
    const { queued, oldest, unsent, inFlight } = this.#sending;
    return queued > 0 && !oldest && unsent === 0 && inFlight >= this.#effectiveWindow();
  }

  /** Whether something waits for the next flush. */
  #wanted(): boolean {
    const { acks, news } = this.#receiver;
    const { unsent, hasSuspects, queued, inFlight } = this.#sending;
    const isWritten = acks > 0 || this.asks || news.wanted || unsent > 0;
    return isWritten || (!this.losses.isSilent && (hasSuspects || (queued > 0 && inFlight < this.#effectiveWindow())));
  }

  #effectiveWindow(): number {
    const { congestion } = this.#sending;
    return Math.min(this.#tunables.sendWindow, this.remoteWindow, congestion ? congestion.limit() : Infinity);
  }
}
