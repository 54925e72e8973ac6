// Links over a transport that ends with its session: a port, a stream, a channel.

import { Observable, type Subscriber } from 'rxjs';
import type { Burst } from '../bytes/burst.ts';
import { LinkSpentError } from '../errors.ts';

const spent = new WeakSet<object>();

/**
 * What arrives by `transport`, until the subscription ends, and `transport` with it. A later subscription, by whichever link,
 * fails with `LinkSpentError`.
 *
 * @param open as for an Observable; the function it returns closes the transport.
 */
export function incomingOf(transport: object, open: (subscriber: Subscriber<Burst>) => () => void): Observable<Burst> {
  return new Observable((subscriber) => {
    if (spent.has(transport)) throw new LinkSpentError();
    const close = open(subscriber);
    // A transport that had ended before says so each time.
    if (!subscriber.closed) subscriber.add(() => spent.add(transport));
    return close;
  });
}
