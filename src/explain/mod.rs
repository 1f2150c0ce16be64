//! Which rule counted an event, or which did not; and which events made a cell.

mod attribution;
mod explanation;
mod reason;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{Day, PeriodKind};
use crate::catalog::ValueRule;
use crate::compute::periods;
use crate::consent::{Consent, Interval};
use crate::diagnostics::{Code, Diagnostics};
use crate::ecolyo::HomeInputs;
use crate::error::Error;
use crate::facts::Facts;
use crate::fold::{Inputs, Subject};
use crate::ledger::{Contribution, Entry};
use crate::measure::Value;
use crate::options::{Options, Settings};
use crate::preview::{Ledger, OpenHome, WithOffsets, is_asked_for, open};
use crate::scan::{self, Document};
use crate::store::HomeFile;
use crate::timeline::{EventReader, Timeline};

use attribution::{AttributedCell, Attribution, AttributionTable};
pub use explanation::{ExplainedCell, ExplainedEvent, Explanation, Reading, Verdict};
pub use reason::Reason;
pub use rule::Rule;

/// Explains what [`aggregate`](crate::aggregate()) gives for these events.
///
/// # Errors
/// As `aggregate`.
///
/// ```
/// use dacc_aggregator::Options;
/// use dacc_aggregator::explain::{Verdict, explain};
///
/// let events = br#"[{"type": "ProfileSetEvent", "eventDate": "2024-03-09T14:03:11Z"}]"#;
/// let options = Options::from_json(
///     r#"{"now": "2024-03-10T02:00:00", "consent": [{"from": "2024-01-01"}]}"#,
/// ).unwrap();
/// let explanation = explain(events, &options).unwrap();
/// assert_eq!(explanation.events[0].verdict, Verdict::Counted);
/// assert_eq!(explanation.cells[0].events, [0]);
/// ```
pub fn explain(bytes: &[u8], options: &Options) -> Result<Explanation, Error> {
    let settings = options.settings()?;
    let consent = Consent::new(options.consent.clone().unwrap_or_default())?;
    let stood = consent.intervals().to_vec();
    let consent = Some(consent).filter(|consent| !consent.is_empty());
    let documents = scan::events(bytes)?;
    let explainer =
        Explainer { options, settings: &settings, consent, stood, home: None, ledger: None, since: None };
    Ok(explainer.explanation(&documents, Diagnostics::default()))
}

/// Explains what [`aggregate_home`](crate::aggregate_home) gives for a home.
///
/// Its measures are the cells that are in no state of the ledger, and of those
/// that are in one what tonight's run takes up: what is `planned`.
///
/// # Errors
/// As `aggregate_home`.
///
/// ```
/// use dacc_aggregator::Options;
/// use dacc_aggregator::diagnostics::Code;
/// use dacc_aggregator::explain::{Verdict, explain_home};
///
/// let home = br#"{
///     "com.grandlyon.ecolyo.term": [{"accepted": true, "version": "1.0.0", "date": "2024-03-09T09:00:00Z"}],
///     "com.grandlyon.ecolyo.usageevents": [{"type": "ProfileSetEvent", "eventDate": "2024-03-08T14:03:11Z"}]
/// }"#;
/// let options = Options::from_json(r#"{"now": "2024-03-10T02:00:00"}"#).unwrap();
/// let explanation = explain_home(home, &options).unwrap();
/// assert_eq!(explanation.events[0].verdict, Verdict::LeftOut(Code::EventOutsideConsent));
/// ```
pub fn explain_home(bytes: &[u8], options: &Options) -> Result<Explanation, Error> {
    explain_home_with(bytes, options, &Ok)
}

pub(crate) fn explain_home_with(
    bytes: &[u8],
    options: &Options,
    with_offsets: WithOffsets<'_>,
) -> Result<Explanation, Error> {
    let file = HomeFile::read(bytes)?;
    let documents: Vec<_> = file.documents(&options.doctypes.events)?.into_iter().map(Some).collect();
    let OpenHome { options, settings, consented, ledger, since, diagnostics } =
        open(&file, options, with_offsets)?;
    let stood = stood(&file, &options, &settings)?;
    let (consent, home) = consented.unzip();
    let explainer = Explainer { options: &options, settings: &settings, consent, stood, home, ledger, since };
    Ok(explainer.explanation(&documents, diagnostics))
}

/// When consent stood, whatever stands today.
fn stood(file: &HomeFile<'_>, options: &Options, settings: &Settings) -> Result<Vec<Interval>, Error> {
    if let Some(given) = &options.consent {
        return Ok(given.clone());
    }
    let terms = file.documents(&options.doctypes.terms)?;
    let consent = settings.consent(&terms, &mut Diagnostics::default());
    Ok(consent.intervals().to_vec())
}

/// The place of the document that each event of the timeline is in, by the
/// event's number.
type Numbers = BTreeMap<u32, usize>;

/// Explains a home: everything an explanation is made of but the events.
struct Explainer<'a> {
    options: &'a Options,
    settings: &'a Settings,
    /// Absent where none stands today.
    consent: Option<Consent>,
    /// The days that it ever stood.
    stood: Vec<Interval>,
    home: Option<HomeInputs>,
    /// Only where the nightly run decides what is computed.
    ledger: Option<Ledger>,
    /// The first day that tonight's run asks for, if it does not ask for all.
    since: Option<Day>,
}

impl Explainer<'_> {
    fn explanation(&self, documents: &[Option<Document<'_>>], mut diagnostics: Diagnostics) -> Explanation {
        let (mut events, numbers, (timeline, noticed)) = self.read(documents);
        let mut cells = Vec::new();
        match &self.consent {
            Some(consent) => {
                diagnostics.merge(&noticed);
                cells = self.cells(consent, &timeline, &numbers, &mut events, &mut diagnostics);
            }
            None => diagnostics.add(Code::ConsentMissing),
        }
        let rules = self.settings.catalog.definitions().map(Rule::new).collect();
        let sentences = sentences(&events);
        let consent = self.stood.clone();
        Explanation { events, cells, rules, sentences, consent, diagnostics }
    }

    /// Every event with its verdict; which document each event of the timeline is
    /// in; and those that indicators see.
    fn read(
        &self,
        documents: &[Option<Document<'_>>],
    ) -> (Vec<ExplainedEvent>, Numbers, (Timeline, Diagnostics)) {
        let clock = &self.settings.clock;
        let none = Consent::default();
        let mut reader =
            EventReader::new(self.settings, self.consent.as_ref().unwrap_or(&none)).since(self.since);
        let mut numbers = Numbers::new();
        let read = |(index, &document): (usize, &Option<Document<'_>>)| {
            let is_asked_for = document.is_none_or(|document| is_asked_for(document, self.since, clock));
            let verdict = match if is_asked_for { reader.document(document) } else { Err(None) } {
                Err(None) => Verdict::ReadBefore,
                Ok(number) => {
                    numbers.insert(number, index);
                    Verdict::NotCounted
                }
                Err(Some(Code::EventOutsideConsent)) if self.consent.is_none() => {
                    Verdict::LeftOut(Code::ConsentMissing)
                }
                Err(Some(code)) => Verdict::LeftOut(code),
            };
            let names = ["_id", "type", "eventDate"];
            let fields = document.and_then(|document| scan::fields(document, names)).unwrap_or_default();
            let [id, kind, date] = fields.map(|field| Some(field?.text()?.into_owned()));
            let moment = date.and_then(|date| clock.read(&date));
            let on_the_wall = moment.map(|moment| clock.wall(moment).to_string());
            ExplainedEvent {
                index,
                id,
                kind,
                day: moment.map(|moment| clock.day(moment)),
                moment: on_the_wall.map(|text| text.trim_end_matches('Z').to_owned()),
                verdict,
                readings: Vec::new(),
            }
        };
        let events = documents.iter().enumerate().map(read).collect();
        (events, numbers, reader.finish())
    }

    /// The cells of the periods, and into the events what they came to.
    fn cells(
        &self,
        consent: &Consent,
        timeline: &Timeline,
        numbers: &Numbers,
        events: &mut [ExplainedEvent],
        diagnostics: &mut Diagnostics,
    ) -> Vec<ExplainedCell> {
        let Explainer { options, settings, .. } = *self;
        let inputs = self.home.as_ref().map(|home| home as &dyn Inputs);
        let memory = options.memory.as_ref();
        let facts = &Facts::new(&settings.catalog, timeline, memory, consent, &settings.clock);
        let subject = Subject { settings, consent, timeline, facts, inputs };
        let mut periods = periods(options, settings, inputs, diagnostics);
        let mut noticed = Diagnostics::default();
        let mut table = AttributionTable::new(&subject, &periods, &mut noticed);
        let contributions: Vec<_> = table.cells.iter().map(|cell| cell.contribution.clone()).collect();
        let plan = self.ledger.as_ref().map(|ledger| ledger.plan(&contributions, diagnostics));
        if plan.is_some_and(|plan| plan.months_wait) {
            periods.retain(|period| period.kind() == PeriodKind::Day);
            noticed = Diagnostics::default();
            table = AttributionTable::new(&subject, &periods, &mut noticed);
        }
        diagnostics.merge(&noticed);
        let AttributionTable { all, cells, events: attributions, .. } = table;
        let places: Vec<usize> = all.iter().map(|event| numbers[&event.number]).collect();
        for (&place, attributions) in places.iter().zip(attributions) {
            let event = &mut events[place];
            event.readings = attributions.into_iter().map(|attribution| self.reading(attribution)).collect();
            if event.readings.iter().any(|reading| !reading.cells.is_empty()) {
                event.verdict = Verdict::Counted;
            }
        }
        let computed: BTreeSet<&str> = cells.iter().map(|cell| cell.contribution.id.as_str()).collect();
        let mut left = self.left(&computed);
        let mut cells: Vec<_> = cells.iter().map(|cell| self.cell(cell, &places)).collect();
        cells.append(&mut left);
        cells
    }

    fn reading(&self, Attribution { rule, cells, reason, noticed }: Attribution) -> Reading {
        let definition = &self.settings.catalog.indicators()[rule].definition;
        Reading { measure_name: definition.name.clone(), cells, reason, noticed }
    }

    fn cell(&self, cell: &AttributedCell, places: &[usize]) -> ExplainedCell {
        let Contribution { period, measure, .. } = &cell.contribution;
        let entries = self.ledger.as_ref().map(|ledger| &ledger.known.entries);
        let entry = entries.and_then(|entries| entries.get(&cell.contribution.id));
        let planned = entry.and_then(Entry::measure);
        // Whatever a count holds beyond its events was counted before.
        let rule = &self.settings.catalog.indicators()[cell.rule].definition.value;
        let is_count = matches!(rule, ValueRule::Count { .. });
        let count = u64::try_from(cell.events.len()).ok().and_then(Value::from_count);
        ExplainedCell {
            period: period.to_string(),
            events: cell.events.iter().map(|&event| places[event]).collect(),
            state: entry.map(|entry| entry.state),
            late: entry.is_some_and(|entry| entry.differs_from(measure)),
            remembered: is_count && count != Some(measure.value),
            measure: planned.unwrap_or_else(|| measure.clone()),
        }
    }

    /// What tonight's run sends of periods that are not computed any more.
    fn left(&self, computed: &BTreeSet<&str>) -> Vec<ExplainedCell> {
        let Some(Ledger { left, .. }) = &self.ledger else { return Vec::new() };
        let left = left.iter().filter(|(id, _)| !computed.contains(id.as_str()));
        let cell = |(_, entry): (&String, &Entry)| {
            Some(ExplainedCell {
                measure: entry.measure()?,
                period: entry.period.clone(),
                events: Vec::new(),
                state: Some(entry.state),
                late: false,
                remembered: true,
            })
        };
        left.filter_map(cell).collect()
    }
}

/// A sentence for each verdict, reason and notice of these events.
fn sentences(events: &[ExplainedEvent]) -> BTreeMap<&'static str, &'static str> {
    let mut sentences = BTreeMap::new();
    for event in events {
        sentences.insert(event.verdict.as_str(), event.verdict.sentence());
        for reading in &event.readings {
            sentences.extend(reading.reason.iter().map(|reason| (reason.as_str(), reason.sentence())));
            sentences.extend(reading.noticed.iter().map(|code| (code.as_str(), code.sentence())));
        }
    }
    sentences
}
