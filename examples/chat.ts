// A chat server with rooms: npm run example examples/chat.ts

import { concat, ignoreElements, map, merge, type Observable, of, Subject, switchMap, take, tap, timer } from 'rxjs';
import { connect, type Session } from 'rxkcp';
import { broadcast, converse, sendTo } from 'rxkcp/operators';
import { runAsProgram } from './support/program.ts';
import { serve } from './support/serve.ts';
import { decode, encode } from './support/text.ts';

/** Number of lines that a new member of a room receives. */
const HISTORY = 10;
/** Bytes of the longest name of a room. */
const NAME_BYTES = 100;
/** Bytes that may wait for one member. A member that falls further behind is disconnected, so that it slows down no other member. */
const QUEUE_BYTES = 1_000_000;

/** Bytes of the longest line. A peer may send a line that is too large for other members, which would end the `broadcast` of its room. */
const LINE_BYTES = 10_000;

/** Sends each line to all members. */
class Room {
  readonly #members = new Set<Session>();
  readonly #history: Uint8Array[] = [];
  readonly #lines = new Subject<Uint8Array>();

  constructor() {
    this.#lines.pipe(broadcast(this.#members, { slow: 'disconnect', queueBytes: QUEUE_BYTES })).subscribe();
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  join(session: Session, name: string): void {
    session.next(encode(`welcome to ${name}`));
    for (const line of this.#history) session.next(line);
    this.#members.add(session);
  }

  leave(session: Session): void {
    this.#members.delete(session);
  }

  say(line: Uint8Array): void {
    this.#history.push(line);
    if (this.#history.length > HISTORY) this.#history.shift();
    this.#lines.next(line);
  }
}

/**
 * The server. The first message of a session names its room, and every later message is a line for all members of that room. A session that
 * sends more than `LINE_BYTES` at once is closed.
 */
export function chatServer(): Observable<number> {
  const rooms = new Map<string, Room>();
  const enter = (named: Uint8Array, session: Session): Room => {
    if (named.length > NAME_BYTES) throw new RangeError(`the name of a room has ${named.length} bytes`);
    const name = decode(named);
    const room = rooms.get(name) ?? new Room();
    rooms.set(name, room);
    room.join(session, name);
    session.closed$.subscribe(() => {
      room.leave(session);
      if (room.isEmpty) rooms.delete(name);
    });
    return room;
  };
  return serve({ mode: 'fast2', idleTimeout: 10_000 }, (session) => {
    let room: Room | undefined;
    return session.pipe(
      tap((message) => {
        if (message.length > LINE_BYTES) throw new RangeError(`a line has at most ${LINE_BYTES} bytes`);
        if (room) room.say(message);
        else room = enter(message, session);
      }),
    );
  });
}

/** A member: sends the lines of `said` to `room`, and emits all lines of the room, including its own. */
export function member(port: number, room: string, name: string, said: Observable<string>): Observable<string> {
  return connect({ port, mode: 'fast2' }).pipe(
    converse((session) => {
      const lines = concat(of(room, `${name} is here`), said.pipe(map((line) => `${name}: ${line}`)));
      return merge(session.pipe(map(decode)), lines.pipe(map(encode), sendTo(session), ignoreElements()));
    }),
  );
}

/** Alice and Bob talk in the kitchen. Carol comes late and receives the lines before her. Dave is in the garden. */
export function evening(): Observable<string> {
  return chatServer().pipe(
    switchMap((port) => {
      const says = (after: number, line: string): Observable<string> => timer(after).pipe(map(() => line));
      const sees = (name: string, lines: Observable<string>): Observable<string> =>
        lines.pipe(map((line) => `${name} sees "${line}"`));
      const alice = member(port, 'kitchen', 'Alice', says(100, 'Hello Bob!'));
      const bob = member(port, 'kitchen', 'Bob', says(200, 'Hi Alice.'));
      const dave = member(port, 'garden', 'Dave', says(250, 'Is anybody out here?'));
      const carol = timer(300).pipe(switchMap(() => member(port, 'kitchen', 'Carol', says(50, 'What did I miss?'))));
      const silently = [alice, bob].map((each) => each.pipe(ignoreElements()));
      return merge(...silently, sees('Dave', dave), sees('Carol', carol));
    }),
    take(10),
  );
}

runAsProgram(import.meta.url, evening());
