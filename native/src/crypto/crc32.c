// CRC-32 by carry-less multiplication (V. Gopal et al.: Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction,
// Intel, 2009). What does not fill blocks is put in front, where zeros make no difference, and not at the end.

#include "aes.h"

#if RXKCP_CIPHERS

// `ahead`, moved on by the distance that `keys` stands for, and `block`.
BASE_INLINE __m128i folded(__m128i ahead, __m128i keys, __m128i block) {
  const __m128i low = _mm_clmulepi64_si128(ahead, keys, 0x00);
  const __m128i high = _mm_clmulepi64_si128(ahead, keys, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), block);
}

// The remainder of 128 bits: first of 64, then by Barrett.
BASE_INLINE uint32_t remainder_of(__m128i x, __m128i by16) {
  const __m128i word = _mm_set_epi32(0, -1, 0, -1);
  const __m128i by8 = _mm_set_epi64x(0, 0x163cd6124);
  const __m128i barrett = _mm_set_epi64x(0x1f7011641, 0x1db710641);
  x = _mm_xor_si128(_mm_srli_si128(x, 8), _mm_clmulepi64_si128(x, by16, 0x10));
  x = _mm_xor_si128(_mm_srli_si128(x, 4), _mm_clmulepi64_si128(_mm_and_si128(x, word), by8, 0x00));
  __m128i t = _mm_clmulepi64_si128(_mm_and_si128(x, word), barrett, 0x10);
  t = _mm_clmulepi64_si128(_mm_and_si128(t, word), barrett, 0x00);
  return (uint32_t)_mm_extract_epi32(_mm_xor_si128(x, t), 1);
}

static uint32_t crc32_short(const uint8_t *bytes, size_t length) {
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc;
}

// At 16, what the first four bytes are XORed with; and at 16 more zeros, ones.
static const uint8_t START[52] = {[16] = 255, 255, 255, 255};
static const uint8_t ONES[32] = {
    [16] = 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};

// `x` and the whole blocks after it, folded into one.
typedef __m128i fold_t(__m128i x, const uint8_t *bytes, size_t blocks);

// The keys are x^(8n + 32) and x^(8n - 32) modulo the polynomial, in reverse, for n bytes.
#define BY_16 _mm_set_epi64x(0x0ccaa009e, 0x1751997d0)
#define BY_64 _mm_set_epi64x(0x1c6e41596, 0x154442bd4)
#define BY_128 _mm_set_epi64x(0x14a7fe880, 0x1e88ef372)
#define BY_256 _mm_set_epi64x(0x1322d1430, 0x11542778a)

BASE_INLINE __m128i fold_rest(__m128i x, const uint8_t *bytes, size_t blocks) {
  for (; blocks > 0; blocks--, bytes += 16) x = folded(x, BY_16, load(bytes));
  return x;
}

BASE static __m128i fold(__m128i x, const uint8_t *bytes, size_t blocks) {
  if (blocks >= 7) {
    __m128i a[4] = {x, load(bytes), load(bytes + 16), load(bytes + 32)};
    bytes += 48;
    for (blocks -= 3; blocks >= 4; blocks -= 4, bytes += 64) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) a[i] = folded(a[i], BY_64, load(bytes + 16 * i));
    }
    x = folded(folded(folded(a[0], BY_16, a[1]), BY_16, a[2]), BY_16, a[3]);
  }
  return fold_rest(x, bytes, blocks);
}

#define WIDE __attribute__((target("aes,avx2,pclmul,vpclmulqdq")))

// The same with two blocks an instruction.
WIDE static __m128i fold_wide(__m128i x, const uint8_t *bytes, size_t blocks) {
  if (blocks < 15) return fold(x, bytes, blocks);
  const __m256i keys = _mm256_broadcastsi128_si256(BY_128);
  __m256i a[4];
  a[0] = _mm256_set_m128i(load(bytes), x);
  bytes += 16;
#pragma GCC unroll 3
  for (int i = 1; i < 4; i++) a[i] = _mm256_loadu_si256((const __m256i *)(bytes + 32 * (i - 1)));
  bytes += 96;
  for (blocks -= 7; blocks >= 8; blocks -= 8, bytes += 128) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      const __m256i low = _mm256_clmulepi64_epi128(a[i], keys, 0x00);
      const __m256i high = _mm256_clmulepi64_epi128(a[i], keys, 0x11);
      const __m256i next = _mm256_loadu_si256((const __m256i *)(bytes + 32 * i));
      a[i] = _mm256_xor_si256(_mm256_xor_si256(low, high), next);
    }
  }
  // Back to four blocks, then to one.
  __m128i halves[8];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    halves[2 * i] = _mm256_castsi256_si128(a[i]);
    halves[2 * i + 1] = _mm256_extracti128_si256(a[i], 1);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) halves[i + 4] = folded(halves[i], BY_64, halves[i + 4]);
  x = folded(folded(folded(halves[4], BY_16, halves[5]), BY_16, halves[6]), BY_16, halves[7]);
  return fold_rest(x, bytes, blocks);
}

#define WIDEST __attribute__((target(AVX512 ",aes,pclmul,vpclmulqdq")))

WIDEST __attribute__((always_inline)) static inline __m512i folded_four(__m512i ahead, __m512i keys, __m512i blocks) {
  const __m512i low = _mm512_clmulepi64_epi128(ahead, keys, 0x00);
  const __m512i high = _mm512_clmulepi64_epi128(ahead, keys, 0x11);
  return _mm512_xor_si512(_mm512_xor_si512(low, high), blocks);
}

// The same with four blocks an instruction.
WIDEST static __m128i fold_widest(__m128i x, const uint8_t *bytes, size_t blocks) {
  if (blocks < 31) return fold_wide(x, bytes, blocks);
  const __m512i by_256 = _mm512_broadcast_i32x4(BY_256);
  const __m512i by_64 = _mm512_broadcast_i32x4(BY_64);
  __m512i a[4];
  // The block in front makes way for `x`.
  a[0] = _mm512_inserti32x4(_mm512_loadu_si512(bytes - 16), x, 0);
  bytes += 48;
#pragma GCC unroll 3
  for (int i = 1; i < 4; i++, bytes += 64) a[i] = _mm512_loadu_si512(bytes);
  for (blocks -= 15; blocks >= 16; blocks -= 16, bytes += 256) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) a[i] = folded_four(a[i], by_256, _mm512_loadu_si512(bytes + 64 * i));
  }
  __m512i b = a[0];
#pragma GCC unroll 3
  for (int i = 1; i < 4; i++) b = folded_four(b, by_64, a[i]);
  for (; blocks >= 4; blocks -= 4, bytes += 64) b = folded_four(b, by_64, _mm512_loadu_si512(bytes));
  x = folded(_mm512_extracti32x4_epi32(b, 0), BY_16, _mm512_extracti32x4_epi32(b, 1));
  x = folded(x, BY_16, _mm512_extracti32x4_epi32(b, 2));
  x = folded(x, BY_16, _mm512_extracti32x4_epi32(b, 3));
  return fold_rest(x, bytes, blocks);
}

static fold_t *widest_fold(void) {
  if (!PROCESSOR.vpclmulqdq) return fold;
  if (PROCESSOR.avx512f) return fold_widest;
  return PROCESSOR.avx2 ? fold_wide : fold;
}

BASE uint32_t crc32_of(const uint8_t *bytes, size_t length) {
  if (length < 16) return crc32_short(bytes, length);
  fold_t *const fold_all = widest_fold();
  const size_t odd = length & 15;
  // The first `odd` bytes, at the end of a block.
  __m128i x = _mm_and_si128(load(bytes + odd - 16), load(ONES + odd));
  x = _mm_xor_si128(x, load(START + odd));
  bytes += odd;
  x = folded(x, BY_16, _mm_xor_si128(load(bytes), load(START + 16 + odd)));
  return ~remainder_of(fold_all(x, bytes + 16, length / 16 - 1), BY_16);
}

#endif
