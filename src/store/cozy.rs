//! The data API of a Cozy, as far as runs and commands use it.
//!
//! Shapes and facts: cozy-stack, the data API (`/data/:doctype/…`).

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::json;
use serde_json::value::RawValue;

use super::pages::{Pages, WholePages};
use crate::effect::{Port, Request, RequestOutcome, Response, Unusable};
use crate::limits;

/// The doctype of the stack's own triggers.
const STACK_TRIGGERS: &str = "io.cozy.triggers";

/// Why something could not be read or written; never with a document's content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the Cozy did not answer")]
    NoAnswer,
    /// As [`missing_permission`] says it.
    #[error("{0}")]
    Forbidden(String),
    #[error("the token is not accepted")]
    Token,
    #[error("the Cozy answered with status {0}")]
    Status(u16),
    #[error("the answer is not what the Cozy gives")]
    Malformed,
    #[error("another run changed it")]
    Conflict,
    #[error("the time is over")]
    OutOfTime,
    #[error("the Cozy's certificate is not trusted")]
    Certificate,
    #[error("an answer has more than {} MiB", limits::MAX_ANSWER_BYTES >> 20)]
    TooLarge,
    #[error("its documents have more than {} MiB", .0 >> 20)]
    TooMuch(usize),
    #[error("its pages do not end: {0}")]
    Endless(&'static str),
    #[error("{0}")]
    Settings(String),
}

/// The sentence for a 403: what an app's manifest has to have.
pub(crate) fn missing_permission(verb: &str, doctype: &str) -> String {
    format!("the app has no permission: its manifest lacks {verb} on {doctype}")
}

impl Failure {
    /// Whether the same may work at once or a little later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Failure::NoAnswer | Failure::Malformed => true,
            Failure::Status(status) => passes(*status),
            _ => false,
        }
    }
}

fn passes(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// The part of the stack's errors that tells them apart.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StackError {
    error: String,
}

/// Reads and writes the documents of a Cozy through a port.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cozy<'a> {
    port: &'a Port,
    /// When the run has to be over, on the host's clock.
    deadline: Option<u64>,
}

impl<'a> Cozy<'a> {
    pub(crate) fn new(port: &'a Port, deadline: Option<u64>) -> Cozy<'a> {
        Cozy { port, deadline }
    }

    /// Whether something that takes `millis` can still be finished in time.
    pub(crate) fn has_time(&self, millis: u64) -> bool {
        self.deadline.is_none_or(|deadline| self.port.now() + millis <= deadline)
    }

    /// All documents of a doctype, page by page; none if it has no database.
    pub(crate) async fn documents(&self, doctype: &str) -> Result<Vec<Box<RawValue>>, Failure> {
        let mut documents = Vec::new();
        let mut bookmark = String::new();
        let mut guard = PagingGuard::new(limits::MAX_WHOLE_BYTES);
        loop {
            let page = self.page(doctype, &bookmark).await?;
            guard.extend(size(&page.documents), page.documents.is_empty(), page.next.as_deref())?;
            documents.extend(page.documents);
            let Some(next) = page.next else { return Ok(documents) };
            bookmark = next;
        }
    }

    /// The triggers of konnectors, each with the state that it is in. Those of
    /// the stack are asked for as such: it computes their states for whoever
    /// asks so, and gives an app none of their documents.
    pub(crate) async fn triggers(&self, doctype: &str) -> Result<Vec<Box<RawValue>>, Failure> {
        if doctype != STACK_TRIGGERS {
            return self.documents(doctype).await;
        }
        let url = "/jobs/triggers".to_owned();
        let (answer, _) = self.ask(Request { method: "GET", url, body: None, in_pieces: false }).await?;
        Ok(page::<Resources>(answer)?.map(|resources| resources.data.0).unwrap_or_default())
    }

    /// The documents of a doctype from a bookmark on, the first being empty.
    pub(crate) async fn page(&self, doctype: &str, bookmark: &str) -> Result<Page, Failure> {
        let mut limit = limits::PAGE;
        let answer = loop {
            let mut url = format!("/data/{doctype}/_normal_docs?limit={limit}");
            if !bookmark.is_empty() {
                url.push_str("&bookmark=");
                url.push_str(&percent_encoded(bookmark));
            }
            match self.ask(Request { method: "GET", url, body: None, in_pieces: false }).await {
                // Where documents are large, fewer of them are a page.
                Err(Failure::TooLarge) if limit > 1 => limit /= 10,
                asked => break asked?.0,
            }
        };
        let Some(page) = page::<Rows>(answer)? else { return Ok(Page::default()) };
        let rows = page.rows.0;
        let is_last = rows.len() < limit || page.bookmark.is_empty() || page.bookmark == bookmark;
        Ok(Page { documents: rows, next: Some(page.bookmark).filter(|_| !is_last) })
    }

    /// The documents of a doctype that a query finds; each page as it came goes
    /// to `take`, which tells whether to go on. Tells whether there is a database.
    pub(crate) async fn find(
        &self,
        doctype: &str,
        query: &Query<'_>,
        take: impl FnMut(&[u8]) -> bool,
    ) -> Result<bool, Failure> {
        self.find_pages(doctype, query, &mut WholePages::new(take)).await
    }

    /// The same; the pages go to `pages`.
    pub(crate) async fn find_pages(
        &self,
        doctype: &str,
        query: &Query<'_>,
        pages: &mut dyn Pages,
    ) -> Result<bool, Failure> {
        let mut bookmark = String::new();
        let mut has_index = false;
        let url = format!("/data/{doctype}/_find");
        let in_pieces = pages.are_in_pieces();
        let mut guard = PagingGuard::new(limits::MAX_QUERY_BYTES);
        let mut limit = limits::PAGE;
        loop {
            if !self.has_time(0) {
                return Err(Failure::OutOfTime);
            }
            let body = Some(query.body(&bookmark, limit));
            let request = Request { method: "POST", url: url.clone(), body, in_pieces };
            let (answer, asked) = match self.ask_for(request, Some(pages)).await {
                // Where documents are large, fewer of them are a page; a bookmark
                // stands for a place, whatever the limit.
                Err(Failure::TooLarge) if limit > 1 => {
                    limit /= 2;
                    continue;
                }
                asked => asked?,
            };
            if !has_index && is_error(&answer, 400, |error| error.error == "no_index") {
                self.create_index(doctype, query.index).await?;
                has_index = true;
                continue;
            }
            if body_of(answer)?.is_none() {
                return Ok(false);
            }
            let next = pages.next().filter(|next| *next != bookmark);
            guard.extend(asked.bytes, pages.is_empty(), next.as_deref())?;
            let Some(next) = next else { return Ok(true) };
            bookmark = next;
        }
    }

    /// Makes an index, and the database if it is missing.
    pub(crate) async fn create_index(&self, doctype: &str, fields: &[&str]) -> Result<(), Failure> {
        let url = format!("/data/{doctype}/_index");
        let body = json!({"index": {"fields": fields}}).to_string();
        let (answer, _) =
            self.ask(Request { method: "POST", url, body: Some(body), in_pieces: false }).await?;
        body_of(answer).map(drop)
    }

    /// The documents with these ids, as far as they are there, so many in one
    /// request.
    pub(crate) async fn with_ids(
        &self,
        doctype: &str,
        ids: &[String],
        at_once: usize,
    ) -> Result<Vec<Box<RawValue>>, Failure> {
        let mut documents = Vec::new();
        let mut left = limits::MAX_QUERY_BYTES;
        for keys in ids.chunks(at_once) {
            let url = format!("/data/{doctype}/_all_docs?include_docs=true");
            let body = json!({"keys": keys}).to_string();
            let (answer, _) =
                self.ask(Request { method: "POST", url, body: Some(body), in_pieces: false }).await?;
            let Some(found) = page::<KeyedRows>(answer)? else { break };
            let found: Vec<_> = found.rows.0.into_iter().filter_map(|row| row.doc).collect();
            left = left.checked_sub(size(&found)).ok_or(Failure::TooMuch(limits::MAX_QUERY_BYTES))?;
            documents.extend(found);
        }
        Ok(documents)
    }

    /// One document; `None` if it is not there.
    pub(crate) async fn document(&self, doctype: &str, id: &str) -> Result<Option<Vec<u8>>, Failure> {
        let url = format!("/data/{doctype}/{id}");
        let (answer, _) = self.ask(Request { method: "GET", url, body: None, in_pieces: false }).await?;
        body_of(answer)
    }

    /// Writes one document under its id; gives its new revision.
    pub(crate) async fn put(&self, doctype: &str, id: &str, document: String) -> Result<String, Failure> {
        let url = format!("/data/{doctype}/{id}");
        let (answer, _) =
            self.ask(Request { method: "PUT", url, body: Some(document), in_pieces: false }).await?;
        if answer.status == 409 {
            return Err(Failure::Conflict);
        }
        let written: Option<PutResult> = page(answer)?;
        written.map(|written| written.rev).ok_or(Failure::Status(404))
    }

    /// Writes several documents. Conflicts come inside the answer; how often
    /// was tried tells whether one of them can be our own doing.
    pub(crate) async fn put_all(
        &self,
        doctype: &str,
        documents: &[&RawValue],
    ) -> Result<(Vec<BulkResult>, u32), Failure> {
        let url = format!("/data/{doctype}/_bulk_docs");
        // As they are written: a number or a field may be more than a `Value` holds.
        let documents: Vec<&str> = documents.iter().map(|document| document.get()).collect();
        let body = format!("{{\"docs\":[{}]}}", documents.join(","));
        let (answer, asked) =
            self.ask(Request { method: "POST", url, body: Some(body), in_pieces: false }).await?;
        let written: Option<AtMost<BulkResult>> = page(answer)?;
        Ok((written.map(|written| written.0).unwrap_or_default(), asked.tries))
    }

    /// Asks until an answer comes that does not pass, as often and as long as
    /// it may; gives the answer and how often was asked.
    async fn ask(&self, request: Request) -> Result<(Response, RequestCost), Failure> {
        self.ask_for(request, None).await
    }

    /// The same; the body of a good answer goes to `pages`, if there are any.
    async fn ask_for(
        &self,
        request: Request,
        mut pages: Option<&mut dyn Pages>,
    ) -> Result<(Response, RequestCost), Failure> {
        let mut tries = 1;
        loop {
            let mut bytes = 0;
            let outcome = match &mut pages {
                None => self.port.request(request.clone()).await,
                Some(pages) => {
                    pages.begin();
                    let take = |piece: &[u8]| {
                        bytes += piece.len();
                        pages.piece(piece);
                    };
                    self.port.request_in_pieces(request.clone(), take).await
                }
            };
            let (failure, asked) = match outcome {
                RequestOutcome::None { why: None, .. } => (Failure::NoAnswer, None),
                RequestOutcome::None { why: Some(Unusable::TooLarge), .. } => return Err(Failure::TooLarge),
                RequestOutcome::None { why: Some(Unusable::Certificate), .. } => {
                    return Err(Failure::Certificate);
                }
                RequestOutcome::Answer(answer) if bytes + answer.body.len() > limits::MAX_ANSWER_BYTES => {
                    return Err(Failure::TooLarge);
                }
                RequestOutcome::Answer(answer) if answer.status == 403 => {
                    return Err(Failure::Forbidden(forbidden(&request)));
                }
                RequestOutcome::Answer(answer) if passes(answer.status) => {
                    (Failure::Status(answer.status), answer.retry_after)
                }
                RequestOutcome::Answer(answer) if is_broken(&answer, pages.as_deref_mut()) => {
                    (Failure::Malformed, None)
                }
                RequestOutcome::Answer(answer) => {
                    bytes += answer.body.len();
                    return Ok((answer, RequestCost { tries, bytes }));
                }
            };
            if tries == limits::MAX_TRIES || !self.has_time(limits::MAX_BACKOFF_MILLIS) {
                return Err(failure);
            }
            self.port.back_off(tries, asked).await;
            tries += 1;
        }
    }
}

/// How many tries and bytes an answer took.
#[derive(Debug, Clone, Copy)]
struct RequestCost {
    tries: u32,
    bytes: usize,
}

/// Bounds how far a doctype is read, page by page, so that reading always ends.
#[derive(Debug)]
pub(crate) struct PagingGuard {
    pages: usize,
    empty_in_a_row: usize,
    bytes: usize,
    most: usize,
    /// A bookmark of before, which is met again where they go round (Brent 1980).
    mark: String,
    /// After how many pages a later one takes its place.
    until: usize,
}

impl PagingGuard {
    /// No more than this many bytes.
    pub(crate) fn new(most: usize) -> PagingGuard {
        PagingGuard { pages: 0, empty_in_a_row: 0, bytes: 0, most, mark: String::new(), until: 1 }
    }

    /// Goes on by a page; fails where it and the `next` ones would be too much.
    pub(crate) fn extend(&mut self, bytes: usize, is_empty: bool, next: Option<&str>) -> Result<(), Failure> {
        self.pages += 1;
        self.bytes += bytes;
        self.empty_in_a_row = if is_empty { self.empty_in_a_row + 1 } else { 0 };
        if self.bytes > self.most {
            return Err(Failure::TooMuch(self.most));
        }
        let Some(next) = next else { return Ok(()) };
        if next == self.mark {
            return Err(Failure::Endless("their bookmarks go round"));
        }
        if next.len() > limits::MAX_BOOKMARK_BYTES {
            return Err(Failure::Endless("a bookmark is longer than any"));
        }
        if self.empty_in_a_row > limits::MAX_EMPTY_PAGES {
            return Err(Failure::Endless("several in a row are empty"));
        }
        if self.pages >= limits::MAX_PAGES {
            return Err(Failure::Endless("there are more than any Cozy has"));
        }
        if self.pages == self.until {
            next.clone_into(&mut self.mark);
            self.until *= 2;
        }
        Ok(())
    }
}

/// What documents take in memory.
fn size(documents: &[Box<RawValue>]) -> usize {
    documents.iter().map(|document| document.get().len() + limits::DOCUMENT_OVERHEAD).sum()
}

/// Which permission a request needs that the stack answered with 403: reading
/// is one verb, whatever the method.
fn forbidden(request: &Request) -> String {
    // The stack's own list of triggers stands for their doctype.
    let url = if request.url == "/jobs/triggers" { "/data/io.cozy.triggers" } else { &request.url };
    let mut parts = url.split(['/', '?']).skip(2);
    let (doctype, call) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let is_new = || !request.body.as_deref().unwrap_or_default().contains("\"_rev\"");
    let verb = match (request.method, call) {
        ("POST", "_bulk_docs") => "POST",
        ("PUT", _) if is_new() => "POST",
        ("PUT", _) => "PUT",
        _ => "GET",
    };
    missing_permission(verb, doctype)
}

/// A good answer that is cut off, or a page from somewhere else.
fn is_broken(answer: &Response, pages: Option<&mut (dyn Pages + '_)>) -> bool {
    match pages {
        Some(pages) if answer.status == 200 => {
            pages.piece(&answer.body);
            !pages.end()
        }
        _ => {
            let is_json = || serde_json::from_slice::<IgnoredAny>(&answer.body).is_ok();
            (200..300).contains(&answer.status) && !is_json()
        }
    }
}

/// A Mango query whose selector and order one index serves.
#[derive(Debug)]
pub(crate) struct Query<'a> {
    pub(crate) selector: serde_json::Value,
    pub(crate) index: &'a [&'a str],
    /// The fields wanted; all if none is named.
    pub(crate) fields: &'a [&'a str],
}

impl Query<'_> {
    fn body(&self, bookmark: &str, limit: usize) -> String {
        let sort: Vec<_> = self.index.iter().map(|field| json!({*field: "asc"})).collect();
        let mut body = json!({"selector": self.selector, "sort": sort, "limit": limit});
        if !self.fields.is_empty() {
            body["fields"] = json!(self.fields);
        }
        if !bookmark.is_empty() {
            body["bookmark"] = json!(bookmark);
        }
        body.to_string()
    }
}

/// The documents of a page that a query found.
pub(crate) fn found(page: &[u8]) -> Option<Vec<Box<RawValue>>> {
    #[derive(Deserialize)]
    struct Docs {
        docs: AtMost<Box<RawValue>>,
    }
    serde_json::from_slice::<Docs>(page).ok().map(|page| page.docs.0)
}

/// How many those are; `None` where it is no page, or of more than a page has.
pub(super) fn count(page: &[u8]) -> Option<usize> {
    #[derive(Deserialize)]
    struct Docs {
        docs: AtMost<IgnoredAny>,
    }
    serde_json::from_slice::<Docs>(page).ok().map(|page| page.docs.0.len())
}

/// A list of no more documents than the stack gives at once: a longer one is
/// not read to its end.
#[derive(Debug)]
struct AtMost<T, const MAX: usize = { limits::PAGE }>(Vec<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for AtMost<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AtMostVisitor<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for AtMostVisitor<T, MAX> {
            type Value = AtMost<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<AtMost<T, MAX>, A::Error> {
                let mut few = Vec::new();
                while let Some(each) = list.next_element()? {
                    if few.len() == MAX {
                        return Err(A::Error::custom("too many"));
                    }
                    few.push(each);
                }
                Ok(AtMost(few))
            }
        }
        deserializer.deserialize_seq(AtMostVisitor(PhantomData))
    }
}

/// Some documents of a doctype, and where the next ones are.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) documents: Vec<Box<RawValue>>,
    pub(crate) next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Rows {
    rows: AtMost<Box<RawValue>>,
    #[serde(default)]
    bookmark: String,
}

/// A list of JSON:API.
#[derive(Debug, Deserialize)]
struct Resources {
    data: AtMost<Box<RawValue>, { limits::MAX_TRIGGERS }>,
}

#[derive(Debug, Deserialize)]
struct KeyedRows {
    rows: AtMost<KeyedRow>,
}

#[derive(Debug, Deserialize)]
struct KeyedRow {
    #[serde(default)]
    doc: Option<Box<RawValue>>,
}

#[derive(Debug, Deserialize)]
struct PutResult {
    rev: String,
}

/// One document's part of a bulk answer; without a revision it was not written.
#[derive(Debug, Deserialize)]
pub(crate) struct BulkResult {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) rev: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

impl BulkResult {
    pub(crate) fn is_written(&self) -> bool {
        self.error.is_none() && self.rev.is_some()
    }
}

fn page<T: for<'de> Deserialize<'de>>(answer: Response) -> Result<Option<T>, Failure> {
    let body = body_of(answer)?;
    body.map(|body| serde_json::from_slice(&body).map_err(|_| Failure::Malformed)).transpose()
}

/// The body of a good answer; `None` where there is no such document or database yet.
fn body_of(answer: Response) -> Result<Option<Vec<u8>>, Failure> {
    match answer.status {
        200 | 201 => Ok(Some(answer.body)),
        // Missing database: the reason differs from call to call.
        404 if is_error(&answer, 404, |error| !error.error.is_empty()) => Ok(None),
        401 => Err(Failure::Token),
        400 if is_error(&answer, 400, |error| error.error == "Expired token") => Err(Failure::Token),
        409 => Err(Failure::Conflict),
        status => Err(Failure::Status(status)),
    }
}

fn is_error(answer: &Response, status: u16, is: impl Fn(&StackError) -> bool) -> bool {
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
