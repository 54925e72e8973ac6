// Poly1305 (RFC 8439, section 2.5): a number of 130 bits in limbs of 44, 44 and 42 bits, in time that depends on lengths alone.

#ifndef RXKCP_POLY1305_H
#define RXKCP_POLY1305_H

#include "cipher.h"

#if RXKCP_CIPHERS

// A number modulo 2^130 - 5; limbs may be a little longer.
typedef struct {
  uint64_t limbs[3];
} limbs_t;

typedef struct {
  limbs_t hash, r;
  // What is added at the end.
  uint64_t pad[2];
} poly1305_t;

// With a one-time key of 32 bytes, and the first blocks of 16 bytes.
void poly1305_begin(poly1305_t *poly, const uint8_t *key, const uint8_t *bytes, size_t blocks);
// More of them.
void poly1305_blocks(poly1305_t *poly, const uint8_t *bytes, size_t blocks);
void poly1305_end(const poly1305_t *poly, uint8_t *tag);

#endif
#endif
