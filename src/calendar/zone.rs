use std::ops::Range;

use serde::Serialize;

use super::DAY_SECONDS;
use crate::decode::{deserialized, object};
use crate::error::Error;

/// From an instant on, a zone's offset. The host takes these from its own
/// time-zone data: `Intl` in JavaScript, a tz library elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// Seconds since 1970-01-01T00:00:00Z; absent on the first entry, which
    /// then holds for all time before the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// Seconds east of UTC.
    pub offset: i32,
}

object!(Transition {
    optional "at" => at,
    required "offset" => offset,
});

deserialized!(Transition);

/// The offsets of one time zone over the time in question.
///
/// ```
/// use dacc_aggregator::calendar::{Transition, Zone};
///
/// let paris = Zone::new(&[
///     Transition { at: None, offset: 3600 },
///     Transition { at: Some(1_711_846_800), offset: 7200 }, // 2024-03-31T01:00:00Z
/// ]).unwrap();
/// assert_eq!(paris.offset_at(1_711_846_799), 3600);
/// assert_eq!(paris.offset_at(1_711_846_800), 7200);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// From when on which offset holds, the first from ever.
    offsets: Vec<(i64, i32)>,
}

impl Zone {
    /// The zone whose offset is always 0.
    pub const UTC: Zone = Zone { offsets: Vec::new() };

    /// A zone of these transitions, in the order of time.
    ///
    /// # Errors
    /// If there is none, they are not in order, or an offset is of a day or more.
    pub fn new(transitions: &[Transition]) -> Result<Zone, Error> {
        if transitions.is_empty() {
            return Err(Error::option("transitions: at least one offset is needed"));
        }
        // Nothing comes after what has no time.
        let in_order = transitions.windows(2).all(|pair| pair[0].at < pair[1].at);
        let under_a_day = transitions.iter().all(|t| i64::from(t.offset).abs() < DAY_SECONDS);
        if !in_order || !under_a_day {
            return Err(Error::option(
                "transitions: each has an offset under a day in seconds and, but for the first, a time `at`, in order",
            ));
        }
        let mut offsets: Vec<_> = transitions.iter().map(|t| (t.at.unwrap_or(i64::MIN), t.offset)).collect();
        offsets[0].0 = i64::MIN;
        Ok(Zone { offsets })
    }

    /// Seconds east of UTC at `instant`, in seconds since 1970-01-01T00:00:00Z.
    pub fn offset_at(&self, instant: i64) -> i32 {
        self.offset_around(instant).1
    }

    /// The offset at `instant`, and from when to when it holds.
    pub(crate) fn offset_around(&self, instant: i64) -> (Range<i64>, i32) {
        let after = self.offsets.partition_point(|&(at, _)| at <= instant);
        let until = self.offsets.get(after).map_or(i64::MAX, |&(at, _)| at);
        let (from, offset) = self.offsets[..after].last().copied().unwrap_or((i64::MIN, 0));
        (from..until, offset)
    }

    /// The instant at which clocks in the zone show `civil`: the earlier one
    /// where the hour is repeated; where it is skipped, the instant at which
    /// a clock not yet put forward shows it.
    pub(crate) fn instant_of(&self, civil: i64) -> i64 {
        let instants = self.offsets.iter().map(|&(_, offset)| civil - i64::from(offset));
        let shown = instants.filter(|&instant| instant + i64::from(self.offset_at(instant)) == civil);
        // In a skipped hour no offset fits; the one of the day before is not yet put forward.
        shown.min().unwrap_or_else(|| civil - i64::from(self.offset_at(civil - DAY_SECONDS)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Transition, Zone};

    /// Europe/Paris in 2024.
    fn paris() -> Zone {
        Zone::new(&[
            Transition { at: None, offset: 3600 },
            Transition { at: Some(1_711_846_800), offset: 7200 },
            Transition { at: Some(1_729_990_800), offset: 3600 },
        ])
        .unwrap()
    }

    #[test]
    fn a_repeated_hour_is_its_first_and_a_skipped_one_follows_the_old_offset() {
        let zone = paris();
        // 2024-10-27T02:30 is shown twice; the first time at +02:00.
        let first = 1_729_990_800 - 1800;
        assert_eq!(zone.instant_of(first + 7200), first);
        // 2024-03-31T02:30 is never shown; at +01:00 it would be 01:30Z.
        let skipped_civil = 1_711_846_800 + 3600 + 1800;
        assert_eq!(zone.instant_of(skipped_civil), 1_711_846_800 + 1800);
        // An ordinary time in each half of the year.
        assert_eq!(zone.instant_of(1_704_067_200), 1_704_067_200 - 3600);
        assert_eq!(zone.instant_of(1_720_000_000), 1_720_000_000 - 7200);
    }

    #[test]
    fn the_first_offset_holds_from_ever() {
        let timed = Zone::new(&[Transition { at: Some(5), offset: 60 }]).unwrap();
        for instant in [i64::MIN, -1, 0, 5] {
            assert_eq!(paris().offset_at(instant), 3600);
            assert_eq!(timed.offset_at(instant), 60);
        }
    }

    #[test]
    fn transitions_out_of_order_are_refused() {
        let at = |at, offset| Transition { at, offset };
        assert!(Zone::new(&[]).is_err());
        assert!(Zone::new(&[at(Some(5), 0), at(Some(5), 1)]).is_err());
        assert!(Zone::new(&[at(None, 0), at(None, 1)]).is_err());
        assert!(Zone::new(&[at(None, 86_400)]).is_err());
        assert!(Zone::new(&[at(Some(5), 0)]).is_ok());
    }
}
