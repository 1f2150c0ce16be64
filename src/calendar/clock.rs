use std::ops::Range;

use serde::Serialize;

use super::{DateTime, Day, Moment, Zone};
use crate::limits;
use crate::read::words;

/// How the date-times of documents are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockKind {
    /// The digits as written are the civil date and time, whatever offset
    /// follows them. Ecolyo writes the wall clock labelled as UTC.
    #[default]
    Wall,
    /// The offset is honoured, and the instant is brought into the zone.
    Instant,
}

words!(ClockKind { "wall" => Wall, "instant" => Instant, });

/// A kind of clock in a zone: places date-times on days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    kind: ClockKind,
    zone: Zone,
}

impl Clock {
    /// A clock of `kind` in `zone`.
    pub fn new(kind: ClockKind, zone: Zone) -> Clock {
        Clock { kind, zone }
    }

    /// The moment of a document's date-time. One without an offset is an
    /// instant nowhere and so taken as wall time in the zone.
    pub fn moment(&self, written: DateTime) -> Moment {
        match (self.kind, written.offset) {
            (ClockKind::Wall, _) => written.digits,
            (ClockKind::Instant, offset) => self.instant(written.digits, offset),
        }
    }

    /// The moment of `now`: wall time in the zone if it has no offset, else an
    /// instant.
    pub fn now(&self, now: DateTime) -> Moment {
        match (self.kind, now.offset) {
            (ClockKind::Wall, None) => now.digits,
            (ClockKind::Wall, offset) => self.civil(self.instant(now.digits, offset)),
            (ClockKind::Instant, offset) => self.instant(now.digits, offset),
        }
    }

    /// The civil day that a moment of this clock lies in.
    pub fn day(&self, moment: Moment) -> Day {
        Day::of_seconds(self.wall(moment).seconds)
    }

    /// The first day under whose digits a date-time of this day may be written.
    /// Dates are asked for as they are written.
    pub(crate) fn first_written(&self, day: Day) -> Day {
        day.plus(-self.margin())
    }

    /// The last day under whose digits a date-time of this day may be written.
    pub(crate) fn last_written(&self, day: Day) -> Day {
        day.plus(self.margin())
    }

    /// By how many days digits and their day may differ: under `instant` the
    /// offset that was written and that of the zone are each under a day, so
    /// two; under `wall` the digits are the day.
    fn margin(&self) -> i32 {
        match self.kind {
            ClockKind::Wall => 0,
            ClockKind::Instant => 2,
        }
    }

    /// The day of a date as a document has it; `None` where it cannot be read
    /// (RFC 3339), or lies so far ahead that no right clock wrote it.
    pub(crate) fn plausible_day(&self, written: &str, today: Day) -> Option<Day> {
        let day = self.day(self.moment(DateTime::parse_rfc3339(written)?));
        Some(day).filter(|day| *day <= today.plus(limits::MAX_DAYS_AHEAD))
    }

    /// The date and time on the user's wall at a moment of this clock.
    pub(crate) fn wall(&self, moment: Moment) -> Moment {
        match self.kind {
            ClockKind::Wall => moment,
            ClockKind::Instant => self.civil(moment),
        }
    }

    /// What civil seconds are more than a moment's, over the moments around
    /// one for which that stays the same.
    pub(super) fn offset_around(&self, seconds: i64) -> (Range<i64>, i32) {
        match self.kind {
            ClockKind::Wall => (i64::MIN..i64::MAX, 0),
            ClockKind::Instant => self.zone.offset_around(seconds),
        }
    }

    fn instant(&self, digits: Moment, offset: Option<i32>) -> Moment {
        let seconds = match offset {
            Some(offset) => digits.seconds - i64::from(offset),
            None => self.zone.instant_of(digits.seconds),
        };
        Moment { seconds, ..digits }
    }

    fn civil(&self, instant: Moment) -> Moment {
        let seconds = instant.seconds + i64::from(self.zone.offset_at(instant.seconds));
        Moment { seconds, ..instant }
    }
}
