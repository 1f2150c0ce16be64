//! Exact decimals: numbers as they were written, and the rounding of a measure.
//!
//! A binary float cannot hold 1.005, so a value rounded through one comes out
//! a hundredth off now and then. Here a number keeps its digits, sums and
//! ratios are exact, and one rounding happens at the end: to hundredths, half
//! away from zero.

use std::cmp::Ordering;

use crate::base::hash::mix_text;

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
        let unsigned = lexeme.strip_prefix('-').unwrap_or(lexeme);
        let end = unsigned.bytes().position(|byte| matches!(byte, b'e' | b'E'));
        let power = match end {
            Some(end) => unsigned.get(end + 1..)?.parse::<i64>().ok()?,
            None => 0,
        };
        let mantissa = unsigned.get(..end.unwrap_or(unsigned.len()))?;
        if mantissa.ends_with('.')
            || mantissa.len() > 1 && mantissa.starts_with('0') && !mantissa.starts_with("0.")
        {
            return None;
        }
        let mut digits = Vec::with_capacity(mantissa.len());
        let mut point = None;
        for byte in mantissa.bytes() {
            match byte {
                b'0'..=b'9' => digits.push(byte - b'0'),
                b'.' if point.is_none() && !digits.is_empty() => point = Some(digits.len()),
                _ => return None,
            }
        }
        if digits.is_empty() {
            return None;
        }
        let decimals = digits.len() - point.unwrap_or(digits.len());
        let exponent = power.checked_sub(i64::try_from(decimals).ok()?)?;
        Self::normal(unsigned.len() < lexeme.len(), digits, exponent)
    }

    fn normal(negative: bool, mut digits: Vec<u8>, exponent: i64) -> Option<Decimal> {
        let Some(first) = digits.iter().position(|&digit| digit != 0) else {
            return Some(Self::ZERO);
        };
        let magnitude = exponent.checked_add(i64::try_from(digits.len() - first).ok()?)?;
        digits.drain(..first);
        while digits.pop_if(|digit| *digit == 0).is_some() {}
        let length = i64::try_from(digits.len()).ok()?;
        if magnitude.abs() > MAX_MAGNITUDE || digits.len() > MAX_DIGITS {
            return None;
        }
        Some(Decimal { negative, digits, exponent: i32::try_from(magnitude - length).ok()? })
    }

    /// What tells it from every other number: its sign, digits and exponent.
    #[cfg(feature = "rights")]
    pub(crate) fn parts(&self) -> (bool, &[u8], i32) {
        (self.negative, &self.digits, self.exponent)
    }

    pub(crate) fn is_positive(&self) -> bool {
        !self.negative && !self.digits.is_empty()
    }

    /// A number that is the same for the same, and mostly another for another.
    pub(crate) fn hash(&self) -> u64 {
        mix_text(u64::from(self.negative) | self.exponent as u64 & 0xffff_ffff << 1, &self.digits)
    }

    /// The number as an integer from 0 to `max`, if it is one.
    pub(crate) fn small_integer(&self, max: u8) -> Option<u8> {
        let value = u8::try_from(self.whole()?).ok()?;
        (value <= max).then_some(value)
    }

    /// The number as a whole one, if it is one and not large.
    pub(crate) fn whole(&self) -> Option<i32> {
        let mut value = 0i32;
        // More zeros than any has room for say the same.
        let zeros = usize::try_from(self.exponent).ok()?.min(10);
        for &digit in self.digits.iter().chain(std::iter::repeat_n(&0, zeros)) {
            value = value.checked_mul(10)?.checked_add(digit.into())?;
        }
        Some(if self.negative { -value } else { value })
    }

    /// Whether it is farther from 0 than ten to this power.
    pub(crate) fn is_beyond(&self, power: i32) -> bool {
        let magnitude = i64::from(self.exponent) + self.digits.len() as i64;
        let is_power = self.digits == [1];
        magnitude > i64::from(power) + i64::from(is_power)
    }

    /// Both as integers of the same exponent and the same length, which begin
    /// with a zero; and that exponent.
    fn aligned(&self, other: &Decimal) -> (Vec<u8>, Vec<u8>, i32) {
        let exponent = self.exponent.min(other.exponent);
        let zeros = |number: &Decimal| usize::try_from(number.exponent - exponent).unwrap_or(0);
        let length = |number: &Decimal| number.digits.len() + zeros(number);
        let most = length(self).max(length(other)) + 1;
        let widen = |number: &Decimal| {
            let mut digits = vec![0; most - length(number)];
            digits.extend_from_slice(&number.digits);
            digits.resize(most, 0);
            digits
        };
        (widen(self), widen(other), exponent)
    }

    pub(crate) fn add(&self, other: &Decimal) -> Option<Decimal> {
        let (mut a, mut b, exponent) = self.aligned(other);
        let mut negative = self.negative;
        if self.negative == other.negative {
            add(&mut a, &b);
        } else {
            if a < b {
                std::mem::swap(&mut a, &mut b);
                negative = other.negative;
            }
            subtract(&mut a, &b);
        }
        Self::normal(negative, a, i64::from(exponent))
    }

    fn negated(&self) -> Decimal {
        Decimal { negative: !self.negative && !self.digits.is_empty(), ..self.clone() }
    }

    /// `self / divisor` in hundredths, rounded half away from zero; `None` for
    /// a divisor that is not positive or a result beyond a tenth of an `i64`.
    pub(crate) fn hundredths_of_ratio(&self, divisor: &Decimal) -> Option<i64> {
        if !divisor.is_positive() {
            return None;
        }
        let (thousandfold, divisor, _) =
            Decimal { exponent: self.exponent + 3, ..self.clone() }.aligned(divisor);
        let thousandths = quotient(&thousandfold, &divisor)?;
        // What is cut off of them does not decide; the sign comes after.
        let rounded = thousandths.checked_add(5)? / 10;
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
                let order = a.cmp(&b);
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

/// Adds a number of as many digits, where the sum has no more.
fn add(a: &mut [u8], b: &[u8]) {
    let mut carry = 0;
    for (x, y) in a.iter_mut().zip(b).rev() {
        let sum = *x + y + carry;
        carry = sum / 10;
        *x = sum % 10;
    }
}

/// Subtracts a number of as many digits, which is not greater.
fn subtract(a: &mut [u8], b: &[u8]) {
    let mut borrow = 0;
    for (x, y) in a.iter_mut().zip(b).rev() {
        let difference = *x + 10 - y - borrow;
        borrow = u8::from(difference < 10);
        *x = difference % 10;
    }
}

/// `floor(a / b)` by long division, of as many digits, where `10 b` has no
/// more; `None` when it does not fit an `i64`.
fn quotient(a: &[u8], b: &[u8]) -> Option<i64> {
    let mut result = 0i64;
    let mut rest = vec![0; b.len()];
    for &digit in a {
        rest.remove(0);
        rest.push(digit);
        let mut times = 0;
        while *rest >= *b {
            subtract(&mut rest, b);
            times += 1;
        }
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
            "5.",
            "5.e1",
            "05",
            "-00",
            "00.5",
            "+5",
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
