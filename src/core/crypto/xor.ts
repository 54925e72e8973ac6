// kcp-go's `xor`, and its `none`.

import { deriveKey } from './derive-key.ts';
import type { PacketTransform } from './packet-cipher.ts';

/** Longest datagram of kcp-go, bytes. */
const PAD_BYTES = 1500;

/** What the datagrams are XORed with, made of a key of any length. */
export function xorPad(key: Uint8Array): Uint8Array {
  return deriveKey(key, { salt: 'sH3CIVoF#rWLtJo6', iterations: 32, length: PAD_BYTES });
}

/** XOR with one pad, the same for every datagram. What lies beyond 1500 bytes stays as it is, as with kcp-go. */
export class XorTransform implements PacketTransform {
  readonly #pad: Uint8Array;

  /** @param pad as {@link xorPad} makes it. */
  constructor(pad: Uint8Array) {
    this.#pad = pad;
  }

  encrypt(datagram: Uint8Array): void {
    this.decrypt(datagram, datagram);
  }

  decrypt(source: Uint8Array, target: Uint8Array): void {
    const pad = this.#pad;
    const end = Math.min(source.length, pad.length);
    for (let i = 0; i < end; i++) target[i] = source[i]! ^ pad[i]!;
    if (source !== target && end < source.length) target.set(source.subarray(end), end);
  }
}

/** Bytes unchanged. */
export class IdentityTransform implements PacketTransform {
  encrypt(): void {}

  decrypt(source: Uint8Array, target: Uint8Array): void {
    target.set(source);
  }
}
