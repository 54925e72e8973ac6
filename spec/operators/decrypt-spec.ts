import { map } from 'rxjs';
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

  test('passes on errors, and unsubscribes from its source when it is unsubscribed from', () => {
    testScheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('-a-#', bursts).pipe(decrypt(cipher), inWords)).toBe('-a-#', { a: 'a b' });
      const datagrams = cold('-a-a-a-', bursts);
      expectObservable(datagrams.pipe(decrypt(cipher), inWords), '^---!').toBe('-a-a-', { a: 'a b' });
      expectSubscriptions(datagrams.subscriptions).toBe('^---!');
    });
  });
});
