use std::cmp::Ordering;
use std::fmt;

use super::{DAY_SECONDS, Day, plain};

/// A point on one of the two clocks: civil seconds under `wall`, seconds since
/// 1970-01-01T00:00:00Z under `instant`, with the fraction in nanoseconds and
/// what is written of it beyond them.
///
/// Moments of different clocks are never compared; a run has one clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
    /// The nine digits after those of the nanoseconds, doubled, and one more
    /// if anything but zeros comes after them: so moments have the order in
    /// which they are written.
    pub(crate) beyond: u32,
}

impl Moment {
    /// A moment with no more of a fraction than nanoseconds.
    pub(crate) const fn new(seconds: i64, nanos: u32) -> Moment {
        Moment { seconds, nanos, beyond: 0 }
    }

    /// Whole seconds from `start` to this moment, the fraction cut off;
    /// negative only if the start is later by a second or more.
    pub(crate) fn whole_seconds_since(self, start: Moment) -> i64 {
        let seconds = self.seconds.saturating_sub(start.seconds);
        match (self.nanos, self.beyond).cmp(&(start.nanos, start.beyond)) {
            Ordering::Less if seconds > 0 => seconds - 1,
            Ordering::Greater if seconds < 0 => seconds + 1,
            _ => seconds,
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.seconds.rem_euclid(DAY_SECONDS);
        write!(
            f,
            "{}T{:02}:{:02}:{:02}",
            Day::of_seconds(self.seconds),
            second / 3600,
            second / 60 % 60,
            second % 60
        )?;
        if (self.nanos, self.beyond) == (0, 0) {
            return f.write_str("Z");
        }
        let fraction = format!("{:09}{:09}{}", self.nanos, self.beyond / 2, self.beyond % 2);
        write!(f, ".{}Z", fraction.trim_end_matches('0'))
    }
}

/// A date and time as written, with its offset if it has one.
///
/// ```
/// use dacc_aggregator::calendar::DateTime;
///
/// assert!(DateTime::parse_rfc3339("2024-03-09 14:03:11.5+01:00").is_some());
/// assert!(DateTime::parse_rfc3339("2024-03-09T14:03:11").is_none()); // RFC 3339 asks for an offset
/// assert!(DateTime::parse("2024-03-09T14:03:11").is_some());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    pub(crate) digits: Moment,
    /// Seconds east of UTC.
    pub(crate) offset: Option<i32>,
    /// The second is written as 60, and kept as 59. Whether there is such a
    /// second a clock says.
    pub(crate) has_second_60: bool,
}

impl DateTime {
    /// Reads an RFC 3339 date-time. As the standard has it, `t` and `z` may be
    /// small, and a space may stand for `T`. Whether a second of 60 is one is
    /// for the [clock](super::Clock::moment) to say. Fractions have the order in
    /// which they are written.
    pub fn parse_rfc3339(text: &str) -> Option<DateTime> {
        Self::parse(text).filter(|date_time| date_time.offset.is_some())
    }

    /// Like [`parse_rfc3339`](Self::parse_rfc3339), but the offset may be left out.
    pub fn parse(text: &str) -> Option<DateTime> {
        let (date, rest) = text.as_bytes().split_first_chunk()?;
        let ([b'T' | b't' | b' '], rest) = rest.split_first_chunk()? else { return None };
        let (time, rest) = rest.split_first_chunk()?;
        let (nanos, beyond, offset) = fraction(rest)?;
        let offset = match *offset {
            [] => None,
            [b'Z' | b'z'] => Some(0),
            [sign @ (b'+' | b'-'), h0, h1, b':', m0, m1] => {
                let east = plain::second_of_day(&[h0, h1, b':', m0, m1, b':', b'0', b'0'])?;
                Some(if sign == b'+' { east } else { -east })
            }
            _ => return None,
        };
        let seconds = plain::date(date)?.start_seconds() + i64::from(plain::second_of_day(time)?);
        let has_second_60 = time.ends_with(b"60");
        Some(DateTime { digits: Moment { seconds, nanos, beyond }, offset, has_second_60 })
    }
}

/// The nanoseconds of a fraction, if there is one, what is beyond them, and
/// what follows it.
fn fraction(bytes: &[u8]) -> Option<(u32, u32, &[u8])> {
    let [b'.', rest @ ..] = bytes else {
        return Some((0, 0, bytes));
    };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = rest.split_at(length);
    let nine = |from: usize| {
        let digits = digits.iter().skip(from).map(|digit| u32::from(digit - b'0'));
        digits.chain(std::iter::repeat(0)).take(9).fold(0, |number, digit| number * 10 + digit)
    };
    let has_more = digits.iter().skip(18).any(|digit| *digit != b'0');
    (length > 0).then(|| (nine(0), nine(9) * 2 + u32::from(has_more), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DateTime, Moment};

    #[test]
    fn the_forms_of_the_standard_are_read() {
        let plain = DateTime::parse_rfc3339("2024-03-09T14:03:11Z").unwrap();
        for text in ["2024-03-09t14:03:11z", "2024-03-09 14:03:11.000Z", "2024-03-09T14:03:11-00:00"] {
            assert_eq!(DateTime::parse_rfc3339(text), Some(plain), "{text}");
        }
        let leap = DateTime::parse_rfc3339("2016-12-31T23:59:60Z").unwrap();
        assert_eq!((leap.digits.to_string().as_str(), leap.has_second_60), ("2016-12-31T23:59:59Z", true));
        assert!(!plain.has_second_60);
        let fraction = DateTime::parse_rfc3339("2024-03-09T14:03:11.1234567891+05:30").unwrap();
        assert_eq!(fraction.digits.to_string(), "2024-03-09T14:03:11.1234567891Z");
        assert_eq!(fraction.offset, Some(19_800));
    }

    #[test]
    fn fractions_have_the_order_in_which_they_are_written() {
        // In order, each other than the one before.
        let fractions = [
            "",
            ".00000000000000000000001",
            ".000000000000000001",
            ".0000000000000000010000001",
            ".0000000001",
            ".000000001",
            ".0000000010",
            ".0000000019",
            ".12345678999999999",
            ".123456789999999999",
            ".12345679",
            ".999999999999999999",
            ".9999999999999999999999999",
        ];
        let moment = |fraction: &str| {
            DateTime::parse_rfc3339(&format!("2024-03-09T14:03:11{fraction}Z")).unwrap().digits
        };
        for (at, one) in fractions.iter().enumerate() {
            // As it is remembered, it is the same.
            let again = DateTime::parse_rfc3339(&moment(one).to_string()).unwrap().digits;
            assert_eq!(again, moment(one), "{one}");
            for other in &fractions[at..] {
                let is_same = one.trim_end_matches('0') == other.trim_end_matches('0');
                assert_eq!(moment(one) < moment(other), !is_same, "{one} {other}");
            }
        }
    }

    #[test]
    fn what_the_standard_does_not_have_is_refused() {
        for text in [
            "",
            "2024-03-09",
            "2024-03-09T14:03Z",
            "2024-03-09T24:00:00Z",
            "2024-03-09T14:60:00Z",
            "2024-03-09T14:03:61Z",
            "2024-02-30T14:03:11Z",
            "2024-03-09T14:03:11",
            "2024-03-09T14:03:11.Z",
            "2024-03-09T14:03:11+1:00",
            "2024-03-09T14:03:11+0100",
            "2024-03-09T14:03:11+24:00",
            "2024-03-09T14:03:11,5Z",
            "2024-03-09T14:03:11Z ",
            " 2024-03-09T14:03:11Z",
            "2024-03-09_14:03:11Z",
            "20240309T140311Z",
            "2024-03-09T14:03:11 +01:00",
            "２024-03-09T14:03:11Z",
            "2024-03-0９T14:03:11Z",
        ] {
            assert_eq!(DateTime::parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_cut_to_whole_seconds() {
        let at = |text| DateTime::parse_rfc3339(text).unwrap().digits;
        let start = at("2024-03-09T14:03:11.900Z");
        assert_eq!(at("2024-03-09T14:03:13.899Z").whole_seconds_since(start), 1);
        assert_eq!(at("2024-03-09T14:03:13.900Z").whole_seconds_since(start), 2);
        assert_eq!(at("2024-03-09T14:03:11.100Z").whole_seconds_since(start), 0);
        assert_eq!(at("2024-03-09T14:03:10.100Z").whole_seconds_since(start), -1);
        let start = at("2024-03-09T14:03:11.0000000001Z");
        assert_eq!(at("2024-03-09T14:03:13Z").whole_seconds_since(start), 1);
        assert_eq!(at("2024-03-09T14:03:13.0000000001Z").whole_seconds_since(start), 2);
        assert_eq!(at("2024-03-09T14:03:13.00000000009Z").whole_seconds_since(start), 1);
    }

    proptest! {
        #[test]
        fn a_duration_is_its_nanoseconds_cut_to_whole_seconds(
            (start, end) in ((-9_i64..9, 0_u32..1_000_000_000), (-9_i64..9, 0_u32..1_000_000_000)),
        ) {
            let nanos = |(seconds, nanos): (i64, u32)| seconds * 1_000_000_000 + i64::from(nanos);
            let moment = |(seconds, nanos)| Moment::new(seconds, nanos);
            prop_assert_eq!(
                moment(end).whole_seconds_since(moment(start)),
                (nanos(end) - nanos(start)) / 1_000_000_000
            );
        }
    }
}
