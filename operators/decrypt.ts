import type { Burst } from '../src/bytes/burst.ts';
import { lentMemory } from '../src/bytes/lent-memory.ts';
import { checkOptions, type OptionNames, requireFunction } from '../src/check.ts';
import type { Cipher } from '../src/core/crypto/cipher.ts';
import { openIntact } from '../src/core/crypto/open-intact.ts';
import { type MonoTypeOperatorFunction, Observable } from '../src/rx/rxjs.ts';
import { subscribeWithin } from '../src/rx/subscribe-within.ts';

/** Options of {@link decrypt}. */
export interface DecryptOptions {
  /** Called, before the rest of a burst is passed on, with the number of its datagrams that were dropped, if any were. */
  dropped?: ((count: number) => void) | undefined;
}

const NAMES: OptionNames<DecryptOptions> = { dropped: true };

/**
 * Decrypts each datagram and drops any that fail the check.
 *
 * A datagram is dropped if it is too short, if it was sealed with another key or cipher, if it was damaged (with an AEAD also if it
 * was tampered with), or if the cipher throws at it. The only report is the `dropped` callback: anyone can send garbage to a socket. A burst of
 * which nothing is left is not passed on.
 *
 * ```
 * datagrams  --[A B]----[?]----[C ?]-----|
 *            decrypt(cipher)
 * packets    --[a b]-----------[c]-------|
 * dropped               1      1
 * ```
 *
 * Datagrams are not changed. Packets are lent to the subscriber for the duration of `next`: copy what you keep. Completion
 * and errors of the source are passed on. An exception of `dropped` ends the stream with that error.
 *
 * @example
 * const cipher = aesGcm(key);
 * link.incoming.pipe(decrypt(cipher), receive).subscribe(message => console.log(message));
 *
 * @param cipher any {@link Cipher}: one of this library, or your own.
 * @param options see {@link DecryptOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 * @see kcp-go sess.go (UDPSession.packetInput).
 */
export function decrypt(cipher: Cipher, options: DecryptOptions = {}): MonoTypeOperatorFunction<Burst> {
  checkOptions(options, NAMES);
  const { dropped } = options;
  if (dropped !== undefined) requireFunction('dropped', dropped);
  return opened(cipher, dropped);
}

/** {@link decrypt} with options that are checked. @internal */
export function opened(
  cipher: Cipher,
  dropped: ((count: number) => void) | undefined,
): MonoTypeOperatorFunction<Burst> {
  return (source) =>
    new Observable((subscriber) => {
      subscribeWithin(
        source,
        subscriber,
        {
          next: (datagrams) => {
            const mark = lentMemory.offset;
            try {
              const packets = openIntact(cipher, datagrams);
              if (packets.length < datagrams.length) dropped?.(datagrams.length - packets.length);
              if (packets.length > 0) subscriber.next(packets);
            } finally {
              lentMemory.release(mark);
            }
          },
        },
        subscriber,
      );
    });
}
