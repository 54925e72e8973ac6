import { of } from 'rxjs';
import { FrameTooLargeError, InvalidJsonError, OptionError } from 'rxkcp';
import { decodeJson } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import { testScheduler, text } from '../support/marbles.ts';

describe('decodeJson', () => {
  test('emits a value for each line, and passes over blank ones', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b---c-|', { a: text('{"a"'), b: text(':1}\r\n\n"b"\n'), c: text(' \nnull') });
      const values = { x: { a: 1 }, y: 'b', z: null };
      expectObservable(source.pipe(decodeJson())).toBe('---(xy)--(z|)', values);
      expectSubscriptions(source.subscriptions).toBe('^--------!');
    });
  });

  test('fails on a line that is not JSON, after the values before, and lets go of its source', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-a', { a: text('1\n{"a"\n2\n') });
      expectObservable(source.pipe(decodeJson())).toBe('-(a#)', { a: 1 }, new InvalidJsonError('{"a"'));
      expectSubscriptions(source.subscriptions).toBe('^!');
    });
  });

  test('tells the line and what the parser said', () => {
    const errors: InvalidJsonError[] = [];
    of(text(`${'x'.repeat(1000)}\n`))
      .pipe(decodeJson())
      .subscribe({ error: (error) => errors.push(error) });
    expect(errors[0]).toBeInstanceOf(InvalidJsonError);
    expect(errors[0]?.line).toBe('x'.repeat(1000));
    expect(errors[0]?.cause).toBeInstanceOf(SyntaxError);
    // A message that anyone may cause stays short.
    expect(errors[0]?.message.length).toBeLessThan(120);
  });

  test('has the cap of a line', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const source = cold('-a-b', { a: text('"abc"\n'), b: text('"abcdef') });
      const error = new FrameTooLargeError('line', 7, 5);
      expectObservable(source.pipe(decodeJson({ maxLength: 5 }))).toBe('-a-#', { a: 'abc' }, error);
    });
  });

  test('passes on errors, and unsubscribes from its source when it is unsubscribed from', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('-a-#', { a: text('[1') }).pipe(decodeJson())).toBe('---#');
      const source = cold('a-----', { a: text('[1') });
      expectObservable(source.pipe(decodeJson()), '^--!').toBe('');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('throws OptionError at once', () => {
    expect(() => decodeJson({ maxLength: Number.NaN })).toThrow(OptionError);
  });
});
