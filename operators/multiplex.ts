import { Observable, type Observer, Subject, Subscription } from 'rxjs';
import { checkOptions, type OptionNames, requireFunction } from '../src/check.ts';
import type { Message } from '../src/core/kcp/message.ts';
import { callSafely } from '../src/rx/report.ts';
import { subscribeWithin } from '../src/rx/subscribe-within.ts';

/** Options of {@link multiplex}. */
export interface MultiplexOptions<K, V> {
  /** What a received message says. */
  decode: (message: Uint8Array) => V;
  /** The key that it is for: any value that can be a key of a `Map`; `undefined` if it is for none. */
  key: (value: V) => K | undefined;
  /** The message that asks the peer for a key. Default: none is sent. */
  subscribe?: ((key: K) => Message) | undefined;
  /** The message that tells the peer that the key is not wanted any more. Default: none is sent. */
  unsubscribe?: ((key: K) => Message) | undefined;
}

const NAMES: OptionNames<MultiplexOptions<never, never>> = {
  decode: true,
  key: true,
  subscribe: true,
  unsubscribe: true,
};

/**
 * Makes one Observable per key out of one session, as `multiplex` of RxJS's `webSocket()` does.
 *
 * The first subscriber of a key sends the message of `subscribe`, the last one that leaves sends that of `unsubscribe`. Subscribers of
 * the same key share it. Each message is decoded once, and given to the subscribers of its key.
 *
 * The session is read only while a key is subscribed to. Messages for other keys are left to the other subscribers of the session; if
 * there are none, they are dropped. All keys share the session's order and window: a slow network delays them together.
 *
 * ```
 * session     ---A1--B1--A2--C1--|        C has no subscriber
 *             multiplex(session, …)
 * key A       ---A1------A2------|        sent: subscribe A … (nothing: the session has ended)
 * key B       -------B1-!                 sent: subscribe B, unsubscribe B
 * ```
 *
 * Errors: those of the session, for all keys; what `decode` or `key` throws, for all keys; what `subscribe` throws, for its subscriber.
 * An error of `unsubscribe` is reported as unhandled.
 *
 * @example
 * interface Quote { readonly symbol: string; readonly price: number }
 * const text = (value: object) => new TextEncoder().encode(JSON.stringify(value));
 * const quotes = multiplex<string, Quote>(session, {
 *   decode: (message) => JSON.parse(new TextDecoder().decode(message)) as Quote,
 *   key: ({ symbol }) => symbol,
 *   subscribe: (symbol) => text({ follow: symbol }),
 *   unsubscribe: (symbol) => text({ leave: symbol }),
 * });
 * quotes('KCP').pipe(take(3)).subscribe(({ price }) => console.log(price));
 *
 * @param session a session in message mode (not `stream`), or anything else with messages and `next`.
 * @param options see {@link MultiplexOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 */
export function multiplex<K, V>(
  session: Observable<Uint8Array> & Pick<Observer<Message>, 'next'>,
  options: MultiplexOptions<K, V>,
): (key: K) => Observable<V> {
  checkOptions(options, NAMES);
  const { decode, key: keyOf, subscribe, unsubscribe } = options;
  requireFunction('decode', decode);
  requireFunction('key', keyOf);
  if (subscribe !== undefined) requireFunction('subscribe', subscribe);
  if (unsubscribe !== undefined) requireFunction('unsubscribe', unsubscribe);
  const topics = new Map<K, Subject<V>>();
  let reading = Subscription.EMPTY;

  const endAll = (how: (topic: Subject<V>) => void): void => {
    const ended = [...topics.values()];
    topics.clear();
    reading.unsubscribe();
    for (const topic of ended) how(topic);
  };
  const read = (): void => {
    reading = new Subscription();
    subscribeWithin(session, reading, {
      next: (message) => {
        try {
          const value = decode(message);
          const key = keyOf(value);
          if (key !== undefined) topics.get(key)?.next(value);
        } catch (error) {
          endAll((topic) => topic.error(error));
        }
      },
      error: (error) => endAll((topic) => topic.error(error)),
      complete: () => endAll((topic) => topic.complete()),
    });
  };

  return (key) =>
    new Observable((subscriber) => {
      const known = topics.get(key);
      const topic = known ?? new Subject<V>();
      topics.set(key, topic);
      subscriber.add(topic.subscribe(subscriber));
      subscriber.add(() => {
        if (topic.observed || topics.get(key) !== topic) return;
        topics.delete(key);
        if (unsubscribe !== undefined) callSafely(() => session.next(unsubscribe(key)));
        if (topics.size === 0) reading.unsubscribe();
      });
      if (reading.closed) read();
      if (known === undefined && subscribe !== undefined && !subscriber.closed) session.next(subscribe(key));
    });
}
