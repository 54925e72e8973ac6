// The way in: one recvmmsg a wake-up into slots, or two where datagrams are small, then one callback, which is lent the slots: the next
// wake-up writes there again.

#include "udp.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

static union {
  struct cmsghdr header;
  uint8_t bytes[CMSG_SPACE(sizeof(int))];
} unused;

// What is taken of a slot.
typedef struct {
  uint32_t offset;
  uint32_t bytes;
  uint32_t segment;
} taken_t;

static const taken_t nothing = {0, 0, UINT32_MAX};

// The bytes of each datagram that UDP_GRO put together; 0 when its size got lost.
static uint32_t segment_of(struct msghdr *header, uint32_t length) {
  if (header->msg_flags & MSG_CTRUNC) return 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
    if (c->cmsg_level != IPPROTO_UDP || c->cmsg_type != UDP_GRO) continue;
    int size;
    memcpy(&size, CMSG_DATA(c), sizeof size);
    return size > 0 ? (uint32_t)size : 0;
  }
  return length;
}

// Leaves out, and counts, what is truncated, what has lost its size, and what is too long for any MTU.
static taken_t sort_out(struct mmsghdr *message, int *errors) {
  uint32_t length = message->msg_len;
  uint32_t segment = segment_of(&message->msg_hdr, length);
  if ((message->msg_hdr.msg_flags & MSG_TRUNC) || (segment == 0 && length > 0)) {
    *errors += 1;
    return nothing;
  }
  if (segment <= DATAGRAM_MAX) return (taken_t){0, length, segment};
  *errors += (int)(length / segment);
  // The last of those that came together may be shorter than the others.
  uint32_t last = length % segment;
  if (last > DATAGRAM_MAX) *errors += 1;
  if (last == 0 || last > DATAGRAM_MAX) return nothing;
  return (taken_t){length - last, last, last};
}

// Whoever has a view of them may have transferred them to somewhere else.
static bool has_slots(napi_env env, const environment_t *environment, napi_value *buffer) {
  bool detached = true;
  if (environment->slots_ref != NULL && napi_get_reference_value(env, environment->slots_ref, buffer) == napi_ok) {
    napi_is_detached_arraybuffer(env, *buffer, &detached);
  }
  return !detached;
}

bool make_slots(napi_env env, environment_t *environment, napi_value *buffer) {
  void *memory;
  if (has_slots(env, environment, buffer)) return true;
  if (napi_create_arraybuffer(env, (size_t)SLOTS * SLOT_BYTES, &memory, buffer) != napi_ok) return false;
  if (environment->slots_ref != NULL) napi_delete_reference(env, environment->slots_ref);
  environment->slots_ref = NULL;
  if (napi_create_reference(env, *buffer, 1, &environment->slots_ref) != napi_ok) return false;
  environment->slots = memory;
  return true;
}

static void call(socket_t *socket, int count, int errors, bool writable) {
  napi_env env = socket->env;
  napi_value callback, receiver, args[4], result;
  if (napi_get_reference_value(env, socket->callback, &callback) != napi_ok || callback == NULL) return;
  napi_get_global(env, &receiver);
  args[0] = number_of(env, count);
  if (count == 0) napi_get_undefined(env, &args[1]);
  else if (napi_get_reference_value(env, socket->environment->slots_ref, &args[1]) != napi_ok) return;
  args[2] = number_of(env, errors);
  napi_get_boolean(env, writable, &args[3]);
  if (napi_make_callback(env, socket->context, receiver, callback, 4, args, &result) != napi_pending_exception) return;
  napi_value error;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

void note_error(socket_t *socket, int error) {
  if (socket->error != ECONNREFUSED) socket->error = error;
}

void report_error(socket_t *socket) {
  socket->environment->report[2] = socket->error;
  socket->error = 0;
}

// Returns how many messages came.
static int receive(socket_t *socket, struct mmsghdr *messages, int count, int *errors) {
  int received = recvmmsg(socket->fd, messages, (unsigned)count, MSG_DONTWAIT, NULL);
  if (received >= 0) return received;
  // A peer's port is unreachable, say. The next wake-up tries again.
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  *errors += 1;
  note_error(socket, errno);
  return 0;
}

static size_t bytes_received(const struct mmsghdr *messages, int count) {
  size_t bytes = 0;
  for (int i = 0; i < count; i++) bytes += messages[i].msg_len;
  return bytes;
}

void receive_and_call(socket_t *socket, bool readable, bool writable, int errors) {
  environment_t *environment = socket->environment;
  struct mmsghdr messages[SLOTS];
  struct iovec places[SLOTS];
  struct sockaddr_in6 names[SLOTS];
  uint8_t controls[SLOTS][sizeof unused];
  int received = 0;

  napi_handle_scope scope;
  napi_value slots;
  if (napi_open_handle_scope(socket->env, &scope) != napi_ok) return;
  if (readable && make_slots(socket->env, environment, &slots)) {
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < SLOTS; i++) {
      places[i].iov_base = environment->slots + (size_t)i * SLOT_BYTES;
      places[i].iov_len = SLOT_BYTES;
      struct msghdr *header = &messages[i].msg_hdr;
      header->msg_iov = &places[i];
      header->msg_iovlen = 1;
      header->msg_control = controls[i];
      header->msg_controllen = sizeof controls[i];
      if (socket->connected) continue;
      header->msg_name = &names[i];
      header->msg_namelen = sizeof names[i];
    }
    received = receive(socket, messages, FIRST_SLOTS, &errors);
    if (received == FIRST_SLOTS && bytes_received(messages, received) < SLOT_BYTES) {
      received += receive(socket, messages + received, SLOTS - FIRST_SLOTS, &errors);
    }
  }

  int32_t *row = environment->rows;
  int count = 0, previous = -1;
  for (int i = 0; i < received; i++) {
    const taken_t taken = sort_out(&messages[i], &errors);
    if (taken.segment == UINT32_MAX) continue;
    row[0] = (int32_t)((size_t)i * SLOT_BYTES + taken.offset);
    row[1] = (int32_t)taken.bytes;
    row[2] = (int32_t)taken.segment;
    if (!socket->connected) {
      socklen_t length = messages[i].msg_hdr.msg_namelen;
      row[3] = previous >= 0 && messages[previous].msg_hdr.msg_namelen == length &&
               memcmp(&names[previous], &names[i], length) == 0;
      if (!row[3]) memcpy(row + ROW_SOCKADDR, &names[i], sizeof names[i]);
    }
    row += ROW_WORDS;
    previous = i;
    count++;
  }
  report_error(socket);
  if (count > 0 || errors > 0 || writable) call(socket, count, errors, writable);
#ifdef RXKCP_FAULTS
  // Whoever has kept a view of them is to notice.
  if (received > 0 && has_slots(socket->env, environment, &slots)) {
    for (int i = 0; i < received; i++) memset(environment->slots + (size_t)i * SLOT_BYTES, 0xdb, messages[i].msg_len);
  }
#endif
  napi_close_handle_scope(socket->env, scope);
}
