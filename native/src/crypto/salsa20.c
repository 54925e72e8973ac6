// Salsa20/20 (D. Bernstein: Salsa20 specification, 2005), 8 or 16 blocks side by side, as kcp-go uses it: from byte 8 on, and the
// nonce is what lies before.

#include "words.h"

#if RXKCP_CIPHERS

enum { SALSA20_NONCE_BYTES = 8 };

#define QUARTER(a, b, c, d)          \
  x[b] ^= ROTATED(x[a] + x[d], 7);   \
  x[c] ^= ROTATED(x[b] + x[a], 9);   \
  x[d] ^= ROTATED(x[c] + x[b], 13);  \
  x[a] ^= ROTATED(x[d] + x[c], 18)

#define DOUBLE_ROUND      \
  QUARTER(0, 4, 8, 12);   \
  QUARTER(5, 9, 13, 1);   \
  QUARTER(10, 14, 2, 6);  \
  QUARTER(15, 3, 7, 11);  \
  QUARTER(0, 1, 2, 3);    \
  QUARTER(5, 6, 7, 4);    \
  QUARTER(10, 11, 8, 9);  \
  QUARTER(15, 12, 13, 14)

// Datagrams end long before 2^32 blocks.
INLINE void first_state(uint32_t *state, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
  state[0] = 0x61707865, state[5] = 0x3320646e, state[10] = 0x79622d32, state[15] = 0x6b206574;
  memcpy(state + 1, key, 16);
  memcpy(state + 11, key + 16, 16);
  memcpy(state + 6, nonce, SALSA20_NONCE_BYTES);
  state[8] = counter, state[9] = 0;
}

BY_AVX512 static void stream_16(uint8_t *stream, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
  uint32_t state[16];
  words16_t first[16], x[16];
  first_state(state, key, nonce, counter);
  for (int i = 0; i < 16; i++) first[i] = state[i] - (words16_t){0};
  first[8] += (words16_t){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  memcpy(x, first, sizeof x);
#pragma GCC unroll 1
  for (int round = 0; round < 20; round += 2) {
    DOUBLE_ROUND;
  }
  for (int i = 0; i < 16; i++) x[i] += first[i];
  store_transposed_16(x, stream);
}

__attribute__((target("avx2"))) static void stream_8(
    uint8_t *stream, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
  uint32_t state[16];
  words_t first[16], x[16];
  first_state(state, key, nonce, counter);
  for (int i = 0; i < 16; i++) first[i] = state[i] - (words_t){0};
  first[8] += (words_t){0, 1, 2, 3, 4, 5, 6, 7};
  memcpy(x, first, sizeof x);
#pragma GCC unroll 1
  for (int round = 0; round < 20; round += 2) {
    DOUBLE_ROUND;
  }
  for (int i = 0; i < 16; i++) x[i] += first[i];
  store_transposed(x, stream);
  store_transposed(x + 8, stream + 32);
}

// One after the other.
static void stream_8_any(uint8_t *stream, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
  for (uint32_t block = 0; block < WIDE_BLOCKS; block++, stream += 64) {
    uint32_t first[16], x[16];
    first_state(first, key, nonce, counter + block);
    memcpy(x, first, sizeof x);
#pragma GCC unroll 1
    for (int round = 0; round < 20; round += 2) {
      DOUBLE_ROUND;
    }
    for (int i = 0; i < 16; i++) x[i] += first[i];
    memcpy(stream, x, sizeof x);
  }
}

void salsa20_both(const void *state, const burst_t *burst) {
  const salsa20_t *salsa20 = state;
  const size_t chunk = PROCESSOR.avx512f ? AVX512_CHUNK : WIDE_CHUNK;
  make_stream_t *make_stream = PROCESSOR.avx512f ? stream_16 : PROCESSOR.avx2 ? stream_8 : stream_8_any;
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    const size_t length = (size_t)burst->lengths[i];
    uint8_t stream[AVX512_CHUNK] __attribute__((aligned(64)));
    uint32_t counter = 0;
    memmove(target, source, SALSA20_NONCE_BYTES);
    for (size_t at = SALSA20_NONCE_BYTES; at < length; at += chunk, counter += (uint32_t)(chunk / 64)) {
      make_stream(stream, salsa20->key, target, counter);
      xor_some(target + at, source + at, stream, length - at < chunk ? length - at : chunk);
    }
    source += length;
    target += length;
  }
}

#endif
