// The framing operators against naive twins: wherever a stream is cut, what comes out is what the whole of it says.

import fc from 'fast-check';
import { from, map, type Observable } from 'rxjs';
import { FrameTooLargeError, InvalidLineError, type RxkcpError, TruncatedFrameError } from 'rxkcp';
import { decodeFrames, decodeJson, decodeLines, encodeFrames, encodeJson, encodeLines } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';

const MAX = 8;

/** All that an Observable of this file emits, and how it ends. */
interface Outcome<T> {
  readonly values: T[];
  /** The code of its error; undefined when it completes. */
  readonly error: string | undefined;
}

function outcomeOf<T>(source: Observable<T>): Outcome<T> {
  const values: T[] = [];
  let error: string | undefined = 'neither';
  source.subscribe({
    next: (value) => values.push(value),
    error: (failure: RxkcpError) => {
      error = failure.code;
    },
    complete: () => {
      error = undefined;
    },
  });
  return { values, error };
}

/** `bytes` cut at `cuts`, empty chunks included. */
function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.slice(places[i], end));
}

/** Collects what `naive` finds in the whole of the stream until it throws. */
function twin<T>(naive: (emit: (value: T) => void) => void): Outcome<T> {
  const values: T[] = [];
  try {
    naive((value) => values.push(value));
  } catch (error) {
    return { values, error: (error as RxkcpError).code };
  }
  return { values, error: undefined };
}

function naiveFrames(bytes: Uint8Array): Outcome<Uint8Array> {
  return twin((emit) => {
    let rest = bytes;
    while (rest.length > 0) {
      const length = rest[0]!;
      if (length > MAX) throw new FrameTooLargeError('frame', length, MAX);
      if (rest.length < 1 + length) throw new TruncatedFrameError(rest.length);
      emit(rest.slice(1, 1 + length));
      rest = rest.slice(1 + length);
    }
  });
}

function naiveLines(bytes: Uint8Array): Outcome<string> {
  return twin((emit) => {
    // One character a byte: lines are found before anything is decoded.
    const lines = Buffer.from(bytes).toString('latin1').split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) {
      const encoded = Buffer.from(line.replace(/\r$/, ''), 'latin1');
      if (encoded.length > MAX) throw new FrameTooLargeError('line', encoded.length, MAX);
      const decoded = encoded.toString('utf8');
      if (!Buffer.from(decoded, 'utf8').equals(encoded)) throw new InvalidLineError('is not UTF-8');
      emit(decoded);
    }
  });
}

const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 12 });
/** Bytes that are often lengths within the cap, line ends, or parts of characters. */
const hostile = fc
  .array(fc.oneof(fc.nat({ max: MAX + 1 }), fc.constantFrom(10, 10, 13, 0x61, 0xc3, 0xbc), fc.nat({ max: 255 })), {
    maxLength: 100,
  })
  .map((bytes) => Uint8Array.from(bytes));

describe('wherever it is cut', () => {
  test('any stream decodes into the frames of its naive twin', () => {
    fc.assert(
      fc.property(hostile, cuts, (bytes, at) => {
        const decoded = from(cut(bytes, at)).pipe(
          decodeFrames({ prefixBytes: 1, maxLength: MAX }),
          map((message) => message.slice()),
        );
        expect(outcomeOf(decoded)).toEqual(naiveFrames(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('any stream decodes into the lines of its naive twin', () => {
    fc.assert(
      fc.property(hostile, cuts, (bytes, at) => {
        expect(outcomeOf(from(cut(bytes, at)).pipe(decodeLines({ maxLength: MAX })))).toEqual(naiveLines(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('what was framed comes back', () => {
    const format = fc.record({ prefixBytes: fc.constantFrom(1, 2, 4), littleEndian: fc.boolean() }) as fc.Arbitrary<{
      prefixBytes: 1 | 2 | 4;
      littleEndian: boolean;
    }>;
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }),
        cuts,
        format,
        (messages, at, options) => {
          const bytes = Uint8Array.from(Buffer.concat(outcomeOf(from(messages).pipe(encodeFrames(options))).values));
          const decoded = outcomeOf(from(cut(bytes, at)).pipe(decodeFrames(options)));
          expect(decoded.error).toBeUndefined();
          expect(decoded.values.map((message) => [...message])).toEqual(messages.map((message) => [...message]));
        },
      ),
    );
  });

  test('lines come back', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), cuts, (lines, at) => {
        const bytes = Uint8Array.from(Buffer.concat(outcomeOf(from(lines).pipe(encodeLines())).values));
        expect(outcomeOf(from(cut(bytes, at)).pipe(decodeLines()))).toEqual({ values: lines, error: undefined });
      }),
    );
  });

  test('values come back', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 10 }), cuts, (values, at) => {
        const bytes = Uint8Array.from(Buffer.concat(outcomeOf(from(values).pipe(encodeJson())).values));
        const decoded = outcomeOf(from(cut(bytes, at)).pipe(decodeJson()));
        expect(decoded).toEqual({ values: JSON.parse(JSON.stringify(values)), error: undefined });
      }),
    );
  });
});
