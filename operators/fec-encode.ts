import { defer, filter, type MonoTypeOperatorFunction, map, type SchedulerLike } from 'rxjs';
import { requireBoolean } from '../src/check.ts';
import { FecEncoder } from '../src/core/fec/encoder.ts';
import type { FecShape } from '../src/core/fec/shape.ts';
import { requireShape } from '../src/core/fec/shape.ts';
import type { Burst } from '../src/link/link.ts';
import { monotonicScheduler, requireScheduler } from '../src/time/scheduler.ts';

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
 * Packets are copied (unless they have headroom: `inPlace`); datagrams are the subscriber's. An empty burst is not passed on. Completion and errors of the source
 * are passed on.
 *
 * @example
 * messages.pipe(transmit, fecEncode({ data: 10, parity: 3 }), encrypt(cipher)).subscribe(link.outgoing);
 *
 * @param shape packets and parity packets of a group; together 256 at most.
 * @param scheduler the clock. Default {@link monotonicScheduler}.
 * @param inPlace whether packets begin with 8 bytes of headroom, as `arq` makes them on demand (its
 * `memory.headroom`): then these are written to, and the packet's own memory becomes the datagram's. Default false.
 * @throws OptionError at once, naming the option that is wrong.
 * @see kcp-go fec.go (fecEncoder).
 */
export function fecEncode(
  shape: FecShape,
  scheduler: SchedulerLike = monotonicScheduler,
  inPlace = false,
): MonoTypeOperatorFunction<Burst> {
  const checked = requireShape('shape', shape);
  requireScheduler(scheduler);
  requireBoolean('inPlace', inPlace);
  return (source) =>
    defer(() => {
      const encoder = new FecEncoder(checked, inPlace);
      return source.pipe(
        filter((packets) => packets.length > 0),
        map((packets) => {
          const now = scheduler.now();
          const datagrams: Uint8Array[] = [];
          for (const packet of packets) encoder.encode(packet, now, datagrams);
          encoder.own();
          return datagrams;
        }),
      );
    });
}
