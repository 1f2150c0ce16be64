use std::ops::Range;

use serde::Serialize;

use super::{DateTime, Day, Moment, Zone};
use crate::decode::string_enum;
use crate::limits;

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

string_enum!(ClockKind { "wall" => Wall, "instant" => Instant, });

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
    /// instant nowhere and so taken as wall time in the zone. A second of 60 is
    /// read as 59 where a clock can show one, and is no date-time elsewhere.
    pub fn moment(&self, written: DateTime) -> Option<Moment> {
        let moment = match (self.kind, written.offset) {
            (ClockKind::Wall, _) => written.digits,
            (ClockKind::Instant, offset) => self.instant(written.digits, offset),
        };
        (!written.has_second_60 || can_have_second_60(self.kind, moment)).then_some(moment)
    }

    /// The moment that a document writes as RFC 3339 has it.
    pub(crate) fn read(&self, text: &str) -> Option<Moment> {
        self.moment(DateTime::parse_rfc3339(text)?)
    }

    /// The moment of `now`: wall time in the zone if it has no offset, else an
    /// instant.
    pub fn now(&self, now: DateTime) -> Option<Moment> {
        match (self.kind, now.offset) {
            (ClockKind::Wall, Some(_)) => {
                let instant = Clock { kind: ClockKind::Instant, zone: self.zone.clone() };
                instant.moment(now).map(|instant| self.civil(instant))
            }
            _ => self.moment(now),
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
        let day = self.day(self.read(written)?);
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

/// Whether a second of 60 follows this second of 59: RFC 3339 has one at the
/// end of a day in UTC. Where the digits are all that is known, that is the end
/// of an hour, or in zones half an hour or a quarter off, of its minute 29 or 44.
fn can_have_second_60(kind: ClockKind, second_59: Moment) -> bool {
    let minute = second_59.seconds.div_euclid(60);
    match kind {
        ClockKind::Wall => matches!(minute.rem_euclid(60), 59 | 29 | 44),
        ClockKind::Instant => minute.rem_euclid(24 * 60) == 24 * 60 - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, ClockKind};
    use crate::calendar::{DateTime, Transition, Zone};

    #[test]
    fn a_second_of_60_is_one_where_a_day_of_utc_ends() {
        let clock = |kind, offset| Clock::new(kind, Zone::new(&[Transition { at: None, offset }]).unwrap());
        let (wall, instant) = (clock(ClockKind::Wall, 3600), clock(ClockKind::Instant, 3600));
        for (text, on_wall, as_instant) in [
            ("1998-12-31T23:59:60Z", true, true),
            ("1998-12-31T23:59:60.5Z", true, true),
            ("1998-12-31T23:58:60Z", false, false),
            ("1998-12-31T22:59:60Z", true, false),
            ("1999-01-01T00:59:60+01:00", true, true),
            ("1999-01-01T00:59:60Z", true, false),
            ("1999-01-01T05:29:60+05:30", true, true),
            ("1999-01-01T05:44:60+05:45", true, true),
            ("1998-12-31T20:29:60-03:30", true, true),
            ("1999-01-01T05:14:60Z", false, false),
            ("1999-01-01T00:00:60Z", false, false),
            ("1999-01-01T05:28:60+05:29", false, true),
        ] {
            let read = |clock: &Clock| clock.read(text);
            assert_eq!(read(&wall).is_some(), on_wall, "{text}");
            assert_eq!(read(&instant).is_some(), as_instant, "{text}");
            let before = text.replacen(":60", ":59", 1);
            for clock in [&wall, &instant] {
                assert!(read(clock).is_none_or(|moment| Some(moment) == clock.read(&before)), "{text}");
            }
        }
        // `now` with an offset is an instant under either clock.
        for (text, expected) in [
            ("1998-12-31T23:59:60Z", true),
            ("1998-12-31T22:59:60Z", false),
            ("1998-12-31T22:59:60", true),
            ("1998-12-31T22:58:60", false),
        ] {
            assert_eq!(wall.now(DateTime::parse(text).unwrap()).is_some(), expected, "{text}");
        }
    }
}
