// Runs in a page of the browser: every implementation of every cipher and of the Reed-Solomon code, on the vectors of kcp-go
// and beside one another. Says what went wrong, and who did the work.

import * as rxkcp from 'rxkcp';
import type { Cipher } from '../../../src/core/crypto/cipher.ts';
import { fastCipher } from '../../../src/core/crypto/portable-only.ts';
import { xorPad } from '../../../src/core/crypto/xor.ts';
import { reedSolomon } from '../../../src/core/fec/reed-solomon.ts';
import { loadFecKernel } from '../../../src/wasm/fec/kernel.ts';
import { type CipherName, makeCipher } from '../../support/ciphers.ts';
import { KERNEL_TRANSFORMS } from '../../support/kernel-transforms.ts';
import { bytes, integer, seeded } from '../../support/random.ts';

/** The files in spec/vectors. */
export interface Vectors {
  readonly crypto: {
    readonly ciphers: readonly {
      readonly cipher: CipherName;
      readonly key: string;
      readonly datagrams: readonly { readonly length: number; readonly nonce: string; readonly datagram: string }[];
    }[];
  };
  readonly fec: { readonly examples: readonly { readonly data: string; readonly parity: string }[] };
}

export interface Verdict {
  /** In words; none, if all is well. */
  readonly failures: string[];
  /** Datagrams and groups that were compared. */
  readonly compared: number;
  /** Ciphers that the SIMD kernel did. */
  readonly byKernel: string[];
  /** Whether the SIMD kernel did the Reed-Solomon code. */
  readonly fecByKernel: boolean;
}

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const packetOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (31 * i + (i >> 8) + 7 * length) & 255);

/** A source that gives nothing but `nonce`, over and over. */
const only =
  (nonce: Uint8Array): rxkcp.RandomSource =>
  (target) => {
    for (let at = 0; at < target.length; at += nonce.length) target.set(nonce.subarray(0, target.length - at), at);
  };

const drawn = (seed: number): rxkcp.RandomSource => {
  const random = seeded(seed);
  return (target) => target.set(bytes(random, target.length));
};

export function examine({ crypto, fec }: Vectors): Verdict {
  const failures: string[] = [];
  let compared = 0;
  const byKernel = new Set<string>();
  const expectEqual = (actual: string, expected: string, what: string): void => {
    compared++;
    if (actual !== expected) failures.push(`${what}: ${actual.slice(0, 80)} instead of ${expected.slice(0, 80)}`);
  };

  for (const { cipher: name, key: hex, datagrams } of crypto.ciphers) {
    const key = fromHex(hex);
    const makers: Record<string, (random: rxkcp.RandomSource) => Cipher | undefined> = {
      portable: (random) => makeCipher(rxkcp, name, key, { random, portable: true }),
      default: (random) => makeCipher(rxkcp, name, key, { random }),
      kernel: (random) => fastCipher(name, name === 'xor' ? xorPad(key) : key, random, KERNEL_TRANSFORMS[name]),
    };
    const random = seeded(key.length);
    const burst = Array.from({ length: 32 }, () => bytes(random, integer(random, 0, 1400)));
    const plain = burst.map(toHex).join(' ');
    let sealedByFirst: string | undefined;
    for (const [maker, make] of Object.entries(makers)) {
      const what = `${name}, ${maker}`;
      for (const { length, nonce, datagram } of datagrams) {
        const cipher = make(only(fromHex(nonce)));
        if (cipher === undefined) break;
        if (maker === 'kernel') byKernel.add(name);
        expectEqual(
          cipher
            .seal([packetOf(length)])
            .map(toHex)
            .join(),
          datagram,
          `${what}, sealing ${length} bytes`,
        );
        const opened = cipher.open([fromHex(datagram)]);
        expectEqual(opened.map(toHex).join(), toHex(packetOf(length)), `${what}, opening ${length} bytes`);
        const forged = fromHex(datagram);
        forged[forged.length - 1]! ^= 1;
        expectEqual(String(cipher.open([forged]).length), '0', `${what}, opening what was changed`);
      }
      const cipher = make(drawn(1));
      if (cipher === undefined) continue;
      const sealed = cipher.seal(burst);
      sealedByFirst ??= sealed.map(toHex).join(' ');
      expectEqual(sealed.map(toHex).join(' '), sealedByFirst, `${what}, sealing a burst of 32`);
      expectEqual(cipher.open(sealed).map(toHex).join(' '), plain, `${what}, opening a burst of 32`);
    }
  }

  const shardsOf = (hex: string): Uint8Array[] => hex.split(' ').map(fromHex);
  const random = seeded(3);
  const group = Array.from({ length: 10 }, () => bytes(random, 1400));
  const parities: string[] = [];
  for (const portable of [true, false]) {
    const what = `Reed-Solomon, ${portable ? 'portable' : 'default'}`;
    for (const { data, parity } of fec.examples) {
      const shards = shardsOf(data);
      const expected = shardsOf(parity);
      const written = expected.map(({ length }) => new Uint8Array(length));
      reedSolomon(shards.length, expected.length, { portable }).encode(shards, written);
      expectEqual(written.map(toHex).join(' '), parity, what);
    }
    const codec = reedSolomon(10, 3, { portable });
    const parity = group.slice(0, 3).map(({ length }) => new Uint8Array(length));
    codec.encode(group, parity);
    parities.push(parity.map(toHex).join(' '));
    const lost = group.slice(0, 3).map(({ length }) => new Uint8Array(length));
    codec.rebuild([undefined, undefined, undefined, ...group.slice(3), ...parity], lost);
    expectEqual(lost.map(toHex).join(' '), group.slice(0, 3).map(toHex).join(' '), `${what}, rebuilding 3 of 10/3`);
  }
  expectEqual(parities[1] ?? '', parities[0] ?? '', 'Reed-Solomon, portable beside default, 10/3');
  return { failures, compared, byKernel: [...byKernel], fecByKernel: loadFecKernel() !== undefined };
}
