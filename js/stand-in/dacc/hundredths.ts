// Decimal numbers with two digits, as the database's column rounds them.

/** Values as the DACC's `numeric(12, 2)` column holds them: whole hundredths, so that sums are exact. */

/** The limit of the column: ten digits before the point. */
const END = 10n ** 12n

/** Larger exponents are surely outside the column or zero; computing them would take too long. */
const HUGE_EXPONENT = 1000

/**
 * A decimal number rounded to hundredths, half away from zero; `undefined` when the column cannot
 * hold it or the text is no decimal number.
 */
export function hundredthsOf(decimal: string): bigint | undefined {
  const parts = /^\s*([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?\s*$/.exec(decimal)
  if (parts === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts
  const digits = whole + fraction
  if (digits === '') return undefined
  const magnitude = BigInt(digits)
  // The value is magnitude × 10^shift hundredths.
  const shift = Number(exponent) - fraction.length + 2
  if (magnitude === 0n || shift < -(digits.length + HUGE_EXPONENT)) return 0n
  if (shift > HUGE_EXPONENT) return undefined
  const rounded = shift >= 0 ? magnitude * 10n ** BigInt(shift) : divideHalfAway(magnitude, 10n ** BigInt(-shift))
  if (rounded >= END) return undefined
  return sign === '-' ? -rounded : rounded
}

/** `dividend / divisor` rounded half away from zero; the divisor is positive. */
export function divideHalfAway(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + (dividend < 0n ? -divisor : divisor)) / (2n * divisor)
}

/** Hundredths as a JavaScript number: the one nearest to the decimal value. */
export function toNumber(hundredths: bigint): number {
  return Number(hundredths) / 100
}
