//! A computation of events alone, which is fed with bytes as they arrive.

use super::{ComputeInput, Outcome, without_consent};
use crate::consent::Consent;
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::measure::Measure;
use crate::options::{Options, Settings};
use crate::scan::Scanner;
use crate::timeline::EventReader;

/// A computation of the indicators that are made of events alone, fed with
/// bytes as they come.
///
/// ```
/// use dacc_aggregator::Options;
/// use dacc_aggregator::compute::Aggregation;
///
/// let options = Options::from_json(
///     r#"{"now": "2024-03-10T02:00:00", "consent": [{"from": "2024-01-01"}]}"#,
/// ).unwrap();
/// let mut aggregation = Aggregation::new(options).unwrap();
/// aggregation.feed(br#"[{"type": "ProfileSetEvent", "even"#).unwrap();
/// aggregation.feed(br#"tDate": "2024-03-09T14:03:11Z"}]"#).unwrap();
/// let outcome = aggregation.finish().unwrap();
/// assert_eq!(outcome.measures[0].name(), "navigation-action-daily");
/// ```
#[derive(Debug)]
pub struct Aggregation {
    options: Options,
    settings: Settings,
    consent: Consent,
    scanner: Scanner,
    reader: EventReader,
    /// How many bytes will come, until the first of them are there.
    expected: Option<usize>,
}

impl Aggregation {
    /// A computation that has read nothing yet.
    ///
    /// # Errors
    /// If an option cannot be used.
    pub fn new(mut options: Options) -> Result<Aggregation, Error> {
        let settings = options.settings()?;
        let consent = Consent::new(options.consent.take().unwrap_or_default())?;
        let reader = EventReader::new(&settings, &consent);
        let scanner = Scanner::new(reader.names());
        Ok(Aggregation { options, settings, consent, scanner, reader, expected: None })
    }

    /// Makes room for what so many bytes may hold, for a host that knows how
    /// many will come; whether it is asked for changes no result.
    pub fn expect(&mut self, bytes: usize) {
        self.expected = Some(bytes);
    }

    /// Reads the next bytes of a JSON array of events, a `_find` answer or
    /// NDJSON; where one piece ends and the next begins does not matter.
    ///
    /// # Errors
    /// If the bytes so far can be none of these.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Error> {
        if self.consent.is_empty() {
            return Ok(());
        }
        self.scanner.feed(chunk, &mut |found| self.reader.found(&found))?;
        if let Some(bytes) = self.expected.take() {
            self.reader.expect(bytes, chunk.len());
        }
        Ok(())
    }

    /// What the bytes give, of which there are no more.
    ///
    /// # Errors
    /// If the bytes are none of what [`feed`](Self::feed) reads.
    pub fn finish(self) -> Result<Outcome, Error> {
        let mut measures = Vec::new();
        let diagnostics = self.finish_into(&mut |measure| measures.push(measure))?;
        Ok(Outcome { measures, diagnostics })
    }

    /// The same, measure by measure, for whoever need not hold them all.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn finish_into(self, emit: &mut dyn FnMut(Measure)) -> Result<Diagnostics, Error> {
        let Aggregation { options, settings, consent, scanner, mut reader, .. } = self;
        if consent.is_empty() {
            return Ok(without_consent(Diagnostics::default()).diagnostics);
        }
        scanner.finish(&mut |found| reader.found(&found))?;
        let (timeline, mut diagnostics) = reader.finish();
        let input = ComputeInput {
            options: &options,
            settings: &settings,
            consent: &consent,
            timeline: &timeline,
            inputs: None,
        };
        input.fold(&mut diagnostics, &mut |_, measure, _| emit(measure));
        Ok(diagnostics)
    }
}
