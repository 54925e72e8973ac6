// SipHash-2-4: a keyed hash for short texts, in a fraction of the time of one for long ones (J.-P. Aumasson, D. J. Bernstein: SipHash, a fast
// short-input PRF, 2012). Without the key, the hash of a text cannot be found, however many other hashes are known.

import { readInt32 } from '../../bytes/int.ts';

/** Bytes of a key. */
export const SIP_KEY_BYTES = 16;

/** The lower 32 of the 64 bits, as an int32. @param key {@link SIP_KEY_BYTES} long. */
export function sipHash(key: Uint8Array, text: Uint8Array): number {
  // Four 64-bit words in halves: the key, and the text that every state begins with.
  let [aLow, aHigh] = [readInt32(key, 0) ^ 0x7073_6575, readInt32(key, 4) ^ 0x736f_6d65];
  let [bLow, bHigh] = [readInt32(key, 8) ^ 0x6e64_6f6d, readInt32(key, 12) ^ 0x646f_7261];
  let [cLow, cHigh] = [readInt32(key, 0) ^ 0x6e65_7261, readInt32(key, 4) ^ 0x6c79_6765];
  let [dLow, dHigh] = [readInt32(key, 8) ^ 0x7974_6573, readInt32(key, 12) ^ 0x7465_6462];
  let low = 0;
  let high = 0;
  // The last word has what is left of the text, and its length: it may have nothing else.
  const rounds = 2 * ((text.length >>> 3) + 1);
  for (let round = 0; round < rounds + 4; round++) {
    if ((round & 1) === 0) {
      aLow ^= low;
      aHigh ^= high;
      const at = 4 * round;
      const isWord = at + 8 <= text.length;
      low = isWord ? readInt32(text, at) : 0;
      high = isWord ? readInt32(text, at + 4) : 0;
      if (round === rounds - 2) [low, high] = [tail(text, at), tail(text, at + 4) | (text.length << 24)];
      else if (round === rounds) cLow ^= 0xff;
      dLow ^= low;
      dHigh ^= high;
    }
    let sum = (aLow >>> 0) + (bLow >>> 0);
    aHigh = (aHigh + bHigh + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    aLow = sum | 0;
    let turned = ((bLow << 13) | (bHigh >>> 19)) ^ aLow;
    bHigh = ((bHigh << 13) | (bLow >>> 19)) ^ aHigh;
    bLow = turned;
    sum = (cLow >>> 0) + (dLow >>> 0);
    cHigh = (cHigh + dHigh + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    cLow = sum | 0;
    turned = ((dLow << 16) | (dHigh >>> 16)) ^ cLow;
    dHigh = ((dHigh << 16) | (dLow >>> 16)) ^ cHigh;
    dLow = turned;
    // The word a is turned by 32 bits.
    sum = (aHigh >>> 0) + (dLow >>> 0);
    aHigh = (aLow + dHigh + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    aLow = sum | 0;
    turned = ((dLow << 21) | (dHigh >>> 11)) ^ aLow;
    dHigh = ((dHigh << 21) | (dLow >>> 11)) ^ aHigh;
    dLow = turned;
    sum = (cLow >>> 0) + (bLow >>> 0);
    const carried = (cHigh + bHigh + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    turned = ((bLow << 17) | (bHigh >>> 15)) ^ (sum | 0);
    bHigh = ((bHigh << 17) | (bLow >>> 15)) ^ carried;
    bLow = turned;
    // And so is c.
    cLow = carried;
    cHigh = sum | 0;
  }
  return aLow ^ bLow ^ cLow ^ dLow;
}

/** Up to four bytes of `text` from `at` on; zeros where it has none. */
function tail(text: Uint8Array, at: number): number {
  let word = 0;
  for (let i = Math.min(text.length - at, 4) - 1; i >= 0; i--) word = (word << 8) | (text[at + i] as number);
  return word;
}
