// What became of each segment of data: read from the transcript, and from what the sender counts.

import { Subject } from 'rxjs';
import type { Retransmissions } from 'rxkcp';
import { type Burst, fecDecode, RecoveredPacket } from 'rxkcp/operators';
import type { Side, TranscriptEntry } from 'rxkcp/testing';
import type { Run } from './run.ts';
import { ACK, PUSH, packetOf, type Segment, segmentsOf } from './segments.ts';

/** Why a segment was sent: for the first time, or again, for which there are three reasons; the oldest goes along with others (`opener`) while the peer is not heard. */
export type Reason = 'sent' | 'fast' | 'early' | 'timeout' | 'opener';

/** One transmission of a segment. */
export interface Transmission {
  readonly sn: number;
  readonly at: number;
  reason: Reason;
  lost: boolean;
}

/** What became of a segment. Times are undefined where it did not happen. */
export interface SegmentHistory {
  readonly sn: number;
  readonly sentAt: number;
  /** When it arrived, or was rebuilt, for the first time. */
  arrivedAt?: number;
  /** Whether it was rebuilt. */
  recovered: boolean;
  /** When the sender learned that it has arrived. */
  ackedAt?: number;
}

export interface History {
  readonly segments: readonly SegmentHistory[];
  readonly transmissions: readonly Transmission[];
}

/** A segment while it is under way. */
interface Pending {
  readonly history: SegmentHistory;
  transmittedAt: number;
  transmissions: number;
  /** What acks of later segments say against it since then, as the control block counts. */
  doubts: number;
}

/** What an ack of something sent after a segment's last transmission says against it. */
const ACK_DOUBT = 2;
/** The same of something sent before, with so few segments under way, up to so many transmissions. */
const OLD_ACK_DOUBT = 1;
const THIN_MAX = 64;
const OLD_ACKS_UP_TO = 3;

export function historyOf(run: Run): History {
  const reader = new Reader(run);
  for (const entry of run.entries) reader.read(entry);
  reader.nameReasons();
  return { segments: reader.segments, transmissions: reader.transmissions };
}

class Reader {
  readonly segments: SegmentHistory[] = [];
  readonly transmissions: Transmission[] = [];
  readonly #pending = new Map<number, Pending>();
  /** Of the datagram that was sent last. */
  #sent: Transmission[] = [];
  /** What was sent again at this ms. */
  #again: { readonly transmission: Transmission; readonly pending: Pending; readonly doubts: number }[] = [];
  #at = 0;
  readonly #counts: (at: number) => Retransmissions;
  readonly #arriving: Readonly<Record<Side, (datagram: Uint8Array) => void>>;

  constructor({ samples, setting }: Run) {
    this.#counts = countsOf(samples);
    const arriving = (take: (segment: Segment, recovered: boolean) => void): ((datagram: Uint8Array) => void) => {
      const datagrams = new Subject<Burst>();
      // What is rebuilt is not in the transcript: it is rebuilt here once more.
      datagrams.pipe(fecDecode({ shape: setting.fec })).subscribe((packets) => {
        for (const packet of packets) {
          for (const segment of segmentsOf(packet)) take(segment, packet instanceof RecoveredPacket);
        }
      });
      return (datagram) => datagrams.next([datagram]);
    };
    this.#arriving = {
      left: arriving((segment, recovered) => this.#arrived(segment, recovered)),
      right: arriving((segment) => this.#answered(segment)),
    };
  }

  read({ at, from, what, packet }: TranscriptEntry): void {
    if (at > this.#at) this.nameReasons();
    this.#at = at;
    if (what === 'delivered') this.#arriving[from](packet);
    else if (from === 'left' && what === 'sent') this.#transmitted(packet);
    else if (from === 'left' && what === 'lost') for (const transmission of this.#sent) transmission.lost = true;
  }

  /** Tells what was sent again at this ms by how much it was doubted; how many of each kind there are, the sender has counted. */
  nameReasons(): void {
    if (this.#again.length === 0) return;
    const { fast, early, timeout } = this.#counts(this.#at);
    if (this.#again.length > fast + early + timeout) {
      // One went along with others, and that is always the oldest.
      this.#again.sort((a, b) => b.transmission.sn - a.transmission.sn);
      const along = this.#again.pop();
      if (along !== undefined) along.transmission.reason = 'opener';
    }
    this.#again.sort((a, b) => b.doubts - a.doubts);
    for (const [i, { transmission, pending }] of this.#again.entries()) {
      if (i < fast) transmission.reason = 'fast';
      else if (i < fast + early) transmission.reason = 'early';
      else transmission.reason = 'timeout';
      pending.doubts = 0;
    }
    this.#again = [];
  }

  #transmitted(datagram: Uint8Array): void {
    this.#sent = [];
    for (const { cmd, sn } of segmentsOf(packetOf(datagram))) {
      if (cmd !== PUSH) continue;
      const transmission: Transmission = { sn, at: this.#at, reason: 'sent', lost: false };
      this.transmissions.push(transmission);
      this.#sent.push(transmission);
      const pending = this.#pending.get(sn);
      if (pending !== undefined) {
        this.#again.push({ transmission, pending, doubts: pending.doubts });
        pending.transmittedAt = this.#at;
        pending.transmissions++;
      } else if (this.segments[sn] === undefined) {
        const history: SegmentHistory = { sn, sentAt: this.#at, recovered: false };
        this.segments[sn] = history;
        this.#pending.set(sn, { history, transmittedAt: this.#at, transmissions: 1, doubts: 0 });
      }
    }
  }

  #arrived({ cmd, sn }: Segment, recovered: boolean): void {
    const history = this.segments[sn];
    if (cmd !== PUSH || history === undefined || history.arrivedAt !== undefined) return;
    history.arrivedAt = this.#at;
    history.recovered = recovered;
  }

  #answered({ cmd, sn, ts, una }: Segment): void {
    for (const known of this.#pending.keys()) if (known < una || (cmd === ACK && known === sn)) this.#acked(known);
    if (cmd !== ACK) return;
    for (const [known, pending] of this.#pending) {
      if (known >= sn) continue;
      const isThin = pending.transmissions <= OLD_ACKS_UP_TO && this.#pending.size <= THIN_MAX;
      if (pending.transmittedAt <= ts) pending.doubts += ACK_DOUBT;
      else if (isThin) pending.doubts += OLD_ACK_DOUBT;
    }
  }

  #acked(sn: number): void {
    const pending = this.#pending.get(sn);
    if (pending !== undefined) pending.history.ackedAt = this.#at;
    this.#pending.delete(sn);
  }
}

/** How many segments of each kind were sent again at a ms; asked for in order. */
function countsOf(samples: Run['samples']): (at: number) => Retransmissions {
  const none = { fast: 0, early: 0, timeout: 0 };
  const byTime = new Map<number, Retransmissions>();
  let before: Retransmissions = none;
  for (const { at, retransmissions: now } of samples) {
    byTime.set(at, {
      fast: now.fast - before.fast,
      early: now.early - before.early,
      timeout: now.timeout - before.timeout,
    });
    before = now;
  }
  return (at) => byTime.get(at) ?? none;
}
