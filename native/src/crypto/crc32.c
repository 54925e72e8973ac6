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

BASE uint32_t crc32_of(const uint8_t *bytes, size_t length) {
  if (length < 16) return crc32_short(bytes, length);
  const __m128i by64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
  const __m128i by16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
  const size_t odd = length & 15;
  // The first `odd` bytes, at the end of a block.
  __m128i x = _mm_and_si128(load(bytes + odd - 16), load(ONES + odd));
  x = _mm_xor_si128(x, load(START + odd));
  bytes += odd;
  size_t blocks = length / 16;
  const __m128i second = _mm_xor_si128(load(bytes), load(START + 16 + odd));
  if (blocks < 3) {
    x = folded(x, by16, second);
  } else {
    __m128i a[4] = {x, second, load(bytes + 16), load(bytes + 32)};
    bytes += 48;
    for (blocks -= 3; blocks >= 4; blocks -= 4, bytes += 64) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) a[i] = folded(a[i], by64, load(bytes + 16 * i));
    }
    x = folded(folded(folded(a[0], by16, a[1]), by16, a[2]), by16, a[3]);
    bytes -= 16;
    blocks++;
  }
  for (; blocks > 1; blocks--) {
    bytes += 16;
    x = folded(x, by16, load(bytes));
  }
  return ~remainder_of(x, by16);
}

#endif
