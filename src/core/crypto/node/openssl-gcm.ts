// AES-GCM: the counter blocks of a whole burst by one call of OpenSSL, XOR and GHASH by the kernel. A GCM object of OpenSSL is good
// for one packet only, and to make it and to ask it for the tag takes longer than all of this.

import { extension } from '../../../wasm/extension.ts';
import { type GcmExports, type Kernel, loadKernel } from '../../../wasm/kernel.ts';
import { DATAGRAMS_AT, GHASH_TABLE_BYTES, GHASH_TABLES_AT, STREAM_AT } from '../../../wasm/layout.ts';
import { GCM_MODULE } from '../../../wasm/module.ts';
import type { Cipher } from '../cipher.ts';
import type { EntropyPool } from '../entropy.ts';
import { elementOf, ghashTables, square } from '../ghash-tables.ts';
import { KernelCipher, type KernelFormat, type SpareMemory } from '../kernel-cipher.ts';
import { Persistent, unpadded } from './persistent.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Of H, H², H⁴, H⁸, H¹⁶. */
const POWERS = 5;

const NAMES: Readonly<Record<string, number>> = { 'aes-128-gcm': 16, 'aes-192-gcm': 24, 'aes-256-gcm': 32 };

/** The cipher `name` by OpenSSL and the kernel; undefined when it is not AES-GCM, or one of the two is not here. */
export function opensslGcm(name: string, key: Uint8Array, entropy: EntropyPool): Cipher | undefined {
  const keyBytes = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
  const kernel = keyBytes === key.length ? loadKernel() : undefined;
  return kernel && new KernelCipher(name, kernel, new OpensslGcm(kernel, key), entropy);
}

/** Whose tables are in the kernel. */
let owner: OpensslGcm | undefined;

class OpensslGcm implements KernelFormat {
  readonly overhead = NONCE_BYTES + TAG_BYTES;
  readonly packetAt = NONCE_BYTES;
  readonly nonceBytes = NONCE_BYTES;
  readonly #kernel: Kernel;
  readonly #gcm: GcmExports;
  readonly #ecb: Persistent;
  readonly #tables = new Uint8Array(POWERS * GHASH_TABLE_BYTES);

  constructor(kernel: Kernel, key: Uint8Array) {
    const own = key.slice();
    this.#kernel = kernel;
    this.#gcm = extension(kernel, GCM_MODULE);
    this.#ecb = new Persistent(() => unpadded(`aes-${8 * own.length}-ecb`, own, null));
    let power = elementOf(this.#ecb.update(new Uint8Array(16)));
    for (let i = 0; i < POWERS; i++) {
      this.#tables.set(ghashTables(power), i * GHASH_TABLE_BYTES);
      power = square(power);
    }
  }

  seal(count: number, end: number): SpareMemory {
    this.#gcm.gcmNonces(count);
    const memory = this.#prepare(count, end);
    this.#gcm.gcmSeal(count);
    return memory;
  }

  open(count: number, end: number): SpareMemory {
    const memory = this.#prepare(count, end);
    this.#gcm.gcmOpen(count);
    return memory;
  }

  #prepare(count: number, end: number): SpareMemory {
    const { bytes } = this.#kernel;
    if (owner !== this) {
      bytes.set(this.#tables, GHASH_TABLES_AT);
      owner = this;
    }
    this.#gcm.gcmCounters(count);
    const encrypted = this.#ecb.update(bytes.subarray(STREAM_AT, STREAM_AT + end - DATAGRAMS_AT));
    bytes.set(encrypted, STREAM_AT);
    return encrypted;
  }
}
