// Messages of the peer: each once, in order, and no more than the window allows.

import { Fifo } from '../../bytes/fifo.ts';
import { violation } from './errors.ts';
import type { ResumeSettings } from './settings.ts';

/** The receiving half of an end. */
export class Incoming {
  readonly #settings: ResumeSettings;
  readonly #queue = new Fifo<Uint8Array>();
  #bytes = 0;
  /** Bytes of the message that was read last. */
  #reading = 0;
  /** Number of the last message that has arrived. */
  received: number;
  /** Number of the last one that was read. */
  read: number;
  /** Number of the last one that was consumed: its reader is done with it. */
  consumed: number;
  /** Number of the last one that may be acknowledged: that the store knows of as consumed, if there is one. */
  stored: number;
  /** What was acknowledged last. */
  announced: number;
  /** Whether the peer sends nothing more. */
  isFinished: boolean;
  /** Bytes consumed since the last acknowledgment. */
  #unannounced = 0;

  constructor(settings: ResumeSettings, received = 0, isFinished = false) {
    this.#settings = settings;
    this.received = this.read = this.consumed = this.stored = this.announced = received;
    this.isFinished = isFinished;
  }

  /** Messages that wait for a reader. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Bytes of those. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the peer sends nothing more, and everything was read. */
  get isRead(): boolean {
    return this.isFinished && this.#queue.length === 0;
  }

  /** Whether nothing but the end of all messages is left to be consumed. */
  get isAtEnd(): boolean {
    return this.isRead && this.read === this.consumed;
  }

  /** Whether so much was consumed that the peer should be told at once. */
  get isUrgent(): boolean {
    const { windowMessages, windowBytes } = this.#settings;
    const messages = this.stored - this.announced;
    return messages > 0 && (4 * messages >= windowMessages || 4 * this.#unannounced >= windowBytes || this.isRead);
  }

  /** Takes a message, which is copied. @throws ResumeError */
  input(number: number, payload: Uint8Array): void {
    const { maxMessageSize, windowMessages, windowBytes } = this.#settings;
    // It was sent before, over another connection.
    if (number <= this.received) return;
    if (number > this.received + 1) throw violation(`message ${number} arrived after ${this.received}`);
    if (this.isFinished) throw violation('a message arrived after the last one');
    if (payload.length > maxMessageSize) {
      throw violation(`a message of ${payload.length} bytes is over the limit of ${maxMessageSize} (maxMessageSize)`);
    }
    const waiting = this.#queue.length;
    if (waiting >= windowMessages && payload.length > 0) throw violation('more messages than the window allows');
    if (waiting > 0 && this.#bytes + payload.length > windowBytes) throw violation('more bytes than the window allows');
    this.received = number;
    if (payload.length === 0) {
      this.isFinished = true;
    } else {
      this.#queue.push(new Uint8Array(payload));
      this.#bytes += payload.length;
    }
  }

  /** The next message, which is the reader's. */
  next(): Uint8Array | undefined {
    const message = this.#queue.shift();
    if (!message) return undefined;
    this.read++;
    this.#bytes -= message.length;
    this.#reading += message.length;
    return message;
  }

  /** Readers are done with what they have read; with the last message, the end counts as read, too. */
  consume(isJournaled: boolean): void {
    if (this.isRead) this.read = this.received;
    this.consumed = this.read;
    this.#unannounced += this.#reading;
    this.#reading = 0;
    if (!isJournaled) this.stored = this.consumed;
  }

  /** What to acknowledge now. */
  announce(): number {
    this.#unannounced = 0;
    this.announced = this.stored;
    return this.announced;
  }

  /** Drops what waits. */
  clear(): void {
    while (this.#queue.shift());
    this.#bytes = 0;
  }
}
