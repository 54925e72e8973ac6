// Matrix × shards. A few outputs at a time, a few bytes of each in registers, while all inputs pass by.

import { MASK, MATRIX, NIBBLES, PLACES, room, SHARDS } from './layout';

// One function for each number of outputs, all of them exported: where one function has more than one of these loops, V8 is
// out of registers in all of them.
//
// `row` is where in memory the first of their rows of the matrix lies, `columns` its length, and the number of inputs at
// SHARDS; `output` is where the first of the outputs goes. All are of `length` bytes and lie `room(length)` apart; what is between
// them means nothing.

export function multiply1(row: usize, columns: usize, output: usize, length: usize): void {
  single(row, columns, output, length);
}

export function multiply2(row: usize, columns: usize, output: usize, length: usize): void {
  several(2, row, columns, output, length);
}

export function multiply3(row: usize, columns: usize, output: usize, length: usize): void {
  several(3, row, columns, output, length);
}

export function multiply4(row: usize, columns: usize, output: usize, length: usize): void {
  several(4, row, columns, output, length);
}

/** Writes PLACES, so that the loops below find a table with one load. */
function locate(row: usize, count: usize, columns: usize): void {
  let place = PLACES;
  for (let column: usize = 0; column < columns; column++) {
    for (let r: usize = 0; r < count; r++) {
      store<u16>(place, (<u32>load<u8>(row + r * columns + column)) << 5);
      place += 2;
    }
  }
}

/** `count` outputs, 32 bytes of each in registers at a time. */
// @ts-expect-error: decorator
@inline
function several(count: usize, row: usize, columns: usize, output: usize, length: usize): void {
  locate(row, count, columns);
  const stride = room(length);
  const mask = v128.load(MASK);
  const end = PLACES + ((count * columns) << 1);
  for (let at: usize = 0; at < length; at += 32) {
    let a0 = i64x2.splat(0);
    let b0 = i64x2.splat(0);
    let a1 = i64x2.splat(0);
    let b1 = i64x2.splat(0);
    let a2 = i64x2.splat(0);
    let b2 = i64x2.splat(0);
    let a3 = i64x2.splat(0);
    let b3 = i64x2.splat(0);
    let input = SHARDS + at;
    for (let place = PLACES; place < end; place += count << 1) {
      const a = v128.load(input);
      const b = v128.load(input, 16);
      const aLow = v128.and(a, mask);
      const aHigh = v128.and(i16x8.shr_u(a, 4), mask);
      const bLow = v128.and(b, mask);
      const bHigh = v128.and(i16x8.shr_u(b, 4), mask);
      let table: usize = 0;
      let low = mask;
      let high = mask;
      table = load<u16>(place);
      low = v128.load(table, NIBBLES);
      high = v128.load(table, NIBBLES + 16);
      a0 = v128.xor(a0, product(low, high, aLow, aHigh));
      b0 = v128.xor(b0, product(low, high, bLow, bHigh));
      if (count > 1) {
        table = load<u16>(place, 2);
        low = v128.load(table, NIBBLES);
        high = v128.load(table, NIBBLES + 16);
        a1 = v128.xor(a1, product(low, high, aLow, aHigh));
        b1 = v128.xor(b1, product(low, high, bLow, bHigh));
      }
      if (count > 2) {
        table = load<u16>(place, 4);
        low = v128.load(table, NIBBLES);
        high = v128.load(table, NIBBLES + 16);
        a2 = v128.xor(a2, product(low, high, aLow, aHigh));
        b2 = v128.xor(b2, product(low, high, bLow, bHigh));
      }
      if (count > 3) {
        table = load<u16>(place, 6);
        low = v128.load(table, NIBBLES);
        high = v128.load(table, NIBBLES + 16);
        a3 = v128.xor(a3, product(low, high, aLow, aHigh));
        b3 = v128.xor(b3, product(low, high, bLow, bHigh));
      }
      input += stride;
    }
    let target = output + at;
    v128.store(target, a0);
    v128.store(target, b0, 16);
    if (count > 1) {
      target += stride;
      v128.store(target, a1);
      v128.store(target, b1, 16);
    }
    if (count > 2) {
      target += stride;
      v128.store(target, a2);
      v128.store(target, b2, 16);
    }
    if (count > 3) {
      target += stride;
      v128.store(target, a3);
      v128.store(target, b3, 16);
    }
  }
}

/** One output, 64 bytes of it in registers at a time. */
// @ts-expect-error: decorator
@inline
function single(row: usize, columns: usize, output: usize, length: usize): void {
  locate(row, 1, columns);
  const stride = room(length);
  const mask = v128.load(MASK);
  const end = PLACES + (columns << 1);
  for (let at: usize = 0; at < length; at += 64) {
    let a = i64x2.splat(0);
    let b = i64x2.splat(0);
    let c = i64x2.splat(0);
    let d = i64x2.splat(0);
    let input = SHARDS + at;
    for (let place = PLACES; place < end; place += 2) {
      const table: usize = load<u16>(place);
      const low = v128.load(table, NIBBLES);
      const high = v128.load(table, NIBBLES + 16);
      a = v128.xor(a, multiple(low, high, v128.load(input), mask));
      b = v128.xor(b, multiple(low, high, v128.load(input, 16), mask));
      c = v128.xor(c, multiple(low, high, v128.load(input, 32), mask));
      d = v128.xor(d, multiple(low, high, v128.load(input, 48), mask));
      input += stride;
    }
    v128.store(output + at, a);
    v128.store(output + at, b, 16);
    v128.store(output + at, c, 32);
    v128.store(output + at, d, 48);
  }
}

/** 16 bytes times the coefficient that has these tables. */
// @ts-expect-error: decorator
@inline
function multiple(low: v128, high: v128, bytes: v128, mask: v128): v128 {
  return product(low, high, v128.and(bytes, mask), v128.and(i16x8.shr_u(bytes, 4), mask));
}

/** The same, with the nibbles of the 16 bytes taken apart already. */
// @ts-expect-error: decorator
@inline
function product(low: v128, high: v128, lowNibbles: v128, highNibbles: v128): v128 {
  return v128.xor(lookUp(low, lowNibbles), lookUp(high, highNibbles));
}

/** No index is above 15, where the two instructions would differ. */
// @ts-expect-error: decorator
@inline
function lookUp(table: v128, indices: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? i8x16.relaxed_swizzle(table, indices) : i8x16.swizzle(table, indices);
}
