// AES-GCM (NIST SP 800-38D) as kcp-go frames it, `nonce(12) ciphertext tag(16)`, without AES: the caller encrypts the counter blocks.
//
// A lane of GHASH (ghash.ts) is a packet, or, when there are few, every s-th block of one: then all are multiplied by H^s, and put
// together in the end.

import { add, FIRST, NEXT, SUMS, TABLE_BYTES, times, turn } from './ghash';
import { DATAGRAMS, GCM, GHASH_TABLES, LENGTHS, NONCES, STREAM, nextAfter } from './layout';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LANES = 16;

/** For each packet of a group, 16 bytes: the block that has its length, its tag. */
const LAST = GCM + 256;
const TAGS = GCM + 512;

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
