//! The ledger: what a home contributes, once and never again.
//!
//! Each contribution is one document whose `_id` follows from its identity, so
//! that CouchDB's own conflict keeps it from being planned twice, also by two
//! runs at once. The document is outbox and receipt: it holds the measure, what
//! became of it and when, and the consent it rests on.
//!
//! ```text
//! planned ─→ sending ─→ sent
//!    │  ↖──────┤  ├───→ refused
//!    ↓         │  └──→ unknown (and back, only where that is configured)
//! cancelled    └ surely did not arrive
//! ```

use std::fmt::Write as _;

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::calendar::{Period, PeriodKind};
use crate::catalog::Catalog;
use crate::consent::Consent;
use crate::diagnostics::{Code, Diagnostics};
use crate::indicator::Fold;
use crate::limits;
use crate::map::Map;
use crate::measure::Measure;
use crate::read::{Read, Refusal, Value, deserialized, fields, words};
use crate::scan::Document;

/// One measure and the identity under which the home contributes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contribution {
    /// The `_id` of its document.
    pub(crate) id: String,
    pub(crate) period: Period,
    pub(crate) measure: Measure,
}

impl Contribution {
    /// The contribution of a measure that comes after others in the order of
    /// measures. Where each observation is sent, it is known by its event, so
    /// that a value which a late event changes stays the same observation.
    pub(crate) fn after(
        earlier: &[Contribution],
        fold: &Fold<'_>,
        measure: Measure,
        event: Option<u32>,
    ) -> Contribution {
        let Fold { indicator, period, subject, .. } = *fold;
        let groups = measure.groups.iter().zip(&indicator.identity);
        let values = groups.filter(|(_, identifies)| **identifies).map(|(group, _)| group.value.as_str());
        let period_text = period.to_string();
        let cell = identity([&*measure.name, &period_text].into_iter().chain(values));
        let Some(event) = event else {
            return Contribution { id: cell, period, measure };
        };
        let of_period = |other: &&Contribution| other.period == period && other.measure.name == measure.name;
        let of_period = earlier.iter().rev().take_while(of_period);
        let marked = format!("{cell}:{:016x}:", subject.timeline.mark(event));
        // Events without an id have one mark. Those of one identity need not
        // stand together: they differ in groups that do not identify.
        let id = format!("{marked}{}", of_period.filter(|other| other.id.starts_with(&marked)).count());
        Contribution { id, period, measure }
    }

    pub(crate) fn is_of_day(&self) -> bool {
        self.period.kind() == PeriodKind::Day
    }

    /// Its own id, and those of what an earlier run can have planned for its cell
    /// in the name of another month.
    pub(crate) fn ids(&self) -> Vec<String> {
        std::iter::once(self.id.clone()).chain(self.rivals()).collect()
    }

    /// A month that carries the date of its run has the cells of any other
    /// month that was due on that date.
    fn rivals(&self) -> impl Iterator<Item = String> {
        let Contribution { id, period, measure, .. } = self;
        let before = |period: &Period| identity([&*measure.name, &period.to_string()].into_iter());
        let groups = id.strip_prefix(&before(period)).unwrap_or_default();
        let carries_own_date = measure.start_date == period.first_day();
        let backs = (1..=limits::DUE_MONTHS).filter(move |_| !carries_own_date);
        let months = backs.map(|back| Period::Month(measure.start_date.month().plus(-back)));
        months.filter(move |month| month != period).map(move |month| before(&month) + groups)
    }
}

/// Whether the ledger holds measures of another month under the date that new
/// ones carry: their month waits for a date of its own.
pub(crate) fn is_date_taken<'a>(
    contributions: impl IntoIterator<Item = &'a Contribution>,
    known: &Map<String, Entry>,
) -> bool {
    let mut new = contributions.into_iter().filter(|contribution| !known.contains_key(&contribution.id));
    new.any(|contribution| {
        let date = Some(contribution.measure.start_date);
        let rivals = contribution.rivals().filter_map(|id| known.get(&id)?.measure());
        rivals.map(|measure| Some(measure.start_date)).any(|taken| taken == date)
    })
}

/// A contribution as a recording holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Planned {
    id: String,
    pub(crate) period: String,
    measure: Box<RawValue>,
}

impl Planned {
    pub(crate) fn new(contribution: &Contribution) -> Option<Planned> {
        Some(Planned {
            id: contribution.id.clone(),
            period: contribution.period.to_string(),
            measure: RawValue::from_string(contribution.measure.to_json()).ok()?,
        })
    }

    pub(crate) fn read(&self) -> Option<Contribution> {
        Some(Contribution {
            id: self.id.clone(),
            period: Period::parse(&self.period)?,
            measure: Measure::read(Document::known(self.measure.get()))?,
        })
    }
}

/// Parts joined by `:`, all but plain characters escaped: equal only if all
/// parts are.
fn identity<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut id = String::new();
    for (position, part) in parts.enumerate() {
        if position > 0 {
            id.push(':');
        }
        for byte in part.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => id.push(char::from(byte)),
                _ => _ = write!(id, "_{byte:02x}"),
            }
        }
    }
    id
}

/// The contributions that were never planned. What is planned stays as it is,
/// whatever came late; that is counted.
pub(crate) fn never_planned<'a>(
    contributions: &'a [Contribution],
    known: &Map<String, Entry>,
    diagnostics: &mut Diagnostics,
) -> Vec<&'a Contribution> {
    let mut new = Vec::new();
    for contribution in contributions {
        match known.get(&contribution.id) {
            None => new.push(contribution),
            Some(entry) if entry.measure().as_ref() != Some(&contribution.measure) => {
                diagnostics.add(Code::LateCellKept);
            }
            Some(_) => {}
        }
    }
    new
}

/// What became of a contribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// It waits to be sent.
    Planned,
    /// Its request may be under way.
    Sending,
    /// The server took it.
    Sent,
    /// It never can be sent; the reason tells.
    Refused,
    /// It may have been stored; it is not sent again, unless that is configured.
    Unknown,
    /// Consent was withdrawn before it was sent.
    Cancelled,
}

words!(State {
    "planned" => Planned,
    "sending" => Sending,
    "sent" => Sent,
    "refused" => Refused,
    "unknown" => Unknown,
    "cancelled" => Cancelled,
});

impl State {
    /// Whether a run still has something to do with it.
    pub(crate) fn waits(self) -> bool {
        matches!(self, State::Planned | State::Sending)
    }
}

/// A contribution's document.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(rename = "_id")]
    pub(crate) id: String,
    #[serde(rename = "_rev", skip_serializing_if = "Option::is_none")]
    pub(crate) rev: Option<String>,
    pub(crate) state: State,
    /// `true` while a run still has something to do with it: what is searched for.
    waits: bool,
    /// The day or month measured.
    pub(crate) period: String,
    /// The payload.
    measure: Payload,
    /// The `_id` of the document of the terms it rests on.
    pub(crate) consent: Option<String>,
    /// When it was planned, and when its state last changed.
    pub(crate) planned_at: String,
    pub(crate) changed_at: String,
    /// Who wrote it last: tells a write whose answer was lost from another's.
    pub(crate) stamp: String,
    /// The status of the server's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// Why it is in its state, where that needs a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Whether it came from elsewhere, and is history: no run ever sends it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    imported: bool,
}

/// A later version may write more, of which this one knows nothing: it is no
/// reason not to know the entry.
impl Read for Entry {
    fn blank() -> Self {
        Entry {
            id: String::new(),
            rev: None,
            state: State::Planned,
            waits: false,
            period: String::new(),
            measure: Payload(String::new()),
            consent: None,
            planned_at: String::new(),
            changed_at: String::new(),
            stamp: String::new(),
            status: None,
            reason: None,
            imported: false,
        }
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        let _unknown = fields!(value.known_fields {
            required "_id" => self.id,
            optional "_rev" => self.rev,
            required "state" => self.state,
            required "waits" => self.waits,
            required "period" => self.period,
            required "measure" => self.measure,
            optional "consent" => self.consent,
            required "plannedAt" => self.planned_at,
            required "changedAt" => self.changed_at,
            required "stamp" => self.stamp,
            optional "status" => self.status,
            optional "reason" => self.reason,
            optional "imported" => self.imported,
        })?;
        Ok(())
    }
}

deserialized!(Entry);

/// A measure as it was written, which is how it stays.
#[derive(Debug, Clone)]
struct Payload(String);

impl Read for Payload {
    fn blank() -> Self {
        Payload(String::new())
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        self.0 = value.json().into_owned();
        Ok(())
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json: &RawValue = serde_json::from_str(&self.0).map_err(S::Error::custom)?;
        json.serialize(serializer)
    }
}

impl Entry {
    /// Plans a contribution.
    pub(crate) fn planned(contribution: &Contribution, consent: Option<&str>, at: String) -> Entry {
        Entry {
            id: contribution.id.clone(),
            rev: None,
            state: State::Planned,
            waits: true,
            period: contribution.period.to_string(),
            measure: Payload(contribution.measure.to_json()),
            consent: consent.map(str::to_owned),
            planned_at: at.clone(),
            changed_at: at,
            stamp: String::new(),
            status: None,
            reason: None,
            imported: false,
        }
    }

    /// Whether a run takes it up: it waits or, where that is configured, may
    /// have left already and is sent once more.
    pub(crate) fn is_taken_up(&self, resends: bool) -> bool {
        let is_doubtful = self.state == State::Unknown || self.state == State::Sending && self.waits;
        let is_planned = self.state == State::Planned && self.waits;
        !self.imported && (is_planned || resends && is_doubtful)
    }

    /// Its measure, if the document still holds one that may be sent.
    pub(crate) fn measure(&self) -> Option<Measure> {
        Measure::read(Document::parse(self.measure.0.as_bytes())?)
    }

    /// Its measure, if it may leave under this consent; else the state that it
    /// ends in, and why.
    pub(crate) fn sendable(
        &self,
        catalog: &Catalog,
        consent: &Consent,
    ) -> Result<Measure, (State, &'static str)> {
        let measure = self.measure().filter(|measure| catalog.admits(measure));
        let measure = measure.ok_or((State::Refused, "the catalog has no such measure"))?;
        let period = self.period().ok_or((State::Refused, "its period cannot be read"))?;
        if consent.touches(period.first_day(), period.last_day()) {
            Ok(measure)
        } else {
            Err((State::Cancelled, "its period is not consented"))
        }
    }

    pub(crate) fn period(&self) -> Option<Period> {
        Period::parse(&self.period)
    }

    /// The entry in another state; its revision stays the one it replaces.
    pub(crate) fn into_state(self, state: State, at: String, reason: Option<&str>) -> Entry {
        let reason = reason.map(str::to_owned);
        Entry { state, waits: state.waits(), changed_at: at, reason, ..self }
    }

    /// The entry as this write leaves it.
    pub(crate) fn stamped(self, stamp: &str) -> Entry {
        Entry { stamp: stamp.to_owned(), ..self }
    }

    /// The entry under its new revision.
    pub(crate) fn at_revision(self, rev: String) -> Entry {
        Entry { rev: Some(rev), ..self }
    }

    pub(crate) fn with_status(self, status: Option<u16>) -> Entry {
        Entry { status, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::identity;

    #[test]
    fn identities_are_equal_only_if_all_parts_are() {
        let id = |parts: &[&str]| identity(parts.iter().copied());
        assert_eq!(
            id(&["konnector-event-daily", "2024-03-09", "enedis_x", "ok"]),
            "konnector-event-daily:2024-03-09:enedis_5fx:ok"
        );
        assert_ne!(id(&["a", "b:c"]), id(&["a:b", "c"]));
        assert_ne!(id(&["a", "b", ""]), id(&["a", "b"]));
        assert_ne!(id(&["a_3a"]), id(&["a:"]));
        assert_eq!(id(&["é/%"]), "_c3_a9_2f_25");
    }
}
