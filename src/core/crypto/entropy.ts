// Nonces. A call to the system's generator costs as much for 4 KiB as for 16 bytes, so it is asked for 4 KiB at a time.

import { type RandomSource, systemRandom } from '../../bytes/random.ts';

const POOL_BYTES = 4096;

/** Random bytes out of a pool that a source refills. Each byte is given out once, then wiped. */
export class EntropyPool {
  readonly #random: RandomSource;
  readonly #pool = new Uint8Array(POOL_BYTES);
  #used = POOL_BYTES;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** Fills the first `length` bytes of `target`; at most 4096. */
  fill(target: Uint8Array, length: number): void {
    this.#reserve(length);
    const pool = this.#pool;
    const used = this.#used;
    for (let i = 0; i < length; i++) {
      target[i] = pool[used + i]!;
      pool[used + i] = 0;
    }
    this.#used = used + length;
  }

  /** Fills `count` pieces of `length` bytes, from `target[at]` on, as so many calls of `fill` would. */
  fillEach(target: Uint8Array, at: number, length: number, count: number): void {
    for (let done = 0; done < count; ) {
      this.#reserve(length);
      const used = this.#used;
      const pieces = Math.min(count - done, Math.floor((POOL_BYTES - used) / length));
      this.#used += pieces * length;
      target.set(this.#pool.subarray(used, this.#used), at + done * length);
      this.#pool.fill(0, used, this.#used);
      done += pieces;
    }
  }

  #reserve(length: number): void {
    if (this.#used + length <= POOL_BYTES) return;
    this.#random(this.#pool);
    this.#used = 0;
  }
}

let systemPool: EntropyPool | undefined;

/** A pool on `random` alone, so that a seeded run repeats; on the system's generator, the one that all ciphers share. */
export function entropyFrom(random: RandomSource = systemRandom): EntropyPool {
  if (random !== systemRandom) return new EntropyPool(random);
  systemPool ??= new EntropyPool(systemRandom);
  return systemPool;
}
