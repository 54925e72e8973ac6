// Triple DES in CFB mode (NIST SP 800-67), four blocks at a time: a round's look-ups have to wait for those of the round before,
// which leaves room for another block's. Time depends on data through the cache, as with OpenSSL and Go.
// src/core/crypto/triple-des.ts makes the tables.

#include "cipher.h"

#if RXKCP_CIPHERS

#include <string.h>

enum { DES_BLOCK_BYTES = 8, DES_LANES = 4 };

INLINE uint32_t rotated(uint32_t word, int by) { return (word << by) | (word >> (32 - by)); }

INLINE uint32_t f(const uint32_t *boxes, uint32_t right, const uint32_t *subkey) {
  const uint32_t u = rotated(right, 29) ^ subkey[0];
  const uint32_t v = rotated(right, 1) ^ subkey[1];
  return boxes[(u >> 24) & 63] ^ boxes[64 + ((v >> 24) & 63)] ^ boxes[128 + ((u >> 16) & 63)] ^
         boxes[192 + ((v >> 16) & 63)] ^ boxes[256 + ((u >> 8) & 63)] ^ boxes[320 + ((v >> 8) & 63)] ^
         boxes[384 + (u & 63)] ^ boxes[448 + (v & 63)];
}

// Bits of `x`, chosen by `mask`, change places with those of `y`, `by` further up.
INLINE void exchange(uint32_t *y, uint32_t *x, int by, uint32_t mask) {
  const uint32_t t = ((*y >> by) ^ *x) & mask;
  *x ^= t;
  *y ^= t << by;
}

INLINE uint32_t load_word(const uint8_t *from) {
  uint32_t word;
  memcpy(&word, from, sizeof word);
  return __builtin_bswap32(word);
}

INLINE void store_word(uint8_t *to, uint32_t word) {
  word = __builtin_bswap32(word);
  memcpy(to, &word, sizeof word);
}

// Encrypts `n` blocks in place, `distance` bytes apart. `n` is to be a constant.
INLINE void encrypt(const triple_des_t *des, uint8_t *blocks, size_t distance, const int n) {
  uint32_t l[DES_LANES], r[DES_LANES];
#pragma GCC unroll 4
  for (int i = 0; i < n; i++) {
    l[i] = load_word(blocks + distance * (size_t)i);
    r[i] = load_word(blocks + distance * (size_t)i + 4);
    // IP, as five exchanges of bits between the halves (R. Outerbridge).
    exchange(&l[i], &r[i], 4, 0x0f0f0f0f);
    exchange(&l[i], &r[i], 16, 0x0000ffff);
    exchange(&r[i], &l[i], 2, 0x33333333);
    exchange(&r[i], &l[i], 8, 0x00ff00ff);
    exchange(&l[i], &r[i], 1, 0x55555555);
  }
  for (const uint32_t *stage = des->subkeys; stage < des->subkeys + 96; stage += 32) {
    for (const uint32_t *k = stage; k < stage + 32; k += 4) {
#pragma GCC unroll 4
      for (int i = 0; i < n; i++) l[i] ^= f(des->boxes, r[i], k);
#pragma GCC unroll 4
      for (int i = 0; i < n; i++) r[i] ^= f(des->boxes, l[i], k + 2);
    }
    // Between the stages IP undoes what ends the one before; the exchange of the halves remains.
#pragma GCC unroll 4
    for (int i = 0; i < n; i++) {
      const uint32_t t = l[i];
      l[i] = r[i];
      r[i] = t;
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < n; i++) {
    exchange(&l[i], &r[i], 1, 0x55555555);
    exchange(&r[i], &l[i], 8, 0x00ff00ff);
    exchange(&r[i], &l[i], 2, 0x33333333);
    exchange(&l[i], &r[i], 16, 0x0000ffff);
    exchange(&l[i], &r[i], 4, 0x0f0f0f0f);
    store_word(blocks + distance * (size_t)i, l[i]);
    store_word(blocks + distance * (size_t)i + 4, r[i]);
  }
}

INLINE void xor_block(uint8_t *to, const uint8_t *a, const uint8_t *b) {
  uint64_t x, y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  x ^= y;
  memcpy(to, &x, sizeof x);
}

INLINE void advance_some(
    const triple_des_t *des, const burst_t *burst, lanes_t *lanes, int from, const int n, size_t steps) {
  for (size_t at = 0; at < DES_BLOCK_BYTES * steps; at += DES_BLOCK_BYTES) {
    for (int i = from; i < from + n; i++) {
      uint8_t *text = burst->target + lanes->at[i] + at;
      xor_block(lanes->stream[i], lanes->stream[i], text);
      memcpy(text, lanes->stream[i], DES_BLOCK_BYTES);
    }
    encrypt(des, lanes->stream[from], sizeof lanes->stream[from], n);
  }
}

static void advance(const void *state, const burst_t *burst, lanes_t *lanes, int live, size_t steps) {
  int from = 0;
  for (; from + DES_LANES <= live; from += DES_LANES) advance_some(state, burst, lanes, from, DES_LANES, steps);
  switch (live - from) {
    case 3: advance_some(state, burst, lanes, from, 3, steps); break;
    case 2: advance_some(state, burst, lanes, from, 2, steps); break;
    case 1: advance_some(state, burst, lanes, from, 1, steps); break;
    default: break;
  }
}

void triple_des_encrypt(const void *state, const burst_t *burst) {
  encrypt_chains(state, burst, DES_BLOCK_BYTES, ((const triple_des_t *)state)->first, advance);
}

void triple_des_decrypt(const void *state, const burst_t *burst) {
  const triple_des_t *des = state;
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    const size_t length = (size_t)burst->lengths[i];
    // A block in front of the stream of those at hand: that of the block before them is the first one's.
    uint8_t stream[DES_BLOCK_BYTES * (DES_LANES + 1)];
    memcpy(stream, des->first, DES_BLOCK_BYTES);
    for (size_t at = 0; at < length; at += DES_BLOCK_BYTES * DES_LANES) {
      uint8_t text[DES_BLOCK_BYTES * DES_LANES] = {0};
      const size_t bytes = length - at < sizeof text ? length - at : sizeof text;
      memcpy(text, source + at, bytes);
      memcpy(stream + DES_BLOCK_BYTES, text, sizeof text);
      encrypt(des, stream + DES_BLOCK_BYTES, DES_BLOCK_BYTES, DES_LANES);
      for (int k = 0; k < DES_LANES; k++) xor_block(text + 8 * k, text + 8 * k, stream + 8 * k);
      memcpy(target + at, text, bytes);
      memcpy(stream, stream + sizeof text, DES_BLOCK_BYTES);
    }
    source += length;
    target += length;
  }
}

#endif
