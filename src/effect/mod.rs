//! What the decisions ask of the world, and what it answers: requests, waits,
//! lines of a log.
//!
//! Neither the nightly run nor a command of the person's rights performs
//! anything. Each asks through a `Port`, which a host serves.

mod port;
mod report;

use serde::{Deserialize, Serialize};

use crate::calendar::{ClockKind, Transition};
pub(crate) use port::{Port, RequestOutcome};
pub use report::{End, Report};

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
    Answer(Response),
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
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The content type as the header has it, or empty.
    pub content_type: String,
    /// The `Retry-After` header, if it is a number of seconds.
    pub retry_after: Option<u64>,
    /// The body: whole, or what comes after the pieces.
    pub body: Vec<u8>,
}
