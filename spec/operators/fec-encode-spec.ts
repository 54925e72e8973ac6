import { concatWith, type MonoTypeOperatorFunction, map, NEVER, of, Subject, tap } from 'rxjs';
import { OptionError } from 'rxkcp';
import { arq, fecDecode, fecEncode } from 'rxkcp/operators';
import { label } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import type { Burst } from '../../src/bytes/burst.ts';
import { push, testScheduler, text, words } from '../support/marbles.ts';

const shape = { data: 3, parity: 1 };
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((word, sn) => push(sn, word)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const bursts = { a: [a], b: [b], c: [c], d: [d], w: [a, b, c, d], e: [] };
/** Number and type of each datagram of a burst. */
const inWords = map((burst: Burst) => burst.map((one) => `${one[0]}${one[4] === 0xf1 ? 'd' : 'p'}`).join(' '));

describe('fecEncode', () => {
  test('sends every packet at once, and parity with the last of a group', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const packets = cold('-a-b-c-d-w-|', bursts);
      expectObservable(packets.pipe(fecEncode(shape, { scheduler }), inWords)).toBe('-a-b-c-d-w-|', {
        a: '0d',
        b: '1d',
        c: '2d 3p',
        d: '4d',
        w: '5d 6d 7p 8d 9d',
      });
      expectSubscriptions(packets.subscriptions).toBe('^----------!');
    });
  });

  test('does not pass on empty bursts; passes on errors; lets go of its source', () => {
    const scheduler = testScheduler();
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('-e-a-#', bursts).pipe(fecEncode(shape, { scheduler }), inWords)).toBe('---a-#', {
        a: '0d',
      });
      const packets = cold('-a-a-a-', bursts);
      expectObservable(packets.pipe(fecEncode(shape, { scheduler }), inWords), '^---!').toBe('-a-b-', {
        a: '0d',
        b: '1d',
      });
      expectSubscriptions(packets.subscriptions).toBe('^---!');
    });
  });

  test('numbers afresh for every subscription', () => {
    const operator = fecEncode(shape);
    for (let i = 0; i < 2; i++) {
      let seen = '';
      of([a, b])
        .pipe(operator, inWords)
        .subscribe((word) => {
          seen = word;
        });
      expect(seen).toBe('0d 1d');
    }
  });

  test('copies: what is sent stays as it was', () => {
    const packet = Uint8Array.from(a);
    let sent: Uint8Array = packet;
    of([packet])
      .pipe(fecEncode(shape))
      .subscribe(([datagram]) => {
        sent = datagram as Uint8Array;
      });
    packet.fill(0);
    expect(label(sent.subarray(8))).toBe(label(a));
  });

  describe('behind arq', () => {
    const expected = 'DATA seqid=0 [PUSH sn=0 frg=0 una=0 wnd=128 len=5]';

    /** The first datagram behind `layer`, and how far in front of its packet it begins; undefined if it lies elsewhere. */
    function sent(layer: MonoTypeOperatorFunction<Burst>): { datagram: Uint8Array; before: number | undefined } {
      let packet = new Uint8Array(0) as Uint8Array;
      let datagram = packet;
      of(text('hello'))
        .pipe(
          concatWith(NEVER),
          arq({ conv: 1 }).transmit,
          tap((burst) => {
            packet = burst[0] as Uint8Array;
          }),
          layer,
        )
        .subscribe((burst) => {
          datagram = burst[0] as Uint8Array;
        });
      const before = datagram.buffer === packet.buffer ? packet.byteOffset - datagram.byteOffset : undefined;
      return { datagram, before };
    }

    test('makes packets into datagrams where they are', () => {
      const { datagram, before } = sent(fecEncode(shape));
      expect(before).toBe(8);
      expect(label(datagram)).toBe(expected);
    });

    test('copies what a layer in between has made, wherever that lies', () => {
      const around = map((burst: Burst) => burst.map((packet) => packet.subarray(0)));
      const { datagram, before } = sent((source) => source.pipe(around, fecEncode(shape)));
      expect(before).toBeUndefined();
      expect(label(datagram)).toBe(expected);
    });

    test('writes to the headroom of a burst once, whoever else gets it', () => {
      const other = new Subject<Burst>();
      const datagrams: Uint8Array[] = [];
      const note = (burst: Burst) => datagrams.push(...burst);
      other.pipe(fecEncode(shape)).subscribe(note);
      const { transmit } = arq({ conv: 1 });
      of(text('hello'))
        .pipe(
          concatWith(NEVER),
          transmit,
          tap((burst) => other.next(burst)),
          fecEncode(shape),
        )
        .subscribe(note);
      const [first, second] = datagrams as [Uint8Array, Uint8Array];
      expect(label(second)).toBe(expected);
      first.fill(0xee, 0, 8);
      expect(label(second)).toBe(expected);
    });
  });

  test('can be re-entered', () => {
    const packets = new Subject<Burst>();
    const got: string[] = [];
    packets
      .pipe(
        fecEncode(shape),
        fecDecode(),
        map((burst) => burst.map((one) => words(one.subarray(24))).join(' ')),
      )
      .subscribe((word) => {
        got.push(word);
        if (got.length < 5) packets.next([b]);
      });
    packets.next([a]);
    expect(got).toEqual(['a', 'b', 'b', 'b', 'b']);
  });

  test.each([
    [{ data: 0, parity: 1 }, 'shape.data'],
    [{ data: 10, parity: 0 }, 'shape.parity'],
    [{ data: 200, parity: 57 }, 'shape.parity'],
    [{ data: 2.5, parity: 1 }, 'shape.data'],
    [{ data: 10 }, 'shape.parity'],
    [undefined, 'shape'],
  ])('refuses %o at once, and says why', (wrong, option) => {
    expect(() => fecEncode(wrong as never)).toThrow(OptionError);
    expect(() => fecEncode(wrong as never)).toThrow(new RegExp(`option ${option} `));
  });
});
