// Messages that the peer has not acknowledged: numbered, kept, and sent again over the next connection.

import { ResumeError, violation } from './errors.ts';
import type { Handshake } from './frame.ts';
import type { ResumeSettings } from './settings.ts';

/** What stands for the end of all messages: none of a user is empty. */
const FIN = new Uint8Array(0);

/** The sending half of an end. */
export class Outgoing {
  readonly #settings: ResumeSettings;
  /** Those with the numbers `acked + 1` … `last`, from `#first` on. */
  #kept: Uint8Array[];
  #first = 0;
  /** Bytes kept. */
  #bytes = 0;
  /** All up to this number are acknowledged. */
  acked: number;
  /** Number of the last message. */
  last: number;
  /** Number of the last one that may leave: that is in the store, if there is one. */
  stored: number;
  /** Number of the last one within the peer's window. */
  taken: number;
  #takenBytes = 0;
  /** Number of the last one sent over this connection. */
  sent: number;
  /** Whether the last one is the end of all messages. */
  isFinished: boolean;
  #windowMessages = 0;
  #windowBytes = 0;

  /** @param kept messages behind `acked`, as another end has left them. */
  constructor(settings: ResumeSettings, acked = 0, kept: readonly Uint8Array[] = [], isFinished = false) {
    this.#settings = settings;
    this.#kept = [...kept];
    this.acked = this.taken = this.sent = acked;
    this.last = this.stored = acked + kept.length;
    this.isFinished = isFinished;
    for (const { length } of kept) this.#bytes += length;
  }

  /** Messages that are not acknowledged. */
  get waiting(): number {
    return this.last - this.acked;
  }

  /** Bytes of those. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether something waits for the peer's window, or for the store. */
  get congested(): boolean {
    return this.last > this.taken;
  }

  /** Whether each message of the user is acknowledged; the end of all messages may not be. */
  get isDelivered(): boolean {
    return this.acked >= this.last - (this.isFinished ? 1 : 0);
  }

  /** @throws ResumeError of the kind `cap` if a message of `length` bytes is one too many. */
  checkRoom(length: number): void {
    const { maxMessages, maxBytes } = this.#settings;
    if (this.waiting >= maxMessages) {
      throw new ResumeError('cap', `over ${maxMessages} messages are not acknowledged (maxMessages); await send()`);
    }
    if (this.waiting > 0 && this.#bytes + length > maxBytes) {
      throw new ResumeError('cap', `over ${maxBytes} bytes are not acknowledged (maxBytes); await send()`);
    }
  }

  /** Keeps a message, which is not written to any more. Returns its number. */
  add(message: Uint8Array, isJournaled: boolean): number {
    this.#kept.push(message);
    this.#bytes += message.length;
    this.last++;
    if (!isJournaled) this.markStored(this.last);
    return this.last;
  }

  /** The end of all messages. */
  finish(isJournaled: boolean): void {
    if (this.isFinished) return;
    this.isFinished = true;
    this.add(FIN, isJournaled);
  }

  /** All up to `number` may leave. */
  markStored(number: number): void {
    this.stored = number;
    this.#advance();
  }

  /** The messages behind `number`. */
  after(number: number): readonly Uint8Array[] {
    return this.#kept.slice(this.#first + Math.max(number - this.acked, 0));
  }

  /** A connection begins: what the peer has not received is sent again. */
  attach({ received, windowMessages, windowBytes }: Handshake): void {
    this.acknowledge(received);
    this.sent = this.taken = this.acked;
    this.#takenBytes = 0;
    this.#windowMessages = windowMessages;
    this.#windowBytes = windowBytes;
    this.#advance();
  }

  /** @throws ResumeError if that was never sent. */
  acknowledge(number: number): void {
    if (number > this.last) throw violation(`message ${number} was acknowledged, of ${this.last}`);
    for (; this.acked < number; this.acked++) {
      const { length } = this.#kept[this.#first] as Uint8Array;
      this.#kept[this.#first++] = FIN;
      this.#bytes -= length;
      if (this.acked < this.taken) this.#takenBytes -= length;
    }
    this.taken = Math.max(this.taken, number);
    this.sent = Math.max(this.sent, number);
    if (2 * this.#first >= this.#kept.length) {
      this.#kept = this.#kept.slice(this.#first);
      this.#first = 0;
    }
    this.#advance();
  }

  /** The next message to send; undefined if there is none, or no window for it. */
  next(): Uint8Array | undefined {
    if (this.sent >= this.taken) return undefined;
    return this.#kept[this.#first + this.sent++ - this.acked];
  }

  /** Takes into the window what fits. */
  #advance(): void {
    while (this.taken < Math.min(this.last, this.stored)) {
      const ahead = this.taken - this.acked;
      const { length } = this.#kept[this.#first + ahead] as Uint8Array;
      if (ahead >= this.#windowMessages) break;
      if (ahead > 0 && this.#takenBytes + length > this.#windowBytes) break;
      this.taken++;
      this.#takenBytes += length;
    }
  }
}
