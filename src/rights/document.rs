//! What a document is, apart from the bytes it is written in: its identity,
//! its content, its members.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::base::decimal::Decimal;
use crate::scan::{Document, fields};

/// The identity of a document within its doctype. A document without an `_id`
/// is what it holds, and how many of the same came before it; a store may keep
/// it under that, so that it is the same for every version and machine.
///
/// A hash of 64 bits: there may be hundreds of thousands, all in memory. Where
/// two should ever meet, contents are compared too, and are in conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key(u64);

impl Key {
    pub(super) fn of_id(id: &str) -> Key {
        Key(quick(0, id.as_bytes()))
    }

    /// The id that stands for this key where a store needs one.
    pub(super) fn as_id(self) -> String {
        format!("{:016x}", self.0)
    }
}

/// Gives documents their keys, in the order in which they are read.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<u64, u32>);

impl Keys {
    pub(super) fn of(&mut self, document: &RawValue) -> Key {
        match id(document) {
            Some(id) => Key::of_id(&id),
            None => {
                let content = content_by(document, lasting);
                let nth = self.0.entry(content).or_default();
                *nth += 1;
                Key(lasting(1, &[&content.to_be_bytes()[..], &nth.to_be_bytes()].concat()))
            }
        }
    }
}

/// The `_id`, if it is a string.
pub(super) fn id(document: &RawValue) -> Option<String> {
    let [id] = fields(Document::known(document.get()), ["_id"])?;
    Some(id?.text()?.into_owned())
}

/// Whether two documents say the same, whatever their spaces, the order of
/// their fields, and the way their numbers and strings are written. A revision
/// says nothing.
pub(super) fn same(one: &RawValue, other: &RawValue) -> bool {
    one.get() == other.get() || content(one) == content(other)
}

/// A number made of bytes and of what kind they are.
type Hashed = fn(u8, &[u8]) -> u64;

/// For this process alone.
fn quick(kind: u8, bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write_u8(kind);
    hasher.write(bytes);
    hasher.finish()
}

/// For what is stored.
fn lasting(kind: u8, bytes: &[u8]) -> u64 {
    let digest = Sha256::new().chain_update([kind]).chain_update(bytes).finalize();
    digest.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// An array or an object that is being read.
struct Open {
    /// Of what was read of it. The members of an object are added up, so that
    /// their order does not matter.
    sum: u64,
    /// Of the key whose value comes next.
    key: Option<u64>,
    is_object: bool,
}

/// A number that is equal for documents that say the same.
pub(super) fn content(document: &RawValue) -> u64 {
    content_by(document, quick)
}

/// Without recursion: a document may be as deep as it likes.
fn content_by(document: &RawValue, hashed: Hashed) -> u64 {
    let text_of = |token: &str| {
        let units: Vec<u8> = string(token).into_iter().flat_map(u16::to_be_bytes).collect();
        hashed(b'"', &units)
    };
    let both = |kind: u8, one: u64, other: u64| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&one.to_be_bytes());
        bytes[8..].copy_from_slice(&other.to_be_bytes());
        hashed(kind, &bytes)
    };
    let revision = text_of("\"_rev\"");
    let text = document.get();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        let end = token_end(text.as_bytes(), at);
        let token = text.get(at..end).unwrap_or_default();
        at = end;
        let value = match byte {
            b'{' | b'[' => {
                open.push(Open { sum: 0, key: None, is_object: byte == b'{' });
                continue;
            }
            b'}' | b']' => match open.pop() {
                Some(closed) => hashed(byte, &closed.sum.to_be_bytes()),
                None => continue,
            },
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => continue,
            b'"' => text_of(token),
            b'-' | b'0'..=b'9' => match Decimal::parse(token) {
                Some(number) => {
                    let (negative, digits, exponent) = number.parts();
                    let sign_and_exponent = [&[u8::from(negative)][..], &exponent.to_be_bytes()];
                    hashed(b'0', &[&sign_and_exponent.concat(), digits].concat())
                }
                None => hashed(b'9', token.as_bytes()),
            },
            _ => hashed(b'l', token.as_bytes()),
        };
        let is_top = open.len() == 1;
        match open.last_mut() {
            None => return value,
            Some(array) if !array.is_object => array.sum = both(b',', array.sum, value),
            Some(object) => match object.key.take() {
                None => object.key = Some(value),
                Some(key) if is_top && key == revision => {}
                Some(key) => object.sum = object.sum.wrapping_add(both(b':', key, value)),
            },
        }
    }
    0
}

/// Where the token that begins here ends.
pub(super) fn token_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at + 1..).unwrap_or_default();
    let length = match bytes.get(at) {
        Some(b'"') => {
            let mut is_escaped = false;
            let closes = |byte: &u8| {
                let closes = *byte == b'"' && !is_escaped;
                is_escaped = *byte == b'\\' && !is_escaped;
                closes
            };
            rest.iter().position(closes).map_or(rest.len(), |quote| quote + 1)
        }
        Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
            let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-');
            rest.iter().position(|byte| !goes_on(byte)).unwrap_or(rest.len())
        }
        _ => 0,
    };
    at + 1 + length
}

/// A string as the code units it stands for, so that escapes do not matter and
/// a lone surrogate is itself.
pub(super) fn string(quoted: &str) -> Vec<u16> {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let mut units = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(char) = rest.next() {
        let escaped = if char == '\\' { rest.next() } else { None };
        let plain = match escaped {
            None => char,
            Some('u') => {
                let digits = rest.as_str().get(..4).unwrap_or_default();
                units.push(u16::from_str_radix(digits, 16).unwrap_or_default());
                _ = rest.nth(3);
                continue;
            }
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(itself) => itself,
        };
        units.extend_from_slice(plain.encode_utf16(&mut [0; 2]));
    }
    units
}

/// An object's members as written, in their order; `None` if it is no object.
pub(super) fn members(document: &RawValue) -> Option<Vec<(&str, &str)>> {
    let text = document.get();
    let bytes = text.as_bytes();
    bytes.starts_with(b"{").then_some(())?;
    let mut members = Vec::new();
    let (mut at, mut depth) = (1, 0_usize);
    let (mut key, mut start) = (None, None);
    while let Some(&byte) = bytes.get(at) {
        let end = token_end(bytes, at);
        match byte {
            b':' if depth == 0 => {
                key = start.take().and_then(|start: usize| text.get(start..at)).map(str::trim_end);
            }
            b',' | b'}' if depth == 0 => {
                let value = start.take().and_then(|start: usize| text.get(start..at)).map(str::trim_end);
                members.extend(key.take().zip(value));
            }
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => {
                start.get_or_insert(at);
                match byte {
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
            }
        }
        at = end;
    }
    Some(members)
}

/// The document with these members, each JSON, in place of those of the same
/// names, or without them; the others stay as they are written.
pub(super) fn with(document: &RawValue, changes: &[(&str, Option<&str>)]) -> Option<Box<RawValue>> {
    let mut text = String::from("{");
    let mut add = |key: &str, value: &str| {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(key);
        text.push(':');
        text.push_str(value);
    };
    let mut left: Vec<&(&str, Option<&str>)> = changes.iter().collect();
    for (key, value) in members(document)? {
        let name = String::from_utf16_lossy(&string(key));
        match changes.iter().find(|(changed, _)| *changed == name) {
            Some((_, changed)) => {
                if left.iter().any(|(each, _)| *each == name)
                    && let Some(changed) = changed
                {
                    add(key, changed);
                }
                left.retain(|(each, _)| *each != name);
            }
            None => add(key, value),
        }
    }
    for (name, value) in left {
        if let Some(value) = value {
            add(&serde_json::to_string(name).ok()?, value);
        }
    }
    text.push('}');
    RawValue::from_string(text).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{Keys, content, same, with};

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn documents_are_the_same_that_say_the_same() {
        let document =
            raw(r#"{"_id":"a","n":[1.10,-0,2e3],"s":"é\n\ud800","o":{"a":1,"b":null},"_rev":"1-a"}"#);
        let other = raw(
            r#"{ "o": {"b": null, "a": 1.0}, "s": "\u00E9\u000a\uD800", "_id": "a", "n": [11e-1, 0, 2000] }"#,
        );
        assert!(same(&document, &other));
    }

    #[test]
    fn documents_differ_that_say_something_else() {
        let texts = [
            "{}",
            "[]",
            "null",
            "0",
            "\"0\"",
            "\"\"",
            "[[]]",
            "[{}]",
            "[1,2]",
            "[2,1]",
            "[12]",
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":{"a":1}}"#,
            r#"{"a":{"_rev":1}}"#,
            r#"{"a":{}}"#,
            r#"{"a":1,"b":2}"#,
            r#"{"a":2,"b":1}"#,
            "1e400",
            "1e401",
            "-1e400",
            r#""\ud800""#,
            r#""\ud801""#,
            "9007199254740993",
            "9007199254740992",
            r#"{"a":"b","c":"d"}"#,
            r#"{"a":"d","c":"b"}"#,
            r#"{"":["a"]}"#,
        ];
        for (at, one) in texts.iter().enumerate() {
            for other in &texts[at + 1..] {
                assert_ne!(content(&raw(one)), content(&raw(other)), "{one} {other}");
            }
        }
    }

    #[test]
    fn a_document_as_deep_as_it_likes_has_a_content() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_ne!(content(&raw(&deep)), content(&raw(&deep.replace('1', "2"))));
    }

    #[test]
    fn without_an_id_a_document_is_its_content_and_its_turn() {
        let mut keys = Keys::default();
        let (first, second) = (keys.of(&raw(r#"{"a":1}"#)), keys.of(&raw(r#"{"a":1.0}"#)));
        assert_ne!(first, second);
        assert_eq!(Keys::default().of(&raw(r#"{ "a": 1 }"#)), first);
        assert_eq!(keys.of(&raw(r#"{"_id":"x","a":1}"#)), keys.of(&raw(r#"{"a":2,"_id":"\u0078"}"#)));
    }

    /// Put together by hand, with SHA-256 as another program has it.
    #[test]
    fn the_id_of_a_document_without_one_is_the_same_everywhere() {
        let id = |text: &str| Keys::default().of(&raw(text)).as_id();
        assert_eq!(id(r#"{"a":1}"#), "ec1f4ad8593d93c4");
        assert_eq!(id(r#"{"é":[true,-2.50]}"#), "698bebdf6455a6f7");
        let mut keys = Keys::default();
        keys.of(&raw(r#"{"a":1}"#));
        assert_eq!(keys.of(&raw(r#"{"a":1}"#)).as_id(), "09f73522abf7169b");
    }

    #[test]
    fn members_change_and_the_others_stay_as_written() {
        let document = raw(r#"{ "a" : 1.10, "\u005frev":"1-a" , "b":{"a":[1, 2]},"_rev":"2-b"}"#);
        let changed = |changes: &[(&str, Option<&str>)]| with(&document, changes).unwrap().get().to_owned();
        assert_eq!(changed(&[("_rev", None)]), r#"{"a":1.10,"b":{"a":[1, 2]}}"#);
        assert_eq!(
            changed(&[("a", Some("2"))]),
            r#"{"a":2,"\u005frev":"1-a","b":{"a":[1, 2]},"_rev":"2-b"}"#
        );
        assert_eq!(
            changed(&[("_rev", Some("0")), ("c", Some("[]"))]),
            r#"{"a":1.10,"\u005frev":0,"b":{"a":[1, 2]},"c":[]}"#
        );
        assert!(with(&raw("[1]"), &[]).is_none());
        assert_eq!(with(&raw("{ }"), &[("a", Some("1"))]).unwrap().get(), r#"{"a":1}"#);
    }
}
