// UDP sockets for rxkcp on Linux: shared declarations. See src/link/udp/native/addon.ts for what JavaScript sees.

#ifndef RXKCP_UDP_H
#define RXKCP_UDP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <node_api.h>
#include <uv.h>

#include "handles.h"

// Not in older headers (linux/udp.h).
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

// Longest datagram that any peer may send (src/limits.ts, DATAGRAM_MAX).
#define DATAGRAM_MAX 1500

// Bytes of a peer's record: a sockaddr of either family, its length, and flags.
#define RECORD_BYTES 32
#define RECORD_LENGTH 28
#define RECORD_FLAGS 29
// In a record's flags: the route to it takes no segmented batches.
#define ROUTE_UNSEGMENTED 1

// What one wake-up takes in at most. A slot holds whatever UDP_GRO may have put together.
#define SLOTS 16
// Slots that are filled first. If they hold trains of datagrams, the rest waits for the next wake-up: the acknowledgements of these let
// the sender go on meanwhile. With 16 trains a wake-up each end waited for the other, and sinks were 7 % slower.
#define FIRST_SLOTS 4
#define SLOT_BYTES 65536
// Words of a row of `rows`: offset, bytes, segment size, whether the peer is that of the row before, then its sockaddr.
#define ROW_WORDS 12
#define ROW_SOCKADDR 4

// What all sockets of one environment (the main thread, or a worker) share.
typedef struct environment {
  // Its own, and one for each handle and each socket.
  int references;
  // All handles, in lists.
  handle_t *handles[1 << HANDLE_SLOT_BITS];
  // What datagrams are received in, an ArrayBuffer: JavaScript has it for the length of a callback.
  napi_ref slots_ref;
  uint8_t *slots;
  // Int32Array of SLOTS rows, read by JavaScript during the callback.
  napi_ref rows_ref;
  int32_t *rows;
  // Int32Array of three: errors met by the last send, and the errno that stopped it, or 0; and the errno that the last send or wake-up
  // has met, or 0.
  napi_ref report_ref;
  int32_t *report;
  // Where bursts are handed to ciphers, as soon as there is one (crypto/cipher.c).
  napi_ref bursts_ref;
  uint8_t *bursts;
} environment_t;

typedef struct {
  handle_t handle;
  environment_t *environment;
  napi_env env;
  // One for the JavaScript handle, one for the poll handle.
  int references;
  int fd;
  int family;
  uv_poll_t poll;
  // The poll handle is the loop's, until its close callback.
  bool polling;
  int events;
  bool connected;
  // What the system has reported and JavaScript is yet to be told: an errno, or 0.
  int error;
  // Whether the system, and what is below it, segments for us.
  bool segmenting;
  // The same for the route of a connected socket.
  bool route_segmenting;
  napi_ref callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
} socket_t;

// Makes sure that there are slots, of which `*buffer` is the ArrayBuffer.
bool make_slots(napi_env env, environment_t *environment, napi_value *buffer);

// Receives what is there and hands it to JavaScript. `errors` were met before.
void receive_and_call(socket_t *socket, bool readable, bool writable, int errors);
// Keeps what the system has reported. That the peer's port is unreachable (ECONNREFUSED) goes before other errors.
void note_error(socket_t *socket, int error);
// Lets JavaScript know what was noted, once.
void report_error(socket_t *socket);

napi_value send_packets(napi_env env, napi_callback_info info);

napi_value record_of(napi_env env, napi_callback_info info);
napi_value text_of(napi_env env, napi_callback_info info);
napi_value address_of(napi_env env, napi_callback_info info);

// The socket of a handle; NULL if it is closed, and for anything else, with a TypeError pending.
socket_t *socket_of(napi_env env, napi_value handle);
environment_t *environment_of(napi_env env);
void release_environment(environment_t *environment);
napi_value number_of(napi_env env, int32_t value);
// The bytes of a Uint8Array; NULL for what is none.
uint8_t *bytes_of(napi_env env, napi_value value, size_t *length);
// The bytes of a record; NULL for what is none.
uint8_t *record_in(napi_env env, napi_value value);
// A fresh record.
napi_value make_record(napi_env env, uint8_t **bytes);

// System calls that specs make fail, and options that they look at (native/faults).
#ifdef RXKCP_FAULTS
napi_value fail_calls(napi_env env, napi_callback_info info);
napi_value look_at_option(napi_env env, napi_callback_info info);
napi_value limit_instructions(napi_env env, napi_callback_info info);
napi_value poly1305_tag(napi_env env, napi_callback_info info);
int faulty_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
int faulty_recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout);
#define sendmmsg faulty_sendmmsg
#define recvmmsg faulty_recvmmsg
#endif

#endif
