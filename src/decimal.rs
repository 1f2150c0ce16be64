//! Exact decimals: numbers as they were written, and the rounding of a measure.
//!
//! A binary float cannot hold 1.005, so a value rounded through one comes out
//! a hundredth off now and then. Here a number keeps its digits, sums and
//! ratios are exact, and one rounding happens at the end: to hundredths, half
//! away from zero.

use std::cmp::Ordering;

/// Numbers beyond ten to this power, either way, are not numbers that a
/// JavaScript program can have written; refusing them bounds the work of
/// aligning two decimals.
const MAX_MAGNITUDE: i64 = 400;

/// The longest exact decimal form of a finite double has 767 digits.
const MAX_DIGITS: usize = 800;

/// An exact decimal number: `digits × 10^exponent`, with a sign.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    negative: bool,
    /// Most significant first, neither leading nor trailing zeros; none for 0.
    digits: Vec<u8>,
    exponent: i32,
}

impl Decimal {
    pub(crate) const ZERO: Decimal = Decimal { negative: false, digits: Vec::new(), exponent: 0 };

    /// Reads a JSON number as written. `None` when it is not one, or one so
    /// long or so far from 1 that no double is near it.
    pub(crate) fn parse(lexeme: &str) -> Option<Decimal> {
        let (negative, unsigned) = match lexeme.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, lexeme),
        };
        let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse::<i64>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect();
        let exponent = power.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        Self::normal(negative, digits, exponent)
    }

    fn normal(negative: bool, mut digits: Vec<u8>, exponent: i64) -> Option<Decimal> {
        let Some(last) = digits.iter().rposition(|&digit| digit != 0) else {
            return Some(Self::ZERO);
        };
        let exponent = exponent.checked_add(i64::try_from(digits.len() - 1 - last).ok()?)?;
        digits.truncate(last + 1);
        digits.drain(..digits.len() - significant(&digits).len());
        let magnitude = exponent.checked_add(i64::try_from(digits.len()).ok()?)?;
        if magnitude.abs() > MAX_MAGNITUDE || digits.len() > MAX_DIGITS {
            return None;
        }
        Some(Decimal { negative, digits, exponent: i32::try_from(exponent).ok()? })
    }

    pub(crate) fn is_positive(&self) -> bool {
        !self.negative && !self.digits.is_empty()
    }

    /// The number as an integer from 0 to `max`, if it is one.
    pub(crate) fn small_integer(&self, max: u8) -> Option<u8> {
        if self.negative || self.exponent < 0 {
            return None;
        }
        let mut value = 0u8;
        let zeros = usize::try_from(self.exponent).ok()?.min(4);
        for &digit in self.digits.iter().chain(std::iter::repeat_n(&0, zeros)) {
            value = value.checked_mul(10)?.checked_add(digit)?;
        }
        (value <= max).then_some(value)
    }

    /// Both as integers of the same exponent, and that exponent.
    fn aligned(&self, other: &Decimal) -> (Vec<u8>, Vec<u8>, i32) {
        let exponent = self.exponent.min(other.exponent);
        let widen = |number: &Decimal| {
            let zeros = usize::try_from(number.exponent - exponent).unwrap_or(0);
            let mut digits = number.digits.clone();
            digits.resize(digits.len() + zeros, 0);
            digits
        };
        (widen(self), widen(other), exponent)
    }

    pub(crate) fn add(&self, other: &Decimal) -> Option<Decimal> {
        let (a, b, exponent) = self.aligned(other);
        let (negative, digits) = if self.negative == other.negative {
            (self.negative, sum(&a, &b))
        } else if compare(&a, &b).is_ge() {
            (self.negative, difference(&a, &b))
        } else {
            (other.negative, difference(&b, &a))
        };
        Self::normal(negative, digits, i64::from(exponent))
    }

    fn negated(&self) -> Decimal {
        Decimal { negative: !self.negative && !self.digits.is_empty(), ..self.clone() }
    }

    /// `self / divisor` in hundredths, rounded half away from zero; `None` for
    /// a divisor that is not positive or a result beyond an `i64`.
    pub(crate) fn hundredths_of_ratio(&self, divisor: &Decimal) -> Option<i64> {
        if !divisor.is_positive() {
            return None;
        }
        let (mut numerator, mut denominator, _) = self.aligned(divisor);
        numerator.extend([0, 0]);
        // floor((2n + d) / 2d) is n / d rounded half up; the sign comes after.
        numerator = sum(&sum(&numerator, &numerator), &denominator);
        denominator = sum(&denominator, &denominator);
        let rounded = quotient(&numerator, &denominator)?;
        Some(if self.negative { -rounded } else { rounded })
    }

    /// `100 × (self − base) / base`, in hundredths of a percent.
    pub(crate) fn variation_from(&self, base: &Decimal) -> Option<i64> {
        let mut change = self.add(&base.negated())?;
        if !change.digits.is_empty() {
            change.exponent += 2;
        }
        change.hundredths_of_ratio(base)
    }
}

impl From<u64> for Decimal {
    fn from(value: u64) -> Self {
        Self::parse(&value.to_string()).unwrap_or(Self::ZERO)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (negative, _) => {
                let (a, b, _) = self.aligned(other);
                let order = compare(&a, &b);
                if negative { order.reverse() } else { order }
            }
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn significant(digits: &[u8]) -> &[u8] {
    let leading = digits.iter().take_while(|&&digit| digit == 0).count();
    &digits[leading..]
}

fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (significant(a), significant(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn sum(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut digits = Vec::with_capacity(a.len().max(b.len()) + 1);
    let mut carry = 0;
    let (mut a, mut b) = (a.iter().rev(), b.iter().rev());
    loop {
        let (x, y) = (a.next(), b.next());
        if x.is_none() && y.is_none() && carry == 0 {
            break;
        }
        let total = x.unwrap_or(&0) + y.unwrap_or(&0) + carry;
        digits.push(total % 10);
        carry = total / 10;
    }
    digits.reverse();
    digits
}

/// `a − b`, where `a ≥ b`.
fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut digits = Vec::with_capacity(a.len());
    let mut borrow = 0;
    let mut b = b.iter().rev();
    for &x in a.iter().rev() {
        let y = b.next().unwrap_or(&0) + borrow;
        borrow = u8::from(x < y);
        digits.push(x + 10 * borrow - y);
    }
    digits.reverse();
    digits
}

/// `floor(a / b)` by long division; `None` when it does not fit an `i64`.
fn quotient(a: &[u8], b: &[u8]) -> Option<i64> {
    let mut result = 0i64;
    let mut rest: Vec<u8> = Vec::with_capacity(b.len() + 1);
    for &digit in a {
        rest.push(digit);
        let mut times = 0;
        while compare(&rest, b).is_ge() {
            rest = difference(&rest, b);
            times += 1;
        }
        rest.drain(..rest.len() - significant(&rest).len());
        result = result.checked_mul(10)?.checked_add(times)?;
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Decimal;

    fn decimal(lexeme: &str) -> Decimal {
        Decimal::parse(lexeme).unwrap()
    }

    #[test]
    fn halves_go_away_from_zero_as_they_were_written() {
        let one = decimal("1");
        for (lexeme, hundredths) in [
            ("1.005", 101),
            ("-0.005", -1),
            ("0.004", 0),
            ("-0.004", 0),
            ("1.00499999999999999999", 100),
            ("2.675", 268),
            ("1e2", 10_000),
            ("0.0", 0),
            ("-0", 0),
            ("12345678.9", 1_234_567_890),
        ] {
            assert_eq!(decimal(lexeme).hundredths_of_ratio(&one), Some(hundredths), "{lexeme}");
        }
    }

    #[test]
    fn a_variation_is_exact_in_decimal() {
        for (later, earlier, hundredths) in [
            ("200.01", "200", 1),  // 0.005 %
            ("199.99", "200", -1), // −0.005 %
            ("150", "100", 5_000), // 50 %
            ("0", "3", -10_000),   // −100 %
            ("-3", "3", -20_000),  // −200 %
            ("1e-300", "1", -10_000),
            ("4", "3", 3_333),
            ("5", "3", 6_667),
        ] {
            assert_eq!(decimal(later).variation_from(&decimal(earlier)), Some(hundredths));
        }
        assert_eq!(decimal("1e300").variation_from(&decimal("1")), None);
        assert_eq!(decimal("1").variation_from(&decimal("0")), None);
    }

    #[test]
    fn what_no_double_can_be_near_is_no_number() {
        for lexeme in [
            "10e9223372036854775807",
            "1e401",
            "1e-402",
            "1e99999999999999999999",
            "",
            "-",
            ".5",
            "1.2.3",
            "0x1",
            "１",
        ] {
            assert_eq!(Decimal::parse(lexeme), None, "{lexeme}");
        }
        for zero in ["0e5", "-0.00", "0e9223372036854775807"] {
            assert_eq!(Decimal::parse(zero), Some(Decimal::ZERO), "{zero}");
        }
    }

    #[test]
    fn small_integers_are_recognised_in_every_spelling() {
        for (lexeme, stars) in [("5", Some(5)), ("5.0", Some(5)), ("0.5e1", Some(5)), ("-0", Some(0))] {
            assert_eq!(decimal(lexeme).small_integer(5), stars, "{lexeme}");
        }
        for lexeme in ["6", "-1", "2.5", "5e300", "256", "50"] {
            assert_eq!(decimal(lexeme).small_integer(5), None, "{lexeme}");
        }
    }

    proptest! {
        #[test]
        fn order_sum_and_rounding_agree_with_integers(a in -10_000_000i64..10_000_000, b in -10_000_000i64..10_000_000, n in 1i64..1000) {
            let (x, y) = (decimal(&format!("{a}e-3")), decimal(&format!("{b}e-3")));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            let total = x.add(&y).unwrap();
            prop_assert_eq!(&total, &decimal(&format!("{}e-3", a + b)));
            let exact = (a + b).abs();
            let expected = (2 * exact + 10 * n) / (20 * n) * (a + b).signum();
            prop_assert_eq!(total.hundredths_of_ratio(&decimal(&n.to_string())), Some(expected));
        }
    }
}
