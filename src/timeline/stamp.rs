use crate::calendar::{DAY_SECONDS, Day, Moment};

/// When an event happened on its day and of which class it is, in eight bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stamp(u64);

const CLASS_BITS: u32 = 15;
const NANOS_BITS: u32 = 30;

/// Stands for a class whose number needs more bits.
const WIDE: u32 = (1 << CLASS_BITS) - 1;

/// A moment of a day lies at most this long before the day's digits do: a
/// zone's offset is under a day.
const BEFORE: i64 = DAY_SECONDS;

impl Stamp {
    /// The stamp of a moment of the day that begins at this civil second.
    #[inline(always)]
    pub(super) fn new(moment: Moment, begin: i64, is_aggregated: bool, class: u32) -> Stamp {
        let seconds = (moment.seconds - begin + BEFORE).cast_unsigned();
        let time = seconds << NANOS_BITS | u64::from(moment.nanos);
        Stamp((time << 1 | u64::from(is_aggregated)) << CLASS_BITS | u64::from(class.min(WIDE)))
    }

    /// The moment, but for what is beyond its nanoseconds.
    pub(super) fn moment(self, day: Day) -> Moment {
        let time = self.0 >> (CLASS_BITS + 1);
        let seconds = (time >> NANOS_BITS).cast_signed() - BEFORE + day.start_seconds();
        Moment::new(seconds, (time & ((1 << NANOS_BITS) - 1)) as u32)
    }

    pub(super) fn is_aggregated(self) -> bool {
        self.0 >> CLASS_BITS & 1 == 1
    }

    /// `None` if its number is kept elsewhere.
    pub(super) fn class(self) -> Option<u32> {
        let class = self.0 as u32 & WIDE;
        (class != WIDE).then_some(class)
    }

    /// Whether a class's number has to be kept elsewhere.
    pub(super) fn is_wide(class: u32) -> bool {
        class >= WIDE
    }
}

#[cfg(test)]
mod tests {
    use super::Stamp;
    use crate::calendar::{DAY_SECONDS, Day, Moment};

    #[test]
    fn a_stamp_gives_back_what_it_was_made_of() {
        for day in ["0000-01-01", "1970-01-01", "2024-02-29", "9999-12-31"] {
            let day: Day = day.parse().unwrap();
            // As far as the greatest offsets move a moment from its day's digits.
            for second in [1 - DAY_SECONDS, -1, 0, 1, DAY_SECONDS - 1, 2 * DAY_SECONDS - 2] {
                for nanos in [0, 1, 999_999_999] {
                    let moment = Moment::new(day.start_seconds() + second, nanos);
                    for (class, is_aggregated) in
                        [(0, true), (32_766, false), (32_767, true), (u32::MAX, false)]
                    {
                        let stamp = Stamp::new(moment, day.start_seconds(), is_aggregated, class);
                        assert_eq!((stamp.moment(day), stamp.is_aggregated()), (moment, is_aggregated));
                        assert_eq!(stamp.class(), Some(class).filter(|_| !Stamp::is_wide(class)));
                        assert_eq!(Stamp::is_wide(class), class >= 32_767);
                    }
                }
            }
        }
    }
}
