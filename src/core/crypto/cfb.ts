// CFB mode over a whole datagram (NIST SP 800-38A, section 6.3, segments of a whole block), as kcp-go has it: the IV is
// always the same, and the random bytes that a packet begins with do its work; a partial last block takes as much
// keystream as it needs (kcp-go crypt.go, encrypt and decrypt).

import { type BlockCipher, readWord } from './block-cipher.ts';
import type { PacketTransform } from './packet-cipher.ts';

/** kcp-go's IV. Ciphers with blocks of 8 bytes use its first 8 bytes. */
export const CFB_IV = Uint8Array.of(167, 115, 79, 156, 18, 172, 27, 1, 164, 21, 242, 193, 252, 120, 230, 107);

/** CFB mode of a block cipher. The keystream is E(IV), E(c₀), E(c₁) …, c being the blocks of the encrypted datagram. */
export class Cfb implements PacketTransform {
  readonly #block: BlockCipher;
  /** The first block of every datagram's keystream. */
  readonly #first: Int32Array;
  /** The block of keystream in use, then the encrypted block that the next is made of. */
  readonly #state = new Int32Array(4);

  /** @param iv 16 bytes. */
  constructor(block: BlockCipher, iv: Uint8Array = CFB_IV) {
    this.#block = block;
    this.#first = Int32Array.from({ length: 4 }, (_, i) => readWord(iv, 4 * i));
    block.encrypt(this.#first);
  }

  encrypt(datagram: Uint8Array): void {
    const block = this.#block;
    const state = this.#state;
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
    const whole = datagram.length & -block.blockBytes;
    state.set(this.#first);
    if (block.blockBytes === 8) {
      for (let at = 0; at < whole; at += 8) {
        const a = view.getInt32(at) ^ state[0]!;
        const b = view.getInt32(at + 4) ^ state[1]!;
        view.setInt32(at, a);
        view.setInt32(at + 4, b);
        state[0] = a;
        state[1] = b;
        block.encrypt(state);
      }
    } else {
      for (let at = 0; at < whole; at += 16) {
        const a = view.getInt32(at) ^ state[0]!;
        const b = view.getInt32(at + 4) ^ state[1]!;
        const c = view.getInt32(at + 8) ^ state[2]!;
        const d = view.getInt32(at + 12) ^ state[3]!;
        view.setInt32(at, a);
        view.setInt32(at + 4, b);
        view.setInt32(at + 8, c);
        view.setInt32(at + 12, d);
        state[0] = a;
        state[1] = b;
        state[2] = c;
        state[3] = d;
        block.encrypt(state);
      }
    }
    xorRest(datagram, datagram, whole, state);
  }

  decrypt(source: Uint8Array, target: Uint8Array): void {
    const block = this.#block;
    const state = this.#state;
    const from = new DataView(source.buffer, source.byteOffset, source.length);
    const to = new DataView(target.buffer, target.byteOffset, target.length);
    const whole = source.length & -block.blockBytes;
    state.set(this.#first);
    if (block.blockBytes === 8) {
      for (let at = 0; at < whole; at += 8) {
        const a = from.getInt32(at);
        const b = from.getInt32(at + 4);
        to.setInt32(at, a ^ state[0]!);
        to.setInt32(at + 4, b ^ state[1]!);
        state[0] = a;
        state[1] = b;
        block.encrypt(state);
      }
    } else {
      for (let at = 0; at < whole; at += 16) {
        const a = from.getInt32(at);
        const b = from.getInt32(at + 4);
        const c = from.getInt32(at + 8);
        const d = from.getInt32(at + 12);
        to.setInt32(at, a ^ state[0]!);
        to.setInt32(at + 4, b ^ state[1]!);
        to.setInt32(at + 8, c ^ state[2]!);
        to.setInt32(at + 12, d ^ state[3]!);
        state[0] = a;
        state[1] = b;
        state[2] = c;
        state[3] = d;
        block.encrypt(state);
      }
    }
    xorRest(source, target, whole, state);
  }
}

/** The partial last block, from `at` on. */
function xorRest(source: Uint8Array, target: Uint8Array, at: number, keystream: Int32Array): void {
  for (let i = 0; at + i < source.length; i++) {
    target[at + i] = source[at + i]! ^ (keystream[i >> 2]! >>> (24 - 8 * (i & 3)));
  }
}
