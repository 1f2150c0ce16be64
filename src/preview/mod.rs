//! What tonight's run would send of a home file, without any network.

use crate::base::Map;
use crate::calendar::{Clock, Day};
use crate::compute::{ComputeInput, Outcome, without_consent};
use crate::consent::{Consent, Standing};
use crate::couch::is_document_of_app;
use crate::diagnostics::{Code, Diagnostics};
use crate::ecolyo::{Doctypes, HomeInputs, HomeInputsReader};
use crate::error::Error;
use crate::fold::Inputs;
use crate::ledger::{Computation, Contribution, Entry, LedgerView, Owner, Plan, compute, plan};
use crate::options::{Options, Settings};
use crate::scan::{self, Document, Field};
use crate::store::{HomeFile, MEMORY_ID, MemoryDocument};
use crate::timeline::EventReader;

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

/// Fills in the offsets of the options' zone, where they are needed.
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
    let (settings, inputs) = (&settings, Some(&home as &dyn Inputs));
    Ok(match ledger {
        Some(ledger) => {
            tonight(compute(&options, settings, &consent, &timeline, inputs, diagnostics), &ledger)
        }
        None => ComputeInput { options: &options, settings, consent: &consent, timeline: &timeline, inputs }
            .outcome(diagnostics),
    })
}

/// An open home file: where previews and explanations begin.
pub(crate) struct OpenHome {
    /// With what the home remembers, unless something else was given, and under
    /// the settings that it lives under.
    pub(crate) options: Options,
    pub(crate) settings: Settings,
    /// The days that count, and everything but events and terms; `None` where
    /// no consent stands today, so that nothing more may be read.
    pub(crate) consented: Option<(Consent, HomeInputs)>,
    /// Where the nightly run decides what is computed.
    pub(crate) ledger: Option<Ledger>,
    /// The first day that tonight's run asks for, if it does not ask for all.
    pub(crate) since: Option<Day>,
    pub(crate) diagnostics: Diagnostics,
}

/// Whether a run's query for events since this day finds this one: a Cozy
/// compares the texts of dates.
pub(crate) fn is_asked_for(event: Document<'_>, since: Option<Day>, clock: &Clock) -> bool {
    let Some(since) = since else { return true };
    let date = scan::fields(event, ["eventDate"]).and_then(|[date]| date?.text());
    date.is_none_or(|date| *date >= *clock.first_written(since).to_string())
}

/// The ledger of a home file.
pub(crate) struct Ledger {
    pub(crate) known: LedgerView,
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
        None => options.settings_of_home()?,
    };
    let remembered = options.memory.take().or(remembered);
    let memory = remembered.map(|memory| memory.under(&settings.catalog.remembered()));
    let consent = match &options.consent {
        Some(intervals) => Consent::new(intervals.clone())?,
        None => settings.consent(&file.documents(&options.doctypes.terms)?, &mut diagnostics),
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
    let mut reader = HomeInputsReader::new(&settings.clock, options.konnectors());
    read_inputs(&mut reader, file, &options.doctypes)?;
    let (home, noticed) = reader.finish();
    diagnostics.merge(&noticed);
    let due = ledger.as_ref().map(|_| options.due(settings.today, home.analysis_day()));
    let since = due.and_then(|due| options.first_asked_day(&settings, &counted, &due));
    // Events before all consent are counted as outside of it.
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
    let mut ledger = Ledger { known: LedgerView::default(), left: Map::new() };
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
fn tonight(computed: Computation, ledger: &Ledger) -> Outcome {
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

/// Reads everything but events and terms from a home file.
fn read_inputs(
    reader: &mut HomeInputsReader<'_>,
    file: &HomeFile<'_>,
    doctypes: &Doctypes,
) -> Result<(), Error> {
    reader.profiles(&file.documents(&doctypes.profile)?);
    reader.profile_types(&file.documents(&doctypes.profile_type)?);
    for (&fluid, doctype) in &doctypes.monthly_loads {
        reader.monthly_loads(fluid, &file.documents(doctype)?);
    }
    for (&fluid, doctype) in &doctypes.half_hour_loads {
        reader.half_hour_loads(fluid, &file.documents(doctype)?);
    }
    reader.accounts(&file.documents(&doctypes.accounts)?, &file.documents(&doctypes.triggers)?);
    Ok(())
}

/// The `home` field of a home file: its name in a file of many.
///
/// # Errors
/// If the bytes are not a home file.
pub fn home_name(bytes: &[u8]) -> Result<Option<String>, Error> {
    Ok(HomeFile::read(bytes)?.name())
}
