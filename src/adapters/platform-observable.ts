// RxJS Observables as the web platform's own, and back (https://wicg.github.io/observable/).

import { Observable, Subscription } from 'rxjs';
import { ensure, isFunction, requireObservable } from '../check.ts';
import { subscribeWithin } from '../rx/subscribe-within.ts';

/** An Observable of the web platform, as far as it is used here. */
export interface PlatformObservable<T> {
  /** Subscribes until `signal` is aborted. */
  subscribe(observer: PlatformObserver<T>, options?: { readonly signal?: AbortSignal }): void;
}

/** Receives the values and the end of a {@link PlatformObservable}. */
export interface PlatformObserver<T> {
  /** Called per value. */
  next(value: T): void;
  /** Called if the source fails. */
  error(error: unknown): void;
  /** Called when the source completes. */
  complete(): void;
}

/** The producer's side of a {@link PlatformObservable}. */
export interface PlatformSubscriber<T> extends PlatformObserver<T> {
  /** Calls `teardown` when the subscription ends. */
  addTeardown(teardown: () => void): void;
}

/** The constructor `Observable` of the web platform. */
export type PlatformObservableConstructor = new <T>(
  subscribe: (subscriber: PlatformSubscriber<T>) => void,
) => PlatformObservable<T>;

/**
 * Converts an RxJS Observable, such as a session, to the web platform's `Observable`.
 *
 * A platform Observable has one producer for all its subscribers. With `toPlatformObservable(connect(…))`, they therefore share one session. It
 * subscribes with its first subscriber, and unsubscribes when the last one aborts. It has no schedulers.
 *
 * @example
 * toPlatformObservable(session).subscribe({ next: (message) => console.log(message), error: console.error, complete: () => {} });
 *
 * @param source any RxJS Observable.
 * @param Platform the constructor. Default `globalThis.Observable`.
 * @throws OptionError if the platform has no `Observable`, as Node, or if `source` is not an Observable.
 */
export function toPlatformObservable<T>(
  source: Observable<T>,
  Platform: PlatformObservableConstructor | undefined = (
    globalThis as { readonly Observable?: PlatformObservableConstructor }
  ).Observable,
): PlatformObservable<T> {
  requireObservable('source', source);
  ensure('Platform', Platform, isFunction(Platform), 'the Observable of a platform that has one');
  return new (Platform as PlatformObservableConstructor)<T>((subscriber) => {
    // The teardown comes first: the source may emit while it is being subscribed to, and the subscriber may abort then.
    const subscription = new Subscription();
    subscriber.addTeardown(() => subscription.unsubscribe());
    subscribeWithin(source, subscription, subscriber);
  });
}

/**
 * Converts an Observable of the web platform to RxJS. Unsubscribing aborts.
 *
 * @example
 * fromPlatformObservable(button.when('click')).pipe(map(() => hello)).subscribe(session);
 *
 * @param source an Observable of the web platform.
 * @throws OptionError if it is anything else.
 */
export function fromPlatformObservable<T>(source: PlatformObservable<T>): Observable<T> {
  const { subscribe, pipe } = (source ?? {}) as Partial<PlatformObservable<T>> & { readonly pipe?: unknown };
  // An Observable of RxJS ignores the signal, so unsubscribing would have no effect.
  ensure('source', source, isFunction(subscribe) && !isFunction(pipe), 'an Observable of the platform');
  return new Observable((subscriber) => {
    const controller = new AbortController();
    subscriber.add(() => controller.abort());
    source.subscribe(
      {
        next: (value) => subscriber.next(value),
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      },
      { signal: controller.signal },
    );
  });
}
