// Multiplication in GF(2^8) by vectors: with matrices of bits (GF2P8AFFINEQB), or with tables for both halves of a byte (PSHUFB, TBL).

#include <stdbool.h>

#include "product.h"

#include "../processor.h"

uint8_t NIBBLES[256][32];
uint64_t MATRICES[256];

// What c is multiplied by is linear in c: tables of its bits, added up.
__attribute__((constructor)) static void make_tables(void) {
  for (unsigned c = 1; c < 256; c++) {
    const unsigned rest = c & (c - 1);
    if (rest != 0) {
      const unsigned lowest = c ^ rest;
      for (int i = 0; i < 32; i++) NIBBLES[c][i] = NIBBLES[rest][i] ^ NIBBLES[lowest][i];
      MATRICES[c] = MATRICES[rest] ^ MATRICES[lowest];
      continue;
    }
    unsigned product = c;
    for (int bit = 0; bit < 8; bit++) {
      uint8_t *table = NIBBLES[c] + (bit < 4 ? 0 : 16);
      const int first = 1 << (bit & 3);
      for (int n = 0; n < first; n++) table[first + n] = table[n] ^ (uint8_t)product;
      // Byte 7 - i of the matrix is the row for bit i of the product.
      for (int i = 0; i < 8; i++) MATRICES[c] |= (uint64_t)(product >> i & 1) << (8 * (7 - i) + bit);
      product = product << 1 ^ (product & 0x80 ? 0x11d : 0);
    }
  }
}

// The four functions of a way of multiplying, of one that is inlined with the number of rows as a constant.
#define FOR_ROWS(name, target_of)                                                                                          \
  target_of static void name##_1(const pass_t *p, size_t from, size_t blocks) { name(p, from, blocks, 1); }                \
  target_of static void name##_2(const pass_t *p, size_t from, size_t blocks) { name(p, from, blocks, 2); }                \
  target_of static void name##_3(const pass_t *p, size_t from, size_t blocks) { name(p, from, blocks, 3); }                \
  target_of static void name##_4(const pass_t *p, size_t from, size_t blocks) { name(p, from, blocks, 4); }
#define ROWS_OF(name) {name##_1, name##_2, name##_3, name##_4}

#if !defined(__aarch64__)
static void scalar(const pass_t *pass, size_t from, size_t blocks) {
  for (size_t at = from; at < from + BLOCK * blocks; at++) {
    uint8_t sum = 0;
    for (uint32_t c = 0; c < pass->columns; c++) {
      const uint8_t *table = (const uint8_t *)(uintptr_t)pass->coefficients[c];
      const uint8_t byte = pass->inputs[c][at];
      sum ^= table[byte & 15] ^ table[16 + (byte >> 4)];
    }
    pass->outputs[0][at] = sum;
  }
}
static const multiplier_t SCALAR = {{scalar}, 1, false};
#endif

#if RXKCP_X86

#include <immintrin.h>

#define WITH(features) __attribute__((target(features)))
#define ROW_LOOP _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++)
#define VECTOR_LOOP _Pragma("GCC unroll 4") for (int v = 0; v < vectors; v++)

#define BY_512 WITH(AVX512 ",avx512bw,gfni")
BY_512 INLINE void matrices512_step(const pass_t *pass, size_t at, const int rows, const int vectors) {
  __m512i sums[MAX_ROWS][2], x[2];
  const uint64_t *coefficients = pass->coefficients;
  ROW_LOOP VECTOR_LOOP sums[r][v] = _mm512_setzero_si512();
  for (uint32_t c = 0; c < pass->columns; c++, coefficients += rows) {
    VECTOR_LOOP x[v] = _mm512_loadu_si512(pass->inputs[c] + at + 64 * v);
    ROW_LOOP {
      const __m512i matrix = _mm512_set1_epi64((long long)coefficients[r]);
      VECTOR_LOOP sums[r][v] = _mm512_xor_si512(sums[r][v], _mm512_gf2p8affine_epi64_epi8(x[v], matrix, 0));
    }
  }
  ROW_LOOP VECTOR_LOOP _mm512_storeu_si512(pass->outputs[r] + at + 64 * v, sums[r][v]);
}

BY_512 INLINE void matrices512(const pass_t *pass, size_t from, size_t blocks, const int rows) {
  for (; blocks >= 2; blocks -= 2, from += 2 * BLOCK) matrices512_step(pass, from, rows, 2);
  for (; blocks > 0; blocks--, from += BLOCK) matrices512_step(pass, from, rows, 1);
}
FOR_ROWS(matrices512, BY_512)

#define BY_256 WITH("avx2,gfni")
BY_256 INLINE void matrices256(const pass_t *pass, size_t from, size_t blocks, const int rows) {
  const int vectors = 2;
  for (; blocks > 0; blocks--, from += BLOCK) {
    __m256i sums[MAX_ROWS][2], x[2];
    const uint64_t *coefficients = pass->coefficients;
    ROW_LOOP VECTOR_LOOP sums[r][v] = _mm256_setzero_si256();
    for (uint32_t c = 0; c < pass->columns; c++, coefficients += rows) {
      VECTOR_LOOP x[v] = _mm256_loadu_si256((const __m256i *)(pass->inputs[c] + from + 32 * v));
      ROW_LOOP {
        const __m256i matrix = _mm256_set1_epi64x((long long)coefficients[r]);
        VECTOR_LOOP sums[r][v] = _mm256_xor_si256(sums[r][v], _mm256_gf2p8affine_epi64_epi8(x[v], matrix, 0));
      }
    }
    ROW_LOOP VECTOR_LOOP _mm256_storeu_si256((__m256i *)(pass->outputs[r] + from + 32 * v), sums[r][v]);
  }
}
FOR_ROWS(matrices256, BY_256)

#define BY_AVX2 WITH("avx2")
BY_AVX2 INLINE void nibbles256(const pass_t *pass, size_t from, size_t blocks, const int rows) {
  const int vectors = 2;
  const __m256i mask = _mm256_set1_epi8(15);
  for (; blocks > 0; blocks--, from += BLOCK) {
    __m256i sums[MAX_ROWS][2], low[2], high[2];
    const uint64_t *coefficients = pass->coefficients;
    ROW_LOOP VECTOR_LOOP sums[r][v] = _mm256_setzero_si256();
    for (uint32_t c = 0; c < pass->columns; c++, coefficients += rows) {
      VECTOR_LOOP {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(pass->inputs[c] + from + 32 * v));
        low[v] = _mm256_and_si256(x, mask);
        high[v] = _mm256_and_si256(_mm256_srli_epi64(x, 4), mask);
      }
      ROW_LOOP {
        const __m128i *table = (const __m128i *)(uintptr_t)coefficients[r];
        const __m256i of_low = _mm256_broadcastsi128_si256(_mm_loadu_si128(table));
        const __m256i of_high = _mm256_broadcastsi128_si256(_mm_loadu_si128(table + 1));
        VECTOR_LOOP {
          const __m256i product =
              _mm256_xor_si256(_mm256_shuffle_epi8(of_low, low[v]), _mm256_shuffle_epi8(of_high, high[v]));
          sums[r][v] = _mm256_xor_si256(sums[r][v], product);
        }
      }
    }
    ROW_LOOP VECTOR_LOOP _mm256_storeu_si256((__m256i *)(pass->outputs[r] + from + 32 * v), sums[r][v]);
  }
}
FOR_ROWS(nibbles256, BY_AVX2)

#define BY_SSSE3 WITH("ssse3")
BY_SSSE3 INLINE void nibbles128(const pass_t *pass, size_t from, size_t blocks, const int rows) {
  const int vectors = 2;
  const __m128i mask = _mm_set1_epi8(15);
  for (const size_t end = from + BLOCK * blocks; from < end; from += BLOCK / 2) {
    __m128i sums[MAX_ROWS][2], low[2], high[2];
    const uint64_t *coefficients = pass->coefficients;
    ROW_LOOP VECTOR_LOOP sums[r][v] = _mm_setzero_si128();
    for (uint32_t c = 0; c < pass->columns; c++, coefficients += rows) {
      VECTOR_LOOP {
        const __m128i x = _mm_loadu_si128((const __m128i *)(pass->inputs[c] + from + 16 * v));
        low[v] = _mm_and_si128(x, mask);
        high[v] = _mm_and_si128(_mm_srli_epi64(x, 4), mask);
      }
      ROW_LOOP {
        const __m128i *table = (const __m128i *)(uintptr_t)coefficients[r];
        const __m128i of_low = _mm_loadu_si128(table), of_high = _mm_loadu_si128(table + 1);
        VECTOR_LOOP {
          const __m128i product = _mm_xor_si128(_mm_shuffle_epi8(of_low, low[v]), _mm_shuffle_epi8(of_high, high[v]));
          sums[r][v] = _mm_xor_si128(sums[r][v], product);
        }
      }
    }
    ROW_LOOP VECTOR_LOOP _mm_storeu_si128((__m128i *)(pass->outputs[r] + from + 16 * v), sums[r][v]);
  }
}
BY_SSSE3 static void nibbles128_1(const pass_t *p, size_t from, size_t blocks) { nibbles128(p, from, blocks, 1); }
BY_SSSE3 static void nibbles128_2(const pass_t *p, size_t from, size_t blocks) { nibbles128(p, from, blocks, 2); }

const multiplier_t *best_multiplier(void) {
  static const multiplier_t MATRICES_512 = {ROWS_OF(matrices512), MAX_ROWS, true}, MATRICES_256 = {ROWS_OF(matrices256), MAX_ROWS, true},
                            NIBBLES_256 = {ROWS_OF(nibbles256), MAX_ROWS, false}, NIBBLES_128 = {{nibbles128_1, nibbles128_2}, 2, false};
  if (PROCESSOR.gfni && PROCESSOR.avx512bw) return &MATRICES_512;
  if (PROCESSOR.gfni && PROCESSOR.avx2) return &MATRICES_256;
  if (PROCESSOR.avx2) return &NIBBLES_256;
  return PROCESSOR.ssse3 ? &NIBBLES_128 : &SCALAR;
}

#elif defined(__aarch64__)

// Every processor of the kind has these instructions.
#include <arm_neon.h>

__attribute__((always_inline)) static inline void neon(
    const pass_t *pass, size_t from, size_t blocks, const int rows) {
  const uint8x16_t mask = vdupq_n_u8(15);
  for (; blocks > 0; blocks--, from += BLOCK) {
    uint8x16_t sums[MAX_ROWS][4], low[4], high[4];
    const uint64_t *coefficients = pass->coefficients;
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
      for (int v = 0; v < 4; v++) sums[r][v] = vdupq_n_u8(0);
    }
    for (uint32_t c = 0; c < pass->columns; c++, coefficients += rows) {
#pragma GCC unroll 4
      for (int v = 0; v < 4; v++) {
        const uint8x16_t x = vld1q_u8(pass->inputs[c] + from + 16 * v);
        low[v] = vandq_u8(x, mask);
        high[v] = vshrq_n_u8(x, 4);
      }
#pragma GCC unroll 4
      for (int r = 0; r < rows; r++) {
        const uint8_t *table = (const uint8_t *)(uintptr_t)coefficients[r];
        const uint8x16_t of_low = vld1q_u8(table), of_high = vld1q_u8(table + 16);
#pragma GCC unroll 4
        for (int v = 0; v < 4; v++) {
          const uint8x16_t product = veorq_u8(vqtbl1q_u8(of_low, low[v]), vqtbl1q_u8(of_high, high[v]));
          sums[r][v] = veorq_u8(sums[r][v], product);
        }
      }
    }
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
      for (int v = 0; v < 4; v++) vst1q_u8(pass->outputs[r] + from + 16 * v, sums[r][v]);
    }
  }
}
FOR_ROWS(neon, )

const multiplier_t *best_multiplier(void) {
  static const multiplier_t NEON = {ROWS_OF(neon), MAX_ROWS, false};
  return &NEON;
}

#else

const multiplier_t *best_multiplier(void) { return &SCALAR; }

#endif
