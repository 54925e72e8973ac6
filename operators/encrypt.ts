import { filter, map, type OperatorFunction } from 'rxjs';
import type { PacketMemory } from '../src/bytes/slab.ts';
import type { Cipher } from '../src/core/crypto/cipher.ts';
import type { Burst } from '../src/link/link.ts';

/**
 * Secrecy, outbound: seals every packet into a datagram of its own.
 *
 * A burst of packets becomes a burst of as many datagrams, in order, at once. Each is `cipher.overhead` bytes longer than its
 * packet: keep that off the MTU of the layer above. What {@link decrypt} is with the same cipher and key undoes it.
 *
 * ```
 * packets    --[a b]----[c]------|
 *            encrypt(cipher)
 * datagrams  --[A B]----[C]------|
 * ```
 *
 * Packets are not changed; datagrams are the subscriber's. An empty burst is not passed on. Completion and errors
 * of the source are passed on. What the cipher throws ends the stream; the ciphers of this library throw nothing.
 *
 * @example
 * const cipher = aesGcm(key);
 * messages.pipe(transmit, encrypt(cipher)).subscribe(link.outgoing);
 *
 * @param cipher any {@link Cipher}: one of this library, or your own.
 * @param memory a link's `memory`, for datagrams that go to this link and to nobody else. Default: fresh memory.
 * @see kcp-go sess.go (UDPSession.postProcess).
 */
export function encrypt(cipher: Cipher, memory?: PacketMemory): OperatorFunction<Burst, Burst> {
  return (source) =>
    source.pipe(
      filter((packets) => packets.length > 0),
      map((packets) => cipher.seal(packets, memory)),
    );
}
