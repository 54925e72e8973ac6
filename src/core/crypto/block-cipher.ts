// What CFB needs of a block cipher, and the words that keys are made of.

/** A block cipher with its key, in the encrypting direction: CFB mode uses no other. */
export interface BlockCipher {
  /** Bytes of a block. */
  readonly blockBytes: 8 | 16;
  /** Encrypts one block in place: 2 or 4 big-endian words, the first of `block`. Nothing is allocated. */
  encrypt(block: Int32Array): void;
}

/** The big-endian word at `offset`, signed. */
export function readWord(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
}

/** Writes `word` at `offset`, big-endian. */
export function writeWord(bytes: Uint8Array, offset: number, word: number): void {
  bytes[offset] = word >>> 24;
  bytes[offset + 1] = word >>> 16;
  bytes[offset + 2] = word >>> 8;
  bytes[offset + 3] = word;
}

/** `word` rotated left by 1 to 31 bits. */
export function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
