import { randomBytes } from 'node:crypto';

/**
 * The chunker polynomial of a restic repository: irreducible over GF(2), of degree 53 (restic refuses
 * others). Our own chunker does not use it; stock restic does, if it ever writes there.
 */
const DEGREE = 53;

export function newPolynomial(): string {
  for (;;) {
    const random = randomBytes(8).readBigUInt64BE() & ((1n << 53n) - 1n);
    // Degree 53; and without a constant term x would divide it.
    const candidate = random | (1n << 53n) | 1n;
    if (isIrreducible(candidate)) return candidate.toString(16);
  }
}

/** Ben-Or's test: no factor of degree up to half of it, by gcd(p, x^(2^i) − x). */
function isIrreducible(polynomial: bigint): boolean {
  if (degreeOf(polynomial) !== DEGREE) return false;
  let power = 2n;
  for (let i = 1; i <= DEGREE / 2; i += 1) {
    power = remainder(square(power), polynomial);
    if (gcd(polynomial, power ^ 2n) !== 1n) return false;
  }
  return true;
}

function degreeOf(value: bigint): number {
  return value === 0n ? -1 : value.toString(2).length - 1;
}

function square(value: bigint): bigint {
  // Over GF(2) squaring only spreads the bits.
  let result = 0n;
  for (let bit = 0n; value >> bit > 0n; bit += 1n)
    if (((value >> bit) & 1n) === 1n) result |= 1n << (2n * bit);
  return result;
}

function remainder(value: bigint, divisor: bigint): bigint {
  const degree = degreeOf(divisor);
  let rest = value;
  for (let at = degreeOf(rest); at >= degree; at = degreeOf(rest))
    rest ^= divisor << BigInt(at - degree);
  return rest;
}

function gcd(one: bigint, other: bigint): bigint {
  let [a, b] = [one, other];
  while (b !== 0n) [a, b] = [b, remainder(a, b)];
  return a;
}
