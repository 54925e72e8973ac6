// Written by docs/marble-testing.md and the documentation of `request` alone: a client of a key-value server, with timeouts and
// retries, as diagrams in virtual time.

import { concatMap, map, type Observable, retry, timer } from 'rxjs';
import { RequestTimeoutError, type Session } from 'rxkcp';
import { request } from 'rxkcp/operators';
import { label, virtual } from 'rxkcp/testing';
import { expect, test } from 'vitest';

interface Call {
  readonly id: number;
  readonly key: string;
  readonly value?: string;
}

interface Result {
  readonly id: number;
  readonly value: string;
}

const equal = (actual: unknown, expected: unknown): void => expect(actual).toEqual(expected);
const encode = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const decode = (message: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(message));

/** Answers after `think` ms. A call that comes again is answered again, and done once. */
function serveStore(session: Session, think: (call: Call) => number): { readonly done: string[] } {
  const store = new Map<string, string>();
  const results = new Map<number, string>();
  const done: string[] = [];
  session.pipe(map((message) => decode(message) as Call)).subscribe((call) => {
    const { id, key, value } = call;
    if (!results.has(id)) {
      if (value !== undefined) store.set(key, value);
      done.push(`${value === undefined ? 'get' : 'set'} ${key}`);
      results.set(id, store.get(key) ?? 'none');
    }
    timer(think(call)).subscribe(() => session.next(encode({ id, value: results.get(id) })));
  });
  return { done };
}

class Client {
  readonly #call: (call: Call) => Observable<Result>;
  #lastId = 0;

  constructor(session: Session) {
    this.#call = request<Call, Result>(session, {
      id: ({ id }) => id,
      encode,
      decode: (message) => decode(message) as Result,
      answerTo: ({ id }) => id,
      timeout: 100,
    });
  }

  /** The same id each time: the server recognizes a call that comes again. */
  ask(key: string, value?: string): Observable<string> {
    const id = ++this.#lastId;
    const call = value === undefined ? { id, key } : { id, key, value };
    return this.#call(call).pipe(
      retry({ count: 2, delay: (_, attempt) => timer(50 * attempt) }),
      map((result) => result.value),
    );
  }
}

test('a call is its answer, a round trip later', () => {
  virtual(
    equal,
    ({ expectObservable, left, right }) => {
      serveStore(right, () => 5);
      const client = new Client(left);
      const talk = client.ask('a', '1').pipe(concatMap(() => client.ask('a')));
      expectObservable(talk).toBe('90ms (1|)');
    },
    { network: { delay: 20 }, options: { mode: 'fast3' } },
  );
});

test('answers out of order find their calls', () => {
  virtual(
    equal,
    ({ expectObservable, left, right }) => {
      serveStore(right, ({ key }) => (key === 'slow' ? 50 : 1));
      const client = new Client(left);
      expectObservable(client.ask('slow')).toBe('70ms (n|)', { n: 'none' });
      expectObservable(client.ask('fast')).toBe('21ms (n|)', { n: 'none' });
    },
    { network: { delay: 10 }, options: { mode: 'fast3' } },
  );
});

test('a call that times out is made again, and done once', () => {
  virtual(
    equal,
    ({ expectObservable, left, right }) => {
      let calls = 0;
      const { done } = serveStore(right, () => (++calls === 1 ? 500 : 5));
      const client = new Client(left);
      // 100 ms without an answer, a pause of 50, and 25 for the second call.
      expectObservable(client.ask('a', '1')).toBe('175ms (1|)');
      timer(1000).subscribe(() => expect([calls, done]).toEqual([2, ['set a']]));
    },
    { network: { delay: 10 }, options: { mode: 'fast3' } },
  );
});

test('after the last timeout the error says which call it was', () => {
  virtual(
    equal,
    ({ expectObservable, left, right, transcript }) => {
      right.subscribe();
      const client = new Client(left);
      // Three timeouts of 100 ms, and pauses of 50 and 100 ms between them.
      expectObservable(client.ask('a')).toBe('450ms #', undefined, new RequestTimeoutError(1, 100));
      timer(600).subscribe(() => {
        const sent = transcript.entries.filter(({ from, what }) => from === 'left' && what === 'sent');
        expect(sent.filter(({ packet }) => label(packet).includes('PUSH')).length).toBe(3);
      });
    },
    { network: { delay: 10 }, options: { mode: 'fast3' } },
  );
});

test('across a bad network every call is answered', () => {
  const answers: string[] = [];
  const { done } = virtual(
    equal,
    ({ left, right }) => {
      const served = serveStore(right, () => 1);
      const client = new Client(left);
      for (let i = 0; i < 50; i++)
        timer(10 * i).subscribe(() => client.ask(`${i}`, `${i}`).subscribe((value) => answers.push(value)));
      return served;
    },
    { seed: 3, network: { loss: 0.05, delay: 10, jitter: 5 }, options: { mode: 'fast3' } },
  );
  expect(answers.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(new Set(done).size).toBe(done.length);
});
