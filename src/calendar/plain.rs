//! Date-times of the one form in which JavaScript writes them,
//! `YYYY-MM-DDTHH:MM:SS.mmmZ`, or without a fraction: eight bytes at a time.

use super::Day;

const HIGH: u64 = 0x8080_8080_8080_8080;

/// How a date is written: `YYYY-MM-DD`.
pub(super) type Date = [u8; 10];

/// The day that a date of this form writes, if the calendar has it.
pub(super) fn date(text: &Date) -> Option<Day> {
    let [y0, y1, y2, y3, _, m0, m1, _] = digits(text.first_chunk()?, b"0000-00-")?;
    let [.., d0, d1] = digits(text.last_chunk()?, b"00-00-00")?;
    let year = i32::from(y0 * 10 + y1) * 100 + i32::from(y2 * 10 + y3);
    Day::new(year, m0 * 10 + m1, d0 * 10 + d1)
}

/// The second of the day and the nanoseconds of what follows a date of this
/// form. `None` for any other form, and for a leap second.
#[inline(always)]
pub(super) fn time(text: &[u8]) -> Option<(i64, u32)> {
    let end = match *text {
        _ if text.len() == 14 => *text.last_chunk()?,
        [_, _, _, _, _, _, colon, tens, ones, z] => [colon, tens, ones, b'.', b'0', b'0', b'0', z],
        _ => return None,
    };
    let [_, h0, h1, _, n0, n1, ..] = digits(text.first_chunk()?, b"T00:00:0")?;
    let [_, s0, s1, _, f0, f1, f2, _] = digits(&end, b":00.000Z")?;
    let second = second([h0, h1, n0, n1, s0, s1])?;
    let nanos = (u32::from(f0) * 100 + u32::from(f1 * 10 + f2)) * 1_000_000;
    (s0 < 6).then_some((second.into(), nanos))
}

/// The second of the day at `HH:MM:SS`; a leap second is read as the one
/// before it.
pub(super) fn second_of_day(text: &[u8; 8]) -> Option<i32> {
    let [h0, h1, _, n0, n1, _, s0, s1] = digits(text, b"00:00:00")?;
    second([h0, h1, n0, n1, s0, s1])
}

/// The second of the day of these digits of hours, minutes and seconds, of
/// which there may be 60.
#[inline(always)]
fn second(digits: [u8; 6]) -> Option<i32> {
    let [h0, h1, n0, n1, s0, s1] = digits.map(i32::from);
    let (hour, minute, second) = (h0 * 10 + h1, n0 * 10 + n1, s0 * 10 + s1);
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second.min(59))
}

/// The digits of a text that has them where `form` has `0`, and everywhere
/// else is what `form` is.
#[inline(always)]
fn digits(text: &[u8; 8], form: &[u8; 8]) -> Option<[u8; 8]> {
    // A digit may be up to 9 more than `0`; what is beyond goes over 0x7f.
    let room = form.map(|byte| if byte == b'0' { 0x7f - 9 } else { 0x7f });
    let found = u64::from_le_bytes(*text) ^ u64::from_le_bytes(*form);
    let beyond = found | found.wrapping_add(u64::from_le_bytes(room));
    (beyond & HIGH == 0).then(|| found.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::DateTime;
    use super::{date, time};

    /// What the reader of every form says of a text.
    fn full(text: &str) -> Option<(i64, u32)> {
        let read = DateTime::parse_rfc3339(text).filter(|read| read.offset == Some(0))?;
        Some((read.digits.seconds, read.digits.nanos))
    }

    fn plain(text: &str) -> Option<(i64, u32)> {
        let (written, rest) = text.as_bytes().split_first_chunk()?;
        let (second_of_day, nanos) = time(rest)?;
        Some((date(written)?.start_seconds() + second_of_day, nanos))
    }

    #[test]
    fn the_plain_form_is_read_as_the_full_reader_does() {
        for text in ["2024-02-29T23:59:59.999Z", "0000-01-01T00:00:00Z", "9999-12-31T01:02:03.040Z"] {
            assert_eq!(plain(text), full(text), "{text}");
            assert!(plain(text).is_some());
            for at in 0..text.len() {
                for byte in 0..=0x7f {
                    let mut changed = text.as_bytes().to_vec();
                    changed[at] = byte;
                    let changed = String::from_utf8(changed).unwrap();
                    // What is not plain is left to the full reader.
                    if let Some(read) = plain(&changed) {
                        assert_eq!(Some(read), full(&changed), "{changed}");
                    } else {
                        let is_other_form = !changed.ends_with('Z')
                            || !"T".contains(&changed[10..11])
                            || &changed[17..19] == "60";
                        assert!(full(&changed).is_none() || is_other_form, "{changed}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_longer_or_shorter_is_not_plain() {
        for text in
            ["", "2024-03-09", "2024-03-09T14:03:11.12Z", "2024-03-09T14:03:11.1234Z", "2024-03-09T14:03:11"]
        {
            assert_eq!(plain(text), None, "{text}");
        }
        let not_ascii = "2024-03-0\u{669}T14:03:11.12Z";
        assert_eq!(plain(not_ascii), None);
    }
}
