// Whose turn it is to send: deficit round robin (Shreedhar and Varghese, 1995), so that streams get equal numbers of bytes, whatever
// the size of their frames. A stream that begins to send goes first, for one quantum (RFC 8290, section 4.2): so one that sends little
// does not wait for those that send much.

import { Fifo } from '../../bytes/fifo.ts';
import type { StreamEnd } from './stream-end.ts';

export class Turns {
  readonly #quantum: number;
  readonly #beginning = new Fifo<StreamEnd>();
  readonly #going = new Fifo<StreamEnd>();

  /** @param quantum bytes of a turn of a stream of weight 1. */
  constructor(quantum: number) {
    this.#quantum = quantum;
  }

  /** Streams that wait for a turn. */
  get length(): number {
    return this.#beginning.length + this.#going.length;
  }

  /** The stream has something to send. */
  add(stream: StreamEnd): void {
    if (stream.isWaiting) return;
    stream.isWaiting = true;
    stream.credit = this.#quantum * stream.weight;
    this.#beginning.push(stream);
  }

  /** Whose turn it is. Say afterwards how it went: `spent` or `rest`. */
  next(): StreamEnd | undefined {
    for (;;) {
      const list = this.#beginning.length > 0 ? this.#beginning : this.#going;
      const stream = list.first;
      if (!stream || stream.credit > 0) return stream;
      stream.credit += this.#quantum * stream.weight;
      list.shift();
      this.#going.push(stream);
    }
  }

  /** The stream whose turn it is has sent so many bytes. */
  spent(stream: StreamEnd, bytes: number): void {
    stream.credit -= bytes;
  }

  /** The stream whose turn it is has nothing to send. */
  rest(stream: StreamEnd): void {
    const isBeginning = this.#beginning.first === stream;
    (isBeginning ? this.#beginning : this.#going).shift();
    // It goes to the end of the others first: else whoever sends a little again and again would always be first.
    if (isBeginning && this.#going.length > 0) this.#going.push(stream);
    else stream.isWaiting = false;
  }
}
