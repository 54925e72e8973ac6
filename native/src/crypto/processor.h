// What the processor can do, asked at run time.

#ifndef RXKCP_PROCESSOR_H
#define RXKCP_PROCESSOR_H

#include <stdbool.h>

typedef struct {
  // AES, carry-less multiplication, SSSE3 and SSE4.1: what all ciphers need.
  bool base;
  bool avx2;
  bool avx512f;
  bool avx512vl;
  // Carry-less multiplication of wide vectors.
  bool vpclmulqdq;
} processor_t;

// Asked when the addon is loaded: in a virtual machine each question takes long.
extern processor_t PROCESSOR;

#endif
