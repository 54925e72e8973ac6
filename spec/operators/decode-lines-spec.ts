import { concat, from, lastValueFrom, map, NEVER, of, Subject, take, toArray } from 'rxjs';
import { FrameTooLargeError, InvalidLineError, OptionError } from 'rxkcp';
import { decodeLines } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import { testScheduler, text } from '../support/marbles.ts';

describe('decodeLines', () => {
  test('emits the lines that a chunk completes with that chunk, without their ends', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b----c-|', { a: text('on'), b: text('e\r\ntwo\n\nthr'), c: text('ee\n') });
      const values = { x: 'one', y: 'two', z: '', w: 'three' };
      expectObservable(source.pipe(decodeLines())).toBe('---(xyz)w-|', values);
      expectSubscriptions(source.subscriptions).toBe('^---------!');
    });
  });

  test('takes a last line without an end', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold('-a-|', { a: text('a\nb') }).pipe(decodeLines())).toBe('-a-(b|)');
      expectObservable(cold('-a-|', { a: text('a\n') }).pipe(decodeLines())).toBe('-a-|');
    });
  });

  test('puts characters together that were cut', async () => {
    const bytes = text('grün 🐢\n');
    const chunks = from([...bytes].map((byte) => Uint8Array.of(byte)));
    await expect(lastValueFrom(chunks.pipe(decodeLines(), toArray()))).resolves.toEqual(['grün 🐢']);
  });

  test('leaves a carriage return within a line, and a byte order mark, where they are', async () => {
    const chunks = of(text('\uFEFFa\rb\r\r\n'));
    await expect(lastValueFrom(chunks.pipe(decodeLines()))).resolves.toBe('\uFEFFa\rb\r');
  });

  test('takes a line as long as its cap, whatever its end, and fails on one more byte without waiting for the end', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-c-d-e', {
        a: text('1234\n1234\r'),
        b: text('\n'),
        c: text('12345'),
        d: text('6'),
        e: text('\n'),
      });
      const error = new FrameTooLargeError('line', 6, 4);
      expectObservable(source.pipe(decodeLines({ maxLength: 4 }))).toBe('-a-a---#', { a: '1234' }, error);
      expectSubscriptions(source.subscriptions).toBe('^------!');
    });
  });

  test('fails on what is not UTF-8, after the lines before', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-a', { a: Uint8Array.of(...text('a\n'), 0xff, 10) });
      expectObservable(source.pipe(decodeLines())).toBe('-(a#)', { a: 'a' }, new InvalidLineError('is not UTF-8'));
      expectSubscriptions(source.subscriptions).toBe('^!');
    });
  });

  test('passes on errors, and unsubscribes from its source when it is unsubscribed from', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('-a-#', { a: text('half') }).pipe(decodeLines())).toBe('---#');
      const source = cold('a-----', { a: text('half') });
      expectObservable(source.pipe(decodeLines()), '^--!').toBe('');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('stops within a chunk when its subscriber has enough', () => {
    const seen: string[] = [];
    concat(of(text('a\nb\nc\n')), NEVER)
      .pipe(decodeLines(), take(2))
      .subscribe({ next: (word) => seen.push(word), complete: () => seen.push('|') });
    expect(seen).toEqual(['a', 'b', '|']);
  });

  test('keeps the order when its subscriber makes the source emit', () => {
    const chunks = new Subject<Uint8Array>();
    const seen: string[] = [];
    chunks.pipe(decodeLines()).subscribe((line) => {
      seen.push(line);
      if (line === 'a') chunks.next(text('c\nd\ne'));
    });
    chunks.next(text('a\nb\n'));
    chunks.next(text('f\n'));
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'ef']);
  });

  test('is not slowed down by a peer that sends a long line byte by byte', async () => {
    const bytes = 300_000;
    const chunks = concat(from(Array.from({ length: bytes }, () => text('x'))), of(text('\n')));
    await expect(
      lastValueFrom(
        chunks.pipe(
          decodeLines(),
          map((line) => line.length),
        ),
      ),
    ).resolves.toBe(bytes);
  });

  test('throws OptionError at once', () => {
    expect(() => decodeLines({ maxLength: 2 ** 31 })).toThrow(OptionError);
  });
});
