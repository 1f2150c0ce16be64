//! Days, dates and clocks once more: plain civil arithmetic, and the offsets of
//! a zone straight from jiff.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Days since 1 January 1970.
pub type Day = i64;

const SECONDS_OF_DAY: i64 = 86_400;
const LENGTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub fn length_of_month(year: i64, month: i64) -> i64 {
    let length = LENGTHS[usize::try_from(month - 1).unwrap()];
    if month == 2 && is_leap(year) { 29 } else { length }
}

/// The days of all years before `year`, counted from the year 1.
fn days_before(year: i64) -> i64 {
    let past = year - 1;
    past * 365 + past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400)
}

pub fn number(year: i64, month: i64, day: i64) -> Day {
    let months: i64 = (1..month).map(|month| length_of_month(year, month)).sum();
    days_before(year) - days_before(1970) + months + day - 1
}

/// Year, month and day of the month.
pub fn civil(day: Day) -> (i64, i64, i64) {
    let mut year = 1970 + day.div_euclid(365);
    while number(year, 1, 1) > day {
        year -= 1;
    }
    while number(year + 1, 1, 1) <= day {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && number(year, month + 1, 1) <= day {
        month += 1;
    }
    (year, month, day - number(year, month, 1) + 1)
}

pub fn text(day: Day) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A day as `YYYY-MM-DD`.
pub fn day(text: &str) -> Day {
    let part = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    number(part(0..4), part(5..7), part(8..10))
}

/// A civil month: its first day, and the first day after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    pub first: Day,
}

impl Month {
    pub fn of(day: Day) -> Month {
        let (year, month, _) = civil(day);
        Month { first: number(year, month, 1) }
    }

    pub fn parse(text: &str) -> Month {
        Month { first: day(&format!("{text}-01")) }
    }

    pub fn text(self) -> String {
        text(self.first)[..7].to_owned()
    }

    pub fn next(self) -> Month {
        Month::of(self.first + 31)
    }

    pub fn previous(self) -> Month {
        Month::of(self.first - 1)
    }

    pub fn days(self) -> std::ops::Range<Day> {
        self.first..self.next().first
    }

    pub fn contains(self, day: Day) -> bool {
        self.days().contains(&day)
    }

    pub fn number(self) -> (i64, i64) {
        let (year, month, _) = civil(self.first);
        (year, month)
    }
}

/// A point on a clock's own line of time: whole seconds, and the digits of the
/// fraction without zeros at their end. As texts, fractions have their order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    pub seconds: i64,
    pub fraction: String,
}

impl Time {
    /// Whole seconds from `start` to here, cut off; `None` if it lies before.
    pub fn since(&self, start: &Time) -> Option<i64> {
        (self >= start).then(|| self.seconds - start.seconds - i64::from(self.fraction < start.fraction))
    }
}

/// A date-time as it is written.
struct Written {
    days: Day,
    second_of_day: i64,
    is_leap_second: bool,
    fraction: String,
    /// Seconds east of Greenwich; `None` where there is no offset.
    offset: Option<i64>,
}

/// Takes `length` digits from the front.
fn digits(rest: &mut &str, length: usize) -> Option<i64> {
    let taken = rest.get(..length)?;
    if !taken.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    *rest = &rest[length..];
    taken.parse().ok()
}

/// Takes one character of several from the front.
fn mark(rest: &mut &str, marks: &str) -> Option<char> {
    let first = rest.chars().next().filter(|first| marks.contains(*first))?;
    *rest = &rest[1..];
    Some(first)
}

/// RFC 3339; where `needs_offset` does not hold, its offset may be left out.
fn read(text: &str, needs_offset: bool) -> Option<Written> {
    let rest = &mut &*text;
    let year = digits(rest, 4)?;
    mark(rest, "-")?;
    let month = digits(rest, 2).filter(|month| (1..=12).contains(month))?;
    mark(rest, "-")?;
    let day = digits(rest, 2).filter(|day| (1..=length_of_month(year, month)).contains(day))?;
    mark(rest, "Tt ")?;
    let hour = digits(rest, 2).filter(|hour| *hour < 24)?;
    mark(rest, ":")?;
    let minute = digits(rest, 2).filter(|minute| *minute < 60)?;
    mark(rest, ":")?;
    let second = digits(rest, 2).filter(|second| *second <= 60)?;
    let mut fraction = String::new();
    if mark(rest, ".").is_some() {
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            return None;
        }
        fraction = rest[..length].trim_end_matches('0').to_owned();
        *rest = &rest[length..];
    }
    let offset = if rest.is_empty() && !needs_offset {
        None
    } else if mark(rest, "Zz").is_some() {
        Some(0)
    } else {
        let sign = if mark(rest, "+-")? == '+' { 1 } else { -1 };
        let hours = digits(rest, 2).filter(|hours| *hours < 24)?;
        mark(rest, ":")?;
        let minutes = digits(rest, 2).filter(|minutes| *minutes < 60)?;
        Some(sign * (hours * 3_600 + minutes * 60))
    };
    let second_of_day = hour * 3_600 + minute * 60 + second.min(59);
    rest.is_empty().then_some(Written {
        days: number(year, month, day),
        second_of_day,
        is_leap_second: second == 60,
        fraction,
        offset,
    })
}

/// How date-times are brought to days.
#[derive(Debug, Clone)]
pub struct Clock {
    pub is_instant: bool,
    pub zone: TimeZone,
}

impl Clock {
    fn offset_at(&self, instant: i64) -> i64 {
        self.zone.to_offset(Timestamp::from_second(instant).unwrap()).seconds().into()
    }

    /// The time and day of a date-time in a document; `None` if it is none.
    pub fn read(&self, text: &str) -> Option<(Time, Day)> {
        let written = read(text, true)?;
        let digits = written.days * SECONDS_OF_DAY + written.second_of_day;
        let utc = digits - written.offset?;
        let minute_of_day = if self.is_instant { utc } else { digits }.rem_euclid(SECONDS_OF_DAY) / 60;
        let has_leap_second = if self.is_instant {
            minute_of_day == 1_439
        } else {
            [59, 29, 44].contains(&(minute_of_day % 60))
        };
        if written.is_leap_second && !has_leap_second {
            return None;
        }
        let (seconds, wall) =
            if self.is_instant { (utc, utc + self.offset_at(utc)) } else { (digits, digits) };
        Some((Time { seconds, fraction: written.fraction }, wall.div_euclid(SECONDS_OF_DAY)))
    }

    /// The time of a run, and its day in the zone.
    pub fn now(&self, text: &str) -> (Time, Day) {
        let written = read(text, false).unwrap();
        let digits = written.days * SECONDS_OF_DAY + written.second_of_day;
        let instant = written.offset.map_or_else(
            || {
                let epoch = jiff::civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
                let civil = epoch + jiff::SignedDuration::from_secs(digits);
                self.zone.to_zoned(civil).unwrap().timestamp().as_second()
            },
            |offset| digits - offset,
        );
        // As an instant, a wall time that the zone leaves out is a later one.
        let is_digits = written.offset.is_none() && !self.is_instant;
        let wall = if is_digits { digits } else { instant + self.offset_at(instant) };
        let seconds = if self.is_instant { instant } else { wall };
        (Time { seconds, fraction: written.fraction }, wall.div_euclid(SECONDS_OF_DAY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_numbered_as_jiff_numbers_them() {
        let epoch = jiff::civil::date(1970, 1, 1);
        for day in (-30_000..40_000).step_by(13) {
            let (year, month, date) = civil(day);
            assert_eq!(number(year, month, date), day);
            let theirs = epoch + jiff::SignedDuration::from_hours(24 * day);
            assert_eq!(text(day), theirs.to_string());
        }
    }

    #[test]
    fn fractions_are_compared_as_they_are_written() {
        let wall = Clock { is_instant: false, zone: TimeZone::UTC };
        let time = |text: &str| wall.read(text).unwrap().0;
        let (start, end) = (time("2024-03-09T14:00:00.0000000001Z"), time("2024-03-09T14:00:10Z"));
        assert_eq!(end.since(&start), Some(9));
        assert_eq!(start.since(&end), None);
        assert_eq!(end.since(&time("2024-03-09T14:00:00.10Z")), Some(9));
        assert_eq!(time("2024-03-09T14:00:00.1Z"), time("2024-03-09T14:00:00.100Z"));
    }
}
