import { concat, config, map, NEVER, Observable, of, range, Subject, take, tap } from 'rxjs';
import { listen, type PeerBurst } from 'rxkcp';
import { VirtualScheduler } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { push, wask } from '../support/marbles.ts';

const deaf = { next: () => {} };
const hello = push(0, 'hello');

/** An Observable of another library: `subscribe` is all it has. */
const foreign = <T>(...values: T[]) => ({
  subscribe(observer: { next(value: T): void }) {
    for (const value of values) observer.next(value);
    return { unsubscribe() {} };
  },
});

/** One that is known by its symbol alone, as those of other copies of RxJS are. */
const interop = <T>(...values: T[]) => ({ '@@observable': () => of(...values), ...symbolOf(of(...values)) });
const symbolOf = <T>(source: Observable<T>) =>
  Object.fromEntries(
    Reflect.ownKeys(Observable.prototype)
      .filter((key) => String(key).includes('bservable'))
      .map((key) => [key, () => source]),
  );

describe('a custom hub', () => {
  const network = (incoming: unknown, outgoing: unknown = deaf) =>
    ({
      link: { incoming, outgoing, local: { address: '192.0.2.1', port: 1 } },
      scheduler: new VirtualScheduler(),
    }) as never;
  const from = (port: number, datagram: Uint8Array = hello): PeerBurst => ({
    peer: { address: '192.0.2.7', port },
    burst: [datagram],
  });

  test.each<[string, unknown]>([
    ['an Observable', concat(of(from(1), from(2)), NEVER)],
    ['an Observable of another library', foreign(from(1), from(2))],
    ['an interoperable Observable', interop(from(1), from(2))],
  ])('may have as its incoming %s', (_, incoming) => {
    const ports: unknown[] = [];
    listen(network(incoming)).subscribe((session) => ports.push(session.remote?.port));
    expect(ports).toEqual([1, 2]);
  });

  test('is asked for no more than take(1) takes', () => {
    let drawn = 0;
    const incoming = range(1, 1000).pipe(
      tap(() => drawn++),
      map((port) => from(port)),
    );
    listen(network(incoming)).pipe(take(1)).subscribe();
    expect(drawn).toBe(1);
  });

  test('may throw at the answer to a stranger: that is reported, and the server goes on', async () => {
    const failure = new Error('no route');
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    let throws = true;
    const outgoing = {
      next: () => {
        if (throws) throw failure;
      },
    };
    const incoming = new Subject<PeerBurst>();
    const ports: unknown[] = [];
    listen(network(incoming, outgoing)).subscribe((session) => ports.push(session.remote?.port));
    incoming.next(from(1, wask()));
    await new Promise((resolve) => setTimeout(resolve, 5));
    config.onUnhandledError = null;
    throws = false;
    incoming.next(from(2));
    expect([reported, ports]).toEqual([[failure], [2]]);
  });
});
