// ChaCha20-Poly1305 (RFC 8439) in kcp-go's datagram, `nonce ciphertext tag`, without additional data: 8 or 16 blocks of a packet side by
// side, of which the first is the key of its tag.

#include "poly1305.h"
#include "words.h"

#if RXKCP_CIPHERS

enum { KEY_BLOCK = 64 };

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

__attribute__((target("avx2"))) static void stream_8(
    uint8_t *stream, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
  uint32_t state[16];
  words_t first[16], x[16];
  first_state(state, key, nonce, counter);
  for (int i = 0; i < 16; i++) first[i] = state[i] - (words_t){0};
  first[12] += (words_t){0, 1, 2, 3, 4, 5, 6, 7};
  memcpy(x, first, sizeof x);
#pragma GCC unroll 1
  for (int round = 0; round < 20; round += 2) {
    DOUBLE_ROUND;
  }
  for (int i = 0; i < 16; i++) x[i] += first[i];
  store_transposed(x, stream);
  store_transposed(x + 8, stream + 32);
}

// One after the other.
static void stream_8_any(uint8_t *stream, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
  for (uint32_t block = 0; block < WIDE_BLOCKS; block++, stream += 64) {
    uint32_t first[16], x[16];
    first_state(first, key, nonce, counter + block);
    memcpy(x, first, sizeof x);
#pragma GCC unroll 1
    for (int round = 0; round < 20; round += 2) {
      DOUBLE_ROUND;
    }
    for (int i = 0; i < 16; i++) x[i] += first[i];
    memcpy(stream, x, sizeof x);
  }
}

BY_AVX512 static void stream_16(uint8_t *stream, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
  uint32_t state[16];
  words16_t first[16], x[16];
  first_state(state, key, nonce, counter);
  for (int i = 0; i < 16; i++) first[i] = state[i] - (words16_t){0};
  first[12] += (words16_t){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  memcpy(x, first, sizeof x);
#pragma GCC unroll 1
  for (int round = 0; round < 20; round += 2) {
    DOUBLE_ROUND;
  }
  for (int i = 0; i < 16; i++) x[i] += first[i];
  store_transposed_16(x, stream);
}

// The tag of `length` bytes of ciphertext.
static void tag_of(const uint8_t *key, const uint8_t *text, size_t length, uint8_t *tag) {
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
static bool one(const uint8_t *key, const uint8_t *source, uint8_t *target, size_t length, bool sealing,
    make_stream_t *make_stream, size_t chunk) {
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

static void all(const void *state, const burst_t *burst, bool sealing) {
  const chacha20_poly1305_t *chacha = state;
  const size_t chunk = PROCESSOR.avx512f ? AVX512_CHUNK : WIDE_CHUNK;
  make_stream_t *make_stream = PROCESSOR.avx512f ? stream_16 : PROCESSOR.avx2 ? stream_8 : stream_8_any;
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    const int32_t length = burst->lengths[i];
    if (!one(chacha->key, source, target, (size_t)length, sealing, make_stream, chunk)) burst->lengths[i] = -length;
    source += length;
    target += length;
  }
}

void chacha20_poly1305_seal(const void *state, const burst_t *burst) { all(state, burst, true); }

void chacha20_poly1305_open(const void *state, const burst_t *burst) { all(state, burst, false); }

#endif
