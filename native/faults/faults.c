// System calls that fail when told to, for specs (build/Release/faults/faults.node); never part of what is shipped.

#include "udp.h"

#include "crypto/poly1305.h"

#include <errno.h>
#include <string.h>
#undef sendmmsg
#undef recvmmsg

// What the next calls of each kind do: fail with `error`, as long as `times` lasts; segmented ones only, if so told.
typedef struct {
  int error;
  int times;
  bool segmented_only;
} fault_t;

static __thread fault_t sending, receiving;

// fail(call, errno, times, segmentedOnly): returns how many failures were left of those told before.
napi_value fail_calls(napi_env env, napi_callback_info info) {
  size_t argc = 4;
  napi_value args[4];
  char call[16];
  size_t length;
  fault_t fault = {0};
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  napi_get_value_string_utf8(env, args[0], call, sizeof call, &length);
  napi_get_value_int32(env, args[1], &fault.error);
  napi_get_value_int32(env, args[2], &fault.times);
  napi_get_value_bool(env, args[3], &fault.segmented_only);
  fault_t *told = strcmp(call, "send") == 0 ? &sending : &receiving;
  int left = told->times;
  *told = fault;
  return number_of(env, left);
}

// look(handle, level, option): the value of a socket option.
napi_value look_at_option(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value args[3];
  int32_t level = 0, option = 0, value = 0;
  socklen_t length = sizeof value;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  napi_get_value_int32(env, args[1], &level);
  napi_get_value_int32(env, args[2], &option);
  socket_t *socket = socket_of(env, args[0]);
  if (socket == NULL || getsockopt(socket->fd, level, option, &value, &length) != 0) return NULL;
  return number_of(env, value);
}

// limit(level): see limit_processor. Whether there is such a level on this processor.
napi_value limit_instructions(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value level_of, result = NULL;
  int32_t level = -1;
  napi_get_cb_info(env, info, &argc, &level_of, NULL, NULL);
  napi_get_value_int32(env, level_of, &level);
  bool is_there = level == 0;
#if RXKCP_X86
  is_there = level >= 0 && level <= 4 && limit_processor(level);
#endif
  napi_get_boolean(env, is_there, &result);
  return result;
}

// poly1305(key, blocks, tag): the tag of whole blocks with a one-time key. Whether it was written.
napi_value poly1305_tag(napi_env env, napi_callback_info info) {
  size_t argc = 3, key_bytes = 0, length = 0, tag_bytes = 0;
  napi_value args[3], result = NULL;
  bool is_there = false;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  const uint8_t *key = bytes_of(env, args[0], &key_bytes), *text = bytes_of(env, args[1], &length);
  uint8_t *tag = bytes_of(env, args[2], &tag_bytes);
#if RXKCP_CIPHERS
  is_there = key_bytes == 32 && tag_bytes == 16 && length > 0;
  if (is_there) {
    poly1305_t poly;
    poly1305_begin(&poly, key, text, length / 16);
    poly1305_end(&poly, tag);
  }
#endif
  (void)key, (void)text, (void)tag;
  napi_get_boolean(env, is_there, &result);
  return result;
}

int faulty_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
  if (sending.times == 0) return sendmmsg(fd, messages, count, flags);
  unsigned before = 0;
  while (sending.segmented_only && before < count && messages[before].msg_hdr.msg_controllen == 0) before++;
  // The first message that fails ends the call; those before it are sent.
  if (before > 0) return sendmmsg(fd, messages, before, flags);
  sending.times--;
  errno = sending.error;
  return -1;
}

int faulty_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout) {
  if (receiving.times == 0) return recvmmsg(fd, messages, count, flags, timeout);
  receiving.times--;
  errno = receiving.error;
  return -1;
}
