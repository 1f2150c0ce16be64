//! What holds for any bytes, with serde_json as the judge. Each law panics
//! where it is broken; the fuzzer and the property tests try them.
//!
//! Where the two differ, and why:
//! - serde_json skips what is not UTF-8 in strings that nobody wants; here it
//!   is an error everywhere.
//! - A document deeper than the limit is one to serde_json's `IgnoredAny`, and
//!   none here.
//! - `Value` has no place for half a surrogate pair, nor for a number beyond
//!   what a double holds; here both are what they are, as written.
//! - An object is a `_find` answer here as soon as it has a `docs` that is an
//!   array; to serde_json only if it has no other `docs` either.

#![allow(clippy::unwrap_used, reason = "a law that is broken panics")]

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use super::scanner::documents;
use super::{Document, Field, Found, Names, Scanner, fields};
use crate::limits::MAX_DEPTH;

const NAMES: [&str; 4] = ["_id", "type", "result", "é\"\n"];

/// A text is a document exactly if serde_json takes it.
pub fn a_document_is_what_serde_takes(text: &[u8]) {
    let is_taken = std::str::from_utf8(text).is_ok() && serde_json::from_slice::<IgnoredAny>(text).is_ok();
    let is_document = Document::parse(text).is_some();
    assert_eq!(is_document, is_taken && depth(text) <= MAX_DEPTH);
}

/// The fields of an object are those that serde_json reads.
pub fn fields_are_what_serde_reads(text: &[u8]) {
    let Some(document) = Document::parse(text) else { return };
    let found = fields(document, NAMES);
    assert_eq!(found.is_some(), document.bytes().starts_with(b"{"));
    if let (Some(found), Ok(value)) = (found, serde_json::from_slice::<Value>(text)) {
        agree(&found, &value);
    }
}

fn agree(found: &[Option<Field<'_>>], object: &Value) {
    assert_eq!(found.len(), NAMES.len());
    for (&field, name) in found.iter().zip(NAMES) {
        let value = object.get(name);
        assert_eq!(field.is_some(), value.is_some());
        let (Some(field), Some(value)) = (field, value) else { continue };
        assert_eq!(field.text().as_deref(), value.as_str());
        assert_eq!(field.boolean(), value.as_bool());
        assert_eq!(field.is_null(), value.is_null());
        assert_eq!(field.number().map(|digits| digits.parse().unwrap()), value.as_number().cloned());
        let nested =
            field.document().map(|document| serde_json::from_slice::<Value>(document.bytes()).unwrap());
        assert_eq!(nested.as_ref(), Some(value).filter(|value| value.is_object() || value.is_array()));
        if let Some(plain) = field.plain() {
            assert_eq!(Some(plain), value.as_str().map(str::as_bytes));
        }
    }
}

/// The documents of a text are those that serde_json finds, in every framing.
pub fn documents_are_what_serde_finds(text: &[u8]) {
    let given = given(text, &[]);
    let inner = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let first = inner.iter().find(|byte| !b" \t\r\n".contains(byte));
    if depth(text) > MAX_DEPTH || std::str::from_utf8(text).is_err() {
        return;
    }
    if first == Some(&b'[') {
        match serde_json::from_slice::<Vec<&RawValue>>(inner) {
            Ok(elements) => assert_eq!(given.unwrap(), texts(elements)),
            Err(_) => assert!(given.is_err()),
        }
    } else if let Ok(answer) = serde_json::from_slice::<Answer<'_>>(inner) {
        assert_eq!(given.unwrap(), texts(answer.docs));
    } else if let (Ok(found), false) = (given, may_be_answer(inner)) {
        let lines = inner.split(|&byte| byte == b'\n').map(trimmed);
        let lines = lines.filter(|line| !line.is_empty()).map(|line| {
            let is_taken = serde_json::from_slice::<IgnoredAny>(line).is_ok();
            is_taken.then(|| String::from_utf8(line.to_vec()).unwrap())
        });
        assert_eq!(found, lines.collect::<Vec<_>>());
    }
}

/// A line without what is blank around it: only what is to JSON.
fn trimmed(line: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| b" \t\r".contains(byte);
    let begin = line.iter().take_while(|byte| is_blank(byte)).count();
    let blank = line[begin..].iter().rev().take_while(|byte| is_blank(byte)).count();
    &line[begin..line.len() - blank]
}

/// Whether a key of the text may be `docs`.
fn may_be_answer(text: &[u8]) -> bool {
    text.windows(4).any(|bytes| bytes == b"docs") || text.windows(2).any(|bytes| bytes == b"\\u")
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    docs: Vec<&'a RawValue>,
}

/// Where the pieces of a text begin and end does not matter.
pub fn pieces_give_what_the_whole_gives(text: &[u8], lengths: &[u8]) {
    assert_eq!(given(text, &[]), given(text, lengths));
}

type Documents = Vec<Option<String>>;

/// The documents of a text in pieces of these lengths, or those before an
/// error; their fields are what serde_json reads.
fn given(text: &[u8], lengths: &[u8]) -> Result<Documents, (Documents, String)> {
    let mut found = Vec::new();
    let each = &mut |item: Found<'_, '_>| {
        let document = match item {
            Found::Object(document, fields) => {
                if let Ok(value) = serde_json::from_slice::<Value>(document.bytes()) {
                    agree(fields, &value);
                }
                Some(document)
            }
            Found::Other(document) => Some(document),
            Found::Broken => None,
        };
        found.push(document.map(|document| String::from_utf8(document.bytes().to_vec()).unwrap()));
    };
    let mut scanner = Scanner::new(Names::Of(&NAMES));
    let outcome = if lengths.is_empty() {
        documents(text, Names::Of(&NAMES), each)
    } else {
        let mut rest = text;
        let mut lengths = lengths.iter().cycle();
        let fed = loop {
            let length = lengths.next().map_or(1, |&length| usize::from(length).max(1)).min(rest.len());
            let (piece, after) = rest.split_at(length);
            if let Err(error) = scanner.feed(piece, each) {
                break Err(error);
            }
            rest = after;
            if rest.is_empty() {
                break Ok(());
            }
        };
        fed.and_then(|()| scanner.finish(each))
    };
    match outcome {
        Ok(()) => Ok(found),
        Err(error) => {
            let error = error.to_string();
            // Places count from 1.
            assert!(!["line 0,", "column 0 ", "(byte 0)"].iter().any(|none| error.contains(none)), "{error}");
            Err((found, error))
        }
    }
}

fn texts(documents: Vec<&RawValue>) -> Vec<Option<String>> {
    documents.into_iter().map(|document| Some(document.get().to_owned())).collect()
}

/// How deep brackets lie in each other, outside of strings.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut is_string, mut is_escaped) = (0_usize, 0, false, false);
    for &byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b'[' | b'{' if !is_string => depth += 1,
            b']' | b'}' if !is_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
