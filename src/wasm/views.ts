/** Views of a kernel's memory. To make one takes as long as to copy a packet, and most calls want the same as the one before. */
export class Views {
  readonly #bytes: Uint8Array;
  readonly #views: Uint8Array[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Of `length` bytes from `at` on: the last one that had this `index`, if it is the same. */
  of(index: number, at: number, length: number): Uint8Array {
    const last = this.#views[index];
    if (last !== undefined && last.byteOffset === at && last.length === length) return last;
    const view = this.#bytes.subarray(at, at + length);
    this.#views[index] = view;
    return view;
  }
}
