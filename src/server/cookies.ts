// What strangers are asked, so that nothing has to be kept of them: a keyed hash of who is asked. Whoever answers it was sent it, at that address
// and for that conversation, a minute ago at most.

import { blake2s } from '@noble/hashes/blake2.js';
import { readInt32, writeInt32 } from '../bytes/int.ts';
import type { RandomSource } from '../bytes/random.ts';

/** ms for which a secret asks; it takes answers for as long again. */
const SECRET_MS = 30_000;

const encoder = /* @__PURE__ */ new TextEncoder();

export class Cookies {
  readonly #random: RandomSource;
  #secret: Uint8Array | undefined;
  #previous: Uint8Array | undefined;
  #renewAt = -Infinity;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** What to ask `peer` (any text that names its address), 32 bits. */
  question(peer: string, conv: number, now: number): number {
    this.#renew(now);
    this.#secret ??= this.#draw();
    return hash(this.#secret, peer, conv);
  }

  /** Whether `answer` is what `peer` was asked. */
  isAnswer(answer: number, peer: string, conv: number, now: number): boolean {
    this.#renew(now);
    for (const secret of [this.#secret, this.#previous]) {
      if (secret !== undefined && hash(secret, peer, conv) === answer) return true;
    }
    return false;
  }

  #renew(now: number): void {
    if (now < this.#renewAt) return;
    this.#previous = now < this.#renewAt + SECRET_MS ? this.#secret : undefined;
    this.#secret = undefined;
    this.#renewAt = now + SECRET_MS;
  }

  #draw(): Uint8Array {
    const secret = new Uint8Array(32);
    this.#random(secret);
    return secret;
  }
}

function hash(key: Uint8Array, peer: string, conv: number): number {
  const { length } = peer;
  // Addresses are short, and ASCII.
  const message = new Uint8Array(4 + length * 3);
  writeInt32(message, 0, conv);
  const { written } = encoder.encodeInto(peer, message.subarray(4));
  return readInt32(blake2s(message.subarray(0, 4 + written), { key, dkLen: 4 }), 0);
}
