// kcp-go's `xor` and `none`.

#include "cipher.h"

#if RXKCP_CIPHERS

#include <string.h>

// Wide, since what is written is read at once for its checksum, and a load waits for all stores that it covers.
typedef uint64_t wide_t __attribute__((vector_size(64)));

// What lies beyond the pad stays as it is.
INLINE void xor_all(const xor_t *xor, const burst_t *burst) {
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    const size_t length = (size_t)burst->lengths[i];
    const size_t padded = length < xor->pad_bytes ? length : xor->pad_bytes;
    size_t at = 0;
    for (; at + sizeof(wide_t) <= padded; at += sizeof(wide_t)) {
      wide_t pad, in;
      memcpy(&pad, xor->pad + at, sizeof pad);
      memcpy(&in, source + at, sizeof in);
      in ^= pad;
      memcpy(target + at, &in, sizeof in);
    }
#pragma GCC unroll 1
    for (; at < padded; at++) target[at] = source[at] ^ xor->pad[at];
    if (target != source) memcpy(target + at, source + at, length - at);
    source += length;
    target += length;
  }
}

__attribute__((target(AVX512))) static void xor_avx512(const xor_t *xor, const burst_t *burst) { xor_all(xor, burst); }
__attribute__((target("avx2"))) static void xor_avx2(const xor_t *xor, const burst_t *burst) { xor_all(xor, burst); }

void xor_both(const void *state, const burst_t *burst) {
  if (PROCESSOR.avx512f) xor_avx512(state, burst);
  else if (PROCESSOR.avx2) xor_avx2(state, burst);
  else xor_all(state, burst);
}

void none_both(const void *state, const burst_t *burst) {
  (void)state;
  if (burst->target == burst->source) return;
  size_t bytes = 0;
  for (uint32_t i = 0; i < burst->count; i++) bytes += (size_t)burst->lengths[i];
  memcpy(burst->target, burst->source, bytes);
}

#endif
