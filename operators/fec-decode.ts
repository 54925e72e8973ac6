import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { Burst } from '../src/bytes/burst.ts';
import { requireBoolean, requireFunction } from '../src/check.ts';
import { type FecCounters, FecDecoder } from '../src/core/fec/decoder.ts';
import { fecTypeOf } from '../src/core/fec/header.ts';
import { passOn } from '../src/core/fec/recovered-packet.ts';
import type { FecShape } from '../src/core/fec/shape.ts';
import { requireShape } from '../src/core/fec/shape.ts';
import { Counters } from '../src/counters/counters.ts';
import { subscribeWithin } from '../src/rx/subscribe-within.ts';

/** How to decode; all of it may be left out. */
export interface FecDecodeOptions {
  /** The peer's shape, if it is known. Default: it is found out from the packets. */
  shape?: FecShape | undefined;
  /** Takes the packets that came out of band: conversation, 4 bytes, and payload. The bytes are its own. Default: they are dropped. */
  outOfBand?: ((packet: Uint8Array) => void) | undefined;
  /** Where to count, under kcp-go's names. */
  counters?: FecCounters | undefined;
  /** Whether the source lends its datagrams (`Link.lends`): then packets are lent, too, those out of band included. Default false. */
  lent?: boolean | undefined;
}

/**
 * Forward error correction, inbound: takes packets out of their data shards, and rebuilds those that were lost.
 *
 * What arrives goes up at once, and in the order it arrives. As soon as enough of a group has come in, what is missing of it follows, as
 * {@link RecoveredPacket}: {@link arq} takes neither the peer's window nor a round-trip time from those. Packets without FEC pass through
 * as they are, so that both kinds of peer are understood.
 *
 * ```
 * datagrams  --[A B]----[P]--------[D]----|     C is lost; earlier groups have proven the shape
 *            fecDecode()
 * packets    --[a b]----[c]--------[d]----|
 * ```
 *
 * The shape is the peer's to choose: nothing is rebuilt until its packets have shown that no other is possible, and where packets do not
 * fit what was believed that begins anew. At most three groups behind the newest are kept, copies included 4 × 256 shards of 1500 bytes. A packet
 * more than 64 groups away from the others counts once there are two of them. Each subscription has a state of its own.
 *
 * Datagrams are kept until their group is complete, and are not changed; packets may be views of them. Of lent ones (`lent`) what is kept is
 * copied, and packets are lent in their turn. A burst of which nothing is left is not passed on. Completion and errors of the source are
 * passed on.
 *
 * The mark of a {@link RecoveredPacket} reaches `arq` through a layer in between, if the layer emits one packet for each, in order and
 * at once. It also survives `subarray` and `slice` of a packet, however late. It is lost if a layer makes new bytes and emits them later,
 * or in another number of packets. `arq` then takes round-trip times and windows from those packets, and its RTO gets too long.
 *
 * An exception of `outOfBand` ends the stream with that error.
 *
 * @example
 * link.incoming.pipe(decrypt(cipher), fecDecode(), receive).subscribe(message => console.log(message));
 *
 * @param options see {@link FecDecodeOptions}.
 * @throws OptionError at once, naming the option that is wrong.
 * @see kcp-go fec.go (fecDecoder), autotune.go, sess.go (UDPSession.kcpInput).
 */
export function fecDecode(options: FecDecodeOptions = {}): MonoTypeOperatorFunction<Burst> {
  const { outOfBand = () => {}, counters, lent = false } = options;
  const shape = options.shape && requireShape('shape', options.shape);
  requireFunction('outOfBand', outOfBand);
  requireBoolean('lent', lent);
  return (source) =>
    new Observable((subscriber) => {
      const counts = counters ?? new Counters();
      const decoder = new FecDecoder(shape, counts, outOfBand);
      const emit = (packets: Burst): void => subscriber.next(packets);
      subscribeWithin(source, subscriber, {
        next: (datagrams) => {
          if (!hasFec(datagrams)) {
            if (datagrams.length > 0) passOn(datagrams, false, emit);
            return;
          }
          const packets: Uint8Array[] = [];
          const recovered = counts.FECRecovered;
          for (const datagram of datagrams) decoder.decode(datagram, packets);
          decoder.own(lent);
          if (packets.length > 0) passOn(packets, counts.FECRecovered !== recovered, emit);
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}

function hasFec(datagrams: Burst): boolean {
  for (const datagram of datagrams) if (fecTypeOf(datagram) !== undefined) return true;
  return false;
}
