//! What an explanation holds.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::reason::Reason;
use super::rule::Rule;
use crate::calendar::Day;
use crate::consent::Interval;
use crate::diagnostics::{Code, Diagnostics};
use crate::ledger::State;
use crate::measure::Measure;

/// Every event and what became of it, every cell and what it is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// The events, as read.
    pub events: Vec<ExplainedEvent>,
    /// The cells: those of the periods computed, then those that wait in the ledger.
    pub cells: Vec<ExplainedCell>,
    /// The catalog's rules, in its order.
    pub rules: Vec<Rule>,
    /// A sentence for each verdict, reason and notice that occurs.
    pub sentences: BTreeMap<&'static str, &'static str>,
    /// The days on which consent stood when they were over, also of a consent
    /// that was withdrawn since: then nothing is counted, and these are told.
    pub consent: Vec<Interval>,
    /// What the computation itself noticed.
    pub diagnostics: Diagnostics,
}

/// One event document, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExplainedEvent {
    /// How many events were read before it.
    pub index: usize,
    /// Its `_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its `type`, known or not.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its day, if its date can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// Its date and time on the user's wall, without an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moment: Option<String>,
    /// Whether it counts.
    pub verdict: Verdict,
    /// What each indicator that reads it made of it, in the catalog's order.
    pub readings: Vec<Reading>,
}

/// Whether an event counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is in at least one cell.
    Counted,
    /// It is valid and seen, and in no cell: its readings say why.
    NotCounted,
    /// It lies before all that tonight's run reads.
    ReadBefore,
    /// It was left out whole.
    LeftOut(Code),
}

impl Verdict {
    /// `counted`, `not-counted`, `read-before`, or the code of what left it out.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::Counted => "counted",
            Verdict::NotCounted => "not-counted",
            Verdict::ReadBefore => "read-before",
            Verdict::LeftOut(code) => code.as_str(),
        }
    }

    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Verdict::Counted => "The event is in at least one cell.",
            Verdict::NotCounted => "The event is valid, and in no cell.",
            Verdict::ReadBefore => {
                "Earlier runs have read the event's day; tonight's reads later ones, and has what they remember."
            }
            Verdict::LeftOut(code) => code.sentence(),
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What one indicator made of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Reading {
    /// The indicator.
    pub measure_name: String,
    /// The cells the event is in, as places in [`Explanation::cells`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<usize>,
    /// Why it is in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What was noticed where it counted, as a group's value that became `other`.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "codes")]
    pub noticed: Vec<Code>,
}

/// One cell, and the events that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExplainedCell {
    /// The measure: what is to be sent, or what was planned for the cell.
    pub measure: Measure,
    /// The day or month measured.
    pub period: String,
    /// The events that made it, as places in [`Explanation::events`], in the
    /// order of time. A snapshot also has what stands beside the events.
    pub events: Vec<usize>,
    /// What became of it, where the home's ledger knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Whether events came late: they would give another measure now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Whether a part of it is remembered of events that are not there any more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub remembered: bool,
}

fn codes<S: Serializer>(codes: &[Code], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(codes.iter().map(|code| code.as_str()))
}
