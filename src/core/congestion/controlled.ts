// A controller at work in one conversation: what happens to segments, told as bytes, round trips and rates; its window and its rate, as
// segments that may leave now.

import { ensure } from '../../check.ts';
import { REMOTE_WINDOW_DEFAULT, SEGMENT_HEADER } from '../kcp/segment.ts';
import { toClock } from '../kcp/serial.ts';
import type { CongestionControl, Controlling, PacedQueue, PacedSegment, PacedSettings } from './congestion-control.ts';
import type { Controller, ControllerFactory } from './controller.ts';
import { Flights } from './flights.ts';
import { SendPacer } from './send-pacer.ts';

/** Datagrams that any window has room for. */
const WINDOW_MIN = 2;
/** ms in which nothing happened: what was on its way before may have waited for a process that slept, not for the path. */
const PAUSE = 3_000;
/** Segments of a send window that it chooses, at least and at most. */
const OWN_WINDOW_MIN = 32;
const OWN_WINDOW_MAX = 65_535;

class Controlled implements CongestionControl {
  readonly #make: ControllerFactory;
  readonly #sending: PacedQueue;
  readonly #settings: PacedSettings;
  /** The send window that it has set, if it is to. Who sets another one, as a server does before an address is proven, overrules it. */
  #ownWindow: number | undefined;
  readonly #pacer = new SendPacer();
  readonly #flights = new Flights();
  #controller: Controller;
  /** What it says, and what it has thrown; from then on it is not asked any more. */
  #window = 0;
  #rate = Infinity;
  #failure: { readonly error: unknown } | undefined;
  #now: number;
  #mtu: number;
  /** The peer's free window, segments, as last told. */
  #remoteWindow = REMOTE_WINDOW_DEFAULT;
  /** Smoothed round-trip time, ms, while the path and not the application limits what is sent; else 0. */
  #busyRtt = 0;
  /** When the last flush was made, ms. */
  #flushedAt: number | undefined;
  /** When there was a PAUSE, ms. */
  #resumedAt = -Infinity;
  /** Of the flush under way: bytes sent again, and when the newest of what was lost had left. */
  #lost = 0;
  #lostSentAt = 0;

  constructor(make: ControllerFactory, ownsWindow: boolean, sending: PacedQueue, settings: PacedSettings, now: number) {
    if (ownsWindow) this.#ownWindow = settings.sendWindow;
    this.#make = make;
    this.#sending = sending;
    this.#settings = settings;
    this.#now = now;
    this.#mtu = settings.mtu;
    this.#controller = make({ now, mtu: this.#mtu });
    this.#tell(() => {});
    this.#throwFailure();
  }

  get cwnd(): number {
    return Math.floor(this.#window / this.#mtu);
  }

  get ssthresh(): number {
    return Math.floor((this.#controller.threshold ?? 0) / this.#mtu);
  }

  get pacingRate(): number {
    return this.#rate;
  }

  get timeouts(): number {
    return Math.max(WINDOW_MIN, Math.min(64, Math.floor(this.#pacer.allowance(this.#now) / this.#mtu)));
  }

  get nextAt(): number | undefined {
    const { queued, inFlight } = this.#sending;
    const size = this.#size;
    const isBlocked = inFlight >= Math.min(this.#settings.sendWindow, this.#remoteWindow);
    if (queued === 0 || isBlocked || this.#room < size) return undefined;
    // Never now once a flush was made now: what is left then waits for something else.
    if (this.#flushedAt !== this.#now && this.#allowance(size) >= size) return toClock(this.#now);
    return toClock(Math.ceil(Math.max(this.#pacer.nextAt, this.#now + 1)));
  }

  at(now: number): void {
    if (now - this.#now > PAUSE) this.#resumedAt = now;
    this.#now = now;
    const { mtu } = this.#settings;
    if (mtu === this.#mtu) return;
    this.#mtu = mtu;
    this.#tell((controller) => controller.onMtu?.(mtu));
  }

  limit(): number {
    const { inFlight, unsent, queued } = this.#sending;
    const size = this.#size;
    const room = this.#room;
    const allowance = this.#allowance(size);
    if (queued === 0 || room < size) this.#pacer.waits = false;
    else if (allowance < size) this.#pacer.waits = true;
    return inFlight + Math.max(Math.floor(Math.min(room, allowance) / size) - unsent, 0);
  }

  /** Returns half a round trip while the path is busy: the delay of a queue that fills is no loss, and the acks of later ones tell of losses. */
  sent(segment: PacedSegment): number {
    const now = this.#now;
    const before = this.#flights.sent(segment, now, this.#sending.inFlight);
    const bytes = segment.packet.length;
    this.#pacer.sent(now, bytes);
    if (before !== undefined) {
      this.#lost += bytes;
      this.#lostSentAt = Math.max(this.#lostSentAt, before);
    }
    const { inFlight } = this.#flights;
    this.#tell((controller) => controller.onSent?.({ now, bytes, inFlight }));
    return Math.ceil(this.#busyRtt / 2);
  }

  settled(segment: PacedSegment): void {
    this.#flights.settled(segment);
  }

  proven(segment: PacedSegment, ts: number): void {
    const bytes = this.#flights.proven(segment, ts);
    const now = this.#now;
    if (bytes > 0) this.#tell((controller) => controller.onSpurious?.({ now, bytes }));
  }

  /** Of many on their way only the oldest is sent again to find out: as long as nothing later arrives, the others are late by a queue. */
  spares({ sn }: PacedSegment): boolean {
    const sentAt = this.#flights.sentAt(sn);
    return this.#busyRtt > 0 && sentAt !== undefined && sentAt > this.#flights.newestSentAt;
  }

  acknowledged(remoteWindow: number): void {
    this.#remoteWindow = remoteWindow;
    const flights = this.#flights;
    const now = this.#now;
    const { inFlight } = flights;
    const sample = flights.sample(now, this.#resumedAt);
    if (!sample) return;
    const before = inFlight + sample.bytes;
    const isLimited = this.#pacer.waits || before + Math.max(WINDOW_MIN * this.#mtu, this.#window / 8) > this.#window;
    if (!isLimited) flights.pause();
    if (sample.rtt !== undefined)
      this.#busyRtt = isLimited ? (this.#busyRtt * 7 + sample.rtt) / (this.#busyRtt > 0 ? 8 : 1) : 0;
    this.#tell((controller) => controller.onAcked({ now, inFlight, ...sample }));
    this.#throwFailure();
    // What waits until a smaller window has room again says nothing of the path.
    if (this.#room < -WINDOW_MIN * this.#mtu) flights.pause();
  }

  lost(acked: number): void {
    this.#flushedAt = this.#now;
    const bytes = this.#lost;
    if (bytes === 0) return;
    const sentAt = this.#lostSentAt;
    this.#lost = this.#lostSentAt = 0;
    const { inFlight } = this.#flights;
    const now = this.#now;
    this.#tell((controller) => controller.onLost({ now, bytes, inFlight, isTimeout: acked === 0, sentAt }));
  }

  restart(): void {
    this.#busyRtt = 0;
    this.#tell(() => {
      this.#controller = this.#make({ now: this.#now, mtu: this.#mtu });
    });
  }

  /** Bytes that may leave by the pacer. Where nothing is on its way, a segment of `size` always may: a rate that is far too low is found out. */
  #allowance(size: number): number {
    const allowance = this.#pacer.allowance(this.#now);
    return this.#flights.inFlight === 0 ? Math.max(allowance, size) : allowance;
  }

  /** Bytes that the window has room for. */
  get #room(): number {
    return this.#window - this.#flights.inFlight;
  }

  /** Bytes of a segment that waits, header included, on average. */
  get #size(): number {
    const { unsentBytes, unsent, queued } = this.#sending;
    const count = unsent + queued;
    return count === 0 ? this.#mtu : Math.min(SEGMENT_HEADER + unsentBytes / count, this.#mtu);
  }

  /** Tells the controller something, and takes over what it says then. What it throws waits for `acknowledged`, where it ends the session. */
  #tell(tell: (controller: Controller) => void): void {
    if (this.#failure) return;
    try {
      tell(this.#controller);
      const { window, pacingRate } = this.#controller;
      ensure('controller.window', window, window >= 0, 'bytes: a number from 0');
      ensure('controller.pacingRate', pacingRate, pacingRate > 0, 'bytes per second: a number above 0');
      this.#window = Math.max(window, WINDOW_MIN * this.#mtu);
      this.#rate = pacingRate;
    } catch (error) {
      this.#failure = { error };
      this.#window = WINDOW_MIN * this.#mtu;
    }
    this.#pacer.set(this.#rate, this.#mtu);
    if (this.#settings.sendWindow !== this.#ownWindow) return;
    this.#ownWindow = Math.min(Math.max(2 * this.cwnd, OWN_WINDOW_MIN), OWN_WINDOW_MAX);
    this.#settings.sendWindow = this.#ownWindow;
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

/**
 * Makes the value of the option `controller` from a controller of your own, or from `cubic` or `model`. On Node the option takes those, too, and
 * their names; in a page a session knows only what you give it, so that pages that do not want it do not carry it.
 *
 * @example
 * connect({ link, controller: controlling(model) }).subscribe((session) => session.subscribe(session));
 */
export function controlling(make: ControllerFactory): Controlling {
  const controls = (ownsWindow: boolean): Controlling['control'] => {
    return (sending, settings, now) => new Controlled(make, ownsWindow, sending, settings, now);
  };
  return { control: controls(false), withOwnWindow: { control: controls(true) } };
}
