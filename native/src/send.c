// The way out: packets of one destination that have one size (the last may be shorter) leave as one message that the
// kernel segments (UDP_SEGMENT); many messages leave in one sendmmsg. Packets that lie side by side need one iovec.

#include "udp.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

// Of one sendmmsg.
#define MESSAGES 64
#define VECTORS 512
// UDP_MAX_SEGMENTS of every kernel that has UDP_SEGMENT; newer ones take more.
#define SEGMENTS 64
// What fits one IP packet of either version.
#define MESSAGE_BYTES 65507

typedef union {
  struct cmsghdr header;
  uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
} control_t;

// Messages on their way into one sendmmsg.
typedef struct {
  struct mmsghdr messages[MESSAGES];
  struct iovec vectors[VECTORS];
  control_t controls[MESSAGES];
  // First packet of each message, and one more for where the next batch begins.
  uint32_t first[MESSAGES + 1];
  // The records of their peers; NULL on a connected socket.
  uint8_t *records[MESSAGES];
  int count;
} batch_t;

// The arguments of send.
typedef struct {
  napi_env env;
  napi_value packets;
  uint32_t total;
  // Of runs of packets with the same peer: where each ends, and the peer's record. Not on a connected socket.
  napi_value ends;
  napi_value records;
  uint32_t run;
  uint32_t run_end;
  uint8_t *record;
} outgoing_t;

static bool is_segmented(const struct mmsghdr *message) { return message->msg_hdr.msg_controllen > 0; }

// Moves on to the run that `packet` is part of. The first run's end is 0 before the first call.
static void find_run(outgoing_t *out, uint32_t packet) {
  if (out->ends == NULL) return;
  while (packet >= out->run_end) {
    napi_value value = NULL;
    napi_get_element(out->env, out->ends, out->run, &value);
    if (napi_get_value_uint32(out->env, value, &out->run_end) != napi_ok) out->run_end = out->total;
    napi_get_element(out->env, out->records, out->run, &value);
    out->record = record_in(out->env, value);
    out->run++;
  }
}

static bool may_segment(const socket_t *socket, const uint8_t *record) {
  if (!socket->segmenting) return false;
  return record == NULL ? socket->route_segmenting : !(record[RECORD_FLAGS] & ROUTE_UNSEGMENTED);
}

static void mark_segmented(batch_t *batch, int index, uint16_t size) {
  struct msghdr *header = &batch->messages[index].msg_hdr;
  control_t *control = &batch->controls[index];
  header->msg_control = control->bytes;
  header->msg_controllen = CMSG_SPACE(sizeof size);
  struct cmsghdr *c = CMSG_FIRSTHDR(header);
  c->cmsg_level = IPPROTO_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN(sizeof size);
  memcpy(CMSG_DATA(c), &size, sizeof size);
}

// Fills a batch with packets from `from` on.
static void fill(const socket_t *socket, outgoing_t *out, uint32_t from, batch_t *batch) {
  int vectors = 0;
  uint32_t packet = from;
  struct msghdr *header = NULL;
  uint32_t segments = 0;
  size_t size = 0, bytes = 0;
  uint32_t run = 0;
  batch->count = 0;
  for (; packet < out->total; packet++) {
    napi_value value;
    size_t length = 0;
    find_run(out, packet);
    if (napi_get_element(out->env, out->packets, packet, &value) != napi_ok) break;
    uint8_t *data = bytes_of(out->env, value, &length);

    // A message goes on as long as all of its packets but the last have one size.
    bool goes_on = header != NULL && run == out->run && segments < SEGMENTS && length > 0 && length <= size &&
                   bytes == segments * size && bytes + length <= MESSAGE_BYTES && may_segment(socket, out->record);
    if (goes_on) {
      struct iovec *last = &batch->vectors[vectors - 1];
      if ((uint8_t *)last->iov_base + last->iov_len == data) {
        last->iov_len += length;
      } else {
        if (vectors == VECTORS) break;
        batch->vectors[vectors++] = (struct iovec){data, length};
        header->msg_iovlen++;
      }
      if (++segments == 2) mark_segmented(batch, batch->count - 1, (uint16_t)size);
      bytes += length;
      continue;
    }

    if (batch->count == MESSAGES || vectors == VECTORS) break;
    int index = batch->count++;
    header = &batch->messages[index].msg_hdr;
    memset(header, 0, sizeof *header);
    batch->vectors[vectors] = (struct iovec){data, length};
    header->msg_iov = &batch->vectors[vectors++];
    header->msg_iovlen = 1;
    batch->first[index] = packet;
    batch->records[index] = out->record;
    if (out->record != NULL) {
      header->msg_name = out->record;
      header->msg_namelen = out->record[RECORD_LENGTH];
    }
    run = out->run;
    segments = 1;
    size = bytes = length;
  }
  batch->first[batch->count] = packet;
}

// Whether a message is to be taken apart because of `error`; if so, notes that for those to come.
static bool desegment(socket_t *socket, const batch_t *batch, int index, int error) {
  if (!is_segmented(&batch->messages[index])) return false;
  uint8_t *record = batch->records[index];
  if (error == EIO) {
    // The device cannot make checksums.
    socket->segmenting = false;
  } else if (error == EMSGSIZE || error == EINVAL) {
    // Segments beyond the MTU of the route (EINVAL before Linux 6.14).
    if (record == NULL) socket->route_segmenting = false;
    else record[RECORD_FLAGS] |= ROUTE_UNSEGMENTED;
  } else {
    return false;
  }
  return true;
}

// Sends a batch. Returns the first packet that is still to be sent; `stopped` says why, if it makes no sense to go on.
static uint32_t transmit(socket_t *socket, batch_t *batch, int32_t *errors, int32_t *stopped) {
  int done = 0;
  bool again = false;
  while (done < batch->count) {
    int sent = sendmmsg(socket->fd, batch->messages + done, batch->count - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      if (again) *errors += 1;
      done += sent;
      again = false;
      continue;
    }
    int error = errno;
    if (error == EINTR) continue;
    if (error == ECONNREFUSED) note_error(socket, error);
    if (error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS) {
      *stopped = error;
      break;
    }
    if (desegment(socket, batch, done, error)) break;
    if (!again) {
      // It may have been about an earlier packet (ECONNREFUSED), and this one was not tried.
      again = true;
      continue;
    }
    again = false;
    note_error(socket, error);
    *errors += (int32_t)(batch->first[done + 1] - batch->first[done]);
    done++;
  }
  return batch->first[done];
}

// send(handle, packets, ends?, records?): returns the first packet that was neither sent nor given up.
napi_value send_packets(napi_env env, napi_callback_info info) {
  size_t argc = 4;
  napi_value args[4];
  napi_get_cb_info(env, info, &argc, args, NULL, NULL);
  uint32_t from = 0;
  outgoing_t out = {.env = env, .packets = args[1]};
  napi_get_array_length(env, args[1], &out.total);
  napi_valuetype type;
  napi_typeof(env, args[2], &type);
  if (type == napi_object) {
    out.ends = args[2];
    out.records = args[3];
  }
  socket_t *socket = socket_of(env, args[0]);
  if (socket == NULL) return number_of(env, (int32_t)out.total);

  int32_t errors = 0, stopped = 0;
  batch_t batch;
  while (from < out.total && stopped == 0) {
    napi_handle_scope scope;
    if (napi_open_handle_scope(env, &scope) != napi_ok) break;
    // What is sent again, in other pieces, may begin in an earlier run.
    out.run = 0;
    out.run_end = 0;
    fill(socket, &out, from, &batch);
    from = batch.count == 0 ? out.total : transmit(socket, &batch, &errors, &stopped);
    napi_close_handle_scope(env, scope);
  }
  socket->environment->report[0] = errors;
  socket->environment->report[1] = stopped;
  report_error(socket);
  return number_of(env, (int32_t)from);
}
