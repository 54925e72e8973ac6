// What the processor can do, asked at run time, and how functions are compiled that need more than every processor of its kind has.

#ifndef RXKCP_PROCESSOR_H
#define RXKCP_PROCESSOR_H

#if defined(__x86_64__) && defined(__GNUC__)
#define RXKCP_X86 1

#include <stdbool.h>

#define INLINE __attribute__((always_inline)) static inline

// Vectors of 512 bits, which some versions of clang call a feature.
#if defined(__clang__) && __clang_major__ >= 18 && __clang_major__ < 22
#define AVX512 "avx512f,evex512"
#else
#define AVX512 "avx512f"
#endif

typedef struct {
  // AES, carry-less multiplication, SSSE3 and SSE4.1: what all ciphers need.
  bool base;
  bool ssse3;
  bool avx2;
  bool avx512f;
  bool avx512bw;
  bool avx512vl;
  // Multiplication of 52 bits.
  bool avx512ifma;
  // Carry-less multiplication, and rounds of AES, of wide vectors.
  bool vpclmulqdq;
  bool vaes;
  // Multiplication by matrices of bits, of wide vectors, too.
  bool gfni;
} processor_t;

// Asked when the addon is loaded: in a virtual machine each question takes long.
extern processor_t PROCESSOR;

// Takes away from PROCESSOR what is above a level: 0 leaves it none of these, 1 `base` and SSSE3, 2 AVX2 as well, 3 all but AVX-512, 4 all. For
// specs; returns whether this processor has anything of the level that the one below has not.
bool limit_processor(int level);

#endif
#endif
