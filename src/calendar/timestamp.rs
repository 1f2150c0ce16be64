//! The time of a host's clock, as documents have it.

use super::Moment;

/// Milliseconds since 1970 as a document has them.
pub(crate) fn timestamp_of(now: u64) -> String {
    let nanos = u32::try_from(now % 1_000).unwrap_or(0) * 1_000_000;
    Moment::new(i64::try_from(now / 1_000).unwrap_or(i64::MAX), nanos).to_string()
}
