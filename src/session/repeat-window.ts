// Recognizes numbered datagrams that arrive a second time, like the anti-replay window of RFC 4303,
// section 3.4.3.

/** Numbers behind the highest one that are remembered. A power of two. */
const WINDOW = 1024;
/**
 * A number farther than this from the highest one means that the sender has begun to number again.
 */
const JUMP = 65_536;

export class RepeatWindow {
  /** One bit for each number of the window, at the number modulo its size. */
  readonly #seen = new Uint32Array(WINDOW / 32);
  /** Undefined before the first number. */
  #highest: number | undefined;

  /**
   * Takes note of a number, 0 … 2^32 − 1. Numbers wrap around.
   *
   * @returns whether it is here for the first time. False if it is more than 1023 behind the
   * highest one, where there is no telling.
   */
  isNew(number: number): boolean {
    // As int32s: the difference of two numbers that wrap around.
    const ahead = this.#highest === undefined ? JUMP : (number - this.#highest) | 0;
    if (ahead > 0 || ahead < -JUMP) {
      this.#advance(number, ahead);
    } else if (ahead <= -WINDOW || this.#has(number)) {
      return false;
    }
    this.#seen[(number % WINDOW) >>> 5]! |= 1 << (number & 31);
    return true;
  }

  #advance(highest: number, by: number): void {
    if (by < 0 || by >= WINDOW) this.#seen.fill(0);
    else for (let i = 1; i <= by; i++) this.#forget((this.#highest as number) + i);
    this.#highest = highest;
  }

  #has(number: number): boolean {
    return (this.#seen[(number % WINDOW) >>> 5]! & (1 << (number & 31))) !== 0;
  }

  #forget(number: number): void {
    this.#seen[(number % WINDOW) >>> 5]! &= ~(1 << (number & 31));
  }
}
