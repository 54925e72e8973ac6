// Twofish (B. Schneier et al., 1998). src/core/crypto/twofish.ts makes the tables.

#include "blocks.h"

#if RXKCP_CIPHERS

// Its words are little-endian.
#define OPENED(w) x[w][i] = __builtin_bswap32(x[w][i]) ^ k[w]

// A round, which changes c and d.
INLINE void round_of(const uint32_t *s, const uint32_t *k, uint32_t a, uint32_t b, uint32_t *c, uint32_t *d) {
  const uint32_t t = s[256 + (b & 255)] ^ s[512 + (b >> 8 & 255)] ^ s[768 + (b >> 16 & 255)] ^ s[b >> 24];
  const uint32_t u = (s[a & 255] ^ s[256 + (a >> 8 & 255)] ^ s[512 + (a >> 16 & 255)] ^ s[768 + (a >> 24)]) + t;
  *c = rotated(*c ^ (u + k[0]), 31);
  *d = rotated(*d, 1) ^ (u + t + k[1]);
}

INLINE void twofish(const void *state, blocks_t x, const int n) {
  const uint32_t *k = ((const twofish_t *)state)->subkeys, *s = ((const twofish_t *)state)->boxes;
  EACH {
    OPENED(0), OPENED(1), OPENED(2), OPENED(3);
  }
#pragma GCC unroll 1
  for (int round = 8; round < 40; round += 4) {
    EACH round_of(s, k + round, x[0][i], x[1][i], &x[2][i], &x[3][i]);
    EACH round_of(s, k + round + 2, x[2][i], x[3][i], &x[0][i], &x[1][i]);
  }
  EACH {
    const uint32_t a = x[0][i], b = x[1][i];
    x[0][i] = __builtin_bswap32(x[2][i] ^ k[4]);
    x[1][i] = __builtin_bswap32(x[3][i] ^ k[5]);
    x[2][i] = __builtin_bswap32(a ^ k[6]);
    x[3][i] = __builtin_bswap32(b ^ k[7]);
  }
}
CFB_OF(twofish, 4, 2)

#endif
