// The framing format of snappy (framing_format.txt of google/snappy): chunks of a type and a length, each with a checksum.

import { compress, uncompress } from 'snappyjs';
import { crc32c } from './crc32c.ts';

/** What a stream begins with. */
export const STREAM_IDENTIFIER = Uint8Array.of(0xff, 6, 0, 0, ...Buffer.from('sNaPpY'));

const COMPRESSED = 0x00;
const UNCOMPRESSED = 0x01;
const IDENTIFIER = 0xff;
/** Bytes of a type and a length, and of a checksum. */
const HEAD = 4;
const CHECKSUM = 4;
const DATA_MAX = 65_536;
/** Longest chunk that a peer may send: 65536 bytes that compression has made longer, at worst. */
const CHUNK_MAX = CHECKSUM + 32 + DATA_MAX + Math.floor(DATA_MAX / 6);

/** What arrived is no snappy framing stream. The other end does not compress, or is something else. */
export class SnappyError extends Error {}

/** A chunk around up to 65536 bytes, in pieces: compressed, if that saves an eighth (as golang/snappy decides). */
export function snappyChunk(data: Uint8Array): Uint8Array[] {
  const compressed = compress(data);
  const isWorth = compressed.length < data.length - (data.length >>> 3);
  const body = isWorth ? compressed : data;
  const head = new Uint8Array(HEAD + CHECKSUM);
  const length = CHECKSUM + body.length;
  head[0] = isWorth ? COMPRESSED : UNCOMPRESSED;
  head[1] = length;
  head[2] = length >>> 8;
  head[3] = length >>> 16;
  const checksum = masked(crc32c(data));
  for (let i = 0; i < CHECKSUM; i++) head[HEAD + i] = checksum >>> (8 * i);
  return [head, body];
}

/** Keeps less than one chunk. */
export class SnappyDecoder {
  #rest: Uint8Array = new Uint8Array(0);
  #hasBegun = false;

  /** The data of all chunks that `bytes` completes. @throws SnappyError */
  *decode(bytes: Uint8Array): Generator<Uint8Array> {
    let rest = this.#rest.length === 0 ? bytes : new Uint8Array(Buffer.concat([this.#rest, bytes]));
    while (rest.length >= HEAD) {
      const length = rest[1]! | (rest[2]! << 8) | (rest[3]! << 16);
      if (length > CHUNK_MAX) throw new SnappyError(`a chunk of ${length} bytes is over the limit of ${CHUNK_MAX}`);
      if (rest.length < HEAD + length) break;
      const data = this.#open(rest[0]!, rest.subarray(HEAD, HEAD + length));
      if (data) yield data;
      rest = rest.subarray(HEAD + length);
    }
    this.#rest = rest;
  }

  #open(type: number, body: Uint8Array): Uint8Array | undefined {
    if (type === IDENTIFIER) {
      if (Buffer.compare(body, STREAM_IDENTIFIER.subarray(HEAD)) !== 0)
        throw new SnappyError('the stream identifier is wrong');
      this.#hasBegun = true;
      return undefined;
    }
    if (!this.#hasBegun)
      throw new SnappyError('the other end does not compress (--nocomp must be the same at both ends)');
    // Padding, and chunks that may be skipped.
    if (type >= 0x80) return undefined;
    if (type > UNCOMPRESSED || body.length < CHECKSUM)
      throw new SnappyError(`a chunk of type ${type} and ${body.length} bytes`);
    const packed = body.subarray(CHECKSUM);
    const data = type === COMPRESSED ? unpacked(packed) : packed;
    const expected = body[0]! | (body[1]! << 8) | (body[2]! << 16) | (body[3]! << 24);
    if (data.length > DATA_MAX || (masked(crc32c(data)) | 0) !== expected)
      throw new SnappyError('the checksum of a chunk is wrong');
    return data;
  }
}

function unpacked(packed: Uint8Array): Uint8Array {
  try {
    return uncompress(packed, DATA_MAX);
  } catch (error) {
    throw new SnappyError('a chunk is not compressed by snappy', { cause: error });
  }
}

/** As the format has it, so that checksums of data with checksums in it do not cancel out. */
function masked(checksum: number): number {
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}
