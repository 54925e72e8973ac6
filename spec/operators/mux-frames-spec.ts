import { from, of, toArray } from 'rxjs';
import { OptionError, UnknownOptionError } from 'rxkcp';
import { MuxTruncatedError, MuxVersionError } from 'rxkcp/mux';
import { decodeMuxFrames, encodeMuxFrames, type MuxFrame } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../support/hex.ts';
import { testScheduler, text } from '../support/marbles.ts';

const FRAMES: readonly MuxFrame[] = [
  { kind: 'syn', id: 3 },
  { kind: 'psh', id: 3, data: text('hello') },
  { kind: 'upd', id: 3, consumed: 1, window: 2 },
  { kind: 'nop', id: 0 },
  { kind: 'fin', id: 0xffff_ffff },
];

describe('decodeMuxFrames', () => {
  test('finds the frames of encodeMuxFrames, wherever they are cut', () => {
    const chunks: Uint8Array[] = [];
    from(FRAMES)
      .pipe(encodeMuxFrames())
      .subscribe((chunk) => chunks.push(chunk));
    const all = Buffer.concat(chunks);
    for (let size = 1; size <= all.length; size++) {
      const cut = Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
        all.subarray(i * size, (i + 1) * size),
      );
      const seen: MuxFrame[] = [];
      from(cut)
        .pipe(decodeMuxFrames())
        .subscribe((frame) => seen.push(frame));
      expect(seen, `pieces of ${size}`).toEqual(FRAMES);
    }
  });

  test('fails on a violation, after the frames in front of it, and lets go of its source', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-', { a: fromHex('0200000003000000'), b: fromHex('020000000500000001') });
      expectObservable(source.pipe(decodeMuxFrames())).toBe(
        '-a-(b#)',
        { a: { kind: 'syn', id: 3 }, b: { kind: 'syn', id: 5 } },
        new MuxVersionError(1, 2),
      );
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('fails when the source ends within a frame', () => {
    const seen: unknown[] = [];
    of(fromHex('020205000300000068'))
      .pipe(decodeMuxFrames(), toArray())
      .subscribe({ next: (frames) => seen.push(frames), error: (error) => seen.push(error) });
    expect(seen).toEqual([new MuxTruncatedError(9)]);
  });
});

describe('encodeMuxFrames', () => {
  test.each<[MuxFrame, 1 | 2, string]>([
    [{ kind: 'syn', id: -1 }, 2, 'option frame.id must be an integer from 0 to 4294967295, got -1'],
    [
      { kind: 'psh', id: 1, data: new Uint8Array(65_536) },
      2,
      'option frame.data.length must be an integer from 0 to 65535',
    ],
    [{ kind: 'psh', id: 1, data: 'text' as never }, 2, 'option frame.data must be a Uint8Array'],
    [{ kind: 'upd', id: 1, consumed: 0, window: 2 ** 32 }, 2, 'option frame.window must be'],
    [{ kind: 'upd', id: 1, consumed: 0, window: 0 }, 1, 'option frame.kind must be a kind that version 1 has'],
    [{ kind: 'rst' as never, id: 1 }, 2, 'option frame.kind must be syn, fin, psh, nop or upd, got "rst"'],
  ])('fails on %j in version %i', (frame, version, message) => {
    const seen: unknown[] = [];
    of(frame)
      .pipe(encodeMuxFrames({ version }))
      .subscribe({ error: (error) => seen.push(error) });
    expect(seen).toEqual([expect.any(OptionError)]);
    expect((seen[0] as Error).message).toContain(message);
  });
});

test('both refuse wrong options at once', () => {
  for (const operator of [encodeMuxFrames, decodeMuxFrames]) {
    expect(() => operator({ version: 3 as never })).toThrow(OptionError);
    expect(() => operator({ verson: 1 } as never)).toThrow(UnknownOptionError);
  }
});
