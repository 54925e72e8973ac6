// Eight or sixteen blocks of 64 bytes side by side, as ciphers of 16 words of 32 bits make them: a vector has one word of each.

#ifndef RXKCP_WORDS_H
#define RXKCP_WORDS_H

#include "cipher.h"

#if RXKCP_CIPHERS

#include <string.h>

enum { WIDE_BLOCKS = 8, WIDE_CHUNK = 64 * WIDE_BLOCKS };

// A word of each of the blocks.
typedef uint32_t words_t __attribute__((vector_size(4 * WIDE_BLOCKS)));

#define ROTATED(x, by) (((x) << (by)) | ((x) >> (32 - (by))))
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

// The same with vectors of 512 bits.
enum { AVX512_BLOCKS = 16, AVX512_CHUNK = 64 * AVX512_BLOCKS };
#define BY_AVX512 __attribute__((target(AVX512)))
typedef uint32_t words16_t __attribute__((vector_size(4 * AVX512_BLOCKS)));

BY_AVX512 INLINE void store_transposed_16(const words16_t *words, uint8_t *stream) {
  __m512i a[16], b[16];
  memcpy(a, words, sizeof a);
  // Pairs of words, of pairs, of fours, of eights.
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
    b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
    a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
    a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
    a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    const __m512i even = _mm512_shuffle_i32x4(a[i], a[i + 4], 0x88), odd = _mm512_shuffle_i32x4(a[i], a[i + 4], 0xdd);
    const __m512i even_after = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0x88);
    const __m512i odd_after = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0xdd);
    _mm512_storeu_si512(stream + 64 * i, _mm512_shuffle_i32x4(even, even_after, 0x88));
    _mm512_storeu_si512(stream + 64 * (i + 4), _mm512_shuffle_i32x4(odd, odd_after, 0x88));
    _mm512_storeu_si512(stream + 64 * (i + 8), _mm512_shuffle_i32x4(even, even_after, 0xdd));
    _mm512_storeu_si512(stream + 64 * (i + 12), _mm512_shuffle_i32x4(odd, odd_after, 0xdd));
  }
}

// Makes keystream from block `counter` on: AVX512_CHUNK, or else WIDE_CHUNK.
typedef void make_stream_t(uint8_t *stream, const uint8_t *key, const uint8_t *nonce, uint32_t counter);

INLINE void xor_stream(uint8_t *target, const uint8_t *source, const uint8_t *stream, size_t bytes) {
  for (size_t at = 0; at < bytes; at += sizeof(words_t)) {
    words_t a, b;
    memcpy(&a, source + at, sizeof a);
    memcpy(&b, stream + at, sizeof b);
    a ^= b;
    memcpy(target + at, &a, sizeof a);
  }
}

// The same for any number of bytes. The stream has whole vectors.
INLINE void xor_some(uint8_t *target, const uint8_t *source, const uint8_t *stream, size_t bytes) {
  const size_t whole = bytes & ~(sizeof(words_t) - 1), rest = bytes - whole;
  xor_stream(target, source, stream, whole);
  if (rest == 0) return;
  uint8_t text[sizeof(words_t)];
  memcpy(text, source + whole, rest);
  xor_stream(text, text, stream + whole, sizeof text);
  memcpy(target + whole, text, rest);
}

#endif
#endif
