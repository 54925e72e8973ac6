import { filter, type MonoTypeOperatorFunction, map } from 'rxjs';
import type { Burst } from '../src/bytes/burst.ts';
import type { PacketMemory } from '../src/bytes/slab.ts';
import { requireMemory } from '../src/bytes/slab.ts';
import { checkOptions, type OptionNames } from '../src/check.ts';
import type { Cipher } from '../src/core/crypto/cipher.ts';

/** Options of {@link encrypt}. */
export interface EncryptOptions {
  /** Where to write the datagrams: `memory` of the link that they all go to, at once. Default: memory that is not reused. */
  memory?: PacketMemory | undefined;
}

const NAMES: OptionNames<EncryptOptions> = { memory: true };

/**
 * Seals each packet into a datagram.
 *
 * A burst of packets becomes a burst of as many datagrams, in order, at once. Each is `cipher.overhead` bytes longer than its
 * packet: take that off the MTU of the layer above. {@link decrypt} with the same cipher and key undoes it.
 *
 * ```
 * packets    --[a b]----[c]------|
 *            encrypt(cipher)
 * datagrams  --[A B]----[C]------|
 * ```
 *
 * Packets are not changed. Datagrams stay as they are, unless you give `memory`. An empty burst is not passed on. Completion
 * and errors of the source are passed on. An exception of the cipher ends the stream; the ciphers of this library throw only
 * what their source of randomness throws.
 *
 * @example
 * const cipher = aesGcm(key);
 * messages.pipe(transmit, encrypt(cipher)).subscribe(link.outgoing);
 *
 * @param cipher any {@link Cipher}: one of this library, or your own.
 * @param options see {@link EncryptOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 * @see kcp-go sess.go (UDPSession.postProcess).
 */
export function encrypt(cipher: Cipher, options: EncryptOptions = {}): MonoTypeOperatorFunction<Burst> {
  checkOptions(options, NAMES);
  const { memory } = options;
  if (memory !== undefined) requireMemory('memory', memory);
  return (source) =>
    source.pipe(
      filter((packets) => packets.length > 0),
      map((packets) => cipher.seal(packets, memory)),
    );
}
