import { map, of } from 'rxjs';
import { FrameTooLargeError, InvalidJsonError, OptionError } from 'rxkcp';
import { encodeJson } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import { testScheduler, words } from '../support/marbles.ts';

describe('encodeJson', () => {
  test('writes each value as one line, whatever is in it', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<unknown>('-a-b-c-|', { a: { a: [1, null] }, b: 'two\nlines', c: null });
      expectObservable(source.pipe(encodeJson(), map(words))).toBe('-a-b-c-|', {
        a: '{"a":[1,null]}\n',
        b: '"two\\nlines"\n',
        c: 'null\n',
      });
      expectSubscriptions(source.subscriptions).toBe('^------!');
    });
  });

  test.each([[undefined], [1n], [() => 1], [Symbol('s')]])('fails on a value without JSON: %s', (value) => {
    const errors: unknown[] = [];
    of(value)
      .pipe(encodeJson())
      .subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual([new InvalidJsonError(undefined)]);
  });

  test('says with what it failed: a cycle', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const errors: InvalidJsonError[] = [];
    of(cycle)
      .pipe(encodeJson())
      .subscribe({ error: (error) => errors.push(error) });
    expect(errors[0]?.cause).toBeInstanceOf(TypeError);
    expect(errors[0]?.line).toBeUndefined();
  });

  test('fails on a value over the cap, and lets go of its source', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-a', { a: 'abc', b: 'abcd' });
      const error = new FrameTooLargeError('line', 6, 5);
      expectObservable(source.pipe(encodeJson({ maxLength: 5 }), map(words))).toBe('-a-#', { a: '"abc"\n' }, error);
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('passes on errors, and unsubscribes from its source when it is unsubscribed from', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('--#').pipe(encodeJson())).toBe('--#');
      const source = cold('------');
      expectObservable(source.pipe(encodeJson()), '^--!').toBe('');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('throws OptionError at once', () => {
    expect(() => encodeJson({ maxLength: -1 })).toThrow(OptionError);
  });
});
