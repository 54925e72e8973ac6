// Lines of UTF-8 text, each ended by a line feed.

import { ByteQueue } from '../bytes/byte-queue.ts';
import { checkOptions, type OptionNames, requireInteger } from '../check.ts';
import { FrameTooLargeError, InvalidLineError } from '../errors/framing.ts';
import type { Decoder } from './unframe.ts';

/** How long lines may be. */
export interface LineOptions {
  /** Bytes of a line in UTF-8, its end not counted, 1 … 1073741824. Default 1 MiB. */
  maxLength?: number | undefined;
}

const NAMES: OptionNames<LineOptions> = { maxLength: true };
const MAX_LENGTH_DEFAULT = 1024 * 1024;
const LF = 10;
const CR = 13;

/** The cap in force. @throws OptionError */
export function lineLimit(options: LineOptions): number {
  checkOptions(options, NAMES);
  return requireInteger('maxLength', options.maxLength ?? MAX_LENGTH_DEFAULT, 1, 2 ** 30);
}

/** `line` with its end, in UTF-8. @throws InvalidLineError, FrameTooLargeError */
export function lineBytes(line: string, limit: number): Uint8Array {
  if (/[\r\n]/.test(line)) throw new InvalidLineError('contains a line break');
  const bytes = new TextEncoder().encode(`${line}\n`);
  if (bytes.length - 1 > limit) throw new FrameTooLargeError('line', bytes.length - 1, limit);
  return bytes;
}

/** Keeps less than one line; chunks are lent for the duration of `decode`. */
export class LineDecoder implements Decoder<string> {
  readonly #limit: number;
  readonly #queue = new ByteQueue();
  readonly #text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** Bytes in front without a line feed. */
  #searched = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  *decode(chunk: Uint8Array): Generator<string> {
    this.#queue.push(chunk);
    for (let at = this.#next(); at >= 0; at = this.#next()) {
      this.#searched = 0;
      const line = this.#line(this.#queue.peek(at));
      this.#queue.skip(at + 1);
      yield line;
    }
    this.#queue.own();
    this.#searched = this.#queue.length;
    // One more, for it may be the CR of a line end that is yet to come.
    if (this.#queue.length > this.#limit + 1) this.#tooLong(this.#queue.length);
  }

  /** The last line may go without an end. */
  *end(): Generator<string> {
    if (this.#queue.length > 0) yield this.#line(this.#queue.peek(this.#queue.length));
  }

  #next(): number {
    return this.#queue.indexOf(LF, this.#searched);
  }

  #line(bytes: Uint8Array): string {
    const text = bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes;
    if (text.length > this.#limit) this.#tooLong(text.length);
    try {
      return this.#text.decode(text);
    } catch (error) {
      throw new InvalidLineError('is not UTF-8', { cause: error });
    }
  }

  #tooLong(length: number): never {
    throw new FrameTooLargeError('line', length, this.#limit);
  }
}
