//! Events to measures: which periods are due, and what the folds make of them.

mod schedule;
mod streaming;

use serde::Serialize;

use crate::base::json::{Object, array};
use crate::consent::Consent;
use crate::diagnostics::{Code, Diagnostics};
use crate::error::Error;
use crate::facts::Facts;
use crate::fold::{Accumulator, Emit, Inputs, Subject};
use crate::measure::Measure;
use crate::options::{Options, Settings};
use crate::timeline::{PeriodView, Timeline};
pub(crate) use schedule::{Periods, periods};
pub use streaming::Aggregation;

/// The measures of a computation, and what it noticed.
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

pub(crate) fn without_consent(mut diagnostics: Diagnostics) -> Outcome {
    diagnostics.add(Code::ConsentMissing);
    Outcome { measures: Vec::new(), diagnostics }
}

/// Everything that a computation reads.
pub(crate) struct ComputeInput<'a> {
    pub(crate) options: &'a Options,
    pub(crate) settings: &'a Settings,
    pub(crate) consent: &'a Consent,
    pub(crate) timeline: &'a Timeline,
    pub(crate) inputs: Option<&'a dyn Inputs>,
}

impl ComputeInput<'_> {
    /// Computes the measures alone, without asking a ledger.
    pub(crate) fn outcome(&self, mut diagnostics: Diagnostics) -> Outcome {
        let mut measures = Vec::new();
        self.fold(&mut diagnostics, &mut |_, measure, _| measures.push(measure));
        Outcome { measures, diagnostics }
    }

    pub(crate) fn fold(&self, diagnostics: &mut Diagnostics, emit: Emit<'_>) -> Facts {
        let ComputeInput { options, settings, consent, timeline, inputs } = *self;
        let memory = options.memory.as_ref();
        let facts = Facts::new(&settings.catalog, timeline, memory, consent, &settings.clock);
        let subject = Subject { settings, consent, timeline, facts: &facts, inputs };
        let mut view = PeriodView::new(timeline, settings.catalog.indicators());
        let mut accumulator = Accumulator::default();
        for period in periods(options, settings, inputs, diagnostics) {
            subject.contributions(&mut view, period, &mut accumulator, diagnostics, emit);
        }
        facts
    }
}
