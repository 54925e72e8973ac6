// The key schedule of AES (FIPS 197, section 5.2), in time that does not depend on the key.

#include "aes.h"

#if RXKCP_CIPHERS

#include <string.h>

// SubWord: with four columns the same, ShiftRows changes nothing.
BASE_INLINE uint32_t sub_word(uint32_t word) {
  return (uint32_t)_mm_cvtsi128_si32(_mm_aesenclast_si128(_mm_set1_epi32((int)word), _mm_setzero_si128()));
}

BASE void aes_expand(aes_t *aes, const uint8_t *key, size_t key_bytes) {
  const unsigned words = (unsigned)key_bytes / 4;
  uint32_t w[60];
  uint32_t rcon = 1;
  aes->rounds = (int)words + 6;
  memcpy(w, key, key_bytes);
  for (unsigned i = words; i < 4 * (unsigned)(aes->rounds + 1); i++) {
    uint32_t t = w[i - 1];
    if (i % words == 0) {
      t = sub_word((t >> 8) | (t << 24)) ^ rcon;
      rcon = (rcon << 1) ^ (rcon & 0x80 ? 0x11b : 0);
    } else if (words > 6 && i % words == 4) {
      t = sub_word(t);
    }
    w[i] = w[i - words] ^ t;
  }
  memcpy(aes->round_keys, w, 16 * (size_t)(aes->rounds + 1));
  explicit_bzero(w, sizeof w);
}

#endif
