import { filter, map, type OperatorFunction } from 'rxjs';
import type { Cipher } from '../src/core/crypto/cipher.ts';
import type { Burst } from '../src/link/link.ts';

/**
 * Secrecy, inbound: opens every datagram, and drops those that are not intact.
 *
 * A datagram is dropped when it is too short, was sealed with another key or cipher, or was damaged; with an AEAD
 * also when somebody tampered with it. Nobody but `dropped` hears of it: anyone can send rubbish to a socket. A burst of which
 * nothing is left is not passed on.
 *
 * ```
 * datagrams  --[A B]----[?]----[C ?]-----|
 *            decrypt(cipher)
 * packets    --[a b]-----------[c]-------|
 * dropped               1       1
 * ```
 *
 * Datagrams are not changed, and packets are the subscriber's, unless they are opened in place. Completion and errors of the source are passed on.
 *
 * @example
 * const cipher = aesGcm(key);
 * link.incoming.pipe(decrypt(cipher), receive).subscribe(message => console.log(message));
 *
 * @param cipher any {@link Cipher}: one of this library, or your own.
 * @param dropped called, before the rest of the burst is passed on, with how many of its datagrams were dropped, if any were.
 * @param inPlace whether the source lends its datagrams (`Link.lends`) or gives them away (`Link.gives`): then they may be opened in place, and
 * packets are lent or given, too. Default false.
 * @see kcp-go sess.go (UDPSession.packetInput).
 */
export function decrypt(
  cipher: Cipher,
  dropped?: (count: number) => void,
  inPlace = false,
): OperatorFunction<Burst, Burst> {
  return (source) =>
    source.pipe(
      map((datagrams) => {
        const packets = cipher.open(datagrams, inPlace);
        const lost = datagrams.length - packets.length;
        if (lost > 0) dropped?.(lost);
        return packets;
      }),
      filter((packets) => packets.length > 0),
    );
}
