// Handles of sockets and ciphers.

#ifndef RXKCP_HANDLES_H
#define RXKCP_HANDLES_H

#include <node_api.h>

// An environment has 2 to this power lists of handles.
#define HANDLE_SLOT_BITS 10

typedef enum { SOCKET_HANDLE, CIPHER_HANDLE } handle_kind_t;

// The first member of what a handle stands for.
typedef struct handle {
  struct environment *environment;
  handle_kind_t kind;
  // In the list of its slot.
  struct handle *next;
} handle_t;

// The external that stands for what `handle` begins. `finalize` calls forget_handle. NULL if there is no memory; then nothing was done.
napi_value make_handle(napi_env env, handle_kind_t kind, handle_t *handle, napi_finalize finalize);
// To be called when the external is collected. The environment may be gone after it.
void forget_handle(handle_t *handle);
// What `value` stands for. NULL, and a TypeError is pending, if it is not a handle of that kind.
void *data_of(napi_env env, handle_kind_t kind, napi_value value);

#endif
