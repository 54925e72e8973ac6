// The published test vectors of each block cipher.

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { AesBlock } from '../../../src/core/crypto/aes.ts';
import { type BlockCipher, readWord, writeWord } from '../../../src/core/crypto/block-cipher.ts';
import { BlowfishBlock } from '../../../src/core/crypto/blowfish.ts';
import { Cast5Block } from '../../../src/core/crypto/cast5.ts';
import { castSboxes } from '../../../src/core/crypto/cast5-sboxes.ts';
import { piWords } from '../../../src/core/crypto/pi.ts';
import { Sm4Block } from '../../../src/core/crypto/sm4.ts';
import { TeaBlock } from '../../../src/core/crypto/tea.ts';
import { TripleDesBlock } from '../../../src/core/crypto/triple-des.ts';
import { TwofishBlock } from '../../../src/core/crypto/twofish.ts';
import { XteaBlock } from '../../../src/core/crypto/xtea.ts';
import { fromHex, toHex } from '../../support/hex.ts';

type Vector = [key: string, plain: string, cipher: string];

function encrypt(block: BlockCipher, plain: Uint8Array): Uint8Array {
  const words = block.blockBytes / 4;
  const all = Int32Array.from({ length: plain.length / 4 }, (_, i) => readWord(plain, 4 * i));
  for (let at = 0; at < all.length; at += words) block.encrypt(all.subarray(at, at + words));
  const target = new Uint8Array(plain.length);
  all.forEach((word, i) => {
    writeWord(target, 4 * i, word);
  });
  return target;
}

function check(Block: new (key: Uint8Array) => BlockCipher, vectors: Vector[]): void {
  test.each(vectors)('key %s, block %s', (key, plain, cipher) => {
    expect(toHex(encrypt(new Block(fromHex(key)), fromHex(plain)))).toBe(cipher);
  });
}

describe('AES (FIPS 197, appendix C)', () => {
  const plain = '00112233445566778899aabbccddeeff';
  check(AesBlock, [
    ['000102030405060708090a0b0c0d0e0f', plain, '69c4e0d86a7b0430d8cdb78070b4c55a'],
    ['000102030405060708090a0b0c0d0e0f1011121314151617', plain, 'dda97ca4864cdfe06eaf70a0ec0d7191'],
    ['000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', plain, '8ea2b7ca516745bfeafc49904b496089'],
  ]);
});

describe('SM4 (GB/T 32907, appendix A)', () => {
  const key = '0123456789abcdeffedcba9876543210';
  check(Sm4Block, [[key, key, '681edf34d206965e86b3e94f536e4246']]);

  test('a million times', () => {
    const block = new Sm4Block(fromHex(key));
    const words = Int32Array.from([0, 4, 8, 12], (at) => readWord(fromHex(key), at));
    for (let i = 0; i < 1_000_000; i++) block.encrypt(words);
    expect([...words].map((word) => (word >>> 0).toString(16))).toEqual([
      '595298c7',
      'c6fd271f',
      '402f804',
      'c33d3f66',
    ]);
  });
});

describe('TEA', () => {
  const zeros = '0000000000000000';
  test.each([
    [32, zeros + zeros, zeros, '41ea3a0a94baa940'],
    [32, 'f'.repeat(32), 'f'.repeat(16), '319bbefb016abdb2'],
    [8, zeros + zeros, zeros, 'ed285da1455b33c1'],
  ])('%i cycles, key %s (ironclad, golang.org/x/crypto)', (cycles, key, plain, cipher) => {
    expect(toHex(encrypt(new TeaBlock(fromHex(key), cycles), fromHex(plain)))).toBe(cipher);
  });

  test('has 8 cycles unless told otherwise', () => {
    expect(toHex(encrypt(new TeaBlock(new Uint8Array(16)), new Uint8Array(8)))).toBe('ed285da1455b33c1');
  });
});

describe('XTEA (S. Fluhrer; also in golang.org/x/crypto)', () => {
  const key = '000102030405060708090a0b0c0d0e0f';
  const zero = '0'.repeat(32);
  check(XteaBlock, [
    [key, '4142434445464748', '497df3d072612cb5'],
    [key, '4141414141414141', 'e78f2d13744341d8'],
    [key, '5a5b6e278948d77f', '4141414141414141'],
    [zero, '4142434445464748', 'a0390589f8b8efa5'],
    [zero, '4141414141414141', 'ed23375a821a8c2d'],
    [zero, '70e1225d6e4e7655', '4141414141414141'],
  ]);
});

describe('Triple DES', () => {
  const single = '133457799bbcdff1';
  check(TripleDesBlock, [
    // SP 800-67, appendix B: "The quick brown fox jump".
    [
      '0123456789abcdef23456789abcdef01456789abcdef0123',
      '54686520717566636b2062726f776e20666f78206a756d70',
      'a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900',
    ],
    // Three times the same key is single DES.
    [single.repeat(3), '0123456789abcdef', '85e813540f0ab405'],
  ]);

  test('ignores parity bits', () => {
    const key = fromHex('0123456789abcdef23456789abcdef01456789abcdef0123');
    const plain = new Uint8Array(8);
    const other = key.map((byte) => byte ^ 1);
    expect(encrypt(new TripleDesBlock(other), plain)).toEqual(encrypt(new TripleDesBlock(key), plain));
  });
});

describe("Blowfish (B. Schneier's vectors, by E. Young)", () => {
  check(BlowfishBlock, [
    ['0000000000000000', '0000000000000000', '4ef997456198dd78'],
    ['ffffffffffffffff', 'ffffffffffffffff', '51866fd5b85ecb8a'],
    ['3000000000000000', '1000000000000001', '7d856f9a613063f2'],
    ['1111111111111111', '1111111111111111', '2466dd878b963c9d'],
    ['0123456789abcdef', '1111111111111111', '61f9c3802281b096'],
    ['fedcba9876543210', '0123456789abcdef', '0aceab0fc6a0a28d'],
    ['7ca110454a1a6e57', '01a1d6d039776742', '59c68245eb05282b'],
    ['f0', 'fedcba9876543210', 'f9ad597c49db005e'],
    ['f0e1d2c3b4a5968778695a4b3c2d1e0f', 'fedcba9876543210', '93142887ee3be15c'],
    ['f0e1d2c3b4a5968778695a4b3c2d1e0f0011223344556677', 'fedcba9876543210', '05044b62fa52d080'],
  ]);

  test('its first table begins, and its last ends, with the right digits of pi', () => {
    const pi = piWords(18 + 1024);
    const word = (i: number): string => (pi[i]! >>> 0).toString(16).padStart(8, '0');
    expect([word(0), word(1), word(17), word(18), word(1041)]).toEqual([
      '243f6a88',
      '85a308d3',
      '8979fb1b',
      'd1310ba6',
      '3ac372e6',
    ]);
  });
});

describe('CAST-128 (RFC 2144, appendix B)', () => {
  check(Cast5Block, [['0123456712345678234567893456789a', '0123456789abcdef', '238b4fe5847e44b2']]);

  test('has the S-boxes of the RFC', () => {
    const words = castSboxes();
    const bytes = Buffer.alloc(words.length * 4);
    words.forEach((word, i) => {
      bytes.writeInt32BE(word, i * 4);
    });
    expect(words.length).toBe(8 * 256);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      'f92e9b4c9e1d6bf0a515c473cf0c0b92e7b5def980426ffed5b12fc050174d0c',
    );
  });
});

describe('Twofish (paper, appendix B)', () => {
  const zero = '0'.repeat(32);
  check(TwofishBlock, [
    [zero, zero, '9f589f5cf6122c32b6bfec2f2ae8c35a'],
    ['0123456789abcdeffedcba98765432100011223344556677', zero, 'cfd1d2e5a9be9cdf501f13b892bd2248'],
    ['0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff', zero, '37527be0052334b89f0cfccae87cfa20'],
  ]);

  test.each([
    [16, '5d9d4eeffa9151575524f115815a12e0'],
    [24, 'e75449212beef9f4a390bd860a640941'],
    [32, '37fe26ff1cf66175f5ddf4c33b97a205'],
  ])('49 times with %i-byte keys made of what came out before', (keyBytes, last) => {
    let key = new Uint8Array(keyBytes);
    let plain = new Uint8Array(16);
    let cipher = plain;
    for (let i = 0; i < 49; i++) {
      cipher = encrypt(new TwofishBlock(key), plain) as Uint8Array<ArrayBuffer>;
      key = Uint8Array.from([...plain, ...key]).slice(0, keyBytes);
      plain = cipher;
    }
    expect(toHex(cipher)).toBe(last);
  });
});
