// Ciphers as JavaScript has them: made, given bursts, checked. No length or place that comes from there is trusted.

#define _GNU_SOURCE

#include "cipher.h"

#include "../udp.h"

// What is in the memory for bursts, in bytes: src/crypto/node/native-cipher.ts says the same.
enum {
  MAX_DATAGRAMS = 256,
  NONCES_AT = 4 * MAX_DATAGRAMS,
  DATAGRAMS_AT = NONCES_AT + NONCE_BYTES * MAX_DATAGRAMS,
  DATAGRAMS_BYTES = 131072,
  MEMORY_BYTES = DATAGRAMS_AT + DATAGRAMS_BYTES + 64,
};

napi_value cipher_memory(napi_env env, napi_callback_info info) {
  (void)info;
  environment_t *environment = environment_of(env);
  napi_value buffer = NULL;
  if (environment->bursts_ref != NULL) {
    napi_get_reference_value(env, environment->bursts_ref, &buffer);
    return buffer;
  }
  void *memory;
  if (napi_create_arraybuffer(env, MEMORY_BYTES, &memory, &buffer) != napi_ok) return NULL;
  if (napi_create_reference(env, buffer, 1, &environment->bursts_ref) != napi_ok) return NULL;
  environment->bursts = memory;
  return buffer;
}

#if RXKCP_CIPHERS

#include <stdlib.h>
#include <string.h>

typedef void transform_t(const void *state, const burst_t *burst);

typedef struct {
  size_t state_bytes;
  size_t overhead;
  size_t nonce_bytes;
  // Of whole datagrams. For AEADs from nonce and packet to datagram, and back.
  transform_t *encrypt;
  transform_t *decrypt;
  bool checksummed;
} format_t;

enum { NONE, XOR, AES_CFB, AES_GCM, SALSA20, TRIPLE_DES, KINDS };

static const format_t FORMATS[KINDS] = {
    [NONE] = {0, HEADER_BYTES, NONCE_BYTES, none_both, none_both, true},
    [XOR] = {sizeof(xor_t), HEADER_BYTES, NONCE_BYTES, xor_both, xor_both, true},
    [AES_CFB] = {sizeof(cfb_t), HEADER_BYTES, NONCE_BYTES, cfb_encrypt, cfb_decrypt, true},
    [AES_GCM] = {sizeof(gcm_t), GCM_OVERHEAD, GCM_NONCE_BYTES, gcm_seal, gcm_open, false},
    [SALSA20] = {sizeof(salsa20_t), HEADER_BYTES, NONCE_BYTES, salsa20_both, salsa20_both, true},
    [TRIPLE_DES] = {sizeof(triple_des_t), HEADER_BYTES, NONCE_BYTES, triple_des_encrypt, triple_des_decrypt, true},
};

typedef struct {
  const format_t *format;
  size_t bytes;
  uint8_t state[] __attribute__((aligned(64)));
} cipher_t;

static void finalize_cipher(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  explicit_bzero(data, ((cipher_t *)data)->bytes);
  free(data);
}

static bool is_supported(void) {
  return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("ssse3") &&
         __builtin_cpu_supports("sse4.1");
}

static bool fill(cipher_t *cipher, int32_t kind, const uint8_t *key, size_t length) {
  const bool is_aes_key = length == 16 || length == 24 || length == 32;
  switch (kind) {
    case NONE: return true;
    case XOR: {
      xor_t *xor = (xor_t *)cipher->state;
      if (length > sizeof xor->pad) return false;
      xor->pad_bytes = length;
      memcpy(xor->pad, key, length);
      return true;
    }
    case AES_CFB:
      if (is_aes_key) cfb_make((cfb_t *)cipher->state, key, length);
      return is_aes_key;
    case AES_GCM:
      if (is_aes_key) gcm_make((gcm_t *)cipher->state, key, length);
      return is_aes_key;
    // Those that are as they come.
    default:
      if (length == cipher->format->state_bytes) memcpy(cipher->state, key, length);
      return length == cipher->format->state_bytes;
  }
}

napi_value make_cipher(napi_env env, napi_callback_info info) {
  size_t argc = 2, length = 0;
  napi_value args[2], handle = NULL;
  int32_t kind = -1;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  napi_get_value_int32(env, args[0], &kind);
  const uint8_t *key = bytes_of(env, args[1], &length);
  if (kind < 0 || kind >= KINDS || !is_supported()) return NULL;
  if (key == NULL && length > 0) return NULL;
  const size_t bytes = (sizeof(cipher_t) + FORMATS[kind].state_bytes + 63) & ~(size_t)63;
  cipher_t *cipher = aligned_alloc(64, bytes);
  if (cipher == NULL) return NULL;
  memset(cipher, 0, bytes);
  cipher->format = &FORMATS[kind];
  cipher->bytes = bytes;
  if (fill(cipher, kind, key, length) &&
      napi_create_external(env, cipher, finalize_cipher, NULL, &handle) == napi_ok)
    return handle;
  finalize_cipher(env, cipher, NULL);
  return NULL;
}

// Arguments of seal and open; false when they are not right.
static bool read_burst(napi_env env, napi_callback_info info, burst_t *burst, const format_t **format, void **state) {
  size_t argc = 4, bytes = 0;
  napi_value args[4];
  void *handle = NULL;
  uint32_t place = 0;
  uint8_t *memory = environment_of(env)->bursts;
  if (napi_get_cb_info(env, info, &argc, args, NULL, NULL) != napi_ok || memory == NULL) return false;
  if (napi_get_value_external(env, args[0], &handle) != napi_ok) return false;
  uint8_t *target = bytes_of(env, args[1], &bytes);
  if (napi_get_value_uint32(env, args[2], &place) != napi_ok) return false;
  if (napi_get_value_uint32(env, args[3], &burst->count) != napi_ok) return false;
  if (target == NULL || place > bytes || burst->count > MAX_DATAGRAMS) return false;
  cipher_t *cipher = handle;
  *format = cipher->format;
  *state = cipher->state;
  burst->source = memory + DATAGRAMS_AT;
  burst->target = target + place;
  burst->lengths = (int32_t *)memory;
  size_t end = 0;
  for (uint32_t i = 0; i < burst->count; i++) {
    const int32_t length = burst->lengths[i];
    if (length < (int32_t)cipher->format->overhead || length > DATAGRAMS_BYTES) return false;
    end += room(length);
  }
  return end <= DATAGRAMS_BYTES && end <= bytes - place;
}

napi_value seal_burst(napi_env env, napi_callback_info info) {
  burst_t burst;
  const format_t *format;
  void *state;
  if (!read_burst(env, info, &burst, &format, &state)) return number_of(env, -1);
  const uint8_t *nonce = environment_of(env)->bursts + NONCES_AT;
  uint8_t *datagram = burst.source;
  for (uint32_t i = 0; i < burst.count; i++) {
    const int32_t length = burst.lengths[i];
    memcpy(datagram, nonce, format->nonce_bytes);
    if (format->checksummed) {
      const uint32_t checksum = crc32_of(datagram + HEADER_BYTES, (size_t)length - HEADER_BYTES);
      memcpy(datagram + NONCE_BYTES, &checksum, sizeof checksum);
    }
    nonce += format->nonce_bytes;
    datagram += room(length);
  }
  format->encrypt(state, &burst);
  return number_of(env, (int32_t)burst.count);
}

napi_value open_burst(napi_env env, napi_callback_info info) {
  burst_t burst;
  const format_t *format;
  void *state;
  if (!read_burst(env, info, &burst, &format, &state)) return number_of(env, -1);
  format->decrypt(state, &burst);
  const uint8_t *datagram = burst.target;
  int32_t intact = 0;
  for (uint32_t i = 0; i < burst.count; i++) {
    const int32_t length = burst.lengths[i];
    if (format->checksummed) {
      uint32_t checksum;
      memcpy(&checksum, datagram + NONCE_BYTES, sizeof checksum);
      if (checksum != crc32_of(datagram + HEADER_BYTES, (size_t)length - HEADER_BYTES)) burst.lengths[i] = -length;
      datagram += room(length);
    }
    if (burst.lengths[i] > 0) intact++;
  }
  return number_of(env, intact);
}

#else

// undefined, and -1.
napi_value make_cipher(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  return NULL;
}

napi_value seal_burst(napi_env env, napi_callback_info info) {
  (void)info;
  return number_of(env, -1);
}

napi_value open_burst(napi_env env, napi_callback_info info) { return seal_burst(env, info); }

#endif
