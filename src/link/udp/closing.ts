// Sockets that are closed once their last datagrams have left, and ports that are bound only after that.

import { Observable } from 'rxjs';

/** ms after which a socket is closed, even if datagrams are left in it. */
const PATIENCE = 1000;

interface Closing {
  sockets: number;
  readonly waiting: (() => void)[];
}

/** By port. */
const closings = new Map<number, Closing>();

/** Calls `close` as soon as `isIdle` holds: within this call if it does already. Until then `port` counts as in use. */
export function closeWhenIdle(port: number, isIdle: () => boolean, close: () => void): void {
  if (isIdle()) {
    close();
    return;
  }
  const closing = closings.get(port) ?? { sockets: 0, waiting: [] };
  closings.set(port, closing);
  closing.sockets++;
  const until = performance.now() + PATIENCE;
  const check = (): void => {
    if (!isIdle() && performance.now() < until) {
      setTimeout(check, 1);
      return;
    }
    close();
    if (--closing.sockets > 0) return;
    closings.delete(port);
    for (const open of closing.waiting) open();
  };
  setImmediate(check);
}

/** Subscribes to `opening`, which binds `port`, once no socket of that port is about to be closed. */
export function afterClosing<T>(port: number, opening: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const open = (): void => {
      if (!subscriber.closed) opening.subscribe(subscriber);
    };
    const closing = closings.get(port);
    if (closing === undefined) open();
    else closing.waiting.push(open);
  });
}
