// Each fast cipher beside the one in plain JavaScript: given the same random bytes, the same datagrams; what one seals the
// other opens; what is broken neither opens.

import { type Cipher as CipherObject, createCipheriv, createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import * as rxkcp from 'rxkcp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type RandomSource, systemRandom } from '../../../src/bytes/random.ts';
import { ReusedMemory } from '../../../src/bytes/reused-memory.ts';
import { Slab } from '../../../src/bytes/slab.ts';
import { CFB_IV } from '../../../src/core/crypto/cfb.ts';
import type { Cipher } from '../../../src/core/crypto/cipher.ts';
import { entropyFrom } from '../../../src/core/crypto/entropy.ts';
import { fastCipher } from '../../../src/core/crypto/node/index.ts';
import {
  DATAGRAMS_BYTES,
  LENGTHS_AT,
  MAX_DATAGRAMS,
  nativeHandle,
  OFFSETS_AT,
} from '../../../src/core/crypto/node/native-addon.ts';
import { fastCipher as kernelOnly } from '../../../src/core/crypto/portable-only.ts';
import { xorPad } from '../../../src/core/crypto/xor.ts';
import { CIPHER_NAMES, type CipherName, KEY_BYTES, makeCipher } from '../../support/ciphers.ts';
import { KERNEL_TRANSFORMS } from '../../support/kernel-transforms.ts';
import { describeNative } from '../../support/native.ts';
import { bytes, seeded } from '../../support/random.ts';

const NAMES = CIPHER_NAMES.filter((name) => !['tea', 'xtea', 'blowfish', 'cast5', 'twofish'].includes(name));
const PLAIN = NAMES.filter((name) => !name.includes('gcm') && !name.includes('poly'));

const keyOf = (name: CipherName): Uint8Array => bytes(seeded(1), KEY_BYTES[name]);

type Make = typeof fastCipher;

/** Which of them is chosen when a cipher is made. */
function withNative(value: '0' | '1'): Make {
  return (...args) => {
    const before = process.env.RXKCP_NATIVE;
    process.env.RXKCP_NATIVE = value;
    try {
      return fastCipher(...args);
    } finally {
      if (before === undefined) delete process.env.RXKCP_NATIVE;
      else process.env.RXKCP_NATIVE = before;
    }
  };
}

const byAddon = withNative('1');
/** By OpenSSL and the kernel. */
const withoutAddon = withNative('0');

/** The fast cipher takes the pad of `xor` in place of a key. */
function maybeFast(name: CipherName, key: Uint8Array, random: RandomSource, make = withoutAddon): Cipher | undefined {
  return make(name, name === 'xor' ? xorPad(key) : key, random, KERNEL_TRANSFORMS[name]);
}

/** The same bytes for each maker that asks. */
function source(seed: number): RandomSource {
  const random = seeded(seed);
  return (target) => target.set(bytes(random, target.length));
}

function fast(name: CipherName, seed: number, make = withoutAddon): Cipher {
  const cipher = maybeFast(name, keyOf(name), source(seed), make);
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

/** Copies side by side in pieces of memory that have `run` of them each, with a gap between two. */
const together = (burst: readonly Uint8Array[], run: number): Uint8Array[] => {
  const copies: Uint8Array[] = [];
  for (let first = 0; first < burst.length; first += run) {
    const part = burst.slice(first, first + run);
    const memory = new Uint8Array(part.reduce((sum, { length }) => sum + length + 3, 0));
    let at = 0;
    for (const one of part) {
      memory.set(one, at);
      copies.push(memory.subarray(at, at + one.length));
      at += one.length + 3;
    }
  }
  return copies;
};

/** How many pieces lie in one memory, in turn with such as lie alone. */
const layout = fc.constantFrom(1, 2, 3, 7, 64);

const plain = (burst: readonly Uint8Array[]): string[] => burst.map((one) => Buffer.from(one).toString('hex'));

const RUNS = { numRuns: 15 };

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function describeTwin(name: CipherName, make: Make): void {
  it('seals byte for byte what its twin seals, burst after burst, and leaves the packets alone', () => {
    const ours = fast(name, 5, make);
    const twin = portable(name, 5);
    fc.assert(
      fc.property(burst, layout, (scattered, run) => {
        const packets = together(scattered, run);
        const before = plain(packets);
        const sealed = ours.seal(packets);
        expect(plain(sealed)).toEqual(plain(twin.seal(packets)));
        expect(plain(packets)).toEqual(before);
        expect(sealed.every((one, i) => one.length === packets[i]!.length + ours.overhead)).toBe(true);
      }),
      RUNS,
    );
  });

  it('opens what its twin sealed, wherever that lies and wherever it is to go, and leaves the datagrams alone', () => {
    const ours = fast(name, 5, make);
    const twin = portable(name, 6);
    fc.assert(
      fc.property(burst, fc.nat(17), layout, (packets, offset, run) => {
        const sealed = twin.seal(packets);
        const datagrams = run === 1 ? moved(sealed, offset) : together(sealed, run);
        const before = plain(datagrams);
        expect(plain(ours.open(datagrams))).toEqual(plain(packets));
        expect(plain(ours.open(datagrams, new Slab()))).toEqual(plain(packets));
        expect(plain(datagrams)).toEqual(before);
      }),
      RUNS,
    );
  });

  it('leaves out what was changed or cut, and opens the rest of the burst', () => {
    const ours = fast(name, 5, make);
    fc.assert(
      fc.property(burst, fc.infiniteStream(fc.nat()), (packets, choices) => {
        const choice = (): number => choices.next().value;
        const datagrams = together(ours.seal(packets), 1 + (choice() % 9));
        const kept: Uint8Array[] = [];
        for (const [i, datagram] of datagrams.entries()) {
          const harm = choice() % 4;
          // In front of byte 16, only an AEAD and CFB notice; byte 16 on is checksum or what it covers.
          if (harm === 0) datagram[16 + (choice() % (datagram.length - 16))]! ^= 1 + (choice() % 255);
          else if (harm === 1) datagrams[i] = datagram.subarray(0, choice() % 20);
          else kept.push(packets[i]!);
        }
        const memory = choice() % 2 === 0 ? new Slab() : undefined;
        expect(plain(ours.open(datagrams, memory))).toEqual(plain(kept));
      }),
      RUNS,
    );
  });

  it('takes datagrams of any rubbish', () => {
    const ours = fast(name, 5, make);
    const lengths = Array.from({ length: 61 }, (_, length) => length);
    const rubbish = [...lengths, 1500, 65_507, 200_000].map((length) => bytes(seeded(length), length));
    expect(ours.open(rubbish)).toEqual([]);
    expect(ours.open([])).toEqual([]);
    expect(ours.seal([])).toEqual([]);
  });

  it('never writes again to what it gave away', () => {
    const ours = fast(name, 5, make);
    const packets = Array.from({ length: 64 }, (_, i) => bytes(seeded(i), 20 * i));
    const sealed = ours.seal(packets);
    const opened = ours.open(sealed);
    const before = [plain(sealed), plain(opened)];
    for (let i = 0; i < 20; i++) ours.open(ours.seal(packets.toReversed()));
    expect([plain(sealed), plain(opened)]).toEqual(before);
    expect(before[1]).toEqual(plain(packets));
  });

  it('takes bursts that fill its memory several times', () => {
    const ours = fast(name, 5, make);
    const packets = Array.from({ length: 700 }, (_, i) => bytes(seeded(i), i % 7 === 0 ? 9000 : i));
    expect(plain(ours.open(portable(name, 6).seal(packets)))).toEqual(plain(packets));
    expect(plain(portable(name, 6).open(ours.seal(packets)))).toEqual(plain(packets));
  });

  it('does not follow later changes of the key', () => {
    const key = keyOf(name);
    const ours = maybeFast(name, key, source(5), make)!;
    key.fill(0);
    const packets = [bytes(seeded(3), 100)];
    expect(plain(portable(name, 6).open(ours.seal(packets)))).toEqual(plain(packets));
  });
}

describe.each(NAMES)('%s, fast', (name) => describeTwin(name, withoutAddon));

// On other processors the addon has none: OpenSSL and the kernel do the work.
const describeAddon = process.arch === 'x64' ? describeNative : describeNoCiphers;

function describeNoCiphers(title: string): void {
  describeNative(title, () => {
    it('has no cipher for this processor, so that others are used', () => {
      for (const name of NAMES) expect(fast(name, 1, byAddon).constructor).toBe(fast(name, 1).constructor);
    });
  });
}

describeAddon('by the addon', () => {
  const names = CIPHER_NAMES.filter((name) => name !== 'sm4');

  describe.each(names)('%s', (name) => {
    describeTwin(name, byAddon);

    it('is the fast one, not that of OpenSSL or the kernel', () => {
      expect(fast(name, 1, byAddon).constructor.name).toBe('NativeCipher');
    });

    it.each([1, 2, 3, 4, 5, 7, 8, 9, 17, 33, 300])('seals and opens bursts of %i of every length up to 300', (size) => {
      const ours = fast(name, 5, byAddon);
      const twin = portable(name, 5);
      for (let length = 0; length <= 300; length += size) {
        const packets = Array.from({ length: size }, (_, i) => bytes(seeded(length + i), length + i));
        const sealed = twin.seal(packets);
        expect(plain(ours.seal(packets))).toEqual(plain(sealed));
        expect(plain(ours.open(moved(sealed, 1 + (length % 15))))).toEqual(plain(packets));
      }
    });

    it('refuses a packet that no datagram carries', () => {
      expect(() => fast(name, 1, byAddon).seal([new Uint8Array(200_000)])).toThrow(RangeError);
    });

    it('notices any bit that is changed', () => {
      const ours = fast(name, 5, byAddon);
      const [datagram] = ours.seal([bytes(seeded(1), 40)]);
      const forged = Array.from({ length: 8 * (datagram!.length - 16) }, (_, bit) => {
        const changed = datagram!.slice();
        changed[16 + (bit >> 3)]! ^= 1 << (bit & 7);
        return changed;
      });
      expect(ours.open([datagram!, ...forged, datagram!]).length).toBe(2);
    });
  });

  it('writes datagrams to memory of the caller, one behind the other', () => {
    const ours = fast('salsa20', 5, byAddon);
    const packets = Array.from({ length: 100 }, (_, i) => bytes(seeded(i), 10 * i));
    const expected = plain(portable('salsa20', 5).seal(packets));
    const memory = new ReusedMemory(40_000);
    memory.reserve(40_000);
    memory.offset = 7;
    const sealed = ours.seal(packets.slice(0, 40), memory);
    const { bytes: target } = memory;
    expect(sealed.every(({ buffer }) => buffer === target.buffer)).toBe(true);
    expect(sealed.map(({ byteOffset }) => byteOffset)).toEqual(
      packets.slice(0, 40).map((_, i) => 7 + 20 * i + 5 * i * (i - 1)),
    );
    expect(memory.offset).toBe(7 + 40 * 20 + 5 * 40 * 39);
    // What does not fit goes to the next slab.
    sealed.push(...ours.seal(packets.slice(40), memory));
    expect(memory.bytes).not.toBe(target);
    expect(plain(sealed)).toEqual(expected);
  });

  it('keeps the keys of several ciphers apart', () => {
    const keys = [1, 2, 3].map((seed) => bytes(seeded(seed), 16));
    const ciphers = keys.map((key) => byAddon('aes-128-gcm', key, source(5))!);
    const packets = [bytes(seeded(9), 500)];
    for (const [i, cipher] of ciphers.entries()) {
      const sealed = cipher.seal(packets);
      expect(plain(rxkcp.aesGcm(keys[i]!, { portable: true }).open(sealed))).toEqual(plain(packets));
      expect(ciphers[(i + 1) % 3]!.open(sealed)).toEqual([]);
    }
  });

  it('refuses keys, lengths, sources and targets that do not fit, and touches nothing then', () => {
    const { addon, handle } = nativeHandle('none', new Uint8Array(0))!;
    const { handle: gcm } = nativeHandle('aes-128-gcm', new Uint8Array(16))!;
    expect(addon.cipher(2, new Uint8Array(17))).toBeUndefined();
    expect(addon.cipher(1, new Uint8Array(1537))).toBeUndefined();
    expect(addon.cipher(5, new Uint8Array(24))).toBeUndefined();
    for (const kind of [6, 7, 8, 9, 10, 11, 12]) expect(addon.cipher(kind, new Uint8Array(16))).toBeUndefined();
    expect(addon.cipher(-1, new Uint8Array(16))).toBeUndefined();
    const lengths = new Int32Array(addon.cipherMemory(), LENGTHS_AT, MAX_DATAGRAMS);
    const offsets = new Uint32Array(addon.cipherMemory(), OFFSETS_AT, MAX_DATAGRAMS);
    const source = new ArrayBuffer(5000);
    const target = new Uint8Array(2000).fill(9);
    const refused = (call: () => number): void => {
      expect(call()).toBe(-1);
      expect(target.every((byte) => byte === 9)).toBe(true);
    };
    for (const length of [-(2 ** 31), -1500, -1, 0, 19, 2001, 65_536, DATAGRAMS_BYTES + 1, 2 ** 31 - 1]) {
      lengths.fill(length);
      refused(() => addon.seal(handle, source, target, 0, 1));
      refused(() => addon.open(handle, source, target, 0, 1));
    }
    lengths.fill(27);
    refused(() => addon.open(gcm, source, target, 0, 1));
    lengths.fill(1000);
    refused(() => addon.seal(handle, source, target, 993, 1));
    refused(() => addon.seal(handle, source, target, 2001, 1));
    refused(() => addon.open(handle, source, target, 2 ** 32 - 1, 1));
    refused(() => addon.open(handle, source, target, 0, 2));
    refused(() => addon.open(handle, source, target, 0, MAX_DATAGRAMS + 1));
    for (const offset of [4021, 5001, 2 ** 31, 2 ** 32 - 1, 2 ** 32 - 990]) {
      offsets.fill(offset);
      refused(() => addon.seal(handle, source, target, 0, 1));
      refused(() => addon.open(handle, source, target, 0, 1));
    }
    offsets.fill(0);
    const transferred = new ArrayBuffer(5000);
    structuredClone(transferred, { transfer: [transferred] });
    for (const nothing of [undefined, target, transferred] as ArrayBuffer[]) {
      refused(() => addon.seal(handle, nothing, target, 0, 1));
    }
    offsets.fill(4020);
    expect(addon.seal(handle, source, target, 1000, 1)).toBe(1);
    expect(target.subarray(0, 1000).every((byte) => byte === 9)).toBe(true);
    offsets.fill(4000);
    expect(addon.open(handle, source, target, 0, 1)).toBe(0);
  });
});

describe('without the addon', () => {
  it('ciphers are those of OpenSSL and the kernel', () => {
    for (const name of NAMES) expect(fast(name, 1).constructor.name).not.toBe('NativeCipher');
  });
});

describe.each([
  ...(['aes-128', 'aes-192', 'aes', 'sm4', '3des', 'aes-128-gcm'] as const).map(
    (name) => [name, 'given nonces'] as const,
  ),
  ...(['aes-128', 'aes-192', 'aes', 'sm4', '3des', 'aes-128-gcm'] as const).map(
    (name) => [name, 'any nonces'] as const,
  ),
])('%s by persistent cipher objects, with %s', (name, nonces) => {
  const one = (): Cipher => (nonces === 'given nonces' ? fast(name, 5) : maybeFast(name, keyOf(name), systemRandom)!);
  // Two at a time: with more, SM4 and 3DES are the kernel's.
  const bursts = Array.from({ length: 5 }, (_, i) => [bytes(seeded(i), 10 + 100 * i), bytes(seeded(-i), 1000 - 7 * i)]);
  const prototype = Object.getPrototypeOf(createCipheriv('aes-128-ecb', new Uint8Array(16), null)) as CipherObject;

  it.each([0, 1, 2, 3])('seals rightly again after failure number %i', (failing) => {
    const ours = one();
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
    const ours = one();
    (vi.spyOn(prototype, 'update') as unknown as { mockReturnValueOnce(result: object): void }).mockReturnValueOnce(
      Buffer.alloc(3),
    );
    expect(() => ours.seal(bursts[0]!)).toThrow('3 came out');
    for (const burst of bursts) expect(plain(portable(name, 6).open(ours.seal(burst)))).toEqual(plain(burst));
  });

  // (These two are opened by the kernel.)
  if (name !== 'sm4' && name !== '3des') {
    it('opens again after a failure', () => {
      const ours = one();
      const datagrams = portable(name, 6).seal(bursts[1]!);
      vi.spyOn(prototype, 'update').mockImplementationOnce(() => {
        throw new Error('injected');
      });
      expect(() => ours.open(datagrams)).toThrow('injected');
      expect(plain(ours.open(datagrams))).toEqual(plain(bursts[1]!));
    });
  }
});

describe.each(['aes-128', 'aes-192', 'aes', 'sm4', '3des'] as const)("%s, with the system's randomness", (name) => {
  const ours = maybeFast(name, keyOf(name), systemRandom)!;
  const twin = portable(name, 6);
  /** What the twin, with that very nonce, makes of the packet in a datagram. */
  const remade = (datagram: Uint8Array, packet: Uint8Array): Uint8Array => {
    const nonce = nonceOf(name, datagram);
    const random: RandomSource = (target) => target.set(nonce);
    return makeCipher(rxkcp, name, keyOf(name), { random, portable: true }).seal([packet])[0]!;
  };

  it('seals what its twin seals with the same nonces, burst after burst', () => {
    fc.assert(
      fc.property(burst, (packets) => {
        const sealed = ours.seal(packets);
        expect(plain(twin.open(sealed))).toEqual(plain(packets));
        expect(plain(sealed)).toEqual(plain(sealed.map((datagram, i) => remade(datagram, packets[i]!))));
      }),
      RUNS,
    );
  });

  it('never repeats a nonce', () => {
    const packets = Array.from({ length: 64 }, () => new Uint8Array(100));
    const nonces = Array.from({ length: 10 }, () => ours.seal(packets))
      .flat()
      .map((one) => nonceOf(name, one));
    expect(new Set(plain(nonces)).size).toBe(640);
  });

  it('owes its nonces to the randomness alone: other bytes of it, other nonces', () => {
    const flipped = (bit: number): Uint8Array[] => {
      // The first to draw in a process fills the pool that all share; this one brings it to its end.
      const spy = vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((target) => {
        const pool = target as unknown as Uint8Array;
        pool.fill(0);
        pool[0] = bit;
        return target;
      });
      entropyFrom().fill(new Uint8Array(4096), 4096);
      entropyFrom().fill(new Uint8Array(4096), 4000);
      spy.mockClear();
      const cipher = maybeFast(name, keyOf(name), systemRandom)!;
      // 80 bytes with the header: nothing is left over between two of them.
      const sealed = cipher.seal(Array.from({ length: 10 }, () => new Uint8Array(60)));
      expect(spy).toHaveBeenCalledTimes(1);
      return sealed.map((one) => nonceOf(name, one));
    };
    const [zero, one] = [flipped(0), flipped(1)];
    vi.restoreAllMocks();
    // What is left of the pool is not random, and all share it: the next to draw must not get any of it.
    entropyFrom().fill(new Uint8Array(4096), 4096);
    // The first six exhaust the old pool.
    expect(plain(zero.slice(0, 6))).toEqual(plain(one.slice(0, 6)));
    expect(plain(zero)[6]).not.toEqual(plain(one)[6]);
  });
});

/** A datagram's first 16 bytes, decrypted. */
function nonceOf(name: 'aes-128' | 'aes-192' | 'aes' | 'sm4' | '3des', datagram: Uint8Array): Uint8Array {
  const suite = { 'aes-128': 'aes-128', 'aes-192': 'aes-192', aes: 'aes-256', sm4: 'sm4', '3des': 'des-ede3' }[name];
  const iv = CFB_IV.subarray(0, name === '3des' ? 8 : 16);
  return createDecipheriv(`${suite}-cfb`, keyOf(name), iv).update(datagram.subarray(0, 16));
}

describe('AES-GCM by the kernel', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33])(
    'seals and opens bursts of %i of every length up to 300',
    (size) => {
      const ours = fast('aes-256-gcm', 5);
      const twin = portable('aes-256-gcm', 5);
      for (let length = 0; length <= 300; length += size) {
        const packets = Array.from({ length: size }, (_, i) => bytes(seeded(length + i), length + i));
        const sealed = twin.seal(packets);
        expect(plain(ours.seal(packets))).toEqual(plain(sealed));
        expect(plain(ours.open(sealed))).toEqual(plain(packets));
      }
    },
  );

  it('notices any bit of a tag', () => {
    const ours = fast('aes-256-gcm', 5);
    const [datagram] = ours.seal([bytes(seeded(1), 40)]);
    const forged = Array.from({ length: 128 }, (_, bit) => {
      const changed = datagram!.slice();
      changed[changed.length - 16 + (bit >> 3)]! ^= 1 << (bit & 7);
      return changed;
    });
    expect(ours.open([datagram!, ...forged, datagram!]).length).toBe(2);
  });

  it('keeps the keys of several ciphers apart', () => {
    const keys = [1, 2, 3].map((seed) => bytes(seeded(seed), 16));
    const ciphers = keys.map((key) => withoutAddon('aes-128-gcm', key, source(5))!);
    const twins = keys.map((key) => rxkcp.aesGcm(key, { portable: true }));
    const packets = [bytes(seeded(9), 500)];
    for (let round = 0; round < 2; round++) {
      for (const [i, cipher] of ciphers.entries()) {
        expect(plain(twins[i]!.open(cipher.seal(packets)))).toEqual(plain(packets));
        expect(twins[(i + 1) % 3]!.open(cipher.seal(packets))).toEqual([]);
      }
    }
  });
});

describe('RXKCP_PORTABLE', () => {
  const packets = Array.from({ length: 5 }, (_, i) => bytes(seeded(i), 300 * i));

  it('switches every fast cipher off, and what the package makes then opens what they sealed', () => {
    for (const name of NAMES) {
      vi.stubEnv('RXKCP_PORTABLE', undefined);
      const ours = makeCipher(rxkcp, name, keyOf(name));
      const sealed = fast(name, 5).seal(packets);
      vi.stubEnv('RXKCP_PORTABLE', '1');
      expect(maybeFast(name, keyOf(name), systemRandom)).toBeUndefined();
      const portable = makeCipher(rxkcp, name, keyOf(name));
      expect(portable.constructor).not.toBe(ours.constructor);
      expect(plain(portable.open(sealed))).toEqual(plain(packets));
      expect(plain(ours.open(portable.seal(packets)))).toEqual(plain(packets));
    }
  });
});

describe('the fast ciphers', () => {
  it('are those of the kernel where there is no OpenSSL', () => {
    const found = NAMES.filter((name) => maybeFast(name, keyOf(name), source(1), kernelOnly) !== undefined);
    expect(found).toEqual(['sm4', '3des', 'salsa20', 'xor', 'none']);
  });

  it.each(PLAIN)('refuse a packet that no datagram carries: %s', (name) => {
    expect(() => fast(name, 1).seal([new Uint8Array(200_000)])).toThrow(RangeError);
  });

  it('are not found under other names', () => {
    for (const name of ['threefish', 'toString', '__proto__', '']) {
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
