// The KCP control block: one end of one conversation, as a state machine without socket, timer or clock.
//
// Whoever drives it says what time it is with every call, and then
//   - takes the packets a call produced with `takeBurst()`,
//   - reads messages with `read()`,
//   - calls `tick()` at `nextTimeout()`.
// Rules: kcp-go kcp.go (v5.6.72 and v5.7.5 have the same); where we differ on purpose: spec/interop/DEVIATIONS.md.

import { readInt32, readUint16 } from '../../bytes/int.ts';
import type { Counters } from '../../counters/counters.ts';
import type { DeadLink } from '../../errors.ts';
import type { Farewell, MakeFarewell } from './farewell.ts';
import { Flusher } from './flusher.ts';
import { FRAGMENTS_MAX, queueMessage } from './fragments.ts';
import { lengthOf, type Message } from './message.ts';
import type { ReceiveBuffer } from './receive-buffer.ts';
import { Receiver } from './receiver.ts';
import { RestartWatch } from './restart-watch.ts';
import { RTO_MIN, RTO_MIN_NODELAY, RttEstimator } from './rtt.ts';
import {
  ACK,
  CMD_OFFSET,
  FRG_OFFSET,
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
import { earliest, isReached, serialDiff, toClock } from './serial.ts';
import { messageRead, segmentFound, segmentTaken, type Tracer } from './trace.ts';
import type { ControlBlockOptions, Tunables } from './tunables.ts';
import { ANSWER, LEFT } from './words.ts';

const FIRST_SN = { send: 0, receive: 0 };

/** One end of one KCP conversation, sans-IO. Whoever drives it says what time it is with every call. */
export class ControlBlock {
  /** The conversation id, as an int32. */
  readonly conv: number;
  /** Its settings; change them by `configure`. */
  readonly tunables: Tunables;
  /** @internal */
  readonly rtt = new RttEstimator();
  /** @internal */
  readonly sending: SendBuffer;
  /** What was received and is not read. @internal */
  readonly receiving: ReceiveBuffer;
  /** What the ends tell each other of their ends, if they do. @internal */
  readonly farewell: Farewell | undefined;
  /**
   * `dead`: no answer for `deadAfter`, or a segment was sent `deadLink` times. `idle`: nothing heard. `restarted`: the peer has forgotten.
   * `left`: the peer has left, or took up no conversation.
   */
  state: 'open' | 'dead' | 'idle' | 'restarted' | 'left' = 'open';
  /** When data last arrived, in ms on the clock of `now`. */
  dataAt = -Infinity;
  readonly #counters: Counters;
  readonly #flusher: Flusher;
  readonly #receiver: Receiver;
  readonly #restart = new RestartWatch();
  /** Bytes of payload in the largest segment. */
  mss = 0;
  #flushWanted = false;
  #tracer: Tracer | undefined;

  /** @param makeFarewell makes what tells the peer of ends, and hears of them; by default nothing does, as in kcp-go. @internal */
  constructor(options: ControlBlockOptions, makeFarewell?: MakeFarewell) {
    const { conv, now, counters, flight = Infinity, sendsInOrder = false, initialSn = FIRST_SN, ...given } = options;
    const clock = toClock(now);
    this.conv = conv | 0;
    this.tunables = { deadAfter: 0, deadLink: 0, ...given };
    this.#counters = counters;
    this.sending = new SendBuffer(this.conv, initialSn.send | 0, sendsInOrder);
    const { tunables, rtt, sending } = this;
    const receiver = new Receiver(initialSn.receive | 0, tunables);
    this.#receiver = receiver;
    this.#flusher = new Flusher(this.conv, tunables, rtt, sending, receiver, counters, flight, clock, makeFarewell);
    this.receiving = receiver.buffer;
    this.farewell = this.#flusher.farewell;
    this.configure(tunables, now);
  }

  /** Bytes in front of each packet that are left free for a header of the layer below, from here on. They do not count in `mtu`. */
  set headroom(bytes: number) {
    this.#flusher.writer.headroom = this.sending.memory.headroom = bytes;
  }

  /** Receives protocol events; undefined: none. */
  set tracer(tracer: Tracer | undefined) {
    this.#tracer = this.#flusher.writer.tracer = tracer;
  }

  /** How the link died, told at `now`. */
  deadLink(now: number): DeadLink {
    return this.#flusher.silence.deadLink(toClock(now));
  }

  /** The peer's free window, in segments, as last told. */
  get remoteWindow(): number {
    return this.#flusher.remoteWindow;
  }

  /** Whether the last flush has more to send: `flushRest` goes on with it. */
  get hasRest(): boolean {
    return this.#flusher.hasRest;
  }

  /** Most bytes in one message; no limit in stream mode. */
  get messageMax(): number {
    return this.tunables.stream ? Infinity : FRAGMENTS_MAX * this.mss;
  }

  /** Whether the send window takes another message (kcp-go sess.go, WriteBuffers). */
  get canSend(): boolean {
    return this.sending.length < this.tunables.sendWindow;
  }

  /** Whether nothing is queued, and nothing unacknowledged. */
  get drained(): boolean {
    return this.sending.length === 0;
  }

  /** Whether the peer may yet repeat what we have: it has not shown that it knows of our acks. */
  get owesAcks(): boolean {
    const { dataAt, receiving, sending } = this;
    return Number.isFinite(dataAt) && (receiving.early > 0 || sending.confirmed !== receiving.nxt);
  }

  /** Whether what comes next will find no room before something is read. */
  get isFull(): boolean {
    return this.#receiver.wnd === 0;
  }

  /** Whether something received is still to be acknowledged. */
  get hasAcks(): boolean {
    return this.#receiver.acks > 0;
  }

  /** Applies changed settings; what is in flight keeps the size it was cut to. */
  configure(changes: Partial<Tunables>, now: number): void {
    const { tunables } = this;
    const { idleTimeout } = tunables;
    const wasFull = this.isFull;
    Object.assign(tunables, changes);
    this.#receiver.opened(wasFull);
    this.sending.control(tunables.controller, tunables, now);
    this.mss = tunables.mtu - SEGMENT_HEADER;
    this.#flusher.grid.interval = tunables.interval;
    this.rtt.minRto = tunables.nodelay ? RTO_MIN_NODELAY : RTO_MIN;
    if (tunables.idleTimeout !== idleTimeout) this.#flusher.silence.restartIdle(toClock(now));
  }

  /**
   * Queues one message: 1 … `messageMax` bytes, which are copied. Nothing leaves before the next flush.
   * In stream mode bytes fill up the last queued segment first.
   */
  send(message: Message, now: number): void {
    const clock = this.#arrive(now);
    const { losses, silence } = this.#flusher;
    const { stream } = this.tunables;
    this.#tracer?.({ kind: 'send', conv: this.conv >>> 0, stream, datalen: lengthOf(message) });
    queueMessage(this.sending, message, this.mss, stream);
    losses.wantRepeat(clock, silence.waited(clock));
  }

  /** The next message in order; undefined when there is none. The bytes belong to the caller. For `joined` see `ReceiveBuffer`. */
  read(now: number, joined = 0): Uint8Array | undefined {
    if (!this.receiving.readable) return undefined;
    this.#arrive(now);
    const tracer = this.#tracer;
    if (!tracer) return this.#receiver.read(joined);
    const end = this.receiving.nextEnd;
    const message = this.#receiver.read(0);
    tracer(messageRead(end, this.tunables.stream, message.length));
    return message;
  }

  /**
   * Takes in one packet, which is lent: the block keeps views of it until `receiving.copyBorrowed`, which is to be called before the
   * packet's memory is written to.
   *
   * @param regular false for a packet rebuilt by FEC: its window and its timing are out of date.
   * @returns false when the packet is malformed or of another conversation (what came before that counts).
   */
  input(packet: Uint8Array, now: number, regular = true): boolean {
    if (packet.length < SEGMENT_HEADER) return false;
    const clock = this.#arrive(now);
    const { conv, farewell, rtt, sending, tunables } = this;
    const flusher = this.#flusher;
    const receiver = this.#receiver;
    const tracer = this.#tracer;
    const unaBefore = sending.una;
    sending.begin();
    let newestAckTs: number | undefined;
    let wordsAt = -1;
    for (let offset = 0; packet.length - offset >= SEGMENT_HEADER; ) {
      const length = readInt32(packet, offset + LEN_OFFSET);
      const cmd = packet[offset + CMD_OFFSET] as number;
      if (readInt32(packet, offset) !== conv) return false;
      tracer?.(segmentFound(packet, offset));
      if (length < 0 || length > packet.length - offset - SEGMENT_HEADER) return false;
      if (cmd < PUSH || cmd > WINS) return false;

      const una = readInt32(packet, offset + UNA_OFFSET);
      const ts = readInt32(packet, offset + TS_OFFSET);
      const isOld = serialDiff(sending.una, una) > 0;
      if (regular && isOld && this.#restart.disagrees(cmd, ts, clock, rtt.rto)) {
        // The peer seems to have forgotten the conversation. Its window is asked for, to be sure.
        flusher.asks = true;
        if (this.#restart.isCertain) this.state = 'restarted';
        return true;
      }
      if (flusher.heard(clock)) this.#flushWanted = true;
      if (regular && !isOld) flusher.remoteWindow = readUint16(packet, offset + WND_OFFSET);
      const moved = sending.acknowledgeUpTo(una);
      if (moved) this.#flushWanted = true;
      if (sending.una === una) this.#restart.agrees(clock, moved);

      const sn = readInt32(packet, offset + SN_OFFSET);
      const frg = packet[offset + FRG_OFFSET];
      if (farewell && cmd !== PUSH && frg === ANSWER) farewell.isUnderstood = true;
      let isNew = false;
      if (cmd === PUSH) {
        this.dataAt = now;
        isNew = receiver.push(packet, offset, sn, ts, length, regular);
        if (isNew) {
          receiver.dataTs = ts;
          receiver.dataAt = clock;
        }
        if (regular && !isNew) this.#counters.RepeatSegs++;
      } else if (cmd === ACK) {
        if (sending.acknowledge(sn, ts)) newestAckTs = ts;
      } else if (cmd === WASK) {
        receiver.news.wanted = true;
      } else if (frg !== 0) {
        wordsAt = offset;
      }
      tracer?.(segmentTaken(packet, offset, rtt.rto, regular, !isNew));
      this.#counters.InSegs++;
      offset += SEGMENT_HEADER + length;
    }
    if (sending.countAcks(tunables.resend)) this.#flushWanted = true;
    if (newestAckTs !== undefined && regular) rtt.sample(serialDiff(clock, newestAckTs), tunables.interval, clock);
    if (sending.progress) flusher.losses.restartBackoff();
    // Behind all data of the packet, which may be what they are about.
    if (wordsAt >= 0 && farewell?.hear(packet, wordsAt, clock)) this.#flushWanted = true;
    sending.congestion?.acknowledged(flusher.remoteWindow, sending.una !== unaBefore);
    return true;
  }

  /** Sends what the packets since the last call ask for at once. Everything else waits for `tick`. */
  flushAfterInput(now: number): void {
    const { acks } = this.#receiver;
    const { mtu, ackNoDelay } = this.tunables;
    if (this.#flushWanted) this.flush(now, true);
    else if (acks >= Math.floor(mtu / SEGMENT_HEADER) || (ackNoDelay && acks > 0)) this.flush(now, false);
  }

  /** Writes packets: acks and window commands, and, if `full`, all data that is due. */
  flush(now: number, full: boolean): void {
    if (full) this.#flushWanted = false;
    const clock = this.#clock(now);
    this.#flusher.flush(clock, full);
    if (isReached(clock, this.farewell?.goneAt)) this.state = 'left';
    if (this.#flusher.silence.wornOut > 0) this.state = 'dead';
  }

  /** Goes on with a flush that has a rest, once what it wrote was taken. */
  flushRest(now: number): void {
    this.#flusher.flushRest(this.#clock(now));
  }

  /**
   * Until `now` the caller was kept from what was due `late` ms before. What acknowledges the segments whose time was up meanwhile
   * may have come, and wait to be taken in: their timeouts get as long again, an RTO at most.
   */
  extendTimeouts(now: number, late: number): void {
    const clock = toClock(now);
    const ms = Math.ceil(late);
    this.#flusher.losses.postpone(clock, ms);
    this.#flusher.silence.excuse(clock, ms);
  }

  /** The network is back, the caller says: what has waited for an RTO is sent again at once, and backoff begins afresh. */
  kick(now: number): void {
    this.#flusher.kick(this.#arrive(now));
    this.flush(now, true);
  }

  /** Repeats acks and the receive window. */
  repeatAcks(now: number): void {
    this.#receiver.news.wanted = true;
    this.flush(now, false);
  }

  /** Tells the peer that nothing more will be sent (FINISHED), or that this end leaves (LEFT), and sends what is due. */
  say(word: number, now: number): void {
    this.farewell?.say(word, toClock(now));
    this.flush(now, word === LEFT);
  }

  /** Does what is due at `now`; to be called when `nextTimeout` is reached. */
  tick(now: number): void {
    const clock = toClock(now);
    const { grid, losses, silence } = this.#flusher;
    const verdict = silence.check(clock);
    if (verdict === 'probe') this.#flusher.asks = true;
    else if (verdict) {
      this.state = verdict;
      return;
    }
    this.flush(now, true);
    grid.flushed(clock, losses.nextDue);
  }

  /** ms from `now` until `tick` is to be called; undefined when nothing will be due until something happens. */
  nextTimeout(now: number): number | undefined {
    const clock = this.#arrive(now);
    const at = earliest(earliest(this.#flusher.nextAt, this.#flusher.silence.nextAt), this.farewell?.goneAt);
    return at === undefined ? undefined : Math.max(serialDiff(at, clock), 0);
  }

  /** Whether there are packets to take. */
  get hasBurst(): boolean {
    return this.#flusher.writer.packets > 0;
  }

  /** The packets written since the last call: see `PacketWriter.takeBurst`. */
  takeBurst(): Uint8Array[] {
    return this.#flusher.writer.takeBurst();
  }

  /** `now` as a clock reading. To be called before anything changes: it passes over the idle flushes until then. */
  #arrive(now: number): number {
    const clock = this.#clock(now);
    this.#flusher.skipIdle(clock);
    return clock;
  }

  #clock(now: number): number {
    this.sending.congestion?.at(now);
    return toClock(now);
  }
}
