//! A contribution's document: outbox and receipt in one.

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::settled::last_day;
use super::{Claim, Contribution};
use crate::base::json::is_default;
use crate::calendar::{Day, Period};
use crate::catalog::{Catalog, Indicator};
use crate::consent::{Consent, Interval};
use crate::decode::{Read, Refusal, Value, deserialized, fields, string_enum};
use crate::limits;
use crate::measure::{Group, Measure};
use crate::scan::Document;

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
    /// The server has no such definition yet, or one with other keys: that is
    /// no fault of the measure, and it waits.
    Held,
}

string_enum!(State {
    "planned" => Planned,
    "sending" => Sending,
    "sent" => Sent,
    "refused" => Refused,
    "unknown" => Unknown,
    "cancelled" => Cancelled,
    "held" => Held,
});

impl State {
    /// Whether a run still has something to do with it.
    pub(crate) fn waits(self) -> bool {
        matches!(self, State::Planned | State::Sending | State::Held)
    }
}

/// The stamp of what a command writes: no run takes it for a write of its own.
#[cfg(feature = "rights")]
pub(crate) const COMMAND: &str = "command";

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
    /// In whose name its cell is claimed, if that is not its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    together: Option<String>,
    /// The consented days that its value was made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    made_of: Vec<Interval>,
    /// A number that is the same as long as of its definition nothing but names
    /// of keys and texts for people change.
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<String>,
    /// Since when it is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_since: Option<Day>,
    /// How many commands had changed the home when it was planned.
    #[serde(skip_serializing_if = "is_default")]
    changes: u64,
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
            together: None,
            made_of: Vec::new(),
            form: None,
            held_since: None,
            changes: 0,
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
            optional "together" => self.together,
            optional "madeOf" => self.made_of,
            optional "form" => self.form,
            optional "heldSince" => self.held_since,
            optional "changes" => self.changes,
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
    /// Plans a contribution, in a home that so many commands changed.
    pub(crate) fn planned(
        contribution: &Contribution,
        catalog: &Catalog,
        consent: &Consent,
        at: String,
        changes: u64,
    ) -> Entry {
        let Contribution { id, together, period, measure } = contribution;
        let looks_back = catalog.named(&measure.name).is_some_and(Indicator::looks_back);
        let first = if looks_back { None } else { Some(period.first_day()) };
        Entry {
            id: id.clone(),
            waits: true,
            period: period.to_string(),
            measure: Payload(measure.to_json()),
            consent: consent.basis().map(str::to_owned),
            planned_at: at.clone(),
            changed_at: at,
            together: together.clone(),
            made_of: consent.within(first, period.last_day()),
            form: catalog.form(&measure.name),
            changes,
            ..Entry::blank()
        }
    }

    /// Whether it waits as a run planned it that had lost its lease to a command:
    /// what it was made of is not what the home has now.
    pub(crate) fn is_outdated(&self, changes: u64) -> bool {
        matches!(self.state, State::Planned | State::Held) && self.changes < changes
    }

    /// The entry in the place of one that is outdated: it is stored over it, and
    /// waits for its definition as long as that did.
    pub(crate) fn in_place_of(self, outdated: Entry) -> Entry {
        let Entry { rev, state, reason, held_since, .. } = outdated;
        Entry { rev, state, reason, held_since, ..self }
    }

    /// Whether a run takes it up: it waits or, where that is configured, may
    /// have left already and is sent once more.
    pub(crate) fn is_taken_up(&self, resends: bool) -> bool {
        let is_doubtful = self.state == State::Unknown || self.state == State::Sending && self.waits;
        let is_planned = matches!(self.state, State::Planned | State::Held) && self.waits;
        !self.imported && (is_planned || resends && is_doubtful)
    }

    /// Its measure, if the document still holds one that may be sent.
    pub(crate) fn measure(&self) -> Option<Measure> {
        Measure::read(Document::parse(self.measure.0.as_bytes())?)
    }

    /// Its measure, if it may leave today under this consent; else the state
    /// that it ends in, and why.
    pub(crate) fn sendable(
        &self,
        catalog: &Catalog,
        consent: &Consent,
        today: Day,
    ) -> Result<Measure, (State, &'static str)> {
        let measure = self.measure().filter(|measure| catalog.admits(measure));
        let measure = measure.ok_or((State::Refused, "the catalog has no such measure"))?;
        if self.held_since.is_some() && self.form != catalog.form(&measure.name) {
            return Err((State::Refused, "its definition changed while it was held"));
        }
        if self.held_since.is_some_and(|since| today > since.plus(limits::HELD_DAYS)) {
            return Err((State::Refused, "it was held too long: the server has no such definition"));
        }
        let period = self.period().ok_or((State::Refused, "its period cannot be read"))?;
        if !consent.touches(period.first_day(), period.last_day()) {
            return Err((State::Cancelled, "its period is not consented"));
        }
        if !consent.covers(&self.made_of) {
            return Err((State::Cancelled, "it was made of days that are no longer consented"));
        }
        Ok(measure)
    }

    /// The entry under the names that the catalog has for its keys now, if
    /// nothing else of its definition changed.
    pub(crate) fn renamed(&self, catalog: &Catalog) -> Option<Entry> {
        let measure = self.measure().filter(|measure| !catalog.admits(measure))?;
        let indicator = catalog.named(&measure.name)?;
        if self.form.is_none() || self.form != catalog.form(&measure.name) {
            return None;
        }
        let keys = indicator.definition.groups.iter().map(|group| group.key.clone());
        let values = measure.groups.iter().map(|group| group.value.clone());
        let groups = keys.zip(values).map(|(key, value)| Group { key, value }).collect();
        let measure = Payload(Measure { groups, ..measure }.to_json());
        Some(Entry { measure, ..self.clone() })
    }

    /// Whether what was computed differs from what was planned in its value or
    /// in a group; under which key a group stands does not matter.
    pub(crate) fn differs_from(&self, computed: &Measure) -> bool {
        let Some(planned) = self.measure() else { return true };
        let planned_groups = planned.groups.iter().map(|group| &group.value);
        planned.value != computed.value
            || !planned_groups.eq(computed.groups.iter().map(|group| &group.value))
    }

    /// What claims its cell for it; none if it holds no measure.
    pub(crate) fn claim(&self) -> Option<Claim> {
        Some(Claim::new(&self.measure()?, self.together.as_ref().unwrap_or(&self.id)))
    }

    /// The entry with the day since when it waits for its definition: today, or
    /// an earlier one.
    pub(crate) fn held(self, today: Day) -> Entry {
        Entry { held_since: self.held_since.or(Some(today)), ..self }
    }

    pub(crate) fn period(&self) -> Option<Period> {
        Period::parse(&self.period)
    }

    /// The last day of which it speaks, by its period and its measure's date.
    pub(crate) fn last_day(&self) -> Option<Day> {
        last_day(self.period(), self.measure().map(|measure| measure.start_date()))
    }

    /// The entry in another state; its revision stays the one it replaces.
    pub(crate) fn into_state(self, state: State, at: String, reason: Option<&str>) -> Entry {
        let reason = reason.map(str::to_owned);
        Entry { state, waits: state.waits(), changed_at: at, reason, ..self }
    }

    /// The entry as one that was planned when so many commands had changed the
    /// home.
    #[cfg(feature = "rights")]
    pub(crate) fn planned_under(self, changes: u64) -> Entry {
        Entry { changes, ..self }
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
