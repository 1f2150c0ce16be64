//! What an answer says of a measure that was sent: the whole table, for the
//! nightly run and, through the module, for every host.

use serde::{Deserialize, Serialize};

use super::Remote;
use crate::effect::{RequestOutcome, Response, Unusable};

/// What became of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DeliveryOutcome {
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

#[cfg(any(test, all(feature = "tools", target_arch = "wasm32")))]
impl DeliveryOutcome {
    /// Whether the measure may never be sent again.
    fn is_final(self) -> bool {
        match self {
            DeliveryOutcome::Sent | DeliveryOutcome::Refused | DeliveryOutcome::Unknown => true,
            DeliveryOutcome::NotYet | DeliveryOutcome::NotNow | DeliveryOutcome::Held => false,
        }
    }
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

/// A row: an answer of this status and kind has this outcome, for this reason.
struct Row(u16, u16, Option<Kind>, DeliveryOutcome, &'static str);

/// Answers, through the stack; the first row that fits counts.
///
/// Facts: the DACC answers 201 to what it takes and 400 `{"error": …}` to what
/// it refuses. The stack passes status and body on unless the body is a page,
/// which becomes its own 502; its errors are `{"errors": […]}`.
const ANSWERS: &[Row] = &[
    Row(200, 299, Some(Kind::Html), DeliveryOutcome::Unknown, "a page came in place of an answer"),
    Row(201, 201, None, DeliveryOutcome::Sent, "the server took it"),
    Row(200, 299, None, DeliveryOutcome::Unknown, "only 201 says that it was taken"),
    Row(300, 399, None, DeliveryOutcome::NotNow, "a redirect is no answer: it was not passed on"),
    Row(
        400,
        400,
        Some(Kind::ExpiredToken),
        DeliveryOutcome::NotNow,
        "the token has expired; it was not passed on",
    ),
    Row(400, 400, Some(Kind::NoDefinition), DeliveryOutcome::Held, "the server has no definition of it yet"),
    Row(
        400,
        400,
        Some(Kind::OtherKey),
        DeliveryOutcome::Held,
        "the server's definition has another key for a group",
    ),
    Row(400, 400, Some(Kind::DaccError), DeliveryOutcome::Refused, "the server refuses it"),
    Row(401, 401, None, DeliveryOutcome::NotNow, "the token is not accepted"),
    Row(403, 403, None, DeliveryOutcome::NotNow, "the app has no permission"),
    Row(404, 404, None, DeliveryOutcome::NotNow, "there is nothing that takes measures at this address"),
    Row(408, 408, None, DeliveryOutcome::NotYet, "the request did not arrive whole"),
    Row(425, 425, None, DeliveryOutcome::NotYet, "it was not taken yet"),
    Row(429, 429, None, DeliveryOutcome::NotYet, "too many requests: it was turned away"),
    Row(400, 499, None, DeliveryOutcome::NotNow, "it was turned away before the server looked at it"),
    Row(500, 599, None, DeliveryOutcome::Unknown, "an error may come after the insertion"),
];

/// A plain local server speaks for itself: any good answer is one.
const PLAIN_ANSWERS: &[Row] = &[Row(200, 299, None, DeliveryOutcome::Sent, "the local server took it")];

/// What the outcome of a request to a remote says of the measure, and why.
pub(crate) fn classify<'a>(outcome: &RequestOutcome, remote: &'a Remote) -> (DeliveryOutcome, &'a str) {
    match outcome {
        RequestOutcome::Answer(answer) => {
            if answer.status == 403
                && let Some(missing) = remote.forbidden()
            {
                return (DeliveryOutcome::NotNow, missing);
            }
            row_of(answer, if remote.is_address() { PLAIN_ANSWERS } else { &[] })
        }
        RequestOutcome::None { written, why } => without_answer(*written, *why),
    }
}

/// What a host learns of a measure that it sent to a DACC itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg(any(test, all(feature = "tools", target_arch = "wasm32")))]
pub(crate) struct Delivery {
    pub(crate) outcome: DeliveryOutcome,
    /// Whether the measure may never be sent again.
    is_final: bool,
    /// Why, in the words of this table.
    pub(crate) reason: &'static str,
    /// The sentence of the server itself, if it answered one.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<String>,
}

#[cfg(any(test, all(feature = "tools", target_arch = "wasm32")))]
impl Delivery {
    fn new((outcome, reason): (DeliveryOutcome, &'static str), said: Option<String>) -> Delivery {
        Delivery { outcome, is_final: outcome.is_final(), reason, said }
    }

    /// What an answer of a DACC says.
    pub(crate) fn of_answer(answer: &Response) -> Delivery {
        let said = if is_page(answer) { None } else { dacc_error(&answer.body) };
        Delivery::new(row_of(answer, &[]), said)
    }

    /// What it says that none came.
    pub(crate) fn without_answer(written: bool, why: Option<Unusable>) -> Delivery {
        Delivery::new(without_answer(written, why), None)
    }
}

fn without_answer(written: bool, why: Option<Unusable>) -> (DeliveryOutcome, &'static str) {
    match (written, why) {
        (false, None) => (DeliveryOutcome::NotYet, "no connection was made"),
        (false, Some(_)) => (DeliveryOutcome::NotNow, "the server's certificate is not trusted"),
        (true, None) => (DeliveryOutcome::Unknown, "no answer came"),
        (true, Some(_)) => (DeliveryOutcome::Unknown, "the answer does not end"),
    }
}

/// What the row says that fits an answer; the rows of `before` come first.
fn row_of(answer: &Response, before: &'static [Row]) -> (DeliveryOutcome, &'static str) {
    let kind = kind(answer);
    let fits = |Row(from, to, of, ..): &&Row| {
        (*from..=*to).contains(&answer.status) && of.is_none_or(|of| of == kind)
    };
    let row = before.iter().chain(ANSWERS).find(fits);
    let other = (DeliveryOutcome::Unknown, "this is no answer of HTTP");
    row.map_or(other, |Row(.., outcome, reason)| (*outcome, *reason))
}

fn kind(answer: &Response) -> Kind {
    if is_page(answer) {
        return Kind::Html;
    }
    match dacc_error(&answer.body) {
        Some(error) if error == "Expired token" => Kind::ExpiredToken,
        Some(error) if error.starts_with("No measure definition found") => Kind::NoDefinition,
        Some(error) if error.contains("key does not match measure definition") => Kind::OtherKey,
        Some(_) => Kind::DaccError,
        None => Kind::Other,
    }
}

fn is_page(answer: &Response) -> bool {
    answer.content_type.trim_start().to_ascii_lowercase().starts_with("text/html")
}

/// The sentence of the DACC's `{"error": …}`, if the body is one.
fn dacc_error(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct DaccError {
        error: String,
    }
    serde_json::from_slice(body).ok().map(|DaccError { error }| error)
}

#[cfg(test)]
mod tests {
    use super::{ANSWERS, Delivery, DeliveryOutcome, Remote, RequestOutcome, classify};
    use crate::effect::{Response, Unusable};

    const JSON: &str = "application/json";
    const HTML: &str = "text/html; charset=utf-8";
    const STACK: &str = "application/vnd.api+json";

    fn outcome_of(status: u16, content_type: &str, body: &str, remote: &str) -> (DeliveryOutcome, String) {
        let answer =
            Response { status, content_type: content_type.into(), body: body.into(), ..Response::default() };
        let remote = Remote::new(Some(remote)).unwrap();
        let (outcome, reason) = classify(&RequestOutcome::Answer(answer), &remote);
        (outcome, reason.to_owned())
    }

    #[test]
    fn every_row_of_the_table_is_met_by_an_answer() {
        let mut met = Vec::new();
        for (status, content_type, body, expected) in [
            (201, JSON, r#"{"ok":true}"#, DeliveryOutcome::Sent),
            (201, "", "", DeliveryOutcome::Sent),
            (201, HTML, "<html>", DeliveryOutcome::Unknown),
            (200, HTML, "<html>log in to the network", DeliveryOutcome::Unknown),
            (200, JSON, r#"{"ok":true}"#, DeliveryOutcome::Unknown),
            (204, "", "", DeliveryOutcome::Unknown),
            (302, HTML, "", DeliveryOutcome::NotNow),
            (400, JSON, r#"{"error":"Expired token"}"#, DeliveryOutcome::NotNow),
            (400, JSON, r#"{"error":"A value must be given"}"#, DeliveryOutcome::Refused),
            (400, JSON, r#"{"error":"No measure definition found for: quiz-stars"}"#, DeliveryOutcome::Held),
            (
                400,
                JSON,
                r#"{"error":"Group1 key does not match measure definition: page"}"#,
                DeliveryOutcome::Held,
            ),
            (
                400,
                STACK,
                r#"{"errors":[{"status":"400","detail":"the variables are not valid"}]}"#,
                DeliveryOutcome::NotNow,
            ),
            (400, HTML, "<html>", DeliveryOutcome::NotNow),
            (401, JSON, "", DeliveryOutcome::NotNow),
            (403, STACK, r#"{"errors":[]}"#, DeliveryOutcome::NotNow),
            (404, STACK, r#"{"errors":[]}"#, DeliveryOutcome::NotNow),
            (405, STACK, "", DeliveryOutcome::NotNow),
            (413, HTML, "", DeliveryOutcome::NotNow),
            (408, "", "", DeliveryOutcome::NotYet),
            (425, "", "", DeliveryOutcome::NotYet),
            (429, JSON, r#"{"error":"slow down"}"#, DeliveryOutcome::NotYet),
            (500, JSON, r#"{"error":"boom"}"#, DeliveryOutcome::Unknown),
            (502, STACK, r#"{"errors":[{"status":"502"}]}"#, DeliveryOutcome::Unknown),
            (502, HTML, "<html>", DeliveryOutcome::Unknown),
            (503, "", "", DeliveryOutcome::Unknown),
            (504, "", "", DeliveryOutcome::Unknown),
            (0, "", "", DeliveryOutcome::Unknown),
        ] {
            let (outcome, reason) = outcome_of(status, content_type, body, "cc.cozycloud.dacc_v2");
            assert_eq!(outcome, expected, "{status} {content_type} {body}");
            met.push(reason);
        }
        // Through the stack the permission is named.
        met.push(outcome_of(403, "", "", "http://localhost:8081").1);
        assert!(ANSWERS.iter().all(|row| met.iter().any(|reason| reason == row.4)));
    }

    #[test]
    fn a_missing_permission_is_named() {
        let (outcome, reason) = outcome_of(403, STACK, "", "cc.cozycloud.dacc.dev_v2");
        assert_eq!(outcome, DeliveryOutcome::NotNow);
        assert_eq!(reason, "the app has no permission: its manifest lacks POST on cc.cozycloud.dacc.dev_v2");
    }

    #[test]
    fn without_an_answer_it_matters_whether_the_request_left() {
        let remote = Remote::new(None).unwrap();
        let none = |written, why| classify(&RequestOutcome::None { written, why }, &remote).0;
        assert_eq!(none(false, None), DeliveryOutcome::NotYet);
        assert_eq!(none(true, None), DeliveryOutcome::Unknown);
        assert_eq!(none(true, Some(Unusable::TooLarge)), DeliveryOutcome::Unknown);
        assert_eq!(none(false, Some(Unusable::Certificate)), DeliveryOutcome::NotNow);
    }

    #[test]
    fn a_plain_local_server_says_yes_with_any_good_status() {
        assert_eq!(outcome_of(200, "", "", "http://localhost:8081").0, DeliveryOutcome::Sent);
        assert_eq!(outcome_of(500, "", "", "http://localhost:8081").0, DeliveryOutcome::Unknown);
    }

    #[test]
    fn a_host_is_told_what_the_server_says_and_whether_it_may_send_again() {
        let told = |status, content_type: &str, body: &str| {
            let answer = Response {
                status,
                content_type: content_type.into(),
                body: body.into(),
                ..Response::default()
            };
            let Delivery { outcome, is_final, said, .. } = Delivery::of_answer(&answer);
            (outcome, is_final, said)
        };
        let no_definition = "No measure definition found for: quiz-stars";
        let held = (DeliveryOutcome::Held, false, Some(no_definition.to_owned()));
        assert_eq!(told(400, JSON, &format!(r#"{{"error":"{no_definition}"}}"#)), held);
        let refused = (DeliveryOutcome::Refused, true, Some("A value must be given".to_owned()));
        assert_eq!(told(400, JSON, r#"{"error":"A value must be given"}"#), refused);
        assert_eq!(
            told(400, HTML, r#"{"error":"A value must be given"}"#),
            (DeliveryOutcome::NotNow, false, None)
        );
        // A DACC itself says with 201 alone that it took a measure.
        assert_eq!(told(200, JSON, "{}"), (DeliveryOutcome::Unknown, true, None));
        assert_eq!(told(201, JSON, "{}"), (DeliveryOutcome::Sent, true, None));
        assert!(!Delivery::without_answer(false, None).is_final);
        assert!(Delivery::without_answer(true, None).is_final);
    }
}
