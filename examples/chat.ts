// A chat room, all of whose members are one stream: npm run example examples/chat.ts

import { concat, concatMap, ignoreElements, map, merge, Observable, ReplaySubject, switchMap, take, timer } from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';
import { decode, encode } from './support/text.ts';

/** Lines that somebody who comes late still gets to see. */
const HISTORY = 10;

/** The server: what anyone says, everyone hears. */
export function chatRoom(): Observable<number> {
  return new Observable((subscriber) => {
    const room = new ReplaySubject<Uint8Array>(HISTORY);
    const join = (session: Session): void => {
      // A member who does not keep up is the only one to suffer: that session fails with SendQueueFullError, and with it ends
      // its part in the room. One who has silently left fails with IdleTimeoutError.
      const listening = room.subscribe((line) => session.next(line));
      session.subscribe({ next: (line) => room.next(line), error: () => {} });
      session.closed$.subscribe(() => listening.unsubscribe());
    };
    subscriber.add(serve({ mode: 'fast2', idleTimeout: 10_000, sendQueueBytes: 1e6 }, join).subscribe(subscriber));
  });
}

/** A member: says what `said` emits, hears everyone, also itself. */
export function member(port: number, name: string, said: Observable<string>): Observable<string> {
  return connect({ port, mode: 'fast2' }).pipe(
    switchMap((session) => {
      // A server learns of a client by its first message.
      const hello = `${name} is here`;
      const saying = concat(
        session.send(encode(hello)),
        said.pipe(concatMap((line) => session.send(encode(`${name}: ${line}`)))),
      );
      return merge(session.pipe(map(decode)), saying.pipe(ignoreElements()));
    }),
  );
}

/** Alice and Bob talk; Carol comes late, and gets to see what was said before she came. */
export function evening(): Observable<string> {
  return chatRoom().pipe(
    switchMap((port) => {
      const says = (after: number, line: string): Observable<string> => timer(after).pipe(map(() => line));
      const alice = member(port, 'Alice', says(100, 'Hello Bob!'));
      const bob = member(port, 'Bob', says(200, 'Hi Alice.'));
      const carol = timer(300).pipe(switchMap(() => member(port, 'Carol', says(50, 'What did I miss?'))));
      const silently = [alice, bob].map((each) => each.pipe(ignoreElements()));
      return merge(...silently, carol.pipe(map((line) => `Carol sees "${line}"`)));
    }),
    take(6),
  );
}

runAsProgram(import.meta.url, evening());
