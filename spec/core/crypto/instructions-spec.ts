// AES-GCM, ChaCha20-Poly1305 and the other ciphers of the addon with each set of instructions that this processor has: published vectors, and
// the datagrams of OpenSSL and of their portable twins.

import { createCipheriv } from 'node:crypto';
import * as rxkcp from 'rxkcp';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { entropyFrom } from '../../../src/core/crypto/entropy.ts';
import { nativeCipher } from '../../../src/core/crypto/node/native-cipher.ts';
import { xorPad } from '../../../src/core/crypto/xor.ts';
import { CIPHER_NAMES, type CipherName, KEY_BYTES, makeCipher } from '../../support/ciphers.ts';
import { fromHex, toHex } from '../../support/hex.ts';
import { LEVELS } from '../../support/instructions.ts';
import { describeFaults, FAULTS } from '../../support/native.ts';
import { bytes, seeded } from '../../support/random.ts';

// Ciphers of the build that can be limited, when one is first asked for.
process.env.RXKCP_NATIVE = '1';
process.env.RXKCP_PREBUILD = FAULTS;

/** Without additional data, which kcp-go's datagrams do not have: D. McGrew, J. Viega: The Galois/Counter Mode of Operation, cases 1 to 3, 13 to 15. */
const GCM_TEXT = `d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255`.replace('\n', '');
const GCM_KEY = 'feffe9928665731c6d6a8f9467308308';
const GCM = [
  ['00'.repeat(16), '00'.repeat(12), '', '58e2fccefa7e3061367f1d57a4e7455a'],
  [
    '00'.repeat(16),
    '00'.repeat(12),
    '00'.repeat(16),
    '0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf',
  ],
  [
    GCM_KEY,
    'cafebabefacedbaddecaf888',
    GCM_TEXT,
    '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f59854d5c2af327cd64a62cf35abd2ba6fab4',
  ],
  ['00'.repeat(32), '00'.repeat(12), '', '530f8afbc74536b9a963b4f1c4cb738b'],
  [
    '00'.repeat(32),
    '00'.repeat(12),
    '00'.repeat(16),
    'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  ],
  [
    GCM_KEY.repeat(2),
    'cafebabefacedbaddecaf888',
    GCM_TEXT,
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015adb094dac5d93471bdec1a502270e3cc6c',
  ],
] as const;

/** RFC 8439, section 2.4.2: the ciphertext; its tag is OpenSSL's. */
const CHACHA_TEXT =
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
const CHACHA_SEALED =
  '6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d';

/** RFC 8439, appendix A.3, vectors 7 to 11: where a reduction goes wrong. r, s, blocks, tag. */
const byte = (value: string, rest: string): string => value + rest.repeat(15);
const POLY1305 = [
  [byte('02', '00'), '00'.repeat(16), 'ff'.repeat(16), byte('03', '00')],
  [byte('02', '00'), 'ff'.repeat(16), byte('02', '00'), byte('03', '00')],
  [byte('01', '00'), '00'.repeat(16), 'ff'.repeat(16) + byte('f0', 'ff') + byte('11', '00'), byte('05', '00')],
  [byte('01', '00'), '00'.repeat(16), 'ff'.repeat(16) + byte('fb', 'fe') + '01'.repeat(16), '00'.repeat(16)],
  [byte('02', '00'), '00'.repeat(16), byte('fd', 'ff'), byte('fa', 'ff')],
] as const;

const number = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.toReversed()) || '0'}`);

/** By the definition (RFC 8439, section 2.5). */
function poly1305(key: Uint8Array, blocks: Uint8Array): string {
  const r = number(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let hash = 0n;
  for (let at = 0; at < blocks.length; at += 16) {
    hash = ((hash + number(blocks.subarray(at, at + 16)) + (1n << 128n)) * r) % ((1n << 130n) - 5n);
  }
  const tag = (hash + number(key.subarray(16))) & ((1n << 128n) - 1n);
  return toHex(fromHex(tag.toString(16).padStart(32, '0')).reverse());
}

const cipherOf = (name: string, key: Uint8Array, nonce?: Uint8Array): rxkcp.Cipher => {
  const cipher = nativeCipher(
    name,
    key,
    entropyFrom(nonce ? (target) => target.set(nonce.subarray(0, target.length)) : undefined),
  );
  if (cipher === undefined) throw new Error(`the addon has no ${name} here`);
  return cipher;
};

/** What OpenSSL makes of a packet, less the nonce. */
function sealedBy(algorithm: string, key: Uint8Array, nonce: Uint8Array, packet: Uint8Array): string {
  const cipher = createCipheriv(algorithm as 'aes-128-gcm', key, nonce, { authTagLength: 16 });
  return toHex(Buffer.concat([cipher.update(packet), cipher.final(), cipher.getAuthTag()]));
}

const AEADS = CIPHER_NAMES.filter((name) => name.endsWith('gcm') || name.endsWith('poly1305'));
const PLAIN = CIPHER_NAMES.filter((name) => !AEADS.includes(name) && nativeCipherThere(name));

function nativeCipherThere(name: CipherName): boolean {
  const key = new Uint8Array(KEY_BYTES[name]);
  return nativeCipher(name, name === 'xor' ? xorPad(key) : key, entropyFrom()) !== undefined;
}

describeFaults('by the addon,', (addon) => {
  // Those without AES and carry-less multiplication have no cipher of the addon.
  const levels = LEVELS.filter(([, level]) => level > 0 && addon.limit?.(level));

  describe.each(levels)('%s,', (_, level) => {
    beforeAll(() => {
      addon.limit(level);
      return () => addon.limit(4);
    });

    test.each(GCM)('AES-GCM gives the vector of key %s, nonce %s, text %j', (key, nonce, text, sealed) => {
      const cipher = cipherOf(`aes-${4 * key.length}-gcm`, fromHex(key), fromHex(nonce));
      const [datagram] = cipher.seal([fromHex(text)]);
      expect(toHex(datagram!)).toBe(nonce + sealed);
      expect(cipher.open([datagram!]).map(toHex)).toEqual([text]);
    });

    test('ChaCha20-Poly1305 gives the vector of RFC 8439', () => {
      const key = Uint8Array.from({ length: 32 }, (_, i) => i);
      const nonce = fromHex('000000000000004a00000000');
      const packet = new TextEncoder().encode(CHACHA_TEXT);
      const [datagram] = cipherOf('chacha20-poly1305', key, nonce).seal([packet]);
      expect(toHex(datagram!.subarray(12, -16))).toBe(CHACHA_SEALED);
      expect(toHex(datagram!.subarray(12))).toBe(sealedBy('chacha20-poly1305', key, nonce, packet));
    });

    test.each(POLY1305)('Poly1305 gives the vector of r %s, s %s', (r, s, blocks, tag) => {
      const written = new Uint8Array(16);
      expect(addon.poly1305(fromHex(r + s), fromHex(blocks), written)).toBe(true);
      expect(toHex(written)).toBe(tag);
    });

    it('reduces what is as large as can be, and what is next to the modulus, in any number of blocks', () => {
      const random = seeded(3);
      const choices = ['ff', '00', 'fb', 'fa', '01'].map((one) => fromHex(byte(one, 'ff')));
      const blockOf = (): Uint8Array => (random() < 0.7 ? choices[Math.floor(5 * random())]! : bytes(random, 16));
      for (let count = 1; count <= 70; count++) {
        for (const r of ['ff'.repeat(16), byte('02', '00'), byte('01', '00'), toHex(bytes(random, 16))]) {
          const key = fromHex(r + (random() < 0.5 ? 'ff' : '00').repeat(16));
          const blocks = Buffer.concat(Array.from({ length: count }, blockOf));
          const written = new Uint8Array(16);
          addon.poly1305(key, blocks, written);
          expect(toHex(written)).toBe(poly1305(key, blocks));
        }
      }
    });

    describe.each(AEADS)('%s', (name) => {
      const key = bytes(seeded(7), KEY_BYTES[name]);

      it('seals as OpenSSL does, and opens it, at every length up to 600 and about the largest', () => {
        const lengths = Array.from({ length: 601 }, (_, length) => length);
        const cipher = cipherOf(name, key);
        for (const length of [
          ...lengths,
          1279,
          1280,
          1281,
          1471,
          1472,
          1500,
          1519,
          1520,
          1521,
          1536,
          1537,
          3000,
          70_000,
        ]) {
          const packet = bytes(seeded(length), length);
          const [datagram] = cipher.seal([packet]);
          const nonce = datagram!.subarray(0, 12);
          expect(toHex(datagram!.subarray(12))).toBe(sealedBy(name, key, nonce, packet));
          expect(cipher.open([datagram!]).map(toHex)).toEqual([toHex(packet)]);
        }
      });

      it('seals and opens bursts of unequal packets, and leaves out any that was changed', () => {
        const cipher = cipherOf(name, key);
        for (let seed = 1; seed <= 60; seed++) {
          const random = seeded(seed);
          const packets = Array.from({ length: 1 + (seed % 40) }, () => bytes(random, Math.floor(random() * 1600)));
          const datagrams = cipher.seal(packets);
          datagrams.forEach((datagram, i) => {
            const sealed = sealedBy(name, key, datagram.subarray(0, 12), packets[i]!);
            expect(toHex(datagram.subarray(12))).toBe(sealed);
          });
          const changed = Math.floor(random() * datagrams.length);
          datagrams[changed]![Math.floor(random() * datagrams[changed]!.length)]! ^= 1 << Math.floor(8 * random());
          expect(cipher.open(datagrams).map(toHex)).toEqual(packets.toSpliced(changed, 1).map(toHex));
        }
      });
    });

    it.each(PLAIN)('%s seals what its portable twin opens, and opens what that seals', (name) => {
      const key = bytes(seeded(7), KEY_BYTES[name]);
      const cipher = cipherOf(name, name === 'xor' ? xorPad(key) : key);
      const twin = makeCipher(rxkcp, name, key, { portable: true });
      for (let seed = 1; seed <= 8; seed++) {
        const random = seeded(seed);
        const packets = Array.from({ length: 5 * seed }, () => bytes(random, Math.floor(random() * 1600)));
        expect(twin.open(cipher.seal(packets)).map(toHex)).toEqual(packets.map(toHex));
        expect(cipher.open(twin.seal(packets)).map(toHex)).toEqual(packets.map(toHex));
      }
    });
  });
});
