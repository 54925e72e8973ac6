// The digits of pi that Blowfish's tables are made of, computed rather than stored.

/** Bits that the roundings at the end may spoil. */
const GUARD_BITS = 64;
/** Each term of the series gives log2(151931373056000) of them. */
const BITS_A_TERM = 47;

/**
 * The first `count` 32-bit words of the fractional part of pi: 243f6a88, 85a308d3, … 1042 words take some milliseconds.
 *
 * By the series of D. and G. Chudnovsky (1988), summed by binary splitting:
 * 426880 √10005 / pi = Σ (−1)^k (6k)! (13591409 + 545140134 k) / ((3k)! k!³ 640320^3k).
 */
export function piWords(count: number): Int32Array {
  const bits = 32 * count + GUARD_BITS;
  const [, q, t] = sumTerms(0, Math.ceil(bits / BITS_A_TERM) + 1);
  const root = squareRoot(10005n << BigInt(2 * bits));
  const pi = (426880n * root * q) / t;
  const fraction = (pi - (3n << BigInt(bits))) >> BigInt(GUARD_BITS);
  const digits = fraction.toString(16).padStart(count * 8, '0');
  return Int32Array.from({ length: count }, (_, i) => Number.parseInt(digits.slice(i * 8, i * 8 + 8), 16));
}

/** P, Q and T of the terms from `from` to before `to`: T / Q is their sum, and P / Q the factor to what follows. */
function sumTerms(from: number, to: number): [p: bigint, q: bigint, t: bigint] {
  if (to - from > 1) {
    const middle = (from + to) >> 1;
    const [p1, q1, t1] = sumTerms(from, middle);
    const [p2, q2, t2] = sumTerms(middle, to);
    return [p1 * p2, q1 * q2, t1 * q2 + p1 * t2];
  }
  const k = BigInt(from);
  const p = from === 0 ? 1n : -(6n * k - 5n) * (2n * k - 1n) * (6n * k - 1n);
  // 640320³ / 24
  const q = from === 0 ? 1n : k * k * k * 10939058860032000n;
  return [p, q, p * (13591409n + 545140134n * k)];
}

/** The integer part of the square root, by Newton's iteration from above. */
function squareRoot(n: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(n.toString(16).length * 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
