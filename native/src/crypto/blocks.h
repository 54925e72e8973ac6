// Block ciphers in CFB mode, several blocks side by side: what a round looks up has to wait for the round before, which leaves room for other
// blocks. Those that look up take a time that depends on data through the cache, as with OpenSSL and Go.

#ifndef RXKCP_BLOCKS_H
#define RXKCP_BLOCKS_H

#include "cipher.h"

#if RXKCP_CIPHERS

#include <string.h>

// Blocks side by side, and words of a block, at most.
enum { SIDE_BY_SIDE = 4, BLOCK_WORDS = 4 };

// Big-endian words of blocks: word w of block i is x[w][i].
typedef uint32_t blocks_t[BLOCK_WORDS][SIDE_BY_SIDE];

// Encrypts some of them, the same number each time.
typedef void encrypt_t(const void *state, blocks_t x);

#define EACH _Pragma("GCC unroll 4") for (int i = 0; i < n; i++)
#define ALL_WORDS _Pragma("GCC unroll 4") for (int w = 0; w < words; w++)

INLINE uint32_t load_word(const uint8_t *from) {
  uint32_t word;
  memcpy(&word, from, sizeof word);
  return __builtin_bswap32(word);
}

INLINE void store_word(uint8_t *to, uint32_t word) {
  word = __builtin_bswap32(word);
  memcpy(to, &word, sizeof word);
}

INLINE uint32_t rotated(uint32_t word, int by) { return (word << by) | (word >> (32 - by)); }

INLINE void advance_some(const void *state, const burst_t *burst, lanes_t *lanes, int from, size_t steps,
    encrypt_t *encrypt, const int words, const int n) {
  uint8_t *text[SIDE_BY_SIDE];
  blocks_t x;
  EACH {
    text[i] = burst->target + lanes->at[from + i];
    ALL_WORDS x[w][i] = load_word(lanes->stream[from + i] + 4 * w);
  }
  for (; steps > 0; steps--) {
    EACH {
      ALL_WORDS {
        x[w][i] ^= load_word(text[i] + 4 * w);
        store_word(text[i] + 4 * w, x[w][i]);
      }
      text[i] += 4 * words;
    }
    encrypt(state, x);
  }
  EACH ALL_WORDS store_word(lanes->stream[from + i] + 4 * w, x[w][i]);
}

// What encrypt_chains asks for.
INLINE void advance_blocks(const void *state, const burst_t *burst, lanes_t *lanes, int live, size_t steps,
    encrypt_t *encrypt_some, encrypt_t *encrypt_one, const int words, const int some) {
  int from = 0;
  for (; from + some <= live; from += some) advance_some(state, burst, lanes, from, steps, encrypt_some, words, some);
  for (; from < live; from++) advance_some(state, burst, lanes, from, steps, encrypt_one, words, 1);
}

INLINE void decrypt_blocks(const void *state, const burst_t *burst, const uint8_t *first, encrypt_t *encrypt,
    const int words, const int n) {
  const size_t block_bytes = 4 * (size_t)words, chunk = block_bytes * (size_t)n;
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t k = 0; k < burst->count; k++) {
    const size_t length = (size_t)burst->lengths[k];
    // Of the block at hand.
    uint32_t before[BLOCK_WORDS];
    ALL_WORDS before[w] = load_word(first + 4 * w);
    for (size_t at = 0; at < length; at += chunk) {
      uint8_t copy[16 * SIDE_BY_SIDE] = {0}, *to = target + at;
      const uint8_t *from = source + at;
      const size_t bytes = length - at < chunk ? length - at : chunk;
      if (bytes < chunk) {
        memcpy(copy, from, bytes);
        from = to = copy;
      }
      blocks_t x, text;
      EACH ALL_WORDS x[w][i] = text[w][i] = load_word(from + block_bytes * (size_t)i + 4 * w);
      encrypt(state, x);
      EACH ALL_WORDS {
        store_word(to + block_bytes * (size_t)i + 4 * w, text[w][i] ^ before[w]);
        before[w] = x[w][i];
      }
      if (bytes < chunk) memcpy(target + at, copy, bytes);
    }
    source += length;
    target += length;
  }
}

// The functions of a cipher of which `name`, with a constant number of blocks, encrypts blocks of `words` words, `some` of them side by side,
// and `name_t` is the state.
#define CFB_OF(name, words, some)                                                                                \
  __attribute__((noinline)) static void name##_some(const void *state, blocks_t x) { name(state, x, some); }     \
  __attribute__((noinline)) static void name##_one(const void *state, blocks_t x) { name(state, x, 1); }         \
  static void name##_advance(const void *state, const burst_t *burst, lanes_t *lanes, int live, size_t steps) {  \
    advance_blocks(state, burst, lanes, live, steps, name##_some, name##_one, words, some);                      \
  }                                                                                                              \
  void name##_encrypt(const void *state, const burst_t *burst) {                                                 \
    encrypt_chains(state, burst, 4 * (words), ((const name##_t *)state)->first, name##_advance);                 \
  }                                                                                                              \
  void name##_decrypt(const void *state, const burst_t *burst) {                                                 \
    decrypt_blocks(state, burst, ((const name##_t *)state)->first, name##_some, words, some);                    \
  }

#endif
#endif
