// Ciphers as JavaScript has them: made, given bursts, checked. No length or place that comes from there is trusted.

#define _GNU_SOURCE

#include "cipher.h"

#include "../udp.h"

// What is in the memory for bursts, in bytes: src/core/crypto/node/native-addon.ts says the same.
enum {
  MAX_DATAGRAMS = 256,
  OFFSETS_AT = 4 * MAX_DATAGRAMS,
  NONCES_AT = 8 * MAX_DATAGRAMS,
  DATAGRAMS_AT = NONCES_AT + NONCE_BYTES * MAX_DATAGRAMS,
  DATAGRAMS_BYTES = 131072,
  MEMORY_BYTES = DATAGRAMS_AT + DATAGRAMS_BYTES,
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

enum {
  NONE, XOR, AES_CFB, AES_GCM, SALSA20, TRIPLE_DES, CHACHA20_POLY1305, TEA, XTEA, BLOWFISH, CAST5, TWOFISH, KINDS
};

static const format_t FORMATS[KINDS] = {
    [NONE] = {0, HEADER_BYTES, NONCE_BYTES, none_both, none_both, true},
    [XOR] = {sizeof(xor_t), HEADER_BYTES, NONCE_BYTES, xor_both, xor_both, true},
    [AES_CFB] = {sizeof(cfb_t), HEADER_BYTES, NONCE_BYTES, cfb_encrypt, cfb_decrypt, true},
    [AES_GCM] = {sizeof(gcm_t), GCM_OVERHEAD, GCM_NONCE_BYTES, gcm_seal, gcm_open, false},
    [SALSA20] = {sizeof(salsa20_t), HEADER_BYTES, NONCE_BYTES, salsa20_both, salsa20_both, true},
    [TRIPLE_DES] = {sizeof(triple_des_t), HEADER_BYTES, NONCE_BYTES, triple_des_encrypt, triple_des_decrypt, true},
    [CHACHA20_POLY1305] = {sizeof(chacha20_poly1305_t), GCM_OVERHEAD, GCM_NONCE_BYTES, chacha20_poly1305_seal,
        chacha20_poly1305_open, false},
    [TEA] = {sizeof(tea_t), HEADER_BYTES, NONCE_BYTES, tea_encrypt, tea_decrypt, true},
    [XTEA] = {sizeof(xtea_t), HEADER_BYTES, NONCE_BYTES, xtea_encrypt, xtea_decrypt, true},
    [BLOWFISH] = {sizeof(blowfish_t), HEADER_BYTES, NONCE_BYTES, blowfish_encrypt, blowfish_decrypt, true},
    [CAST5] = {sizeof(cast5_t), HEADER_BYTES, NONCE_BYTES, cast5_encrypt, cast5_decrypt, true},
    [TWOFISH] = {sizeof(twofish_t), HEADER_BYTES, NONCE_BYTES, twofish_encrypt, twofish_decrypt, true},
};

typedef struct {
  handle_t handle;
  const format_t *format;
  size_t bytes;
  uint8_t state[] __attribute__((aligned(64)));
} cipher_t;

static void discard(cipher_t *cipher) {
  explicit_bzero(cipher, cipher->bytes);
  free(cipher);
}

static void finalize_cipher(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  cipher_t *cipher = data;
  forget_handle(&cipher->handle);
  discard(cipher);
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
  if (kind < 0 || kind >= KINDS || !PROCESSOR.base) return NULL;
  if (key == NULL && length > 0) return NULL;
  const size_t bytes = (sizeof(cipher_t) + FORMATS[kind].state_bytes + 63) & ~(size_t)63;
  cipher_t *cipher = aligned_alloc(64, bytes);
  if (cipher == NULL) return NULL;
  memset(cipher, 0, bytes);
  cipher->format = &FORMATS[kind];
  cipher->bytes = bytes;
  if (fill(cipher, kind, key, length)) handle = make_handle(env, CIPHER_HANDLE, &cipher->handle, finalize_cipher);
  if (handle != NULL) return handle;
  discard(cipher);
  return NULL;
}

// The arguments of seal and open.
typedef struct {
  const cipher_t *cipher;
  uint8_t *source;
  // NULL: what is opened stays where it is.
  uint8_t *target;
  uint32_t count;
  // Of each: where it lies in the source, and the bytes of its datagram.
  const uint32_t *offsets;
  int32_t *lengths;
  const uint8_t *nonces;
} order_t;

// False when they are not right.
static bool read_order(napi_env env, napi_callback_info info, bool sealing, order_t *order) {
  size_t argc = 5, source_bytes = 0, target_bytes = 0;
  napi_value args[5];
  void *source = NULL;
  uint32_t place = 0;
  uint8_t *memory = environment_of(env)->bursts;
  if (napi_get_cb_info(env, info, &argc, args, NULL, NULL) != napi_ok) return false;
  order->cipher = data_of(env, CIPHER_HANDLE, args[0]);
  if (order->cipher == NULL || memory == NULL) return false;
  if (napi_get_arraybuffer_info(env, args[1], &source, &source_bytes) != napi_ok) return false;
  uint8_t *target = bytes_of(env, args[2], &target_bytes);
  // Nor may lengths and offsets be written over.
  if (target == NULL && (sealing || source == memory)) return false;
  if (napi_get_value_uint32(env, args[3], &place) != napi_ok) return false;
  if (napi_get_value_uint32(env, args[4], &order->count) != napi_ok) return false;
  if (order->count > MAX_DATAGRAMS) return false;
  if (target != NULL && place > target_bytes) return false;
  order->source = source;
  order->target = target == NULL ? NULL : target + place;
  order->lengths = (int32_t *)memory;
  order->offsets = (const uint32_t *)(memory + OFFSETS_AT);
  order->nonces = memory + NONCES_AT;
  const size_t overhead = order->cipher->format->overhead;
  size_t end = 0;
  for (uint32_t i = 0; i < order->count; i++) {
    const int32_t length = order->lengths[i];
    if (length < (int32_t)overhead || length > DATAGRAMS_BYTES) return false;
    const size_t read = (size_t)length - (sealing ? overhead : 0);
    if (order->offsets[i] > source_bytes || read > source_bytes - order->offsets[i]) return false;
    end += (size_t)length;
  }
  return target == NULL || end <= target_bytes - place;
}

// Puts nonce, checksum and packet of datagram `i` where it is to be. Returns its end.
static uint8_t *compose(const order_t *order, uint32_t i, uint8_t *datagram) {
  const format_t *format = order->cipher->format;
  const size_t length = (size_t)order->lengths[i];
  uint8_t *packet = datagram + (format->checksummed ? HEADER_BYTES : format->nonce_bytes);
  const size_t bytes = length - format->overhead;
  memcpy(datagram, order->nonces + i * format->nonce_bytes, format->nonce_bytes);
  if (bytes > 0) memcpy(packet, order->source + order->offsets[i], bytes);
  if (format->checksummed) {
    const uint32_t checksum = crc32_of(packet, bytes);
    memcpy(datagram + NONCE_BYTES, &checksum, sizeof checksum);
  }
  return datagram + length;
}

napi_value seal_burst(napi_env env, napi_callback_info info) {
  order_t order;
  if (!read_order(env, info, true, &order)) return number_of(env, -1);
  uint8_t *end = order.target;
  // As many at a time as have chains side by side: they stay in the first cache in between.
  for (uint32_t from = 0; from < order.count; from += LANES) {
    const uint32_t count = order.count - from < LANES ? order.count - from : LANES;
    const burst_t burst = {end, end, order.lengths + from, count};
    for (uint32_t i = from; i < from + count; i++) end = compose(&order, i, end);
    order.cipher->format->encrypt(order.cipher->state, &burst);
  }
  return number_of(env, (int32_t)order.count);
}

napi_value open_burst(napi_env env, napi_callback_info info) {
  order_t order;
  if (!read_order(env, info, false, &order)) return number_of(env, -1);
  const format_t *format = order.cipher->format;
  size_t place = 0;
  int32_t intact = 0;
  for (uint32_t i = 0; i < order.count; i++) {
    const int32_t length = order.lengths[i];
    uint8_t *source = order.source + order.offsets[i];
    uint8_t *plain = order.target == NULL ? source : order.target + place;
    const burst_t burst = {source, plain, order.lengths + i, 1};
    format->decrypt(order.cipher->state, &burst);
    if (format->checksummed) {
      uint32_t checksum;
      memcpy(&checksum, plain + NONCE_BYTES, sizeof checksum);
      if (checksum != crc32_of(plain + HEADER_BYTES, (size_t)length - HEADER_BYTES)) order.lengths[i] = -length;
    }
    if (order.lengths[i] > 0) intact++;
    place += (size_t)length;
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
