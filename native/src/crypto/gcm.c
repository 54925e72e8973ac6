// AES-GCM (NIST SP 800-38D) in kcp-go's datagram, `nonce ciphertext tag`. GHASH is computed as POLYVAL, which is the same in another
// order of bits and needs no shifts (RFC 8452, appendix A); eight blocks are multiplied by eight powers, and reduced at once. With wide vectors
// all blocks of a packet are.

#include "aes.h"

#if RXKCP_CIPHERS

#include <string.h>

// The last is a part of a text that has more blocks than there are powers.
enum { CHUNK = 128, SIDE_BY_SIDE = 9, PART = 1280 };

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
  h = doubled(reversed(h));
  for (int i = GCM_POWERS - 1; i >= 0; i--) {
    gcm->powers[i] = i == GCM_POWERS - 1 ? h : multiplied(gcm->powers[i + 1], h);
  }
}

// H to the power of `exponent`, 1 to GCM_POWERS.
BASE_INLINE __m128i power(const gcm_t *gcm, unsigned exponent) { return gcm->powers[GCM_POWERS - exponent]; }

BASE_INLINE __m128i counter(__m128i nonce, uint32_t value) {
  return _mm_insert_epi32(nonce, (int)__builtin_bswap32(value), 3);
}

// The text between nonce and tag, `length` bytes from `from` to `to`. Returns the tag.
BASE_INLINE __m128i gcm_text(
    const gcm_t *gcm, __m128i nonce, const uint8_t *from, uint8_t *to, size_t length, bool sealing) {
  const size_t bits = 8 * length;
  __m128i hash = _mm_setzero_si128();
  __m128i stream[SIDE_BY_SIDE];
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
      add_product(&sum, hashed, power(gcm, 8 - i));
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
    add_product(&sum, hashed, power(gcm, blocks - i + 1));
  }
  memcpy(to, text, length);
  __m128i lengths = _mm_set_epi64x(0, (long long)bits);
  if (blocks == 0) lengths = _mm_xor_si128(lengths, hash);
  add_product(&sum, lengths, power(gcm, 1));
  return _mm_xor_si128(reversed(reduced(sum)), stream[8]);
}

BASE_INLINE __m128i nonce_at(const uint8_t *datagram) { return _mm_insert_epi32(load(datagram), 0, 3); }

// What gcm_text is, or its twin with wide vectors.
typedef __m128i text_t(const gcm_t *gcm, __m128i nonce, const uint8_t *from, uint8_t *to, size_t length, bool sealing);

BASE_INLINE void each(const gcm_t *gcm, const burst_t *burst, bool sealing, text_t *text_of) {
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    const int32_t length = burst->lengths[i];
    const size_t text = (size_t)length - GCM_OVERHEAD;
    if (sealing) memmove(target, source, GCM_NONCE_BYTES);
    const __m128i tag =
        text_of(gcm, nonce_at(source), source + GCM_NONCE_BYTES, target + GCM_NONCE_BYTES, text, sealing);
    if (sealing) {
      store(target + GCM_NONCE_BYTES + text, tag);
    } else {
      // All bytes at once: how many are right does not show.
      const __m128i equal = _mm_cmpeq_epi8(tag, load(source + GCM_NONCE_BYTES + text));
      if (_mm_movemask_epi8(equal) != 0xffff) burst->lengths[i] = -length;
    }
    source += length;
    target += length;
  }
}

BASE static void narrow(const gcm_t *gcm, const burst_t *burst, bool sealing) {
  each(gcm, burst, sealing, gcm_text);
}

#define WIDE __attribute__((target("aes,pclmul,ssse3,sse4.1," AVX512 ",avx512bw,vaes,vpclmulqdq")))

// Four products side by side.
typedef struct {
  __m512i low, middle, high;
} products_t;

WIDE INLINE void add_products(products_t *sums, __m512i a, __m512i b) {
  sums->low = _mm512_xor_si512(sums->low, _mm512_clmulepi64_epi128(a, b, 0x00));
  sums->high = _mm512_xor_si512(sums->high, _mm512_clmulepi64_epi128(a, b, 0x11));
  // The sum of three.
  sums->middle = _mm512_ternarylogic_epi64(
      sums->middle, _mm512_clmulepi64_epi128(a, b, 0x01), _mm512_clmulepi64_epi128(a, b, 0x10), 0x96);
}

WIDE INLINE __m128i sum_of_four(__m512i x) {
  const __m256i two = _mm256_xor_si256(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));
  return _mm_xor_si128(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
}

WIDE INLINE __m512i wide_reversed(__m512i blocks) {
  const __m128i order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm512_shuffle_epi8(blocks, _mm512_broadcast_i32x4(order));
}

// What goes on from vector to vector.
typedef struct {
  // Nonces, and behind each its counter, in the order of this processor.
  __m512i counters;
  // What the first block is added to.
  __m512i hash;
  products_t sums;
} progress_t;

// `vectors` times four blocks; of the last, and only, one those bytes that are in the mask.
WIDE INLINE void wide_step(const gcm_t *gcm, progress_t *progress, const __m128i *powers, const uint8_t *from,
    uint8_t *to, const int vectors, const __mmask64 mask, bool sealing) {
  const __m512i four = _mm512_broadcast_i32x4(_mm_set_epi32(4, 0, 0, 0));
  const __m512i swap_counter =
      _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  const __m128i *keys = gcm->aes.round_keys;
  const int rounds = gcm->aes.rounds;
  __m512i stream[4];
  __m512i key = _mm512_broadcast_i32x4(keys[0]);
#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++) {
    stream[v] = _mm512_xor_si512(_mm512_shuffle_epi8(progress->counters, swap_counter), key);
    progress->counters = _mm512_add_epi32(progress->counters, four);
  }
  for (int round = 1; round < rounds; round++) {
    key = _mm512_broadcast_i32x4(keys[round]);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) stream[v] = _mm512_aesenc_epi128(stream[v], key);
  }
  key = _mm512_broadcast_i32x4(keys[rounds]);
#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++) {
    const __m512i in = _mm512_maskz_loadu_epi8(mask, from + 64 * v);
    const __m512i out = _mm512_xor_si512(in, _mm512_aesenclast_epi128(stream[v], key));
    _mm512_mask_storeu_epi8(to + 64 * v, mask, out);
    __m512i hashed = wide_reversed(sealing ? _mm512_maskz_mov_epi8(mask, out) : in);
    hashed = _mm512_xor_si512(hashed, progress->hash);
    progress->hash = _mm512_setzero_si512();
    add_products(&progress->sums, hashed, _mm512_loadu_si512(powers + 4 * v));
  }
}

WIDE INLINE __m128i wide_text(
    const gcm_t *gcm, __m128i nonce, const uint8_t *from, uint8_t *to, size_t length, bool sealing) {
  const __m512i zero = _mm512_setzero_si512();
  const __m512i numbers = _mm512_set_epi32(5, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0);
  const size_t bits = 8 * length;
  __m128i mask = counter(nonce, 1);
  aes_encrypt(&gcm->aes, &mask, 1);
  progress_t progress = {_mm512_or_si512(_mm512_broadcast_i32x4(nonce), numbers), zero, {zero, zero, zero}};
  for (;;) {
    const size_t blocks = (length + 15) / 16;
    const bool is_last = blocks < GCM_POWERS;
    size_t bytes = is_last ? length : PART;
    // The lengths, at the end, are a block of their own.
    const __m128i *powers = gcm->powers + GCM_POWERS - (is_last ? blocks + 1 : PART / 16);
    length -= bytes;
    for (; bytes >= 256; bytes -= 256, from += 256, to += 256, powers += 16) {
      wide_step(gcm, &progress, powers, from, to, 4, ~(__mmask64)0, sealing);
    }
    for (; bytes >= 64; bytes -= 64, from += 64, to += 64, powers += 4) {
      wide_step(gcm, &progress, powers, from, to, 1, ~(__mmask64)0, sealing);
    }
    if (bytes > 0) wide_step(gcm, &progress, powers, from, to, 1, ((__mmask64)1 << bytes) - 1, sealing);
    product_t sum = {
        sum_of_four(progress.sums.low), sum_of_four(progress.sums.middle), sum_of_four(progress.sums.high)};
    if (is_last) {
      const __m128i lengths = _mm_xor_si128(_mm_set_epi64x(0, (long long)bits), _mm512_castsi512_si128(progress.hash));
      add_product(&sum, lengths, power(gcm, 1));
      return _mm_xor_si128(reversed(reduced(sum)), mask);
    }
    progress.hash = _mm512_zextsi128_si512(reduced(sum));
    progress.sums = (products_t){zero, zero, zero};
  }
}

WIDE static void wide(const gcm_t *gcm, const burst_t *burst, bool sealing) { each(gcm, burst, sealing, wide_text); }

static void both(const gcm_t *gcm, const burst_t *burst, bool sealing) {
  if (PROCESSOR.avx512bw && PROCESSOR.vaes && PROCESSOR.vpclmulqdq) wide(gcm, burst, sealing);
  else narrow(gcm, burst, sealing);
}

void gcm_seal(const void *state, const burst_t *burst) { both(state, burst, true); }
void gcm_open(const void *state, const burst_t *burst) { both(state, burst, false); }

#endif
