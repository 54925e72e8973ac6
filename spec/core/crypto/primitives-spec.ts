// CRC-32, key derivation, the pool of randomness, Salsa20.

import { deriveKey, OptionError, type RandomSource } from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../src/core/crypto/crc32.ts';
import { EntropyPool } from '../../../src/core/crypto/entropy.ts';
import { Salsa20Transform } from '../../../src/core/crypto/salsa20.ts';
import { xorPad } from '../../../src/core/crypto/xor.ts';
import { fromHex, toHex } from '../../support/hex.ts';
import { text } from '../../support/marbles.ts';
import { bytes, seeded } from '../../support/random.ts';

describe('crc32', () => {
  test('gives the check value', () => {
    expect(crc32(text('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });

  test('gives what a loop over bits gives, at every length up to 100 bytes', () => {
    const random = seeded(1);
    for (let length = 0; length <= 100; length++) {
      const content = bytes(random, length);
      let crc = -1;
      for (const byte of content) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
      }
      expect(crc32(content)).toBe(~crc >>> 0);
    }
  });
});

describe('deriveKey', () => {
  test.each([
    ['password', 'salt', 1, '0c60c80f961f0e71f3a9b524af6012062fe037a6'],
    ['password', 'salt', 2, 'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957'],
    ['password', 'salt', 4096, '4b007901b765489abead49d926f721d065a429c1'],
    [
      'passwordPASSWORDpassword',
      'saltSALTsaltSALTsaltSALTsaltSALTsalt',
      4096,
      '3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038',
    ],
    ['pass\0word', 'sa\0lt', 4096, '56fa6aa75548099dcc37d7f03425e0c3'],
  ])('is PBKDF2-HMAC-SHA1 (RFC 6070): %j, %j, %i times', (password, salt, iterations, key) => {
    expect(toHex(deriveKey(password, { salt, iterations, length: key.length / 2 }))).toBe(key);
    expect(toHex(deriveKey(text(password), { salt: text(salt), iterations, length: key.length / 2 }))).toBe(key);
  });

  test("has kcptun's parameters unless told otherwise", () => {
    const key = deriveKey('it is a secret');
    expect(key).toEqual(deriveKey('it is a secret', { salt: 'kcp-go', iterations: 4096, length: 32 }));
    expect(key.length).toBe(32);
  });

  test.each([0, 1.5, -1, Number.NaN])('refuses %s iterations and bytes', (value) => {
    expect(() => deriveKey('x', { iterations: value })).toThrow(OptionError);
    expect(() => deriveKey('x', { length: value })).toThrow(OptionError);
  });
});

describe('the pool of randomness', () => {
  const counting = (): { random: RandomSource; calls: () => number } => {
    let calls = 0;
    let next = 0;
    const random: RandomSource = (target) => {
      calls++;
      for (let i = 0; i < target.length; i++) target[i] = next++ % 251;
    };
    return { random, calls: () => calls };
  };

  test('gives every byte of its source once, and asks for 4096 at a time', () => {
    const { random, calls } = counting();
    const pool = new EntropyPool(random);
    expect(calls()).toBe(0);
    let next = 0;
    for (let i = 0; i < 512; i++) {
      const nonce = new Uint8Array(16);
      pool.fill(nonce, 16);
      for (const byte of nonce) expect(byte).toBe(next++ % 251);
    }
    expect(calls()).toBe(2);
  });

  test('fills many pieces as it fills one after another, and asks as often', () => {
    for (const length of [12, 16]) {
      const [one, many] = [counting(), counting()];
      const [pool, other] = [new EntropyPool(one.random), new EntropyPool(many.random)];
      for (const count of [0, 1, 5, 256, 256, 100, 300, 3]) {
        const expected = new Uint8Array(7 + length * count + 5);
        for (let i = 0; i < count; i++) pool.fill(expected.subarray(7 + length * i), length);
        const target = new Uint8Array(expected.length);
        other.fillEach(target, 7, length, count);
        expect(target).toEqual(expected);
        expect(many.calls()).toBe(one.calls());
      }
    }
  });

  test('leaves alone what lies behind the bytes asked for', () => {
    const target = new Uint8Array(20).fill(7);
    new EntropyPool((bytes) => bytes.fill(1)).fill(target, 12);
    expect([...target]).toEqual([...Array(12).fill(1), ...Array(8).fill(7)]);
  });
});

describe('Salsa20', () => {
  test('gives the keystream of ECRYPT, set 1, vector 0, behind the nonce', () => {
    const transform = new Salsa20Transform(fromHex(`80${'00'.repeat(31)}`));
    const datagram = new Uint8Array(8 + 64);
    transform.encrypt(datagram);
    expect(toHex(datagram)).toBe(
      '0000000000000000' +
        'e3be8fdd8beca2e3ea8ef9475b29a6e7003951e1097a5c38d23b7a5fad9f6844' +
        'b22c97559e2723c7cbbd3fe4fc8d9a0744652a83e72a9c461876af4d7ef1a117',
    );
  });
});

test('the pad of xor has 1500 bytes and begins as PBKDF2 does', () => {
  const key = text('key');
  const pad = xorPad(key);
  expect(pad.length).toBe(1500);
  expect(pad.subarray(0, 20)).toEqual(deriveKey(key, { salt: 'sH3CIVoF#rWLtJo6', iterations: 32, length: 20 }));
});
