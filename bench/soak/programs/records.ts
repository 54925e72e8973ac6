// Messages that can be told apart from any others, and from themselves in another place: a stream of numbered records,
// each a function of stream and number. Whoever knows the stream can check every byte of an echo, and keeps none.

import { seededRandom } from '../../../examples/relay/random.ts';

/** Stream, number, length. */
const HEADER = 12;
/** Prime, so that records begin everywhere in it. */
const PATTERN = 65_521;

export class Records {
  readonly #id: number;
  readonly #min: number;
  readonly #range: number;
  readonly #pattern = new Uint8Array(PATTERN);

  constructor(seed: number, id: number, [min, max]: readonly [min: number, max: number]) {
    this.#id = id;
    this.#min = min;
    this.#range = max - min + 1;
    const random = seededRandom(seed, id);
    for (let i = 0; i < PATTERN; i++) this.#pattern[i] = random() * 256;
  }

  /** @returns the record, 12 bytes at least. */
  record(number: number): Uint8Array {
    const length = this.#min + (mixed(number ^ (this.#id << 16)) % this.#range);
    const record = new Uint8Array(length);
    const header = new DataView(record.buffer);
    header.setUint32(0, this.#id);
    header.setUint32(4, number);
    header.setUint32(8, length);
    let from = mixed(number + 1) % PATTERN;
    for (let to = HEADER; to < length; from = 0) {
      const piece = this.#pattern.subarray(from, Math.min(PATTERN, from + length - to));
      record.set(piece, to);
      to += piece.length;
    }
    return record;
  }
}

/** An echo that is not what was sent. */
export class EchoError extends Error {
  /** Records that are missing, when it is one that is to come later. */
  readonly lost: number;
  readonly duplicates: number;

  constructor(what: string, lost: number, duplicates: number) {
    super(what);
    this.lost = lost;
    this.duplicates = duplicates;
  }
}

/** Compares what comes back with what was sent. */
export class Echo {
  readonly #records: Records;
  readonly #id: number;
  readonly #bounded: boolean;
  #record: Uint8Array;
  #offset = 0;
  /** Number of the record that is to come, or of which a part has come. */
  next = 0;

  /** @param bounded whether each message is one record; else they are a stream of bytes. */
  constructor(records: Records, id: number, bounded: boolean) {
    this.#records = records;
    this.#id = id;
    this.#bounded = bounded;
    this.#record = records.record(0);
  }

  /** A new session sends from the first record that has not come in full. */
  restart(): void {
    this.#offset = 0;
  }

  /** @returns records that are complete with it. @throws EchoError */
  take(bytes: Uint8Array): number {
    const before = this.next;
    for (let from = 0; from < bytes.length; ) {
      const length = Math.min(bytes.length - from, this.#record.length - this.#offset);
      const piece = bytes.subarray(from, from + length);
      const isWhole = !this.#bounded || bytes.length === this.#record.length;
      if (!isWhole || Buffer.compare(piece, this.#record.subarray(this.#offset, this.#offset + length)) !== 0) {
        throw this.#error(piece);
      }
      from += length;
      this.#offset += length;
      if (this.#offset === this.#record.length) {
        this.#record = this.#records.record(++this.next);
        this.#offset = 0;
      }
    }
    return this.next - before;
  }

  #error(piece: Uint8Array): EchoError {
    const header = new DataView(piece.buffer, piece.byteOffset, piece.length);
    const expected = `record ${this.next} was to come, ${this.#offset} bytes of it were there`;
    if (this.#offset > 0 || piece.length < HEADER || header.getUint32(0) !== this.#id) {
      return new EchoError(`${expected}; other bytes came`, 1, 0);
    }
    const number = header.getUint32(4);
    const lost = Math.max(number - this.next, 0);
    if (number === this.next) return new EchoError(`${expected}; it came with other bytes`, 1, 0);
    return new EchoError(`${expected}; ${number} came`, lost, lost > 0 ? 0 : 1);
  }
}

/** 31 bits that depend on all of `value` (murmur3's finalizer). */
function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 1;
}
