use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};
use time::{Date, Duration};

use super::plain;
use crate::decode::{Key, Read, Refusal, Value};
use crate::error::Error;

/// The day that day numbers count from, 1970-01-01.
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

/// A civil day, written `YYYY-MM-DD`.
///
/// ```
/// use dacc_aggregator::calendar::Day;
///
/// let day: Day = "2024-02-29".parse().unwrap();
/// assert_eq!(day.next().to_string(), "2024-03-01");
/// assert!("2023-02-29".parse::<Day>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day of these digits, if the calendar has it.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Day> {
        let month = time::Month::try_from(month).ok()?;
        Date::from_calendar_date(year, month, day).ok().map(Day)
    }

    /// The day that `seconds` of civil time after 1970-01-01T00:00:00 lie in.
    pub(crate) fn of_seconds(seconds: i64) -> Day {
        let julian = seconds.div_euclid(super::DAY_SECONDS) + EPOCH_JULIAN_DAY;
        let date = i32::try_from(julian).ok().and_then(|day| Date::from_julian_day(day).ok());
        Day(date.unwrap_or(if seconds < 0 { Date::MIN } else { Date::MAX }))
    }

    /// How many days there can be before this one; fewer than 2²³.
    pub(crate) fn number(self) -> u32 {
        (self.0.to_julian_day() - Date::MIN.to_julian_day()).cast_unsigned()
    }

    /// Civil seconds from 1970-01-01T00:00:00 to the beginning of this day.
    pub(crate) fn start_seconds(self) -> i64 {
        (i64::from(self.0.to_julian_day()) - EPOCH_JULIAN_DAY) * super::DAY_SECONDS
    }

    /// The month this day lies in.
    pub fn month(self) -> Month {
        Month(self.0.year() * 12 + i32::from(u8::from(self.0.month())) - 1)
    }

    /// 1 … 31.
    pub fn day_of_month(self) -> u8 {
        self.0.day()
    }

    /// The day after this one.
    pub fn next(self) -> Day {
        self.plus(1)
    }

    /// The day before this one.
    pub fn previous(self) -> Day {
        self.plus(-1)
    }

    /// The day `days` later, or earlier for a negative number.
    pub fn plus(self, days: i32) -> Day {
        Day(self.0.saturating_add(Duration::days(days.into())))
    }

    /// Each day from this one to `last`, both included.
    pub fn through(self, last: Day) -> impl Iterator<Item = Day> {
        std::iter::successors(Some(self), |day| Some(day.next()).filter(|next| next != day))
            .take_while(move |&day| day <= last)
    }
}

impl FromStr for Day {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let date = text.as_bytes().try_into().ok();
        date.and_then(plain::date)
            .ok_or_else(|| Error::option("a day is written YYYY-MM-DD and is in the calendar"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.0.to_calendar_date();
        write!(f, "{year:04}-{:02}-{day:02}", u8::from(month))
    }
}

/// A civil month, written `YYYY-MM`.
///
/// ```
/// use dacc_aggregator::calendar::Month;
///
/// let month: Month = "2024-02".parse().unwrap();
/// assert_eq!(month.last_day().to_string(), "2024-02-29");
/// assert_eq!(month.day_clamped(31).to_string(), "2024-02-29");
/// assert_eq!(month.previous().to_string(), "2024-01");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month with this number, 1 … 12, in this year.
    pub fn new(year: i32, month: u8) -> Option<Month> {
        Day::new(year, month, 1).map(Day::month)
    }

    fn date(self) -> Date {
        let month = u8::try_from(self.0.rem_euclid(12) + 1).ok().and_then(|m| m.try_into().ok());
        month
            .and_then(|month| Date::from_calendar_date(self.0.div_euclid(12), month, 1).ok())
            .unwrap_or(if self.0 < 0 { Date::MIN } else { Date::MAX })
    }

    /// The year, and the month's number from 1 to 12.
    pub fn numbers(self) -> (i32, u8) {
        let first = self.date();
        (first.year(), first.month().into())
    }

    /// The month's first day.
    pub fn first_day(self) -> Day {
        Day(self.date())
    }

    /// The month's last day.
    pub fn last_day(self) -> Day {
        self.day_clamped(31)
    }

    /// The month's day with this number, or its last day if it is shorter.
    pub fn day_clamped(self, day: u8) -> Day {
        let first = self.date();
        let length = time::util::days_in_month(first.month(), first.year());
        Day(first.replace_day(day.clamp(1, length)).unwrap_or(first))
    }

    /// The month after this one.
    pub fn next(self) -> Month {
        self.plus(1)
    }

    /// The month before this one.
    pub fn previous(self) -> Month {
        self.plus(-1)
    }

    /// The month `months` later, or earlier for a negative number.
    pub fn plus(self, months: i32) -> Month {
        Month(self.0.saturating_add(months))
    }

    /// Whole months from `day` to this month's first day; 0 if `day` is later.
    pub(crate) fn whole_months_since(self, day: Day) -> u32 {
        let months = self.0 - day.month().0 - i32::from(day.day_of_month() > 1);
        u32::try_from(months).unwrap_or(0)
    }
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let first: Result<Day, Error> = format!("{text}-01").parse();
        first.map(Day::month).map_err(|_| Error::option("a month is written YYYY-MM and is in the calendar"))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

macro_rules! as_text {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

as_text!(Day, Month);

macro_rules! read_as_text {
    ($($type:ident: $blank:expr),*) => {$(
        impl Read for $type {
            fn blank() -> Self {
                $blank
            }

            fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
                *self = Key::key(&value.to::<String>()?)?;
                Ok(())
            }
        }

        impl Key for $type {
            fn key(text: &str) -> Result<Self, Refusal> {
                text.parse().map_err(|error: Error| Refusal::new(error.to_string()))
            }
        }
    )*};
}

read_as_text!(Day: Day::of_seconds(0), Month: Day::of_seconds(0).month());

#[cfg(test)]
mod tests {
    use super::{Day, Month};

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_not_exactly_a_calendar_date_is_refused() {
        for text in [
            "",
            "2024",
            "2024-3-9",
            "2024-02-30",
            "2023-02-29",
            "2024-13-01",
            "2024-00-01",
            "2024-01-00",
            "+024-01-01",
            "2024-01-01T00:00:00Z",
            "2024/01/01",
            "２024-01-01",
            " 2024-01-01",
        ] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
        for text in ["2024-1", "2024-13", "2024-01-01", "24-01"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_and_seconds_agree_over_the_epoch() {
        assert_eq!(day("1970-01-01").start_seconds(), 0);
        assert_eq!(day("2024-02-29").start_seconds(), 19_782 * 86_400);
        for seconds in [-1, 0, 86_399, 86_400, -86_400, -86_401] {
            let found = Day::of_seconds(seconds);
            assert!(found.start_seconds() <= seconds && seconds < found.next().start_seconds());
        }
    }

    #[test]
    fn whole_months_count_from_the_same_day_of_the_month() {
        let april: Month = "2024-04".parse().unwrap();
        assert_eq!(april.whole_months_since(day("2024-01-01")), 3);
        assert_eq!(april.whole_months_since(day("2024-01-02")), 2);
        assert_eq!(april.whole_months_since(day("2024-03-31")), 0);
        assert_eq!(april.whole_months_since(day("2024-05-01")), 0);
        assert_eq!(april.whole_months_since(day("2019-04-01")), 60);
    }

    #[test]
    fn months_cross_the_year() {
        let january: Month = "2024-01".parse().unwrap();
        assert_eq!(january.previous().to_string(), "2023-12");
        assert_eq!(january.plus(12).to_string(), "2025-01");
        assert_eq!(day("2024-12-31").through(day("2025-01-02")).count(), 3);
    }
}
