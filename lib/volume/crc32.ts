/** CRC-32 as in ISO 3309 and zlib; bytes are summed by node:zlib, this joins sums. */

/** The polynomial, reflected: bit 31 is x^0. */
const POLYNOMIAL = 0xedb88320;
const X_TO_0 = 0x80000000;
const X_TO_1 = 0x40000000;

/** a · b modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = X_TO_0, shifted = b; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product >>> 0;
}

/** x^(2^n) modulo the polynomial, for n below 56: a length in bits has no more. */
const SQUARES: number[] = [X_TO_1];
for (let n = 1; n < 56; n += 1) {
  const last = SQUARES[n - 1] ?? 0;
  SQUARES.push(multiply(last, last));
}

/**
 * CRC-32 of two byte strings one behind the other, from the CRC of each and the length in bytes of the second
 * (zlib's crc32_combine).
 */
export function crc32Join(first: number, second: number, secondBytes: number): number {
  if (first === 0) return second;
  let shift = X_TO_0;
  for (let left = secondBytes, n = 3; left > 0; left = Math.floor(left / 2), n += 1) {
    if (left % 2 === 1) shift = multiply(SQUARES[n] ?? 0, shift);
  }
  return (multiply(shift, first) ^ second) >>> 0;
}
