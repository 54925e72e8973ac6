// The KCP control block: one end of one conversation, as a state machine without socket, timer or clock.
//
// Whoever drives it says what time it is with every call, and then
//   - takes the packets a call produced with `takeBurst()`,
//   - reads messages with `read()`,
//   - calls `tick()` at `nextTimeout()`.
// Rules: kcp-go v5.6.72 kcp.go; where we differ on purpose: spec/interop/DEVIATIONS.md.

import { readInt32, readUint16 } from '../../bytes/int.ts';
import type { Counters } from '../../counters/counters.ts';
import { Agenda, earliest } from './agenda.ts';
import { CongestionWindow } from './congestion.ts';
import { FRAGMENTS_MAX, queueMessage } from './fragments.ts';
import { Liveness } from './liveness.ts';
import { LossDetection } from './loss-detection.ts';
import { lengthOf, type Message } from './message.ts';
import { PacketWriter } from './packet-writer.ts';
import type { ReceiveBuffer } from './receive-buffer.ts';
import { Receiver } from './receiver.ts';
import { RTO_MIN, RTO_MIN_NODELAY, RttEstimator } from './rtt.ts';
import {
  ACK,
  CMD_OFFSET,
  LEN_OFFSET,
  PUSH,
  SEGMENT_HEADER,
  SN_OFFSET,
  TS_OFFSET,
  UNA_OFFSET,
  WASK,
  WINS,
  WND_OFFSET,
} from './segment.ts';
import { SendBuffer } from './send-buffer.ts';
import { serialDiff, toClock } from './serial.ts';
import { segmentFound, segmentTaken, type Tracer } from './trace.ts';
import type { ControlBlockOptions, Tunables } from './tunables.ts';
import { WindowProbe } from './window-probe.ts';

/** What a peer's receive window is taken for before it has said (IKCP_WND_RCV). */
const REMOTE_WINDOW_DEFAULT = 32;

/** One end of one KCP conversation, sans-IO. Whoever drives it says what time it is with every call. */
export class ControlBlock {
  /** The conversation id, as an int32. */
  readonly conv: number;
  /** Its settings; change them by `configure`. */
  readonly tunables: Tunables;
  /** @internal */
  readonly rtt = new RttEstimator();
  /** @internal */
  readonly congestion: CongestionWindow;
  /** @internal */
  readonly sending: SendBuffer;
  /** The peer's free window, in segments, as last told. */
  remoteWindow = REMOTE_WINDOW_DEFAULT;
  /** `dead`: a segment was transmitted `deadLink` times. `idle`: nothing heard for `idleTimeout`. */
  state: 'open' | 'dead' | 'idle' = 'open';
  /** Whether the last flush has more to send: `flushRest` goes on with it. */
  hasRest = false;
  /** When data last came, in ms on the caller's clock. */
  dataReceivedAt = Number.NEGATIVE_INFINITY;
  readonly #counters: Counters;
  readonly #writer: PacketWriter;
  readonly #losses = new LossDetection();
  readonly #probe = new WindowProbe();
  readonly #agenda: Agenda;
  readonly #receiver: Receiver;
  readonly #liveness: Liveness;
  /** Bytes of payload in the largest segment. */
  mss = 0;
  /** Whether the next flush asks for the peer's window. */
  #asksWindow = false;
  #flushWanted = false;
  readonly #flight: number;
  /** Whether the peer has ever said anything. */
  #wasHeard = false;
  #tracer: Tracer | undefined = undefined;

  constructor(options: ControlBlockOptions) {
    const { conv, now, counters, flight, sendsInOrder = false, initialSn, ...tunables } = options;
    const clock = toClock(now);
    this.conv = conv | 0;
    this.#flight = flight ?? Number.POSITIVE_INFINITY;
    this.tunables = tunables;
    this.#counters = counters;
    this.congestion = new CongestionWindow(tunables.mtu - SEGMENT_HEADER);
    this.sending = new SendBuffer(initialSn === undefined ? 0 : initialSn.send | 0, sendsInOrder);
    this.#receiver = new Receiver(initialSn === undefined ? 0 : initialSn.receive | 0, tunables);
    this.#writer = new PacketWriter(this.conv, tunables.mtu);
    this.#agenda = new Agenda(this.#losses, this.#probe, this.sending, tunables.interval, clock);
    this.#liveness = new Liveness(clock);
    this.configure(tunables, now);
  }

  /** Who is told what happens; undefined: nobody. */
  set tracer(tracer: Tracer | undefined) {
    this.#tracer = tracer;
    this.#writer.tracer = tracer;
  }

  /** Most bytes in one message; no limit in stream mode. */
  get messageMax(): number {
    return this.tunables.stream ? Number.POSITIVE_INFINITY : FRAGMENTS_MAX * this.mss;
  }

  /** Whether the send window takes another message (kcp-go sess.go, WriteBuffers). */
  get canSend(): boolean {
    return this.sending.length < this.tunables.sendWindow;
  }

  /** Whether nothing is queued, and nothing unacknowledged. */
  get drained(): boolean {
    return this.sending.length === 0;
  }

  /** Whether something received is still to be acknowledged. */
  get hasAcks(): boolean {
    return this.#receiver.acks.length > 0;
  }

  /** What was received and is not read. @internal */
  get receiving(): ReceiveBuffer {
    return this.#receiver.buffer;
  }

  /** Applies changed settings; what is in flight keeps the size it was cut to. */
  configure(changes: Partial<Tunables>, now: number): void {
    const wasFull = this.#receiver.freeWindow === 0;
    Object.assign(this.tunables, changes);
    this.#receiver.opened(wasFull);
    const { mtu, nodelay, interval, idleTimeout } = this.tunables;
    this.mss = mtu - SEGMENT_HEADER;
    this.#writer.mtu = mtu;
    this.#agenda.interval = interval;
    this.rtt.minRto = nodelay ? RTO_MIN_NODELAY : RTO_MIN;
    if (this.#liveness.timeout !== idleTimeout) this.#liveness.start(idleTimeout, toClock(now));
  }

  /**
   * Queues one message: 1 … `messageMax` bytes, which are copied. Nothing leaves before the next flush.
   * In stream mode bytes fill up the last queued segment first.
   */
  send(message: Message, now: number): void {
    this.#skipIdleFlushes(toClock(now));
    const { stream } = this.tunables;
    if (this.#tracer !== undefined) {
      this.#tracer({ kind: 'send', conv: this.conv >>> 0, stream, datalen: lengthOf(message) });
    }
    queueMessage(this.sending, message, this.mss, stream);
  }

  /** The next message in order; undefined when there is none. The bytes are the caller's. For `joined` see `ReceiveBuffer`. */
  read(now: number, joined = 0): Uint8Array | undefined {
    if (!this.receiving.readable) return undefined;
    this.#skipIdleFlushes(toClock(now));
    return this.#receiver.read(joined, this.conv >>> 0, this.#tracer);
  }

  /**
   * Takes in one packet, which is lent: the block keeps views of it until `receiving.copyBorrowed`, which is to be called before the
   * packet's memory is written to.
   *
   * @param regular false for a packet rebuilt by FEC: its window and its timing are out of date.
   * @returns false when the packet is malformed or of another conversation (what came before that counts).
   */
  input(packet: Uint8Array, now: number, regular = true): boolean {
    const clock = toClock(now);
    if (packet.length < SEGMENT_HEADER) return false;
    this.#skipIdleFlushes(clock);
    const unaBefore = this.sending.una;
    let newestAckTs: number | undefined;
    for (let offset = 0; packet.length - offset >= SEGMENT_HEADER; ) {
      const length = readInt32(packet, offset + LEN_OFFSET);
      const cmd = packet[offset + CMD_OFFSET] as number;
      if (readInt32(packet, offset) !== this.conv) return false;
      if (this.#tracer !== undefined) this.#tracer(segmentFound(packet, offset));
      if (length < 0 || length > packet.length - offset - SEGMENT_HEADER) return false;
      if (cmd < PUSH || cmd > WINS) return false;

      this.#heard(clock);
      if (regular) this.remoteWindow = readUint16(packet, offset + WND_OFFSET);
      if (this.sending.acknowledgeUpTo(readInt32(packet, offset + UNA_OFFSET)) > 0) this.#flushWanted = true;

      const sn = readInt32(packet, offset + SN_OFFSET);
      const ts = readInt32(packet, offset + TS_OFFSET);
      let isNew = false;
      if (cmd === PUSH) {
        this.dataReceivedAt = now;
        isNew = this.#receiver.push(packet, offset, sn, ts, length, regular);
        if (regular && !isNew) this.#counters.RepeatSegs++;
      } else if (cmd === ACK) {
        this.sending.acknowledge(sn);
        if (this.sending.countFastAck(sn, ts, this.tunables.resend)) this.#flushWanted = true;
        newestAckTs = ts;
      } else if (cmd === WASK) {
        this.#receiver.tellsWindow = true;
      }
      if (this.#tracer !== undefined) this.#tracer(segmentTaken(packet, offset, this.rtt.rto, regular, !isNew));
      this.#counters.InSegs++;
      offset += SEGMENT_HEADER + length;
    }
    if (newestAckTs !== undefined && regular) {
      const rtt = serialDiff(clock, newestAckTs);
      if (rtt >= 0) this.rtt.sample(rtt, this.tunables.interval, clock);
    }
    if (!this.tunables.nc && serialDiff(this.sending.una, unaBefore) > 0) {
      this.congestion.acknowledged(this.remoteWindow, this.mss);
    }
    return true;
  }

  /** Sends what the packets since the last call ask for at once. Everything else waits for `tick`. */
  flushAfterInput(now: number): void {
    const acks = this.#receiver.acks.length;
    if (this.#flushWanted) this.flush(now, true);
    else if (acks >= Math.floor(this.tunables.mtu / SEGMENT_HEADER) || (this.tunables.ackNoDelay && acks > 0)) {
      this.flush(now, false);
    }
  }

  /** Writes packets: acks and window commands, and, if `full`, all data that is due. */
  flush(now: number, full: boolean): void {
    const clock = toClock(now);
    this.#writer.begin(this.#receiver.freeWindow, this.receiving.nxt);
    this.#writeControls(clock);
    const window = this.#effectiveWindow();
    const admitted = this.#losses.isSilent ? 0 : this.sending.admit((this.sending.una + window) | 0);
    if (full) {
      this.#flushWanted = false;
      this.#transmit(clock, admitted, window);
    }
    this.#endPackets();
  }

  /** Goes on with a flush that has a rest, once what it wrote was taken. */
  flushRest(now: number): void {
    this.#writer.begin(this.#receiver.freeWindow, this.receiving.nxt);
    this.#transmitNew(toClock(now));
    this.#endPackets();
  }

  /**
   * Until `now` the caller was kept from what was due `late` ms before. What acknowledges the segments whose time was up meanwhile
   * may have come, and wait to be taken in: their timeouts get as long again, an RTO at most.
   */
  extendTimeouts(now: number, late: number): void {
    this.#losses.postpone(this.sending, (toClock(now) + Math.min(Math.ceil(late), this.rtt.rto)) | 0);
  }

  /** Does what is due at `now`; to be called when `nextTimeout` is reached. */
  tick(now: number): void {
    const clock = toClock(now);
    const liveness = this.#liveness.check(clock);
    if (liveness === 'expired') {
      this.state = 'idle';
      return;
    }
    if (liveness === 'probe') this.#asksWindow = true;
    this.flush(now, true);
    this.#agenda.flushed(clock);
  }

  /** ms from `now` until `tick` is to be called; undefined when nothing will be due until something happens. */
  nextTimeout(now: number): number | undefined {
    const clock = toClock(now);
    this.#skipIdleFlushes(clock);
    const work = this.#agenda.next(this.#waitsForFlush(), this.remoteWindow);
    const at = earliest(work, this.#liveness.nextAt);
    return at === undefined ? undefined : Math.max(serialDiff(at, clock), 0);
  }

  /** Whether there are packets to take. */
  get hasBurst(): boolean {
    return this.#writer.hasBurst;
  }

  /** The packets written since the last call: see `PacketWriter.takeBurst`. */
  takeBurst(): Uint8Array[] {
    return this.#writer.takeBurst();
  }

  /** Flush phases 1 to 3. */
  #writeControls(clock: number): void {
    const { acks, tellsWindow } = this.#receiver;
    acks.write(this.#writer, this.receiving.nxt);
    if (this.#probe.check(this.remoteWindow, clock)) this.#asksWindow = true;
    if (this.#asksWindow) this.#writer.writeControl(WASK, acks.lastSn, acks.lastTs);
    if (tellsWindow) this.#writer.writeControl(WINS, acks.lastSn, acks.lastTs);
    this.#asksWindow = this.#receiver.tellsWindow = false;
  }

  /** Flush phases 5 and 6: retransmissions in sn order, then what was never sent. */
  #transmit(clock: number, admitted: number, window: number): void {
    const { nodelay, resend, nc, deadLink } = this.tunables;
    const { rto } = this.rtt;
    this.#losses.collect(this.sending, clock, rto, nodelay ? rto >> 1 : rto, resend, admitted > 0);
    const { due, fast, early, timedOut } = this.#losses;
    // Nobody has answered yet: without segment 0 the peer can make nothing of what comes after it.
    const opener = this.#wasHeard || due.length > 0 ? undefined : this.sending.oldest;
    for (const segment of due) {
      this.sending.transmitted(segment, clock, segment.rto);
      this.#writer.writePush(segment, false);
      if (segment.transmissions >= deadLink) this.state = 'dead';
    }
    due.length = 0;
    this.#transmitNew(clock);
    if (opener !== undefined && admitted > 0 && this.#writer.addRepeat(opener, clock)) this.#counters.RetransSegs++;
    this.#counters.FastRetransSegs += fast;
    this.#counters.EarlyRetransSegs += early;
    this.#counters.LostSegs += timedOut;
    this.#counters.RetransSegs += fast + early + timedOut;
    if (nc) return;
    if (fast + early > 0) this.congestion.fastRetransmitted(this.sending.inFlight, resend, this.mss);
    if (timedOut > 0) this.congestion.timedOut(window, this.mss);
  }

  /** Flush phase 6. */
  #transmitNew(clock: number): void {
    const { rto } = this.rtt;
    while (this.#writer.packets < this.#flight) {
      const segment = this.sending.nextUnsent();
      if (segment === undefined) break;
      this.sending.transmitted(segment, clock, rto);
      this.#writer.writePush(segment, true);
      if (this.tunables.deadLink <= 1) this.state = 'dead';
    }
    this.hasRest = this.sending.hasUnsent;
  }

  #endPackets(): void {
    this.#writer.close();
    this.#counters.OutSegs += this.#writer.segments;
    this.#writer.segments = 0;
  }

  #effectiveWindow(): number {
    const window = Math.min(this.tunables.sendWindow, this.remoteWindow);
    return this.tunables.nc ? window : Math.min(window, this.congestion.cwnd);
  }

  #heard(clock: number): void {
    this.#wasHeard = true;
    this.#liveness.heard(clock);
    if (this.#losses.heard()) this.#flushWanted = true;
  }

  /** Whether something waits for the next flush. */
  #waitsForFlush(): boolean {
    if (this.hasAcks || this.#asksWindow || this.#receiver.tellsWindow || this.sending.hasUnsent) return true;
    if (this.#losses.isSilent) return false;
    if (this.sending.suspects.length > 0) return true;
    return this.sending.queued > 0 && this.sending.inFlight < this.#effectiveWindow();
  }

  /** To be called before anything changes. */
  #skipIdleFlushes(clock: number): void {
    if (this.#agenda.isBehind(clock)) this.#agenda.skipIdleFlushes(clock, this.#waitsForFlush(), this.remoteWindow);
  }
}
