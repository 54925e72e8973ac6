import { expect, test } from 'vitest';
import { sipHash } from '../../../src/core/crypto/sip-hash.ts';

const upTo = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);
const KEY = upTo(16);

/** SipHash-2-4 on integers of any length, as its paper writes it down. */
function naive(key: Uint8Array, text: Uint8Array): bigint {
  const mask = (1n << 64n) - 1n;
  const word = (bytes: Uint8Array): bigint => bytes.reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
  const turned = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (64n - bits))) & mask;
  const [k0, k1] = [word(key.subarray(0, 8)), word(key.subarray(8))];
  let [a, b, c, d] = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      a = (a + b) & mask;
      b = turned(b, 13n) ^ a;
      a = turned(a, 32n);
      c = (c + d) & mask;
      d = turned(d, 16n) ^ c;
      a = (a + d) & mask;
      d = turned(d, 21n) ^ a;
      c = (c + b) & mask;
      b = turned(b, 17n) ^ c;
      c = turned(c, 32n);
    }
  };
  const padded = new Uint8Array((text.length & ~7) + 8);
  padded.set(text);
  padded[padded.length - 1] = text.length;
  for (let at = 0; at < padded.length; at += 8) {
    const m = word(padded.subarray(at, at + 8));
    d ^= m;
    rounds(2);
    a ^= m;
  }
  c ^= 0xffn;
  rounds(4);
  return a ^ b ^ c ^ d;
}

test('is what the paper says of its example, and of nothing', () => {
  expect(naive(KEY, upTo(15))).toBe(0xa129ca6149be45e5n);
  expect(sipHash(KEY, upTo(15)) >>> 0).toBe(0x49be45e5);
  expect(sipHash(KEY, upTo(0)) >>> 0).toBe(0xdd0e0e31);
});

test('is the lower half of what big integers give, for every length and any bytes', () => {
  for (let length = 0; length < 70; length++) {
    const key = KEY.map((byte) => (byte * 37 + length) ^ 0xa5);
    const text = upTo(length).map((byte) => (byte * 151) ^ 0xff);
    expect(sipHash(key, text) >>> 0).toBe(Number(naive(key, text) & 0xffff_ffffn));
  }
});
