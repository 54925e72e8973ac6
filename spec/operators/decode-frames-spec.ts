import { concat, lastValueFrom, map, NEVER, of, Subject, take, toArray } from 'rxjs';
import { FrameTooLargeError, OptionError, TruncatedFrameError } from 'rxkcp';
import { decodeFrames } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import { testScheduler, text, words } from '../support/marbles.ts';

/** Frames with lengths of one byte. */
const framed = (...messages: string[]): Uint8Array =>
  text(messages.map((message) => String.fromCharCode(message.length) + message).join(''));
const options = { prefixBytes: 1, maxLength: 9 } as const;

describe('decodeFrames', () => {
  test('emits what a chunk completes with that chunk, and nothing before', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const bytes = framed('abc', 'd', '', 'ef');
      const source = cold('-a-b-c-----d-|', {
        a: bytes.subarray(0, 1),
        b: bytes.subarray(1, 3),
        c: bytes.subarray(3, 8),
        d: bytes.subarray(8),
      });
      const values = { x: 'abc', y: 'd', z: '', w: 'ef' };
      expectObservable(source.pipe(decodeFrames(options), map(words))).toBe('-----(xyz)-w-|', values);
      expectSubscriptions(source.subscriptions).toBe('^------------!');
    });
  });

  test('fails when the source completes within a frame', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const source = cold('-a-|', { a: framed('abc', 'def').subarray(0, 6) });
      const error = new TruncatedFrameError(2);
      expectObservable(source.pipe(decodeFrames(options), map(words))).toBe('-a-#', { a: 'abc' }, error);
    });
  });

  test('fails on a length over the cap before the frame is there, after what came first, and lets go of its source', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-a', { a: Uint8Array.of(...framed('ok'), 10) });
      const error = new FrameTooLargeError('frame', 10, 9);
      expectObservable(source.pipe(decodeFrames(options), map(words))).toBe('-(a#)', { a: 'ok' }, error);
      expectSubscriptions(source.subscriptions).toBe('^!');
    });
  });

  test('passes on errors, and unsubscribes from its source when it is unsubscribed from', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold<Uint8Array>('--#').pipe(decodeFrames())).toBe('--#');
      const source = cold('a-----', { a: framed('abc').subarray(0, 2) });
      expectObservable(source.pipe(decodeFrames(options)), '^--!').toBe('----');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('stops within a chunk when its subscriber has enough', () => {
    const seen: string[] = [];
    concat(of(framed('a', 'b', 'c')), NEVER)
      .pipe(decodeFrames(options), map(words), take(2))
      .subscribe({ next: (word) => seen.push(word), complete: () => seen.push('|') });
    expect(seen).toEqual(['a', 'b', '|']);
  });

  test('keeps the order when its subscriber makes the source emit', () => {
    const chunks = new Subject<Uint8Array>();
    const seen: string[] = [];
    chunks.pipe(decodeFrames(options), map(words)).subscribe((word) => {
      seen.push(word);
      if (word === 'a') chunks.next(framed('c', 'd'));
    });
    chunks.next(framed('a', 'b'));
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  test('decodes for each subscription by itself: who comes late begins where the stream is', async () => {
    const chunks = new Subject<Uint8Array>();
    const decoded = chunks.pipe(decodeFrames(options), map(words), toArray());
    const early = lastValueFrom(decoded);
    chunks.next(framed('abc').subarray(0, 2));
    const late = lastValueFrom(decoded);
    chunks.next(text('bc'));
    chunks.complete();
    await expect(early).resolves.toEqual(['abc']);
    await expect(late).rejects.toEqual(new FrameTooLargeError('frame', 'b'.charCodeAt(0), 9));
  });

  test('reads lengths as encodeFrames writes them', () => {
    const lengths: number[] = [];
    for (const [prefixBytes, littleEndian, prefix] of [
      [2, false, [1, 0]],
      [2, true, [0, 1]],
      [4, false, [0, 0, 1, 0]],
      [4, true, [0, 1, 0, 0]],
    ] as const) {
      of(Uint8Array.of(...prefix, ...new Uint8Array(256)))
        .pipe(decodeFrames({ prefixBytes, littleEndian }))
        .subscribe(({ length }) => lengths.push(length));
    }
    expect(lengths).toEqual([256, 256, 256, 256]);
  });

  test('throws OptionError at once', () => {
    expect(() => decodeFrames({ maxLength: 1.5 })).toThrow(OptionError);
  });
});
