import { map } from 'rxjs';
import { FrameTooLargeError, InvalidLineError, OptionError } from 'rxkcp';
import { encodeLines } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import { testScheduler, words } from '../support/marbles.ts';

describe('encodeLines', () => {
  test('ends every line with a line feed, also an empty one', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-e-|', { a: 'grün', e: '' });
      expectObservable(source.pipe(encodeLines(), map(words))).toBe('-a-e-|', { a: 'grün\n', e: '\n' });
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  test.each(['a\nb', 'a\r', '\n'])('fails on a line with a break in it: %j', (line) => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-a', { a: line });
      const error = new InvalidLineError('contains a line break');
      expectObservable(source.pipe(encodeLines())).toBe('-#', {}, error);
      expectSubscriptions(source.subscriptions).toBe('^!');
    });
  });

  test('counts bytes, not characters, against its cap', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const source = cold('-a-b', { a: 'grü', b: 'grün' });
      const error = new FrameTooLargeError('line', 5, 4);
      expectObservable(source.pipe(encodeLines({ maxLength: 4 }), map(words))).toBe('-a-#', { a: 'grü\n' }, error);
    });
  });

  test('passes on errors, and unsubscribes from its source when it is unsubscribed from', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold<string>('--#').pipe(encodeLines())).toBe('--#');
      const source = cold<string>('------');
      expectObservable(source.pipe(encodeLines()), '^--!').toBe('');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('throws OptionError at once', () => {
    expect(() => encodeLines({ maxLength: 0 })).toThrow(OptionError);
    expect(() => encodeLines('1' as never)).toThrow('option options must be an object, got "1"');
  });
});
