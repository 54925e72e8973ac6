// AES-GCM (NIST SP 800-38D) in kcp-go's datagram, `nonce ciphertext tag`. GHASH is computed as POLYVAL, which is the same in another
// order of bits and needs no shifts (RFC 8452, appendix A); eight blocks are multiplied by eight powers, and reduced at once.

#include "aes.h"

#if RXKCP_CIPHERS

#include <string.h>

enum { CHUNK = 128 };

typedef struct {
  __m128i low, middle, high;
} product_t;

BASE_INLINE __m128i reversed(__m128i block) {
  return _mm_shuffle_epi8(block, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

BASE_INLINE void add_product(product_t *sum, __m128i a, __m128i b) {
  sum->low = _mm_xor_si128(sum->low, _mm_clmulepi64_si128(a, b, 0x00));
  sum->high = _mm_xor_si128(sum->high, _mm_clmulepi64_si128(a, b, 0x11));
  sum->middle = _mm_xor_si128(
      sum->middle, _mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x01), _mm_clmulepi64_si128(a, b, 0x10)));
}

// Times x^-128, modulo x^128 + x^127 + x^126 + x^121 + 1.
BASE_INLINE __m128i reduced(product_t sum) {
  const __m128i polynomial = _mm_set_epi64x(0, (long long)0xc200000000000000);
  __m128i low = _mm_xor_si128(sum.low, _mm_slli_si128(sum.middle, 8));
  const __m128i high = _mm_xor_si128(sum.high, _mm_srli_si128(sum.middle, 8));
  low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4e), _mm_clmulepi64_si128(low, polynomial, 0x00));
  low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4e), _mm_clmulepi64_si128(low, polynomial, 0x00));
  return _mm_xor_si128(low, high);
}

BASE_INLINE product_t nothing(void) {
  return (product_t){_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
}

BASE_INLINE __m128i multiplied(__m128i a, __m128i b) {
  product_t product = nothing();
  add_product(&product, a, b);
  return reduced(product);
}

// Times x, in POLYVAL's order.
BASE_INLINE __m128i doubled(__m128i a) {
  const __m128i carries = _mm_srli_epi64(a, 63);
  const __m128i shifted = _mm_or_si128(_mm_slli_epi64(a, 1), _mm_slli_si128(carries, 8));
  const __m128i out = _mm_sub_epi64(_mm_setzero_si128(), _mm_shuffle_epi32(carries, 0xee));
  return _mm_xor_si128(shifted, _mm_and_si128(out, _mm_set_epi64x((long long)0xc200000000000000, 1)));
}

BASE void gcm_make(gcm_t *gcm, const uint8_t *key, size_t key_bytes) {
  aes_expand(&gcm->aes, key, key_bytes);
  __m128i h = _mm_setzero_si128();
  aes_encrypt(&gcm->aes, &h, 1);
  gcm->powers[0] = doubled(reversed(h));
  for (int i = 1; i < GCM_POWERS; i++) gcm->powers[i] = multiplied(gcm->powers[i - 1], gcm->powers[0]);
}

BASE_INLINE __m128i counter(__m128i nonce, uint32_t value) {
  return _mm_insert_epi32(nonce, (int)__builtin_bswap32(value), 3);
}

// The text between nonce and tag, `length` bytes from `from` to `to`. Returns the tag.
BASE_INLINE __m128i gcm_text(
    const gcm_t *gcm, __m128i nonce, const uint8_t *from, uint8_t *to, size_t length, const bool sealing) {
  const size_t bits = 8 * length;
  __m128i hash = _mm_setzero_si128();
  __m128i stream[GCM_POWERS];
  // Number 1 is the tag's.
  uint32_t value = 2;
  for (; length >= CHUNK; length -= CHUNK, from += CHUNK, to += CHUNK, value += 8) {
    product_t sum = nothing();
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++) stream[i] = counter(nonce, value + i);
    aes_encrypt(&gcm->aes, stream, 8);
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++) {
      const __m128i in = load(from + 16 * i);
      const __m128i out = _mm_xor_si128(in, stream[i]);
      store(to + 16 * i, out);
      __m128i hashed = reversed(sealing ? out : in);
      if (i == 0) hashed = _mm_xor_si128(hashed, hash);
      add_product(&sum, hashed, gcm->powers[7 - i]);
    }
    hash = reduced(sum);
  }
  // What is left, 0 to 127 bytes; and the lengths, a block of their own.
  uint8_t text[CHUNK] __attribute__((aligned(16))) = {0};
  const unsigned blocks = (unsigned)(length + 15) / 16;
  product_t sum = nothing();
  memcpy(text, from, length);
  for (unsigned i = 0; i < 8; i++) stream[i] = counter(nonce, value + i);
  stream[8] = counter(nonce, 1);
  aes_encrypt(&gcm->aes, stream, 9);
  for (unsigned i = 0; i < blocks; i++) {
    __m128i *block = (__m128i *)text + i;
    const __m128i in = *block;
    *block = _mm_xor_si128(in, stream[i]);
    if (sealing && i + 1 == blocks) memset(text + length, 0, CHUNK - length);
    __m128i hashed = reversed(sealing ? *block : in);
    if (i == 0) hashed = _mm_xor_si128(hashed, hash);
    add_product(&sum, hashed, gcm->powers[blocks - i]);
  }
  memcpy(to, text, length);
  __m128i lengths = _mm_set_epi64x(0, (long long)bits);
  if (blocks == 0) lengths = _mm_xor_si128(lengths, hash);
  add_product(&sum, lengths, gcm->powers[0]);
  return _mm_xor_si128(reversed(reduced(sum)), stream[8]);
}

BASE_INLINE __m128i nonce_at(const uint8_t *datagram) { return _mm_insert_epi32(load(datagram), 0, 3); }

BASE void gcm_seal(const void *state, const burst_t *burst) {
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    const int32_t length = burst->lengths[i];
    const size_t text = (size_t)length - GCM_OVERHEAD;
    memmove(target, source, GCM_NONCE_BYTES);
    const __m128i tag =
        gcm_text(state, nonce_at(source), source + GCM_NONCE_BYTES, target + GCM_NONCE_BYTES, text, true);
    store(target + GCM_NONCE_BYTES + text, tag);
    source += length;
    target += length;
  }
}

BASE void gcm_open(const void *state, const burst_t *burst) {
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    const int32_t length = burst->lengths[i];
    const size_t text = (size_t)length - GCM_OVERHEAD;
    const __m128i tag =
        gcm_text(state, nonce_at(source), source + GCM_NONCE_BYTES, target + GCM_NONCE_BYTES, text, false);
    // All bytes at once: how many are right does not show.
    const __m128i equal = _mm_cmpeq_epi8(tag, load(source + GCM_NONCE_BYTES + text));
    if (_mm_movemask_epi8(equal) != 0xffff) burst->lengths[i] = -length;
    source += length;
    target += length;
  }
}

#endif
