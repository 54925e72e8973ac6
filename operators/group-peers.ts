import {
  from,
  type GroupedObservable,
  noop,
  Observable,
  type ObservableInput,
  type OperatorFunction,
  type SchedulerLike,
  Subject,
  Subscription,
} from 'rxjs';
import type { Burst } from '../src/bytes/burst.ts';
import { checkOptions, type OptionNames, requireFunction, requireInteger } from '../src/check.ts';
import { type Address, addressKey, type PeerBurst } from '../src/link/link.ts';
import { subscribeWithin } from '../src/rx/subscribe-within.ts';
import { clockOf } from '../src/time/clock.ts';
import { requireScheduler } from '../src/time/scheduler.ts';
import { type QueuedTimer, timerQueueOf } from '../src/time/timer-queue.ts';

/** Options of {@link groupPeers}. */
export interface GroupPeersOptions {
  /** ms without a datagram after which a peer's group completes and is forgotten, 1 … 2147483647. Default 60000. */
  idle?: number | undefined;
  /** Groups at the same time, 1 … 1000000. Datagrams of further peers are dropped. Default 65536. */
  maxPeers?: number | undefined;
  /** Ends a group earlier: when what it returns emits. It is not subscribed to for longer than the group lives. Default: never. */
  duration?: ((group: GroupedObservable<Address, Burst>) => ObservableInput<unknown>) | undefined;
  /** Called with the number of datagrams that were dropped because there were `maxPeers` groups. */
  dropped?: ((count: number) => void) | undefined;
  /** The clock of `idle`. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. */
  scheduler?: SchedulerLike | undefined;
}

const NAMES: OptionNames<GroupPeersOptions> = {
  idle: true,
  maxPeers: true,
  duration: true,
  dropped: true,
  scheduler: true,
};

interface Peer {
  readonly bursts: Subject<Burst>;
  readonly timer: QueuedTimer;
  /** What `duration` returned, as long as it is subscribed to. */
  readonly limit: Subscription;
}

/**
 * Splits what a hub receives into one Observable per peer address.
 *
 * For servers from parts; `listen` does all of this itself. A group is emitted with the first burst of a peer, which it emits to those that
 * subscribe within that call. A group is not replayed: bursts without a subscriber are dropped.
 *
 * A group ends and is forgotten when its peer is silent for `idle`, when `duration` emits, or when its last subscriber unsubscribes. The
 * next burst of that peer begins a new group. A group that was never subscribed to stays until then, so that an unwanted peer does not
 * come up with every burst.
 *
 * Addresses are not proven: anyone who forges datagrams makes groups. Decrypt before, and keep `maxPeers` and `idle` small.
 *
 * ```
 * peer bursts  --a1--b1--a2----------b2--|
 *              groupPeers()
 * groups       --A---B-------------------|
 * A              a1------a2---(idle)|
 * B                  b1--------------b2--|
 * ```
 *
 * Completion and errors of the source are passed on to all groups, then to the subscriber. Unsubscribing completes the groups. What
 * `duration` fails with, its group fails with; if `duration` or `dropped` throws, so does the whole.
 *
 * @example
 * const { hub } = memoryNetwork();
 * hub.incoming.pipe(
 *   groupPeers({ idle: 30_000 }),
 *   mergeMap((peer) => peer.pipe(map((burst) => ({ from: peer.key, ids: burst.map(convOf) })))),
 * ).subscribe(({ from, ids }) => console.log(from.port, ids));
 *
 * @param options see {@link GroupPeersOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 */
export function groupPeers(
  options: GroupPeersOptions = {},
): OperatorFunction<PeerBurst, GroupedObservable<Address, Burst>> {
  checkOptions(options, NAMES);
  const { idle = 60_000, maxPeers = 65_536, duration, dropped } = options;
  requireInteger('idle', idle, 1, 0x7fff_ffff);
  requireInteger('maxPeers', maxPeers, 1, 1_000_000);
  if (duration !== undefined) requireFunction('duration', duration);
  if (dropped !== undefined) requireFunction('dropped', dropped);
  requireScheduler('scheduler', options.scheduler);
  return (source) =>
    new Observable((subscriber) => {
      const timers = timerQueueOf(clockOf(options.scheduler));
      const peers = new Map<string, Peer>();

      /** Whether it was there still. */
      const forget = (key: string, peer: Peer): boolean => {
        if (peers.get(key) !== peer) return false;
        peer.timer.set(undefined);
        peer.limit.unsubscribe();
        return peers.delete(key);
      };
      const endAll = (how: (bursts: Subject<Burst>) => void): void => {
        for (const [key, peer] of [...peers]) if (forget(key, peer)) how(peer.bursts);
      };

      const failAll = (error: unknown): void => {
        endAll((bursts) => bursts.error(error));
        subscriber.error(error);
      };

      const begin = (key: string, address: Address): Peer => {
        const bursts = new Subject<Burst>();
        const end = (): void => {
          if (forget(key, peer)) bursts.complete();
        };
        const fail = (error: unknown): void => {
          if (forget(key, peer)) bursts.error(error);
        };
        const peer: Peer = { bursts, timer: timers.timer(end), limit: new Subscription() };
        peers.set(key, peer);
        let readers = 0;
        const read = new Observable<Burst>((reader) => {
          readers++;
          reader.add(bursts.subscribe(reader));
          reader.add(() => {
            if (--readers === 0) forget(key, peer);
          });
        });
        subscriber.next(Object.assign(read, { key: address }));
        if (duration !== undefined && peers.get(key) === peer) {
          // It is not one of the readers: they decide how long there is a group, and get each burst before.
          const watched = Object.assign(bursts.asObservable(), { key: address });
          subscribeWithin(from(duration(watched)), peer.limit, { next: end, error: fail, complete: noop });
        }
        return peer;
      };

      subscriber.add(() => endAll((bursts) => bursts.complete()));
      subscribeWithin(source, subscriber, {
        next: ({ peer: address, burst }) => {
          try {
            const key = addressKey(address);
            let peer = peers.get(key);
            if (peer === undefined && peers.size >= maxPeers) {
              dropped?.(burst.length);
              return;
            }
            peer ??= begin(key, address);
            if (peers.get(key) !== peer) return;
            peer.timer.set(idle);
            peer.bursts.next(burst);
          } catch (error) {
            failAll(error);
          }
        },
        error: failAll,
        complete: () => {
          endAll((bursts) => bursts.complete());
          subscriber.complete();
        },
      });
    });
}
