// A chat room, all of whose members are one stream: npm run example examples/chat.ts

import { concat, ignoreElements, map, merge, Observable, of, ReplaySubject, switchMap, take, tap, timer } from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { converse, sendTo } from 'rxkcp/operators';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';
import { decode, encode } from './support/text.ts';

/** Lines that somebody who comes late still gets to see. */
const HISTORY = 10;

/** The server: what anyone says, everyone hears. */
export function chatRoom(): Observable<number> {
  return new Observable((subscriber) => {
    const room = new ReplaySubject<Uint8Array>(HISTORY);
    // A member who does not keep up is the only one to suffer: `sendTo` fails with SendQueueFullError, and that session is closed. The
    // part of one who has left ends with the session.
    const join = (session: Session): Observable<unknown> =>
      merge(session.pipe(tap((line) => room.next(line))), room.pipe(sendTo(session, { queueBytes: 1e6 })));
    subscriber.add(serve({ mode: 'fast2', idleTimeout: 10_000 }, join).subscribe(subscriber));
  });
}

/** A member: says what `said` emits, hears everyone, also itself. */
export function member(port: number, name: string, said: Observable<string>): Observable<string> {
  return connect({ port, mode: 'fast2' }).pipe(
    converse((session) => {
      // A server learns of a client by its first message.
      const lines = concat(of(`${name} is here`), said.pipe(map((line) => `${name}: ${line}`)));
      return merge(session.pipe(map(decode)), lines.pipe(map(encode), sendTo(session), ignoreElements()));
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
