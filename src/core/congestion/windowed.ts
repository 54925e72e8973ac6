// The least of what was measured lately.

/** The least value of the last `span` (of whatever `at` counts). For the greatest: of negative values. */
export class WindowedMin {
  span: number;
  /** Ever later, ever larger. */
  readonly #at: number[] = [];
  readonly #values: number[] = [];

  constructor(span: number) {
    this.span = span;
  }

  /** Infinity while there is none. */
  get value(): number {
    return this.#values[0] ?? Infinity;
  }

  /** When that was measured. */
  get at(): number {
    return this.#at[0] ?? -Infinity;
  }

  add(at: number, value: number): void {
    let end = this.#values.length;
    while (end > 0 && (this.#values[end - 1] as number) >= value) end--;
    this.#at.length = this.#values.length = end;
    this.#at.push(at);
    this.#values.push(value);
    while ((this.#at[0] as number) < at - this.span) {
      this.#at.shift();
      this.#values.shift();
    }
  }

  clear(): void {
    this.#at.length = this.#values.length = 0;
  }
}
