import type { Burst } from '../src/bytes/burst.ts';
import { checkOptions, type OptionNames, requireFunction, requireInteger } from '../src/check.ts';
import { type FecCounters, FecDecoder } from '../src/core/fec/decoder.ts';
import { fecTypeOf } from '../src/core/fec/header.ts';
import { passOn } from '../src/core/fec/recovered-packet.ts';
import { type FecShape, requireShape } from '../src/core/fec/shape.ts';
import { Counters } from '../src/counters/counters.ts';
import { type MonoTypeOperatorFunction, Observable } from '../src/rx/rxjs.ts';
import { noop } from '../src/rx/rxjs-more.ts';
import { subscribeWithin } from '../src/rx/subscribe-within.ts';

/** How to decode; all of it may be left out. */
export interface FecDecodeOptions {
  /** The peer's shape, if you know it. Default: it is determined from the packets. */
  shape?: FecShape | undefined;
  /**
   * The conversation whose packets are protected. 0 … 4294967295. Default: none.
   *
   * Set it if the packets in the datagrams are {@link arq}'s. Shards of another conversation over
   * the same addresses are then never mixed into the groups of this one. Data of another
   * conversation is passed on, and `arq` counts it; its parity is dropped, as is any parity before
   * the first data of this conversation. If a rebuilt packet does not consist of segments of the
   * conversation, all packets rebuilt with it are dropped.
   *
   * Leave it out if another layer, such as compression, lies between `fecDecode` and `arq`. Packets
   * are then no KCP packets, and all shards belong together.
   */
  conv?: number | undefined;
  /**
   * Called with each packet that came out of band, and the seqid of its datagram. The packet
   * consists of the conversation id, 4 bytes, and the payload. It is lent for the duration of the
   * call. Default: these packets are dropped.
   */
  outOfBand?: ((packet: Uint8Array, seqid: number) => void) | undefined;
  /** Where to count, under kcp-go's names. */
  counters?: FecCounters | undefined;
}

const NAMES: OptionNames<FecDecodeOptions> = { shape: true, conv: true, outOfBand: true, counters: true };

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
 * The peer chooses the shape of its groups. Nothing is rebuilt until the packets have shown that no
 * other shape is possible. One packet that does not fit the shape suspends repair until the packets
 * since then have proven the shape again. A second one nearby shows that the peer has changed the
 * shape, and the search starts again.
 *
 * At most three groups behind the newest are kept, which takes at most 4 × 256 shards of 1,500
 * bytes. A packet more than 64 groups away from the others is ignored, unless another one came from
 * there. Each subscription has its own state.
 *
 * Datagrams are not changed, and whatever is kept of them is copied: the source may lend them for
 * the duration of `next`. Packets are lent likewise, because they are views of the datagrams or of
 * the decoder's memory. If you keep a packet, copy it. A burst of which nothing is left is not
 * passed on. Completion and errors of the source are passed on.
 *
 * The mark of a {@link RecoveredPacket} reaches `arq` through a layer in between, if the layer emits one packet for each, in order and
 * at once. It also survives `subarray` and `slice` of a packet, however late. It is lost if a layer makes new bytes and emits them later,
 * or in another number of packets. `arq` then takes round-trip times and windows from those packets, and its RTO gets too long.
 *
 * An exception of `outOfBand` ends the stream with that error.
 *
 * @example
 * link.incoming.pipe(decrypt(cipher), fecDecode({ conv: 7 }), receive).subscribe(message => console.log(message));
 *
 * @param options see {@link FecDecodeOptions}.
 * @throws OptionError at once, naming the option that is wrong.
 * @see kcp-go fec.go (fecDecoder), autotune.go, sess.go (UDPSession.kcpInput).
 */
export function fecDecode(options: FecDecodeOptions = {}): MonoTypeOperatorFunction<Burst> {
  checkOptions(options, NAMES);
  const { outOfBand = noop, counters = new Counters(), conv } = options;
  const shape = options.shape && requireShape('shape', options.shape);
  requireFunction('outOfBand', outOfBand);
  if (conv !== undefined) requireInteger('conv', conv, 0, 0xffff_ffff);
  return decodedFrom(shape, counters, outOfBand, conv);
}

/** {@link fecDecode} with options that are checked. @param received told of each burst of the source, first of all. @internal */
export function decodedFrom(
  shape: FecShape | undefined,
  counters: FecCounters,
  outOfBand: (packet: Uint8Array, seqid: number) => void,
  conv: number | undefined,
  received: (datagrams: Burst) => void = noop,
): MonoTypeOperatorFunction<Burst> {
  return (source) =>
    new Observable((subscriber) => {
      let decoder: FecDecoder | undefined;
      const emit = (packets: Burst): void => subscriber.next(packets);
      subscribeWithin(
        source,
        subscriber,
        {
          next: (datagrams) => {
            received(datagrams);
            if (!hasFec(datagrams)) {
              if (datagrams.length > 0) passOn(datagrams, false, emit);
              return;
            }
            // Most sessions have none.
            decoder ??= new FecDecoder(shape, counters, outOfBand, conv);
            const packets: Uint8Array[] = [];
            const recovered = counters.FECRecovered;
            for (const datagram of datagrams) decoder.decode(datagram, packets);
            decoder.copyBorrowed();
            if (packets.length > 0) passOn(packets, counters.FECRecovered !== recovered, emit);
          },
        },
        subscriber,
      );
    });
}

function hasFec(datagrams: Burst): boolean {
  for (const datagram of datagrams) if (fecTypeOf(datagram) !== undefined) return true;
  return false;
}
