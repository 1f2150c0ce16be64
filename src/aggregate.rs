//! Bytes to measures: the whole computation, for events alone or a whole home.

use serde::Serialize;

use crate::Error;
use crate::aggregation::Aggregation;
use crate::calendar::Period;
use crate::consent::{Consent, Standing};
use crate::diagnostics::{Code, Diagnostics};
use crate::facts::{Facts, Memory};
use crate::home::{Home, HomeFile, HomeReader};
use crate::indicator::{Beside, Fold, Gathered, Subject};
use crate::json::{Object, array};
use crate::ledger::{Contribution, Entry, State, never_planned};
use crate::map::Map;
use crate::measure::Measure;
use crate::options::{Options, Settings};
use crate::read::read;
use crate::scan;
use crate::timeline::{EventReader, Stretch, Timeline};

/// What a computation gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The measures: days before months, then by date, by the catalog's order,
    /// by the groups' values.
    pub measures: Vec<Measure>,
    /// What was noticed and not stopped for.
    pub diagnostics: Diagnostics,
}

impl Outcome {
    /// The outcome as JSON: `{"measures": […], "diagnostics": {…}}`.
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        let mut outcome = Object::begin(&mut json);
        array(outcome.key("measures"), &self.measures, Measure::write_json);
        self.diagnostics.write_json(outcome.key("diagnostics"));
        outcome.end();
        json
    }
}

/// Computes the indicators that are made of events alone.
///
/// `bytes` is a JSON array of events, a `_find` answer, or NDJSON. Without
/// [`Options::consent`] nothing is computed.
///
/// # Errors
/// If the bytes are none of these, or an option cannot be used.
///
/// ```
/// use dacc_aggregator::{Options, aggregate};
///
/// let events = br#"[{"type": "ProfileSetEvent", "eventDate": "2024-03-09T14:03:11Z"}]"#;
/// let options = Options::from_json(
///     r#"{"now": "2024-03-10T02:00:00", "consent": [{"from": "2024-01-01"}]}"#,
/// ).unwrap();
/// let outcome = aggregate(events, &options).unwrap();
/// assert_eq!(outcome.measures[0].name(), "navigation-action-daily");
/// ```
pub fn aggregate(bytes: &[u8], options: &Options) -> Result<Outcome, Error> {
    let mut aggregation = Aggregation::new(options.clone())?;
    aggregation.expect(bytes.len());
    aggregation.feed(bytes)?;
    aggregation.finish()
}

/// Computes all indicators of a home file, `{"<doctype>": [document, …], …}`.
///
/// Consent is read from the home's terms, unless [`Options::consent`] is given.
/// Where no periods are asked for, these are the measures that tonight's run
/// would send: with the home's memory and ledger, if the file has them, what
/// waits and what was never planned.
///
/// # Errors
/// If the bytes are not a home file, or an option cannot be used.
pub fn aggregate_home(bytes: &[u8], options: &Options) -> Result<Outcome, Error> {
    let settings = options.settings()?;
    let file = HomeFile::read(bytes)?;
    let mut diagnostics = Diagnostics::default();
    let Some(consent) = standing_consent(&file, options, &settings, &mut diagnostics)? else {
        return Ok(without_consent(diagnostics));
    };
    let mut reader = EventReader::new(&settings, &consent);
    for document in file.documents(&options.doctypes.events)? {
        _ = reader.document(Some(document));
    }
    let (timeline, noticed) = reader.finish();
    diagnostics.merge(&noticed);
    let home = read_home(&file, options, &settings, &mut diagnostics)?;
    if options.asked(settings.today).is_some() {
        let given =
            Given { options, settings: &settings, consent: &consent, timeline: &timeline, home: Some(&home) };
        return Ok(given.outcome(diagnostics));
    }
    let memory = options.memory.clone().or(remembered(&file, &options.doctypes.memory)?);
    let options = Options { memory, ..options.clone() };
    let computed = compute(&options, &settings, &consent, &timeline, Some(&home), diagnostics);
    Ok(tonight(computed, &ledger(&file, &options.doctypes.measures)?))
}

/// The consent that a home gives, or that the options vouch for; `None` where
/// none stands today, so that nothing more may be read.
pub(crate) fn standing_consent(
    file: &HomeFile<'_>,
    options: &Options,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Consent>, Error> {
    let consent = match &options.consent {
        Some(intervals) => Consent::new(intervals.clone())?,
        None => {
            let terms = file.documents(&options.doctypes.terms)?;
            Consent::from_terms(&terms, &settings.consent_version, &settings.clock, diagnostics)
        }
    };
    let is_gone = options.consent.is_none() && consent.standing(settings.today) != Standing::Given;
    let memory = options.memory.clone().or(remembered(file, &options.doctypes.memory)?);
    let consent = consent.after(memory.and_then(|memory| memory.closed_until));
    Ok((!is_gone && !consent.is_empty()).then_some(consent))
}

/// Everything of a home file but its events and terms.
pub(crate) fn read_home(
    file: &HomeFile<'_>,
    options: &Options,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Result<Home, Error> {
    let mut reader = HomeReader::new(&settings.clock, options.konnectors());
    reader.file(file, &options.doctypes)?;
    let (home, noticed) = reader.finish();
    diagnostics.merge(&noticed);
    Ok(home)
}

/// The ledger of a home file, by the ids of its entries.
pub(crate) fn ledger(file: &HomeFile<'_>, doctype: &str) -> Result<Map<String, Entry>, Error> {
    let documents = file.documents(doctype)?;
    let mut entries = Map::new();
    for entry in documents.iter().filter_map(|document| read::<Entry>(document.bytes()).ok()) {
        entries.insert(entry.id.clone(), entry);
    }
    Ok(entries)
}

/// The memory document of a home file, if it has one that can be read.
pub(crate) fn remembered(file: &HomeFile<'_>, doctype: &str) -> Result<Option<Memory>, Error> {
    let documents = file.documents(doctype)?;
    let memory = documents.first().and_then(|&document| scan::fields(document, ["memory"]));
    Ok(memory.and_then(|[memory]| read(memory?.document()?.bytes()).ok()))
}

/// What tonight's run would send: what waits in the ledger, then what was
/// never planned.
fn tonight(computed: Computed, known: &Map<String, Entry>) -> Outcome {
    let mut diagnostics = computed.diagnostics;
    let new = never_planned(&computed.contributions, known, &mut diagnostics);
    let waiting = known.values().filter(|entry| entry.state == State::Planned).filter_map(Entry::measure);
    let measures = waiting.chain(new.into_iter().map(|contribution| contribution.measure.clone()));
    Outcome { measures: measures.collect(), diagnostics }
}

/// The `home` field of a home file: its name in a file of many.
///
/// # Errors
/// If the bytes are not a home file.
pub fn home_name(bytes: &[u8]) -> Result<Option<String>, Error> {
    Ok(HomeFile::read(bytes)?.name())
}

pub(crate) fn without_consent(mut diagnostics: Diagnostics) -> Outcome {
    diagnostics.add(Code::ConsentMissing);
    Outcome { measures: Vec::new(), diagnostics }
}

/// A computation whose contributions are not yet looked up in the ledger.
#[derive(Debug)]
pub(crate) struct Computed {
    pub(crate) contributions: Vec<Contribution>,
    pub(crate) facts: Facts,
    pub(crate) diagnostics: Diagnostics,
}

/// Computes the periods asked for, or those that are due.
pub(crate) fn compute(
    options: &Options,
    settings: &Settings,
    consent: &Consent,
    timeline: &Timeline,
    home: Option<&dyn Beside>,
    mut diagnostics: Diagnostics,
) -> Computed {
    let mut contributions: Vec<Contribution> = Vec::new();
    let given = Given { options, settings, consent, timeline, home };
    let facts = given.fold(&mut diagnostics, &mut |fold, measure| {
        let contribution = Contribution::after(&contributions, fold.indicator, fold.period, measure);
        contributions.push(contribution);
    });
    Computed { contributions, facts, diagnostics }
}

/// What a computation is made of.
pub(crate) struct Given<'a> {
    pub(crate) options: &'a Options,
    pub(crate) settings: &'a Settings,
    pub(crate) consent: &'a Consent,
    pub(crate) timeline: &'a Timeline,
    pub(crate) home: Option<&'a dyn Beside>,
}

impl Given<'_> {
    /// The measures alone, which no ledger is asked about.
    pub(crate) fn outcome(&self, mut diagnostics: Diagnostics) -> Outcome {
        let mut measures = Vec::new();
        self.fold(&mut diagnostics, &mut |_, measure| measures.push(measure));
        Outcome { measures, diagnostics }
    }

    pub(crate) fn fold(
        &self,
        diagnostics: &mut Diagnostics,
        give: &mut dyn FnMut(&Fold<'_>, Measure),
    ) -> Facts {
        let Given { options, settings, consent, timeline, home } = *self;
        let facts = Facts::new(&settings.catalog, timeline, options.memory.as_ref(), &settings.clock);
        let subject = Subject { settings, consent, timeline, facts: &facts, home };
        let mut stretch = Stretch::new(timeline, settings.catalog.indicators());
        let mut gathered = Gathered::default();
        for period in periods(options, settings, home, diagnostics) {
            subject.contributions(&mut stretch, period, &mut gathered, diagnostics, give);
        }
        facts
    }
}

/// The periods asked for, or those that are due: days before months.
pub(crate) fn periods(
    options: &Options,
    settings: &Settings,
    home: Option<&dyn Beside>,
    diagnostics: &mut Diagnostics,
) -> Vec<Period> {
    let due_day = home.and_then(Beside::analysis_day);
    let periods = options.asked(settings.today).unwrap_or_else(|| options.due(settings.today, due_day));
    for _ in 0..periods.open {
        diagnostics.add(Code::PeriodOpen);
    }
    let days = periods.days.into_iter().map(Period::Day);
    days.chain(periods.months.into_iter().map(Period::Month)).collect()
}
