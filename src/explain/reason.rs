//! Why an event is in no cell of an indicator that reads its type.

use serde::{Serialize, Serializer};

use crate::diagnostics::Code;

/// Why an indicator that reads an event's type has no cell with the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The event could not be used: what a run counts as this code.
    Noticed(Code),
    /// The selector asks for a field to have a text that it has not.
    ConditionNotMet,
    /// The indicator only looks for a start at such events.
    ContextOnly,
    /// Only the first event of its type counts.
    NotFirst,
    /// A snapshot finds nothing beside its events.
    NothingSeen,
    /// What is counted towards was reached in an earlier month.
    AlreadyReached,
    /// The event's period is over and not among those computed.
    PeriodNotComputed,
    /// The event's period is not over.
    PeriodNotOver,
}

impl Reason {
    /// The reason as it stands in results; that of a diagnostic is its code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::Noticed(code) => code.as_str(),
            Reason::ConditionNotMet => "condition-not-met",
            Reason::ContextOnly => "context-only",
            Reason::NotFirst => "not-first",
            Reason::NothingSeen => "nothing-seen",
            Reason::AlreadyReached => "already-reached",
            Reason::PeriodNotComputed => "period-not-computed",
            Reason::PeriodNotOver => "period-not-over",
        }
    }

    /// One sentence for a person.
    pub const fn sentence(self) -> &'static str {
        match self {
            Reason::Noticed(code) => code.sentence(),
            Reason::ConditionNotMet => {
                "The indicator reads this type only where a field has a certain text; here it has not."
            }
            Reason::ContextOnly => "The indicator only looks for the start of a span at such an event.",
            Reason::NotFirst => "The home had an event of this type before; only the first ever counts.",
            Reason::NothingSeen => {
                "The indicator measures the home beside its events, and finds nothing there to measure."
            }
            Reason::AlreadyReached => {
                "What the indicator counts towards was reached in an earlier month; nothing counts after."
            }
            Reason::PeriodNotComputed => "The event's day or month is not among those computed.",
            Reason::PeriodNotOver => "The event's day or month is not over yet.",
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
