// Block by block with multiplication of 64 bits; eight blocks side by side with AVX-512 IFMA: the hash of every eighth block is multiplied by
// r^8, and at the end each of the eight by its power of r (S. Gueron, V. Krasnov: Speeding up the Poly1305 MAC, 2013, does so with four).

#include "poly1305.h"

#if RXKCP_CIPHERS

#include <string.h>

#define MASK44 0xfffffffffffULL
#define MASK42 0x3ffffffffffULL
// 2^128, in the highest limb.
#define AFTER_BLOCK (1ULL << 40)

// Fewer blocks than this are not worth the powers of r.
enum { SIDE_BY_SIDE = 8, WORTH = 16 };

typedef unsigned __int128 product_t;

INLINE limbs_t limbs_of(uint64_t low, uint64_t high, uint64_t after) {
  return (limbs_t){{low & MASK44, (low >> 44 | high << 20) & MASK44, high >> 24 | after}};
}

INLINE uint64_t word_at(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

// 2^132 is 20.
INLINE limbs_t multiplied(limbs_t a, limbs_t b) {
  const uint64_t a0 = a.limbs[0], a1 = a.limbs[1], a2 = a.limbs[2];
  const uint64_t b0 = b.limbs[0], b1 = b.limbs[1], b2 = b.limbs[2], s1 = 20 * b1, s2 = 20 * b2;
  const product_t low = (product_t)a0 * b0 + (product_t)a1 * s2 + (product_t)a2 * s1;
  product_t middle = (product_t)a0 * b1 + (product_t)a1 * b0 + (product_t)a2 * s2;
  product_t high = (product_t)a0 * b2 + (product_t)a1 * b1 + (product_t)a2 * b0;
  middle += (uint64_t)(low >> 44);
  high += (uint64_t)(middle >> 44);
  const uint64_t first = ((uint64_t)low & MASK44) + 5 * (uint64_t)(high >> 42);
  return (limbs_t){{first & MASK44, ((uint64_t)middle & MASK44) + (first >> 44), (uint64_t)high & MASK42}};
}

void poly1305_blocks(poly1305_t *poly, const uint8_t *bytes, size_t blocks) {
  limbs_t hash = poly->hash;
  for (; blocks > 0; blocks--, bytes += 16) {
    const limbs_t block = limbs_of(word_at(bytes), word_at(bytes + 8), AFTER_BLOCK);
    for (int i = 0; i < 3; i++) hash.limbs[i] += block.limbs[i];
    hash = multiplied(hash, poly->r);
  }
  poly->hash = hash;
}

#define IFMA __attribute__((target(AVX512 ",avx512ifma")))

typedef struct {
  __m512i limbs[3];
} lanes8_t;

// a * b, lane by lane. The upper 52 bits of a product of limbs count 2^8 in the limb above.
IFMA INLINE lanes8_t lanes_multiplied(lanes8_t a, lanes8_t b, __m512i s1, __m512i s2) {
  const __m512i zero = _mm512_setzero_si512(), mask44 = _mm512_set1_epi64(MASK44), mask42 = _mm512_set1_epi64(MASK42);
  const __m512i factors[3][3] = {
      {b.limbs[0], s2, s1}, {b.limbs[1], b.limbs[0], s2}, {b.limbs[2], b.limbs[1], b.limbs[0]}};
  __m512i low[3], high[3];
#pragma GCC unroll 3
  for (int k = 0; k < 3; k++) {
    low[k] = high[k] = zero;
#pragma GCC unroll 3
    for (int i = 0; i < 3; i++) {
      low[k] = _mm512_madd52lo_epu64(low[k], a.limbs[i], factors[k][i]);
      high[k] = _mm512_madd52hi_epu64(high[k], a.limbs[i], factors[k][i]);
    }
    high[k] = _mm512_slli_epi64(high[k], 8);
  }
  // 20 times what is above the highest limb.
  const __m512i above = _mm512_add_epi64(_mm512_slli_epi64(high[2], 4), _mm512_slli_epi64(high[2], 2));
  __m512i x0 = _mm512_add_epi64(low[0], above), x1 = _mm512_add_epi64(low[1], high[0]);
  __m512i x2 = _mm512_add_epi64(low[2], high[1]);
  x1 = _mm512_add_epi64(x1, _mm512_srli_epi64(x0, 44));
  x2 = _mm512_add_epi64(x2, _mm512_srli_epi64(x1, 44));
  const __m512i carry = _mm512_srli_epi64(x2, 42);
  x0 = _mm512_add_epi64(_mm512_and_si512(x0, mask44), _mm512_add_epi64(carry, _mm512_slli_epi64(carry, 2)));
  return (lanes8_t){{x0, _mm512_and_si512(x1, mask44), _mm512_and_si512(x2, mask42)}};
}

// `hash` and the blocks that the mask has words of: of the eight from `bytes` on, number 0, 4, 1, 5, 2, 6, 3 and 7.
IFMA INLINE void add_blocks(lanes8_t *hash, const uint8_t *bytes, __mmask8 first, __mmask8 last) {
  const __m512i mask44 = _mm512_set1_epi64(MASK44);
  const __m512i a = _mm512_maskz_loadu_epi64(first, bytes), b = _mm512_maskz_loadu_epi64(last, bytes + 64);
  const __m512i low = _mm512_unpacklo_epi64(a, b), high = _mm512_unpackhi_epi64(a, b);
  const __mmask8 there = (__mmask8)((first & 0x55) | (last & 0x55) << 1);
  const __m512i middle = _mm512_or_si512(_mm512_srli_epi64(low, 44), _mm512_slli_epi64(high, 20));
  const __m512i after = _mm512_maskz_set1_epi64(there, AFTER_BLOCK);
  hash->limbs[0] = _mm512_add_epi64(hash->limbs[0], _mm512_and_si512(low, mask44));
  hash->limbs[1] = _mm512_add_epi64(hash->limbs[1], _mm512_and_si512(middle, mask44));
  hash->limbs[2] = _mm512_add_epi64(hash->limbs[2], _mm512_or_si512(_mm512_srli_epi64(high, 24), after));
}

IFMA INLINE __m512i twentyfold(__m512i x) {
  return _mm512_add_epi64(_mm512_slli_epi64(x, 4), _mm512_slli_epi64(x, 2));
}

IFMA static void side_by_side(poly1305_t *poly, const uint8_t *bytes, size_t blocks) {
  limbs_t powers[SIDE_BY_SIDE];
  powers[0] = poly->r;
  for (int i = 1; i < SIDE_BY_SIDE; i++) powers[i] = multiplied(powers[i / 2], powers[(i - 1) / 2]);
  lanes8_t hash, by_eighth, by_each;
  for (int i = 0; i < 3; i++) {
    uint64_t each[SIDE_BY_SIDE];
    for (int lane = 0; lane < SIDE_BY_SIDE; lane++) each[lane] = powers[7 - (lane / 2 + 4 * (lane & 1))].limbs[i];
    by_each.limbs[i] = _mm512_loadu_si512(each);
    by_eighth.limbs[i] = _mm512_set1_epi64((long long)powers[7].limbs[i]);
    hash.limbs[i] = _mm512_setzero_si512();
  }
  const __m512i s1 = twentyfold(by_eighth.limbs[1]), s2 = twentyfold(by_eighth.limbs[2]);
  // The first group is the one that may lack blocks, in front, where nothing is no number.
  const size_t rest = blocks % SIDE_BY_SIDE;
  if (rest > 0) {
    const uint32_t words = 0xffffu << (16 - 2 * rest) & 0xffff;
    add_blocks(&hash, bytes - 16 * (SIDE_BY_SIDE - rest), (__mmask8)words, (__mmask8)(words >> 8));
    bytes += 16 * rest;
    blocks -= rest;
    hash = lanes_multiplied(hash, by_eighth, s1, s2);
  }
  for (; blocks > SIDE_BY_SIDE; blocks -= SIDE_BY_SIDE, bytes += 16 * SIDE_BY_SIDE) {
    add_blocks(&hash, bytes, 0xff, 0xff);
    hash = lanes_multiplied(hash, by_eighth, s1, s2);
  }
  add_blocks(&hash, bytes, 0xff, 0xff);
  hash = lanes_multiplied(hash, by_each, twentyfold(by_each.limbs[1]), twentyfold(by_each.limbs[2]));
  uint64_t sums[3];
  for (int i = 0; i < 3; i++) sums[i] = (uint64_t)_mm512_reduce_add_epi64(hash.limbs[i]);
  sums[1] += sums[0] >> 44;
  sums[2] += sums[1] >> 44;
  poly->hash = (limbs_t){{(sums[0] & MASK44) + 5 * (sums[2] >> 42), sums[1] & MASK44, sums[2] & MASK42}};
}

void poly1305_begin(poly1305_t *poly, const uint8_t *key, const uint8_t *bytes, size_t blocks) {
  poly->hash = (limbs_t){{0, 0, 0}};
  poly->r = limbs_of(word_at(key) & 0x0ffffffc0fffffffULL, word_at(key + 8) & 0x0ffffffc0ffffffcULL, 0);
  poly->pad[0] = word_at(key + 16);
  poly->pad[1] = word_at(key + 24);
  if (PROCESSOR.avx512ifma && blocks >= WORTH) side_by_side(poly, bytes, blocks);
  else poly1305_blocks(poly, bytes, blocks);
}

void poly1305_end(const poly1305_t *poly, uint8_t *tag) {
  uint64_t a = poly->hash.limbs[0], b = poly->hash.limbs[1], c = poly->hash.limbs[2];
  // Twice, for what the first time carries from the highest limb.
  for (int i = 0; i < 2; i++) {
    b += a >> 44;
    a &= MASK44;
    c += b >> 44;
    b &= MASK44;
    a += 5 * (c >> 42);
    c &= MASK42;
  }
  b += a >> 44;
  a &= MASK44;
  // The same less 2^130 - 5, if it is as much as that.
  uint64_t x = a + 5, y = b + (x >> 44), z = c + (y >> 44) - (1ULL << 42);
  const uint64_t less = 0 - (z >> 63);
  a = (a & less) | (x & MASK44 & ~less);
  b = (b & less) | (y & MASK44 & ~less);
  c = (c & less) | (z & ~less);
  const uint64_t low = a | b << 44, high = b >> 20 | c << 24;
  x = low + poly->pad[0];
  y = high + poly->pad[1] + (x < low);
  memcpy(tag, &x, sizeof x);
  memcpy(tag + 8, &y, sizeof y);
}

#endif
