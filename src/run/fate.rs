//! What became of a measure: the whole table of outcomes of a send.

use serde::Deserialize;

use super::port::Outcome;
use super::remote::Remote;

/// What became of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The server took it.
    Sent,
    /// The server refuses it, and would again.
    Refused,
    /// It surely did not arrive; the same may work in a moment.
    NotYet,
    /// It surely did not arrive, and nothing else would now: the run stops.
    NotNow,
    /// It may have been stored; never sent again, and the run stops.
    Unknown,
    /// The server's definition is not there yet, or differs: no fault of the
    /// measure, which waits for it.
    Held,
}

/// What an answer is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A page: the stack never passes one on.
    Html,
    /// `{"error": "Expired token"}`, the stack's word in the DACC's shape.
    ExpiredToken,
    /// The DACC's word that it has no definition of this name.
    NoDefinition,
    /// The DACC's word that its definition has another key for a group.
    OtherKey,
    /// `{"error": …}`, the DACC's shape.
    DaccError,
    /// Anything else.
    Other,
}

/// A row: an answer of this status and kind has this fate, for this reason.
struct Row(u16, u16, Option<Kind>, Fate, &'static str);

/// Answers, through the stack; the first row that fits counts.
///
/// Facts: the DACC answers 201 to what it takes and 400 `{"error": …}` to what
/// it refuses. The stack passes status and body on unless the body is a page,
/// which becomes its own 502; its errors are `{"errors": […]}`.
const ANSWERS: &[Row] = &[
    Row(200, 299, Some(Kind::Html), Fate::Unknown, "a page came in place of an answer"),
    Row(201, 201, None, Fate::Sent, "the server took it"),
    Row(200, 299, None, Fate::Unknown, "only 201 says that it was taken"),
    Row(300, 399, None, Fate::NotNow, "a redirect is no answer of the stack's: it was not passed on"),
    Row(
        400,
        400,
        Some(Kind::ExpiredToken),
        Fate::NotNow,
        "the token has expired; the stack did not pass it on",
    ),
    Row(400, 400, Some(Kind::NoDefinition), Fate::Held, "the server has no definition of it yet"),
    Row(400, 400, Some(Kind::OtherKey), Fate::Held, "the server's definition has another key for a group"),
    Row(400, 400, Some(Kind::DaccError), Fate::Refused, "the server refuses it"),
    Row(408, 408, None, Fate::NotYet, "the request did not arrive whole"),
    Row(425, 425, None, Fate::NotYet, "the stack did not take it yet"),
    Row(429, 429, None, Fate::NotYet, "too many requests: it was turned away"),
    Row(400, 499, None, Fate::NotNow, "the stack did not pass it on"),
    Row(500, 599, None, Fate::Unknown, "an error may come after the insertion"),
];

/// A plain local server speaks for itself: any good answer is one.
const PLAIN_ANSWERS: &[Row] = &[Row(200, 299, None, Fate::Sent, "the local server took it")];

/// The fate that an outcome tells, and why.
pub(super) fn fate<'a>(outcome: &Outcome, remote: &'a Remote) -> (Fate, &'a str) {
    let answer = match outcome {
        Outcome::Answer(answer) => answer,
        Outcome::None { written: false, why: None } => return (Fate::NotYet, "no connection was made"),
        Outcome::None { written: false, why: Some(_) } => {
            return (Fate::NotNow, "the server's certificate is not trusted");
        }
        Outcome::None { written: true, why: None } => return (Fate::Unknown, "no answer came"),
        Outcome::None { written: true, why: Some(_) } => return (Fate::Unknown, "the answer does not end"),
    };
    let kind = kind(&answer.content_type, &answer.body);
    if answer.status == 403
        && let Some(missing) = remote.forbidden()
    {
        return (Fate::NotNow, missing);
    }
    let plain: &[Row] = if remote.is_address() { PLAIN_ANSWERS } else { &[] };
    let fits = |Row(from, to, of, ..): &&Row| {
        (*from..=*to).contains(&answer.status) && of.is_none_or(|of| of == kind)
    };
    let row = plain.iter().chain(ANSWERS).find(fits);
    row.map_or((Fate::Unknown, "this is no answer of HTTP"), |Row(.., fate, reason)| (*fate, reason))
}

fn kind(content_type: &str, body: &[u8]) -> Kind {
    #[derive(Deserialize)]
    struct DaccError {
        error: String,
    }
    if content_type.trim_start().to_ascii_lowercase().starts_with("text/html") {
        return Kind::Html;
    }
    match serde_json::from_slice::<DaccError>(body) {
        Ok(DaccError { error }) if error == "Expired token" => Kind::ExpiredToken,
        Ok(DaccError { error }) if error.starts_with("No measure definition found") => Kind::NoDefinition,
        Ok(DaccError { error }) if error.contains("key does not match measure definition") => Kind::OtherKey,
        Ok(_) => Kind::DaccError,
        Err(_) => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{ANSWERS, Fate, Outcome, Remote, fate};
    use crate::run::{Answer, Unusable};

    const JSON: &str = "application/json";
    const HTML: &str = "text/html; charset=utf-8";
    const STACK: &str = "application/vnd.api+json";

    fn fate_of(status: u16, content_type: &str, body: &str, remote: &str) -> (Fate, String) {
        let answer =
            Answer { status, content_type: content_type.into(), body: body.into(), ..Answer::default() };
        let remote = Remote::new(Some(remote)).unwrap();
        let (fate, reason) = fate(&Outcome::Answer(answer), &remote);
        (fate, reason.to_owned())
    }

    #[test]
    fn every_row_of_the_table_is_met_by_an_answer() {
        let mut met = Vec::new();
        for (status, content_type, body, expected) in [
            (201, JSON, r#"{"ok":true}"#, Fate::Sent),
            (201, "", "", Fate::Sent),
            (201, HTML, "<html>", Fate::Unknown),
            (200, HTML, "<html>log in to the network", Fate::Unknown),
            (200, JSON, r#"{"ok":true}"#, Fate::Unknown),
            (204, "", "", Fate::Unknown),
            (302, HTML, "", Fate::NotNow),
            (400, JSON, r#"{"error":"Expired token"}"#, Fate::NotNow),
            (400, JSON, r#"{"error":"A value must be given"}"#, Fate::Refused),
            (400, JSON, r#"{"error":"No measure definition found for: quiz-stars"}"#, Fate::Held),
            (400, JSON, r#"{"error":"Group1 key does not match measure definition: page"}"#, Fate::Held),
            (
                400,
                STACK,
                r#"{"errors":[{"status":"400","detail":"the variables are not valid"}]}"#,
                Fate::NotNow,
            ),
            (400, HTML, "<html>", Fate::NotNow),
            (401, JSON, "", Fate::NotNow),
            (403, STACK, r#"{"errors":[]}"#, Fate::NotNow),
            (404, STACK, r#"{"errors":[]}"#, Fate::NotNow),
            (405, STACK, "", Fate::NotNow),
            (413, HTML, "", Fate::NotNow),
            (408, "", "", Fate::NotYet),
            (425, "", "", Fate::NotYet),
            (429, JSON, r#"{"error":"slow down"}"#, Fate::NotYet),
            (500, JSON, r#"{"error":"boom"}"#, Fate::Unknown),
            (502, STACK, r#"{"errors":[{"status":"502"}]}"#, Fate::Unknown),
            (502, HTML, "<html>", Fate::Unknown),
            (503, "", "", Fate::Unknown),
            (504, "", "", Fate::Unknown),
            (0, "", "", Fate::Unknown),
        ] {
            let (fate, reason) = fate_of(status, content_type, body, "cc.cozycloud.dacc_v2");
            assert_eq!(fate, expected, "{status} {content_type} {body}");
            met.push(reason);
        }
        assert!(ANSWERS.iter().all(|row| met.iter().any(|reason| reason == row.4)));
    }

    #[test]
    fn a_missing_permission_is_named() {
        let (fate, reason) = fate_of(403, STACK, "", "cc.cozycloud.dacc.dev_v2");
        assert_eq!(fate, Fate::NotNow);
        assert_eq!(reason, "the app has no permission: its manifest lacks POST on cc.cozycloud.dacc.dev_v2");
    }

    #[test]
    fn without_an_answer_it_matters_whether_the_request_left() {
        let remote = Remote::new(None).unwrap();
        let none = |written, why| fate(&Outcome::None { written, why }, &remote).0;
        assert_eq!(none(false, None), Fate::NotYet);
        assert_eq!(none(true, None), Fate::Unknown);
        assert_eq!(none(true, Some(Unusable::TooLarge)), Fate::Unknown);
        assert_eq!(none(false, Some(Unusable::Certificate)), Fate::NotNow);
    }

    #[test]
    fn a_plain_local_server_says_yes_with_any_good_status() {
        assert_eq!(fate_of(200, "", "", "http://localhost:8081").0, Fate::Sent);
        assert_eq!(fate_of(500, "", "", "http://localhost:8081").0, Fate::Unknown);
    }
}
