//! Civil days and months, and the two clocks that place an instant on them.
//!
//! Everything here is arithmetic on digits: days are found by the calendar,
//! never by adding 24 hours, and no machine's local time is ever asked.

mod clock;
mod date_time;
mod day;
mod period;
mod placing;
mod plain;
mod timestamp;
mod zone;

pub use clock::{Clock, ClockKind};
pub use date_time::{DateTime, Moment};
pub use day::{Day, Month};
pub(crate) use period::Period;
pub use period::PeriodKind;
pub(crate) use placing::Placing;
pub(crate) use timestamp::timestamp_of;
pub use zone::{Transition, Zone};

/// Seconds in a day of digits.
pub(crate) const DAY_SECONDS: i64 = 86_400;
