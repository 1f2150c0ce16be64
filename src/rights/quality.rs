//! Report: the quality of a home's data. Which fields of which events are
//! there, what is unknown, twice or out of range; and for each day and month
//! what is expected, what was computed, and what became of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;
use serde_json::value::RawValue;

use super::closing;
use super::document::{Key, Keys};
use super::store::Store;
use super::{Desk, Stop};
use crate::aggregate::compute;
use crate::calendar::{DateTime, Month, Period};
use crate::catalog::ValueRule;
use crate::consent::Consent;
use crate::diagnostics::Diagnostics;
use crate::event::EventType;
use crate::home::HomeReader;
use crate::ledger::{Entry, State};
use crate::limits;
use crate::options::Options;
use crate::scan::{Document, Field, fields};
use crate::timeline::EventReader;

/// The quality of a home's data.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quality {
    events: usize,
    /// Documents under an `_id` that came before.
    duplicates: usize,
    /// Documents whose type is none, or that are no objects.
    unknown_types: usize,
    /// By type of event and field.
    types: BTreeMap<&'static str, TypeQuality>,
    periods: Vec<PeriodQuality>,
}

/// The events of one type.
#[derive(Debug, Default, Serialize)]
struct TypeQuality {
    count: usize,
    fields: BTreeMap<&'static str, FieldQuality>,
}

/// One field that a type of event should have.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldQuality {
    present: usize,
    missing: usize,
    /// Of all, in percent, to one decimal.
    missing_percent: f64,
    /// Values that are not among those there are.
    unknown: usize,
    /// Dates that cannot be read or are to come, numbers beyond their bounds.
    out_of_range: usize,
}

/// One day or month.
#[derive(Debug, Default, Serialize)]
struct PeriodQuality {
    period: String,
    /// Contributions that the documents give now.
    expected: usize,
    /// Contributions in the ledger.
    computed: usize,
    sent: usize,
    refused: usize,
    unknown: usize,
    cancelled: usize,
    waiting: usize,
    /// Expected, and not in the ledger.
    missing: usize,
    /// In the ledger, and no longer expected.
    surplus: usize,
}

/// What a field may hold.
#[derive(Debug, Clone, Copy)]
enum Values {
    /// Any string.
    Text,
    /// One of these, in lower case where they are.
    OneOf(&'static [&'static str]),
    Date,
    /// Whole numbers from the first to the last.
    Whole(f64, f64),
}

const PAGES: &[&str] = &[
    "electricity",
    "gas",
    "eau",
    "water",
    "multifluid",
    "faq",
    "legalNotice",
    "consumption",
    "challenges",
    "ecogestures",
    "analysis",
    "options",
];
const STEPS: &[&str] = &["halfhour", "hour", "day", "week", "month", "year"];
const FLUIDS: &[&str] = &["electricity", "water", "gas", "multifluid"];
const OUTCOMES: &[&str] = &["success", "error"];

/// The fields that an event of this type should have.
fn expected(kind: EventType) -> &'static [(&'static str, Values)] {
    use Values::{Date, OneOf, Text, Whole};
    match kind {
        EventType::ConnectionEvent => &[("context", Text)],
        EventType::NavigationEvent => &[("target", OneOf(PAGES))],
        EventType::KonnectorConnectEvent
        | EventType::KonnectorRefreshEvent
        | EventType::KonnectorAttemptEvent => &[("target", Text), ("result", OneOf(OUTCOMES))],
        EventType::ConsumptionCompareEvent | EventType::ConsumptionChangeTimeStepEvent => {
            &[("target", OneOf(STEPS)), ("context", OneOf(FLUIDS))]
        }
        EventType::ChallengeLaunchEvent => &[("target", Text)],
        EventType::ChallengeEndEvent => &[("target", Text), ("startDate", Date)],
        EventType::DuelLaunchEvent | EventType::ActionChangeEvent => &[("target", Text), ("context", Text)],
        EventType::DuelEndEvent => {
            &[("target", Text), ("startDate", Date), ("result", OneOf(&["win", "loss"]))]
        }
        EventType::QuizEndEvent => {
            &[("target", Text), ("context", Text), ("startDate", Date), ("result", Whole(0.0, 5.0))]
        }
        EventType::ExplorationEndEvent | EventType::ActionEndEvent => {
            &[("target", Text), ("context", Text), ("startDate", Date)]
        }
        EventType::ProfileSetEvent => &[],
        EventType::ReportFromEvent => &[("context", OneOf(&["analysis"])), ("result", Whole(1.0, 1.0))],
    }
}

pub(super) async fn report(desk: &Desk, home: &mut Store) -> Result<Quality, Stop> {
    let settings = &desk.settings;
    let terms = home.all(&desk.options.doctypes.terms).await?;
    let terms: Vec<Document<'_>> =
        terms.iter().map(|stored| Document::known(stored.document.get())).collect();
    let noticed = &mut Diagnostics::default();
    let consent = Consent::from_terms(&terms, &settings.consent_version, &settings.clock, noticed);
    let (_, memory) = closing::memory(desk, home).await?;
    let consent = consent.after(memory.closed_until);
    let options = Options { memory: Some(memory), ..desk.options.clone() };
    let options = options_of_periods(desk, options);

    let mut quality =
        Quality { events: 0, duplicates: 0, unknown_types: 0, types: BTreeMap::new(), periods: Vec::new() };
    let mut reader = EventReader::new(settings, &consent);
    let mut keys = Keys::default();
    let mut seen = HashSet::new();
    let mut documents = home.documents(&desk.options.doctypes.events);
    while let Some(stored) = home.next(&mut documents).await? {
        quality.event(desk, &stored.document, keys.of(&stored.document), &mut seen);
        _ = reader.document(Some(Document::known(stored.document.get())));
    }
    let (timeline, _) = reader.finish();
    let inputs = inputs(desk, home).await?;
    let computed = compute(&options, settings, &consent, &timeline, Some(&inputs), Diagnostics::default());
    let expected: BTreeMap<String, String> =
        computed.contributions.into_iter().map(|each| (each.id, each.period.to_string())).collect();
    quality.percents();
    quality.periods = periods(desk, home, &options, &expected).await?;
    Ok(quality)
}

/// The days and months asked for; else those that a run could still look at.
fn options_of_periods(desk: &Desk, options: Options) -> Options {
    let today = desk.settings.today;
    if options.asked(today).is_some() {
        return options;
    }
    let first = options.first_computed_day(today);
    let from = first.max(today.plus(-limits::OPEN_DAYS)).min(today.previous());
    let months: Vec<Month> = (1..=limits::DUE_MONTHS)
        .rev()
        .map(|back| today.month().plus(-back))
        .filter(|month| *month >= first.month())
        .collect();
    Options { from: Some(from), to: Some(today.previous()), months: Some(months), ..options }
}

impl Quality {
    fn event(&mut self, desk: &Desk, document: &RawValue, key: Key, seen: &mut HashSet<Key>) {
        self.events += 1;
        self.duplicates += usize::from(!seen.insert(key));
        let names = ["type", "eventDate", "target", "context", "result", "startDate"];
        let found = fields(Document::known(document.get()), names);
        let kind = found.and_then(|[kind, ..]| EventType::from_name(&kind?.text()?));
        let (Some(found), Some(kind)) = (found, kind) else {
            self.unknown_types += 1;
            return;
        };
        let of_type = self.types.entry(kind.as_str()).or_default();
        of_type.count += 1;
        let wanted = [("eventDate", Values::Date)];
        for &(name, values) in wanted.iter().chain(expected(kind)) {
            let field = names.iter().position(|each| *each == name).and_then(|at| found[at]);
            of_type.fields.entry(name).or_default().value(desk, field, values);
        }
    }

    fn percents(&mut self) {
        for of_type in self.types.values_mut() {
            let count = of_type.count;
            for field in of_type.fields.values_mut() {
                let tenths = (field.missing * 1_000 + count / 2).checked_div(count).unwrap_or_default();
                field.missing_percent = u32::try_from(tenths).map_or(0.0, f64::from) / 10.0;
            }
        }
    }
}

impl FieldQuality {
    fn value(&mut self, desk: &Desk, field: Option<Field<'_>>, values: Values) {
        let Some(field) = field.filter(|field| !field.is_null()) else {
            self.missing += 1;
            return;
        };
        self.present += 1;
        let text = field.text();
        match (values, text) {
            (Values::Text, text) => self.unknown += usize::from(text.is_none()),
            (Values::OneOf(all), text) => {
                let is_known = text.is_some_and(|text| {
                    all.contains(&&*text) || all != PAGES && all.contains(&&*text.to_ascii_lowercase())
                });
                self.unknown += usize::from(!is_known);
            }
            (Values::Date, text) => {
                let moment = text.and_then(|text| DateTime::parse_rfc3339(&text));
                let moment = moment.map(|written| desk.settings.clock.moment(written));
                self.out_of_range += usize::from(moment.is_none_or(|moment| moment > desk.settings.now));
            }
            (Values::Whole(first, last), text) => {
                let digits = text.as_deref().or_else(|| field.number());
                let number = digits.and_then(|digits| digits.parse::<f64>().ok());
                let is_within =
                    number.is_some_and(|number| (first..=last).contains(&number) && number.fract() == 0.0);
                self.out_of_range += usize::from(!is_within);
            }
        }
    }
}

async fn inputs(desk: &Desk, home: &Store) -> Result<crate::home::Home, Stop> {
    let doctypes = &desk.options.doctypes;
    let mut reader = HomeReader::new(&desk.settings.clock, desk.options.konnectors());
    let all = async |doctype: &str| home.all(doctype).await;
    let read = |stored: &[super::store::Stored]| -> Vec<Box<RawValue>> {
        stored.iter().map(|stored| stored.document.clone()).collect()
    };
    fn borrowed(documents: &[Box<RawValue>]) -> Vec<Document<'_>> {
        documents.iter().map(|document| Document::known(document.get())).collect()
    }
    reader.profiles(&borrowed(&read(&all(&doctypes.profile).await?)));
    reader.profile_types(&borrowed(&read(&all(&doctypes.profile_type).await?)));
    for (&fluid, doctype) in &doctypes.monthly_loads {
        reader.monthly_loads(fluid, &borrowed(&read(&all(doctype).await?)));
    }
    for (&fluid, doctype) in &doctypes.half_hour_loads {
        let mut documents = home.documents(doctype);
        while let Some(stored) = home.next(&mut documents).await? {
            reader.half_hour_loads(fluid, &[Document::known(stored.document.get())]);
        }
    }
    let (accounts, triggers) = (all(&doctypes.accounts).await?, all(&doctypes.triggers).await?);
    reader.accounts(&borrowed(&read(&accounts)), &borrowed(&read(&triggers)));
    Ok(reader.finish().0)
}

/// Compares by identity, so that one too many never makes up for one too few.
async fn periods(
    desk: &Desk,
    home: &Store,
    options: &Options,
    expected: &BTreeMap<String, String>,
) -> Result<Vec<PeriodQuality>, Stop> {
    let asked = options.asked(desk.settings.today).unwrap_or_default();
    let all = asked.days.into_iter().map(Period::Day).chain(asked.months.into_iter().map(Period::Month));
    let mut periods: BTreeMap<String, PeriodQuality> = all
        .map(|period| {
            (period.to_string(), PeriodQuality { period: period.to_string(), ..Default::default() })
        })
        .collect();
    // Of a snapshot only the last day's can be expected again.
    let is_snapshot = |value: &ValueRule| matches!(value, ValueRule::Snapshot { .. });
    let snapshots: BTreeSet<&str> = desk
        .settings
        .catalog
        .definitions()
        .filter(|definition| is_snapshot(&definition.value))
        .map(|definition| definition.name.as_str())
        .collect();
    let mut known = BTreeSet::new();
    let mut documents = home.documents(&desk.options.doctypes.measures);
    while let Some(stored) = home.next(&mut documents).await? {
        let Ok(entry) = serde_json::from_str::<Entry>(stored.document.get()) else { continue };
        let Some(period) = periods.get_mut(&entry.period) else { continue };
        period.computed += 1;
        let counted = match entry.state {
            State::Sent => &mut period.sent,
            State::Refused => &mut period.refused,
            State::Unknown => &mut period.unknown,
            State::Cancelled => &mut period.cancelled,
            State::Planned | State::Sending => &mut period.waiting,
        };
        *counted += 1;
        let is_of_snapshot = entry.measure().is_some_and(|measure| snapshots.contains(measure.name()));
        period.surplus += usize::from(!is_of_snapshot && !expected.contains_key(&entry.id));
        known.insert(entry.id);
    }
    for (id, period) in expected {
        if let Some(period) = periods.get_mut(period) {
            period.expected += 1;
            period.missing += usize::from(!known.contains(id));
        }
    }
    Ok(periods.into_values().collect())
}
