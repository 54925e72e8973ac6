// Operators of one conversation, which is there once.

import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { AlreadySubscribedError } from '../errors.ts';

/** An operator whose Observable, whatever it is applied to, can be subscribed to once. */
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
