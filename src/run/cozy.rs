//! The data API of a Cozy, as far as a run reads it.
//!
//! Shapes and facts: cozy-stack, the data API (`/data/:doctype/…`).

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::port::Port;
use super::{Answer, Request};

/// The most documents that the stack gives at once; a limit above becomes 100.
const PAGE: usize = 1_000;

/// So many pages are a mistake of the server's, not a person's documents.
const MAX_PAGES: usize = 10_000;

/// Why something could not be read; never with a document's content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    #[error("the Cozy did not answer")]
    NoAnswer,
    #[error("the app has no permission")]
    Forbidden,
    #[error("the token is not accepted")]
    Token,
    #[error("the Cozy answered with status {0}")]
    Status(u16),
    #[error("the answer is not what the Cozy gives")]
    Malformed,
}

/// The part of the stack's errors that tells them apart.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StackError {
    error: String,
}

/// Reads documents through the port of a run.
#[derive(Debug)]
pub(super) struct Cozy<'a> {
    port: &'a Port,
}

impl<'a> Cozy<'a> {
    pub(super) fn new(port: &'a Port) -> Cozy<'a> {
        Cozy { port }
    }

    /// All documents of a doctype, page by page; none if it has no database.
    pub(super) async fn documents(&self, doctype: &str) -> Result<Vec<Box<RawValue>>, Failure> {
        let mut documents = Vec::new();
        let mut bookmark = String::new();
        for _ in 0..MAX_PAGES {
            let mut url = format!("/data/{doctype}/_normal_docs?limit={PAGE}");
            if !bookmark.is_empty() {
                url.push_str("&bookmark=");
                url.push_str(&percent_encoded(&bookmark));
            }
            let answer = self.ask(Request { method: "GET", url, body: None }).await?;
            let Some(page) = page::<Rows>(answer)? else { break };
            let is_last = page.rows.len() < PAGE || page.bookmark.is_empty() || page.bookmark == bookmark;
            documents.extend(page.rows);
            if is_last {
                break;
            }
            bookmark = page.bookmark;
        }
        Ok(documents)
    }

    /// The documents of a doctype that a selector finds, in the order of a
    /// field that is then indexed; each page as it came goes to `take`.
    pub(super) async fn find(
        &self,
        doctype: &str,
        query: &Query<'_>,
        mut take: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), Failure> {
        let mut bookmark = String::new();
        let mut has_index = false;
        let url = format!("/data/{doctype}/_find");
        for _ in 0..MAX_PAGES {
            let body = query.body(&bookmark);
            let answer = self.ask(Request { method: "POST", url: url.clone(), body: Some(body) }).await?;
            if !has_index && is_error(&answer, 400, |error| error.error == "no_index") {
                self.create_index(doctype, query).await?;
                has_index = true;
                continue;
            }
            let Some(body) = body_of(answer)? else { break };
            let end: PageEnd = serde_json::from_slice(&body).map_err(|_| Failure::Malformed)?;
            let goes_on = take(&body);
            if !goes_on || !end.next || end.bookmark.is_empty() || end.bookmark == bookmark {
                break;
            }
            bookmark = end.bookmark;
        }
        Ok(())
    }

    async fn create_index(&self, doctype: &str, query: &Query<'_>) -> Result<(), Failure> {
        let url = format!("/data/{doctype}/_index");
        let body = json!({"index": {"fields": query.index}}).to_string();
        let answer = self.ask(Request { method: "POST", url, body: Some(body) }).await?;
        body_of(answer).map(drop)
    }

    async fn ask(&self, request: Request) -> Result<Answer, Failure> {
        self.port.request(request).await.ok_or(Failure::NoAnswer)
    }
}

/// A Mango query whose selector and order one index serves.
#[derive(Debug)]
pub(super) struct Query<'a> {
    pub(super) selector: serde_json::Value,
    pub(super) index: &'a [&'a str],
    /// The fields wanted; all if none is named.
    pub(super) fields: &'a [&'a str],
    pub(super) limit: usize,
}

impl Query<'_> {
    pub(super) const PAGE: usize = PAGE;

    fn body(&self, bookmark: &str) -> String {
        let sort: Vec<_> = self.index.iter().map(|field| json!({*field: "asc"})).collect();
        let mut body = json!({"selector": self.selector, "sort": sort, "limit": self.limit});
        if !self.fields.is_empty() {
            body["fields"] = json!(self.fields);
        }
        if !bookmark.is_empty() {
            body["bookmark"] = json!(bookmark);
        }
        body.to_string()
    }
}

#[derive(Debug, Deserialize)]
struct Rows {
    rows: Vec<Box<RawValue>>,
    #[serde(default)]
    bookmark: String,
}

#[derive(Debug, Deserialize)]
struct PageEnd {
    #[serde(default)]
    next: bool,
    #[serde(default)]
    bookmark: String,
}

fn page<T: for<'de> Deserialize<'de>>(answer: Answer) -> Result<Option<T>, Failure> {
    let body = body_of(answer)?;
    body.map(|body| serde_json::from_slice(&body).map_err(|_| Failure::Malformed)).transpose()
}

/// The body of a good answer; `None` where there is no such database yet.
fn body_of(answer: Answer) -> Result<Option<Vec<u8>>, Failure> {
    match answer.status {
        200 | 201 => Ok(Some(answer.body)),
        // Missing database: the reason differs from call to call.
        404 if is_error(&answer, 404, |error| !error.error.is_empty()) => Ok(None),
        401 => Err(Failure::Token),
        400 if is_error(&answer, 400, |error| error.error == "Expired token") => Err(Failure::Token),
        403 => Err(Failure::Forbidden),
        status => Err(Failure::Status(status)),
    }
}

fn is_error(answer: &Answer, status: u16, is: impl Fn(&StackError) -> bool) -> bool {
    answer.status == status && serde_json::from_slice(&answer.body).is_ok_and(|error| is(&error))
}

/// A bookmark as part of an address.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
