// Ciphers on bursts of datagrams, for processors of the x86-64 kind with AES and carry-less multiplication.

#ifndef RXKCP_CIPHER_H
#define RXKCP_CIPHER_H

#include <node_api.h>

#include "../processor.h"

// kcp-go's header in front of a packet (wire.md, section 1), and its nonce.
enum { HEADER_BYTES = 20, NONCE_BYTES = 16 };

#if RXKCP_X86
#define RXKCP_CIPHERS 1

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a processor must have for any of this, and the functions that need it.
#define BASE __attribute__((target("aes,pclmul,ssse3,sse4.1")))
#define BASE_INLINE BASE __attribute__((always_inline)) static inline

// Datagrams that lie one behind the other, in the target as in the source. The two are the same, or do not overlap. To be encrypted
// they lie in the target already.
typedef struct {
  const uint8_t *source;
  uint8_t *target;
  // Bytes of each datagram, checked: HEADER_BYTES or what the format's overhead is, at the least. Negated if not intact.
  int32_t *lengths;
  uint32_t count;
} burst_t;

// The state of each cipher: what it is made with, and `true` if it can be made of that.
typedef struct {
  size_t pad_bytes;
  uint8_t pad[1536];
} xor_t;

typedef struct {
  __m128i round_keys[15];
  int rounds;
} aes_t;

typedef struct {
  aes_t aes;
  // The first block of keystream.
  __m128i first;
} cfb_t;

// As many powers as a packet has blocks.
enum { GCM_OVERHEAD = 28, GCM_NONCE_BYTES = 12, GCM_POWERS = 96 };

typedef struct {
  aes_t aes;
  // H^GCM_POWERS, ..., H^2, H in the form of POLYVAL, and zeros.
  __m128i powers[GCM_POWERS + 4];
} gcm_t;

typedef struct {
  uint8_t key[32];
} salsa20_t;

typedef struct {
  uint8_t key[32];
} chacha20_poly1305_t;

typedef struct {
  // S-boxes and P in one, 8 of 64 words; two words of subkey a round.
  uint32_t boxes[512];
  uint32_t subkeys[96];
  uint8_t first[8];
} triple_des_t;

typedef struct {
  uint32_t key[4];
  uint8_t first[8];
} tea_t;

typedef struct {
  // The sum plus its key word, for each round.
  uint32_t schedule[64];
  uint8_t first[8];
} xtea_t;

typedef struct {
  uint32_t subkeys[18];
  uint32_t boxes[1024];
  uint8_t first[8];
} blowfish_t;

typedef struct {
  uint32_t boxes[1024];
  uint32_t masks[16];
  uint32_t rotations[16];
  uint8_t first[8];
} cast5_t;

typedef struct {
  uint32_t subkeys[40];
  uint32_t boxes[1024];
  uint8_t first[16];
} twofish_t;

// Key of 16, 24 or 32 bytes.
void aes_expand(aes_t *aes, const uint8_t *key, size_t key_bytes);

// The transforms of kcp-go's plain ciphers, over the whole datagrams.
void xor_both(const void *state, const burst_t *burst);
void none_both(const void *state, const burst_t *burst);
void cfb_encrypt(const void *state, const burst_t *burst);
void cfb_decrypt(const void *state, const burst_t *burst);
void salsa20_both(const void *state, const burst_t *burst);
void triple_des_encrypt(const void *state, const burst_t *burst);
void triple_des_decrypt(const void *state, const burst_t *burst);
void tea_encrypt(const void *state, const burst_t *burst);
void tea_decrypt(const void *state, const burst_t *burst);
void xtea_encrypt(const void *state, const burst_t *burst);
void xtea_decrypt(const void *state, const burst_t *burst);
void blowfish_encrypt(const void *state, const burst_t *burst);
void blowfish_decrypt(const void *state, const burst_t *burst);
void cast5_encrypt(const void *state, const burst_t *burst);
void cast5_decrypt(const void *state, const burst_t *burst);
void twofish_encrypt(const void *state, const burst_t *burst);
void twofish_decrypt(const void *state, const burst_t *burst);

void cfb_make(cfb_t *cfb, const uint8_t *key, size_t key_bytes);
void gcm_make(gcm_t *gcm, const uint8_t *key, size_t key_bytes);
// The nonces are in their places.
void gcm_seal(const void *state, const burst_t *burst);
void gcm_open(const void *state, const burst_t *burst);
void chacha20_poly1305_seal(const void *state, const burst_t *burst);
void chacha20_poly1305_open(const void *state, const burst_t *burst);

// The CRC-32 of IEEE 802.3. 16 bytes in front are read, and make no difference.
uint32_t crc32_of(const uint8_t *bytes, size_t length);

// One chain of blocks for each of some datagrams, several of which go on side by side: for modes where a block waits for
// the one before it.
enum { LANES = 8 };

typedef struct {
  size_t at[LANES];
  // What the next block is XORed with.
  uint8_t stream[LANES][16] __attribute__((aligned(16)));
} lanes_t;

// Encrypts `steps` whole blocks of each of the first `live` lanes, from at[] on, and leaves at[] as it is.
typedef void advance_t(const void *state, const burst_t *burst, lanes_t *lanes, int live, size_t steps);

// Encrypts a burst in CFB mode, in place.
void encrypt_chains(const void *state, const burst_t *burst, size_t block_bytes, const uint8_t *first, advance_t *advance);

// The IV of kcp-go.
extern const uint8_t CFB_IV[16];

#endif

// cipherMemory(): an ArrayBuffer in which bursts are described. cipher(kind, key): a handle; undefined when this machine, or this
// key, does not do. seal and open(handle, source, target, place, count): how many are intact; -1 when places are not right.
napi_value cipher_memory(napi_env env, napi_callback_info info);
napi_value make_cipher(napi_env env, napi_callback_info info);
napi_value seal_burst(napi_env env, napi_callback_info info);
napi_value open_burst(napi_env env, napi_callback_info info);

#endif
