//! Bytes to measures: the whole computation, for events alone or a whole home.

mod streaming;

use serde::Serialize;

use crate::Error;

use crate::calendar::{Clock, Day, Period};
use crate::consent::{Consent, Standing};
use crate::couch::is_document_of_app;
use crate::diagnostics::{Code, Diagnostics};
use crate::facts::Facts;
use crate::fold::{Beside, Gathered, Give, Subject};
use crate::home::{Home, HomeFile, HomeReader};
use crate::json::{Object, array};
use crate::ledger::{Contribution, Entry, Known, Owner, Plan, plan};
use crate::map::Map;
use crate::measure::Measure;
use crate::memory::{MEMORY_ID, MemoryDocument};
use crate::options::{Options, Settings};
use crate::scan::{self, Document, Field};
use crate::timeline::{EventReader, Stretch, Timeline};
pub use streaming::Aggregation;

/// What a computation gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The measures: days before months, then by date, by the catalog's order,
    /// by the groups' values. What waits in a ledger comes first, by its id.
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
/// What earlier runs remembered is the home's own, if the file has it, unless
/// [`Options::memory`] is given. Where no periods are asked for, these are the
/// measures that tonight's run would send: what waits in the home's ledger, and
/// may still leave, then what was never planned.
///
/// # Errors
/// If the bytes are not a home file, or an option cannot be used.
pub fn aggregate_home(bytes: &[u8], options: &Options) -> Result<Outcome, Error> {
    aggregate_home_with(bytes, options, &Ok)
}

/// Gives options the offsets of their zone, as far as they are needed.
pub(crate) type WithOffsets<'a> = &'a dyn Fn(Options) -> Result<Options, Error>;

pub(crate) fn aggregate_home_with(
    bytes: &[u8],
    options: &Options,
    with_offsets: WithOffsets<'_>,
) -> Result<Outcome, Error> {
    let file = HomeFile::read(bytes)?;
    let OpenHome { options, settings, consented, ledger, since, mut diagnostics } =
        open(&file, options, with_offsets)?;
    let Some((consent, home)) = consented else { return Ok(without_consent(diagnostics)) };
    let mut reader = EventReader::new(&settings, &consent).since(since);
    for document in file.documents(&options.doctypes.events)? {
        if is_asked_for(document, since, &settings.clock) {
            _ = reader.document(Some(document));
        }
    }
    let (timeline, noticed) = reader.finish();
    diagnostics.merge(&noticed);
    let (settings, home) = (&settings, Some(&home as &dyn Beside));
    Ok(match ledger {
        Some(ledger) => tonight(compute(&options, settings, &consent, &timeline, home, diagnostics), &ledger),
        None => Given { options: &options, settings, consent: &consent, timeline: &timeline, home }
            .outcome(diagnostics),
    })
}

/// What a preview and an explanation of a home file both begin with.
pub(crate) struct OpenHome {
    /// With what the home remembers, unless something else was given, and under
    /// the settings that it lives under.
    pub(crate) options: Options,
    pub(crate) settings: Settings,
    /// The days that count, and everything but events and terms; `None` where
    /// no consent stands today, so that nothing more may be read.
    pub(crate) consented: Option<(Consent, Home)>,
    /// Where the nightly run decides what is computed.
    pub(crate) ledger: Option<Ledger>,
    /// The first day that tonight's run asks for, if it does not ask for all.
    pub(crate) since: Option<Day>,
    pub(crate) diagnostics: Diagnostics,
}

/// Whether a run that asks for events since this day is given one: it asks by
/// how the date is written.
pub(crate) fn is_asked_for(event: Document<'_>, since: Option<Day>, clock: &Clock) -> bool {
    let Some(since) = since else { return true };
    let date = scan::fields(event, ["eventDate"]).and_then(|[date]| date?.text());
    date.is_none_or(|date| *date >= *clock.first_written(since).to_string())
}

/// The ledger of a home file.
pub(crate) struct Ledger {
    pub(crate) known: Known,
    /// What tonight's run takes up of it and may send, by their ids.
    pub(crate) left: Map<String, Entry>,
}

/// Opens a home file.
pub(crate) fn open(
    file: &HomeFile<'_>,
    options: &Options,
    with_offsets: WithOffsets<'_>,
) -> Result<OpenHome, Error> {
    let mut diagnostics = Diagnostics::default();
    let document = memory_document(file, &options.doctypes.memory, &mut diagnostics)?;
    let mut options = options.clone();
    let (home, remembered) = document.map(|document| (document.settings, document.memory)).unzip();
    let settings = match home.flatten() {
        Some(mut home) => {
            if !home.apply(&mut options).is_empty() {
                diagnostics.add(Code::SettingsOfHome);
                options = with_offsets(options)?;
            }
            home.settings(&options)?
        }
        None => options.settings()?,
    };
    let remembered = options.memory.take().or(remembered);
    let memory = remembered.map(|memory| memory.under(&settings.catalog.remembered()));
    let consent = match &options.consent {
        Some(intervals) => Consent::new(intervals.clone())?,
        None => Consent::of_terms(&file.documents(&options.doctypes.terms)?, &settings, &mut diagnostics),
    };
    let is_gone = options.consent.is_none() && consent.standing() != Standing::Given;
    let counted = consent.clone().after(memory.as_ref().and_then(|memory| memory.closed_until));
    options.memory = memory;
    if is_gone || counted.is_empty() {
        return Ok(OpenHome { options, settings, consented: None, ledger: None, since: None, diagnostics });
    }
    let ledger = match options.asked(settings.today) {
        Some(_) => None,
        // What was planned before the home was closed is still sent.
        None => Some(ledger(file, &options, &settings, &consent, &mut diagnostics)?),
    };
    let mut reader = HomeReader::new(&settings.clock, options.konnectors());
    reader.file(file, &options.doctypes)?;
    let (home, noticed) = reader.finish();
    diagnostics.merge(&noticed);
    let due = ledger.as_ref().map(|_| options.due(settings.today, home.analysis_day()));
    let since = due.and_then(|due| options.first_asked_day(&settings, &counted, &due));
    // What lies before all consent is told to be outside of it.
    let since = since.filter(|since| counted.intervals().first().is_some_and(|all| all.from < *since));
    Ok(OpenHome { options, settings, consented: Some((counted, home)), ledger, since, diagnostics })
}

fn ledger(
    file: &HomeFile<'_>,
    options: &Options,
    settings: &Settings,
    consent: &Consent,
    diagnostics: &mut Diagnostics,
) -> Result<Ledger, Error> {
    let mut ledger = Ledger { known: Known::default(), left: Map::new() };
    for document in of_app(file, &options.doctypes.measures, diagnostics)? {
        ledger.known.add(document);
    }
    for (id, entry) in &ledger.known.entries {
        if !entry.is_taken_up(options.resend_unknown) {
            continue;
        }
        let entry = entry.renamed(&settings.catalog).unwrap_or_else(|| entry.clone());
        let owns_cell = entry.claim().is_some_and(|claim| ledger.known.owner(&claim) != Owner::Another);
        if owns_cell && entry.sendable(&settings.catalog, consent, settings.today).is_ok() {
            ledger.left.insert(id.clone(), entry);
        }
    }
    Ok(ledger)
}

/// The documents of a doctype that are the app's; the others are counted.
fn of_app<'a>(
    file: &HomeFile<'a>,
    doctype: &str,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Document<'a>>, Error> {
    let mut documents = file.documents(doctype)?;
    let all = documents.len();
    documents.retain(|&document| is_document_of_app(document));
    diagnostics.add_times(Code::DocumentNotTheApps, (all - documents.len()) as u64);
    Ok(documents)
}

/// The memory document of a home file, if there is one.
fn memory_document(
    file: &HomeFile<'_>,
    doctype: &str,
    diagnostics: &mut Diagnostics,
) -> Result<Option<MemoryDocument>, Error> {
    for document in of_app(file, doctype, diagnostics)? {
        let [id] = scan::fields(document, ["_id"]).unwrap_or_default();
        if id.and_then(Field::text).as_deref() == Some(MEMORY_ID) {
            return Ok(Some(MemoryDocument::parse(document.bytes())));
        }
    }
    Ok(None)
}

/// What tonight's run would send: what it takes up of the ledger, then what was
/// never planned.
fn tonight(computed: Computed, ledger: &Ledger) -> Outcome {
    let mut diagnostics = computed.diagnostics;
    let plan = ledger.plan(&computed.contributions, &mut diagnostics);
    let new = plan.new.into_iter().map(|contribution| contribution.measure.clone());
    let left = ledger.left.values().filter_map(Entry::measure);
    Outcome { measures: left.chain(new).collect(), diagnostics }
}

impl Ledger {
    /// What tonight's run plans of what it computes.
    pub(crate) fn plan<'a>(
        &self,
        contributions: &'a [Contribution],
        diagnostics: &mut Diagnostics,
    ) -> Plan<'a> {
        plan(contributions, &self.known, self.left.values().filter_map(Entry::claim), diagnostics)
    }
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
    let facts = given.fold(&mut diagnostics, &mut |fold, measure, event| {
        let contribution = Contribution::after(&contributions, fold, measure, event);
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
        self.fold(&mut diagnostics, &mut |_, measure, _| measures.push(measure));
        Outcome { measures, diagnostics }
    }

    pub(crate) fn fold(&self, diagnostics: &mut Diagnostics, give: Give<'_>) -> Facts {
        let Given { options, settings, consent, timeline, home } = *self;
        let memory = options.memory.as_ref();
        let facts = Facts::new(&settings.catalog, timeline, memory, consent, &settings.clock);
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
    let periods = options.periods(settings.today, due_day);
    for _ in 0..periods.open {
        diagnostics.add(Code::PeriodOpen);
    }
    let days = periods.days.into_iter().map(Period::Day);
    days.chain(periods.months.into_iter().map(Period::Month)).collect()
}
