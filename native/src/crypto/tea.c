// TEA with 16 rounds, as kcp-go has it, and XTEA (R. Needham, D. Wheeler, 1994 and 1997).

#include "blocks.h"

#if RXKCP_CIPHERS

INLINE void tea(const void *state, blocks_t x, const int n) {
  const uint32_t *k = ((const tea_t *)state)->key;
  uint32_t sum = 0;
#pragma GCC unroll 1
  for (int cycle = 0; cycle < 8; cycle++) {
    sum += 0x9e3779b9;
    EACH x[0][i] += ((x[1][i] << 4) + k[0]) ^ (x[1][i] + sum) ^ ((x[1][i] >> 5) + k[1]);
    EACH x[1][i] += ((x[0][i] << 4) + k[2]) ^ (x[0][i] + sum) ^ ((x[0][i] >> 5) + k[3]);
  }
}
CFB_OF(tea, 2, 4)

INLINE void xtea(const void *state, blocks_t x, const int n) {
  const uint32_t *schedule = ((const xtea_t *)state)->schedule;
#pragma GCC unroll 1
  for (int round = 0; round < 64; round += 2) {
    EACH x[0][i] += (((x[1][i] << 4) ^ (x[1][i] >> 5)) + x[1][i]) ^ schedule[round];
    EACH x[1][i] += (((x[0][i] << 4) ^ (x[0][i] >> 5)) + x[0][i]) ^ schedule[round + 1];
  }
}
CFB_OF(xtea, 2, 4)

#endif
