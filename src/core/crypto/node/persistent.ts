// Cipher objects of OpenSSL that live as long as the cipher: making one costs more than encrypting a packet.

import type { Cipher as CipherObject } from 'node:crypto';
import { nodeCrypto } from './node-crypto.ts';

/** A cipher object that is used again and again. After a failure it is replaced, because its state is unknown then. */
export class Persistent {
  readonly #make: () => CipherObject;
  #object: CipherObject | undefined;

  constructor(make: () => CipherObject) {
    this.#make = make;
  }

  /** Makes the object if there is none. */
  ready(): CipherObject {
    this.#object ??= this.#make();
    return this.#object;
  }

  /** As many bytes as go in, in OpenSSL's memory, which is the caller's from now on. */
  update(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const object = this.ready();
    this.#object = undefined;
    const result = object.update(bytes);
    if (result.length !== bytes.length) throw new Error(`${bytes.length} bytes went in, ${result.length} came out`);
    this.#object = object;
    return result;
  }
}

/** The block cipher `name`, which puts out as much as it takes in. */
export function unpadded(name: string, key: Uint8Array, iv: Uint8Array | null): CipherObject {
  return nodeCrypto().createCipheriv(name, key, iv).setAutoPadding(false);
}
