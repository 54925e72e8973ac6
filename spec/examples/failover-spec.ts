// Written by docs/composing.md alone: from UDP to a link over a WebSocket when UDP stops passing, and back. Both applications see
// every message once, in order, though neither session does: messages are numbered, and confirmed by the other application.

import { defer, filter, interval, map, merge, mergeMap, Observable, Subject, type Subscription, take, tap } from 'rxjs';
import { type Burst, connect, type Link, listen, memoryNetwork, type Session } from 'rxkcp';
import { reconnecting } from 'rxkcp/operators';
import { useScheduler, VirtualScheduler } from 'rxkcp/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

let scheduler: VirtualScheduler;
let clock: Subscription;

beforeEach(() => {
  scheduler = new VirtualScheduler();
  clock = useScheduler(scheduler);
});
afterEach(() => clock.unsubscribe());

/** As much of a WebSocket as is needed: reliable, ordered, binary, 30 ms to the other end. */
class Wire {
  onmessage: ((event: { readonly data: ArrayBuffer }) => void) | null = null;
  peer: Wire | undefined;

  send(datagram: Uint8Array): void {
    const data = datagram.slice().buffer;
    scheduler.schedule(() => this.peer?.onmessage?.({ data }), 30);
  }
}

function webSocketLink(wire: Wire): Link {
  return {
    incoming: new Observable<Burst>((subscriber) => {
      wire.onmessage = ({ data }) => subscriber.next([new Uint8Array(data)]);
      return () => {
        wire.onmessage = null;
      };
    }),
    outgoing: {
      next: (burst) => {
        for (const datagram of burst) wire.send(datagram);
      },
    },
  };
}

/** Both ways to the server, of which UDP passes nothing while it is blocked. */
class Ways {
  blocked = false;
  readonly #network = memoryNetwork();
  readonly #accepted = new Subject<Session>();
  readonly #options = { mode: 'fast3', deadLink: 4, idleTimeout: 1500 } as const;

  readonly server$: Observable<Session> = merge(
    listen({ link: this.#network.hub, mode: 'fast3', idleTimeout: 1500 }),
    this.#accepted,
  );

  udp(): Observable<Session> {
    const { incoming, outgoing, ...link } = this.#network.link();
    const passing: Link = {
      ...link,
      incoming: incoming.pipe(filter(() => !this.blocked)),
      outgoing: { next: (burst) => (this.blocked ? undefined : outgoing.next(burst)) },
    };
    return connect({ ...this.#options, link: passing });
  }

  webSocket(): Observable<Session> {
    return defer(() => {
      const [near, far] = [new Wire(), new Wire()];
      near.peer = far;
      far.peer = near;
      const options = { ...this.#options, conv: 7 };
      const server = connect({ ...options, link: webSocketLink(far) }).pipe(
        tap((session) => this.#accepted.next(session)),
        filter(() => false),
      );
      return merge(server, connect({ ...options, link: webSocketLink(near) }));
    });
  }
}

const encode = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 255);
const decode = (message: Uint8Array): number => ((message[0] as number) << 8) | (message[1] as number);

test('failover from UDP to a WebSocket and back loses no message, and shows none twice', () => {
  const ways = new Ways();
  const seen: number[] = [];
  const sessions: string[] = [];
  const serving = ways.server$
    .pipe(
      mergeMap((session) => {
        session.subscribe({
          next: (message) => {
            // What this application has seen is the next number, or one that comes again because its confirmation was lost.
            if (decode(message) === seen.length) seen.push(seen.length);
            session.next(message);
          },
          error: () => {},
        });
        return session.closed$;
      }),
    )
    .subscribe();

  const outbox = new Map<number, Uint8Array>();
  const added = new Subject<Uint8Array>();
  const dials = [() => ways.udp(), () => ways.webSocket()];
  let attempt = 0;
  const talk = (session: Session): Observable<number> => {
    sessions.push(session.remote === undefined ? 'WebSocket' : 'UDP');
    for (const message of outbox.values()) session.next(message);
    const sending = added.subscribe((message) => session.next(message));
    return session.pipe(
      map(decode),
      tap({ next: (number) => outbox.delete(number), finalize: () => sending.unsubscribe() }),
    );
  };
  const confirmed = reconnecting(
    defer(() => (dials[attempt++ % 2] as () => Observable<Session>)()),
    talk,
    { first: 20, most: 200, random: () => 0.5 },
  ).subscribe();

  const COUNT = 400;
  interval(10, scheduler)
    .pipe(take(COUNT))
    .subscribe((number) => {
      outbox.set(number, encode(number));
      added.next(encode(number));
    });
  scheduler.run(1005);
  ways.blocked = true;
  scheduler.run(20_000);

  expect(seen).toEqual(Array.from({ length: COUNT }, (_, number) => number));
  expect([...outbox.keys()]).toEqual([]);
  expect(sessions.slice(0, 2)).toEqual(['UDP', 'WebSocket']);
  confirmed.unsubscribe();
  serving.unsubscribe();
});
