// The naive twin of the control block: wire.md section 4 read aloud, with lists walked from end to end and a flush
// at every interval. It shares no code with src/core/kcp. `deviations` switches each of our departures from kcp-go on or
// off, so that the same code stands for us (all on) and for kcp-go (all off): what tells the two apart is
// exactly this list, and spec/interop/DEVIATIONS.md.

import type { Endpoint, EndpointOptions } from './endpoint.ts';

export interface Deviations {
  /** Acknowledged segments take no fast acks, so that they trigger no flush. */
  readonly noFastAckOnAcknowledged: boolean;
  /** Fragments of an incomplete message are not taken off the window. */
  readonly fragmentsLeaveWindow: boolean;
  /** Until the peer was heard, packets with new segments repeat the first one, where it fits. */
  readonly repeatedOpener: boolean;
  /** Acks of what was sent after its last transmission have a segment sent again until it was sent five times. */
  readonly repeatedFast: boolean;
  /** With at most 64 segments in flight, acks of what was sent before a segment's latest retransmission count half, up to its third transmission. */
  readonly thinStreams: boolean;
  /** After three timeouts of the oldest segment, with nothing heard, only that one is sent; then the first word ends all backoff. */
  readonly silence: boolean;
  /** One sample a ms, of 60 s at most; each of 2n ≥ 8 of a round trip, but for the first 8n of all, moves the estimate by an n-th. */
  readonly sharedGains: boolean;
  /**
   * After a timeout of the oldest segment, with nothing heard since, a write has it sent again, a quarter of an SRTT, or a 256th of the
   * silence (32 ms at most), after its timeout or the last repeat. In a silence it is, in turn, the first segment that was first sent half
   * of an SRTT less an interval before the last word or later, and the first that was first sent after that one.
   */
  readonly repeats: boolean;
  /** When something new was acknowledged, the oldest segment, sent three times or more, waits as after its first timeout. */
  readonly restartedBackoff: boolean;
  /** WASK also to a silent peer, and where data waits and nothing is in flight; one that is not answered is repeated after an RTO, 300 to 1000 ms, or, but for the first 6, after 2 s if segments are repeated. */
  readonly probesSilence: boolean;
  /** A window that was told as closed and has opened is told up to ten times more, until new data comes. */
  readonly repeatedWindow: boolean;
  /** Of segments whose time is up the first 64 are sent in one flush. */
  readonly fewTimeouts: boolean;
  /** An ack is a sample only if its segment, or the last before una, was sent at its timestamp, and not acknowledged before its packet. */
  readonly provenSamples: boolean;
  /** Acks count against earlier segments when the whole packet is read, what it has acknowledged excepted. */
  readonly oneFastAckPass: boolean;
  /** The window of a segment counts only if its una is not older than what is known. */
  readonly freshWindows: boolean;
}

export const OURS: Deviations = {
  noFastAckOnAcknowledged: true,
  fragmentsLeaveWindow: true,
  repeatedOpener: true,
  repeatedFast: true,
  thinStreams: true,
  silence: true,
  sharedGains: true,
  repeats: true,
  restartedBackoff: true,
  probesSilence: true,
  repeatedWindow: true,
  fewTimeouts: true,
  provenSamples: true,
  oneFastAckPass: true,
  freshWindows: true,
};
export const KCP_GO: Deviations = {
  noFastAckOnAcknowledged: false,
  fragmentsLeaveWindow: false,
  repeatedOpener: false,
  repeatedFast: false,
  thinStreams: false,
  silence: false,
  sharedGains: false,
  repeats: false,
  restartedBackoff: false,
  probesSilence: false,
  repeatedWindow: false,
  fewTimeouts: false,
  provenSamples: false,
  oneFastAckPass: false,
  freshWindows: false,
};

interface Segment {
  sn: number;
  frg: number;
  data: Uint8Array;
  ts: number;
  /** All times at which it was sent. */
  sentAt: number[];
  rto: number;
  resendAt: number;
  xmit: number;
  fastAcks: number;
  acked: boolean;
}

const diff = (a: number, b: number): number => (a - b) | 0;
const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const NEVER_AGAIN = -1;
const NOTHING = new Uint8Array(0);

export class NaiveKcp implements Endpoint {
  readonly #options: EndpointOptions;
  readonly #deviations: Deviations;
  readonly #mss: number;
  #una: number;
  #nxt: number;
  #rcvNxt: number;
  #queue: Segment[] = [];
  #flight: Segment[] = [];
  #early = new Map<number, { frg: number; data: Uint8Array }>();
  #ready: { frg: number; data: Uint8Array }[] = [];
  #acks: { sn: number; ts: number }[] = [];
  #remoteWindow = 32;
  #srtt = 0;
  #rttvar = 0;
  #rto = 200;
  /** Times of the samples of this round trip, and how many the one before had. */
  #samples: number[] = [];
  #samplesBefore = 0;
  #allSamples = 0;
  #cwnd = 0;
  #incr = 0;
  #ssthresh = 2;
  #ask = false;
  #tell = false;
  #probeWait = 0;
  #probeAt = 0;
  #silentTimeouts = 0;
  /** The first PUSH or probe since the peer was last heard. */
  #unansweredSince: number | undefined;
  #repeatAt: number | undefined;
  #triedAt = 0;
  /** Whether a segment was repeated since the last probe. */
  #spared = false;
  #passesOver = false;
  #heardAt = 0;
  #retryAt: number | undefined;
  #retryWait = 0;
  #retries = 0;
  #told = 1;
  #newsLeft = 0;
  #newsAt: number | undefined;
  #hasProgress = false;
  #wasHeard = false;
  #nextFlush: number;
  #hasWritten = false;
  #packets: Uint8Array[] = [];
  #packet: Uint8Array = NOTHING;

  constructor(options: EndpointOptions, deviations: Deviations) {
    this.#options = options;
    this.#deviations = deviations;
    this.#mss = options.mtu - 24;
    this.#una = this.#nxt = options.initialSn.send | 0;
    this.#rcvNxt = options.initialSn.receive | 0;
    this.#nextFlush = options.start + this.#flush(options.start, true);
  }

  get canSend(): boolean {
    return this.#queue.length + this.#flight.length < this.#options.sendWindow;
  }

  write(message: Uint8Array, now: number): void {
    let rest = message;
    const last = this.#queue.at(-1);
    if (this.#options.stream && last !== undefined) {
      const room = Math.max(this.#mss - last.data.length, 0);
      last.data = joined(last.data, rest.subarray(0, room));
      rest = rest.subarray(room);
    }
    const pieces: Uint8Array[] = [];
    for (; rest.length > 0; rest = rest.subarray(this.#mss)) pieces.push(rest.slice(0, this.#mss));
    pieces.forEach((data, i) => {
      const frg = this.#options.stream ? 0 : pieces.length - 1 - i;
      this.#queue.push({
        sn: 0,
        frg,
        data,
        ts: 0,
        sentAt: [],
        rto: 0,
        resendAt: 0,
        xmit: 0,
        fastAcks: 0,
        acked: false,
      });
    });
    const oldest = this.#oldest();
    if (this.#deviations.repeats && this.#silentTimeouts > 0 && oldest !== undefined) {
      const silence = this.#unansweredSince === undefined ? 0 : diff(now | 0, this.#unansweredSince);
      const at =
        (this.#triedAt + Math.max(Math.floor(Math.floor(this.#srtt) / 4), Math.min(Math.floor(silence / 256), 32))) | 0;
      this.#repeatAt ??= diff(at, now | 0) > 0 ? at : now | 0;
    }
    if (!this.#options.writeDelay || !this.canSend) this.#flush(now, true);
  }

  #oldest(): Segment | undefined {
    return this.#flight.find(({ acked, xmit }) => !acked && xmit > 0);
  }

  read(): Uint8Array | undefined {
    const head = this.#ready[0];
    if (head === undefined) return undefined;
    const end = this.#ready.findIndex(({ frg }) => frg === 0);
    if (end < 0) return undefined;
    const wasFull = this.#unread() >= this.#options.receiveWindow;
    const message = joined(...this.#ready.splice(0, end + 1).map(({ data }) => data));
    this.#moveReady();
    if (wasFull && this.#unread() < this.#options.receiveWindow) {
      this.#tell = true;
      if (this.#told === 0) this.#newsLeft = 10;
    }
    return message;
  }

  nextWake(now: number): number {
    return Math.max(this.#nextFlush - now, 0);
  }

  wake(now: number): void {
    this.#nextFlush = now + this.#flush(now, true);
  }

  takeBurst(): Uint8Array[] {
    return this.#packets.splice(0);
  }

  input(bytes: Uint8Array, now: number): void {
    const clock = now | 0;
    const unaBefore = this.#una;
    let view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let flushAll = false;
    let latest: number | undefined;
    const { provenSamples, oneFastAckPass, freshWindows } = this.#deviations;
    const open = this.#flight.filter(({ acked, xmit }) => !acked && xmit > 0);
    const acks: { sn: number; ts: number }[] = [];
    if (bytes.length < 24) return;
    while (view.byteLength >= 24) {
      const [cmd, frg, wnd] = [view.getUint8(4), view.getUint8(5), view.getUint16(6, true)];
      const [ts, sn, una] = [view.getInt32(8, true), view.getInt32(12, true), view.getInt32(16, true)];
      const length = view.getUint32(20, true);
      if (view.getInt32(0, true) !== this.#options.conv) return;
      if (view.byteLength - 24 < length || cmd < 81 || cmd > 84) return;
      if (this.#isSilent()) {
        this.#endBackoff(clock);
        flushAll = true;
      }
      this.#silentTimeouts = 0;
      this.#repeatAt = this.#retryAt = this.#unansweredSince = undefined;
      this.#retries = 0;
      this.#spared = false;
      this.#wasHeard = true;
      this.#heardAt = clock;
      if (!freshWindows || diff(una, this.#una) >= 0) this.#remoteWindow = wnd;
      const before = this.#flight.length;
      while (this.#flight[0] !== undefined && diff(una, this.#flight[0].sn) > 0) {
        if (this.#flight[0].xmit > 0 && !this.#flight[0].acked) this.#hasProgress = true;
        this.#flight.shift();
      }
      if (this.#flight.length < before) flushAll = true;
      this.#una = this.#flight[0]?.sn ?? this.#nxt;
      if (cmd === 82) {
        if (diff(sn, this.#una) >= 0 && diff(sn, this.#nxt) < 0) {
          this.#markAcked(sn);
          if (oneFastAckPass) acks.push({ sn, ts });
          else if (this.#countFastAcks(sn, ts)) flushAll = true;
        }
        const told = [sn, (this.#una - 1) | 0];
        const isProven = open.some((segment) => told.includes(segment.sn) && segment.sentAt.includes(ts));
        if (isProven || !provenSamples) latest = ts;
      } else if (cmd === 81 && diff(sn, (this.#rcvNxt + this.#options.receiveWindow) | 0) < 0) {
        this.#acks.push({ sn, ts });
        if (diff(sn, this.#rcvNxt) >= 0 && !this.#early.has(sn)) {
          this.#newsLeft = 0;
          this.#newsAt = undefined;
          this.#early.set(sn, { frg, data: new Uint8Array(view.buffer, view.byteOffset + 24, length).slice() });
        }
        this.#moveReady();
      } else if (cmd === 83) {
        this.#tell = true;
      }
      view = new DataView(view.buffer, view.byteOffset + 24 + length, view.byteLength - 24 - length);
    }
    for (const { sn, ts } of acks) if (this.#countFastAcks(sn, ts)) flushAll = true;
    if (latest !== undefined && diff(clock, latest) >= 0) this.#sampleRtt(diff(clock, latest), clock);
    if (this.#hasProgress && this.#deviations.restartedBackoff) this.#restartBackoff();
    this.#hasProgress = false;
    if (!this.#options.nc && diff(this.#una, unaBefore) > 0) this.#growWindow();
    if (flushAll) this.#flush(now, true);
    else if (this.#acks.length >= Math.floor(this.#options.mtu / 24)) this.#flush(now, false);
    else if (this.#options.ackNoDelay && this.#acks.length > 0) this.#flush(now, false);
  }

  #markAcked(sn: number): void {
    for (const segment of this.#flight) {
      if (segment.sn !== sn) continue;
      if (!segment.acked && segment.xmit > 0) this.#hasProgress = true;
      segment.acked = true;
    }
  }

  #countFastAcks(sn: number, ts: number): boolean {
    let reached = false;
    for (const segment of this.#flight) {
      if (diff(sn, segment.sn) <= 0) break;
      if (segment.acked && this.#deviations.noFastAckOnAcknowledged) continue;
      if (segment.fastAcks === NEVER_AGAIN) continue;
      if (diff(segment.ts, ts) > 0) {
        const counts = this.#deviations.thinStreams && segment.xmit <= 3 && diff(this.#nxt, this.#una) <= 64;
        if (!counts) continue;
        segment.fastAcks -= 0.5;
      }
      segment.fastAcks++;
      if (segment.fastAcks >= this.#options.resend) reached = true;
    }
    return reached;
  }

  #endBackoff(clock: number): void {
    for (const segment of this.#flight) {
      if (segment.acked || segment.xmit === 0) continue;
      segment.rto = Math.min(segment.rto, this.#rto);
      const due = (segment.ts + this.#rto) | 0;
      const at = diff(clock, due) > 0 ? clock : due;
      if (diff(at, segment.resendAt) < 0) segment.resendAt = at;
    }
  }

  #restartBackoff(): void {
    const oldest = this.#oldest();
    const timeout = this.#rto + (this.#options.nodelay ? Math.floor(this.#rto / 2) : this.#rto);
    if (oldest === undefined || oldest.xmit < 3 || oldest.rto <= timeout) return;
    oldest.rto = timeout;
    const at = (oldest.ts + timeout) | 0;
    if (diff(at, oldest.resendAt) < 0) oldest.resendAt = at;
  }

  #sampleRtt(measured: number, clock: number): void {
    const { sharedGains } = this.#deviations;
    if (sharedGains && this.#samples.at(-1) === clock) return;
    const rtt = sharedGains ? Math.min(measured, 60_000) : measured;
    const shares = sharedGains ? this.#countSample(rtt, clock) : 1;
    const rounded = (value: number): number => (shares === 1 ? Math.floor(value) : value);
    if (Math.floor(this.#srtt) === 0) {
      this.#srtt = rtt;
      this.#rttvar = Math.floor(rtt / 2);
    } else {
      const delta = rtt - this.#srtt;
      this.#srtt = rounded(this.#srtt + delta / (8 * shares));
      const weight = rtt < this.#srtt - this.#rttvar ? 32 : 4;
      this.#rttvar = rounded(this.#rttvar + (Math.abs(delta) - this.#rttvar) / (weight * shares));
    }
    const rto = Math.floor(this.#srtt) + Math.max(this.#options.interval, Math.floor(4 * this.#rttvar));
    this.#rto = Math.min(Math.max(this.#options.nodelay ? 30 : 100, rto), 60_000);
  }

  #countSample(rtt: number, clock: number): number {
    const first = this.#samples[0];
    const roundTrip = Math.min(rtt, Math.floor(this.#srtt));
    if (first === undefined || diff(clock, first) < 0 || diff(clock, first) >= roundTrip) {
      this.#samplesBefore = this.#samples.length;
      this.#samples = [];
    }
    this.#samples.push(clock);
    this.#allSamples++;
    const share = Math.floor(Math.max(this.#samples.length, this.#samplesBefore) / 2);
    return share < 4 ? 1 : Math.min(share, 1 + Math.floor(this.#allSamples / 8));
  }

  #growWindow(): void {
    const mss = this.#mss;
    if (this.#cwnd >= this.#remoteWindow) return;
    if (this.#cwnd < this.#ssthresh) {
      this.#cwnd++;
      this.#incr += mss;
    } else {
      if (this.#incr < mss) this.#incr = mss;
      this.#incr += Math.floor((mss * mss) / this.#incr) + Math.floor(mss / 16);
      if ((this.#cwnd + 1) * mss <= this.#incr) this.#cwnd = Math.floor((this.#incr + mss - 1) / mss);
    }
    if (this.#cwnd > this.#remoteWindow) {
      this.#cwnd = this.#remoteWindow;
      this.#incr = this.#remoteWindow * mss;
    }
  }

  #unread(): number {
    if (!this.#deviations.fragmentsLeaveWindow) return this.#ready.length;
    return this.#ready.findLastIndex(({ frg }) => frg === 0) + 1;
  }

  #moveReady(): void {
    for (;;) {
      const next = this.#early.get(this.#rcvNxt);
      if (next === undefined || this.#unread() >= this.#options.receiveWindow) return;
      this.#early.delete(this.#rcvNxt);
      this.#ready.push(next);
      this.#rcvNxt = (this.#rcvNxt + 1) | 0;
    }
  }

  #isSilent(): boolean {
    return this.#deviations.silence && this.#silentTimeouts >= 3;
  }

  /** Returns ms until the next flush. */
  #flush(now: number, full: boolean): number {
    const { interval, nc, sendWindow, receiveWindow } = this.#options;
    const clock = now | 0;
    const wnd = Math.max(receiveWindow - this.#unread(), 0);
    let sn = 0;
    let ts = 0;
    this.#acks.forEach((ack, i) => {
      if (diff(ack.sn, this.#rcvNxt) < 0 && i < this.#acks.length - 1) return;
      ({ sn, ts } = ack);
      this.#put(82, 0, wnd, ts, sn, NOTHING);
    });
    this.#acks = [];
    const window = Math.min(sendWindow, this.#remoteWindow, nc ? Number.POSITIVE_INFINITY : this.#cwnd);
    this.#checkProbe(clock, window);
    if (this.#newsAt !== undefined && diff(clock, this.#newsAt) >= 0) this.#tell = true;
    if (this.#tell) this.#scheduleNews(clock);
    if (this.#ask) this.#unansweredSince ??= clock;
    if (this.#ask) this.#put(83, 0, wnd, ts, sn, NOTHING);
    if (this.#tell) this.#put(84, 0, wnd, ts, sn, NOTHING);
    this.#ask = this.#tell = false;

    let fresh = 0;
    while (!this.#isSilent() && this.#queue.length > 0 && diff(this.#nxt, (this.#una + window) | 0) < 0) {
      const segment = this.#queue.shift() as Segment;
      segment.sn = this.#nxt;
      this.#nxt = (this.#nxt + 1) | 0;
      this.#flight.push(segment);
      fresh++;
    }
    let next = interval;
    if (full) {
      const { fast, lost } = this.#transmit(clock, fresh, wnd);
      const oldest = this.#oldest();
      for (const segment of this.#flight) {
        const wait = diff(segment.resendAt, clock);
        if (this.#isSilent() && segment !== oldest) continue;
        if (!segment.acked && wait > 0 && wait < next) next = wait;
      }
      if (!nc) this.#shrinkWindow(fast, lost, window);
    }
    this.#close();
    if (this.#hasWritten) this.#told = wnd;
    this.#hasWritten = false;
    return next;
  }

  #transmit(clock: number, fresh: number, wnd: number): { fast: number; lost: number } {
    const { nodelay, resend } = this.#options;
    const oldest = this.#flight.find(({ acked }) => !acked);
    const silent = this.#isSilent();
    let fast = 0;
    let lost = 0;
    let again = 0;
    const repeat = this.#takeRepeat(clock, fresh);
    if (repeat !== undefined) {
      again++;
      repeat.ts = clock;
      repeat.sentAt.push(clock);
      this.#spared = true;
      this.#put(81, repeat.frg, wnd, clock, repeat.sn, repeat.data);
    }
    for (const segment of this.#flight) {
      if (segment.acked || (silent && segment !== oldest)) continue;
      if (segment.xmit === 0) {
        segment.rto = this.#rto;
      } else if (!silent && resend > 0 && segment.fastAcks >= resend) {
        segment.rto = this.#rto;
        segment.fastAcks = this.#deviations.repeatedFast && segment.xmit < 5 ? 0 : NEVER_AGAIN;
        fast++;
      } else if (!silent && segment.fastAcks >= 1 && fresh === 0) {
        segment.rto = this.#rto;
        segment.fastAcks = this.#deviations.repeatedFast && segment.xmit < 5 ? 0 : NEVER_AGAIN;
        fast++;
      } else if (diff(clock, segment.resendAt) >= 0 && !(this.#deviations.fewTimeouts && lost === 64)) {
        segment.rto += nodelay ? Math.floor(this.#rto / 2) : this.#rto;
        if (!silent) segment.fastAcks = 0;
        if (segment === oldest) {
          if (!silent) this.#silentTimeouts++;
          this.#repeatAt = undefined;
          this.#triedAt = clock;
        }
        lost++;
      } else {
        continue;
      }
      if (segment.xmit++ > 0) again++;
      segment.ts = clock;
      segment.sentAt.push(clock);
      segment.resendAt = (clock + segment.rto) | 0;
      this.#put(81, segment.frg, wnd, segment.ts, segment.sn, segment.data);
    }
    const opener = this.#flight[0];
    if (this.#deviations.repeatedOpener && !this.#wasHeard && fresh > 0 && again === 0 && opener !== undefined) {
      const isOld = opener.sn !== ((this.#nxt - fresh) | 0) && opener.xmit > 0;
      if (isOld && this.#packet.length > 0 && this.#packet.length + 24 + opener.data.length <= this.#options.mtu) {
        opener.ts = clock;
        opener.sentAt.push(clock);
        this.#spared = true;
        this.#put(81, opener.frg, wnd, clock, opener.sn, opener.data);
      }
    }
    return { fast, lost };
  }

  #shrinkWindow(fast: number, lost: number, window: number): void {
    const resend = this.#options.resend > 0 ? this.#options.resend : 0xffff_ffff;
    if (fast > 0) {
      this.#ssthresh = Math.max(Math.floor(diff(this.#nxt, this.#una) / 2), 2);
      this.#cwnd = (this.#ssthresh + resend) >>> 0;
      this.#incr = this.#cwnd * this.#mss;
    }
    if (lost > 0) {
      this.#ssthresh = Math.max(Math.floor(window / 2), 2);
      this.#cwnd = 1;
      this.#incr = this.#mss;
    }
    if (this.#cwnd < 1) {
      this.#cwnd = 1;
      this.#incr = this.#mss;
    }
  }

  /** The segment that a write wants sent, if this flush brings no timeout of the oldest. */
  #takeRepeat(clock: number, fresh: number): Segment | undefined {
    if (this.#repeatAt === undefined || diff(clock, this.#repeatAt) < 0) return undefined;
    const oldest = this.#oldest();
    if (oldest === undefined) return undefined;
    const silent = this.#isSilent();
    const { resend } = this.#options;
    const isFast = (resend > 0 && oldest.fastAcks >= resend) || (oldest.fastAcks >= 1 && fresh === 0);
    if (diff(clock, oldest.resendAt) >= 0 && (silent || !isFast)) return undefined;
    this.#repeatAt = undefined;
    this.#triedAt = clock;
    if (!silent || !this.#wasHeard) return oldest;
    this.#passesOver = !this.#passesOver;
    const sent = this.#flight.filter(({ acked, xmit }) => !acked && xmit > 0);
    const since = (this.#heardAt - Math.floor((Math.floor(this.#srtt) - this.#options.interval) / 2)) | 0;
    const doubtful = sent.filter(({ sentAt }) => diff(sentAt[0] as number, since) >= 0);
    const [first] = doubtful;
    const next = doubtful.find(({ sentAt }) => sentAt[0] !== first?.sentAt[0]);
    return (this.#passesOver ? next : first) ?? oldest;
  }

  #scheduleNews(clock: number): void {
    this.#newsAt = undefined;
    if (!this.#deviations.repeatedWindow || this.#newsLeft === 0) return;
    const done = 10 - this.#newsLeft--;
    this.#newsAt = (clock + Math.floor(this.#rto / 8) * 2 ** Math.max(done - 5, 0)) | 0;
  }

  #checkProbe(clock: number, window: number): void {
    const isBlocked = this.#remoteWindow === 0 || (this.#deviations.probesSilence && this.#isStuck(window));
    this.#checkRetry(clock, isBlocked);
    const asksAgain = this.#ask;
    this.#checkClosed(clock, isBlocked);
    if (this.#ask && !asksAgain) this.#scheduleRetry(clock);
  }

  /** Data waits, nothing is in flight, and nothing may be sent. */
  #isStuck(window: number): boolean {
    return (
      this.#queue.length > 0 &&
      this.#flight.every(({ acked }) => acked) &&
      diff(this.#nxt, (this.#una + window) | 0) >= 0
    );
  }

  #checkRetry(clock: number, isBlocked: boolean): void {
    if (!this.#deviations.probesSilence) return;
    if (!isBlocked && !this.#isSilent()) {
      this.#retryAt = undefined;
      this.#retries = 0;
      this.#spared = false;
    } else if (this.#retryAt !== undefined) {
      if (diff(clock, this.#retryAt) < 0) return;
      this.#ask = true;
      this.#scheduleRetry(clock);
    } else if (this.#isSilent()) {
      this.#scheduleRetry(clock);
    }
  }

  #scheduleRetry(clock: number): void {
    if (!this.#deviations.probesSilence) return;
    const isSpared = this.#spared && this.#retries >= 6;
    const isDense = this.#retries++ < 100;
    if (isDense) this.#retryWait = isSpared ? 2000 : Math.min(Math.max(this.#rto, 300), 1000);
    else this.#retryWait = Math.min(Math.floor(this.#retryWait * 1.5), 120_000);
    this.#spared = false;
    this.#retryAt = (clock + this.#retryWait) | 0;
  }

  #checkClosed(clock: number, isBlocked: boolean): void {
    if (!isBlocked) {
      this.#probeWait = 0;
    } else if (this.#probeWait === 0) {
      this.#probeWait = 500;
      this.#probeAt = (clock + 500) | 0;
    } else if (diff(clock, this.#probeAt) >= 0) {
      this.#probeWait = Math.min(Math.floor(this.#probeWait * 1.5), 120_000);
      this.#probeAt = (clock + this.#probeWait) | 0;
      this.#ask = true;
    }
  }

  #put(cmd: number, frg: number, wnd: number, ts: number, sn: number, data: Uint8Array): void {
    if (cmd === 81) this.#unansweredSince ??= ts;
    if (this.#packet.length > 0 && this.#packet.length + 24 + data.length > this.#options.mtu) this.#close();
    const header = new DataView(new ArrayBuffer(24));
    header.setInt32(0, this.#options.conv, true);
    header.setUint8(4, cmd);
    header.setUint8(5, frg);
    header.setUint16(6, wnd, true);
    header.setInt32(8, ts, true);
    header.setInt32(12, sn, true);
    header.setInt32(16, this.#rcvNxt, true);
    header.setUint32(20, data.length, true);
    this.#packet = joined(this.#packet, new Uint8Array(header.buffer), data);
    this.#hasWritten = true;
  }

  #close(): void {
    if (this.#packet.length > 0) this.#packets.push(this.#packet);
    this.#packet = NOTHING;
  }
}
