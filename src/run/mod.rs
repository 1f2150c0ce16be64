//! The nightly run: decides what is asked of the world, and does none of it.
//!
//! A [`Run`] is driven by a host. Each [`step`](Run::step) takes what happened
//! and gives the effects that the host now has to perform; the last of them is
//! the one whose outcome the next step takes, or [`Effect::Done`]. Given the
//! same inputs a run gives the same effects, whatever the host.
//!
//! Inside, the run is written as a story: an `async` function over a port
//! through which it asks and is answered. No runtime is involved; `step` polls
//! the story once with the answer that came.
//!
//! `story` tells what happens in which order; `reading` asks for documents,
//! `store` keeps the ledger and the memory, `sending` sends, `delivery` says what
//! an answer means, `cozy` and `remote` know the shapes of the requests.

mod cozy;
mod delivery;
mod flagging;
mod pages;
mod port;
mod reading;
mod recording;
mod remote;
mod retention;
mod sending;
mod store;
mod story;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::calendar::{ClockKind, Transition};
use crate::diagnostics::Diagnostics;
use crate::measure::Measure;
use crate::options::Options;
use crate::read::{deserialized, object};
use crate::scan::Document;
#[cfg(feature = "rights")]
pub(crate) use cozy::{Cozy, Failure, Reach};
#[cfg(all(feature = "tools", target_arch = "wasm32"))]
pub(crate) use delivery::Delivery;
pub(crate) use port::Port;
pub use recording::{Content, Recorder, Recording};
#[cfg(feature = "rights")]
pub(crate) use store::{read_memory, timestamp_of, write_memory};

/// A request the host makes: to the person's Cozy, or to a local server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// Begins with `/` for the Cozy, under whose address the host puts it, and
    /// which alone gets the token; else a whole `http://` address.
    pub url: String,
    /// JSON, if the request has a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body of a good answer (status 200) may be handed over as it comes,
    /// each piece as an [`Input::Piece`]; the answer then has what is left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_pieces: bool,
}

/// How much a line of the log matters; the words are the stack's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// What a person reading the log wants to know.
    Info,
    /// Something to look at, though the run went on.
    Warn,
    /// Something that was not done.
    Error,
    /// The run could not do its work.
    Critical,
}

/// What a host performs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "effect", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Effect {
    /// Make the request; the next input is its outcome.
    Request(Request),
    /// Let this time pass; the next input is [`Input::Waited`].
    Wait {
        /// Milliseconds.
        millis: u64,
    },
    /// Write a line to the log. It never holds an event's content or id.
    Log {
        /// How much it matters.
        level: Level,
        /// One sentence.
        message: String,
    },
    /// Give the offsets of a time zone, from the host's own time-zone data, for
    /// the time in question; the next input is [`Input::Offsets`]. Asked for
    /// only where the home lives in another zone than is configured.
    Offsets {
        /// The IANA name of the zone.
        zone: String,
        /// Under `wall` only now is brought into it.
        clock: ClockKind,
    },
    /// The run is over; no further step is taken.
    Done(Report),
}

/// What happened since the last step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// The run begins.
    Start,
    /// The next bytes of the answer to a request [in pieces](Request::in_pieces);
    /// nothing is to be done, and the outcome of the request is still awaited.
    Piece(Vec<u8>),
    /// The request was answered.
    Answer(Answer),
    /// The request had no answer: the connection failed or timed out.
    NoAnswer {
        /// Whether the request may have left; `false` only where the
        /// connection was surely never made.
        written: bool,
    },
    /// The answer cannot be used, for a reason that only a host sees, and the
    /// next one would be no better.
    Unusable {
        /// As in [`Input::NoAnswer`].
        written: bool,
        /// The reason.
        why: Unusable,
    },
    /// The time has passed.
    Waited,
    /// The offsets of the zone; none if the host does not know it.
    Offsets(Vec<Transition>),
}

/// Why a host cannot use an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unusable {
    /// It is longer than any that a Cozy gives; no more of it was read.
    TooLarge,
    /// The server's certificate is not trusted here, and nothing was sent.
    Certificate,
}

/// The answer to a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The content type as the header has it, or empty.
    pub content_type: String,
    /// The `Retry-After` header, if it is a number of seconds.
    pub retry_after: Option<u64>,
    /// The body: whole, or what comes after the pieces.
    pub body: Vec<u8>,
}

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

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Everything was read and computed, and every measure was tried.
    #[default]
    Complete,
    /// The person does not consent today.
    NoConsent,
    /// Another run is under way.
    Busy,
    /// The time ended first; the rest is planned.
    OutOfTime,
    /// The run stopped before it was through; the rest is planned.
    Stopped,
}

impl End {
    /// The end as it stands in results and in the memory.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            End::Complete => "complete",
            End::NoConsent => "no-consent",
            End::Busy => "busy",
            End::OutOfTime => "out-of-time",
            End::Stopped => "stopped",
        }
    }
}

/// What a run did, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How it ended.
    pub end: End,
    /// Contributions planned that never were before.
    pub planned: usize,
    /// Measures that the server took.
    pub sent: usize,
    /// Measures that can never be sent.
    pub refused: usize,
    /// Measures sent without an answer that tells what became of them.
    pub unknown: usize,
    /// Measures cancelled, because consent was withdrawn.
    pub cancelled: usize,
    /// Measures that wait.
    pub left: usize,
    /// Measures that wait for a definition which the server does not have yet;
    /// they are among those that are left.
    pub held: usize,
    /// Whether it may be begun again at once: it stopped before it sent
    /// anything.
    pub retry: bool,
    /// Whether the stack took a further job, which goes on where the time ended.
    pub continues: bool,
    /// What was noticed in the documents.
    pub diagnostics: Diagnostics,
}

/// A nightly run in progress.
///
/// ```
/// use dacc_aggregator::{Circumstances, Effect, Input, Options, Run};
///
/// let options = Options::from_json(r#"{"now": "2024-03-10T02:00:00"}"#).unwrap();
/// let mut run = Run::new(options, Circumstances::default()).unwrap();
/// let effects = run.step(1_710_032_400_000, Input::Start);
/// let Some(Effect::Request(request)) = effects.last() else { panic!("it asks for the memory") };
/// assert_eq!(request.url, "/data/com.grandlyon.ecolyo.dacc.memory/memory");
/// ```
pub struct Run {
    port: Port,
    story: Option<Pin<Box<dyn Future<Output = Report>>>>,
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
        let settings = options.settings()?;
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
        let settings = options.settings()?;
        let remote = remote::Remote::new(options.remote.as_deref())?;
        let port = Port::new(circumstances.seed);
        let story = story::Story { port: port.clone(), options, settings, remote, circumstances, measures };
        Ok(Run { port, story: Some(Box::pin(story.tell())) })
    }

    /// Takes what happened, and the host's clock in milliseconds since 1970,
    /// and gives what is to be done. After [`Effect::Done`] there is nothing
    /// more to do.
    pub fn step(&mut self, now: u64, input: Input) -> Vec<Effect> {
        self.port.take(now, input);
        if let Some(story) = &mut self.story
            && let Poll::Ready(report) = story.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            self.port.emit(Effect::Done(report));
            self.story = None;
        }
        self.port.take_effects()
    }
}

impl Run {
    /// In place of what this run would compute.
    fn given(&mut self, computed: Option<recording::Computed>) {
        self.port.give(computed);
    }

    /// What this step computed, if it did.
    fn computed(&self) -> Option<recording::Computed> {
        self.port.kept()
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("over", &self.story.is_none()).finish_non_exhaustive()
    }
}
