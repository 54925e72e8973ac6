import {
  EMPTY,
  type GroupedObservable,
  groupBy,
  ignoreElements,
  map,
  mergeMap,
  NEVER,
  type Observable,
  range,
  Subject,
  type Subscription,
  skip,
  take,
  tap,
  throwError,
} from 'rxjs';
import { type Address, type Burst, connect, memoryNetwork, OptionError, type PeerBurst } from 'rxkcp';
import { arq, convOf, type GroupPeersOptions, groupPeers } from 'rxkcp/operators';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { testScheduler, text, words } from '../support/marbles.ts';

const from = (letter: string, number: number): PeerBurst => ({
  peer: { address: '127.0.0.1', port: letter.charCodeAt(0) },
  burst: [Uint8Array.of(number)],
});
const nameOf = ({ key }: { readonly key: Address }): string => String.fromCharCode(key.port);
const numberOf = (burst: Burst): number => burst[0]?.[0] as number;

const values = { a: from('a', 1), b: from('b', 2), A: from('a', 3), B: from('b', 4) };

/** Groups and what is in them, by name. */
function watch(
  source: Subject<PeerBurst>,
  options?: GroupPeersOptions,
): { seen: string[]; subscription: Subscription } {
  const seen: string[] = [];
  const subscription = source.pipe(groupPeers(options)).subscribe({
    next: (group) => {
      const name = nameOf(group);
      seen.push(`${name} begins`);
      group.subscribe({
        next: (burst) => seen.push(name + numberOf(burst)),
        error: (error) => seen.push(`${name} ${error}`),
        complete: () => seen.push(`${name} |`),
      });
    },
    error: (error) => seen.push(`${error}`),
    complete: () => seen.push('|'),
  });
  return { seen, subscription };
}

describe('groupPeers', () => {
  test('makes an Observable of each peer, which has its first burst, too', () => {
    testScheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-A-B-|', values);
      const groups = source.pipe(groupPeers());
      expectObservable(groups.pipe(map(nameOf))).toBe('-a-b-----|');
      const of = (name: string): Observable<number> =>
        groups.pipe(mergeMap((group) => (nameOf(group) === name ? group.pipe(map(numberOf)) : NEVER)));
      expectObservable(of('a'), '^--------!').toBe('-1---3', { 1: 1, 3: 3 });
      expectObservable(of('b'), '^--------!').toBe('---2---4', { 2: 2, 4: 4 });
      expectSubscriptions(source.subscriptions).toBe(['^--------!', '^--------!', '^--------!']);
    });
  });

  test('completes and forgets a group after idle, and begins another with the next burst', () => {
    const scheduler = new VirtualScheduler();
    const source = new Subject<PeerBurst>();
    const { seen, subscription } = watch(source, { idle: 15, scheduler });
    source.next(from('a', 1));
    scheduler.run(14);
    source.next(from('a', 2));
    scheduler.run(28);
    expect(seen).toEqual(['a begins', 'a1', 'a2']);
    scheduler.run(29);
    source.next(from('a', 3));
    expect(seen.slice(3)).toEqual(['a |', 'a begins', 'a3']);
    subscription.unsubscribe();
  });

  test('forgets a group whose last subscriber has left, and keeps one that nobody wanted', () => {
    const source = new Subject<PeerBurst>();
    const groups: string[] = [];
    const got: number[] = [];
    const subscription = source.pipe(groupPeers()).subscribe((group) => {
      groups.push(nameOf(group));
      if (nameOf(group) === 'a') group.pipe(take(2)).subscribe((burst) => got.push(numberOf(burst)));
    });
    for (const burst of [from('a', 1), from('b', 1), from('b', 2), from('a', 2), from('a', 3)]) source.next(burst);
    expect([groups, got]).toEqual([
      ['a', 'b', 'a'],
      [1, 2, 3],
    ]);
    subscription.unsubscribe();
  });

  test('has no more than maxPeers groups, and reports what it drops', () => {
    const source = new Subject<PeerBurst>();
    const counts: number[] = [];
    const { seen, subscription } = watch(source, { maxPeers: 2, dropped: (count) => counts.push(count) });
    source.next(from('a', 1));
    source.next(from('b', 1));
    source.next({ ...from('c', 1), burst: [new Uint8Array(1), new Uint8Array(1)] });
    source.next(from('a', 2));
    expect([seen, counts]).toEqual([['a begins', 'a1', 'b begins', 'b1', 'a2'], [2]]);
    subscription.unsubscribe();
  });

  test('ends a group when its duration emits, and subscribes to that no longer than the group lives', () => {
    const source = new Subject<PeerBurst>();
    const limits: Subject<void>[] = [];
    const duration = (group: GroupedObservable<Address, Burst>): Subject<void> => {
      expect(group.key.port).toBe('a'.charCodeAt(0));
      limits.push(new Subject<void>());
      return limits.at(-1) as Subject<void>;
    };
    const { seen, subscription } = watch(source, { duration });
    source.next(from('a', 1));
    limits[0]?.next();
    source.next(from('a', 2));
    limits[1]?.complete();
    source.next(from('a', 3));
    expect(seen).toEqual(['a begins', 'a1', 'a |', 'a begins', 'a2', 'a3']);
    subscription.unsubscribe();
    expect(limits.map(({ observed }) => observed)).toEqual([false, false]);
  });

  test('a duration may read the group without keeping it', () => {
    const source = new Subject<PeerBurst>();
    // Each lasts for two bursts.
    const { seen, subscription } = watch(source, { duration: (group) => group.pipe(skip(1)) });
    for (const number of [1, 2, 3]) source.next(from('a', number));
    expect(seen).toEqual(['a begins', 'a1', 'a2', 'a |', 'a begins', 'a3']);
    subscription.unsubscribe();
    const groups: string[] = [];
    const taking = source
      .pipe(
        groupPeers({ duration: (group) => group.pipe(ignoreElements()) }),
        mergeMap((group) => {
          groups.push(nameOf(group));
          return group.pipe(take(1));
        }),
      )
      .subscribe();
    for (const number of [1, 2]) source.next(from('a', number));
    expect(groups).toEqual(['a', 'a']);
    taking.unsubscribe();
  });

  test('a duration that fails fails its group; one that throws fails the whole', () => {
    const source = new Subject<PeerBurst>();
    const failing = watch(source, { duration: () => throwError(() => 'gone') });
    source.next(from('a', 1));
    expect(failing.seen).toEqual(['a begins', 'a gone']);
    failing.subscription.unsubscribe();
    const throwing = watch(source, {
      duration: () => {
        throw new Error('as planned');
      },
    });
    source.next(from('a', 1));
    expect(throwing.seen).toEqual(['a begins', 'a Error: as planned', 'Error: as planned']);
    expect(source.observed).toBe(false);
  });

  test('passes completion and errors on to groups first', () => {
    const [completing, failing] = [new Subject<PeerBurst>(), new Subject<PeerBurst>()];
    const seen = [watch(completing).seen, watch(failing).seen];
    for (const source of [completing, failing]) source.next(from('a', 1));
    completing.complete();
    failing.error('gone');
    expect(seen).toEqual([
      ['a begins', 'a1', 'a |', '|'],
      ['a begins', 'a1', 'a gone', 'gone'],
    ]);
  });

  test('unsubscribing leaves the source, completes the groups, and leaves no timer', () => {
    const scheduler = new VirtualScheduler();
    const source = new Subject<PeerBurst>();
    const { seen, subscription } = watch(source, { scheduler });
    source.next(from('a', 1));
    expect(scheduler.pending).toBe(1);
    subscription.unsubscribe();
    expect([seen, source.observed, scheduler.pending]).toEqual([['a begins', 'a1', 'a |'], false, 0]);
  });

  test('stops a synchronous source', () => {
    const bursts = range(1, 1000).pipe(map((number) => from('a', number)));
    let read = 0;
    bursts
      .pipe(
        tap(() => read++),
        groupPeers(),
        take(1),
      )
      .subscribe();
    expect(read).toBe(1);
  });

  test('is a server from parts, with convOf and arq', () => {
    const scheduler = new VirtualScheduler();
    const { hub, link } = memoryNetwork();
    const conversation = (peer: Address, group: GroupedObservable<number | undefined, Burst>): Observable<Burst> => {
      if (group.key === undefined) return EMPTY;
      const { receive, transmit } = arq({ conv: group.key, scheduler });
      const echo = group.pipe(receive, transmit);
      return echo.pipe(tap((burst) => hub.outgoing.next({ peer, burst })));
    };
    const server = hub.incoming
      .pipe(
        groupPeers({ idle: 5000, scheduler }),
        mergeMap((peer) =>
          peer.pipe(
            groupBy(([datagram]) => convOf(datagram as Uint8Array)),
            mergeMap((group) => conversation(peer.key, group)),
          ),
        ),
      )
      .subscribe();
    const heard: string[] = [];
    for (const letter of 'xyz') {
      connect({ link: link(), scheduler }).subscribe((session) => {
        session.subscribe((message) => heard.push(words(message)));
        session.next(text(letter));
        session.next(text(letter.toUpperCase()));
      });
    }
    scheduler.run(3000);
    expect(heard.sort()).toEqual(['X', 'Y', 'Z', 'x', 'y', 'z']);
    server.unsubscribe();
  });

  test('refuses options that are wrong', () => {
    for (const options of [
      { idle: 0 },
      { maxPeers: 0 },
      { duration: 1 },
      { dropped: 1 },
      { scheduler: {} },
      { idel: 1 },
    ]) {
      expect(() => groupPeers(options as never)).toThrow(OptionError);
    }
  });
});
