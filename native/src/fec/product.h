// The product of a matrix and shards over GF(2^8), modulo x^8 + x^4 + x^3 + x^2 + 1.

#ifndef RXKCP_PRODUCT_H
#define RXKCP_PRODUCT_H

#include <stddef.h>
#include <stdint.h>

#include <node_api.h>

// Inputs and outputs together.
enum { MAX_SHARDS = 256 };
// Outputs that are made in one pass over the inputs, and the unit in which bytes are: each way of multiplying takes whole blocks.
enum { MAX_ROWS = 4, BLOCK = 64 };

// One pass: outputs[r] = the sum over columns c of coefficients[c * rows + r] times inputs[c], `blocks` times 64 bytes of each.
typedef struct {
  const uint8_t *const *inputs;
  // Coefficients as this way of multiplying wants them: a matrix of bits (MATRICES), or the address of its tables (NIBBLES).
  const uint64_t *coefficients;
  uint8_t *const *outputs;
  uint32_t columns;
} pass_t;

typedef void multiply_t(const pass_t *pass, size_t from, size_t blocks);

// A way of multiplying.
typedef struct {
  // For 1 to `most` outputs.
  multiply_t *rows[MAX_ROWS];
  uint32_t most;
  // Whether its coefficients are matrices of bits.
  bool by_matrices;
} multiplier_t;

// The best way for this processor. Byte by byte there is one row at a time.
const multiplier_t *best_multiplier(void);

// For each coefficient its products with 0 to 15, then with 0, 16, ... 240.
extern uint8_t NIBBLES[256][32];
// The matrix of bits that multiplies by it, as GF2P8AFFINEQB wants it.
extern uint64_t MATRICES[256];

// multiply(matrix, inputs, skip, ...shards): 0; -1 when something does not fit, and nothing was done. See src/core/fec/node/native-product.ts.
napi_value multiply_shards(napi_env env, napi_callback_info info);
// multiplies(): whether that is faster here than byte by byte.
napi_value multiplies_fast(napi_env env, napi_callback_info info);

#endif
