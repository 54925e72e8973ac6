// A bad network around a link, or as operators on bursts.

import { type MonoTypeOperatorFunction, noop, Observable, type Observer, type SchedulerLike, Subject } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { checkOptions } from '../check.ts';
import type { CustomLink } from '../link/custom.ts';
import type { Link } from '../link/link.ts';
import { observableOf } from '../rx/source.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';
import { clockOf } from '../time/clock.ts';
import { type Carriage, carry, type Direction } from './carry.ts';
import {
  type Blackout,
  type BurstLoss,
  checkImpaired,
  checkImpairments,
  IMPAIRED_NAMES,
  IMPAIRMENT_NAMES,
  type ImpairedOptions,
  type Impairments,
  type RateLimit,
} from './options.ts';
import { stagesOf } from './stages.ts';

/** What a network does to the datagrams of a link, both ways alike unless one way is told apart. */
export interface ImpairOptions extends Impairments, ImpairedOptions {
  /** What is different for datagrams that go out. */
  readonly outgoing?: Impairments | undefined;
  /** What is different for datagrams that come in. */
  readonly incoming?: Impairments | undefined;
}

/**
 * Makes a bad network of any link, in real or virtual time: a function from the link to the same link, impaired.
 *
 * A datagram meets the impairments in the order of {@link Impairments}. All chance comes from `seed`: each impairment
 * and each direction has its own random stream, drawn from once (or twice) for each datagram, lost or not; so the k-th datagram of a direction
 * meets the same chance when another impairment is switched on or off. Times are rounded up to whole ms, and datagrams that arrive
 * at the same ms arrive as one burst. At most 65536 datagrams and 64 MiB are under way in a direction; what comes on top
 * is lost (cause `queue`).
 *
 * Unsubscribing from `incoming`, as a session does when it ends, drops the datagrams in flight in both directions. An exception of
 * `watch`, or of the link, is an error of `incoming`.
 *
 * @example
 * const [left, right] = memoryPair();
 * connect({ link: impair({ loss: 0.1, delay: 50, seed: 7 })(left), conv: 1 })
 *
 * @throws OptionError at once, naming the option that is wrong.
 */
export function impair(options: ImpairOptions): (link: CustomLink) => Link {
  checkOptions(options, { ...IMPAIRMENT_NAMES, ...IMPAIRED_NAMES, outgoing: true, incoming: true });
  checkImpairments(options);
  checkImpaired(options);
  const { scheduler: given, seed = 1, watch, outgoing = {}, incoming = {}, ...both } = options;
  const oneWay = (
    direction: Direction,
    origin: number,
    scheduler: SchedulerLike,
    drop$?: Observable<void>,
  ): MonoTypeOperatorFunction<Burst> => {
    const impairments = directions[direction];
    const number = direction === 'outgoing' ? 0 : 1;
    return carry(() => ({ stages: stagesOf(impairments, seed, number, origin), direction, scheduler, watch, drop$ }));
  };
  checkOptions(outgoing, IMPAIRMENT_NAMES);
  checkOptions(incoming, IMPAIRMENT_NAMES);
  checkImpairments({ ...both, ...outgoing });
  checkImpairments({ ...both, ...incoming });
  const directions = structuredClone({ outgoing: { ...both, ...outgoing }, incoming: { ...both, ...incoming } });
  return (link) => {
    const scheduler = clockOf(given);
    const origin = scheduler.now();
    const sent = new Subject<Burst>();
    // What the link throws at a datagram that was under way has no caller: it ends the link.
    const failures = new Subject<never>();
    const dropped = new Subject<void>();
    const arriving = observableOf(link.incoming).pipe(oneWay('incoming', origin, scheduler));
    sent.pipe(oneWay('outgoing', origin, scheduler, dropped)).subscribe({
      next: (burst) => {
        try {
          link.outgoing.next(burst);
        } catch (error) {
          failures.error(error);
        }
      },
      error: (error) => failures.error(error),
    });
    // Completing or failing it ends nothing, as with other links.
    const sink: Observer<Burst> = { next: (burst) => sent.next(burst), error: noop, complete: noop };
    return {
      ...link,
      // Datagrams do not leave in order, and stay under way for longer than the link's memory would leave them as they are.
      memory: undefined,
      sendsInOrder: undefined,
      incoming: new Observable((subscriber) => {
        subscriber.add(() => dropped.next());
        subscriber.add(failures.subscribe(subscriber));
        subscribeWithin(arriving, subscriber, subscriber);
      }),
      outgoing: sink,
    };
  };
}

/**
 * All impairments of one direction, as an operator on bursts; `impair` is two of them.
 *
 * @throws OptionError at once, naming the option that is wrong.
 */
export function impairBursts(impairments: Impairments, options: ImpairedOptions = {}): MonoTypeOperatorFunction<Burst> {
  checkOptions(impairments, IMPAIRMENT_NAMES);
  checkImpairments(impairments);
  checkImpaired(options);
  const { seed = 1, watch, scheduler: given } = options;
  const settled = structuredClone(impairments);
  return carry((): Carriage => {
    const scheduler = clockOf(given);
    return { stages: stagesOf(settled, seed, 0, scheduler.now()), direction: 'incoming', scheduler, watch };
  });
}

/** Loses each datagram with the same chance, `share` (0 … 1). @throws OptionError */
export function lose(share: number, options?: ImpairedOptions): MonoTypeOperatorFunction<Burst> {
  return impairBursts({ loss: share }, options);
}

/**
 * Loses datagrams in bursts, as a bad radio or a full queue does.
 *
 * @example
 * link.incoming.pipe(loseInBursts(burstsOf(0.1, 4), { seed: 7 }))
 *
 * @throws OptionError
 */
export function loseInBursts(channel: BurstLoss, options?: ImpairedOptions): MonoTypeOperatorFunction<Burst> {
  return impairBursts({ burstLoss: channel }, options);
}

/** Lets datagrams arrive `ms` later, or by up to `jitter` ms more or less than that. Keeps their order. @throws OptionError */
export function delayBy(
  ms: number,
  options: ImpairedOptions & { readonly jitter?: number | undefined } = {},
): MonoTypeOperatorFunction<Burst> {
  return impairBursts({ delay: ms, jitter: options.jitter }, options);
}

/** Holds a `share` of datagrams (0 … 1) back for `by` ms (default 10), so that others overtake. @throws OptionError */
export function reorder(
  share: number,
  options: ImpairedOptions & { readonly by?: number | undefined } = {},
): MonoTypeOperatorFunction<Burst> {
  return impairBursts({ reorder: share, reorderBy: options.by }, options);
}

/** Lets a `share` of datagrams (0 … 1) arrive twice. @throws OptionError */
export function duplicate(share: number, options?: ImpairedOptions): MonoTypeOperatorFunction<Burst> {
  return impairBursts({ duplicate: share }, options);
}

/** Turns one bit over in a `share` of datagrams (0 … 1), in a copy. @throws OptionError */
export function corrupt(share: number, options?: ImpairedOptions): MonoTypeOperatorFunction<Burst> {
  return impairBursts({ corrupt: share }, options);
}

/** Puts datagrams through a narrow line, with a queue in front of it that drops what does not fit. @throws OptionError */
export function limitRate(rate: RateLimit, options?: ImpairedOptions): MonoTypeOperatorFunction<Burst> {
  return impairBursts({ rate }, options);
}

/** Loses everything at the given times, which count from the subscription. @throws OptionError */
export function blackOut(blackouts: readonly Blackout[], options?: ImpairedOptions): MonoTypeOperatorFunction<Burst> {
  return impairBursts({ blackouts }, options);
}

/** Loses datagrams of more than `mtu` bytes. @throws OptionError */
export function capMtu(mtu: number, options?: ImpairedOptions): MonoTypeOperatorFunction<Burst> {
  return impairBursts({ mtu }, options);
}
