// A session as what can be looked at: its addresses, its figures, its events.

import { RebindableSession } from '#rebinding';
import type { TraceEvent, TraceKind } from '../core/kcp/trace.ts';
import type { Snmp } from '../counters/counters.ts';
import { type Address, frozenAddress, type Link } from '../link/link.ts';
import { type Observable, type SchedulerLike, takeUntil } from '../rx/rxjs.ts';
import { readings$ } from './metrics.ts';
import type { Pipeline } from './pipeline.ts';
import { type SessionStats, sessionSnmp, sessionStats } from './stats.ts';

/** What a session tells of itself. */
export abstract class MeasuredSession extends RebindableSession {
  /** The peer's address; undefined on a link without addresses. */
  readonly remote: Address | undefined;
  /** Own address; undefined on a link without addresses. Another one after {@link Session.rebind}. */
  readonly local: Address | undefined;
  /** @internal */
  readonly pipeline: Pipeline;
  readonly #scheduler: SchedulerLike;

  /** @internal */
  constructor(pipeline: Pipeline, scheduler: SchedulerLike, { remote, local }: Link) {
    super(pipeline.arq);
    this.remote = remote && frozenAddress(remote);
    this.local = local && frozenAddress(local);
    this.pipeline = pipeline;
    this.#scheduler = scheduler;
  }

  /** The conversation id, 0 … 4294967295. */
  get conv(): number {
    return this.pipeline.arq.conv;
  }

  /** Most bytes that one message can have now: 255 segments; in stream mode `Infinity`. */
  get messageMax(): number {
    return this.pipeline.arq.messageMax;
  }

  /** Whether the send window is full: the value now, then each change. Completes with the session. */
  get congested$(): Observable<boolean> {
    return this.pipeline.arq.congested$;
  }

  /** Most bytes of an out-of-band payload; 0 without FEC. */
  get oobMax(): number {
    return this.pipeline.oobMax;
  }

  /** Measurements, windows and traffic, now. */
  stats(): SessionStats {
    return sessionStats(this.pipeline);
  }

  /** kcp-go's counters, for this session alone. */
  snmp(): Snmp {
    return sessionSnmp(this.pipeline);
  }

  /**
   * kcp-go's counters for this session, now and then every `period` ms; completes with the session.
   *
   * @param period ms between readings, 1 … 2147483647. Default 1000.
   * @param scheduler the clock. Default: the session's.
   */
  snmp$(period = 1000, scheduler: SchedulerLike = this.#scheduler): Observable<Snmp> {
    return readings$(() => this.snmp(), period, scheduler).pipe(takeUntil(this.closed$));
  }

  /**
   * What the session does, event by event: of `kinds`, or of all twelve. Hot, in the order in which things happened; completes when
   * the session ends. Costs nothing without a subscriber. A listener may call methods; the resulting events are emitted after it returns.
   *
   * ```
   * session.trace$('out-push', 'in-ack').subscribe(event => console.log(event));
   * session.trace$(...TRACE_INPUT).pipe(timestamp(scheduler))        // for those who ask when
   * ```
   *
   * @throws OptionError when one of `kinds` is none.
   * @see kcp-go sess.go, UDPSession.SetLogger, which needs a special build.
   */
  trace$<K extends TraceKind>(...kinds: K[]): Observable<TraceEvent<K>> {
    return this.pipeline.arq.trace$(...kinds);
  }
}
