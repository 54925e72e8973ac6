// Salsa20/20 (D. Bernstein: Salsa20 specification, 2005), eight blocks side by side, as kcp-go uses it: from byte 8 on, and the
// nonce is what lies before.

#include "cipher.h"

#if RXKCP_CIPHERS

#include <string.h>

enum { SALSA20_NONCE_BYTES = 8, BLOCKS = 8, CHUNK = 64 * BLOCKS };

// A word of each of the blocks.
typedef uint32_t words_t __attribute__((vector_size(4 * BLOCKS)));

#define ROTATED(x, by) (((x) << (by)) | ((x) >> (32 - (by))))
#define QUARTER(a, b, c, d)          \
  x[b] ^= ROTATED(x[a] + x[d], 7);   \
  x[c] ^= ROTATED(x[b] + x[a], 9);   \
  x[d] ^= ROTATED(x[c] + x[b], 13);  \
  x[a] ^= ROTATED(x[d] + x[c], 18)
#define PAIRED(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

// From a word of each block to eight words of each: `words[0..7]`, to `stream`, where blocks are 64 bytes apart.
INLINE void store_transposed(const words_t *words, uint8_t *stream) {
  words_t a[8], b[8];
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    a[i] = PAIRED(words[i], words[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    a[i + 1] = PAIRED(words[i], words[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4) {
    b[i] = PAIRED(a[i], a[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    b[i + 1] = PAIRED(a[i], a[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    b[i + 2] = PAIRED(a[i + 1], a[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
    b[i + 3] = PAIRED(a[i + 1], a[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    const words_t low = PAIRED(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    const words_t high = PAIRED(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    memcpy(stream + 64 * i, &low, sizeof low);
    memcpy(stream + 64 * (i + 4), &high, sizeof high);
  }
}

INLINE void xor_stream(uint8_t *target, const uint8_t *source, const uint8_t *stream, size_t bytes) {
  for (size_t at = 0; at < bytes; at += sizeof(words_t)) {
    words_t a, b;
    memcpy(&a, source + at, sizeof a);
    memcpy(&b, stream + at, sizeof b);
    a ^= b;
    memcpy(target + at, &a, sizeof a);
  }
}

INLINE void salsa20_one(const uint8_t *key, const uint8_t *source, uint8_t *target, size_t length) {
  uint32_t state[16] = {[0] = 0x61707865, [5] = 0x3320646e, [10] = 0x79622d32, [15] = 0x6b206574};
  words_t first[16], x[16];
  memcpy(state + 1, key, 16);
  memcpy(state + 11, key + 16, 16);
  memcpy(state + 6, source, SALSA20_NONCE_BYTES);
  memmove(target, source, SALSA20_NONCE_BYTES);
  for (int i = 0; i < 16; i++) first[i] = state[i] - (words_t){0};
  first[8] += (words_t){0, 1, 2, 3, 4, 5, 6, 7};
  for (size_t at = SALSA20_NONCE_BYTES; at < length; at += CHUNK) {
    uint8_t stream[CHUNK] __attribute__((aligned(64)));
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
    if (length - at >= CHUNK) {
      xor_stream(target + at, source + at, stream, CHUNK);
    } else {
      uint8_t text[CHUNK] __attribute__((aligned(64)));
      memcpy(text, source + at, length - at);
      xor_stream(text, text, stream, (length - at + 31) & ~(size_t)31);
      memcpy(target + at, text, length - at);
    }
    // Datagrams end long before 2^32 blocks.
    first[8] += BLOCKS;
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
