// Whether one end delivers what the other has sent: every byte, in order, once; in message mode with its message boundaries.

import { DeliveryError } from '../errors.ts';

interface Expected {
  readonly bytes: Uint8Array;
  readonly sentAt: number;
}

export class Exactness {
  /** Bytes delivered as they were sent. */
  delivered = 0;
  /** Bytes sent and not delivered. */
  outstanding = 0;
  readonly #stream: boolean;
  #expected: Expected[] = [];
  /** Those before were delivered. */
  #first = 0;
  /** Bytes of the first one that were delivered. */
  #offset = 0;

  constructor(stream: boolean) {
    this.#stream = stream;
  }

  /** Notes what was sent; the bytes are copied. */
  sent(bytes: Uint8Array, sentAt: number): void {
    this.#expected.push({ bytes: bytes.slice(), sentAt });
    this.outstanding += bytes.length;
  }

  /** Checks what was delivered. Returns when its last byte was sent. @throws DeliveryError at the first difference. */
  received(bytes: Uint8Array): number {
    let sentAt = 0;
    for (let offset = 0; offset < bytes.length; ) {
      const expected = this.#expected[this.#first];
      if (expected === undefined) throw this.#error(`${bytes.length - offset} bytes more than were sent`);
      const length = Math.min(expected.bytes.length - this.#offset, bytes.length - offset);
      if (!this.#stream && (length !== bytes.length || length !== expected.bytes.length)) {
        throw this.#error(`a message of ${bytes.length} bytes in place of one of ${expected.bytes.length}`);
      }
      this.#compare(expected.bytes, bytes, offset, length);
      ({ sentAt } = expected);
      offset += length;
      this.#advance(expected, length);
    }
    return sentAt;
  }

  #compare(expected: Uint8Array, bytes: Uint8Array, offset: number, length: number): void {
    const from = this.#offset;
    for (let i = 0; i < length; i++) {
      if (expected[from + i] === bytes[offset + i]) continue;
      this.delivered += i;
      throw this.#error(`${bytes[offset + i]} in place of ${expected[from + i]}`);
    }
  }

  #advance(expected: Expected, length: number): void {
    this.delivered += length;
    this.outstanding -= length;
    this.#offset += length;
    if (this.#offset < expected.bytes.length) return;
    this.#offset = 0;
    this.#first++;
    if (this.#first < 1024 || this.#first * 2 < this.#expected.length) return;
    this.#expected = this.#expected.slice(this.#first);
    this.#first = 0;
  }

  #error(difference: string): DeliveryError {
    return new DeliveryError(this.delivered, difference);
  }
}
