import { askForHeadroom, type Burst, claimHeadroom } from '../src/bytes/burst.ts';
import { checkOptions, type OptionNames } from '../src/check.ts';
import { FecEncoder } from '../src/core/fec/encoder.ts';
import { type FecShape, requireShape } from '../src/core/fec/shape.ts';
import { filter, type MonoTypeOperatorFunction, Observable, type SchedulerLike } from '../src/rx/rxjs.ts';
import { map } from '../src/rx/rxjs-more.ts';
import { clockOf } from '../src/time/clock.ts';
import { requireScheduler } from '../src/time/scheduler.ts';

/** Options of {@link fecEncode}. */
export interface FecEncodeOptions {
  /**
   * The clock that measures how long a group takes. Default: the monotonic clock; within `TestScheduler.run`, its virtual
   * time.
   */
  scheduler?: SchedulerLike | undefined;
}

const NAMES: OptionNames<FecEncodeOptions> = { scheduler: true };

/**
 * Adds parity packets to each group of packets, so that the peer can rebuild lost ones.
 *
 * Packets are not delayed: each leaves at once, in a data shard that is 8 bytes longer; reduce the MTU of the layer above by 8. After the
 * last packet of a group follow `parity` packets, each as long as the longest packet of the group. With any `data` packets of a group,
 * {@link fecDecode} has all of it without a round trip. It costs `parity / data` more traffic.
 *
 * ```
 * packets    --[a b]----[c]----------------[d e]----|
 *            fecEncode({ data: 3, parity: 1 })
 * datagrams  --[A B]----[C P]--------------[D E]----|
 * ```
 *
 * Incomplete groups have no parity. Neither has a group if 500 ms or more lie between its last two packets, because lost packets were
 * retransmitted by then. Each subscription numbers its groups from 0.
 *
 * Keep one shape for a whole conversation with kcp-go. Its decoder follows a change, but it may use the wrong matrix meanwhile and deliver wrong
 * bytes: up to v5.6.72 rarely, in v5.7.5 in most changes under loss.
 *
 * The header is written to headroom in front of the packets of `arq`, so nothing is copied. Packets of other layers, and packets that another
 * `fecEncode` has used, are copied. Datagrams are not modified afterwards. Empty bursts are not emitted. Completion and errors of the
 * source are forwarded.
 *
 * @example
 * messages.pipe(transmit, fecEncode({ data: 10, parity: 3 }), encrypt(cipher)).subscribe(link.outgoing);
 *
 * @param shape data and parity packets per group; together 256 at most.
 * @param options see {@link FecEncodeOptions}.
 * @throws OptionError if an option is invalid; `error.option` names it.
 * @see kcp-go fec.go (fecEncoder).
 */
export function fecEncode(shape: FecShape, options: FecEncodeOptions = {}): MonoTypeOperatorFunction<Burst> {
  const checked = requireShape('shape', shape);
  checkOptions(options, NAMES);
  requireScheduler('scheduler', options.scheduler);
  return encodedIn(checked, options.scheduler);
}

/** {@link fecEncode} with options that are checked. @internal */
export function encodedIn(shape: FecShape, givenScheduler: SchedulerLike | undefined): MonoTypeOperatorFunction<Burst> {
  return (source) =>
    new Observable((subscriber) => {
      const encoder = new FecEncoder(shape);
      const scheduler = clockOf(givenScheduler);
      const datagrams = source.pipe(
        filter((packets) => packets.length > 0),
        map((packets) => {
          const now = scheduler.now();
          const hasHeadroom = claimHeadroom(packets);
          const burst: Uint8Array[] = [];
          for (const packet of packets) encoder.encode(packet, now, burst, hasHeadroom);
          encoder.copyBorrowed();
          return burst;
        }),
      );
      return askForHeadroom(() => datagrams.subscribe(subscriber));
    });
}
