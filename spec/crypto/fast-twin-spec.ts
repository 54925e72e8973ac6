// Each fast cipher beside the one in plain JavaScript: given the same random bytes, the same datagrams; what one seals the
// other opens; what is broken neither opens.

import { type Cipher as CipherObject, createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import * as rxkcp from 'rxkcp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Cipher } from '../../src/crypto/cipher.ts';
import { fastCipher } from '../../src/crypto/node/index.ts';
import { fastCipher as kernelOnly } from '../../src/crypto/portable-only.ts';
import { xorPad } from '../../src/crypto/xor.ts';
import type { RandomSource } from '../../src/random.ts';
import { CIPHER_NAMES, type CipherName, KEY_BYTES, makeCipher } from '../support/ciphers.ts';
import { bytes, seeded } from '../support/random.ts';

const NAMES = CIPHER_NAMES.filter((name) => !['tea', 'xtea', 'blowfish', 'cast5', 'twofish'].includes(name));
const PLAIN = NAMES.filter((name) => !name.includes('gcm') && !name.includes('poly'));

const keyOf = (name: CipherName): Uint8Array => bytes(seeded(1), KEY_BYTES[name]);

/** The fast cipher takes the pad of `xor` in place of a key. */
function maybeFast(name: CipherName, key: Uint8Array, random: RandomSource, make = fastCipher): Cipher | undefined {
  return make(name, name === 'xor' ? xorPad(key) : key, random);
}

/** The same bytes for each maker that asks. */
function source(seed: number): RandomSource {
  const random = seeded(seed);
  return (target) => target.set(bytes(random, target.length));
}

function fast(name: CipherName, seed: number): Cipher {
  const cipher = maybeFast(name, keyOf(name), source(seed));
  if (cipher === undefined) throw new Error(`there is no fast ${name}`);
  return cipher;
}

const portable = (name: CipherName, seed: number): Cipher =>
  makeCipher(rxkcp, name, keyOf(name), { random: source(seed), portable: true });

/** A packet of 0 to 1500 bytes, anywhere in its buffer. */
const packet = fc
  .record({ length: fc.oneof(fc.integer({ max: 80, min: 0 }), fc.integer({ min: 0, max: 1500 })), offset: fc.nat(17) })
  .chain(({ length, offset }) =>
    fc.nat().map((seed) => bytes(seeded(seed), offset + length + 3).subarray(offset, offset + length)),
  );

const burst = fc.array(packet, { minLength: 1, maxLength: 64, size: 'max' });

/** Copies at other addresses. */
const moved = (burst: readonly Uint8Array[], offset: number): Uint8Array[] =>
  burst.map((one) => {
    const copy = new Uint8Array(one.length + offset);
    copy.set(one, offset);
    return copy.subarray(offset);
  });

const plain = (burst: readonly Uint8Array[]): string[] => burst.map((one) => Buffer.from(one).toString('hex'));

const RUNS = { numRuns: 15 };

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(NAMES)('%s, fast', (name) => {
  it('seals byte for byte what its twin seals, burst after burst, and leaves the packets alone', () => {
    const ours = fast(name, 5);
    const twin = portable(name, 5);
    fc.assert(
      fc.property(burst, (packets) => {
        const before = plain(packets);
        const sealed = ours.seal(packets);
        expect(plain(sealed)).toEqual(plain(twin.seal(packets)));
        expect(plain(packets)).toEqual(before);
        expect(sealed.every((one, i) => one.length === packets[i]!.length + ours.overhead)).toBe(true);
      }),
      RUNS,
    );
  });

  it('opens what its twin sealed, wherever that lies, and leaves the datagrams alone', () => {
    const ours = fast(name, 5);
    const twin = portable(name, 6);
    fc.assert(
      fc.property(burst, fc.nat(17), (packets, offset) => {
        const datagrams = moved(twin.seal(packets), offset);
        const before = plain(datagrams);
        expect(plain(ours.open(datagrams))).toEqual(plain(packets));
        expect(plain(datagrams)).toEqual(before);
      }),
      RUNS,
    );
  });

  it('leaves out what was changed or cut, and opens the rest of the burst', () => {
    const ours = fast(name, 5);
    fc.assert(
      fc.property(burst, fc.infiniteStream(fc.nat()), (packets, choices) => {
        const choice = (): number => choices.next().value;
        const datagrams = moved(ours.seal(packets), 0);
        const kept: Uint8Array[] = [];
        for (const [i, datagram] of datagrams.entries()) {
          const harm = choice() % 4;
          // In front of byte 16, only an AEAD and CFB notice; byte 16 on is checksum or what it covers.
          if (harm === 0) datagram[16 + (choice() % (datagram.length - 16))]! ^= 1 + (choice() % 255);
          else if (harm === 1) datagrams[i] = datagram.subarray(0, choice() % 20);
          else kept.push(packets[i]!);
        }
        expect(plain(ours.open(datagrams))).toEqual(plain(kept));
      }),
      RUNS,
    );
  });

  it('takes datagrams of any rubbish', () => {
    const ours = fast(name, 5);
    const lengths = Array.from({ length: 61 }, (_, length) => length);
    const rubbish = [...lengths, 1500, 65_507, 200_000].map((length) => bytes(seeded(length), length));
    expect(ours.open(rubbish)).toEqual([]);
    expect(ours.open([])).toEqual([]);
    expect(ours.seal([])).toEqual([]);
  });

  it('never writes again to what it gave away', () => {
    const ours = fast(name, 5);
    const packets = Array.from({ length: 64 }, (_, i) => bytes(seeded(i), 20 * i));
    const sealed = ours.seal(packets);
    const opened = ours.open(sealed);
    const before = [plain(sealed), plain(opened)];
    for (let i = 0; i < 20; i++) ours.open(ours.seal(packets.toReversed()));
    expect([plain(sealed), plain(opened)]).toEqual(before);
    expect(before[1]).toEqual(plain(packets));
  });

  it('takes bursts that fill its memory several times', () => {
    const ours = fast(name, 5);
    const packets = Array.from({ length: 700 }, (_, i) => bytes(seeded(i), i % 7 === 0 ? 9000 : i));
    expect(plain(ours.open(portable(name, 6).seal(packets)))).toEqual(plain(packets));
    expect(plain(portable(name, 6).open(ours.seal(packets)))).toEqual(plain(packets));
  });

  it('does not follow later changes of the key', () => {
    const key = keyOf(name);
    const ours = maybeFast(name, key, source(5))!;
    key.fill(0);
    const packets = [bytes(seeded(3), 100)];
    expect(plain(portable(name, 6).open(ours.seal(packets)))).toEqual(plain(packets));
  });
});

describe.each(['aes-128', 'aes-192', 'aes', 'sm4', '3des'] as const)('%s by persistent cipher objects', (name) => {
  // Two at a time: with more, SM4 is the kernel's.
  const bursts = Array.from({ length: 5 }, (_, i) => [bytes(seeded(i), 10 + 100 * i), bytes(seeded(-i), 1000 - 7 * i)]);
  const prototype = Object.getPrototypeOf(createCipheriv('aes-128-ecb', new Uint8Array(16), null)) as CipherObject;

  it.each([0, 1, 2, 3, 6])('seals rightly again after failure number %i', (failing) => {
    const ours = fast(name, 5);
    ours.seal(bursts[0]!);
    const update: (data: Uint8Array) => Buffer = prototype.update;
    let calls = 0;
    const spy = vi.spyOn(prototype, 'update') as unknown as { mockImplementation(update: object): void };
    spy.mockImplementation(function (this: CipherObject, data: Uint8Array) {
      // It takes the bytes in, and then fails: the chain is not where the caller believes it to be.
      const result = update.call(this, data);
      if (calls++ === failing) throw new Error('injected');
      return result;
    });
    const sealAll = (): void => {
      for (const burst of bursts) ours.seal(burst);
    };
    expect(sealAll).toThrow('injected');
    for (const burst of bursts) expect(plain(portable(name, 6).open(ours.seal(burst)))).toEqual(plain(burst));
  });

  it('seals rightly again after output of the wrong length', () => {
    const ours = fast(name, 5);
    (vi.spyOn(prototype, 'update') as unknown as { mockReturnValueOnce(result: object): void }).mockReturnValueOnce(
      Buffer.alloc(3),
    );
    expect(() => ours.seal(bursts[0]!)).toThrow('3 came out');
    for (const burst of bursts) expect(plain(portable(name, 6).open(ours.seal(burst)))).toEqual(plain(burst));
  });

  // (SM4 is opened by the kernel.)
  if (name !== 'sm4') {
    it('opens again after a failure', () => {
      const ours = fast(name, 5);
      const datagrams = portable(name, 6).seal(bursts[1]!);
      vi.spyOn(prototype, 'update').mockImplementationOnce(() => {
        throw new Error('injected');
      });
      expect(() => ours.open(datagrams)).toThrow('injected');
      expect(plain(ours.open(datagrams))).toEqual(plain(bursts[1]!));
    });
  }
});

describe('the fast ciphers', () => {
  it('are those of the kernel where there is no OpenSSL', () => {
    const found = NAMES.filter((name) => maybeFast(name, keyOf(name), source(1), kernelOnly) !== undefined);
    expect(found).toEqual(['sm4', 'salsa20', 'xor', 'none']);
  });

  it.each(PLAIN)('refuse a packet that no datagram carries: %s', (name) => {
    expect(() => fast(name, 1).seal([new Uint8Array(200_000)])).toThrow(RangeError);
  });

  it('are not found under other names', () => {
    for (const name of ['twofish', 'toString', '__proto__', '']) {
      expect(fastCipher(name, new Uint8Array(16), source(1))).toBeUndefined();
    }
  });

  it('share one memory without disturbing each other', () => {
    const all = PLAIN.map((name) => ({ ours: fast(name, 5), twin: portable(name, 6) }));
    const packets = Array.from({ length: 10 }, (_, i) => bytes(seeded(i), 150 * i));
    const sealed = all.map(({ ours }) => ours.seal(packets));
    for (const [i, { twin, ours }] of all.entries()) {
      expect(plain(twin.open(sealed[i]!))).toEqual(plain(packets));
      expect(plain(ours.open(sealed[i]!))).toEqual(plain(packets));
    }
  });
});
