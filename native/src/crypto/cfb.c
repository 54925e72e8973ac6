// AES in CFB mode with kcp-go's IV. To encrypt, the chains of several datagrams side by side; to decrypt, any blocks.

#include "aes.h"

#if RXKCP_CIPHERS

#include <string.h>

BASE void cfb_make(cfb_t *cfb, const uint8_t *key, size_t key_bytes) {
  aes_expand(&cfb->aes, key, key_bytes);
  cfb->first = load(CFB_IV);
  aes_encrypt(&cfb->aes, &cfb->first, 1);
}

BASE_INLINE void advance_lanes(const cfb_t *cfb, const burst_t *burst, lanes_t *lanes, const int n, size_t steps) {
  __m128i stream[LANES];
  uint8_t *text[LANES];
#pragma GCC unroll 8
  for (int i = 0; i < n; i++) {
    stream[i] = load(lanes->stream[i]);
    text[i] = burst->target + lanes->at[i];
  }
  for (size_t at = 0; at < 16 * steps; at += 16) {
#pragma GCC unroll 8
    for (int i = 0; i < n; i++) {
      stream[i] = _mm_xor_si128(stream[i], load(text[i] + at));
      store(text[i] + at, stream[i]);
    }
    aes_encrypt(&cfb->aes, stream, n);
  }
#pragma GCC unroll 8
  for (int i = 0; i < n; i++) store(lanes->stream[i], stream[i]);
}

BASE static void advance(const void *state, const burst_t *burst, lanes_t *lanes, int live, size_t steps) {
  switch (live) {
    case 1: advance_lanes(state, burst, lanes, 1, steps); break;
    case 2: advance_lanes(state, burst, lanes, 2, steps); break;
    case 3: advance_lanes(state, burst, lanes, 3, steps); break;
    case 4: advance_lanes(state, burst, lanes, 4, steps); break;
    case 5: advance_lanes(state, burst, lanes, 5, steps); break;
    case 6: advance_lanes(state, burst, lanes, 6, steps); break;
    case 7: advance_lanes(state, burst, lanes, 7, steps); break;
    default: advance_lanes(state, burst, lanes, 8, steps); break;
  }
}

void cfb_encrypt(const void *state, const burst_t *burst) {
  encrypt_chains(state, burst, 16, (const uint8_t *)&((const cfb_t *)state)->first, advance);
}

BASE void cfb_decrypt(const void *state, const burst_t *burst) {
  const cfb_t *cfb = state;
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    const size_t length = (size_t)burst->lengths[i];
    // Of the block at hand.
    __m128i before = cfb->first;
    size_t at = 0;
    for (; at + 128 <= length; at += 128) {
      __m128i blocks[8], stream[8];
#pragma GCC unroll 8
      for (int k = 0; k < 8; k++) stream[k] = blocks[k] = load(source + at + 16 * k);
      aes_encrypt(&cfb->aes, stream, 8);
      store(target + at, _mm_xor_si128(blocks[0], before));
#pragma GCC unroll 8
      for (int k = 1; k < 8; k++) store(target + at + 16 * k, _mm_xor_si128(blocks[k], stream[k - 1]));
      before = stream[7];
    }
    // What is left, 0 to 127 bytes.
    uint8_t text[128] __attribute__((aligned(16))) = {0};
    __m128i stream[8];
    memcpy(text, source + at, length - at);
#pragma GCC unroll 8
    for (int k = 0; k < 8; k++) stream[k] = load(text + 16 * k);
    aes_encrypt(&cfb->aes, stream, 8);
    store(text, _mm_xor_si128(load(text), before));
    for (int k = 1; k < 8; k++) store(text + 16 * k, _mm_xor_si128(load(text + 16 * k), stream[k - 1]));
    memcpy(target + at, text, length - at);
    source += length;
    target += length;
  }
}

#endif
