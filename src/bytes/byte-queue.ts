// Bytes as they come, in chunks, and as they are wanted, in other lengths.

const NOTHING = new Uint8Array(0);

/**
 * A chunk is read where it is until `own`; chunks that come while there is something left are copied behind it, into a buffer that
 * doubles: a peer that sends single bytes costs no more than one that sends many.
 */
export class ByteQueue {
  #buffer: Uint8Array = NOTHING;
  /** Whether the buffer is ours to write to. */
  #isOwn = false;
  #start = 0;
  #end = 0;

  /** Bytes there are. */
  get length(): number {
    return this.#end - this.#start;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.length === 0) {
      this.#buffer = chunk;
      this.#isOwn = false;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    this.#makeRoom(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Where the first `byte` at or behind `from` is, or -1. */
  indexOf(byte: number, from: number): number {
    return this.peek(this.length).indexOf(byte, from);
  }

  /** The first `length` bytes, which must be there. They stay; look at them before anything else happens. */
  peek(length: number): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#start + length);
  }

  /** Takes out the first `length` bytes, which must be there: as a copy in a new buffer. */
  take(length: number): Uint8Array {
    // (A Buffer's `slice` is a view.)
    const taken = new Uint8Array(this.peek(length));
    this.skip(length);
    return taken;
  }

  /** Drops the first `length` bytes, which must be there. */
  skip(length: number): void {
    this.#start += length;
    if (this.length === 0) this.#buffer = NOTHING;
  }

  /** Copies what is left of the last chunk: its memory belongs to the caller of `push`. */
  own(): void {
    if (this.#isOwn || this.length === 0) return;
    this.#buffer = new Uint8Array(this.peek(this.length));
    this.#isOwn = true;
    this.#start = 0;
    this.#end = this.#buffer.length;
  }

  #makeRoom(length: number): void {
    if (this.#isOwn && this.#end + length <= this.#buffer.length) return;
    const rest = this.peek(this.length);
    this.#buffer = new Uint8Array(2 * (rest.length + length));
    this.#isOwn = true;
    this.#buffer.set(rest);
    this.#end = rest.length;
    this.#start = 0;
  }
}
