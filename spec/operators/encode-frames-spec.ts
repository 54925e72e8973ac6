import { of } from 'rxjs';
import { FrameTooLargeError, OptionError } from 'rxkcp';
import { encodeFrames } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import { testScheduler, text } from '../support/marbles.ts';

const messages = { a: text('abc'), e: text('') };

describe('encodeFrames', () => {
  test('puts the length in front of each message, at once, also of an empty one', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a-e--|', messages);
      expectObservable(source.pipe(encodeFrames())).toBe('--a-e--|', {
        a: Uint8Array.of(0, 0, 0, 3, ...text('abc')),
        e: Uint8Array.of(0, 0, 0, 0),
      });
      expectSubscriptions(source.subscriptions).toBe('^------!');
    });
  });

  test.each([
    [1, false, [3]],
    [2, false, [0, 3]],
    [2, true, [3, 0]],
    [4, true, [3, 0, 0, 0]],
  ] as const)('writes lengths of %i bytes, little endian: %s', (prefixBytes, littleEndian, prefix) => {
    const seen: Uint8Array[] = [];
    of(messages.a)
      .pipe(encodeFrames({ prefixBytes, littleEndian }))
      .subscribe((chunk) => seen.push(chunk));
    expect(seen).toEqual([Uint8Array.of(...prefix, ...messages.a)]);
  });

  test('fails on a message over the cap, and lets go of its source', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-e-a-e-', messages);
      expectObservable(source.pipe(encodeFrames({ maxLength: 2, prefixBytes: 1 }))).toBe(
        '-e-#',
        { e: Uint8Array.of(0) },
        new FrameTooLargeError('frame', 3, 2),
      );
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('passes on errors, and unsubscribes from its source when it is unsubscribed from', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold<Uint8Array>('--#').pipe(encodeFrames())).toBe('--#');
      const source = cold<Uint8Array>('------');
      expectObservable(source.pipe(encodeFrames()), '^--!');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test.each([
    [{ prefixBytes: 3 }, 'option prefixBytes must be 1, 2 or 4, got 3'],
    [{ prefixBytes: 1, maxLength: 256 }, 'option maxLength must be an integer from 1 to 255, got 256'],
    [{ maxLength: 0 }, 'option maxLength must be an integer from 1 to 4294967295, got 0'],
    [{ littleEndian: 1 }, 'option littleEndian must be true or false, got 1'],
    [null, 'option options must be an object, got null'],
  ])('throws OptionError at once for %j', (options, message) => {
    expect(() => encodeFrames(options as never)).toThrow(OptionError);
    expect(() => encodeFrames(options as never)).toThrow(message);
  });

  test('with a prefix of one byte has a cap of what that can tell', () => {
    const lengths: number[] = [];
    of(new Uint8Array(255), new Uint8Array(256))
      .pipe(encodeFrames({ prefixBytes: 1 }))
      .subscribe({ next: (chunk) => lengths.push(chunk.length), error: (error) => lengths.push(error.limit) });
    expect(lengths).toEqual([256, 255]);
  });
});
