// The lanes of GHASH, which gcm.ts fills: to add blocks to their sums, and to multiply the sums by a power of H.
//
// There are 16 lanes, each a byte of 16 vectors. To multiply by a power of H, which is known, is linear, so 32 tables, one for each half
// of each byte, say what it contributes to each byte of the product. They are looked up by byte shuffles, so that time does not
// depend on data.

import { GCM } from './layout';

/** Of one power of H. */
export const TABLE_BYTES: usize = 8192;

/** For each lane: where its next block is, and where its first one is; nothing lies before. 16 i32 each. */
export const NEXT = GCM;
export const FIRST = GCM + 64;
const ZERO = GCM + 128;
/** Byte b of all lanes' sums; and its halves. */
export const SUMS = GCM + 768;
const HALVES = GCM + 1024;

// @ts-expect-error: decorator
@inline
function low(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-expect-error: decorator
@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** The next block of a lane; zeros before the first one. */
// @ts-expect-error: decorator
@inline
function next(lane: usize): v128 {
  const at = load<i32>(NEXT + (lane << 2));
  return v128.load(at < load<i32>(FIRST + (lane << 2)) ? ZERO : <usize>at);
}

/** Adds the next block of each lane: 16 blocks of 16 bytes become 16 vectors of one byte each. */
export function add(): void {
  let x0 = next(0);
  let x1 = next(1);
  let x2 = next(2);
  let x3 = next(3);
  let x4 = next(4);
  let x5 = next(5);
  let x6 = next(6);
  let x7 = next(7);
  let x8 = next(8);
  let x9 = next(9);
  let x10 = next(10);
  let x11 = next(11);
  let x12 = next(12);
  let x13 = next(13);
  let x14 = next(14);
  let x15 = next(15);
  for (let round = 0; round < 4; round++) {
    const y0 = low(x0, x8);
    const y1 = high(x0, x8);
    const y2 = low(x1, x9);
    const y3 = high(x1, x9);
    const y4 = low(x2, x10);
    const y5 = high(x2, x10);
    const y6 = low(x3, x11);
    const y7 = high(x3, x11);
    const y8 = low(x4, x12);
    const y9 = high(x4, x12);
    const y10 = low(x5, x13);
    const y11 = high(x5, x13);
    const y12 = low(x6, x14);
    const y13 = high(x6, x14);
    const y14 = low(x7, x15);
    const y15 = high(x7, x15);
    x0 = y0;
    x1 = y1;
    x2 = y2;
    x3 = y3;
    x4 = y4;
    x5 = y5;
    x6 = y6;
    x7 = y7;
    x8 = y8;
    x9 = y9;
    x10 = y10;
    x11 = y11;
    x12 = y12;
    x13 = y13;
    x14 = y14;
    x15 = y15;
  }
  v128.store(SUMS, v128.xor(v128.load(SUMS, 0), x0), 0);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 16), x1), 16);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 32), x2), 32);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 48), x3), 48);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 64), x4), 64);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 80), x5), 80);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 96), x6), 96);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 112), x7), 112);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 128), x8), 128);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 144), x9), 144);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 160), x10), 160);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 176), x11), 176);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 192), x12), 192);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 208), x13), 208);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 224), x14), 224);
  v128.store(SUMS, v128.xor(v128.load(SUMS, 240), x15), 240);
}

/** From one vector a byte to one a lane. */
export function turn(): void {
  let x0 = v128.load(SUMS, 0);
  let x1 = v128.load(SUMS, 16);
  let x2 = v128.load(SUMS, 32);
  let x3 = v128.load(SUMS, 48);
  let x4 = v128.load(SUMS, 64);
  let x5 = v128.load(SUMS, 80);
  let x6 = v128.load(SUMS, 96);
  let x7 = v128.load(SUMS, 112);
  let x8 = v128.load(SUMS, 128);
  let x9 = v128.load(SUMS, 144);
  let x10 = v128.load(SUMS, 160);
  let x11 = v128.load(SUMS, 176);
  let x12 = v128.load(SUMS, 192);
  let x13 = v128.load(SUMS, 208);
  let x14 = v128.load(SUMS, 224);
  let x15 = v128.load(SUMS, 240);
  for (let round = 0; round < 4; round++) {
    const y0 = low(x0, x8);
    const y1 = high(x0, x8);
    const y2 = low(x1, x9);
    const y3 = high(x1, x9);
    const y4 = low(x2, x10);
    const y5 = high(x2, x10);
    const y6 = low(x3, x11);
    const y7 = high(x3, x11);
    const y8 = low(x4, x12);
    const y9 = high(x4, x12);
    const y10 = low(x5, x13);
    const y11 = high(x5, x13);
    const y12 = low(x6, x14);
    const y13 = high(x6, x14);
    const y14 = low(x7, x15);
    const y15 = high(x7, x15);
    x0 = y0;
    x1 = y1;
    x2 = y2;
    x3 = y3;
    x4 = y4;
    x5 = y5;
    x6 = y6;
    x7 = y7;
    x8 = y8;
    x9 = y9;
    x10 = y10;
    x11 = y11;
    x12 = y12;
    x13 = y13;
    x14 = y14;
    x15 = y15;
  }
  v128.store(SUMS, x0, 0);
  v128.store(SUMS, x1, 16);
  v128.store(SUMS, x2, 32);
  v128.store(SUMS, x3, 48);
  v128.store(SUMS, x4, 64);
  v128.store(SUMS, x5, 80);
  v128.store(SUMS, x6, 96);
  v128.store(SUMS, x7, 112);
  v128.store(SUMS, x8, 128);
  v128.store(SUMS, x9, 144);
  v128.store(SUMS, x10, 160);
  v128.store(SUMS, x11, 176);
  v128.store(SUMS, x12, 192);
  v128.store(SUMS, x13, 208);
  v128.store(SUMS, x14, 224);
  v128.store(SUMS, x15, 240);
}

/** Multiplies all lanes by the power of H whose table it is. */
export function times(table: usize): void {
  for (let b: usize = 0; b < 16; b++) {
    const x = v128.load(SUMS + (b << 4));
    v128.store(HALVES + (b << 5), i8x16.shr_u(x, 4));
    v128.store(HALVES + (b << 5), v128.and(x, i8x16.splat(15)), 16);
  }
  for (let to: usize = 0; to < 256; to += 128) {
    let z0 = i64x2.splat(0);
    let z1 = z0;
    let z2 = z0;
    let z3 = z0;
    let z4 = z0;
    let z5 = z0;
    let z6 = z0;
    let z7 = z0;
    let row = table + to;
    for (let half = HALVES; half < HALVES + 512; half += 16) {
      const x = v128.load(half);
      z0 = v128.xor(z0, v128.swizzle(v128.load(row, 0), x));
      z1 = v128.xor(z1, v128.swizzle(v128.load(row, 16), x));
      z2 = v128.xor(z2, v128.swizzle(v128.load(row, 32), x));
      z3 = v128.xor(z3, v128.swizzle(v128.load(row, 48), x));
      z4 = v128.xor(z4, v128.swizzle(v128.load(row, 64), x));
      z5 = v128.xor(z5, v128.swizzle(v128.load(row, 80), x));
      z6 = v128.xor(z6, v128.swizzle(v128.load(row, 96), x));
      z7 = v128.xor(z7, v128.swizzle(v128.load(row, 112), x));
      row += 256;
    }
    v128.store(SUMS + to, z0, 0);
    v128.store(SUMS + to, z1, 16);
    v128.store(SUMS + to, z2, 32);
    v128.store(SUMS + to, z3, 48);
    v128.store(SUMS + to, z4, 64);
    v128.store(SUMS + to, z5, 80);
    v128.store(SUMS + to, z6, 96);
    v128.store(SUMS + to, z7, 112);
  }
}
