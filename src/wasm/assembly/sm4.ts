// The keystream of SM4 in CFB mode (GB/T 32907-2016), eight blocks at a time, in two groups of four, word k of each in vector k: to
// decrypt, any eight of the burst; to encrypt, those of eight datagrams, since within one datagram each block needs the one before.
//
// The S-box is an inversion in GF(2^8) between two affine maps. Over GF(2^4), an element is k + iτ, and its inverse takes
// five look-ups in tables of 16 entries (M. Hamburg: Accelerating AES with Vector Permute Instructions, CHES 2009), which byte
// shuffles do, so that time does not depend on data. ../../crypto/sm4-tower.ts makes the tables.

import { DATAGRAMS, KEY, LENGTHS, SCRATCH, STREAM, nextAfter } from './layout';

/** Eight tables of 16 bytes and 32 round keys, behind the first block of keystream, which `feedback` uses. */
const TABLES = KEY + 16;
const ROUND_KEYS = TABLES + 128;
const BLOCK_BYTES = 16;
const LANES = 8;

// @ts-expect-error: decorator
@inline
function at(table: usize, index: v128): v128 {
  return v128.swizzle(v128.load(TABLES + (table << 4)), index);
}

// @ts-expect-error: decorator
@inline
function lower(x: v128): v128 {
  // From memory: engines make a constant anew for each use, at more than the price of a load.
  return v128.and(x, v128.load(TABLES, 96));
}

// @ts-expect-error: decorator
@inline
function upper(x: v128): v128 {
  return lower(i32x4.shr_u(x, 4));
}

/** 128 stands for 1/0: every table has 0 there. */
// @ts-expect-error: decorator
@inline
function substitute(x: v128): v128 {
  const y = v128.xor(at(0, lower(x)), at(1, upper(x)));
  const k = lower(y);
  const i = upper(y);
  const j = v128.xor(i, k);
  const ak = at(3, k);
  const io = v128.xor(at(2, v128.xor(at(2, i), ak)), j);
  const jo = v128.xor(at(2, v128.xor(at(2, j), ak)), i);
  return v128.xor(v128.xor(at(4, io), at(5, jo)), v128.load(TABLES, 112));
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
  const y = substitute(x);
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

/** Encrypts the eight blocks at `from` to `to`. */
function eightBlocks(from: usize, to: usize): void {
  let a0 = swap(v128.load(from, 0));
  let b0 = swap(v128.load(from, 16));
  let c0 = swap(v128.load(from, 32));
  let d0 = swap(v128.load(from, 48));
  let a1 = swap(v128.load(from, 64));
  let b1 = swap(v128.load(from, 80));
  let c1 = swap(v128.load(from, 96));
  let d1 = swap(v128.load(from, 112));
  let ab0 = v128.shuffle<i32>(a0, b0, 0, 4, 1, 5);
  let cd0 = v128.shuffle<i32>(c0, d0, 0, 4, 1, 5);
  let abHigh0 = v128.shuffle<i32>(a0, b0, 2, 6, 3, 7);
  let cdHigh0 = v128.shuffle<i32>(c0, d0, 2, 6, 3, 7);
  a0 = v128.shuffle<i64>(ab0, cd0, 0, 2);
  b0 = v128.shuffle<i64>(ab0, cd0, 1, 3);
  c0 = v128.shuffle<i64>(abHigh0, cdHigh0, 0, 2);
  d0 = v128.shuffle<i64>(abHigh0, cdHigh0, 1, 3);
  let ab1 = v128.shuffle<i32>(a1, b1, 0, 4, 1, 5);
  let cd1 = v128.shuffle<i32>(c1, d1, 0, 4, 1, 5);
  let abHigh1 = v128.shuffle<i32>(a1, b1, 2, 6, 3, 7);
  let cdHigh1 = v128.shuffle<i32>(c1, d1, 2, 6, 3, 7);
  a1 = v128.shuffle<i64>(ab1, cd1, 0, 2);
  b1 = v128.shuffle<i64>(ab1, cd1, 1, 3);
  c1 = v128.shuffle<i64>(abHigh1, cdHigh1, 0, 2);
  d1 = v128.shuffle<i64>(abHigh1, cdHigh1, 1, 3);
  for (let round: usize = 0; round < 32; round += 4) {
    a0 = v128.xor(a0, mix(v128.xor(v128.xor(b0, c0), d0), round));
    a1 = v128.xor(a1, mix(v128.xor(v128.xor(b1, c1), d1), round));
    b0 = v128.xor(b0, mix(v128.xor(v128.xor(c0, d0), a0), round + 1));
    b1 = v128.xor(b1, mix(v128.xor(v128.xor(c1, d1), a1), round + 1));
    c0 = v128.xor(c0, mix(v128.xor(v128.xor(d0, a0), b0), round + 2));
    c1 = v128.xor(c1, mix(v128.xor(v128.xor(d1, a1), b1), round + 2));
    d0 = v128.xor(d0, mix(v128.xor(v128.xor(a0, b0), c0), round + 3));
    d1 = v128.xor(d1, mix(v128.xor(v128.xor(a1, b1), c1), round + 3));
  }
  // The words come out in reverse order.
  ab0 = v128.shuffle<i32>(d0, c0, 0, 4, 1, 5);
  cd0 = v128.shuffle<i32>(b0, a0, 0, 4, 1, 5);
  abHigh0 = v128.shuffle<i32>(d0, c0, 2, 6, 3, 7);
  cdHigh0 = v128.shuffle<i32>(b0, a0, 2, 6, 3, 7);
  v128.store(to, swap(v128.shuffle<i64>(ab0, cd0, 0, 2)), 0);
  v128.store(to, swap(v128.shuffle<i64>(ab0, cd0, 1, 3)), 16);
  v128.store(to, swap(v128.shuffle<i64>(abHigh0, cdHigh0, 0, 2)), 32);
  v128.store(to, swap(v128.shuffle<i64>(abHigh0, cdHigh0, 1, 3)), 48);
  ab1 = v128.shuffle<i32>(d1, c1, 0, 4, 1, 5);
  cd1 = v128.shuffle<i32>(b1, a1, 0, 4, 1, 5);
  abHigh1 = v128.shuffle<i32>(d1, c1, 2, 6, 3, 7);
  cdHigh1 = v128.shuffle<i32>(b1, a1, 2, 6, 3, 7);
  v128.store(to, swap(v128.shuffle<i64>(ab1, cd1, 0, 2)), 64);
  v128.store(to, swap(v128.shuffle<i64>(ab1, cd1, 1, 3)), 80);
  v128.store(to, swap(v128.shuffle<i64>(abHigh1, cdHigh1, 0, 2)), 96);
  v128.store(to, swap(v128.shuffle<i64>(abHigh1, cdHigh1, 1, 3)), 112);
}

/** The keystream to decrypt what lies from DATAGRAMS to `end`; first blocks aside. */
export function sm4Decrypt(end: usize): void {
  for (let at = DATAGRAMS; at < end; at += LANES * BLOCK_BYTES) {
    eightBlocks(at, at + (STREAM - DATAGRAMS) + BLOCK_BYTES);
  }
}

const INPUT = SCRATCH;
const OUTPUT = INPUT + LANES * BLOCK_BYTES;
/** Place and length of each lane's datagram, u32 each. */
const PLACES = OUTPUT + LANES * BLOCK_BYTES;

/** The keystream to encrypt `count` datagrams; KEY has its first block. */
export function sm4Encrypt(count: i32): void {
  const first = v128.load(KEY);
  let at = DATAGRAMS;
  for (let i = 0; i < count; i += LANES) {
    let longest = 0;
    const lanes: usize = <usize>min(LANES, count - i);
    for (let lane: usize = 0; lane < lanes; lane++) {
      const length = load<i32>(LENGTHS + ((<usize>i + lane) << 2));
      store<u32>(PLACES + (lane << 3), <u32>at);
      store<i32>(PLACES + (lane << 3), length, 4);
      v128.store(at, first, STREAM - DATAGRAMS);
      longest = max(longest, length);
      at = nextAfter(at, length);
    }
    // What goes in is the ciphertext before the block.
    for (let done = BLOCK_BYTES; done < longest; done += BLOCK_BYTES) {
      for (let lane: usize = 0; lane < lanes; lane++) {
        const before = <usize>load<u32>(PLACES + (lane << 3)) + done - BLOCK_BYTES;
        v128.store(INPUT + (lane << 4), v128.xor(v128.load(before), v128.load(before, STREAM - DATAGRAMS)));
      }
      eightBlocks(INPUT, OUTPUT);
      for (let lane: usize = 0; lane < lanes; lane++) {
        if (done >= load<i32>(PLACES + (lane << 3), 4)) continue;
        v128.store(<usize>load<u32>(PLACES + (lane << 3)) + done, v128.load(OUTPUT + (lane << 4)), STREAM - DATAGRAMS);
      }
    }
  }
}
