//! What a Cozy can hold: what it would give back as it came.
//!
//! The stack reads a document into a map of strings and doubles before it hands
//! it on, and CouchDB keeps the fields that begin with `_` for itself. A document
//! that would be refused or changed on the way is told apart before it is sent.

use std::collections::HashSet;

use serde_json::value::RawValue;

use crate::base::decimal::Decimal;
use crate::limits;
use crate::rights::document::{id, members, string, token_end};

/// How deep the stack reads; its limit is 10 000, with what is around a document.
const MAX_DEPTH: usize = 9_000;

/// The fields beginning with `_` that a document may have on its way in.
const OWN: [&str; 3] = ["_id", "_rev", "_type"];

/// Why a Cozy cannot hold a document; `None` if it can.
pub(super) fn why_not(document: &RawValue) -> Option<&'static str> {
    if document.get().len() > limits::MAX_STORED_BYTES {
        return Some("it is larger than 8 MB, which CouchDB does not take");
    }
    let Some(members) = members(document) else { return Some("it is no object") };
    let name = |key: &str| String::from_utf16_lossy(&string(key));
    if members.iter().map(|(key, _)| name(key)).any(|name| name.starts_with('_') && !OWN.contains(&&*name)) {
        return Some("it has a field beginning with _, which CouchDB keeps for itself");
    }
    if members.iter().any(|(key, _)| name(key) == "_id") {
        match id(document) {
            None => return Some("its _id is no string"),
            Some(id) if id.is_empty() => return Some("its _id is empty"),
            Some(id) if id.starts_with('_') => return Some("its _id begins with _"),
            Some(_) => {}
        }
    }
    why_changed(document.get())
}

/// What would come back otherwise than it was written.
fn why_changed(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let mut open: Vec<HashSet<Vec<u16>>> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = token_end(bytes, at);
        let token = text.get(at..end).unwrap_or_default();
        at = end;
        match byte {
            b'{' | b'[' if open.len() == MAX_DEPTH => return Some("it is nested too deeply"),
            b'{' | b'[' => open.push(HashSet::new()),
            b'}' | b']' => drop(open.pop()),
            b'"' => {
                let units = string(token);
                if String::from_utf16(&units).is_err() {
                    return Some("it has half a character (a lone surrogate)");
                }
                let next = bytes[at..].iter().find(|byte| !byte.is_ascii_whitespace());
                if next == Some(&b':') && !open.last_mut().is_none_or(|keys| keys.insert(units)) {
                    return Some("it has a field twice");
                }
            }
            b'-' | b'0'..=b'9' if !is_a_double(token) => {
                return Some("it has a number that no double is");
            }
            _ => {}
        }
    }
    None
}

/// Whether a number is the one that is written for the double nearest to it.
fn is_a_double(token: &str) -> bool {
    let Some((written, double)) = Decimal::parse(token).zip(token.parse::<f64>().ok()) else { return false };
    double.is_finite() && Decimal::parse(&format!("{double:e}")) == Some(written)
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::why_not;

    fn why(text: &str) -> Option<&'static str> {
        why_not(&RawValue::from_string(text.to_owned()).unwrap())
    }

    #[test]
    fn what_apps_write_is_held() {
        let deep = format!(r#"{{"deep":{}{}}}"#, "[".repeat(130), "]".repeat(130));
        let texts = [
            "{}",
            r#"{"_id":"a","_rev":"1-a","_type":"x","n":[0,-0,1.10,0.1,1e2,2.5e-7,9007199254740991,1e300]}"#,
            r#"{"s":"\ud83d\ude00 é \u0000","o":{"_x":1,"_id":7},"p":{"_x":1},"l":["a","a"]}"#,
            &deep,
        ];
        for text in texts {
            assert_eq!(why(text), None, "{text}");
        }
    }

    #[test]
    fn what_would_be_refused_or_changed_is_told_apart() {
        let deep = format!(r#"{{"deep":{}{}}}"#, "[".repeat(10_001), "]".repeat(10_001));
        let large = format!(r#"{{"s":"{}"}}"#, "x".repeat(8_000_000));
        for (text, part) in [
            ("7", "no object"),
            (r#"{"_id":""}"#, "empty"),
            (r#"{"_id":"_design/a"}"#, "_id begins"),
            (r#"{"_id":7}"#, "no string"),
            (r#"{"_id":null}"#, "no string"),
            (r#"{"_foo":1}"#, "field beginning"),
            (r#"{"\u005fdeleted":true}"#, "field beginning"),
            (r#"{"a":["\ud800"]}"#, "surrogate"),
            (r#"{"\udc00":1}"#, "surrogate"),
            (r#"{"a":{"b":1, "\u0062" :2}}"#, "twice"),
            (r#"{"a":1e400}"#, "double"),
            (r#"{"a":1e-400}"#, "double"),
            (r#"{"a":12345678901234567890123}"#, "double"),
            (r#"{"a":9007199254740993}"#, "double"),
            (&deep, "deep"),
            (&large, "8 MB"),
        ] {
            assert!(why(text).is_some_and(|why| why.contains(part)), "{:.60}: {:?}", text, why(text));
        }
    }
}
