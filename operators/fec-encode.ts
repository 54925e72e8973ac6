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
 * Forward error correction, outbound: parity packets behind each group of packets, so that as many of a group may be lost.
 *
 * Packets are not held back: each leaves at once, in a data shard 8 bytes longer than itself (keep that off the MTU of the layer above).
 * With the last one of a group leave `parity` packets as long as the group's longest. Whichever `data` packets of a group arrive,
 * {@link fecDecode} has all of it without a round trip. The price is `parity / data` more traffic.
 *
 * ```
 * packets    --[a b]----[c]----------------[d e]----|
 *            fecEncode({ data: 3, parity: 1 })
 * datagrams  --[A B]----[C P]--------------[D E]----|
 * ```
 *
 * When 500 ms or more lie between the last two packets of a group, it gets no parity: what was lost has been sent again by then.
 * Nor does a group get any before it is complete. Every subscription numbers its own groups, from 0.
 *
 * Keep one shape for a whole conversation with kcp-go. Its decoder follows a change, but may rebuild with the wrong matrix meanwhile, and
 * deliver wrong bytes: up to v5.6.72 rarely, in v5.7.5 in most changes under loss.
 *
 * The header is written to headroom that `arq`, asked for it while being subscribed to, leaves in front of its packets: nothing is copied. Packets that a layer in
 * between has made, or that another `fecEncode` has had before, are copied. Datagrams stay as they are. An empty burst is not passed on.
 * Completion and errors of the source are passed on.
 *
 * @example
 * messages.pipe(transmit, fecEncode({ data: 10, parity: 3 }), encrypt(cipher)).subscribe(link.outgoing);
 *
 * @param shape packets and parity packets of a group; together 256 at most.
 * @param options see {@link FecEncodeOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
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
