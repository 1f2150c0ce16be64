use crate::calendar::{DAY_SECONDS, Moment};
use crate::diagnostics::Code;
use crate::limits;

/// How long a span lasted that starts at a date in a field of the event that
/// ends it, in eight bytes. The field is told by its place among those at
/// which spans start that events of its type end.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenSpan {
    /// The event's number.
    pub(super) event: u32,
    /// The field, and in the bits above its own the seconds, or why there are none.
    packed: u32,
}

const FIELD_BITS: u32 = 3;

/// Why a span gives no measure; beside them there is room for the longest.
const REASONS: [Code; 3] = [Code::SpanStartMissing, Code::SpanNegative, Code::SpanTooLong];

const _: () = assert!(
    limits::MAX_START_FIELDS <= 1 << FIELD_BITS
        && limits::MAX_SPAN_DAYS * DAY_SECONDS < (u32::MAX >> FIELD_BITS) as i64 - REASONS.len() as i64
);

impl WrittenSpan {
    pub(super) fn new(event: u32, field: usize, lasted: Result<u32, Code>) -> WrittenSpan {
        let lasted = lasted.unwrap_or_else(|reason| {
            let place = REASONS.iter().position(|&code| code == reason).unwrap_or(0);
            (u32::MAX >> FIELD_BITS) - place as u32
        });
        WrittenSpan { event, packed: lasted << FIELD_BITS | field as u32 }
    }

    /// The same of the event with this number.
    pub(super) fn of(self, event: u32) -> WrittenSpan {
        WrittenSpan { event, ..self }
    }

    /// What orders spans.
    pub(super) fn key(self) -> (u32, u32) {
        (self.event, self.packed & ((1 << FIELD_BITS) - 1))
    }

    pub(super) fn lasted(self) -> Result<u32, Code> {
        let lasted = self.packed >> FIELD_BITS;
        match REASONS.get(((u32::MAX >> FIELD_BITS) - lasted) as usize) {
            Some(&reason) => Err(reason),
            None => Ok(lasted),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::{REASONS, WrittenSpan, limits};
    use crate::calendar::DAY_SECONDS;

    #[test]
    fn a_written_span_gives_back_what_it_was_made_of() {
        let longest = u32::try_from(limits::MAX_SPAN_DAYS * DAY_SECONDS).unwrap();
        let reasons = REASONS.into_iter().map(Err);
        for lasted in [0, 1, longest - 1, longest].into_iter().map(Ok).chain(reasons) {
            for field in 0..limits::MAX_START_FIELDS as usize {
                let span = WrittenSpan::new(7, field, lasted);
                assert_eq!((span.key(), span.lasted()), ((7, field as u32), lasted));
                assert_eq!(span.of(8).key(), (8, field as u32));
            }
        }
    }
}
