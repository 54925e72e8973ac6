// AES-GCM (NIST SP 800-38D) as kcp-go frames it, `nonce(12) ciphertext tag(16)`, without AES: the caller encrypts the counter blocks.
//
// GHASH: 16 lanes, each a byte of 16 vectors. To multiply by a power of H, which is known, is linear, so 32 tables, one for each half
// of each byte, say what it contributes to each byte of the product. They are looked up by byte shuffles, so that time does not
// depend on data. A lane is a packet, or, when there are few, every s-th block of one: then all are multiplied by H^s, and
// put together in the end.

import { DATAGRAMS, GCM, GHASH_TABLES, LENGTHS, NONCES, STREAM, nextAfter } from './layout';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LANES = 16;
/** Of one power of H. */
const TABLE_BYTES: usize = 8192;

/** For each lane: where its next block is, and where its first one is; nothing lies before. 16 i32 each. */
const NEXT = GCM;
const FIRST = GCM + 64;
const ZERO = GCM + 128;
/** For each packet of a group, 16 bytes: the block that has its length, its tag. */
const LAST = GCM + 256;
const TAGS = GCM + 512;
/** Byte b of all lanes' sums; and its halves. */
const SUMS = GCM + 768;
const HALVES = GCM + 1024;

/** Puts the nonces in front of `count` datagrams, 12 bytes each from NONCES. */
export function gcmNonces(count: i32): void {
  let at = DATAGRAMS;
  for (let i = 0; i < count; i++) {
    memory.copy(at, NONCES + <usize>i * NONCE_BYTES, NONCE_BYTES);
    at = nextAfter(at, load<i32>(LENGTHS + ((<usize>i) << 2)));
  }
}

/** Writes the counter blocks of `count` datagrams, from 1 on, to STREAM: the first one encrypts the tag. */
export function gcmCounters(count: i32): void {
  let at = DATAGRAMS;
  for (let i = 0; i < count; i++) {
    const next = nextAfter(at, load<i32>(LENGTHS + ((<usize>i) << 2)));
    const nonce = v128.load(at);
    for (let block: u32 = 1; at < next; block++, at += 16) {
      v128.store(at, i32x4.replace_lane(nonce, 3, bswap<u32>(block)), STREAM - DATAGRAMS);
    }
  }
}

/** Encrypts `count` datagrams by what their counter blocks, in STREAM, became, and appends the tags. */
export function gcmSeal(count: i32): void {
  let at = DATAGRAMS;
  for (let i = 0; i < count; i++) {
    const length = load<i32>(LENGTHS + ((<usize>i) << 2));
    crypt(at, length);
    at = nextAfter(at, length);
  }
  walk(count, true);
}

/** Decrypts `count` datagrams in the same way; negates the lengths of those whose tag is wrong. */
export function gcmOpen(count: i32): void {
  walk(count, false);
  let at = DATAGRAMS;
  for (let i = 0; i < count; i++) {
    const length = load<i32>(LENGTHS + ((<usize>i) << 2));
    if (length > 0) crypt(at, length);
    at = nextAfter(at, abs(length));
  }
}

/** May change the 15 bytes behind the packet. */
function crypt(datagram: usize, length: i32): void {
  const end = datagram + length - TAG_BYTES;
  for (let at = datagram + NONCE_BYTES; at < end; at += 16) {
    v128.store(at, v128.xor(v128.load(at), v128.load(at, STREAM - DATAGRAMS + 16 - NONCE_BYTES)));
  }
}

function walk(count: i32, sealing: bool): void {
  let at = DATAGRAMS;
  for (let i = 0; i < count; i += LANES) at = group(at, i, min(count - i, LANES), sealing);
}

/** Blocks of the packet, and one for its length. */
// @ts-expect-error: decorator
@inline
function blocksOf(length: i32): i32 {
  return ((length - NONCE_BYTES - TAG_BYTES + 15) >> 4) + 1;
}

/** Appends or checks the tags of `count` datagrams, from number `index` on, the first one at `datagram`; gives the place behind them. */
function group(datagram: usize, index: i32, count: i32, sealing: bool): usize {
  const log = count > 8 ? 0 : count > 4 ? 1 : count > 2 ? 2 : count > 1 ? 3 : 4;
  const lengths = LENGTHS + ((<usize>index) << 2);
  let steps = 0;
  for (let p: usize = 0; p < <usize>count; p++) {
    steps = max(steps, (blocksOf(load<i32>(lengths + (p << 2))) + (1 << log) - 1) >> log);
  }
  let at = datagram;
  for (let p: i32 = 0; p < count; p++) {
    const length = load<i32>(lengths + ((<usize>p) << 2));
    const base = <i32>at + NONCE_BYTES;
    const tag = at + length - TAG_BYTES;
    // The packet is padded with zeros.
    v128.store(TAGS + ((<usize>p) << 4), v128.load(tag));
    v128.store(tag, i64x2.splat(0));
    const last = LAST + ((<usize>p) << 4);
    store<u64>(last, 0);
    store<u64>(last, bswap<u64>(<u64>(length - NONCE_BYTES - TAG_BYTES) << 3), 8);
    // All end with the last step.
    const skipped = (steps << log) - blocksOf(length);
    for (let r: i32 = 0; r < 1 << log; r++) {
      const lane: usize = ((p << log) + r) << 2;
      store<i32>(NEXT + lane, base + ((r - skipped) << 4));
      store<i32>(FIRST + lane, base);
    }
    at = nextAfter(at, length);
  }
  for (let lane = count << log; lane < LANES; lane++) {
    store<i32>(NEXT + ((<usize>lane) << 2), 0);
    store<i32>(FIRST + ((<usize>lane) << 2), i32.MAX_VALUE);
  }
  for (let b: usize = 0; b < 256; b += 16) v128.store(SUMS + b, i64x2.splat(0));

  const table = GHASH_TABLES + (<usize>log) * TABLE_BYTES;
  while (--steps > 0) {
    add();
    times(table);
    const stride = i32x4.splat(16 << log);
    for (let lane = NEXT; lane < NEXT + 64; lane += 16) v128.store(lane, i32x4.add(v128.load(lane), stride));
  }
  for (let p: i32 = 0; p < count; p++) {
    const lane: usize = ((p << log) + (1 << log) - 1) << 2;
    const last = LAST + ((<usize>p) << 4);
    store<i32>(NEXT + lane, <i32>last);
    store<i32>(FIRST + lane, <i32>last);
  }
  add();
  for (let power = log - 1; power >= 0; power--) join(power);
  times(GHASH_TABLES);
  turn();

  at = datagram;
  for (let p: i32 = 0; p < count; p++) {
    const place = lengths + ((<usize>p) << 2);
    const length = load<i32>(place);
    const sum = v128.load(SUMS + (<usize>((p << log) + (1 << log) - 1) << 4));
    const tag = v128.xor(sum, v128.load(at, STREAM - DATAGRAMS));
    if (sealing) v128.store(at + length - TAG_BYTES, tag);
    else if (v128.any_true(v128.xor(tag, v128.load(TAGS + ((<usize>p) << 4))))) store<i32>(place, -length);
    at = nextAfter(at, length);
  }
  return at;
}

/** The first of each 2 << `power` lanes' halves, times H^(1 << `power`), goes to the second. */
function join(power: i32): void {
  for (let b: usize = 0; b < 256; b += 16) v128.store(PRODUCTS + b, v128.load(SUMS + b));
  times(GHASH_TABLES + (<usize>power) * TABLE_BYTES);
  const by: i32 = 1 << power;
  const from = i8x16.sub(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>by));
  for (let b: usize = 0; b < 256; b += 16) {
    v128.store(SUMS + b, v128.xor(v128.load(PRODUCTS + b), v128.swizzle(v128.load(SUMS + b), from)));
  }
}

/** What `join` keeps. */
const PRODUCTS = GCM + 1536;

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
function add(): void {
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
function turn(): void {
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
function times(table: usize): void {
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
