//! Exact numbers: whole numerators over whole denominators.

/// What a server's column holds at most, in hundredths.
const LARGEST: i128 = 999_999_900;

/// A decimal as it is written: `digits / 10^scale`.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    pub digits: i128,
    pub scale: u32,
}

impl Decimal {
    /// Reads a JSON number; `None` if the text is none, or has more digits than
    /// these tests write.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => (true, unsigned),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            None => (unsigned, 0),
            Some((mantissa, exponent)) => {
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                (mantissa, exponent.parse::<i32>().ok()?)
            }
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            None => (mantissa, ""),
            Some((_, "")) => return None,
            Some(parts) => parts,
        };
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_whole = !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
        if !is_whole || !are_digits(whole) || !are_digits(fraction) {
            return None;
        }
        let mut digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let mut scale = i32::try_from(fraction.len()).ok()? - exponent;
        while scale < 0 {
            digits = digits.checked_mul(10)?;
            scale += 1;
        }
        let digits = if negative { -digits } else { digits };
        Some(Decimal { digits, scale: u32::try_from(scale).ok()? })
    }

    /// Itself times `10^scale`.
    pub fn at(self, scale: u32) -> i128 {
        self.digits * 10_i128.pow(scale - self.scale)
    }

    pub fn is_beyond(self, bound: i128) -> bool {
        self.digits.abs() > bound * 10_i128.pow(self.scale)
    }

    /// The whole number that it is.
    pub fn whole(self) -> Option<i128> {
        let one = 10_i128.pow(self.scale);
        (self.digits % one == 0).then_some(self.digits / one)
    }
}

/// A numerator over a positive denominator in hundredths, half away from zero;
/// `None` beyond what may be sent.
pub fn hundredths(numerator: i128, denominator: i128) -> Option<i128> {
    let hundredfold = numerator.abs() * 100;
    let cut = hundredfold / denominator;
    let rounded = cut + i128::from(2 * (hundredfold % denominator) >= denominator);
    (rounded <= LARGEST).then_some(numerator.signum() * rounded)
}

/// Hundredths as the shortest decimal.
pub fn written(hundredths: i128) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.abs() / 100, hundredths.abs() % 100);
    let fraction = format!(".{rest:02}");
    let fraction = if rest == 0 { "" } else { fraction.trim_end_matches('0') };
    format!("{sign}{whole}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero_and_nothing_is_written_longer_than_it_is() {
        let value = |text: &str| {
            let decimal = Decimal::parse(text).unwrap();
            hundredths(decimal.digits, 10_i128.pow(decimal.scale)).map(written)
        };
        for (text, wanted) in
            [("1.005", "1.01"), ("-0.005", "-0.01"), ("-0.004", "0"), ("2.50", "2.5"), ("1e2", "100")]
        {
            assert_eq!(value(text).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(value("9999999.01"), None);
        for text in ["03", "1.", ".5", "+1", "1e", "", "-", " 1", "1_000"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }
}
