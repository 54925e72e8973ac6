// ChaCha20-Poly1305 (RFC 8439) in kcp-go's datagram, `nonce ciphertext tag`, without additional data: 8 or 16 blocks of a packet side by
// side, of which the first is the key of its tag.

#include "poly1305.h"
#include "words.h"

#if RXKCP_CIPHERS

enum { KEY_BLOCK = 64, AVX512_CHUNK = 1024 };

#define QUARTER(a, b, c, d)                                \
  x[a] += x[b], x[d] = ROTATED(x[d] ^ x[a], 16);           \
  x[c] += x[d], x[b] = ROTATED(x[b] ^ x[c], 12);           \
  x[a] += x[b], x[d] = ROTATED(x[d] ^ x[a], 8);            \
  x[c] += x[d], x[b] = ROTATED(x[b] ^ x[c], 7)

#define DOUBLE_ROUND    \
  QUARTER(0, 4, 8, 12); \
  QUARTER(1, 5, 9, 13); \
  QUARTER(2, 6, 10, 14); \
  QUARTER(3, 7, 11, 15); \
  QUARTER(0, 5, 10, 15); \
  QUARTER(1, 6, 11, 12); \
  QUARTER(2, 7, 8, 13); \
  QUARTER(3, 4, 9, 14)

INLINE void first_state(uint32_t *state, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
  static const uint32_t CONSTANTS[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  memcpy(state, CONSTANTS, sizeof CONSTANTS);
  memcpy(state + 4, key, 32);
  state[12] = counter;
  memcpy(state + 13, nonce, GCM_NONCE_BYTES);
}

// A way to make keystream: `bytes` of it, at least what one call makes, from block `counter` on.
typedef void make_stream_t(uint8_t *stream, const uint8_t *key, const uint8_t *nonce, uint32_t counter);

INLINE void stream_8(uint8_t *stream, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
  uint32_t state[16];
  words_t first[16], x[16];
  first_state(state, key, nonce, counter);
  for (int i = 0; i < 16; i++) first[i] = state[i] - (words_t){0};
  first[12] += (words_t){0, 1, 2, 3, 4, 5, 6, 7};
  memcpy(x, first, sizeof x);
  for (int round = 0; round < 20; round += 2) {
    DOUBLE_ROUND;
  }
  for (int i = 0; i < 16; i++) x[i] += first[i];
  store_transposed(x, stream);
  store_transposed(x + 8, stream + 32);
}

#define BY_AVX512 __attribute__((target(AVX512)))
typedef uint32_t words16_t __attribute__((vector_size(64)));

BY_AVX512 INLINE void stream_16(uint8_t *stream, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
  uint32_t state[16];
  words16_t first[16], x[16];
  first_state(state, key, nonce, counter);
  for (int i = 0; i < 16; i++) first[i] = state[i] - (words16_t){0};
  first[12] += (words16_t){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  memcpy(x, first, sizeof x);
  for (int round = 0; round < 20; round += 2) {
    DOUBLE_ROUND;
  }
  __m512i a[16], b[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) {
    x[i] += first[i];
    memcpy(&a[i], &x[i], sizeof a[i]);
  }
  // Transposed: pairs of words, of pairs, of fours, of eights.
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
    b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
    a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
    a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
    a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    const __m512i even_low = _mm512_shuffle_i32x4(a[i], a[i + 4], 0x88), odd_low = _mm512_shuffle_i32x4(a[i], a[i + 4], 0xdd);
    const __m512i even_high = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0x88);
    const __m512i odd_high = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0xdd);
    _mm512_storeu_si512(stream + 64 * i, _mm512_shuffle_i32x4(even_low, even_high, 0x88));
    _mm512_storeu_si512(stream + 64 * (i + 4), _mm512_shuffle_i32x4(odd_low, odd_high, 0x88));
    _mm512_storeu_si512(stream + 64 * (i + 8), _mm512_shuffle_i32x4(even_low, even_high, 0xdd));
    _mm512_storeu_si512(stream + 64 * (i + 12), _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd));
  }
}

// The tag of `length` bytes of ciphertext.
INLINE void tag_of(const uint8_t *key, const uint8_t *text, size_t length, uint8_t *tag) {
  poly1305_t poly;
  uint8_t last[32] = {0};
  const size_t blocks = length / 16, rest = length % 16;
  const uint64_t bytes = length;
  poly1305_begin(&poly, key, text, blocks);
  memcpy(last, text + 16 * blocks, rest);
  uint8_t *lengths = rest > 0 ? last + 16 : last;
  memcpy(lengths + 8, &bytes, sizeof bytes);
  poly1305_blocks(&poly, last, rest > 0 ? 2 : 1);
  poly1305_end(&poly, tag);
}

// One datagram. False if it is to be opened and its tag is wrong; then nothing was deciphered.
INLINE bool one(const uint8_t *key, const uint8_t *source, uint8_t *target, size_t length, const bool sealing,
    make_stream_t *make_stream, const size_t chunk) {
  uint8_t stream[AVX512_CHUNK] __attribute__((aligned(64)));
  uint8_t tag[16];
  const size_t end = length - 16;
  const uint8_t *nonce = source;
  make_stream(stream, key, nonce, 0);
  uint8_t tag_key[32];
  memcpy(tag_key, stream, sizeof tag_key);
  if (!sealing) {
    tag_of(tag_key, source + GCM_NONCE_BYTES, end - GCM_NONCE_BYTES, tag);
    const __m128i expected = _mm_loadu_si128((const __m128i *)tag);
    const __m128i equal = _mm_cmpeq_epi8(expected, _mm_loadu_si128((const __m128i *)(source + end)));
    // All bytes at once: how many are right does not show.
    if (_mm_movemask_epi8(equal) != 0xffff) return false;
  }
  uint8_t first_nonce[GCM_NONCE_BYTES];
  memcpy(first_nonce, nonce, sizeof first_nonce);
  memcpy(target, first_nonce, sizeof first_nonce);
  size_t skipped = KEY_BLOCK;
  uint32_t counter = 0;
  for (size_t at = GCM_NONCE_BYTES; at < end;) {
    const size_t bytes = end - at < chunk - skipped ? end - at : chunk - skipped;
    xor_some(target + at, source + at, stream + skipped, bytes);
    at += bytes;
    counter += (uint32_t)(chunk / 64);
    skipped = 0;
    if (at < end) make_stream(stream, key, first_nonce, counter);
  }
  if (sealing) tag_of(tag_key, target + GCM_NONCE_BYTES, end - GCM_NONCE_BYTES, target + end);
  return true;
}

INLINE void all(const void *state, const burst_t *burst, const bool sealing, make_stream_t *make_stream, size_t chunk) {
  const chacha20_poly1305_t *chacha = state;
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    const int32_t length = burst->lengths[i];
    if (!one(chacha->key, source, target, (size_t)length, sealing, make_stream, chunk)) burst->lengths[i] = -length;
    source += length;
    target += length;
  }
}

BY_AVX512 static void by_avx512(const void *state, const burst_t *burst, bool sealing) {
  if (sealing) all(state, burst, true, stream_16, AVX512_CHUNK);
  else all(state, burst, false, stream_16, AVX512_CHUNK);
}

__attribute__((target("avx2"))) static void by_avx2(const void *state, const burst_t *burst, bool sealing) {
  if (sealing) all(state, burst, true, stream_8, WIDE_CHUNK);
  else all(state, burst, false, stream_8, WIDE_CHUNK);
}

static void by_any(const void *state, const burst_t *burst, bool sealing) {
  if (sealing) all(state, burst, true, stream_8, WIDE_CHUNK);
  else all(state, burst, false, stream_8, WIDE_CHUNK);
}

static void both(const void *state, const burst_t *burst, bool sealing) {
  if (PROCESSOR.avx512f) by_avx512(state, burst, sealing);
  else if (PROCESSOR.avx2) by_avx2(state, burst, sealing);
  else by_any(state, burst, sealing);
}

void chacha20_poly1305_seal(const void *state, const burst_t *burst) { both(state, burst, true); }

void chacha20_poly1305_open(const void *state, const burst_t *burst) { both(state, burst, false); }

#endif
