// The keystream of SM4 in CFB mode (GB/T 32907-2016), four blocks at a time, word k of each in vector k: to decrypt, any four of the
// burst; to encrypt, those of four datagrams, since within one datagram each block needs the one before. The S-box is
// looked up by byte shuffles, 16 of 16 entries, so that time does not depend on data.

import { DATAGRAMS, KEY, LENGTHS, SCRATCH, STREAM, nextAfter } from './layout';

/** 256 bytes S-box and 32 round keys, behind the first block of keystream, which `feedback` uses. */
const SBOX = KEY + 16;
const ROUND_KEYS = SBOX + 256;
const BLOCK_BYTES = 16;
const LANES = 4;

// @ts-expect-error: decorator
@inline
function part(x: v128, index: i32): v128 {
  // Bytes of other parts are out of the shuffle's range, which gives 0.
  return v128.swizzle(v128.load(SBOX + (<usize>(index << 4))), i8x16.sub(x, i8x16.splat(<i8>(index << 4))));
}

// @ts-expect-error: decorator
@inline
function four(x: v128, first: i32): v128 {
  return v128.or(v128.or(part(x, first), part(x, first + 1)), v128.or(part(x, first + 2), part(x, first + 3)));
}

// @ts-expect-error: decorator
@inline
function turn(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

/** T of the standard: S-box, then L. */
// @ts-expect-error: decorator
@inline
function mix(word: v128, round: usize): v128 {
  const x = v128.xor(word, v128.load_splat<u32>(ROUND_KEYS + (round << 2)));
  const y = v128.or(v128.or(four(x, 0), four(x, 4)), v128.or(four(x, 8), four(x, 12)));
  // x ^ x<<<2 ^ x<<<10 ^ x<<<18 ^ x<<<24 = x ^ x<<<24 ^ (x ^ x<<<8 ^ x<<<16)<<<2
  const turned8 = v128.shuffle<i8>(y, y, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
  const turned16 = v128.shuffle<i8>(y, y, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  const turned24 = v128.shuffle<i8>(y, y, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
  return v128.xor(v128.xor(y, turned24), turn(v128.xor(v128.xor(y, turned8), turned16), 2));
}

/** Big-endian words, as the standard counts. */
// @ts-expect-error: decorator
@inline
function swap(x: v128): v128 {
  return v128.shuffle<i8>(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/** Encrypts the blocks at `p0`…`p3` to `t0`…`t3`. */
function fourBlocks(p0: usize, p1: usize, p2: usize, p3: usize, t0: usize, t1: usize, t2: usize, t3: usize): void {
  let a = swap(v128.load(p0));
  let b = swap(v128.load(p1));
  let c = swap(v128.load(p2));
  let d = swap(v128.load(p3));
  let ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  let cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  let abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  let cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  a = v128.shuffle<i64>(ab, cd, 0, 2);
  b = v128.shuffle<i64>(ab, cd, 1, 3);
  c = v128.shuffle<i64>(abHigh, cdHigh, 0, 2);
  d = v128.shuffle<i64>(abHigh, cdHigh, 1, 3);
  for (let round: usize = 0; round < 32; round += 4) {
    a = v128.xor(a, mix(v128.xor(v128.xor(b, c), d), round));
    b = v128.xor(b, mix(v128.xor(v128.xor(c, d), a), round + 1));
    c = v128.xor(c, mix(v128.xor(v128.xor(d, a), b), round + 2));
    d = v128.xor(d, mix(v128.xor(v128.xor(a, b), c), round + 3));
  }
  // The words come out in reverse order.
  ab = v128.shuffle<i32>(d, c, 0, 4, 1, 5);
  cd = v128.shuffle<i32>(b, a, 0, 4, 1, 5);
  abHigh = v128.shuffle<i32>(d, c, 2, 6, 3, 7);
  cdHigh = v128.shuffle<i32>(b, a, 2, 6, 3, 7);
  v128.store(t0, swap(v128.shuffle<i64>(ab, cd, 0, 2)));
  v128.store(t1, swap(v128.shuffle<i64>(ab, cd, 1, 3)));
  v128.store(t2, swap(v128.shuffle<i64>(abHigh, cdHigh, 0, 2)));
  v128.store(t3, swap(v128.shuffle<i64>(abHigh, cdHigh, 1, 3)));
}

/** The keystream to decrypt what lies from DATAGRAMS to `end`; first blocks aside. */
export function sm4Decrypt(end: usize): void {
  for (let at = DATAGRAMS; at < end; at += LANES * BLOCK_BYTES) {
    const to = at + (STREAM - DATAGRAMS) + BLOCK_BYTES;
    fourBlocks(at, at + 16, at + 32, at + 48, to, to + 16, to + 32, to + 48);
  }
}

/** Sets a lane up for the keystream after `done` bytes of the datagram at `at`: what goes in is the ciphertext before that. */
// @ts-expect-error: decorator
@inline
function feed(lane: usize, at: usize, done: i32): void {
  const before = at + done - BLOCK_BYTES;
  v128.store(SCRATCH + (lane << 4), v128.xor(v128.load(before), v128.load(before, STREAM - DATAGRAMS)));
}

// @ts-expect-error: decorator
@inline
function keep(lane: usize, at: usize, done: i32, length: i32): void {
  if (done < length) v128.store(at + done, v128.load(SCRATCH + 64 + (lane << 4)), STREAM - DATAGRAMS);
}

// @ts-expect-error: decorator
@inline
function lengthOf(index: i32, count: i32): i32 {
  return index < count ? load<i32>(LENGTHS + ((<usize>index) << 2)) : 0;
}

/** The keystream to encrypt `count` datagrams; KEY has its first block. */
export function sm4Encrypt(count: i32): void {
  let at = DATAGRAMS;
  for (let i = 0; i < count; i += LANES) {
    // A lane without a datagram has one of length 0.
    const n0 = lengthOf(i, count);
    const n1 = lengthOf(i + 1, count);
    const n2 = lengthOf(i + 2, count);
    const n3 = lengthOf(i + 3, count);
    const p0 = at;
    const p1 = nextAfter(p0, n0);
    const p2 = nextAfter(p1, n1);
    const p3 = nextAfter(p2, n2);
    at = nextAfter(p3, n3);
    const first = v128.load(KEY);
    v128.store(p0, first, STREAM - DATAGRAMS);
    v128.store(p1, first, STREAM - DATAGRAMS);
    v128.store(p2, first, STREAM - DATAGRAMS);
    v128.store(p3, first, STREAM - DATAGRAMS);
    const longest = max(max(n0, n1), max(n2, n3));
    for (let done = BLOCK_BYTES; done < longest; done += BLOCK_BYTES) {
      feed(0, p0, done);
      feed(1, p1, done);
      feed(2, p2, done);
      feed(3, p3, done);
      fourBlocks(
        SCRATCH, SCRATCH + 16, SCRATCH + 32, SCRATCH + 48,
        SCRATCH + 64, SCRATCH + 80, SCRATCH + 96, SCRATCH + 112,
      );
      keep(0, p0, done, n0);
      keep(1, p1, done, n1);
      keep(2, p2, done, n2);
      keep(3, p3, done, n3);
    }
  }
}
