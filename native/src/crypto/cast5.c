// CAST-128 (RFC 2144). src/core/crypto/cast5.ts makes the tables.

#include "blocks.h"

#if RXKCP_CIPHERS

// A word, and the four that it looks up.
#define LOOKED_UP(x) \
  const uint32_t a = s[(x) >> 24], b = s[256 + ((x) >> 16 & 255)], c = s[512 + ((x) >> 8 & 255)], d = s[768 + ((x) & 255)]

// Any number of bits, 0 to 31.
INLINE uint32_t turned(uint32_t word, uint32_t by) { return (word << (by & 31)) | (word >> (-by & 31)); }

// The three types of rounds.
INLINE uint32_t f1(const cast5_t *cast, int round, uint32_t word) {
  const uint32_t *s = cast->boxes, x = turned(cast->masks[round] + word, cast->rotations[round]);
  LOOKED_UP(x);
  return ((a ^ b) - c) + d;
}

INLINE uint32_t f2(const cast5_t *cast, int round, uint32_t word) {
  const uint32_t *s = cast->boxes, x = turned(cast->masks[round] ^ word, cast->rotations[round]);
  LOOKED_UP(x);
  return ((a - b) + c) ^ d;
}

INLINE uint32_t f3(const cast5_t *cast, int round, uint32_t word) {
  const uint32_t *s = cast->boxes, x = turned(cast->masks[round] - word, cast->rotations[round]);
  LOOKED_UP(x);
  return ((a + b) ^ c) - d;
}

INLINE void cast5(const void *state, blocks_t x, const int n) {
  const cast5_t *cast = state;
#pragma GCC unroll 1
  for (int round = 0; round < 12; round += 6) {
    EACH x[0][i] ^= f1(cast, round, x[1][i]);
    EACH x[1][i] ^= f2(cast, round + 1, x[0][i]);
    EACH x[0][i] ^= f3(cast, round + 2, x[1][i]);
    EACH x[1][i] ^= f1(cast, round + 3, x[0][i]);
    EACH x[0][i] ^= f2(cast, round + 4, x[1][i]);
    EACH x[1][i] ^= f3(cast, round + 5, x[0][i]);
  }
  EACH x[0][i] ^= f1(cast, 12, x[1][i]);
  EACH x[1][i] ^= f2(cast, 13, x[0][i]);
  EACH x[0][i] ^= f3(cast, 14, x[1][i]);
  EACH {
    const uint32_t last = x[1][i] ^ f1(cast, 15, x[0][i]);
    x[1][i] = x[0][i];
    x[0][i] = last;
  }
}
CFB_OF(cast5, 2, 2)

#endif
