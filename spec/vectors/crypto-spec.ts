// Datagrams that kcp-go has sealed (crypto.json, by spec/interop/peers/go/cmd/vectors), opened and sealed by each of our
// implementations.

import { readFileSync } from 'node:fs';
import * as rxkcp from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { type RandomSource, systemRandom } from '../../src/bytes/random.ts';
import type { Cipher } from '../../src/core/crypto/cipher.ts';
import { fastCipher } from '../../src/core/crypto/node/index.ts';
import { xorPad } from '../../src/core/crypto/xor.ts';
import { CIPHER_NAMES, type CipherName, KEY_BYTES, makeCipher } from '../support/ciphers.ts';
import { KERNEL_TRANSFORMS } from '../support/kernel-transforms.ts';

interface DatagramVector {
  /** Of the packet. */
  readonly length: number;
  readonly nonce: string;
  readonly datagram: string;
}

interface CipherVector {
  readonly cipher: CipherName;
  readonly key: string;
  readonly datagrams: readonly DatagramVector[];
}

const file = readFileSync(new URL('./crypto.json', import.meta.url), 'utf8');
const { ciphers: vectors } = JSON.parse(file) as { ciphers: readonly CipherVector[] };

/** Undefined when there is none here. */
type Maker = (name: CipherName, key: Uint8Array, random: RandomSource) => Cipher | undefined;

const keyOf = (name: CipherName, key: Uint8Array): Uint8Array => (name === 'xor' ? xorPad(key) : key.slice());

const implementations: readonly (readonly [string, Maker])[] = [
  ['the portable implementation', (name, key, random) => makeCipher(rxkcp, name, key, { random, portable: true })],
  [
    'the fast implementation',
    (name, key, random) => fastCipher(name, keyOf(name, key), random, KERNEL_TRANSFORMS[name]),
  ],
  ['what the package makes', (name, key, random) => makeCipher(rxkcp, name, key, { random })],
];

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The formula is in crypto.json. */
function packetOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (31 * i + (i >> 8) + 7 * length) & 255);
}

/** What every build of Node has. */
const FAST = [
  ...['aes-128', 'aes-192', 'aes', '3des', 'salsa20', 'xor', 'none'],
  ...['aes-128-gcm', 'aes-192-gcm', 'aes-256-gcm', 'chacha20-poly1305'],
];

/** A source that gives nothing but `nonce`, over and over. */
function only(nonce: Uint8Array): RandomSource {
  return (target) => {
    for (let at = 0; at < target.length; at += nonce.length) target.set(nonce.subarray(0, target.length - at), at);
  };
}

/** The bytes in the middle of others, at an odd place. */
function displaced(bytes: Uint8Array): Uint8Array {
  const surroundings = new Uint8Array(bytes.length + 8).fill(0xee);
  surroundings.set(bytes, 3);
  return surroundings.subarray(3, 3 + bytes.length);
}

describe('the vectors', () => {
  test('are there for every cipher', () => {
    expect([...new Set(vectors.map(({ cipher }) => cipher))].sort()).toEqual([...CIPHER_NAMES].sort());
    for (const { datagrams } of vectors) expect(datagrams.length).toBeGreaterThan(10);
  });

  test('meet a fast implementation wherever there should be one', () => {
    const fast = CIPHER_NAMES.filter((name) =>
      fastCipher(name, new Uint8Array(KEY_BYTES[name]), systemRandom, KERNEL_TRANSFORMS[name]),
    );
    expect(fast).toEqual(expect.arrayContaining(FAST));
  });
});

for (const [implementation, make] of implementations) {
  describe(`${implementation} and datagrams of kcp-go`, () => {
    for (const { cipher: name, key: hex, datagrams } of vectors) {
      const key = bytesOf(hex);
      const title = `${name}, key of ${key.length} bytes`;
      const cipher = make(name, key, systemRandom);
      if (cipher === undefined) continue;

      test(`has the same name and overhead: ${title}`, () => {
        const { length, datagram } = datagrams[0]!;
        expect(cipher).toMatchObject({ name, overhead: datagram.length / 2 - length });
      });

      test(`opens each by itself: ${title}`, () => {
        for (const { length, datagram } of datagrams) {
          const opened = cipher.open([displaced(bytesOf(datagram))]);
          expect(opened.map(hexOf)).toEqual([hexOf(packetOf(length))]);
        }
      });

      test(`opens all in one burst, and leaves them as they are: ${title}`, () => {
        const burst = datagrams.map(({ datagram }) => displaced(bytesOf(datagram)));
        const opened = cipher.open(burst);
        expect(opened.map(hexOf)).toEqual(datagrams.map(({ length }) => hexOf(packetOf(length))));
        expect(burst.map(hexOf)).toEqual(datagrams.map(({ datagram }) => datagram));
      });

      test(`seals the same with the same nonce: ${title}`, () => {
        for (const { length, nonce, datagram } of datagrams) {
          const [sealed] = make(name, key, only(bytesOf(nonce)))!.seal([displaced(packetOf(length))]);
          expect(hexOf(sealed!)).toBe(datagram);
        }
      });

      test(`opens none that was cut, or changed after the nonce: ${title}`, () => {
        for (const { nonce, datagram } of datagrams.slice(0, -2)) {
          const bytes = bytesOf(datagram);
          const forged: Uint8Array[] = [];
          for (let at = nonce.length / 2; at < bytes.length; at++) {
            const changed = Uint8Array.from(bytes);
            changed[at]! ^= 1 << (at & 7);
            forged.push(changed);
          }
          for (let length = 0; length < bytes.length; length++) forged.push(bytes.slice(0, length));
          expect(cipher.open(forged)).toEqual([]);
        }
      });
    }
  });
}
