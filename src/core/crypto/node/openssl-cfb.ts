// CFB with kcp-go's fixed IV by cipher objects that live as long as the cipher: making one for each packet would cost more
// than the encryption. The keystream is x₀ = E(IV), xᵢ₊₁ = E(cᵢ).
//
// Encryption: that is what CBC computes, yᵢ = E(inᵢ ⊕ yᵢ₋₁), when it is given c₀ ⊕ y, p₁, p₂ … and y is the last block it
// put out, whatever packet that belonged to; x₀ is the same for all packets and c₀ = p₀ ⊕ x₀. Since y has to be known, that is
// a call for each packet. Whole bursts go in one call if the nonce p₀ may be any random value: CBC is
// given r, p₁, p₂ …, r random, and c₀ = r ⊕ y is as random as r is. So the nonce is not r, but r ⊕ y ⊕ x₀.
// Decryption: all c are known, so one ECB call makes the keystream of a whole burst.

import { type RandomSource, systemRandom } from '../../../bytes/random.ts';
import { extension } from '../../../wasm/extension.ts';
import { type Kernel, loadKernel, type XorExports } from '../../../wasm/kernel.ts';
import { DATAGRAMS_AT, KEY_AT, room, STREAM_AT } from '../../../wasm/layout.ts';
import { XOR_MODULE } from '../../../wasm/module.ts';
import { CFB_IV } from '../cfb.ts';
import type { Cipher } from '../cipher.ts';
import { entropyFrom } from '../entropy.ts';
import { KernelCipher, type KernelTransform, plainFormat } from '../kernel-cipher.ts';
import { kernelSm4, kernelTripleDes } from '../kernel-ciphers.ts';
import { nodeCrypto } from './node-crypto.ts';
import { Persistent, unpadded } from './persistent.ts';

/** From a byte of a datagram to its byte of keystream. */
const TO_STREAM = STREAM_AT - DATAGRAMS_AT;

interface Suite {
  /** What OpenSSL calls the block cipher in CBC mode, in ECB mode, and in the CFB mode that the two stand for. */
  readonly cbc: string;
  readonly ecb: string;
  readonly cfb: string;
  readonly keyBytes: number;
  readonly blockBytes: 8 | 16;
}

const aes = (bits: number): Suite => ({
  cbc: `aes-${bits}-cbc`,
  ecb: `aes-${bits}-ecb`,
  cfb: `aes-${bits}-cfb`,
  keyBytes: bits / 8,
  blockBytes: 16,
});

const SUITES: Readonly<Record<string, Suite>> = {
  'aes-128': aes(128),
  'aes-192': aes(192),
  aes: aes(256),
  sm4: { cbc: 'sm4-cbc', ecb: 'sm4-ecb', cfb: 'sm4-cfb', keyBytes: 16, blockBytes: 16 },
  '3des': { cbc: 'des-ede3-cbc', ecb: 'des-ede3-ecb', cfb: 'des-ede3-cfb', keyBytes: 24, blockBytes: 8 },
};

/**
 * The cipher `name` by OpenSSL; undefined when that, or the kernel, does not have it here. Nonces are the very bytes that `random`
 * gives, unless those come from the system's generator: then others are just as random.
 */
export function opensslCfb(name: string, key: Uint8Array, random: RandomSource): Cipher | undefined {
  const suite = Object.hasOwn(SUITES, name) ? SUITES[name] : undefined;
  const kernel = suite && loadKernel();
  if (!suite || !kernel || key.length !== suite.keyBytes || !works(name, suite)) return undefined;
  const openssl = new OpensslCfb(kernel, suite, key, random === systemRandom);
  const byKernel = name === 'sm4' ? kernelSm4 : name === '3des' ? kernelTripleDes : undefined;
  const transform = byKernel === undefined ? openssl : joined(openssl, byKernel(kernel, key));
  return new KernelCipher(name, kernel, plainFormat(kernel, transform), entropyFrom(random));
}

/** OpenSSL's SM4 knows no SIMD, nor does its DES mix blocks: what can be done several at a time, the kernel does faster. */
function joined(openssl: KernelTransform, kernel: KernelTransform): KernelTransform {
  return {
    encrypt: (count, end) => (count < 3 ? openssl : kernel).encrypt(count, end),
    decrypt: (count, end) => kernel.decrypt(count, end),
  };
}

class OpensslCfb implements KernelTransform {
  readonly #kernel: Kernel;
  readonly #xor: XorExports;
  readonly #suite: Suite;
  readonly #key: Uint8Array;
  readonly #anyNonce: boolean;
  readonly #firstBlock: Uint8Array;
  readonly #firstWords: Uint32Array;
  readonly #ecb: Persistent;
  readonly #cbc: Persistent;
  /** The last block that CBC put out. */
  readonly #chain = new Uint32Array(4);

  constructor(kernel: Kernel, suite: Suite, key: Uint8Array, anyNonce: boolean) {
    this.#kernel = kernel;
    this.#xor = extension(kernel, XOR_MODULE);
    this.#anyNonce = anyNonce;
    this.#suite = suite;
    this.#key = key.slice();
    this.#ecb = new Persistent(() => unpadded(suite.ecb, this.#key, null));
    this.#cbc = new Persistent(() => {
      this.#chain.fill(0);
      return unpadded(suite.cbc, this.#key, new Uint8Array(suite.blockBytes));
    });
    this.#firstBlock = Uint8Array.from(this.#ecb.update(CFB_IV.subarray(0, suite.blockBytes)));
    this.#firstWords = new Uint32Array(this.#firstBlock.buffer);
  }

  encrypt(count: number, end: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.#anyNonce) return this.#encryptAll(end);
    const { bytes, words, lengths } = this.#kernel;
    const { blockBytes } = this.#suite;
    const blockWords = blockBytes >> 2;
    let at = DATAGRAMS_AT;
    for (let i = 0; i < count; i++) {
      const length = lengths[i]!;
      const streamed = (length - 1) & -blockBytes;
      if (streamed > 0) this.#encryptOne(bytes, words, at, streamed, blockWords);
      at += room(length);
    }
    this.#feedback(count);
    return undefined;
  }

  /** What is between two datagrams goes along: it gives the second one a y. */
  #encryptAll(end: number): Uint8Array<ArrayBuffer> {
    const { bytes, words } = this.#kernel;
    const { blockBytes } = this.#suite;
    const blockWords = blockBytes >> 2;
    const chain = this.#chain;
    this.#cbc.ready();
    for (let k = 0; k < blockWords; k++) words[(STREAM_AT >> 2) + k] = chain[k]!;
    const output = this.#cbc.update(bytes.subarray(DATAGRAMS_AT, end));
    bytes.set(output, STREAM_AT + blockBytes);
    for (let k = 0; k < blockWords; k++) chain[k] = words[((end + TO_STREAM) >> 2) + k]!;
    this.#xor.stream(end);
    return output;
  }

  /** Puts `streamed` bytes of keystream, from the second block on, where they belong to the datagram at `at`. */
  #encryptOne(bytes: Uint8Array, words: Uint32Array, at: number, streamed: number, blockWords: number): void {
    this.#cbc.ready();
    const chain = this.#chain;
    const first = this.#firstWords;
    const place = at >> 2;
    const w0 = words[place]!;
    const w1 = words[place + 1]!;
    const w2 = words[place + 2]!;
    const w3 = words[place + 3]!;
    // The datagram's first block makes way for what CBC is to take.
    for (let k = 0; k < blockWords; k++) words[place + k] = words[place + k]! ^ first[k]! ^ chain[k]!;
    bytes.set(this.#cbc.update(bytes.subarray(at, at + streamed)), at + TO_STREAM + (blockWords << 2));
    words[place] = w0;
    words[place + 1] = w1;
    words[place + 2] = w2;
    words[place + 3] = w3;
    const last = (at + TO_STREAM + streamed) >> 2;
    for (let k = 0; k < blockWords; k++) chain[k] = words[last + k]!;
  }

  decrypt(count: number, end: number): Uint8Array<ArrayBuffer> {
    const { bytes } = this.#kernel;
    // Every datagram's first block gets, for now, what follows from the block before it; the kernel knows better.
    const output = this.#ecb.update(bytes.subarray(DATAGRAMS_AT, end));
    bytes.set(output, STREAM_AT + this.#suite.blockBytes);
    this.#feedback(count);
    return output;
  }

  #feedback(count: number): void {
    this.#kernel.bytes.set(this.#firstBlock, KEY_AT);
    this.#xor.feedback(count, this.#suite.blockBytes);
  }
}

const tested = new Map<string, boolean>();

/** Whether this build has the two modes, and they give at once, block by block, what is expected of them. */
function works(name: string, suite: Suite): boolean {
  let result = tested.get(name);
  if (result === undefined) {
    result = agrees(suite);
    tested.set(name, result);
  }
  return result;
}

function agrees({ cbc, ecb, cfb, keyBytes, blockBytes }: Suite): boolean {
  try {
    const key = Uint8Array.from({ length: keyBytes }, (_, i) => 7 * i + 1);
    const iv = CFB_IV.subarray(0, blockBytes);
    const plain = new Uint8Array(4 * blockBytes).fill(90);
    const sealed = nodeCrypto().createCipheriv(cfb, key, iv).update(plain);
    const stream = unpadded(ecb, key, null).update(Buffer.concat([iv, sealed.subarray(0, -blockBytes)]));
    const chained = unpadded(cbc, key, new Uint8Array(blockBytes)).update(
      Buffer.concat([iv, plain.subarray(blockBytes)]),
    );
    return (
      sealed.length === plain.length &&
      sealed.every((byte, i) => byte === (stream[i]! ^ plain[i]!)) &&
      stream.subarray(0, chained.length).equals(chained)
    );
  } catch {
    return false;
  }
}
