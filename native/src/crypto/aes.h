// The rounds of AES, on several blocks side by side: each instruction takes four cycles, and one or two can begin in each.

#ifndef RXKCP_AES_H
#define RXKCP_AES_H

#include "cipher.h"

#if RXKCP_CIPHERS

// Encrypts `n` blocks in place. `n` is to be a constant.
BASE_INLINE void aes_encrypt(const aes_t *aes, __m128i *blocks, const int n) {
  const __m128i *keys = aes->round_keys;
  const int rounds = aes->rounds;
#pragma GCC unroll 16
  for (int i = 0; i < n; i++) blocks[i] = _mm_xor_si128(blocks[i], keys[0]);
  for (int round = 1; round < rounds; round++) {
    const __m128i key = keys[round];
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) blocks[i] = _mm_aesenc_si128(blocks[i], key);
  }
#pragma GCC unroll 16
  for (int i = 0; i < n; i++) blocks[i] = _mm_aesenclast_si128(blocks[i], keys[rounds]);
}

BASE_INLINE __m128i load(const uint8_t *from) { return _mm_loadu_si128((const __m128i *)from); }
BASE_INLINE void store(uint8_t *to, __m128i block) { _mm_storeu_si128((__m128i *)to, block); }

#endif
#endif
