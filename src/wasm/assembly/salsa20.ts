// Salsa20 (Bernstein, "Salsa20 specification", 2005) as kcp-go uses it: a datagram's first 8 bytes are the nonce and stay,
// the keystream goes over the rest. Four blocks at a time: lane k of each vector belongs to block k.

import { DATAGRAMS, KEY, LENGTHS, nextAfter, SCRATCH } from './layout';

const NONCE_BYTES = 8;
const GROUP_BYTES = 256;

/** target ^ (a + b) <<< bits */
// @ts-expect-error: decorator
@inline
function mix(target: v128, a: v128, b: v128, bits: i32): v128 {
  const sum = i32x4.add(a, b);
  return v128.xor(v128.xor(target, i32x4.shl(sum, bits)), i32x4.shr_u(sum, 32 - bits));
}

// @ts-expect-error: decorator
@inline
function keyWord(index: usize): v128 {
  return v128.load_splat<u32>(KEY + (index << 2));
}

/**
 * Words 4r…4r+3 of four blocks, from one vector a word to one vector a block; XORed over `from` (64 bytes from block to block).
 */
// @ts-expect-error: decorator
@inline
function emit(from: usize, to: usize, row: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  const at = row << 4;
  v128.store(to + at, v128.xor(v128.load(from + at), v128.shuffle<i64>(ab, cd, 0, 2)));
  v128.store(to + at, v128.xor(v128.load(from + at, 64), v128.shuffle<i64>(ab, cd, 1, 3)), 64);
  v128.store(to + at, v128.xor(v128.load(from + at, 128), v128.shuffle<i64>(abHigh, cdHigh, 0, 2)), 128);
  v128.store(to + at, v128.xor(v128.load(from + at, 192), v128.shuffle<i64>(abHigh, cdHigh, 1, 3)), 192);
}

/** XORs blocks `block`…`block + 3` of the keystream over the 256 bytes at `from`, into `to`. */
function group(from: usize, to: usize, nonce: usize, block: i32): void {
  const counter = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  const nonce0 = v128.load_splat<u32>(nonce);
  const nonce1 = v128.load_splat<u32>(nonce, 4);
  let x0 = i32x4.splat(0x61707865);
  let x1 = keyWord(0);
  let x2 = keyWord(1);
  let x3 = keyWord(2);
  let x4 = keyWord(3);
  let x5 = i32x4.splat(0x3320646e);
  let x6 = nonce0;
  let x7 = nonce1;
  let x8 = counter;
  let x9 = i32x4.splat(0);
  let x10 = i32x4.splat(0x79622d32);
  let x11 = keyWord(4);
  let x12 = keyWord(5);
  let x13 = keyWord(6);
  let x14 = keyWord(7);
  let x15 = i32x4.splat(0x6b206574);

  for (let round = 0; round < 10; round++) {
    x4 = mix(x4, x0, x12, 7);
    x9 = mix(x9, x5, x1, 7);
    x14 = mix(x14, x10, x6, 7);
    x3 = mix(x3, x15, x11, 7);
    x8 = mix(x8, x4, x0, 9);
    x13 = mix(x13, x9, x5, 9);
    x2 = mix(x2, x14, x10, 9);
    x7 = mix(x7, x3, x15, 9);
    x12 = mix(x12, x8, x4, 13);
    x1 = mix(x1, x13, x9, 13);
    x6 = mix(x6, x2, x14, 13);
    x11 = mix(x11, x7, x3, 13);
    x0 = mix(x0, x12, x8, 18);
    x5 = mix(x5, x1, x13, 18);
    x10 = mix(x10, x6, x2, 18);
    x15 = mix(x15, x11, x7, 18);

    x1 = mix(x1, x0, x3, 7);
    x6 = mix(x6, x5, x4, 7);
    x11 = mix(x11, x10, x9, 7);
    x12 = mix(x12, x15, x14, 7);
    x2 = mix(x2, x1, x0, 9);
    x7 = mix(x7, x6, x5, 9);
    x8 = mix(x8, x11, x10, 9);
    x13 = mix(x13, x12, x15, 9);
    x3 = mix(x3, x2, x1, 13);
    x4 = mix(x4, x7, x6, 13);
    x9 = mix(x9, x8, x11, 13);
    x14 = mix(x14, x13, x12, 13);
    x0 = mix(x0, x3, x2, 18);
    x5 = mix(x5, x4, x7, 18);
    x10 = mix(x10, x9, x8, 18);
    x15 = mix(x15, x14, x13, 18);
  }

  x0 = i32x4.add(x0, i32x4.splat(0x61707865));
  x1 = i32x4.add(x1, keyWord(0));
  x2 = i32x4.add(x2, keyWord(1));
  x3 = i32x4.add(x3, keyWord(2));
  emit(from, to, 0, x0, x1, x2, x3);
  x4 = i32x4.add(x4, keyWord(3));
  x5 = i32x4.add(x5, i32x4.splat(0x3320646e));
  x6 = i32x4.add(x6, v128.load_splat<u32>(nonce));
  x7 = i32x4.add(x7, v128.load_splat<u32>(nonce, 4));
  emit(from, to, 1, x4, x5, x6, x7);
  x8 = i32x4.add(x8, i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3)));
  x10 = i32x4.add(x10, i32x4.splat(0x79622d32));
  x11 = i32x4.add(x11, keyWord(4));
  emit(from, to, 2, x8, x9, x10, x11);
  x12 = i32x4.add(x12, keyWord(5));
  x13 = i32x4.add(x13, keyWord(6));
  x14 = i32x4.add(x14, keyWord(7));
  x15 = i32x4.add(x15, i32x4.splat(0x6b206574));
  emit(from, to, 3, x12, x13, x14, x15);
}

/** Encrypts, or decrypts, `count` datagrams in place. */
export function salsa20(count: i32): void {
  let datagram = DATAGRAMS;
  for (let i = 0; i < count; i++) {
    const length = load<i32>(LENGTHS + ((<usize>i) << 2));
    const end = datagram + length;
    let at = datagram + NONCE_BYTES;
    let block = 0;
    while (at + GROUP_BYTES <= end) {
      group(at, at, datagram, block);
      at += GROUP_BYTES;
      block += 4;
    }
    if (at < end) {
      // What is computed past the datagram's end stays in the scratch.
      memory.copy(SCRATCH, at, end - at);
      group(SCRATCH, SCRATCH, datagram, block);
      memory.copy(at, SCRATCH, end - at);
    }
    datagram = nextAfter(datagram, length);
  }
}
