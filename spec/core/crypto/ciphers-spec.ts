// Every cipher in plain JavaScript, through its factory or by its name.

import { createCipheriv } from 'node:crypto';
import * as rxkcp from 'rxkcp';
import { type Cipher, chacha20Poly1305, KeyLengthError, OptionError, type RandomSource, systemRandom } from 'rxkcp';
import { describe, expect, test } from 'vitest';
import { CIPHER_NAMES, type CipherName, KEY_BYTES, makeCipher } from '../../support/ciphers.ts';
import { fromHex, toHex } from '../../support/hex.ts';
import { bytes, seeded } from '../../support/random.ts';

/** Bytes, from and to, of the random nonce whose change changes nothing else: the CRC-32 is of the packet alone. */
const INDIFFERENT: Partial<Record<CipherName, [number, number]>> = {
  xor: [0, 16],
  none: [0, 16],
  // The first half is Salsa20's own nonce.
  salsa20: [8, 16],
  // Two blocks: in CFB a change of one garbles the next, and nothing else.
  '3des': [0, 8],
  blowfish: [0, 8],
  cast5: [0, 8],
  tea: [0, 8],
  xtea: [0, 8],
};

function make(name: CipherName, seed = 1, random: RandomSource = systemRandom): Cipher {
  return makeCipher(rxkcp, name, bytes(seeded(seed), KEY_BYTES[name]), { random, portable: true });
}

describe.each(CIPHER_NAMES)('%s', (name) => {
  const random = seeded(7);
  const cipher = make(name);

  test('opens what it sealed, at every length and in order, and touches no input', () => {
    const lengths = [...Array.from({ length: 70 }, (_, i) => i), 1471, 1472, 1480, 1500, 3000];
    const packets = lengths.map((length) => bytes(random, length));
    const before = packets.map((packet) => packet.slice());
    const datagrams = cipher.seal(packets);
    expect(packets).toEqual(before);
    expect(datagrams.map(({ length }) => length)).toEqual(lengths.map((length) => length + cipher.overhead));
    const sealed = datagrams.map((datagram) => datagram.slice());
    expect(cipher.open(datagrams)).toEqual(packets);
    expect(datagrams).toEqual(sealed);
  });

  test('takes views at odd places, and Buffers', () => {
    const memory = Buffer.from(bytes(random, 200));
    const packet = memory.subarray(3, 104);
    const [datagram] = cipher.seal([packet]);
    const elsewhere = Buffer.alloc(300);
    elsewhere.set(datagram!, 5);
    const [opened] = cipher.open([elsewhere.subarray(5, 5 + datagram!.length)]);
    expect(toHex(opened!)).toBe(toHex(packet));
  });

  test('gives memory that nobody writes to again', () => {
    const packet = bytes(random, 500);
    const [first] = cipher.seal([packet]);
    const copy = first!.slice();
    const [opened] = cipher.open([first!]);
    for (let i = 0; i < 300; i++) cipher.open([...cipher.seal([bytes(random, 500)]), bytes(random, 500)]);
    expect(first).toEqual(copy);
    expect(opened).toEqual(packet);
  });

  test('seals the same packet to another datagram each time', () => {
    const packet = bytes(random, 100);
    const datagrams = cipher.seal([packet, packet, packet]).map(toHex);
    expect(new Set(datagrams).size).toBe(3);
  });

  test('is a pure function of key, packets and randomness', () => {
    const run = (): Uint8Array[] => {
      const source = seeded(3);
      return make(name, 1, (target) => target.set(bytes(source, target.length))).seal([new Uint8Array(40)]);
    };
    expect(run()).toEqual(run());
  });

  test('drops datagrams cut to 0 … 60 bytes, and keeps their neighbours', () => {
    const packet = bytes(random, 100);
    const [datagram] = cipher.seal([packet]);
    for (let length = 0; length <= 60; length++) {
      expect(cipher.open([datagram!, datagram!.subarray(0, length), datagram!])).toEqual([packet, packet]);
    }
  });

  test('drops random datagrams of 0 … 60 bytes', () => {
    for (let length = 0; length <= 60; length++) expect(cipher.open([bytes(random, length)])).toEqual([]);
  });

  test('drops a datagram with a bit flipped, except in those bytes of the nonce that nothing depends on', () => {
    const packet = bytes(random, 41);
    const [datagram] = cipher.seal([packet]);
    const [from, to] = INDIFFERENT[name] ?? [0, 0];
    for (let bit = 0; bit < datagram!.length * 8; bit++) {
      const at = bit >> 3;
      const damaged = datagram!.slice();
      damaged[at]! ^= 1 << (bit & 7);
      expect(cipher.open([damaged]), `bit ${bit}`).toEqual(at >= from && at < to ? [packet] : []);
    }
  });

  // `none` has no use for its key.
  if (name !== 'none') {
    test('drops what was sealed with another key', () => {
      expect(make(name, 2).open(cipher.seal([bytes(random, 100), bytes(random, 3)]))).toEqual([]);
    });
  }

  test('drops what was sealed with another cipher', () => {
    for (const other of CIPHER_NAMES) {
      if (other !== name) expect(make(other).open(cipher.seal([bytes(random, 100)])), other).toEqual([]);
    }
  });
});

describe('AEADs', () => {
  // D. McGrew, J. Viega: The Galois/Counter Mode of Operation, appendix B, test cases 3, 9 and 15.
  const key = 'feffe9928665731c6d6a8f9467308308'.repeat(2);
  const nonce = 'cafebabefacedbaddecaf888';
  const plain =
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
    '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255';
  test.each([
    [
      16,
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e' +
        '21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985' +
        '4d5c2af327cd64a62cf35abd2ba6fab4',
    ],
    [
      24,
      '3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c' +
        '7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710acade256' +
        '9924a7c8587336bfb118024db8674a14',
    ],
    [
      32,
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
        '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad' +
        'b094dac5d93471bdec1a502270e3cc6c',
    ],
  ])('AES-GCM with a key of %i bytes puts nonce, ciphertext and tag after one another', (keyBytes, sealed) => {
    const source: RandomSource = (target) => target.set(fromHex(nonce));
    const name = `aes-${keyBytes * 8}-gcm` as CipherName;
    const cipher = makeCipher(rxkcp, name, fromHex(key).subarray(0, keyBytes), { random: source, portable: true });
    expect(cipher.seal([fromHex(plain)]).map(toHex)).toEqual([nonce + sealed]);
    expect(cipher.open([fromHex(nonce + sealed)]).map(toHex)).toEqual([plain]);
  });

  test('ChaCha20-Poly1305 seals as OpenSSL does', () => {
    const random = seeded(5);
    const own = bytes(random, 32);
    const iv = bytes(random, 12);
    const cipher = chacha20Poly1305(own, { random: (target) => target.set(iv) });
    for (const length of [0, 1, 63, 64, 65, 1400]) {
      const packet = bytes(random, length);
      const openssl = createCipheriv('chacha20-poly1305', own, iv, { authTagLength: 16 });
      const expected = Buffer.concat([iv, openssl.update(packet), openssl.final(), openssl.getAuthTag()]);
      const fresh = chacha20Poly1305(own, { random: (target) => target.set(iv) });
      expect(fresh.seal([packet]).map(toHex)).toEqual([expected.toString('hex')]);
      expect(cipher.open([expected])).toEqual([packet]);
    }
  });

  test('any AEAD can be brought; one that throws at a wrong tag is as good as one that returns undefined', () => {
    const sum = (packet: Uint8Array): number => packet.reduce((total, byte) => (total + byte) & 255, 1);
    const cipher = rxkcp.aeadCipher({
      name: 'toy',
      nonceBytes: 2,
      tagBytes: 1,
      seal: (_, packet) => Uint8Array.of(...packet, sum(packet)),
      open: (_, sealed) => {
        const packet = sealed.slice(0, -1);
        if (sealed.at(-1) === sum(packet)) return packet;
        if (packet.length === 1) throw new Error('wrong tag');
        return undefined;
      },
    });
    expect(cipher.overhead).toBe(3);
    const [datagram] = cipher.seal([Uint8Array.of(1, 2)]);
    expect(datagram!.length).toBe(5);
    expect(cipher.open([Uint8Array.of(0, 0, 1), datagram!, Uint8Array.of(0, 0), Uint8Array.of(0, 0, 1, 1)])).toEqual([
      new Uint8Array(0),
      Uint8Array.of(1, 2),
    ]);
  });

  test('tell once when a key was used often enough', () => {
    const told: number[] = [];
    const cipher = rxkcp.aesGcm(new Uint8Array(16), { sealLimit: 5, onSealLimit: (sealed) => told.push(sealed) });
    const packet = new Uint8Array(1);
    cipher.seal([packet, packet, packet, packet]);
    expect(told).toEqual([]);
    cipher.seal([packet, packet]);
    cipher.seal([packet]);
    expect(told).toEqual([6]);
    expect(cipher.name).toBe('aes-128-gcm');
    expect(cipher.open(cipher.seal([packet]))).toEqual([packet]);
  });
});

describe('keys', () => {
  const UP_TO_56 = Array.from({ length: 56 }, (_, i) => i + 1);
  const FACTORIES: [name: string, make: (key: Uint8Array) => Cipher, lengths: number[]][] = [
    ['aes128', rxkcp.aes128, [16]],
    ['aes192', rxkcp.aes192, [24]],
    ['aes256', rxkcp.aes256, [32]],
    ['sm4', rxkcp.sm4, [16]],
    ['tea', rxkcp.tea, [16]],
    ['xtea', rxkcp.xtea, [16]],
    ['tripleDes', rxkcp.tripleDes, [24]],
    ['blowfish', rxkcp.blowfish, UP_TO_56],
    ['cast5', rxkcp.cast5, [16]],
    ['twofish', rxkcp.twofish, [16, 24, 32]],
    ['salsa20', rxkcp.salsa20, [32]],
    ['aesGcm', rxkcp.aesGcm, [16, 24, 32]],
    ['chacha20Poly1305', rxkcp.chacha20Poly1305, [32]],
  ];

  test.each(FACTORIES)('%s takes keys of its lengths alone', (_, makeOne, lengths) => {
    for (const length of [0, 1, 15, 16, 17, 23, 24, 25, 31, 32, 33, 56, 57, 64]) {
      const key = new Uint8Array(length).fill(length);
      if (lengths.includes(length)) {
        const cipher = makeOne(key);
        expect(cipher.open(cipher.seal([key]))).toEqual([key]);
      } else {
        expect(() => makeOne(key)).toThrow(KeyLengthError);
      }
    }
  });

  test('xor takes keys of any length, none does without', () => {
    for (const cipher of [rxkcp.xor(new Uint8Array(0)), rxkcp.xor(new Uint8Array(100)), rxkcp.none()]) {
      expect(cipher.open(cipher.seal([Uint8Array.of(1)]))).toEqual([Uint8Array.of(1)]);
    }
  });

  test('a wrong length is told with the cipher and the lengths allowed', () => {
    expect(() => rxkcp.aes128(new Uint8Array(32))).toThrow('cipher aes-128 takes a key of 16 bytes, got 32');
    expect(() => rxkcp.aesGcm(new Uint8Array(1))).toThrow('cipher aes-gcm takes a key of 16, 24 or 32 bytes, got 1');
    expect(() => rxkcp.blowfish(new Uint8Array(57))).toThrow('cipher blowfish takes a key of 1 to 56 bytes, got 57');
  });

  test('a password in place of a key is refused, and not repeated', () => {
    for (const makeOne of [...FACTORIES.map(([, factory]) => factory), rxkcp.xor]) {
      const attempt = (): Cipher => makeOne('sixteen letters!' as unknown as Uint8Array);
      expect(attempt).toThrow(OptionError);
      expect(attempt).not.toThrow(/sixteen/);
    }
  });

  test('changing the key afterwards changes nothing', () => {
    for (const [, makeOne, lengths] of FACTORIES) {
      const key = new Uint8Array(lengths[0]!).fill(1);
      const cipher = makeOne(key);
      const same = makeOne(key);
      key.fill(2);
      expect(cipher.open(same.seal([key]))).toEqual([key]);
    }
  });
});
