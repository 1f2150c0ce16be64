//! What a run did, which is the last that a host learns of it.

use serde::Serialize;

use crate::diagnostics::Diagnostics;

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Everything was read and computed, and every measure was tried.
    #[default]
    Complete,
    /// The person does not consent today.
    NoConsent,
    /// Another run is under way.
    Busy,
    /// The time ended first; the rest is planned.
    OutOfTime,
    /// The run stopped before it was through; the rest is planned.
    Stopped,
}

impl End {
    /// The end as it stands in results and in the memory.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            End::Complete => "complete",
            End::NoConsent => "no-consent",
            End::Busy => "busy",
            End::OutOfTime => "out-of-time",
            End::Stopped => "stopped",
        }
    }
}

/// What a run did, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How it ended.
    pub end: End,
    /// Contributions planned that never were before.
    pub planned: usize,
    /// Measures that the server took.
    pub sent: usize,
    /// Measures that can never be sent.
    pub refused: usize,
    /// Measures sent without an answer that tells what became of them.
    pub unknown: usize,
    /// Measures cancelled, because consent was withdrawn.
    pub cancelled: usize,
    /// Measures that wait.
    pub left: usize,
    /// Measures that wait for a definition which the server does not have yet;
    /// they are among those that are left.
    pub held: usize,
    /// Whether it may be begun again at once: it stopped before it sent
    /// anything.
    pub retry: bool,
    /// Whether the stack took a further job, which goes on where the time ended.
    pub continues: bool,
    /// What was noticed in the documents.
    pub diagnostics: Diagnostics,
}
