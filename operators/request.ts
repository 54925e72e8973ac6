import { Observable, type SchedulerLike, type Subscriber, Subscription } from 'rxjs';
import { checkOptions, type OptionNames, requireFunction, requireInteger } from '../src/check.ts';
import type { Message } from '../src/core/kcp/message.ts';
import { RequestRefusedError, RequestTimeoutError, RequestUnansweredError } from '../src/errors/requests.ts';
import { subscribeWithin } from '../src/rx/subscribe-within.ts';
import { clockOf } from '../src/time/clock.ts';
import { requireScheduler } from '../src/time/scheduler.ts';
import { timerQueueOf } from '../src/time/timer-queue.ts';

/** Options of {@link request}. */
export interface RequestOptions<Q, A> {
  /** The id of a request: any value that can be a key of a `Map`. It must be unique among the requests in flight. */
  id: (request: Q) => unknown;
  /** The message that carries a request. */
  encode: (request: Q) => Message;
  /** What a received message says. */
  decode: (message: Uint8Array) => A;
  /** The id of the request that it answers; `undefined` if it is no answer. */
  answerTo: (value: A) => unknown;
  /** ms to wait for an answer, 1 … 2147483647. Default 10000. */
  timeout?: number | undefined;
  /** Requests in flight at the same time, 1 … 1000000. Default 1024. */
  maxInFlight?: number | undefined;
  /** The clock of `timeout`. Default: the monotonic clock; within `TestScheduler.run`, its virtual time. */
  scheduler?: SchedulerLike | undefined;
}

const NAMES: OptionNames<RequestOptions<never, never>> = {
  id: true,
  encode: true,
  decode: true,
  answerTo: true,
  timeout: true,
  maxInFlight: true,
  scheduler: true,
};

/**
 * Makes a function that sends a request over a session and emits its answer.
 *
 * The function returns a cold Observable: each subscription sends the request, emits the value that answers it, and completes.
 * Requests may be in flight at the same time, and answers may come in any order. Unsubscribing forgets the request: a late answer is
 * ignored. The peer does not learn of it.
 *
 * The session is read only while requests are in flight. Messages that answer none of them are left to the other subscribers of the
 * session; if there are none, they are dropped. So subscribe what reads notifications first.
 *
 * Errors, each of the one request:
 * - {@link RequestTimeoutError}: no answer came within `timeout`. With `retry`, the request may arrive twice, since only its answer
 *   may have been late: the peer should recognize it by its id.
 * - {@link RequestUnansweredError}: the session completed before. If the session failed, its error.
 * - {@link RequestRefusedError}: the id is in flight already, or `maxInFlight` requests are.
 * - What `session.send` rejects with, for example `SessionClosedError`; what `id` or `encode` throws.
 *
 * An error that `decode` or `answerTo` throws fails all requests that are in flight.
 *
 * ```
 * calls     a--b-----------c-----
 *           request(session, …)
 * answers   ------B--A-----------(#)   B to b, A to a; c is not answered in time
 * ```
 *
 * @example
 * interface Call { readonly id: number; readonly add: readonly [number, number] }
 * interface Result { readonly id: number; readonly sum: number }
 * const call = request<Call, Result>(session, {
 *   id: ({ id }) => id,
 *   encode: (value) => new TextEncoder().encode(JSON.stringify(value)),
 *   decode: (message) => JSON.parse(new TextDecoder().decode(message)) as Result,
 *   answerTo: ({ id }) => id,
 *   timeout: 2000,
 * });
 * call({ id: 1, add: [2, 3] }).pipe(retry(2)).subscribe(({ sum }) => console.log(sum));
 *
 * @param session a session in message mode (not `stream`), or anything else with messages and `send`.
 * @param options see {@link RequestOptions}.
 * @throws OptionError at once, if an option is invalid; `error.option` names it.
 */
export function request<Q, A>(
  session: Observable<Uint8Array> & { send(message: Message): Promise<void> },
  options: RequestOptions<Q, A>,
): (request: Q) => Observable<A> {
  checkOptions(options, NAMES);
  const { id: idOf, encode, decode, answerTo, timeout = 10_000, maxInFlight = 1024 } = options;
  for (const [name, value] of Object.entries({ id: idOf, encode, decode, answerTo })) requireFunction(name, value);
  requireInteger('timeout', timeout, 1, 0x7fff_ffff);
  requireInteger('maxInFlight', maxInFlight, 1, 1_000_000);
  requireScheduler('scheduler', options.scheduler);
  const inFlight = new Map<unknown, Subscriber<A>>();
  let reading = Subscription.EMPTY;

  const failAll = (errorOf: (id: unknown) => unknown): void => {
    for (const [id, subscriber] of [...inFlight]) subscriber.error(errorOf(id));
  };
  const receive = (message: Uint8Array): void => {
    try {
      const value = decode(message);
      const id = answerTo(value);
      const subscriber = id === undefined ? undefined : inFlight.get(id);
      subscriber?.next(value);
      subscriber?.complete();
    } catch (error) {
      failAll(() => error);
    }
  };
  const read = (): void => {
    reading = new Subscription();
    subscribeWithin(session, reading, {
      next: receive,
      error: (error) => {
        reading.unsubscribe();
        failAll(() => error);
      },
      complete: () => {
        reading.unsubscribe();
        failAll((id) => new RequestUnansweredError(id));
      },
    });
  };

  return (value) =>
    new Observable((subscriber) => {
      const id = idOf(value);
      if (inFlight.has(id)) throw new RequestRefusedError(id, 'its id is in flight already');
      if (inFlight.size >= maxInFlight) throw new RequestRefusedError(id, `${maxInFlight} are in flight (maxInFlight)`);
      const message = encode(value);
      const clock = clockOf(options.scheduler);
      const timer = timerQueueOf(clock).timer(() => subscriber.error(new RequestTimeoutError(id, timeout)));
      subscriber.add(() => {
        timer.set(undefined);
        inFlight.delete(id);
        if (inFlight.size === 0) reading.unsubscribe();
      });
      inFlight.set(id, subscriber);
      timer.set(timeout);
      if (reading.closed) read();
      if (subscriber.closed) return;
      session.send(message).catch((error) => subscriber.error(error));
    });
}
