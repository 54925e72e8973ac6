// Triple DES in CFB mode (NIST SP 800-67). src/core/crypto/triple-des.ts makes the tables.

#include "blocks.h"

#if RXKCP_CIPHERS

INLINE uint32_t f(const uint32_t *boxes, uint32_t right, const uint32_t *subkey) {
  const uint32_t u = rotated(right, 29) ^ subkey[0];
  const uint32_t v = rotated(right, 1) ^ subkey[1];
  return boxes[(u >> 24) & 63] ^ boxes[64 + ((v >> 24) & 63)] ^ boxes[128 + ((u >> 16) & 63)] ^
         boxes[192 + ((v >> 16) & 63)] ^ boxes[256 + ((u >> 8) & 63)] ^ boxes[320 + ((v >> 8) & 63)] ^
         boxes[384 + (u & 63)] ^ boxes[448 + (v & 63)];
}

// Bits of `x`, chosen by `mask`, change places with those of `y`, `by` further up.
INLINE void exchange(uint32_t *y, uint32_t *x, int by, uint32_t mask) {
  const uint32_t t = ((*y >> by) ^ *x) & mask;
  *x ^= t;
  *y ^= t << by;
}

INLINE void triple_des(const void *state, blocks_t x, const int n) {
  const triple_des_t *des = state;
  uint32_t *l = x[0], *r = x[1];
  EACH {
    // IP, as five exchanges of bits between the halves (R. Outerbridge).
    exchange(&l[i], &r[i], 4, 0x0f0f0f0f);
    exchange(&l[i], &r[i], 16, 0x0000ffff);
    exchange(&r[i], &l[i], 2, 0x33333333);
    exchange(&r[i], &l[i], 8, 0x00ff00ff);
    exchange(&l[i], &r[i], 1, 0x55555555);
  }
  for (const uint32_t *stage = des->subkeys; stage < des->subkeys + 96; stage += 32) {
    for (const uint32_t *k = stage; k < stage + 32; k += 4) {
      EACH l[i] ^= f(des->boxes, r[i], k);
      EACH r[i] ^= f(des->boxes, l[i], k + 2);
    }
    // Between the stages IP undoes what ends the one before; the exchange of the halves remains.
    EACH {
      const uint32_t t = l[i];
      l[i] = r[i];
      r[i] = t;
    }
  }
  EACH {
    exchange(&l[i], &r[i], 1, 0x55555555);
    exchange(&r[i], &l[i], 8, 0x00ff00ff);
    exchange(&r[i], &l[i], 2, 0x33333333);
    exchange(&l[i], &r[i], 16, 0x0000ffff);
    exchange(&l[i], &r[i], 4, 0x0f0f0f0f);
  }
}
CFB_OF(triple_des, 2, 4)

#endif
