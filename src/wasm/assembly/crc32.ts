// CRC-32 (IEEE, reflected 0xedb88320). WebAssembly has no carry-less multiplication, so there are three ways. Long packets: a multiple of
// the polynomial with few terms moves most bytes into the last 300 by XOR alone. Those, and shorter packets, are folded, 16 bytes
// at a time: a byte's contribution to the sum is that of four other bytes, 32 places further on, which two tables of 16 entries,
// one for each half of it, know (a byte shuffle is 16 look-ups at once). What remains is summed up by slicing-by-16, after
// Kounavis and Berry, "Novel Table Lookup-Based Algorithms for High-Performance CRC Generation" (2008).

import {
  CRC_TABLES, FOLD_TABLES, HISTORY, HISTORY_BYTES, REST, SCRATCH, DATAGRAMS, HEADER_BYTES, LENGTHS, NONCE_BYTES, NONCES, nextAfter,
} from './layout';

/** Row r, entry b: the CRC of byte b followed by r zero bytes. */
export function makeTables(): void {
  for (let b: u32 = 0; b < 256; b++) {
    let crc = b;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    store<u32>(CRC_TABLES + (b << 2), crc);
  }
  for (let entry: usize = 256; entry < 4096; entry++) {
    const before = load<u32>(CRC_TABLES + ((entry - 256) << 2));
    store<u32>(CRC_TABLES + (entry << 2), (before >>> 8) ^ load<u32>(CRC_TABLES + ((before & 255) << 2)));
  }
  v128.store(HALF, i8x16.splat(15));
  // Byte r of the sum of nibble n (low, then high half of a byte) and FOLD - 1 zero bytes after it.
  for (let n: u32 = 0; n < 16; n++) {
    for (let half: u32 = 0; half < 2; half++) {
      let crc = load<u32>(CRC_TABLES + ((n << (half << 2)) << 2));
      for (let zeros = 1; zeros < FOLD; zeros++) crc = (crc >>> 8) ^ load<u32>(CRC_TABLES + ((crc & 255) << 2));
      for (let r: u32 = 0; r < 4; r++) store<u8>(FOLD_TABLES + (((half << 2) + r) << 4) + n, <u8>(crc >>> (r << 3)));
    }
  }
}

const FOLD = 32;
/** A mask of 15s, in memory: engines make a constant anew for each use. */
const HALF = FOLD_TABLES + 128;

/** The entry of row `row` for byte `byte` of `word`. */
// @ts-expect-error: decorator
@inline
function entry(row: usize, word: u32, byte: u32): u32 {
  return load<u32>(CRC_TABLES + (row << 10) + ((<usize>((word >>> (byte << 3)) & 255)) << 2));
}

export function crc32(at: usize, length: i32): u32 {
  if (length < 128) return slice(~0, at, at + length);
  return length < 512 || length > HISTORY_BYTES ? fold(at, at + length, -1) : recur(at, length);
}

/**
 * The sum of 316 bytes or more. P divides x^300 + x^155 + x^117 + x^89 + 1 (found by search: the least multiple of five terms), and so,
 * by squaring three times, the same in x^8: a byte contributes what the same byte would 145, 183, 211 and 300 places further on. All
 * but the last 300 bytes (up to 315) are got rid of in this way, 16 at a time.
 */
function recur(at: usize, length: i32): u32 {
  const gone = (length - 300) & ~15;
  const last = HISTORY + gone;
  let y = HISTORY;
  // The sum begins with ones.
  v128.store(y, v128.xor(v128.load(at), i32x4(-1, 0, 0, 0)));
  for (y += 16, at += 16; y < last; y += 16, at += 16) v128.store(y, contribution(at, y));
  const zero = i32x4.splat(0);
  for (let i: usize = 0; i < 176; i += 16) v128.store(last + i, zero);
  const rest = length - gone;
  for (let i: usize = 0; i < <usize>rest; i += 16) v128.store(REST + i, contribution(at + i, y + i));
  return fold(REST, REST + rest, 0);
}

/** The 16 bytes at `at`, whose place in HISTORY is `y`, with what was before them. */
// @ts-expect-error: decorator
@inline
function contribution(at: usize, y: usize): v128 {
  return v128.xor(
    v128.load(at),
    v128.xor(v128.xor(v128.load(y - 145), v128.load(y - 183)), v128.xor(v128.load(y - 211), v128.load(y - 300))),
  );
}

/** The sum from `at` to `end`, after `crc`. */
function slice(crc: u32, at: usize, end: usize): u32 {
  while (at + 16 <= end) {
    const a = load<u32>(at) ^ crc;
    const b = load<u32>(at, 4);
    const c = load<u32>(at, 8);
    const d = load<u32>(at, 12);
    crc =
      entry(15, a, 0) ^ entry(14, a, 1) ^ entry(13, a, 2) ^ entry(12, a, 3) ^
      entry(11, b, 0) ^ entry(10, b, 1) ^ entry(9, b, 2) ^ entry(8, b, 3) ^
      entry(7, c, 0) ^ entry(6, c, 1) ^ entry(5, c, 2) ^ entry(4, c, 3) ^
      entry(3, d, 0) ^ entry(2, d, 1) ^ entry(1, d, 2) ^ entry(0, d, 3);
    at += 16;
  }
  while (at + 4 <= end) {
    const a = load<u32>(at) ^ crc;
    crc = entry(3, a, 0) ^ entry(2, a, 1) ^ entry(1, a, 2) ^ entry(0, a, 3);
    at += 4;
  }
  while (at < end) crc = (crc >>> 8) ^ entry(0, crc ^ load<u8>(at++), 0);
  return ~crc;
}

/** Byte r of what the bytes of `x` become. */
// @ts-expect-error: decorator
@inline
function becomes(r: usize, low: v128, high: v128): v128 {
  return v128.xor(
    v128.swizzle(v128.load(FOLD_TABLES + (r << 4)), low),
    v128.swizzle(v128.load(FOLD_TABLES + ((r + 4) << 4)), high),
  );
}

/** Bytes 1, 2 and 3 of 16, one, two and three places further on, behind the ends of those of the 16 before. */
function joined(before1: v128, now1: v128, before2: v128, now2: v128, before3: v128, now3: v128): v128 {
  return v128.xor(
    v128.shuffle<i8>(before1, now1, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30),
    v128.xor(
      v128.shuffle<i8>(before2, now2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29),
      v128.shuffle<i8>(before3, now3, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28),
    ),
  );
}

/** The sum of 128 bytes or more, that begins with `first`. */
function fold(at: usize, end: usize, first: i32): u32 {
  // What is to be added to the next 16 bytes, and to the 16 after those.
  let next = i32x4.replace_lane(i32x4.splat(0), 0, first);
  let afterNext = i32x4.splat(0);
  // Bytes 1, 2 and 3 of the last 16 folded: their ends belong to the 16 after `afterNext`.
  let end1 = i32x4.splat(0);
  let end2 = end1;
  let end3 = end1;
  while (at + 16 + FOLD + 3 <= end) {
    const x = v128.xor(v128.load(at), next);
    const low = v128.and(x, v128.load(HALF));
    const high = v128.and(i32x4.shr_u(x, 4), v128.load(HALF));
    const a1 = becomes(1, low, high);
    const a2 = becomes(2, low, high);
    const a3 = becomes(3, low, high);
    next = afterNext;
    afterNext = v128.xor(becomes(0, low, high), joined(end1, a1, end2, a2, end3, a3));
    end1 = a1;
    end2 = a2;
    end3 = a3;
    at += 16;
  }
  // 35 to 50 bytes are left.
  const rest = end - at;
  memory.copy(SCRATCH, at, rest);
  v128.store(SCRATCH, v128.xor(v128.load(SCRATCH), next));
  v128.store(SCRATCH, v128.xor(v128.load(SCRATCH, 16), afterNext), 16);
  const zero = i32x4.splat(0);
  const ends = joined(end1, zero, end2, zero, end3, zero);
  v128.store(SCRATCH, v128.xor(v128.load(SCRATCH, 32), ends), 32);
  return slice(0, SCRATCH, SCRATCH + rest);
}

/** Writes the header of `count` datagrams: their nonce, and the CRC of what follows. */
export function stamp(count: i32): void {
  let at = DATAGRAMS;
  for (let i = 0; i < count; i++) {
    const length = load<i32>(LENGTHS + ((<usize>i) << 2));
    v128.store(at, v128.load(NONCES + ((<usize>i) << 4)));
    store<u32>(at + NONCE_BYTES, crc32(at + HEADER_BYTES, length - HEADER_BYTES));
    at = nextAfter(at, length);
  }
}

/** Compares the checksum of `count` datagrams; negates the length of those where it is wrong. */
export function verify(count: i32): void {
  let at = DATAGRAMS;
  for (let i = 0; i < count; i++) {
    const place = LENGTHS + ((<usize>i) << 2);
    const length = load<i32>(place);
    if (load<u32>(at + NONCE_BYTES) != crc32(at + HEADER_BYTES, length - HEADER_BYTES)) store<i32>(place, -length);
    at = nextAfter(at, length);
  }
}
