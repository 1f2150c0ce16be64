//! Sending a measure: the request in each form, and what its outcome means.

use serde::Deserialize;
use serde_json::json;

use super::{Answer, Request};
use crate::Error;
use crate::measure::Measure;
use crate::options::DEFAULT_REMOTE;

/// Where measures go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remote {
    /// A remote doctype of the second form: a path beside the data.
    PathAndData(String),
    /// A remote doctype of the first form: the data alone.
    Data(String),
    /// A plain server on the developer's machine, in the first form.
    Address(String),
}

impl Remote {
    pub(super) fn new(remote: Option<&str>) -> Result<Remote, Error> {
        let remote = remote.unwrap_or(DEFAULT_REMOTE);
        let doctype = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
        };
        if remote.starts_with("http://") || remote.starts_with("https://") {
            Ok(Remote::Address(remote.to_owned()))
        } else if !doctype(remote) {
            Err(Error::option("remote: a doctype or an http:// address is needed"))
        } else if remote.ends_with("_v2") {
            Ok(Remote::PathAndData(remote.to_owned()))
        } else {
            Ok(Remote::Data(remote.to_owned()))
        }
    }

    pub(super) fn request(&self, measure: &Measure) -> Request {
        let data = measure.to_json();
        let (url, body) = match self {
            Remote::PathAndData(doctype) => {
                (format!("/remote/{doctype}"), json!({"data": data, "path": "measure"}))
            }
            Remote::Data(doctype) => (format!("/remote/{doctype}"), json!({"data": data})),
            Remote::Address(address) => (address.clone(), json!({"data": data})),
        };
        Request { method: "POST", url, body: Some(body.to_string()) }
    }
}

/// What became of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// The server took it.
    Sent,
    /// The server refuses it, and would again.
    Refused,
    /// It did not reach the server, and the next one would not either.
    NotSent(&'static str),
    /// It may have been stored or not; the run stops.
    Unknown(&'static str),
}

/// Reads the outcome of a send.
///
/// Facts: the DACC answers 201 to what it takes and 400 `{"error": …}` to what
/// it refuses; the stack's own errors are `{"errors": […]}`, but for its 400
/// "Expired token", which has the DACC's shape; a 502 may be the stack's word
/// for a refused token or for a gateway that failed after the insertion.
pub(super) fn delivery(answer: Option<&Answer>) -> Delivery {
    let Some(answer) = answer else {
        return Delivery::Unknown("no answer came");
    };
    let is_html = answer.content_type.starts_with("text/html");
    match answer.status {
        200..=299 if is_html => Delivery::Unknown("a page came in place of an answer"),
        200..=299 => Delivery::Sent,
        400 => match DaccError::of(answer) {
            Some(error) if error == "Expired token" => Delivery::NotSent("the token has expired"),
            Some(_) => Delivery::Refused,
            None => Delivery::NotSent("the stack did not pass it on"),
        },
        401 => Delivery::NotSent("the token is not accepted"),
        403 => Delivery::NotSent("the app has no permission for the remote doctype"),
        404 | 405 => Delivery::NotSent("the stack does not know the remote doctype"),
        _ => Delivery::Unknown("the answer does not tell whether it was stored"),
    }
}

#[derive(Deserialize)]
struct DaccError {
    error: String,
}

impl DaccError {
    fn of(answer: &Answer) -> Option<String> {
        serde_json::from_slice::<DaccError>(&answer.body).ok().map(|error| error.error)
    }
}

#[cfg(test)]
mod tests {
    use super::{Delivery, Remote, delivery};
    use crate::run::Answer;

    fn answered(status: u16, content_type: &str, body: &str) -> Delivery {
        let answer = Answer { status, content_type: content_type.into(), body: body.into() };
        delivery(Some(&answer))
    }

    #[test]
    fn an_outcome_says_what_became_of_the_measure() {
        let json = "application/json";
        assert_eq!(answered(201, json, r#"{"ok":true}"#), Delivery::Sent);
        assert_eq!(answered(201, "", ""), Delivery::Sent);
        assert!(matches!(answered(200, "text/html; charset=utf-8", "<html>"), Delivery::Unknown(_)));
        assert_eq!(answered(400, json, r#"{"error":"A value must be given"}"#), Delivery::Refused);
        assert!(matches!(answered(400, json, r#"{"error":"Expired token"}"#), Delivery::NotSent(_)));
        assert!(matches!(answered(400, json, r#"{"errors":[]}"#), Delivery::NotSent(_)));
        for status in [401, 403, 404, 405] {
            assert!(matches!(answered(status, json, ""), Delivery::NotSent(_)), "{status}");
        }
        for status in [500, 502, 503, 504, 302] {
            assert!(matches!(answered(status, json, ""), Delivery::Unknown(_)), "{status}");
        }
        assert!(matches!(delivery(None), Delivery::Unknown(_)));
    }

    #[test]
    fn the_form_follows_from_the_name() {
        let remote = |name| Remote::new(Some(name)).unwrap();
        assert_eq!(Remote::new(None).unwrap(), Remote::PathAndData("cc.cozycloud.dacc_v2".into()));
        assert_eq!(
            remote("cc.cozycloud.dacc.dev_v2"),
            Remote::PathAndData("cc.cozycloud.dacc.dev_v2".into())
        );
        assert_eq!(remote("cc.cozycloud.dacc"), Remote::Data("cc.cozycloud.dacc".into()));
        assert_eq!(remote("http://localhost:8081"), Remote::Address("http://localhost:8081".into()));
        assert!(Remote::new(Some("../files")).is_err());
        assert!(Remote::new(Some("")).is_err());
    }
}
