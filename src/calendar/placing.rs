use std::ops::Range;

use super::plain::{self, Date};
use super::{Clock, DAY_SECONDS, DateTime, Day, Moment};

/// Reads date-times one after the other, and places them on the days of a
/// clock. Most are of the same day as the one before, or follow the same
/// offset, and so need no calendar.
#[derive(Debug)]
pub(crate) struct Placing {
    clock: Clock,
    /// A date read before, as written, and its first second.
    date: (Date, i64),
    /// A day placed on before, and its first second.
    day: (Day, i64),
    /// The instants around one placed before over which the zone's offset
    /// stays the same.
    offset: (Range<i64>, i32),
}

impl Placing {
    pub(crate) fn new(clock: &Clock) -> Placing {
        let day = Day::of_seconds(0);
        Placing {
            clock: clock.clone(),
            date: (*b"1970-01-01", 0),
            day: (day, day.start_seconds()),
            offset: (0..0, 0),
        }
    }

    /// The moment that an RFC 3339 date-time writes.
    pub(crate) fn moment(&mut self, text: &[u8]) -> Option<Moment> {
        let written = match self.plain(text) {
            Some(digits) => DateTime { digits, offset: Some(0), has_second_60: false },
            None => DateTime::parse_rfc3339(std::str::from_utf8(text).ok()?)?,
        };
        self.clock.moment(written)
    }

    #[inline(always)]
    fn plain(&mut self, text: &[u8]) -> Option<Moment> {
        let (date, time) = text.split_first_chunk()?;
        if *date != self.date.0 {
            self.read(date)?;
        }
        let (second_of_day, nanos) = plain::time(time)?;
        Some(Moment::new(self.date.1 + second_of_day, nanos))
    }

    #[inline(never)]
    fn read(&mut self, date: &Date) -> Option<()> {
        self.date = (*date, plain::date(date)?.start_seconds());
        Some(())
    }

    /// The civil day that a moment lies in, and its first second.
    pub(crate) fn day(&mut self, moment: Moment) -> (Day, i64) {
        let civil = moment.seconds + i64::from(self.offset(moment.seconds));
        if !(0..DAY_SECONDS).contains(&(civil - self.day.1)) {
            let day = Day::of_seconds(civil);
            self.day = (day, day.start_seconds());
        }
        self.day
    }

    fn offset(&mut self, instant: i64) -> i32 {
        if !self.offset.0.contains(&instant) {
            self.offset = self.clock.offset_around(instant);
        }
        self.offset.1
    }
}
