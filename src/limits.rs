//! Every bound of a measure and of a run, with its reason.

/// A group's value, a key or a name: the server keeps 100 characters of a
/// name, and a value of some 2 600 bytes breaks its aggregation for good.
pub(crate) const MAX_TEXT_BYTES: usize = 100;

/// The largest value of a measure, either way: the server's column ends at
/// 1e10, and sums over a population have to fit too.
pub(crate) const MAX_VALUE: i64 = 9_999_999;

/// A measure has three places for groups.
pub(crate) const MAX_GROUPS: usize = 3;

/// A span longer than ten years is a mistake of a clock.
pub(crate) const MAX_SPAN_DAYS: i64 = 3_660;

/// Seniority is coarse beyond five years, so that groups stay large.
pub(crate) const MAX_SENIORITY_MONTHS: u32 = 60;

/// How far back the nightly run looks for days it missed.
pub(crate) const OPEN_DAYS: i32 = 30;

/// How far back the nightly run looks for months it missed.
pub(crate) const DUE_MONTHS: i32 = 3;

/// The day of the month on which monthly indicators are due where the profile
/// does not say.
pub(crate) const DEFAULT_DUE_DAY: u8 = 3;

/// Fewer homes than this in a group, and the server does not publish it.
pub(crate) const AGGREGATION_THRESHOLD: u8 = 5;
