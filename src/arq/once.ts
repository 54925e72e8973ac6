// An operator of one conversation. Its packets and messages are those of one peer, so its Observable, whatever the operator is applied
// to, can be subscribed to once.

import { AlreadySubscribedError } from '../errors.ts';
import { Observable, type OperatorFunction, type Subscriber } from '../rx/rxjs.ts';

/** @param name of the operator, for the error of a second subscriber. */
export function once<A, B>(
  name: string,
  start: (source: Observable<A>, subscriber: Subscriber<B>) => void,
): OperatorFunction<A, B> {
  let isUsed = false;
  return (source) =>
    new Observable((subscriber) => {
      if (isUsed) throw new AlreadySubscribedError(name);
      isUsed = true;
      start(source, subscriber);
    });
}
