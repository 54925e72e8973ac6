// Frames with their length in front.

import { ByteQueue } from '../bytes/byte-queue.ts';
import { checkOptions, type OptionNames, requireBoolean, requireInteger } from '../check.ts';
import { FrameTooLargeError, TruncatedFrameError } from '../errors/framing.ts';
import { OptionError } from '../errors.ts';
import type { Decoder } from './unframe.ts';

/** How length-prefixed frames look, and how long they may be. */
export interface FrameOptions {
  /** Bytes of a frame, its prefix not counted, 1 … 4294967295. Default 1 MiB, or as many as the prefix can tell. */
  maxLength?: number | undefined;
  /** Bytes of the length in front of each frame: 1, 2 or 4. Default 4. */
  prefixBytes?: 1 | 2 | 4 | undefined;
  /** Byte order of the length. Default false: network byte order. */
  littleEndian?: boolean | undefined;
}

const NAMES: OptionNames<FrameOptions> = { maxLength: true, prefixBytes: true, littleEndian: true };

/** The same, checked and complete. */
export interface FrameFormat {
  readonly maxLength: number;
  readonly prefixBytes: 1 | 2 | 4;
  readonly littleEndian: boolean;
}

const MAX_LENGTH_DEFAULT = 1024 * 1024;

/** @throws OptionError */
export function frameFormat(options: FrameOptions): FrameFormat {
  checkOptions(options, NAMES);
  const { prefixBytes = 4, littleEndian = false } = options;
  if (![1, 2, 4].includes(prefixBytes)) throw new OptionError('prefixBytes', prefixBytes, '1, 2 or 4');
  const longest = 2 ** (8 * prefixBytes) - 1;
  const { maxLength = Math.min(MAX_LENGTH_DEFAULT, longest) } = options;
  requireInteger('maxLength', maxLength, 1, longest);
  requireBoolean('littleEndian', littleEndian);
  return { maxLength, prefixBytes, littleEndian };
}

/** A frame around a copy of `message`. @throws FrameTooLargeError */
export function frame(message: Uint8Array, { maxLength, prefixBytes, littleEndian }: FrameFormat): Uint8Array {
  if (message.length > maxLength) throw new FrameTooLargeError('frame', message.length, maxLength);
  const bytes = new Uint8Array(prefixBytes + message.length);
  const view = new DataView(bytes.buffer);
  if (prefixBytes === 1) view.setUint8(0, message.length);
  else if (prefixBytes === 2) view.setUint16(0, message.length, littleEndian);
  else view.setUint32(0, message.length, littleEndian);
  bytes.set(message, prefixBytes);
  return bytes;
}

/** Buffers at most one incomplete frame. Each frame is copied to its own buffer; chunks are lent for the duration of `decode`. */
export class FrameDecoder implements Decoder<Uint8Array> {
  readonly #format: FrameFormat;
  readonly #queue = new ByteQueue();

  constructor(format: FrameFormat) {
    this.#format = format;
  }

  *decode(chunk: Uint8Array): Generator<Uint8Array> {
    this.#queue.push(chunk);
    for (let length = this.#next(); length !== undefined; length = this.#next()) {
      this.#queue.skip(this.#format.prefixBytes);
      yield this.#queue.take(length);
    }
    this.#queue.own();
  }

  end(): Iterable<Uint8Array> {
    if (this.#queue.length > 0) throw new TruncatedFrameError(this.#queue.length);
    return [];
  }

  /** Bytes of the next frame, if all of it is there. */
  #next(): number | undefined {
    const { prefixBytes } = this.#format;
    if (this.#queue.length < prefixBytes) return undefined;
    const length = this.#lengthOf(this.#queue.peek(prefixBytes));
    return this.#queue.length < prefixBytes + length ? undefined : length;
  }

  #lengthOf(prefix: Uint8Array): number {
    const { maxLength, prefixBytes, littleEndian } = this.#format;
    const view = new DataView(prefix.buffer, prefix.byteOffset, prefixBytes);
    let length: number;
    if (prefixBytes === 1) length = view.getUint8(0);
    else if (prefixBytes === 2) length = view.getUint16(0, littleEndian);
    else length = view.getUint32(0, littleEndian);
    if (length > maxLength) throw new FrameTooLargeError('frame', length, maxLength);
    return length;
  }
}
