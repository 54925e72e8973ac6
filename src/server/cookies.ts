// What strangers are asked, so that nothing has to be kept of them: a keyed hash of who is asked. Whoever answers it was sent it, at that address
// and for that conversation, a minute ago at most.

import { writeInt32 } from '../bytes/int.ts';
import type { RandomSource } from '../bytes/random.ts';
import { SIP_KEY_BYTES, sipHash } from '../core/crypto/sip-hash.ts';

/** ms for which a secret asks; it takes answers for as long again. */
const SECRET_MS = 30_000;

/** Before a character that has two bytes. Those of addresses have one: the hash takes half the time. */
const ESCAPE = 255;

/** Room for a conversation and the longest address; longer ones get their own. */
const room = /* @__PURE__ */ new Uint8Array(256);

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
    const secret = new Uint8Array(SIP_KEY_BYTES);
    this.#random(secret);
    return secret;
  }
}

function hash(key: Uint8Array, peer: string, conv: number): number {
  const longest = 4 + 3 * peer.length;
  const bytes = longest <= room.length ? room : new Uint8Array(longest);
  writeInt32(bytes, 0, conv);
  let length = 4;
  for (let i = 0; i < peer.length; i++) {
    const code = peer.charCodeAt(i);
    if (code < ESCAPE) {
      bytes[length++] = code;
      continue;
    }
    bytes[length++] = ESCAPE;
    bytes[length++] = code;
    bytes[length++] = code >>> 8;
  }
  return sipHash(key, bytes.subarray(0, length));
}
