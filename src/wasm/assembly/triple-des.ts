// The keystream of Triple DES in CFB mode (NIST SP 800-67), four blocks at a time: a round's look-ups have to wait for those of
// the round before, which leaves room for another block's. To decrypt, they are any of the burst; to encrypt, those of four
// datagrams. Time depends on data through the cache, as with OpenSSL and Go. ../../crypto/triple-des.ts has the tables.

import { DATAGRAMS, DES, KEY, LENGTHS, SCRATCH, STREAM, nextAfter } from './layout';

/** S-boxes and P in one, 8 × 64 words, and two words a round of key. */
const BOXES = DES;
const SUBKEYS = DES + 2048;
const BLOCK_BYTES = 8;
const LANES = 4;

// @ts-expect-error: decorator
@inline
function f(right: u32, subkey: usize): u32 {
  const u = rotr(right, 3) ^ load<u32>(subkey);
  const v = rotl(right, 1) ^ load<u32>(subkey, 4);
  return (
    load<u32>((u >>> 22) & 252, BOXES) ^ load<u32>((v >>> 22) & 252, BOXES + 256) ^
    load<u32>((u >>> 14) & 252, BOXES + 512) ^ load<u32>((v >>> 14) & 252, BOXES + 768) ^
    load<u32>((u >>> 6) & 252, BOXES + 1024) ^ load<u32>((v >>> 6) & 252, BOXES + 1280) ^
    load<u32>((u << 2) & 252, BOXES + 1536) ^ load<u32>((v << 2) & 252, BOXES + 1792)
  );
}

/** Bits of `x`, chosen by `mask`, change places with those of `y`, `by` further up. Both halves of a block are in one word. */
// @ts-expect-error: decorator
@inline
function exchange(block: u64, low: bool, by: u32, mask: u32): u64 {
  let left = <u32>(block >>> 32);
  let right = <u32>block;
  if (low) {
    const t = ((left >>> by) ^ right) & mask;
    right ^= t;
    left ^= t << by;
  } else {
    const t = ((right >>> by) ^ left) & mask;
    left ^= t;
    right ^= t << by;
  }
  return (<u64>left << 32) | <u64>right;
}

/** IP, as five exchanges of bits between the halves (R. Outerbridge). */
// @ts-expect-error: decorator
@inline
function initial(block: u64): u64 {
  let x = exchange(block, true, 4, 0x0f0f0f0f);
  x = exchange(x, true, 16, 0x0000ffff);
  x = exchange(x, false, 2, 0x33333333);
  x = exchange(x, false, 8, 0x00ff00ff);
  return exchange(x, true, 1, 0x55555555);
}

// @ts-expect-error: decorator
@inline
function final(block: u64): u64 {
  let x = exchange(block, true, 1, 0x55555555);
  x = exchange(x, false, 8, 0x00ff00ff);
  x = exchange(x, false, 2, 0x33333333);
  x = exchange(x, true, 16, 0x0000ffff);
  return exchange(x, true, 4, 0x0f0f0f0f);
}

const INPUT = SCRATCH;
const OUTPUT = INPUT + LANES * BLOCK_BYTES;
/** Place and length of each lane's datagram, u32 each. */
const PLACES = OUTPUT + LANES * BLOCK_BYTES;

/** Encrypts the blocks at `from` to `to`. */
function blocks(from: usize, to: usize): void {
  let x0 = initial(bswap(load<u64>(from, 0)));
  let x1 = initial(bswap(load<u64>(from, 8 * 1)));
  let x2 = initial(bswap(load<u64>(from, 8 * 2)));
  let x3 = initial(bswap(load<u64>(from, 8 * 3)));
  let l0 = <u32>(x0 >>> 32);
  let l1 = <u32>(x1 >>> 32);
  let l2 = <u32>(x2 >>> 32);
  let l3 = <u32>(x3 >>> 32);
  let r0 = <u32>x0;
  let r1 = <u32>x1;
  let r2 = <u32>x2;
  let r3 = <u32>x3;
  for (let stage = SUBKEYS; stage < SUBKEYS + 384; stage += 128) {
    for (let k = stage; k < stage + 128; k += 16) {
      l0 ^= f(r0, k);
      l1 ^= f(r1, k);
      l2 ^= f(r2, k);
      l3 ^= f(r3, k);
      r0 ^= f(l0, k + 8);
      r1 ^= f(l1, k + 8);
      r2 ^= f(l2, k + 8);
      r3 ^= f(l3, k + 8);
    }
    // Between the stages IP undoes what ends the one before; the exchange of the halves remains.
    const t0 = l0;
    const t1 = l1;
    const t2 = l2;
    const t3 = l3;
    l0 = r0;
    l1 = r1;
    l2 = r2;
    l3 = r3;
    r0 = t0;
    r1 = t1;
    r2 = t2;
    r3 = t3;
  }
  store<u64>(to, bswap(final((<u64>l0 << 32) | <u64>r0)), 0);
  store<u64>(to, bswap(final((<u64>l1 << 32) | <u64>r1)), 8 * 1);
  store<u64>(to, bswap(final((<u64>l2 << 32) | <u64>r2)), 8 * 2);
  store<u64>(to, bswap(final((<u64>l3 << 32) | <u64>r3)), 8 * 3);
}

/** The keystream to decrypt what lies from DATAGRAMS to `end`; first blocks aside. */
export function desDecrypt(end: usize): void {
  for (let at = DATAGRAMS; at < end; at += LANES * BLOCK_BYTES) blocks(at, at + (STREAM - DATAGRAMS) + BLOCK_BYTES);
}

/** The keystream to encrypt `count` datagrams; KEY has its first block. */
export function desEncrypt(count: i32): void {
  const first = load<u64>(KEY);
  let at = DATAGRAMS;
  for (let i = 0; i < count; i += LANES) {
    let longest = 0;
    const lanes: usize = <usize>min(LANES, count - i);
    for (let lane: usize = 0; lane < lanes; lane++) {
      const length = load<i32>(LENGTHS + ((<usize>i + lane) << 2));
      store<u32>(PLACES + (lane << 3), <u32>at);
      store<i32>(PLACES + (lane << 3), length, 4);
      store<u64>(at, first, STREAM - DATAGRAMS);
      longest = max(longest, length);
      at = nextAfter(at, length);
    }
    // What goes in is the ciphertext before the block.
    for (let done = BLOCK_BYTES; done < longest; done += BLOCK_BYTES) {
      for (let lane: usize = 0; lane < lanes; lane++) {
        const before = <usize>load<u32>(PLACES + (lane << 3)) + done - BLOCK_BYTES;
        store<u64>(INPUT + (lane << 3), load<u64>(before) ^ load<u64>(before, STREAM - DATAGRAMS));
      }
      blocks(INPUT, OUTPUT);
      for (let lane: usize = 0; lane < lanes; lane++) {
        if (done >= load<i32>(PLACES + (lane << 3), 4)) continue;
        store<u64>(<usize>load<u32>(PLACES + (lane << 3)) + done, load<u64>(OUTPUT + (lane << 3)), STREAM - DATAGRAMS);
      }
    }
  }
}
