import { catchError, concatMap, EMPTY, map, mergeMap, type Observable, of, retry, Subject, tap, timer } from 'rxjs';
import {
  OptionError,
  RequestRefusedError,
  RequestTimeoutError,
  RequestUnansweredError,
  SessionClosedError,
} from 'rxkcp';
import { type RequestOptions, request } from 'rxkcp/operators';
import { virtual } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { testScheduler, text, words } from '../support/marbles.ts';

const equal = (actual: unknown, expected: unknown): void => expect(actual).toEqual(expected);

/** A request is a letter; its answer the same as a capital. What is neither is a notification. */
const letters: RequestOptions<string, string> = {
  id: (letter) => letter,
  encode: text,
  decode: words,
  answerTo: (answer) => (/^[A-Z]$/.test(answer) ? answer.toLowerCase() : undefined),
};

/** A peer that the test answers for. */
class Peer extends Subject<Uint8Array> {
  readonly asked: string[] = [];
  fails: Error | undefined = undefined;

  send(message: unknown): Promise<void> {
    if (this.fails !== undefined) return Promise.reject(this.fails);
    this.asked.push(words(message as Uint8Array));
    return Promise.resolve();
  }

  answer(...messages: string[]): void {
    for (const message of messages) this.next(text(message));
  }
}

/** What an Observable does, in words. */
function watch(observable: Observable<string>): string[] {
  const seen: string[] = [];
  observable.subscribe({
    next: (value) => seen.push(value),
    error: ({ name }: Error) => seen.push(name),
    complete: () => seen.push('|'),
  });
  return seen;
}

describe('request', () => {
  test('sends on subscription, emits the answer and completes, whatever the order of answers', () => {
    const peer = new Peer();
    const ask = request(peer, letters);
    const [a, b] = [ask('a'), ask('b')];
    expect(peer.asked).toEqual([]);
    const seen = [watch(a), watch(b)];
    expect(peer.asked).toEqual(['a', 'b']);
    peer.answer('B', 'note', 'A', 'A');
    expect(seen).toEqual([
      ['A', '|'],
      ['B', '|'],
    ]);
  });

  test('reads the session only while a request is in flight', () => {
    const peer = new Peer();
    const ask = request(peer, letters);
    expect(peer.observed).toBe(false);
    const first = ask('a').subscribe();
    ask('b').subscribe();
    expect(peer.observers.length).toBe(1);
    first.unsubscribe();
    expect(peer.observed).toBe(true);
    peer.answer('B');
    expect(peer.observed).toBe(false);
  });

  test('forgets a request that is unsubscribed from: its answer is ignored, and its id is free again', () => {
    const peer = new Peer();
    const ask = request(peer, letters);
    const first: string[] = [];
    ask('a')
      .subscribe((answer) => first.push(answer))
      .unsubscribe();
    const second = watch(ask('b'));
    peer.answer('A');
    const third = watch(ask('a'));
    peer.answer('A', 'B');
    expect([first, second, third]).toEqual([[], ['B', '|'], ['A', '|']]);
  });

  test('times out on the virtual clock, to the millisecond, and leaves no timer after an answer', () => {
    testScheduler().run(({ expectObservable, expectSubscriptions, hot }) => {
      const messages = hot('--x 99ms y', { x: text('B'), y: text('A') });
      const session = Object.assign(messages, { send: () => Promise.resolve() });
      const ask = request(session, { ...letters, timeout: 100 });
      expectObservable(ask('a')).toBe('100ms #', {}, new RequestTimeoutError('a', 100));
      expectObservable(ask('b')).toBe('--(B|)');
      expectSubscriptions(messages.subscriptions).toBe('^ 99ms !');
    });
  });

  test('fails with the error of the session, or because it has ended', () => {
    const [failing, completing] = [new Peer(), new Peer()];
    const seen = [failing, completing].map((peer) => ['a', 'b'].map((letter) => watch(request(peer, letters)(letter))));
    failing.error(new SessionClosedError(1));
    completing.complete();
    expect(seen).toEqual([
      [['SessionClosedError'], ['SessionClosedError']],
      [['RequestUnansweredError'], ['RequestUnansweredError']],
    ]);
    expect(watch(request(completing, letters)('c'))).toEqual(['RequestUnansweredError']);
  });

  test('fails at once when it is tried again on a session that has ended meanwhile', () => {
    const peer = new Peer();
    const ask = request(peer, letters);
    const seen = [watch(ask('a').pipe(retry(1))), watch(ask('b').pipe(retry(1)))];
    peer.complete();
    expect(seen).toEqual([['RequestUnansweredError'], ['RequestUnansweredError']]);
  });

  test('fails with what send rejects with, and only that request', async () => {
    const peer = new Peer();
    const ask = request(peer, letters);
    const good = watch(ask('a'));
    peer.fails = new SessionClosedError(1);
    const bad = watch(ask('b'));
    await Promise.resolve();
    await Promise.resolve();
    expect(bad).toEqual(['SessionClosedError']);
    peer.answer('A');
    expect(good).toEqual(['A', '|']);
  });

  test('refuses a request whose id is in flight, and more than it may have in flight', () => {
    const peer = new Peer();
    const ask = request(peer, { ...letters, maxInFlight: 2 });
    const first = watch(ask('a'));
    expect(watch(ask('a'))).toEqual(['RequestRefusedError']);
    ask('b').subscribe();
    let error: unknown;
    ask('c').subscribe({ error: (refused) => (error = refused) });
    expect(error).toEqual(new RequestRefusedError('c', '2 are in flight (maxInFlight)'));
    expect(peer.asked).toEqual(['a', 'b']);
    peer.answer('A');
    expect(first).toEqual(['A', '|']);
    expect(watch(ask('c'))).toEqual([]);
  });

  test('hands on what its functions throw: of id and encode to the request, of decode to all in flight', () => {
    const peer = new Peer();
    const fail = (): never => {
      throw new TypeError('as planned');
    };
    expect(watch(request(peer, { ...letters, id: fail })('a'))).toEqual(['TypeError']);
    expect(watch(request(peer, { ...letters, encode: fail })('a'))).toEqual(['TypeError']);
    for (const options of [
      { ...letters, decode: fail },
      { ...letters, answerTo: fail },
    ]) {
      const ask = request(peer, options);
      const seen = [watch(ask('a')), watch(ask('b'))];
      peer.answer('A');
      expect(seen).toEqual([['TypeError'], ['TypeError']]);
    }
    expect(peer.observed).toBe(false);
  });

  test('may be asked again from within an answer', () => {
    const peer = new Peer();
    const ask = request(peer, letters);
    const seen = watch(ask('a').pipe(concatMap((answer) => ask('b').pipe(map((next) => answer + next)))));
    peer.answer('A');
    peer.answer('B');
    expect(seen).toEqual(['AB', '|']);
  });

  test('works across a bad network: many in flight, answers out of order, retries of what was given up', () => {
    virtual(
      equal,
      ({ left, right }) => {
        const answered: string[] = [];
        right
          .pipe(mergeMap((message) => timer(message[0] === 97 ? 300 : 10).pipe(map(() => message))))
          .subscribe((message) => right.next(text(words(message).toUpperCase())));
        const ask = request(left, { ...letters, timeout: 250 });
        of('a', 'b', 'c', 'd')
          .pipe(
            mergeMap((letter) => ask(letter).pipe(retry(letter === 'a' ? 0 : 3))),
            tap((answer) => answered.push(answer)),
            catchError((error) => {
              expect(error).toEqual(new RequestTimeoutError('a', 250));
              answered.push('timeout');
              return EMPTY;
            }),
          )
          .subscribe();
        timer(5000).subscribe(() => expect(answered.sort()).toEqual(['B', 'C', 'D', 'timeout']));
      },
      { network: { loss: 0.1, delay: 15 }, options: { mode: 'fast3' }, until: 6000 },
    );
  });

  test('refuses options that are wrong', () => {
    const wrong = [
      { id: 1 },
      { encode: undefined },
      { decode: 1 },
      { answerTo: 1 },
      { timeout: 0 },
      { maxInFlight: 0 },
    ];
    for (const options of [...wrong, { scheduler: {} }, { timout: 1 }]) {
      expect(() => request(new Peer(), { ...letters, ...options } as never)).toThrow(OptionError);
    }
    expect(new RequestUnansweredError(1).code).toBe('ERR_REQUEST_UNANSWERED');
  });
});
