import { config, Subject, take } from 'rxjs';
import { OptionError } from 'rxkcp';
import { type MultiplexOptions, multiplex } from 'rxkcp/operators';
import { virtual } from 'rxkcp/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { text, words } from '../support/marbles.ts';

afterEach(() => {
  config.onUnhandledError = null;
});

/** `A1` is of the key A; what does not begin with a capital is of none. */
const letters: MultiplexOptions<string, string> = {
  decode: words,
  key: ([letter = '']) => (/[A-Z]/.test(letter) ? letter : undefined),
  subscribe: (key) => text(`+${key}`),
  unsubscribe: (key) => text(`-${key}`),
};

/** What comes in, and what was sent. */
class Line {
  readonly incoming = new Subject<Uint8Array>();
  readonly sent: string[] = [];
  readonly session = Object.assign(this.incoming.asObservable(), {
    next: (message: unknown) => void this.sent.push(words(message as Uint8Array)),
  });

  receive(...messages: string[]): void {
    for (const message of messages) this.incoming.next(text(message));
  }
}

describe('multiplex', () => {
  test('gives each key its messages, and says to the peer which keys are wanted', () => {
    const line = new Line();
    const of = multiplex(line.session, letters);
    const seen: string[] = [];
    const subscriptions = ['A', 'B'].map((key) => of(key).subscribe((value) => seen.push(`${key}: ${value}`)));
    expect(line.sent).toEqual(['+A', '+B']);
    line.receive('A1', 'C1', 'B1', 'note', 'A2');
    subscriptions[0]?.unsubscribe();
    line.receive('A3', 'B2');
    expect(seen).toEqual(['A: A1', 'B: B1', 'A: A2', 'B: B2']);
    expect(line.sent).toEqual(['+A', '+B', '-A']);
    expect(line.incoming.observers.length).toBe(1);
    subscriptions[1]?.unsubscribe();
    expect(line.sent.at(-1)).toBe('-B');
    expect(line.incoming.observed).toBe(false);
  });

  test('asks once for a key, and leaves with its last subscriber', () => {
    const line = new Line();
    const a = multiplex(line.session, letters)('A');
    const seen: string[] = [];
    const [first, second] = [a.subscribe(), a.subscribe((value) => seen.push(value))];
    first.unsubscribe();
    line.receive('A1');
    second.unsubscribe();
    expect([seen, line.sent]).toEqual([['A1'], ['+A', '-A']]);
    a.pipe(take(1)).subscribe();
    line.receive('A2');
    expect(line.sent).toEqual(['+A', '-A', '+A', '-A']);
  });

  test('decodes each message once, however many keys are subscribed to', () => {
    const line = new Line();
    let decoded = 0;
    const of = multiplex(line.session, { ...letters, decode: (message) => words(message) + (++decoded > 0 ? '' : '') });
    for (const key of 'ABC') of(key).subscribe();
    line.receive('A1', 'B1', 'note');
    expect(decoded).toBe(3);
  });

  test('ends with the session, and sends nothing after that', () => {
    for (const how of ['complete', 'error'] as const) {
      const line = new Line();
      const of = multiplex(line.session, letters);
      const ends: string[] = [];
      for (const key of 'AB') {
        of(key).subscribe({ error: (error) => ends.push(`${key} ${error}`), complete: () => ends.push(`${key} |`) });
      }
      line.incoming[how]('gone');
      expect(ends).toEqual(how === 'error' ? ['A gone', 'B gone'] : ['A |', 'B |']);
      expect(line.sent).toEqual(['+A', '+B']);
      of('C').subscribe({ error: (error) => ends.push(`C ${error}`), complete: () => ends.push('C |') });
      expect(ends[2]).toBe(how === 'error' ? 'C gone' : 'C |');
      expect(line.sent).toEqual(['+A', '+B']);
    }
  });

  test('sends nothing without subscribe and unsubscribe', () => {
    const line = new Line();
    const seen: string[] = [];
    multiplex(line.session, { decode: words, key: letters.key })('A')
      .pipe(take(1))
      .subscribe((value) => seen.push(value));
    line.receive('A1');
    expect([seen, line.sent, line.incoming.observed]).toEqual([['A1'], [], false]);
  });

  test('hands on what its functions throw', async () => {
    const unhandled: unknown[] = [];
    config.onUnhandledError = (error) => unhandled.push(error);
    const fail = (): never => {
      throw new Error('as planned');
    };
    const line = new Line();
    const errors: unknown[] = [];
    const of = multiplex(line.session, { ...letters, decode: fail });
    for (const key of 'AB') of(key).subscribe({ error: ({ message }: Error) => errors.push(message) });
    line.receive('A1');
    expect(errors).toEqual(['as planned', 'as planned']);
    expect(line.incoming.observed).toBe(false);
    multiplex(line.session, { ...letters, subscribe: fail })('A').subscribe({ error: () => errors.push('own') });
    expect(errors[2]).toBe('own');
    multiplex(line.session, { ...letters, unsubscribe: fail })('A')
      .subscribe()
      .unsubscribe();
    await eventually(() => expect(unhandled).toEqual([new Error('as planned')]));
    expect(line.incoming.observed).toBe(false);
  });

  test('is several conversations in one, in a diagram', () => {
    virtual(
      (actual, expected) => expect(actual).toEqual(expected),
      ({ cold, expectObservable, left, right }) => {
        const of = multiplex(left, letters);
        expectObservable(of('A'), '^----!').toBe('--1--', { 1: 'A1' });
        expectObservable(of('B')).toBe('----2', { 2: 'B1' });
        cold('--1-2-3', { 1: text('A1'), 2: text('B1'), 3: text('A2') }).subscribe(right);
        const sent = right.pipe((source) => source);
        expectObservable(sent).toBe('(ab)-c', { a: text('+A'), b: text('+B'), c: text('-A') });
      },
    );
  });

  test('refuses options that are wrong', () => {
    const { session } = new Line();
    const wrong = [{ decode: undefined }, { key: 1 }, { subscribe: 'A' }, { unsubscribe: 'A' }, { keys: 1 }];
    for (const options of wrong) {
      expect(() => multiplex(session, { ...letters, ...options } as never)).toThrow(OptionError);
    }
  });
});
