import { map, of } from 'rxjs';
import { OptionError } from 'rxkcp';
import { fecDecode, RecoveredPacket } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import type { Burst } from '../../src/bytes/burst.ts';
import { writeFecHeader } from '../../src/core/fec/header.ts';
import { encoded } from '../support/fec.ts';
import { push, testScheduler, text, words } from '../support/marbles.ts';

const shape = { data: 3, parity: 1 };
const source = [...'abcdefghi'].map((word, sn) => push(sn, word));
const [a, b, c, p, d, e, f, q, g, h, i, r] = encoded(source, shape);
/** Payloads of a burst; in capitals those that were rebuilt. */
const inWords = map((burst: Burst) =>
  burst
    .map((one) => (one instanceof RecoveredPacket ? words(one.subarray(24)).toUpperCase() : words(one.subarray(24))))
    .join(' '),
);
const bursts = {
  1: [a, b, c, p, d],
  a: [a],
  b: [b],
  c: [c],
  p: [p],
  q: [q],
  r: [r],
  e: [e],
  f: [f],
  h: [h, g],
  i: [i],
  0: [],
} as Record<string, Uint8Array[]>;

describe('fecDecode', () => {
  test('hands up what comes at once, and what is lost with the packet that makes up for it', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const datagrams = cold('-1--f--q--h-r-|', bursts);
      expectObservable(datagrams.pipe(fecDecode(), inWords)).toBe('-1--f--q--h-r-|', {
        1: 'a b c d',
        f: 'f',
        q: 'E',
        h: 'h g',
        r: 'I',
      });
      expectSubscriptions(datagrams.subscriptions).toBe('^-------------!');
    });
  });

  test('does not pass on bursts of which nothing is left; passes on errors; lets go of its source', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('-p-0-a-#', bursts).pipe(fecDecode(), inWords)).toBe('-----a-#', { a: 'a' });
      const datagrams = cold('-a-a-a-', bursts);
      expectObservable(datagrams.pipe(fecDecode(), inWords), '^---!').toBe('-a-a-', { a: 'a' });
      expectSubscriptions(datagrams.subscriptions).toBe('^---!');
    });
  });

  test('passes on bursts without FEC as they are', () => {
    const burst = source.slice(0, 3);
    let seen: Burst | undefined;
    testScheduler().run(({ cold }) => {
      cold('a', { a: burst })
        .pipe(fecDecode())
        .subscribe((one) => {
          seen = one;
        });
    });
    expect(seen).toBe(burst);
  });

  test('passes on as they are, too, datagrams whose type is another, in the first of its two bytes or in the second', () => {
    for (const type of [0xf0, 0xf4, 0x1f1, 0x1f2, 0x1f3]) {
      const datagram = Uint8Array.from(a as Uint8Array);
      datagram.set([type & 0xff, type >> 8], 4);
      const seen: Burst[] = [];
      of([datagram])
        .pipe(fecDecode())
        .subscribe((one) => seen.push(one));
      expect(seen).toEqual([[datagram]]);
    }
  });

  test('mixes nothing of another conversation into the groups of the one it is told of', () => {
    const foreign = encoded(
      [...'xyz'].map((word, sn) => push(sn, word, { conv: 2 })),
      shape,
      4,
    );
    const mixed = { ...bursts, x: foreign, r: [q] } as Record<string, Uint8Array[]>;
    testScheduler().run(({ cold, expectObservable }) => {
      const values = { 1: 'a b c d', x: 'x y z', f: 'f', r: 'E' };
      expectObservable(cold('-1-x-f-r', mixed).pipe(fecDecode({ conv: 1 }), inWords)).toBe('-1-x-f-r', values);
    });
  });

  test('gives what came out of band to who asked for it', () => {
    const datagram = new Uint8Array(17);
    writeFecHeader(datagram, 0xffff_ffff, 0xf3);
    datagram.set(text('conv+oob!'), 8);
    const seen: string[] = [];
    testScheduler().run(({ cold, expectObservable }) => {
      const outOfBand = (packet: Uint8Array, seqid: number): void => {
        seen.push(`${words(packet)} ${seqid}`);
      };
      expectObservable(cold('x-a', { ...bursts, x: [datagram] }).pipe(fecDecode({ outOfBand }), inWords)).toBe('--a', {
        a: 'a',
      });
      expectObservable(cold('x-|', { x: [datagram] }).pipe(fecDecode())).toBe('--|');
    });
    expect(seen).toEqual(['conv+oob! 4294967295']);
  });

  test.each([
    [{ shape: { data: 255, parity: 2 } }, 'shape.parity'],
    [{ shape: 7 }, 'shape'],
    [{ outOfBand: 7 }, 'outOfBand'],
    [{ conv: -1 }, 'conv'],
    [{ conv: 2 ** 32 }, 'conv'],
  ])('refuses %o at once, and says why', (wrong, option) => {
    expect(() => fecDecode(wrong as never)).toThrow(OptionError);
    expect(() => fecDecode(wrong as never)).toThrow(new RegExp(`option ${option} `));
  });
});
