// What happened on a network, datagram by datagram.

import type { NetworkEvent } from './carry.ts';
import { checksum } from './checksum.ts';
import { label } from './label.ts';

/** One of two ends. */
export type Side = 'left' | 'right';

/** Something that happened to a datagram. */
export interface TranscriptEntry extends Omit<NetworkEvent, 'direction'> {
  /** Who sent the datagram. */
  readonly from: Side;
}

/** Bytes of a datagram that tell it from others, after it was sent: those of a segment header, or of a nonce. */
const FINGERPRINT = 32;

/** `   120 left  lost      (loss) PUSH sn=3 frg=0 una=2 wnd=128 len=5`: an entry as a line of text. */
export function lineOf({ at, from, what, cause, packet }: TranscriptEntry): string {
  const why = cause === undefined ? '' : `(${cause}) `;
  return `${String(at).padStart(8)} ${from.padEnd(5)} ${what.padEnd(10)} ${why}${label(packet)}`;
}

/** Everything that happened to datagrams on the way between two ends. The hash is of all of it, the entries are the newest ones. */
export class Transcript {
  readonly #keep: number;
  #entries: TranscriptEntry[] = [];
  #count = 0;
  #low = 0x9e3779b9;
  #high = 0x85ebca6b;

  /** @param keep entries kept. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** The newest entries, oldest first. */
  get entries(): readonly TranscriptEntry[] {
    return this.#entries.slice(-this.#keep);
  }

  /** Entries there have been. */
  get count(): number {
    return this.#count;
  }

  /**
   * 16 hexadecimal digits from all entries there have been: time, sender, kind and length, and the CRC-32 of the datagram
   * when it was sent, or of its first 32 bytes. The same for the same run, on any machine; not cryptographic.
   */
  get hash(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  /** The entries kept, one a line. */
  toString(): string {
    return this.entries.map(lineOf).join('\n');
  }

  /** Notes one entry. @internal */
  add(entry: TranscriptEntry): void {
    this.#count++;
    this.#mix(Math.round(entry.at * 1000));
    this.#mix(entry.from === 'left' ? 1 : 2);
    this.#mix(KINDS[entry.what]);
    this.#mix(entry.packet.length);
    this.#mix(checksum(entry.what === 'sent' ? entry.packet : entry.packet.subarray(0, FINGERPRINT)));
    if (this.#keep === 0) return;
    this.#entries.push(entry);
    if (this.#entries.length >= 2 * this.#keep) this.#entries = this.#entries.slice(-this.#keep);
  }

  /** Two rounds of murmur's mixing, each into its own half. */
  #mix(word: number): void {
    let low = Math.imul(this.#low ^ word, 0xcc9e2d51);
    low = (low << 15) | (low >>> 17);
    let high = Math.imul(this.#high ^ low ^ (word / 2 ** 32), 0x1b873593);
    high = (high << 13) | (high >>> 19);
    this.#low = (Math.imul(low, 5) + 0xe6546b64) | 0;
    this.#high = (Math.imul(high, 5) + 0x38b34ae5) | 0;
  }
}

const KINDS: Readonly<Record<NetworkEvent['what'], number>> = {
  sent: 1,
  lost: 2,
  corrupted: 3,
  duplicated: 4,
  reordered: 5,
  delivered: 6,
};
