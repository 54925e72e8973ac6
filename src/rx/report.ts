// Where errors go that have no stream to go to.

import { throwError } from './rxjs.ts';

/** Reports `error` as RxJS reports what no subscriber handles: to `config.onUnhandledError`, or as an uncaught exception. */
export function reportUnhandled(error: unknown): void {
  throwError(() => error).subscribe();
}

/** Calls `callback`, a user's; what it throws is reported, and never reaches the caller. */
export function callSafely<A extends unknown[]>(callback: (...args: A) => void, ...args: A): void {
  try {
    callback(...args);
  } catch (error) {
    reportUnhandled(error);
  }
}
