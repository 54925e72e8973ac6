// Forged openers: UDP datagrams to a port of 127.0.0.1, each from another address of 127.0.0.0/8 and of another conversation.
// Usage: forger PORT PER_SECOND SECONDS. Prints what was sent, and what came back, as JSON.
//
// The source address of a datagram is asked of the system (IP_PKTINFO), which gives any of its loopback addresses: no privilege is needed,
// and nothing can leave the machine.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// Datagrams of one system call.
#define BATCH 64
// One segment of one byte.
#define OPENER 25
#define PUSH 81
#define WINDOW 128
#define ANSWER_MAX 1500

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

// xorshift32.
static uint32_t draw(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

int main(int count, char **words) {
  if (count != 4) return 2;
  double rate = atof(words[2]), seconds = atof(words[3]);
  int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
  if (socket_ < 0) return perror("socket"), 1;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

  static uint8_t openers[BATCH][OPENER];
  static union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
  } controls[BATCH];
  static struct iovec parts[BATCH];
  static struct mmsghdr messages[BATCH];
  for (int i = 0; i < BATCH; i++) {
    openers[i][4] = PUSH;
    openers[i][6] = WINDOW;
    openers[i][20] = 1;
    parts[i] = (struct iovec){openers[i], OPENER};
    controls[i].header = (struct cmsghdr){CMSG_LEN(sizeof(struct in_pktinfo)), IPPROTO_IP, IP_PKTINFO};
    messages[i].msg_hdr = (struct msghdr){&to, sizeof to, &parts[i], 1, &controls[i], sizeof controls[i].bytes, 0};
  }

  // The answers come to the same socket, whatever loopback address they are for.
  static uint8_t answers[BATCH][ANSWER_MAX];
  static struct iovec places[BATCH];
  static struct mmsghdr replies[BATCH];
  for (int i = 0; i < BATCH; i++) {
    places[i] = (struct iovec){answers[i], ANSWER_MAX};
    replies[i].msg_hdr = (struct msghdr){.msg_iov = &places[i], .msg_iovlen = 1};
  }
  int room = 4 << 20;
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);

  uint32_t state = 0x2545f491;
  double begun = now(), elapsed = 0;
  long sent = 0, answered = 0, bytes = 0;
  while ((elapsed = now() - begun) < seconds) {
    for (int came = BATCH; came == BATCH;) {
      came = recvmmsg(socket_, replies, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
      for (int i = 0; i < came; i++, answered++) bytes += replies[i].msg_len;
    }
    if (sent > elapsed * rate) {
      usleep(200);
      continue;
    }
    for (int i = 0; i < BATCH; i++) {
      uint32_t conv = draw(&state), ts = draw(&state);
      memcpy(openers[i], &conv, 4);
      memcpy(openers[i] + 8, &ts, 4);
      struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(&controls[i].header);
      // 127.0.0.0 and 127.255.255.255 are nobody's.
      info->ipi_spec_dst.s_addr = htonl(0x7f000002 + draw(&state) % 0xfffff0);
    }
    int done = sendmmsg(socket_, messages, BATCH, 0);
    if (done > 0) sent += done;
  }
  printf("{\"sent\":%ld,\"bytes\":%ld,\"answers\":%ld,\"answered\":%ld,\"seconds\":%.3f}\n", sent, sent * OPENER, answered, bytes,
         elapsed);
  return 0;
}
