//! The nightly run: decides what is asked of the world, and does none of it.
//!
//! A [`Run`] is driven by a host. Each [`step`](Run::step) takes what happened
//! and gives the effects that the host now has to perform; the last of them is
//! the one whose outcome the next step takes, or [`Effect::Done`]. Given the
//! same inputs a run gives the same effects, whatever the host.
//!
//! Inside, a run is an `async` function over a port, through which it asks and is
//! answered, so that it reads from top to bottom. No runtime is involved: `step`
//! polls the function once with the answer that came.
//!
//! `execution` has the phases of a run in their order; `document_reader` asks for
//! documents, `ledger` writes entries and claims, `lease` holds the right to run,
//! `sending` sends what waits, `flag` marks events as aggregated, `retention`
//! deletes what was kept long enough, `recording` plays a run again.

mod document_reader;
mod execution;
mod flag;
mod lease;
mod ledger;
mod recording;
mod retention;
mod sending;
mod stop;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use serde::Serialize;

use crate::decode::{deserialized, object};
use crate::effect::{Effect, Input, Port, Report};
use crate::error::Error;
use crate::measure::Measure;
use crate::options::Options;
use crate::remote::Remote;
use crate::scan::Document;
pub use recording::{Content, Recorder, Recording};
use recording::{RecordedComputation, Tape};

/// What a host knows of the run's place in the world; each part may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Circumstances {
    /// The stack's job: its immediate second try has the same.
    pub job: Option<String>,
    /// The seconds after which the run may be killed (`COZY_TIME_LIMIT`).
    pub time_limit: Option<u64>,
    /// What its randomness comes from: the waits between tries, and the name
    /// of a run without a job.
    pub seed: u64,
    /// The id of a home that has none yet: 32 hexadecimal digits from a secure
    /// source. Without it one is made of the seed.
    #[serde(skip_serializing)]
    pub home: Option<String>,
}

object!(Circumstances {
    optional "job" => job,
    optional "timeLimit" => time_limit,
    optional "seed" => seed,
    optional "home" => home,
});

deserialized!(Circumstances);

/// A nightly run in progress.
///
/// ```
/// use dacc_aggregator::Options;
/// use dacc_aggregator::effect::{Effect, Input};
/// use dacc_aggregator::run::{Circumstances, Run};
///
/// let options = Options::from_json(r#"{"now": "2024-03-10T02:00:00"}"#).unwrap();
/// let mut run = Run::new(options, Circumstances::default()).unwrap();
/// let effects = run.step(1_710_032_400_000, Input::Start);
/// let Some(Effect::Request(request)) = effects.last() else { panic!("it asks for the memory") };
/// assert_eq!(request.url, "/data/com.grandlyon.ecolyo.dacc.memory/memory");
/// ```
pub struct Run {
    port: Port,
    tape: Tape,
    execution: Option<Pin<Box<dyn Future<Output = Report>>>>,
}

impl Run {
    /// A run with these options, of which `now` is the time of the run.
    ///
    /// # Errors
    /// If an option cannot be used.
    pub fn new(options: Options, circumstances: Circumstances) -> Result<Run, Error> {
        Run::begin(options, circumstances, None)
    }

    /// A run that computes nothing: it sends these payloads, as a preview shows
    /// them, as the home's own. They enter the ledger first, so that none leaves
    /// twice, whoever sends it, and no other measure gets into their cells.
    ///
    /// # Errors
    /// If an option cannot be used, or a payload is none that the catalog can
    /// have made; the message tells which.
    pub fn of_measures(
        options: Options,
        circumstances: Circumstances,
        payloads: &[String],
    ) -> Result<Run, Error> {
        let settings = options.settings_of_home()?;
        let mut measures = Vec::with_capacity(payloads.len());
        for (at, payload) in payloads.iter().enumerate() {
            let measure = Document::parse(payload.as_bytes()).and_then(Measure::read);
            let measure = measure.filter(|measure| settings.catalog.admits(measure)).ok_or_else(|| {
                Error::input(format!("measure {}: the catalog has no such measure", at + 1))
            })?;
            measures.push(measure);
        }
        Run::begin(options, circumstances, Some(measures))
    }

    fn begin(
        options: Options,
        circumstances: Circumstances,
        measures: Option<Vec<Measure>>,
    ) -> Result<Run, Error> {
        let settings = options.settings_of_home()?;
        let remote = Remote::new(options.remote.as_deref())?;
        let (port, tape) = (Port::new(circumstances.seed), Tape::default());
        let execution = execution::Execution {
            port: port.clone(),
            tape: tape.clone(),
            options,
            settings,
            remote,
            circumstances,
            measures,
        };
        Ok(Run { port, tape, execution: Some(Box::pin(execution.execute())) })
    }

    /// Takes what happened, and the host's clock in milliseconds since 1970,
    /// and gives what is to be done. After [`Effect::Done`] there is nothing
    /// more to do.
    pub fn step(&mut self, now: u64, input: Input) -> Vec<Effect> {
        self.port.take(now, input);
        if let Some(execution) = &mut self.execution
            && let Poll::Ready(report) = execution.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            self.port.emit(Effect::Done(report));
            self.execution = None;
        }
        self.port.take_effects()
    }
}

impl Run {
    /// Gives the run a recorded computation, which it takes in place of its own.
    fn replay(&mut self, computation: Option<RecordedComputation>) {
        self.tape.insert(computation);
    }

    /// What this step computed, if it did.
    fn computation(&self) -> Option<RecordedComputation> {
        self.tape.take_recorded()
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("over", &self.execution.is_none()).finish_non_exhaustive()
    }
}
