// SipHash-2-4: a keyed hash for short texts, in a fraction of the time of one for long ones (J.-P. Aumasson, D. J. Bernstein: SipHash, a fast
// short-input PRF, 2012). Without the key, the hash of a text cannot be found, however many other hashes are known.

import { readInt32 } from '../../bytes/int.ts';

/** Bytes of a key. */
export const SIP_KEY_BYTES = 16;

/** Of the text that every state begins with. */
const INITIAL = Int32Array.of(
  ...[0x7073_6575, 0x736f_6d65, 0x6e64_6f6d, 0x646f_7261, 0x6e65_7261, 0x6c79_6765, 0x7974_6573, 0x7465_6462],
);

/** Four 64-bit words, the lower half of each first. */
const state = new Int32Array(8);

/** The lower 32 of the 64 bits, as an int32. @param key {@link SIP_KEY_BYTES} long. */
export function sipHash(key: Uint8Array, text: Uint8Array): number {
  for (let i = 0; i < 8; i++) state[i] = (INITIAL[i] as number) ^ readInt32(key, 4 * (i & 3));
  const whole = text.length & ~7;
  for (let at = 0; at < whole; at += 8) compress(readInt32(text, at), readInt32(text, at + 4));
  // The last word: what is left, and the length in its highest byte.
  let low = 0;
  let high = text.length << 24;
  for (let at = whole; at < text.length; at++) {
    const byte = text[at] as number;
    if (at - whole < 4) low |= byte << (8 * (at - whole));
    else high |= byte << (8 * (at - whole - 4));
  }
  compress(low, high);
  state[4] = (state[4] as number) ^ 0xff;
  for (let i = 0; i < 4; i++) round();
  return (state[0] as number) ^ (state[2] as number) ^ (state[4] as number) ^ (state[6] as number);
}

function compress(low: number, high: number): void {
  state[6] = (state[6] as number) ^ low;
  state[7] = (state[7] as number) ^ high;
  round();
  round();
  state[0] = (state[0] as number) ^ low;
  state[1] = (state[1] as number) ^ high;
}

function round(): void {
  mix(0, 2, 13);
  mix(4, 6, 16);
  swap(0);
  mix(4, 2, 17);
  mix(0, 6, 21);
  swap(4);
}

/** Adds the word at `b` to that at `a`; turns it by `bits`, and adds the sum to it without carries. */
function mix(a: number, b: number, bits: number): void {
  const low = state[b] as number;
  const high = state[b + 1] as number;
  const sum = ((state[a] as number) >>> 0) + (low >>> 0);
  state[a] = sum;
  state[a + 1] = (state[a + 1] as number) + high + (sum > 0xffff_ffff ? 1 : 0);
  state[b] = ((low << bits) | (high >>> (32 - bits))) ^ (state[a] as number);
  state[b + 1] = ((high << bits) | (low >>> (32 - bits))) ^ (state[a + 1] as number);
}

/** Turns the word at `a` by 32 bits. */
function swap(a: number): void {
  const low = state[a] as number;
  state[a] = state[a + 1] as number;
  state[a + 1] = low;
}
