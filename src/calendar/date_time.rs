use std::cmp::Ordering;
use std::fmt;

use super::{DAY_SECONDS, Day, plain};

/// A point on one of the two clocks: civil seconds under `wall`, seconds since
/// 1970-01-01T00:00:00Z under `instant`, with the fraction in nanoseconds.
///
/// Moments of different clocks are never compared; a run has one clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
}

impl Moment {
    /// Whole seconds from `start` to this moment, the fraction cut off;
    /// negative only if the start is later by a second or more.
    pub(crate) fn whole_seconds_since(self, start: Moment) -> i64 {
        let seconds = self.seconds.saturating_sub(start.seconds);
        match self.nanos.cmp(&start.nanos) {
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
        match self.nanos {
            0 => f.write_str("Z"),
            nanos => write!(f, ".{}Z", format!("{nanos:09}").trim_end_matches('0')),
        }
    }
}

/// A date and time as written, with its offset if it has one.
///
/// ```
/// use dacc_aggregator::DateTime;
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
}

impl DateTime {
    /// Reads an RFC 3339 date-time. As the standard has it, `t` and `z` may be
    /// small, a space may stand for `T`, and a second of 60 is a leap second
    /// (read as 59). Fractions are kept to the nanosecond.
    pub fn parse_rfc3339(text: &str) -> Option<DateTime> {
        Self::parse(text).filter(|date_time| date_time.offset.is_some())
    }

    /// Like [`parse_rfc3339`](Self::parse_rfc3339), but the offset may be left out.
    pub fn parse(text: &str) -> Option<DateTime> {
        let (date, rest) = text.as_bytes().split_first_chunk()?;
        let ([b'T' | b't' | b' '], rest) = rest.split_first_chunk()? else { return None };
        let (time, rest) = rest.split_first_chunk()?;
        let (nanos, offset) = fraction(rest)?;
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
        Some(DateTime { digits: Moment { seconds, nanos }, offset })
    }
}

/// The nanoseconds of a fraction, if there is one, and what follows it.
fn fraction(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let [b'.', rest @ ..] = bytes else {
        return Some((0, bytes));
    };
    let (mut nanos, mut unit, mut length) = (0, 1_000_000_000, 0);
    while let Some(digit @ b'0'..=b'9') = rest.get(length) {
        unit /= 10;
        nanos += u32::from(digit - b'0') * unit;
        length += 1;
    }
    (length > 0).then_some((nanos, &rest[length..]))
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
        assert_eq!(leap.digits.to_string(), "2016-12-31T23:59:59Z");
        let fraction = DateTime::parse_rfc3339("2024-03-09T14:03:11.1234567891+05:30").unwrap();
        assert_eq!(fraction.digits.to_string(), "2024-03-09T14:03:11.123456789Z");
        assert_eq!(fraction.offset, Some(19_800));
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
    }

    proptest! {
        #[test]
        fn a_duration_is_its_nanoseconds_cut_to_whole_seconds(
            (start, end) in ((-9_i64..9, 0_u32..1_000_000_000), (-9_i64..9, 0_u32..1_000_000_000)),
        ) {
            let nanos = |(seconds, nanos): (i64, u32)| seconds * 1_000_000_000 + i64::from(nanos);
            let moment = |(seconds, nanos)| Moment { seconds, nanos };
            prop_assert_eq!(
                moment(end).whole_seconds_since(moment(start)),
                (nanos(end) - nanos(start)) / 1_000_000_000
            );
        }
    }
}
