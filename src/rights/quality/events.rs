//! What the events of a home hold: which fields are there, and what is
//! unknown, twice or out of range.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::couch::is_document_of_app;
use crate::options::Settings;
use crate::rights::collection::Collection;
use crate::rights::document::{Key, Keys};
use crate::scan::{Document, Field, fields};

/// The events of a home.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventQuality {
    events: usize,
    /// Documents under an `_id` that came before.
    duplicates: usize,
    /// CouchDB's own documents and deleted ones, which are in no other count.
    not_the_apps: usize,
    /// Documents whose type is none, or that are no objects.
    unknown_types: usize,
    #[serde(flatten)]
    undated: Undated,
    /// By type of event and field.
    types: BTreeMap<String, TypeQuality>,
}

/// Events that lie on no day, and count for nothing.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(in crate::rights) struct Undated {
    /// Those whose date cannot be read, or is more than a year ahead.
    undated: usize,
    /// Those of them of which nothing says when they were made: `retention`
    /// never lets them go, a purge does.
    ageless: usize,
}

impl Undated {
    pub(in crate::rights) fn count(&mut self, event: &RawValue, settings: &Settings) {
        let (event, clock, today) = (Document::known(event.get()), &settings.clock, settings.today);
        self.undated += usize::from(Collection::is_undated(event, clock, today));
        self.ageless += usize::from(Collection::is_ageless(event, clock, today));
    }
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

/// What a field may hold.
#[derive(Debug, Clone, Copy)]
enum Values {
    /// Any string.
    Text,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// One of these, whichever letters are capitals.
    OneOfLowercase(&'static [&'static str]),
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
fn expected(kind: &str) -> &'static [(&'static str, Values)] {
    use Values::{Date, OneOf, OneOfLowercase, Text, Whole};
    match kind {
        "ConnectionEvent" => &[("context", Text)],
        "NavigationEvent" => &[("target", OneOf(PAGES))],
        "KonnectorConnectEvent" | "KonnectorRefreshEvent" | "KonnectorAttemptEvent" => {
            &[("target", Text), ("result", OneOf(OUTCOMES))]
        }
        "ConsumptionCompareEvent" | "ConsumptionChangeTimeStepEvent" => {
            &[("target", OneOfLowercase(STEPS)), ("context", OneOfLowercase(FLUIDS))]
        }
        "ChallengeLaunchEvent" => &[("target", Text)],
        "ChallengeEndEvent" => &[("target", Text), ("startDate", Date)],
        "DuelLaunchEvent" | "ActionChangeEvent" => &[("target", Text), ("context", Text)],
        "DuelEndEvent" => &[("target", Text), ("startDate", Date), ("result", OneOf(&["win", "loss"]))],
        "QuizEndEvent" => {
            &[("target", Text), ("context", Text), ("startDate", Date), ("result", Whole(0.0, 5.0))]
        }
        "ExplorationEndEvent" | "ActionEndEvent" => {
            &[("target", Text), ("context", Text), ("startDate", Date)]
        }
        "ReportFromEvent" => &[("context", OneOf(&["analysis"])), ("result", Whole(1.0, 1.0))],
        _ => &[],
    }
}

/// Looks at one event after the other.
pub(super) struct Inspection<'s> {
    settings: &'s Settings,
    keys: Keys,
    seen: HashSet<Key>,
    found: EventQuality,
}

impl<'s> Inspection<'s> {
    pub(super) fn new(settings: &'s Settings) -> Inspection<'s> {
        let (keys, seen, found) = Default::default();
        Inspection { settings, keys, seen, found }
    }

    pub(super) fn look_at(&mut self, document: &RawValue) {
        if !is_document_of_app(Document::known(document.get())) {
            self.found.not_the_apps += 1;
            return;
        }
        self.found.events += 1;
        self.found.undated.count(document, self.settings);
        self.found.duplicates += usize::from(!self.seen.insert(self.keys.of(document)));
        let names = ["type", "eventDate", "target", "context", "result", "startDate"];
        let found = fields(Document::known(document.get()), names);
        let shape = self.settings.catalog.shape();
        let kind = found.and_then(|[kind, ..]| shape.find_type(kind?.text()?.as_bytes()));
        let (Some(found), Some(kind)) = (found, kind) else {
            self.found.unknown_types += 1;
            return;
        };
        let kind = shape.type_name(kind);
        let of_type = self.found.types.entry(kind.to_owned()).or_default();
        of_type.count += 1;
        let wanted = [("eventDate", Values::Date)];
        for &(name, values) in wanted.iter().chain(expected(kind)) {
            let field = names.iter().position(|each| *each == name).and_then(|at| found[at]);
            of_type.fields.entry(name).or_default().value(self.settings, field, values);
        }
    }

    pub(super) fn finish(mut self) -> EventQuality {
        for of_type in self.found.types.values_mut() {
            let count = of_type.count;
            for field in of_type.fields.values_mut() {
                let tenths = (field.missing * 1_000 + count / 2).checked_div(count).unwrap_or_default();
                field.missing_percent = u32::try_from(tenths).map_or(0.0, f64::from) / 10.0;
            }
        }
        self.found
    }
}

impl FieldQuality {
    fn value(&mut self, settings: &Settings, field: Option<Field<'_>>, values: Values) {
        let Some(field) = field.filter(|field| !field.is_null()) else {
            self.missing += 1;
            return;
        };
        self.present += 1;
        let text = field.text();
        let is_unknown = match values {
            Values::Text => text.is_none(),
            Values::OneOf(all) => text.is_none_or(|text| !all.contains(&&*text)),
            Values::OneOfLowercase(all) => {
                text.is_none_or(|text| !all.contains(&&*text.to_ascii_lowercase()))
            }
            Values::Date => {
                let moment = text.and_then(|text| settings.clock.read(&text));
                self.out_of_range += usize::from(moment.is_none_or(|moment| moment > settings.now));
                false
            }
            Values::Whole(first, last) => {
                let digits = text.as_deref().or_else(|| field.number());
                let number = digits.and_then(|digits| digits.parse::<f64>().ok());
                let is_within =
                    number.is_some_and(|number| (first..=last).contains(&number) && number.fract() == 0.0);
                self.out_of_range += usize::from(!is_within);
                false
            }
        };
        self.unknown += usize::from(is_unknown);
    }
}
