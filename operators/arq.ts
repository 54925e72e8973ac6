import { ArqDriver } from '../src/arq/driver.ts';
import { ARQ_CHECKS, type ArqOptions, arqSettings } from '../src/arq/options.ts';
import type { Arq } from '../src/arq/types.ts';
import { checkOptions } from '../src/check.ts';

/**
 * Reliability: one KCP conversation as a pair of operators over one control block.
 *
 * `receive` takes the peer's packets and emits its messages, each once, in order. `transmit` takes messages and
 * emits the packets that carry them, and, whenever they are due, acks, window probes and retransmissions.
 * The two belong together: `transmit` has to be subscribed for `receive` to acknowledge anything.
 *
 * ```
 * receive    packets   --[0]--[2]--[1]--------------->
 *            messages  --a---------(bc)-------------->
 *
 * transmit   messages  --a------------------------------->
 *            packets   --[a]--[a]-------[a]------------[a]-- …    never acknowledged: after 1 RTO, 2 more, 3 more
 * ```
 *
 * When the source of `transmit` completes, both complete as soon as everything is acknowledged. Both fail with
 * `DeadLinkError` when the peer answered nothing for `deadAfter` (or a segment was transmitted `deadLink` times), with
 * `IdleTimeoutError` when nothing was received for `idleTimeout`, with `PeerRestartedError` when the peer has forgotten what it
 * had acknowledged. A malformed packet is counted (`KCPInErrors`) and dropped.
 *
 * Messages are copied before `transmit` returns from taking them; those beyond the send window wait, under the caps
 * `sendQueueBytes` and `sendQueueSegments` (`SendQueueFullError`). Packets received are lent to `receive` for the duration of `next`.
 * A message delivered is yours alone, in a buffer of its own. Packets that `transmit` emits stay as they are, unless you say `sendsInOrder`;
 * {@link fecEncode}, as the next layer, writes its header in front of them without a copy.
 *
 * Time comes from `scheduler` alone: one pending action at the next deadline, none when there is nothing to wait for.
 *
 * @example
 * const { receive, transmit } = arq({ conv: 7, mode: 'fast3' });
 * link.incoming.pipe(receive).subscribe(message => console.log(message));
 * of(hello).pipe(transmit).subscribe(link.outgoing);
 *
 * @param options settings of the conversation; see {@link ArqOptions} for ranges and defaults.
 * @throws OptionError at once, naming the option that is wrong.
 * @see kcp-go kcp.go (KCP) and sess.go (UDPSession.update, WriteBuffers, kcpInput).
 */
export function arq(options: ArqOptions = {}): Arq {
  checkOptions(options, ARQ_CHECKS);
  return new ArqDriver(arqSettings(options));
}
