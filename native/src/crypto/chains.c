// Which datagrams' chains go on side by side: as many as there are lanes, until the one that ends first; another takes its place.

#include "cipher.h"

#if RXKCP_CIPHERS

#include <string.h>

const uint8_t CFB_IV[16] = {167, 115, 79, 156, 18, 172, 27, 1, 164, 21, 242, 193, 252, 120, 230, 107};

void encrypt_chains(
    const void *state, const burst_t *burst, size_t block_bytes, const uint8_t *first, advance_t *advance) {
  lanes_t lanes;
  size_t left[LANES];
  size_t next_at = 0;
  uint32_t next = 0;
  int live = 0;
  for (;;) {
    for (; live < LANES && next < burst->count; live++, next++) {
      lanes.at[live] = next_at;
      left[live] = (size_t)burst->lengths[next];
      memcpy(lanes.stream[live], first, block_bytes);
      next_at += (size_t)burst->lengths[next];
    }
    if (live == 0) return;
    size_t steps = SIZE_MAX;
    for (int i = 0; i < live; i++) {
      if (left[i] / block_bytes < steps) steps = left[i] / block_bytes;
    }
    if (steps > 0) advance(state, burst, &lanes, live, steps);
    for (int i = 0; i < live; i++) {
      lanes.at[i] += steps * block_bytes;
      left[i] -= steps * block_bytes;
    }
    // The rest of a block ends a chain, even if nothing is left of it.
    for (int i = 0; i < live;) {
      if (left[i] >= block_bytes) {
        i++;
        continue;
      }
      uint8_t *text = burst->target + lanes.at[i];
      for (size_t k = 0; k < left[i]; k++) text[k] ^= lanes.stream[i][k];
      live--;
      lanes.at[i] = lanes.at[live];
      left[i] = left[live];
      memcpy(lanes.stream[i], lanes.stream[live], sizeof lanes.stream[i]);
    }
  }
}

#endif
