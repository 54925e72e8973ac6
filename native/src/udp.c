// The life of a socket: opened, set up, polled on the loop of its environment, closed; and the exports.

#include "udp.h"

#include "crypto/cipher.h"
#include "fec/product.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

napi_value number_of(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

uint8_t *bytes_of(napi_env env, napi_value value, size_t *length) {
  void *data = NULL;
  *length = 0;
  if (napi_get_typedarray_info(env, value, NULL, length, &data, NULL, NULL) != napi_ok) return NULL;
  return data;
}

uint8_t *record_in(napi_env env, napi_value value) {
  size_t length;
  uint8_t *record = bytes_of(env, value, &length);
  return record != NULL && length >= RECORD_BYTES && record[RECORD_LENGTH] <= RECORD_LENGTH ? record : NULL;
}

environment_t *environment_of(napi_env env) {
  void *environment = NULL;
  napi_get_instance_data(env, &environment);
  return environment;
}

void release_environment(environment_t *environment) {
  if (--environment->references > 0) return;
  free(environment);
}

static void finalize_environment(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  release_environment(data);
}

socket_t *socket_of(napi_env env, napi_value handle) {
  socket_t *socket = data_of(env, SOCKET_HANDLE, handle);
  return socket == NULL || socket->fd < 0 ? NULL : socket;
}

static void release(socket_t *socket) {
  if (--socket->references > 0) return;
  release_environment(socket->environment);
  free(socket);
}

static void on_poll_closed(uv_handle_t *handle) {
  socket_t *socket = handle->data;
  // The last thing: the environment may end now.
  if (socket->hook != NULL) napi_remove_async_cleanup_hook(socket->hook);
  release(socket);
}

// Closes the socket at once, and the poll handle in time.
static void close_socket(socket_t *socket) {
  if (socket->fd < 0) return;
  if (socket->polling) {
    socket->polling = false;
    uv_poll_stop(&socket->poll);
    uv_close((uv_handle_t *)&socket->poll, on_poll_closed);
  }
  close(socket->fd);
  socket->fd = -1;
  if (socket->callback != NULL) napi_delete_reference(socket->env, socket->callback);
  if (socket->context != NULL) napi_async_destroy(socket->env, socket->context);
  socket->callback = NULL;
  socket->context = NULL;
}

// The environment ends: a worker was terminated, or the process exits. It waits until the poll handle is closed.
static void on_environment_end(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  close_socket(data);
}

static void finalize_handle(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  socket_t *socket = data;
  // One that polls is held by its callback; one that never began is nobody's now.
  close_socket(socket);
  forget_handle(&socket->handle);
  release(socket);
}

// create(family): the handle of a new socket, 4 or 6; or a negative errno.
static napi_value create(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value arg;
  int32_t family = 4;
  napi_get_cb_info(env, info, &argc, &arg, NULL, NULL);
  napi_get_value_int32(env, arg, &family);
  environment_t *environment = environment_of(env);
  socket_t *made = calloc(1, sizeof *made);
  if (made == NULL) return number_of(env, -ENOMEM);
  made->env = env;
  made->references = 1;
  made->family = family == 6 ? AF_INET6 : AF_INET;
  made->segmenting = made->route_segmenting = true;
  made->fd = socket(made->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made->fd < 0) {
    int error = errno;
    free(made);
    return number_of(env, -error);
  }
  // A kernel without them sends and receives one by one.
  int on = 1, zero = 0;
  socklen_t length = sizeof zero;
  setsockopt(made->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
  if (getsockopt(made->fd, IPPROTO_UDP, UDP_SEGMENT, &zero, &length) != 0) made->segmenting = false;
  // Else the setting of the system would decide whether IPv4 may come here.
  int off = 0;
  if (made->family == AF_INET6) setsockopt(made->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  made->environment = environment;
  environment->references++;
  napi_value handle = make_handle(env, SOCKET_HANDLE, &made->handle, finalize_handle);
  if (handle != NULL) return handle;
  close_socket(made);
  release(made);
  return number_of(env, -ENOMEM);
}

// bind(handle, record) and connect(handle, record): 0, or a negative errno.
static napi_value name_socket(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value args[2];
  void *connecting = NULL;
  napi_get_cb_info(env, info, &argc, args, NULL, &connecting);
  socket_t *socket = socket_of(env, args[0]);
  const uint8_t *record = record_in(env, args[1]);
  if (socket == NULL || record == NULL) return number_of(env, -EINVAL);
  const struct sockaddr *name = (const struct sockaddr *)record;
  int result = connecting == NULL ? bind(socket->fd, name, record[RECORD_LENGTH])
                                  : connect(socket->fd, name, record[RECORD_LENGTH]);
  if (result != 0) return number_of(env, -errno);
  if (connecting != NULL) socket->connected = true;
  return number_of(env, 0);
}

static int set_int(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value) == 0 ? 0 : -errno;
}

// A buffer of `size` bytes: beyond the system's limit if we may, else as much as it grants.
static int set_buffer(int fd, int option, int forced, int size) {
  if (set_int(fd, SOL_SOCKET, forced, size) == 0) return 0;
  return set_int(fd, SOL_SOCKET, option, size);
}

// Both versions of IP can leave a socket of IPv6.
static int set_both(const socket_t *socket, int v4, int v6, int value) {
  int result = set_int(socket->fd, IPPROTO_IP, v4, value);
  return socket->family == AF_INET6 ? set_int(socket->fd, IPPROTO_IPV6, v6, value) : result;
}

// set(handle, option, value): 0, or a negative errno. For the numbers of options see addon.ts.
static napi_value set_option(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value args[3];
  int32_t option = -1, value = 0;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  socket_t *socket = socket_of(env, args[0]);
  napi_get_value_int32(env, args[1], &option);
  napi_get_value_int32(env, args[2], &value);
  if (socket == NULL) return number_of(env, -EBADF);
  int fd = socket->fd;
  switch (option) {
    case 0: return number_of(env, set_int(fd, SOL_SOCKET, SO_REUSEPORT, value));
    case 1: return number_of(env, set_buffer(fd, SO_RCVBUF, SO_RCVBUFFORCE, value));
    case 2: return number_of(env, set_buffer(fd, SO_SNDBUF, SO_SNDBUFFORCE, value));
    case 3: return number_of(env, set_both(socket, IP_TOS, IPV6_TCLASS, value));
    case 4: return number_of(env, set_both(socket, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, IP_PMTUDISC_DO));
    default: return number_of(env, -EINVAL);
  }
}

static void on_poll(uv_poll_t *handle, int status, int events) {
  socket_t *socket = handle->data;
  int errors = 0;
  if (status < 0) {
    // libuv has seen POLLERR and stopped. An error is about a datagram (a port unreachable): read it off, go on.
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(socket->fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error != 0) {
      errors++;
      note_error(socket, error);
    }
    uv_poll_start(&socket->poll, socket->events, on_poll);
    events = socket->events;
  }
  receive_and_call(socket, events & UV_READABLE, events & UV_WRITABLE, errors);
}

// start(handle, callback): from now on callback(rows, slots, errors, writable) is called at each wake-up; what is in the slots
// is gone when it returns. 0 or an errno.
static napi_value start(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value args[2], name, slots;
  uv_loop_t *loop;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  socket_t *socket = socket_of(env, args[0]);
  if (socket == NULL || socket->polling) return number_of(env, -EBADF);
  environment_t *environment = socket->environment;
  if (!make_slots(env, environment, &slots)) return number_of(env, -ENOMEM);
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return number_of(env, -EINVAL);
  int result = uv_poll_init_socket(loop, &socket->poll, socket->fd);
  if (result != 0) return number_of(env, result);
  socket->poll.data = socket;
  socket->polling = true;
  socket->references++;
  socket->events = UV_READABLE;
  napi_create_reference(env, args[1], 1, &socket->callback);
  napi_create_string_utf8(env, "rxkcp.udp", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, NULL, name, &socket->context);
  napi_add_async_cleanup_hook(env, on_environment_end, socket, &socket->hook);
  return number_of(env, uv_poll_start(&socket->poll, socket->events, on_poll));
}

// want(handle, writable): whether the callback is to be called when there is room to send, too.
static napi_value want_writable(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value args[2];
  bool wanted = false;
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  socket_t *socket = socket_of(env, args[0]);
  napi_get_value_bool(env, args[1], &wanted);
  if (socket == NULL || !socket->polling) return NULL;
  socket->events = UV_READABLE | (wanted ? UV_WRITABLE : 0);
  uv_poll_start(&socket->poll, socket->events, on_poll);
  return NULL;
}

static napi_value close_handle(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value handle;
  napi_get_cb_info(env, info, &argc, &handle, NULL, NULL);
  socket_t *socket = socket_of(env, handle);
  if (socket != NULL) close_socket(socket);
  return NULL;
}

static int32_t *make_words(napi_env env, napi_value exports, const char *name, size_t words, napi_ref *reference) {
  napi_value buffer, array;
  void *memory;
  if (napi_create_arraybuffer(env, words * sizeof(int32_t), &memory, &buffer) != napi_ok) return NULL;
  if (napi_create_typedarray(env, napi_int32_array, words, buffer, 0, &array) != napi_ok) return NULL;
  if (napi_create_reference(env, buffer, 1, reference) != napi_ok) return NULL;
  napi_set_named_property(env, exports, name, array);
  return memory;
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback function, void *data) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, data, &value);
  napi_set_named_property(env, exports, name, value);
}

NAPI_MODULE_INIT() {
  environment_t *environment = calloc(1, sizeof *environment);
  if (environment == NULL) return NULL;
  environment->references = 1;
  environment->rows = make_words(env, exports, "rows", SLOTS * ROW_WORDS, &environment->rows_ref);
  environment->report = make_words(env, exports, "report", 3, &environment->report_ref);
  if (environment->rows == NULL || environment->report == NULL) {
    free(environment);
    return NULL;
  }
  napi_set_instance_data(env, environment, finalize_environment, NULL);
  export_function(env, exports, "create", create, NULL);
  export_function(env, exports, "bind", name_socket, NULL);
  export_function(env, exports, "connect", name_socket, environment);
  export_function(env, exports, "set", set_option, NULL);
  export_function(env, exports, "start", start, NULL);
  export_function(env, exports, "want", want_writable, NULL);
  export_function(env, exports, "send", send_packets, NULL);
  export_function(env, exports, "close", close_handle, NULL);
  export_function(env, exports, "record", record_of, NULL);
  export_function(env, exports, "text", text_of, NULL);
  export_function(env, exports, "address", address_of, NULL);
  export_function(env, exports, "cipherMemory", cipher_memory, NULL);
  export_function(env, exports, "cipher", make_cipher, NULL);
  export_function(env, exports, "seal", seal_burst, NULL);
  export_function(env, exports, "open", open_burst, NULL);
  export_function(env, exports, "multiply", multiply_shards, NULL);
  export_function(env, exports, "multipliesFast", multiplies_fast, NULL);
#ifdef RXKCP_FAULTS
  export_function(env, exports, "fail", fail_calls, NULL);
  export_function(env, exports, "look", look_at_option, NULL);
  export_function(env, exports, "limit", limit_instructions, NULL);
  export_function(env, exports, "poly1305", poly1305_tag, NULL);
#endif
  return exports;
}
