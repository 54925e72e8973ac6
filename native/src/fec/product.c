// The product of a matrix and shards where they lie, as JavaScript asks for it: checked, then cut into passes over whole blocks. No length
// that comes from there is trusted.

#define _GNU_SOURCE

#include <stdbool.h>
#include <string.h>

#include "product.h"

#include "../udp.h"

typedef struct {
  const uint8_t *matrix;
  uint32_t columns, rows;
  size_t skip, length;
  const uint8_t *inputs[MAX_SHARDS];
  size_t lengths[MAX_SHARDS];
  uint8_t *outputs[MAX_SHARDS];
} group_t;

enum { MATRIX, COLUMNS, SKIP, SHARDS };

// The bytes of a view, which may be none. False if it is no view.
static bool read_view(napi_env env, napi_value value, uint8_t **bytes, size_t *length) {
  void *data = NULL;
  if (napi_get_typedarray_info(env, value, NULL, length, &data, NULL, NULL) != napi_ok) return false;
  *bytes = data;
  return data != NULL || *length == 0;
}

// False when the arguments are not right.
static bool read_group(napi_env env, napi_callback_info info, group_t *group) {
  size_t argc = SHARDS + MAX_SHARDS, matrix_bytes = 0;
  napi_value args[SHARDS + MAX_SHARDS];
  uint32_t skip = 0;
  if (napi_get_cb_info(env, info, &argc, args, NULL, NULL) != napi_ok) return false;
  // Of more arguments than fit, `argc` is their number.
  if (argc <= SHARDS || argc > SHARDS + MAX_SHARDS) return false;
  const uint32_t shards = (uint32_t)argc - SHARDS;
  uint8_t *view;
  if (!read_view(env, args[MATRIX], &view, &matrix_bytes)) return false;
  group->matrix = view;
  if (napi_get_value_uint32(env, args[COLUMNS], &group->columns) != napi_ok) return false;
  if (napi_get_value_uint32(env, args[SKIP], &skip) != napi_ok) return false;
  if (group->columns == 0 || group->columns >= shards) return false;
  group->rows = shards - group->columns;
  if (matrix_bytes < (size_t)group->rows * group->columns) return false;
  size_t longest = 0;
  for (uint32_t i = 0; i < group->columns; i++) {
    if (!read_view(env, args[SHARDS + i], &view, &group->lengths[i])) return false;
    group->inputs[i] = view;
    if (group->lengths[i] > longest) longest = group->lengths[i];
  }
  for (uint32_t i = 0; i < group->rows; i++) {
    size_t length;
    if (!read_view(env, args[SHARDS + group->columns + i], &group->outputs[i], &length)) return false;
    if (i == 0) group->length = length;
    if (length != group->length) return false;
  }
  group->skip = skip;
  return longest <= group->length && group->skip <= group->length;
}

// A part of the group in which each input that counts has all bytes.
typedef struct {
  // Which inputs, and where the part is in each of them and of the outputs.
  uint32_t columns;
  uint8_t column[MAX_SHARDS];
  const uint8_t *inputs[MAX_SHARDS];
  uint8_t *outputs[MAX_SHARDS];
} part_t;

// `bytes` of a part, at least a block, or else a block of which the rest means nothing.
static void multiply_part(const group_t *group, const multiplier_t *multiplier, const part_t *part, size_t bytes) {
  uint64_t coefficients[MAX_ROWS * MAX_SHARDS];
  const size_t blocks = bytes < BLOCK ? 1 : bytes / BLOCK;
  // As few passes as there can be, with as equal numbers of rows.
  uint32_t row = 0;
  for (uint32_t passes = (group->rows + multiplier->most - 1) / multiplier->most; passes > 0; passes--) {
    const uint32_t rows = (group->rows - row + passes - 1) / passes;
    for (uint32_t r = 0; r < rows; r++) {
      const uint8_t *of_row = group->matrix + (size_t)(row + r) * group->columns;
      for (uint32_t c = 0; c < part->columns; c++) {
        const uint8_t coefficient = of_row[part->column[c]];
        coefficients[c * rows + r] =
            multiplier->by_matrices ? MATRICES[coefficient] : (uint64_t)(uintptr_t)NIBBLES[coefficient];
      }
    }
    const pass_t pass = {part->inputs, coefficients, part->outputs + row, part->columns};
    multiplier->rows[rows - 1](&pass, 0, blocks);
    // The last block once more, but for what of it was done: outputs are no inputs.
    if (bytes > BLOCK * blocks) multiplier->rows[rows - 1](&pass, bytes - BLOCK, 1);
    row += rows;
  }
}

// Less than a block up to where the next input ends: one with zeros in the place of what is not there. Returns how many bytes of it were wanted.
static size_t multiply_block(const group_t *group, const multiplier_t *multiplier, part_t *part, size_t at) {
  uint8_t copies[MAX_SHARDS][BLOCK] __attribute__((aligned(BLOCK)));
  uint8_t(*results)[BLOCK] = copies + part->columns;
  const size_t bytes = group->length - at < BLOCK ? group->length - at : BLOCK;
  for (uint32_t c = 0; c < part->columns; c++) {
    const size_t there = group->lengths[part->column[c]] - at;
    if (there >= BLOCK) continue;
    memset(copies[c], 0, BLOCK);
    memcpy(copies[c], part->inputs[c], there);
    part->inputs[c] = copies[c];
  }
  for (uint32_t r = 0; bytes < BLOCK && r < group->rows; r++) part->outputs[r] = results[r];
  multiply_part(group, multiplier, part, bytes);
  for (uint32_t r = 0; bytes < BLOCK && r < group->rows; r++) memcpy(group->outputs[r] + at, results[r], bytes);
  return bytes;
}

static void multiply_group(const group_t *group, const multiplier_t *multiplier) {
  part_t part;
  for (size_t at = group->skip; at < group->length;) {
    size_t end = group->length;
    part.columns = 0;
    for (uint32_t i = 0; i < group->columns; i++) {
      if (group->lengths[i] <= at) continue;
      if (group->lengths[i] < end) end = group->lengths[i];
      part.column[part.columns] = (uint8_t)i;
      part.inputs[part.columns++] = group->inputs[i] + at;
    }
    for (uint32_t r = 0; r < group->rows; r++) part.outputs[r] = group->outputs[r] + at;
    if (part.columns == 0) {
      for (uint32_t r = 0; r < group->rows; r++) memset(part.outputs[r], 0, group->length - at);
      return;
    }
    if (end - at >= BLOCK) {
      multiply_part(group, multiplier, &part, end - at);
      at = end;
    } else {
      at += multiply_block(group, multiplier, &part, at);
    }
  }
}

napi_value multiply_shards(napi_env env, napi_callback_info info) {
  group_t group;
  if (!read_group(env, info, &group)) return number_of(env, -1);
  multiply_group(&group, best_multiplier());
  return number_of(env, 0);
}

napi_value multiplies_fast(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result = NULL;
  napi_get_boolean(env, best_multiplier()->most > 1, &result);
  return result;
}
