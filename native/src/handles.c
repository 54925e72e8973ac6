// Handles: externals of JavaScript that stand for something of the addon's. An environment knows those it has made, by their addresses, and of what
// kind each is: what another addon has made is told from them before anything of it is read. (Node-API's own type tags, on objects that wrap something,
// take 150 to 400 ns a call, and a datagram three calls.)

#include "udp.h"

static const char *const MISTAKES[] = {
    [SOCKET_HANDLE] = "the handle is not that of a socket",
    [CIPHER_HANDLE] = "the handle is not that of a cipher",
};

static handle_t **slot_of(environment_t *environment, const void *address) {
  return &environment->handles[((uintptr_t)address >> 6) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - HANDLE_SLOT_BITS)];
}

napi_value make_handle(napi_env env, handle_kind_t kind, handle_t *handle, napi_finalize finalize) {
  environment_t *environment = environment_of(env);
  napi_value external;
  if (napi_create_external(env, handle, finalize, NULL, &external) != napi_ok) return NULL;
  handle_t **slot = slot_of(environment, handle);
  *handle = (handle_t){.environment = environment, .kind = kind, .next = *slot};
  *slot = handle;
  environment->references++;
  return external;
}

void forget_handle(handle_t *handle) {
  handle_t **place = slot_of(handle->environment, handle);
  while (*place != handle) place = &(*place)->next;
  *place = handle->next;
  release_environment(handle->environment);
}

void *data_of(napi_env env, handle_kind_t kind, napi_value value) {
  void *address;
  if (napi_get_value_external(env, value, &address) == napi_ok) {
    handle_t *handle = *slot_of(environment_of(env), address);
    while (handle != NULL && handle != address) handle = handle->next;
    if (handle != NULL && handle->kind == kind) return handle;
  }
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", MISTAKES[kind]);
  return NULL;
}
