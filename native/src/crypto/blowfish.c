// Blowfish (B. Schneier, 1993). src/core/crypto/blowfish.ts makes the tables.

#include "blocks.h"

#if RXKCP_CIPHERS

INLINE uint32_t f(const uint32_t *s, uint32_t x) {
  return ((s[x >> 24] + s[256 + (x >> 16 & 255)]) ^ s[512 + (x >> 8 & 255)]) + s[768 + (x & 255)];
}

INLINE void blowfish(const void *state, blocks_t x, const int n) {
  const uint32_t *p = ((const blowfish_t *)state)->subkeys, *s = ((const blowfish_t *)state)->boxes;
  EACH x[0][i] ^= p[0];
#pragma GCC unroll 1
  for (int round = 1; round < 17; round += 2) {
    EACH x[1][i] ^= p[round] ^ f(s, x[0][i]);
    EACH x[0][i] ^= p[round + 1] ^ f(s, x[1][i]);
  }
  EACH {
    const uint32_t left = x[0][i];
    x[0][i] = x[1][i] ^ p[17];
    x[1][i] = left;
  }
}
CFB_OF(blowfish, 2, 4)

#endif
