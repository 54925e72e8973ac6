import { ArqDriver } from '../src/arq/driver.ts';
import { ARQ_CHECKS, type ArqOptions, arqSettings } from '../src/arq/options.ts';
import type { Arq } from '../src/arq/types.ts';
import { checkOptions } from '../src/check.ts';

/**
 * Delivers messages reliably and in order: one KCP conversation as two operators that share one state.
 *
 * `receive` turns packets from the peer into messages, each once and in order. `transmit` turns messages into packets, and also emits acks,
 * window probes and retransmissions when they are due. Subscribe to both: without `transmit`, nothing is acknowledged. Each can be subscribed
 * once (`AlreadySubscribedError`).
 *
 * ```
 * receive    packets   --[0]--[2]--[1]--------------->
 *            messages  --a---------(bc)-------------->
 *
 * transmit   messages  --a------------------------------->
 *            packets   --[a]--[a]-------[a]------------[a]-- …    never acknowledged: after 1 RTO, 2 more, 3 more
 * ```
 *
 * When the source of `transmit` completes, both operators complete as soon as everything is acknowledged. Errors of both:
 *
 * - `DeadLinkError`: the peer answered nothing for `deadAfter` ms, or a segment was transmitted `deadLink` times.
 * - `IdleTimeoutError`: nothing was received for `idleTimeout` ms.
 * - `PeerRestartedError`: the peer has lost the conversation.
 * - `SendQueueFullError`: messages beyond the send window exceed `sendQueueBytes` or `sendQueueSegments`.
 * - `InvalidMessageError`, `MessageTooLargeError`: a message cannot be sent.
 *
 * Malformed packets are dropped and counted in `KCPInErrors`.
 *
 * **Memory.** Messages are copied before `transmit` returns. Received packets are lent to `receive` for the duration of `next`. Each delivered
 * message has its own buffer. Emitted packets are not modified afterwards, unless you set `sendsInOrder`; {@link fecEncode} as the next layer
 * writes its header in front of them without a copy.
 *
 * **Time** comes only from `scheduler`. At most one action is scheduled, for the next deadline, and none while the conversation is idle.
 *
 * @example
 * const { receive, transmit } = arq({ conv: 7, mode: 'fast3' });
 * link.incoming.pipe(receive).subscribe(message => console.log(message));
 * of(hello).pipe(transmit).subscribe(link.outgoing);
 *
 * @param options settings of the conversation; see {@link ArqOptions} for ranges and defaults.
 * @throws OptionError if an option is invalid; `error.option` names it.
 * @see kcp-go kcp.go (KCP) and sess.go (UDPSession.update, WriteBuffers, kcpInput).
 */
export function arq(options: ArqOptions = {}): Arq {
  checkOptions(options, ARQ_CHECKS);
  return new ArqDriver(arqSettings(options));
}
