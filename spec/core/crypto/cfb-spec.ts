import { createCipheriv, getCiphers } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { AesBlock } from '../../../src/core/crypto/aes.ts';
import type { BlockCipher } from '../../../src/core/crypto/block-cipher.ts';
import { CFB_IV, Cfb } from '../../../src/core/crypto/cfb.ts';
import { Sm4Block } from '../../../src/core/crypto/sm4.ts';
import { TripleDesBlock } from '../../../src/core/crypto/triple-des.ts';
import { fromHex, toHex } from '../../support/hex.ts';
import { bytes, seeded } from '../../support/random.ts';

describe('CFB128 (NIST SP 800-38A, F.3.13 to F.3.18)', () => {
  const iv = fromHex('000102030405060708090a0b0c0d0e0f');
  const plain =
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
    '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710';

  test.each([
    [
      '2b7e151628aed2a6abf7158809cf4f3c',
      '3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b' +
        '26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6',
    ],
    [
      '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
      'cdc80d6fddf18cab34c25909c99a417467ce7f7f81173621961a2b70171d3d7a' +
        '2e1e8a1dd59b88b1c8e60fed1efac4c9c05f9f9ca9834fa042ae8fba584b09ff',
    ],
    [
      '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
      'dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407b' +
        'df10132415e54b92a13ed0a8267ae2f975a385741ab9cef82031623d55b1e471',
    ],
  ])('AES with key %s', (key, cipher) => {
    const cfb = new Cfb(new AesBlock(fromHex(key)), iv);
    const datagram = fromHex(plain);
    cfb.encrypt(datagram);
    expect(toHex(datagram)).toBe(cipher);
    const opened = new Uint8Array(64);
    cfb.decrypt(datagram, opened);
    expect(toHex(opened)).toBe(plain);
  });
});

describe("with kcp-go's IV, as OpenSSL does it, at every length up to 100 bytes", () => {
  const known = new Set(getCiphers());
  const cases: [string, number, new (key: Uint8Array) => BlockCipher][] = [
    ['aes-128-cfb', 16, AesBlock],
    ['aes-256-cfb', 32, AesBlock],
    ['des-ede3-cfb', 24, TripleDesBlock],
    ['sm4-cfb', 16, Sm4Block],
  ];
  for (const [name, keyBytes, Block] of cases.filter(([cipher]) => known.has(cipher))) {
    test(name, () => {
      const random = seeded(keyBytes);
      const key = bytes(random, keyBytes);
      const block = new Block(key);
      const cfb = new Cfb(block);
      const iv = Uint8Array.from(CFB_IV.slice(0, block.blockBytes));
      for (let length = 0; length <= 100; length++) {
        const plain = bytes(random, length);
        const cipher = createCipheriv(name, key, iv);
        const expected = Uint8Array.from(Buffer.concat([cipher.update(plain), cipher.final()]));
        const datagram = plain.slice();
        cfb.encrypt(datagram);
        expect(datagram).toEqual(expected);
        const opened = new Uint8Array(length);
        cfb.decrypt(datagram, opened);
        expect(opened).toEqual(plain);
      }
    });
  }
});
