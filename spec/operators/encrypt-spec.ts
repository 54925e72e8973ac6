import { map, of, Subject } from 'rxjs';
import { aes128, type Cipher, none } from 'rxkcp';
import { decrypt, encrypt } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import type { Burst } from '../../src/bytes/burst.ts';
import { testScheduler, text, words } from '../support/marbles.ts';

/** Puts a `!` in front. */
const exclaim: Cipher = {
  name: 'exclaim',
  overhead: 1,
  seal: (packets) => packets.map((packet) => text(`!${words(packet)}`)),
  open: (datagrams) => [...datagrams],
};
const inWords = map((burst: Burst) => burst.map(words).join(' '));
const bursts = { a: [text('a')], b: [text('b'), text('c')], e: [] };

describe('encrypt', () => {
  test('seals every packet of a burst, at once and in order', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const packets = cold('--a--b--|', bursts);
      expectObservable(packets.pipe(encrypt(exclaim), inWords)).toBe('--a--b--|', { a: '!a', b: '!b !c' });
      expectSubscriptions(packets.subscriptions).toBe('^-------!');
    });
  });

  test('does not pass on empty bursts, nor bother the cipher with them', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const strict: Cipher = {
        ...exclaim,
        seal: (packets) => {
          if (packets.length === 0) throw new Error('nothing to seal');
          return exclaim.seal(packets);
        },
      };
      expectObservable(cold('e-a-e-|', bursts).pipe(encrypt(strict), inWords)).toBe('--a---|', { a: '!a' });
    });
  });

  test('passes on errors, and unsubscribes from its source when it is unsubscribed from', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('-a-#', bursts).pipe(encrypt(exclaim), inWords)).toBe('-a-#', { a: '!a' });
      const packets = cold('-a-a-a-', bursts);
      expectObservable(packets.pipe(encrypt(exclaim), inWords), '^---!').toBe('-a-a-', { a: '!a' });
      expectSubscriptions(packets.subscriptions).toBe('^---!');
    });
  });

  test('what the cipher throws ends the stream', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      const broken: Cipher = {
        ...exclaim,
        seal: () => {
          throw new RangeError('no');
        },
      };
      expectObservable(cold('-a-a', bursts).pipe(encrypt(broken))).toBe('-#', {}, new RangeError('no'));
    });
  });

  test('can be re-entered', () => {
    const packets = new Subject<Burst>();
    const got: string[] = [];
    const cipher = aes128(new Uint8Array(16));
    packets.pipe(encrypt(cipher), decrypt(cipher), inWords).subscribe((word) => {
      got.push(word);
      if (got.length < 3) packets.next([text(`${word}+`)]);
    });
    packets.next([text('x')]);
    expect(got).toEqual(['x', 'x+', 'x++']);
  });

  test('is undone by decrypt', () => {
    const got: string[] = [];
    of(bursts.a, bursts.e, bursts.b)
      .pipe(encrypt(none()), decrypt(none()), inWords)
      .subscribe((word) => got.push(word));
    expect(got).toEqual(['a', 'b c']);
  });
});
