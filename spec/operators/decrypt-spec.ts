import { map, of } from 'rxjs';
import { aesGcm, type Cipher, salsa20 } from 'rxkcp';
import { decrypt } from 'rxkcp/operators';
import { describe, expect, test } from 'vitest';
import type { Burst } from '../../src/bytes/burst.ts';
import { testScheduler, text, words } from '../support/marbles.ts';

const inWords = map((burst: Burst) => burst.map(words).join(' '));

describe.each([
  ['salsa20', salsa20(new Uint8Array(32))],
  ['aes-128-gcm', aesGcm(new Uint8Array(16))],
])('decrypt with %s', (_, cipher: Cipher) => {
  const [a, b, c] = cipher.seal([text('a'), text('b'), text('c')]) as [Uint8Array, Uint8Array, Uint8Array];
  const rubbish = c.map((byte) => byte ^ 1);
  const bursts = { a: [a, b], r: [rubbish], c: [rubbish, c, rubbish], e: [] };

  test('opens what is intact, at once and in order, and drops the rest', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const datagrams = cold('--a--c--|', bursts);
      expectObservable(datagrams.pipe(decrypt(cipher), inWords)).toBe('--a--c--|', { a: 'a b', c: 'c' });
      expectSubscriptions(datagrams.subscriptions).toBe('^-------!');
    });
  });

  test('does not pass on a burst of which nothing is left', () => {
    testScheduler().run(({ cold, expectObservable }) => {
      expectObservable(cold('r-e-c-|', bursts).pipe(decrypt(cipher), inWords)).toBe('----c-|', { c: 'c' });
    });
  });

  test('tells how many were dropped, before what is left is passed on, and only when there are some', () => {
    testScheduler().run(({ cold, flush }) => {
      const events: (string | number)[] = [];
      cold('a-r-e-c-|', bursts)
        .pipe(decrypt(cipher, { dropped: (count) => events.push(count) }), inWords)
        .subscribe((word) => events.push(word));
      flush();
      expect(events).toEqual(['a b', 1, 2, 'c']);
    });
  });

  test('drops a datagram that the cipher throws at, and opens the rest of the burst', () => {
    const picky = {
      ...cipher,
      name: 'picky',
      overhead: cipher.overhead,
      seal: (packets: Burst) => cipher.seal(packets),
      open: (datagrams: Burst) => {
        if (datagrams.some(({ length }) => length === 1)) throw new Error('mine');
        return cipher.open(datagrams);
      },
    };
    let dropped = 0;
    const seen: string[] = [];
    of([new Uint8Array(1), ...cipher.seal([text('a'), text('b')]), new Uint8Array(1)])
      .pipe(decrypt(picky, { dropped: (count) => (dropped += count) }), inWords)
      .subscribe((word) => seen.push(word));
    expect([seen, dropped]).toEqual([['a b'], 2]);
  });

  test('passes on errors, and unsubscribes from its source when it is unsubscribed from', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('-a-#', bursts).pipe(decrypt(cipher), inWords)).toBe('-a-#', { a: 'a b' });
      const datagrams = cold('-a-a-a-', bursts);
      expectObservable(datagrams.pipe(decrypt(cipher), inWords), '^---!').toBe('-a-a-', { a: 'a b' });
      expectSubscriptions(datagrams.subscriptions).toBe('^---!');
    });
  });
});
