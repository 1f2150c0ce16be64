use crate::Error;
use crate::aggregate::{Outcome, compute, without_consent};
use crate::consent::Consent;
use crate::diagnostics::Diagnostics;
use crate::event::EventReader;
use crate::options::{Options, Settings};

/// A computation of the indicators that are made of events alone, fed with
/// bytes as they come.
///
/// ```
/// use dacc_aggregator::{Aggregation, Options};
///
/// let options = Options::from_json(
///     r#"{"now": "2024-03-10T02:00:00", "consent": [{"from": "2024-01-01"}]}"#,
/// ).unwrap();
/// let mut aggregation = Aggregation::new(&options).unwrap();
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
    bytes: Vec<u8>,
}

impl Aggregation {
    /// A computation that has read nothing yet.
    ///
    /// # Errors
    /// If an option cannot be used.
    pub fn new(options: &Options) -> Result<Aggregation, Error> {
        let settings = options.settings()?;
        let consent = Consent::new(options.consent.clone().unwrap_or_default())?;
        Ok(Aggregation { options: options.clone(), settings, consent, bytes: Vec::new() })
    }

    /// Reads the next bytes of a JSON array of events, a `_find` answer or
    /// NDJSON; where one piece ends and the next begins does not matter.
    ///
    /// # Errors
    /// If the bytes so far can be none of these.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Error> {
        if !self.consent.is_empty() {
            self.bytes.extend_from_slice(chunk);
        }
        Ok(())
    }

    /// What the bytes give, of which there are no more.
    ///
    /// # Errors
    /// If the bytes are none of what [`feed`](Self::feed) reads.
    pub fn finish(self) -> Result<Outcome, Error> {
        let Aggregation { options, settings, consent, bytes } = self;
        if consent.is_empty() {
            return Ok(without_consent(Diagnostics::default()));
        }
        let mut reader = EventReader::new(&settings.clock, settings.now, &consent);
        reader.page(&bytes)?;
        let (timeline, diagnostics) = reader.finish();
        Ok(compute(&options, &settings, &consent, &timeline, None, diagnostics).into())
    }
}
