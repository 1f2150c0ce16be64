//! What can go wrong with a request, before the server's handler or after it.

use dacc_aggregator::effect::Response;
use serde_json::json;

use crate::clock::SECOND;
use crate::cozy::{answer, json_answer};
use crate::random::Random;

/// When a host gives up on an answer.
pub const TIMEOUT: u64 = 30 * SECOND;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No connection is made.
    Refused,
    /// The connection breaks before the server has the request.
    Lost,
    /// The connection breaks before the answer is back.
    AnswerLost,
    /// Nothing comes, and nothing was handled.
    Silence,
    /// The server handles it, but answers after the host gave up.
    Slow,
    /// The server gets it long after the host gave up.
    Late,
    /// Something answers in place of the server, which never gets it.
    Before(Reply),
    /// The server handles it; its answer is replaced.
    After(Reply),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Conflict,
    TooMany(Option<u64>),
    Stack(u16),
    Dacc500,
    Html(u16),
    /// A captive portal's page, which says 200.
    Portal,
    Truncated,
    Unauthorized,
    Expired,
    Redirect,
}

pub const FAULTS: [Fault; 27] = [
    Fault::Refused,
    Fault::Lost,
    Fault::AnswerLost,
    Fault::Silence,
    Fault::Slow,
    Fault::Late,
    Fault::Before(Reply::Conflict),
    Fault::Before(Reply::TooMany(None)),
    Fault::Before(Reply::TooMany(Some(2))),
    Fault::Before(Reply::TooMany(Some(900))),
    Fault::Before(Reply::Stack(500)),
    Fault::Before(Reply::Stack(502)),
    Fault::Before(Reply::Stack(503)),
    Fault::Before(Reply::Dacc500),
    Fault::Before(Reply::Html(502)),
    Fault::Before(Reply::Html(404)),
    Fault::Before(Reply::Portal),
    Fault::Before(Reply::Unauthorized),
    Fault::Before(Reply::Expired),
    Fault::Before(Reply::Redirect),
    Fault::After(Reply::Stack(500)),
    Fault::After(Reply::Stack(502)),
    Fault::After(Reply::Stack(504)),
    Fault::After(Reply::Dacc500),
    Fault::After(Reply::Html(502)),
    Fault::After(Reply::Portal),
    Fault::After(Reply::Truncated),
];

/// The answer that comes, where the good one would have been `good`.
pub fn replaced(reply: Reply, good: Option<&Response>) -> Response {
    let stack = |status: u16| {
        let errors = json!({"errors": [{"status": status.to_string(), "title": "Error", "source": {}}]});
        answer(status, "application/vnd.api+json", &errors.to_string())
    };
    match reply {
        Reply::Conflict => {
            json_answer(409, &json!({"error": "conflict", "reason": "Document update conflict."}))
        }
        Reply::TooMany(seconds) => {
            let mut answer = stack(429);
            answer.retry_after = seconds;
            answer
        }
        Reply::Stack(status) => stack(status),
        Reply::Dacc500 => json_answer(500, &json!({"error": "Internal Server Error"})),
        Reply::Html(status) => answer(status, "text/html", "<html><h1>Bad Gateway</h1></html>"),
        Reply::Portal => answer(200, "text/html; charset=utf-8", "<!doctype html><title>Log in</title>"),
        Reply::Truncated => {
            let mut cut = good.cloned().unwrap_or_default();
            cut.body.truncate(cut.body.len() * 2 / 3);
            cut
        }
        Reply::Unauthorized => json_answer(401, &json!({"error": "Invalid JWT token"})),
        Reply::Expired => json_answer(400, &json!({"error": "Expired token"})),
        Reply::Redirect => answer(302, "text/html", "<a href=\"/auth/login\">Found</a>"),
    }
}

/// The faults of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Faults {
    None,
    /// Each request fails in so many of a thousand cases, in any way.
    Each(u64),
    /// Only sends do.
    Sends(u64),
    /// The requests from one to another fail in one way.
    Burst(u32, u32, Fault),
    /// Exactly this request fails.
    At(u32, Fault),
}

impl Faults {
    /// What goes wrong with the run's `nth` request, from 0.
    pub fn of(&self, nth: u32, is_send: bool, random: &mut Random) -> Option<Fault> {
        match *self {
            Faults::None => None,
            Faults::Each(thousandths) => random.chance(thousandths).then(|| random.pick(&FAULTS)),
            Faults::Sends(thousandths) => {
                (is_send && random.chance(thousandths)).then(|| random.pick(&FAULTS))
            }
            Faults::Burst(from, to, fault) => (from..to).contains(&nth).then_some(fault),
            Faults::At(at, fault) => (nth == at).then_some(fault),
        }
    }
}
