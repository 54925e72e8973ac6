// An attacker on the path, against every kind of cipher. RXKCP_ATTACK=1000000 makes it that many datagrams each; so does `npm run bench:hostile`.

import { aes256, aesGcm, chacha20Poly1305, memoryPair, none, OptionError, salsa20 } from 'rxkcp';
import { type AttackOptions, attack } from 'rxkcp/testing';
import { describe, expect, test } from 'vitest';
import { converse } from './under-attack.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
const DATAGRAMS = Number(process.env.RXKCP_ATTACK ?? 5000);

describe.each([
  ['aes-256-gcm', aesGcm(KEY)],
  ['chacha20-poly1305', chacha20Poly1305(KEY)],
])('with %s', (_, cipher) => {
  test.each([1, 2, 3])('nothing is altered, repeated or out of order, and nothing is lost (seed %i)', (seed) => {
    const { received, sent, datagrams, failures, acts } = converse(cipher, { seed }, DATAGRAMS);
    expect(failures).toEqual([]);
    expect(datagrams).toBeGreaterThanOrEqual(DATAGRAMS);
    const all = Array.from({ length: sent }, (_, i) => i);
    expect(received[0]).toEqual(all);
    expect(received[1]).toEqual(all);
    expect(acts.size).toBe(8);
  });
});

describe('with a CRC-32, which is no authentication', () => {
  test.each([
    ['salsa20', salsa20(KEY)],
    ['aes-256 in CFB', aes256(KEY)],
    ['none', none(KEY)],
  ])('%s: whoever changes the last block with care has it delivered', (_, cipher) => {
    const only = { flip: 0, truncate: 0, extend: 0, reorder: 0, replay: 0, reflect: 0, inject: 0 };
    const { received } = converse(cipher, { ...only, flipUnseen: 0.2 }, 400);
    expect(received.flat()).toContain(-1);
  });
});

test('what is reflected comes back to the end that has sent it, in both directions', () => {
  const none = { flip: 0, flipUnseen: 0, truncate: 0, extend: 0, reorder: 0, replay: 0, inject: 0 };
  const [left, right] = memoryPair();
  const attacked = attack({ ...none, reflect: 1 })(left);
  const [atLeft, atRight]: [number[], number[]] = [[], []];
  attacked.incoming.subscribe((burst) => atLeft.push(...burst.map(([byte]) => byte as number)));
  right.incoming.subscribe((burst) => atRight.push(...burst.map(([byte]) => byte as number)));
  attacked.outgoing.next([Uint8Array.of(1)]);
  expect([atLeft, atRight]).toEqual([[1], [1]]);
  right.outgoing.next([Uint8Array.of(2)]);
  expect([atLeft, atRight]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test('the same seed makes for the same attack', () => {
  const run = () => converse(aesGcm(KEY), { seed: 5 }, 1000);
  expect([...run().acts]).toEqual([...run().acts]);
});

test.each([
  [{ flip: 2 }, 'flip'],
  [{ replay: '1' }, 'replay'],
  [{ seed: 1.5 }, 'seed'],
  [{ flips: 1 }, 'flips'],
])('%o is refused', (options, name) => {
  expect(() => attack(options as AttackOptions)).toThrow(OptionError);
  expect(() => attack(options as AttackOptions)).toThrow(name);
});
