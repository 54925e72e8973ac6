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

/** Options of {@link fecDecode}. */
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
 * Removes FEC headers and rebuilds lost packets from parity packets.
 *
 * Received packets are emitted immediately, in arrival order. Once enough packets of a group have arrived, its missing packets follow as
 * {@link RecoveredPacket}; {@link arq} ignores their window and timestamp, which are out of date. Packets without an FEC header pass
 * through unchanged, so peers with and without FEC both work.
 *
 * ```
 * datagrams  --[A B]----[P]--------[D]----|     C is lost; earlier groups have proven the shape
 *            fecDecode()
 * packets    --[a b]----[c]--------[d]----|
 * ```
 *
 * The peer chooses the shape of its groups. Nothing is rebuilt until only one shape fits the packets. One packet that does not fit suspends
 * repair until the packets since then have confirmed the shape. A second one nearby means that the peer has changed the shape, and the
 * search starts again.
 *
 * **Memory.** At most three groups before the newest are kept: 4 × 256 shards of 1,500 bytes. A packet more than 64 groups away from the others
 * is ignored until another one arrives from there. Each subscription has independent state. Datagrams are not modified, and kept data
 * is copied, so the source may lend datagrams for the duration of `next`. Emitted packets are lent, too: copy a packet if you keep it.
 *
 * **Layers in between.** The mark of a {@link RecoveredPacket} reaches `arq` through another layer if the layer emits one packet per packet, in
 * order and at once. The mark also survives `subarray` and `slice`. If it is lost, `arq` measures round trips from rebuilt packets,
 * and its RTO becomes too long.
 *
 * Bursts without a packet are not emitted. Completion and errors of the source are forwarded. If `outOfBand` throws, the stream fails with that
 * error.
 *
 * @example
 * link.incoming.pipe(decrypt(cipher), fecDecode({ conv: 7 }), receive).subscribe(message => console.log(message));
 *
 * @param options see {@link FecDecodeOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
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
