// A controller at work in one conversation: what happens to segments, told as bytes, round trips and rates; its window and its rate, as
// segments that may leave now.

import { ensure } from '../../check.ts';
import { SEGMENT_HEADER } from '../kcp/segment.ts';
import { toClock } from '../kcp/serial.ts';
import type { CongestionControl, Controlling, PacedQueue, PacedSegment, PacedSettings } from './congestion-control.ts';
import type { Controller, ControllerFactory } from './controller.ts';
import { Flights } from './flights.ts';
import { SendPacer } from './send-pacer.ts';

/** Datagrams that any window has room for. */
const WINDOW_MIN = 2;

class Controlled implements CongestionControl {
  readonly #make: ControllerFactory;
  readonly #sending: PacedQueue;
  readonly #settings: PacedSettings;
  readonly #pacer = new SendPacer();
  #flights = new Flights();
  #controller: Controller;
  #now: number;
  #mtu: number;
  /** Smoothed round-trip time, whole ms, while the path and not the application limits what is sent; else 0. */
  #busyRtt = 0;
  /** Of the flush under way: bytes sent again, and when the newest of what was lost had left. */
  #lost = 0;
  #lostSentAt = 0;

  constructor(make: ControllerFactory, sending: PacedQueue, settings: PacedSettings, now: number) {
    this.#make = make;
    this.#sending = sending;
    this.#settings = settings;
    this.#now = now;
    this.#mtu = settings.mtu;
    this.#controller = make({ now, mtu: this.#mtu });
    this.#follow();
  }

  get cwnd(): number {
    return Math.floor(this.#window / this.#mtu);
  }

  get ssthresh(): number {
    return Math.floor((this.#controller.threshold ?? 0) / this.#mtu);
  }

  get pacingRate(): number {
    return this.#controller.pacingRate;
  }

  get timeouts(): number {
    return Math.max(WINDOW_MIN, Math.min(64, Math.floor(this.#pacer.allowance(this.#now) / this.#mtu)));
  }

  get nextAt(): number | undefined {
    const { queued } = this.#sending;
    const isWaiting = queued > 0 && this.#room >= this.#size;
    return isWaiting ? toClock(Math.ceil(this.#pacer.nextAt)) : undefined;
  }

  at(now: number): void {
    this.#now = now;
    const { mtu } = this.#settings;
    if (mtu === this.#mtu) return;
    this.#mtu = mtu;
    this.#controller.onMtu?.(mtu);
    this.#follow();
  }

  limit(): number {
    const { inFlight, unsent, queued } = this.#sending;
    const size = this.#size;
    const room = this.#room;
    const allowance = this.#pacer.allowance(this.#now);
    if (queued === 0 || room < size) this.#pacer.waits = false;
    else if (allowance < size) this.#pacer.waits = true;
    return inFlight + Math.max(Math.floor(Math.min(room, allowance) / size) - unsent, 0);
  }

  sent(segment: PacedSegment): number {
    const now = this.#now;
    const before = this.#flights.sent(segment, now, this.#sending.inFlight);
    const bytes = segment.packet.length;
    this.#pacer.sent(now, bytes);
    if (before !== undefined) {
      this.#lost += bytes;
      this.#lostSentAt = Math.max(this.#lostSentAt, before);
    }
    this.#controller.onSent?.({ now, bytes, inFlight: this.#flights.inFlight });
    // The delay of a queue that fills is no loss; what is lost of many is told by the acks of the others.
    return Math.ceil(this.#busyRtt / 2);
  }

  settled(segment: PacedSegment): void {
    this.#flights.settled(segment);
  }

  proven(segment: PacedSegment, ts: number): void {
    const bytes = this.#flights.proven(segment, ts);
    if (bytes > 0) this.#controller.onSpurious?.({ now: this.#now, bytes });
  }

  /** Of many on their way only the oldest is sent again to find out: as long as nothing later arrives, the others are late by a queue. */
  spares({ sn }: PacedSegment): boolean {
    const sentAt = this.#flights.sentAt(sn);
    return this.#busyRtt > 0 && sentAt !== undefined && sentAt > this.#flights.newestSentAt;
  }

  acknowledged(): void {
    const flights = this.#flights;
    const now = this.#now;
    const { inFlight } = flights;
    const sample = flights.sample(now);
    if (!sample) return;
    const before = inFlight + sample.bytes;
    const isLimited = this.#pacer.waits || before + Math.max(WINDOW_MIN * this.#mtu, this.#window / 8) > this.#window;
    if (!isLimited) flights.pause();
    if (sample.rtt !== undefined)
      this.#busyRtt = isLimited ? (this.#busyRtt * 7 + sample.rtt) / (this.#busyRtt > 0 ? 8 : 1) : 0;
    this.#controller.onAcked({ now, inFlight, ...sample });
    this.#follow();
    // What waits until a smaller window has room again says nothing of the path.
    if (this.#room < -WINDOW_MIN * this.#mtu) flights.pause();
  }

  lost(acked: number): void {
    const bytes = this.#lost;
    if (bytes === 0) return;
    const sentAt = this.#lostSentAt;
    this.#lost = this.#lostSentAt = 0;
    const { inFlight } = this.#flights;
    this.#controller.onLost({ now: this.#now, bytes, inFlight, isTimeout: acked === 0, sentAt });
    this.#follow();
  }

  restart(): void {
    this.#controller = this.#make({ now: this.#now, mtu: this.#mtu });
    this.#follow();
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

  get #window(): number {
    const { window } = this.#controller;
    return Math.max(
      ensure<number>('controller.window', window, window >= 0, 'bytes: a number from 0'),
      WINDOW_MIN * this.#mtu,
    );
  }

  #follow(): void {
    const { pacingRate } = this.#controller;
    const isRate = pacingRate > 0;
    this.#pacer.set(
      ensure('controller.pacingRate', pacingRate, isRate, 'bytes per second: a number above 0'),
      this.#mtu,
    );
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
  return { control: (sending, settings, now) => new Controlled(make, sending, settings, now) };
}
