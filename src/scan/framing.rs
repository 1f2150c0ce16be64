use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Document;
use crate::Error;

/// The documents of an array.
fn array<'a>(bytes: &'a [u8], what: &str) -> Result<Vec<&'a RawValue>, Error> {
    serde_json::from_slice(bytes).map_err(|error| broken(&error, bytes, what))
}

/// The entries of an object, each as last written.
pub(crate) fn object<'a>(bytes: &'a [u8], what: &str) -> Result<BTreeMap<String, Document<'a>>, Error> {
    let entries: BTreeMap<String, &RawValue> =
        serde_json::from_slice(bytes).map_err(|error| broken(&error, bytes, what))?;
    Ok(entries.into_iter().map(|(name, value)| (name, value.into())).collect())
}

/// The events of a JSON array, a `_find` answer, or NDJSON. `None` stands for
/// a line of NDJSON that is not JSON: it alone is lost.
pub(crate) fn events(bytes: &[u8]) -> Result<Vec<Option<Document<'_>>>, Error> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    if text.starts_with(b"[") {
        return Ok(some(array(text, "the events")?));
    }
    match serde_json::from_slice::<FindAnswer<'_>>(text) {
        Ok(answer) => return Ok(some(answer.docs)),
        Err(error) if begins_find_answer(text) => return Err(broken(&error, text, "the _find answer")),
        Err(_) => {}
    }
    let lines: Vec<_> = lines(text).collect();
    if lines.is_empty() || lines.iter().any(|line| line.starts_with(b"{")) {
        return Ok(lines.into_iter().map(Document::parse).collect());
    }
    Err(Error::input("the events are neither a JSON array, a _find answer nor one JSON object a line"))
}

fn some(documents: Vec<&RawValue>) -> Vec<Option<Document<'_>>> {
    documents.into_iter().map(|document| Some(document.into())).collect()
}

/// The lines of a text that are not blank.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}

#[derive(Deserialize)]
struct FindAnswer<'a> {
    #[serde(borrow)]
    docs: Vec<&'a RawValue>,
}

/// An object whose first key is `docs`: an answer, whatever became of the rest.
fn begins_find_answer(text: &[u8]) -> bool {
    let after_brace = text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    after_brace.is_some_and(|rest| rest.starts_with(b"\"docs\""))
}

/// Says where the text stops being what it should be, without its content.
fn broken(error: &serde_json::Error, text: &[u8], what: &str) -> Error {
    let before = text.split_inclusive(|&byte| byte == b'\n').take(error.line().saturating_sub(1));
    let offset = before.map(<[u8]>::len).sum::<usize>() + error.column();
    let why = if error.is_eof() {
        "the text ends too early"
    } else if error.is_data() {
        "a value of another kind was expected"
    } else {
        "this is not JSON"
    };
    Error::input(format_args!(
        "{what}: {why} at line {}, column {} (byte {offset})",
        error.line(),
        error.column()
    ))
}

#[cfg(test)]
mod tests {
    use super::events;

    fn read(text: &str) -> Vec<Option<String>> {
        let found = events(text.as_bytes()).unwrap();
        found.into_iter().map(|raw| raw.map(|raw| String::from_utf8(raw.bytes().to_vec()).unwrap())).collect()
    }

    #[test]
    fn the_three_framings_give_the_same_documents() {
        let expected = [Some(r#"{"a":1}"#.to_owned()), Some("[2]".to_owned())];
        assert_eq!(read("\u{feff} [ {\"a\":1} ,\n[2] ] \n"), expected);
        assert_eq!(read(r#"{"limit":100,"docs":[{"a":1},[2]],"next":false}"#), expected);
        assert_eq!(read("{\"a\":1}\r\n\n[2]"), expected);
    }

    #[test]
    fn a_broken_line_is_lost_alone() {
        assert_eq!(read("{\"a\":1}\n{\"a\":\n{}").len(), 3);
        assert_eq!(read("{\"a\":1}\n{\"a\":\n{}")[1], None);
        assert_eq!(read("not json\n{}")[0], None);
        assert_eq!(read(""), []);
    }

    #[test]
    fn a_broken_array_is_an_error_that_names_the_place() {
        let error = |text: &str| events(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(error("[{},\n {]"), "the events: this is not JSON at line 2, column 3 (byte 8)");
        assert!(error("[{}").contains("ends too early"));
        assert!(error(r#"{"docs":[{}"#).contains("the _find answer: the text ends too early"));
        assert!(error("hello").contains("neither"));
        assert!(events(b"[\"\xff\"]").is_err());
    }

    #[test]
    fn a_document_as_deep_as_it_likes_is_one_document() {
        let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(events(deep.as_bytes()).unwrap().len(), 1);
    }
}
