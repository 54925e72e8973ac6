// What the kernel multiplies by in GHASH (NIST SP 800-38D, section 6.3): a power of H, as 32 tables.

const BYTES = 16;
const BITS = 8 * BYTES;

/** An element of GF(2^128) as four big-endian words; bit 31 of the first is the coefficient of 1, as GCM has it. */
type Element = Int32Array;

export function elementOf(block: Uint8Array): Element {
  const view = new DataView(block.buffer, block.byteOffset, BYTES);
  return Int32Array.from({ length: 4 }, (_, i) => view.getInt32(4 * i));
}

/** a², which is linear: the sum of the squares of its terms. */
export function square(a: Element): Element {
  const multiples = multiplesOf(a);
  const product = new Int32Array(4);
  for (let bit = 0; bit < BITS; bit++) {
    if (a[bit >> 5]! << (bit & 31) < 0) for (let i = 0; i < 4; i++) product[i]! ^= multiples[4 * bit + i]!;
  }
  return product;
}

/**
 * 8 KiB: for the upper half, then the lower half, of each byte of a factor, for each byte of the product, what each of the half's
 * 16 values contributes.
 */
export function ghashTables(a: Element): Uint8Array {
  const multiples = multiplesOf(a);
  const tables = new Uint8Array(2 * BYTES * BYTES * 16);
  for (let half = 0; half < 2 * BYTES; half++) {
    const firstBit = 4 * half;
    for (let value = 1; value < 16; value++) {
      for (let to = 0; to < BYTES; to++) {
        let sum = 0;
        for (let bit = 0; bit < 4; bit++) {
          if (value & (8 >> bit)) sum ^= multiples[4 * (firstBit + bit) + (to >> 2)]! >>> (24 - 8 * (to & 3));
        }
        tables[16 * (BYTES * half + to) + value] = sum;
      }
    }
  }
  return tables;
}

/** a · x^i for i from 0 to 127, four words each. */
function multiplesOf(a: Element): Int32Array {
  const multiples = new Int32Array(4 * BITS);
  let [w0, w1, w2, w3] = a as unknown as [number, number, number, number];
  for (let bit = 0; bit < BITS; bit++) {
    multiples.set([w0, w1, w2, w3], 4 * bit);
    const carry = -(w3 & 1);
    w3 = (w3 >>> 1) | (w2 << 31);
    w2 = (w2 >>> 1) | (w1 << 31);
    w1 = (w1 >>> 1) | (w0 << 31);
    // x^128 = x^7 + x^2 + x + 1
    w0 = (w0 >>> 1) ^ (carry & 0xe1000000);
  }
  return multiples;
}
