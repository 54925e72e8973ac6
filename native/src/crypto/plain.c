// kcp-go's `xor` and `none`.

#include "aes.h"

#if RXKCP_CIPHERS

#include <string.h>

// What lies beyond the pad stays as it is.
void xor_both(const void *state, const burst_t *burst) {
  const xor_t *xor = state;
  const uint8_t *source = burst->source;
  uint8_t *target = burst->target;
  for (uint32_t i = 0; i < burst->count; i++) {
    const size_t length = (size_t)burst->lengths[i];
    const size_t padded = length < xor->pad_bytes ? length : xor->pad_bytes;
    size_t at = 0;
    for (; at + 16 <= padded; at += 16) {
      const __m128i pad = _mm_loadu_si128((const __m128i *)(xor->pad + at));
      const __m128i in = _mm_loadu_si128((const __m128i *)(source + at));
      _mm_storeu_si128((__m128i *)(target + at), _mm_xor_si128(pad, in));
    }
    for (; at < padded; at++) target[at] = source[at] ^ xor->pad[at];
    if (target != source) memcpy(target + at, source + at, length - at);
    source += length;
    target += length;
  }
}

void none_both(const void *state, const burst_t *burst) {
  (void)state;
  if (burst->target == burst->source) return;
  size_t bytes = 0;
  for (uint32_t i = 0; i < burst->count; i++) bytes += (size_t)burst->lengths[i];
  memcpy(burst->target, burst->source, bytes);
}

#endif
