// Multiplication in GF(2^8), bit by bit: enough to make tables with.

/** a · b modulo `polynomial`, which has its bit 8 set. */
export function multiply(a: number, b: number, polynomial: number): number {
  let product = 0;
  for (let i = 7; i >= 0; i--) {
    product = (product << 1) ^ (product & 0x80 ? polynomial : 0);
    if ((b >>> i) & 1) product ^= a;
  }
  return product;
}
