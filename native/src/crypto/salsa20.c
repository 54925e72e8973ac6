// Salsa20/20 (D. Bernstein: Salsa20 specification, 2005), eight blocks side by side, as kcp-go uses it: from byte 8 on, and the
// nonce is what lies before.

#include "words.h"

#if RXKCP_CIPHERS

enum { SALSA20_NONCE_BYTES = 8 };

#define QUARTER(a, b, c, d)          \
  x[b] ^= ROTATED(x[a] + x[d], 7);   \
  x[c] ^= ROTATED(x[b] + x[a], 9);   \
  x[d] ^= ROTATED(x[c] + x[b], 13);  \
  x[a] ^= ROTATED(x[d] + x[c], 18)

INLINE void salsa20_one(const uint8_t *key, const uint8_t *source, uint8_t *target, size_t length) {
  uint32_t state[16] = {[0] = 0x61707865, [5] = 0x3320646e, [10] = 0x79622d32, [15] = 0x6b206574};
  words_t first[16], x[16];
  memcpy(state + 1, key, 16);
  memcpy(state + 11, key + 16, 16);
  memcpy(state + 6, source, SALSA20_NONCE_BYTES);
  memmove(target, source, SALSA20_NONCE_BYTES);
  for (int i = 0; i < 16; i++) first[i] = state[i] - (words_t){0};
  first[8] += (words_t){0, 1, 2, 3, 4, 5, 6, 7};
  for (size_t at = SALSA20_NONCE_BYTES; at < length; at += WIDE_CHUNK) {
    uint8_t stream[WIDE_CHUNK] __attribute__((aligned(64)));
    memcpy(x, first, sizeof x);
    for (int round = 0; round < 20; round += 2) {
      QUARTER(0, 4, 8, 12);
      QUARTER(5, 9, 13, 1);
      QUARTER(10, 14, 2, 6);
      QUARTER(15, 3, 7, 11);
      QUARTER(0, 1, 2, 3);
      QUARTER(5, 6, 7, 4);
      QUARTER(10, 11, 8, 9);
      QUARTER(15, 12, 13, 14);
    }
    for (int i = 0; i < 16; i++) x[i] += first[i];
    store_transposed(x, stream);
    store_transposed(x + 8, stream + 32);
    xor_some(target + at, source + at, stream, length - at < WIDE_CHUNK ? length - at : WIDE_CHUNK);
    // Datagrams end long before 2^32 blocks.
    first[8] += WIDE_BLOCKS;
  }
}

INLINE void salsa20_all(const salsa20_t *salsa20, const burst_t *burst) {
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    salsa20_one(salsa20->key, source, target, (size_t)burst->lengths[i]);
    source += (size_t)burst->lengths[i];
    target += (size_t)burst->lengths[i];
  }
}

// The same for processors with vectors of 32 bytes, and with twice as many of them and rotation.
__attribute__((target("avx2"))) static void salsa20_avx2(const void *state, const burst_t *burst) {
  salsa20_all(state, burst);
}

__attribute__((target(AVX512 ",avx512vl"))) static void salsa20_avx512(const void *state, const burst_t *burst) {
  salsa20_all(state, burst);
}

void salsa20_both(const void *state, const burst_t *burst) {
  if (PROCESSOR.avx512vl) {
    salsa20_avx512(state, burst);
  } else if (PROCESSOR.avx2) {
    salsa20_avx2(state, burst);
  } else {
    salsa20_all(state, burst);
  }
}

#endif
