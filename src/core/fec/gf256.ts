// GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (0x11d) with the generator 2: the field of klauspost/reedsolomon (galois.go).

const POLYNOMIAL = 0x11d;
/** Elements that are not zero: powers of the generator repeat after so many. */
const ORDER = 255;

export interface Logarithms {
  /** `exp[n]` is 2^n, for n from 0 to 254. */
  readonly exp: Uint8Array;
  /** `log[a]` is the n with 2^n = a, from 0 to 254. Zero has none. */
  readonly log: Uint8Array;
}

let logarithms: Logarithms | undefined;

/** The tables, made when they are first asked for. */
export function field(): Logarithms {
  logarithms ??= makeLogarithms();
  return logarithms;
}

function makeLogarithms(): Logarithms {
  const exp = new Uint8Array(ORDER);
  const log = new Uint8Array(256);
  for (let n = 0, power = 1; n < ORDER; n++) {
    exp[n] = power;
    log[power] = n;
    power = (power << 1) ^ (power & 0x80 ? POLYNOMIAL : 0);
  }
  return { exp, log };
}

/** 2^n for any integer n; a sum of logarithms is a product. */
export function power({ exp }: Logarithms, n: number): number {
  const remainder = n % ORDER;
  return exp[remainder < 0 ? remainder + ORDER : remainder]!;
}

/** The product of every a and b, at 256 a + b: 64 KiB. */
export function productTable(): Uint8Array {
  const tables = field();
  const products = new Uint8Array(256 * 256);
  for (let a = 1; a < 256; a++) {
    for (let b = 1; b < 256; b++) products[256 * a + b] = power(tables, tables.log[a]! + tables.log[b]!);
  }
  return products;
}
