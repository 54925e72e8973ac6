// Addresses: between text and the records (sockaddr, length, flags) that packets are sent to.

#include "udp.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

napi_value make_record(napi_env env, uint8_t **bytes) {
  napi_value buffer, record;
  if (napi_create_arraybuffer(env, RECORD_BYTES, (void **)bytes, &buffer) != napi_ok) return NULL;
  memset(*bytes, 0, RECORD_BYTES);
  if (napi_create_typedarray(env, napi_uint8_array, RECORD_BYTES, buffer, 0, &record) != napi_ok) return NULL;
  return record;
}

// record(text, port): the record of an IP address; undefined for what is none.
napi_value record_of(napi_env env, napi_callback_info info) {
  size_t argc = 2, length = 0;
  napi_value args[2];
  char text[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];
  int32_t port = 0;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  if (napi_get_value_string_utf8(env, args[0], text, sizeof text, &length) != napi_ok) return NULL;
  if (napi_get_value_int32(env, args[1], &port) != napi_ok) return NULL;

  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  bool is_v4 = uv_ip4_addr(text, port, &v4) == 0;
  // Takes a zone (fe80::1%eth0), too.
  if (!is_v4 && uv_ip6_addr(text, port, &v6) != 0) return NULL;
  uint8_t *bytes;
  napi_value record = make_record(env, &bytes);
  if (record == NULL) return NULL;
  bytes[RECORD_LENGTH] = is_v4 ? sizeof v4 : sizeof v6;
  if (is_v4) memcpy(bytes, &v4, sizeof v4);
  else memcpy(bytes, &v6, sizeof v6);
  return record;
}

// text(record): its IP address, spelt as node:dgram does.
napi_value text_of(napi_env env, napi_callback_info info) {
  size_t argc = 1, length = 0;
  napi_value record, result;
  char text[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];
  napi_get_cb_info(env, info, &argc, &record, NULL, NULL);
  uint8_t *bytes = bytes_of(env, record, &length);
  if (bytes == NULL || length < RECORD_LENGTH) return NULL;

  sa_family_t family;
  memcpy(&family, bytes, sizeof family);
  if (family == AF_INET) {
    struct sockaddr_in v4;
    memcpy(&v4, bytes, sizeof v4);
    if (uv_ip4_name(&v4, text, sizeof text) != 0) return NULL;
  } else {
    struct sockaddr_in6 v6;
    memcpy(&v6, bytes, sizeof v6);
    if (uv_ip6_name(&v6, text, INET6_ADDRSTRLEN) != 0) return NULL;
    if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) && v6.sin6_scope_id > 0) {
      char zone[IF_NAMESIZE];
      size_t used = strlen(text);
      if (if_indextoname(v6.sin6_scope_id, zone) != NULL) snprintf(text + used, sizeof text - used, "%%%s", zone);
    }
  }
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result) != napi_ok) return NULL;
  return result;
}

// address(handle): the record of the socket's own address; undefined when it has none.
napi_value address_of(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value handle;
  napi_get_cb_info(env, info, &argc, &handle, NULL, NULL);
  socket_t *socket = socket_of(env, handle);
  if (socket == NULL) return NULL;
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  if (getsockname(socket->fd, (struct sockaddr *)&name, &length) != 0) return NULL;
  uint8_t *bytes;
  napi_value record = make_record(env, &bytes);
  if (record == NULL) return NULL;
  memcpy(bytes, &name, length);
  bytes[RECORD_LENGTH] = (uint8_t)length;
  return record;
}
