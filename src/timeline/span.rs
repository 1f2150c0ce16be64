use crate::calendar::{DAY_SECONDS, Moment};
use crate::catalog::FieldName;
use crate::diagnostics::Code;
use crate::limits;

/// How long a span lasted that starts at a date in a field of the event that
/// ends it.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenSpan {
    /// The event's number.
    pub(super) event: u32,
    pub(super) field: FieldName,
    pub(super) lasted: Result<u32, Code>,
}

/// The whole seconds of a span, or why it gives no measure.
pub(crate) fn lasted(start: Option<Moment>, end: Moment) -> Result<u32, Code> {
    let start = start.ok_or(Code::SpanStartMissing)?;
    if end < start {
        return Err(Code::SpanNegative);
    }
    let beyond = Moment { seconds: start.seconds + limits::MAX_SPAN_DAYS * DAY_SECONDS, ..start };
    if end > beyond {
        return Err(Code::SpanTooLong);
    }
    u32::try_from(end.whole_seconds_since(start)).map_err(|_| Code::SpanTooLong)
}
