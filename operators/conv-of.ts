import { convOf as signedConvOf } from '../src/core/conversation.ts';

/**
 * Reads the conversation id of a datagram, with or without FEC framing.
 *
 * For servers from parts: it says which session of a peer a datagram is for, before anything is kept about the peer. The datagram has
 * to be decrypted. Nothing in it is authenticated by this: a datagram of random bytes has an id, too.
 *
 * ```
 * KCP packet                [conv ········ ]          conv
 * FEC data, or out-of-band  [FEC header][conv ··· ]   conv
 * FEC parity                [FEC header][conv ··· ]   conv: what all packets of a group have in common is in its parity, too
 * ```
 *
 * @example
 * link.incoming.pipe(map((burst) => burst.map(convOf)))
 *
 * @param datagram one datagram; it is only read.
 * @returns 0 … 4294967295; `undefined` for a datagram that is too short for a header.
 * @see kcp-go sess.go, Listener.packetInput.
 */
export function convOf(datagram: Uint8Array): number | undefined {
  const conv = signedConvOf(datagram);
  return conv === undefined ? undefined : conv >>> 0;
}
