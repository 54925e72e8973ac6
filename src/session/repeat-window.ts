// Recognizes numbered datagrams that arrive a second time, like the anti-replay window of RFC 4303,
// section 3.4.3.

/** Numbers behind the highest one that are remembered. A power of two. */
const WINDOW = 1024;
/**
 * A number farther than this from the highest one means that the sender has begun to number again.
 */
const JUMP = 65_536;

export class RepeatWindow {
  /** Whether each number of the window was here, at the number modulo its size. */
  readonly #seen = new Uint8Array(WINDOW);
  /** Undefined before the first number. */
  #highest: number | undefined;

  /**
   * Takes note of a number, 0 … 2^32 − 1. Numbers wrap around.
   *
   * @returns whether it is here for the first time. False if it is more than 1023 behind the
   * highest one, where there is no telling.
   */
  isNew(number: number): boolean {
    const seen = this.#seen;
    // As int32s: the difference of two numbers that wrap around.
    const ahead = this.#highest === undefined ? JUMP : (number - this.#highest) | 0;
    if (ahead > 0 || ahead < -JUMP) {
      if (ahead < 0 || ahead >= WINDOW) seen.fill(0);
      // Those that were passed over are yet to come.
      else for (let i = 0; i < ahead; i++) seen[(number - i + WINDOW) % WINDOW] = 0;
      this.#highest = number;
    } else if (ahead <= -WINDOW || seen[number % WINDOW] === 1) {
      return false;
    }
    seen[number % WINDOW] = 1;
    return true;
  }
}
