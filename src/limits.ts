// Limits that several rooms share.

/** Bytes of the largest datagram, unless said otherwise. */
export const MTU_DEFAULT = 1400;
/** Smallest MTU: a header, and room for some data. */
export const MTU_MIN = 50;
/** Largest MTU: kcp-go cuts off what is longer (sess.go, maxPacketSize; up to v5.6.72 mtuLimit, 1500). */
export const MTU_MAX = 1472;
/** Longest datagram that is received: kcp-go's sessions up to v5.6.72 may send it. */
export const DATAGRAM_MAX = 1500;
/** Largest rate limit, in bytes per second (kcp-go: uint32). */
export const RATE_MAX = 0xffff_ffff;
