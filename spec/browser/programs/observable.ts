// Sessions and the browser's own Observable, in a page.

import { map, Observable } from 'rxjs';
import { connect, memoryPair, type Session } from 'rxkcp';
import { fromPlatformObservable, type PlatformObservable, toPlatformObservable } from 'rxkcp/adapters';

/** Of the platform's Observable, what is used here of its operators. */
interface Chainable<T> extends PlatformObservable<T> {
  map<U>(project: (value: T) => U): Chainable<U>;
  take(count: number): Chainable<T>;
  toArray(): Promise<T[]>;
}

/** What came of it. */
export interface Observed {
  /** Lengths of the messages that the page's Observable emitted. */
  readonly lengths: readonly number[];
  /** Whether the session lost its subscriber when the page's had enough. */
  readonly isReleased: boolean;
  /** What RxJS received of events of the page. */
  readonly clicks: readonly string[];
}

export async function observe(): Promise<Observed> {
  const [left, right] = memoryPair();
  const open = (link: typeof left): Session => {
    let opened: Session | undefined;
    connect({ link, conv: 1, mode: 'fast3' }).subscribe((session) => {
      opened = session;
    });
    return opened as Session;
  };
  const [near, far] = [open(left), open(right)];
  let isReleased = false;
  const messages = toPlatformObservable(
    new Observable<Uint8Array>((subscriber) => {
      subscriber.add(far.messages$.subscribe(subscriber));
      subscriber.add(() => {
        isReleased = true;
      });
    }),
  ) as Chainable<Uint8Array>;
  const lengths = messages
    .map((message) => message.length)
    .take(3)
    .toArray();
  for (let length = 1; length <= 5; length++) near.next(new Uint8Array(length));

  const target = new EventTarget() as EventTarget & { when(type: string): PlatformObservable<Event> };
  const clicks: string[] = [];
  const clicking = fromPlatformObservable(target.when('click'))
    .pipe(map(({ type }) => type))
    .subscribe((type) => clicks.push(type));
  target.dispatchEvent(new Event('click'));
  clicking.unsubscribe();
  target.dispatchEvent(new Event('click'));

  const result = { lengths: await lengths, isReleased, clicks };
  near.close();
  far.close();
  return result;
}
