//! The text of the built-in app, as a module holds it: without the space
//! between its values, without the address of its schema, and without the
//! sentences where nothing can show them.

/// What an editor reads and writes.
const WRITTEN: &str = include_str!("../../apps/ecolyo/app.json");

/// Whether anybody can ask for the sentences: of what JavaScript calls only
/// the tools and the rights tell them.
const HAS_SENTENCES: bool = cfg!(any(not(target_arch = "wasm32"), feature = "tools", feature = "rights"));

/// Whether it is held at all: a module that only aggregates is told its app.
pub(super) const IS_HELD: bool = cfg!(any(not(target_arch = "wasm32"), feature = "home", feature = "run"));

/// The description as JSON; empty where it is not held.
pub(super) const TEXT: &str = match str::from_utf8(&HELD) {
    Ok(text) => text,
    Err(_) => panic!("the description is text"),
};

const SHORT: ([u8; WRITTEN.len()], usize) = match IS_HELD {
    true => short(WRITTEN.as_bytes(), HAS_SENTENCES),
    false => ([0; WRITTEN.len()], 0),
};

const HELD: [u8; SHORT.1] = {
    let mut held = [0; SHORT.1];
    held.copy_from_slice(SHORT.0.split_at(SHORT.1).0);
    held
};

/// A text of JSON made shorter, and how long it is then. A sentence that is
/// left out leaves a dash, for a definition needs one.
const fn short<const N: usize>(json: &[u8], has_sentences: bool) -> ([u8; N], usize) {
    let mut made = [0; N];
    let (mut at, mut length) = (0, 0);
    let (mut is_text, mut is_sentence) = (false, false);
    while at < json.len() {
        let byte = json[at];
        if is_text && byte == b'\\' {
            if !is_sentence {
                (made[length], made[length + 1]) = (byte, json[at + 1]);
                length += 2;
            }
            at += 2;
            continue;
        }
        if length == 1 && starts_with(json.split_at(at).1, SCHEMA) {
            // Its value has no comma; what follows it has one before.
            while json[at] != b',' {
                at += 1;
            }
            at += 1;
            continue;
        }
        if byte == b'"' {
            is_text = !is_text;
            is_sentence = is_text && !has_sentences && follows_name_of_sentence(made.split_at(length).0);
            if is_sentence {
                (made[length], made[length + 1]) = (byte, b'-');
                length += 2;
                at += 1;
                continue;
            }
        }
        if !is_sentence && (is_text || !byte.is_ascii_whitespace()) {
            made[length] = byte;
            length += 1;
        }
        at += 1;
    }
    (made, length)
}

/// What an editor alone reads, where it stands first.
const SCHEMA: &[u8] = b"\"$schema\":";

/// Whether what stands here ends with the name of a definition's sentence.
const fn follows_name_of_sentence(json: &[u8]) -> bool {
    ends_with(json, b"\"description\":") || ends_with(json, b"\"purpose\":")
}

const fn ends_with(text: &[u8], end: &[u8]) -> bool {
    let Some(start) = text.len().checked_sub(end.len()) else { return false };
    starts_with(text.split_at(start).1, end)
}

const fn starts_with(text: &[u8], beginning: &[u8]) -> bool {
    if text.len() < beginning.len() {
        return false;
    }
    let mut at = 0;
    while at < beginning.len() {
        if text[at] != beginning[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{TEXT, WRITTEN, short};
    use crate::catalog::Catalog;

    fn shortened(json: &str, has_sentences: bool) -> String {
        let (made, length) = short::<20_000>(json.as_bytes(), has_sentences);
        String::from_utf8(made[..length].to_vec()).unwrap()
    }

    /// The description as it is written, but for the address of its schema.
    fn written() -> Value {
        let mut written: Value = serde_json::from_str(WRITTEN).unwrap();
        assert!(written.as_object_mut().unwrap().remove("$schema").is_some(), "an editor finds the schema");
        written
    }

    #[test]
    fn the_text_says_what_is_written_without_the_space_between() {
        let written = written();
        assert_eq!(serde_json::from_str::<Value>(TEXT).unwrap(), written);
        assert_eq!(TEXT.len(), serde_json::to_string(&written).unwrap().len());
    }

    #[test]
    fn without_sentences_it_is_a_catalog_of_the_same_rules() {
        let held = shortened(WRITTEN, false);
        let mut written = written();
        for definition in written["indicators"].as_array_mut().unwrap() {
            (definition["description"], definition["purpose"]) = ("-".into(), "-".into());
        }
        assert_eq!(serde_json::from_str::<Value>(&held).unwrap(), written);
        assert_eq!(Catalog::of_app(&serde_json::from_str(&held).unwrap()).unwrap().definitions().count(), 15);
    }

    #[test]
    fn texts_stay_as_they_are_written() {
        let json =
            r#" { "a b" : [ "\\" , "\"x\" ", "é " ] , "description" : "it \"is\" \\" , "purpose":"p" } "#;
        let kept = r#"{"a b":["\\","\"x\" ","é "],"description":"it \"is\" \\","purpose":"p"}"#;
        assert_eq!(shortened(json, true), kept);
        let held = r#"{"a b":["\\","\"x\" ","é "],"description":"-","purpose":"-"}"#;
        assert_eq!(shortened(json, false), held);
    }

    #[test]
    fn the_schema_alone_is_left_out() {
        let json = r#"{ "$schema": "../app.schema.json", "a": { "$schema": "b" }, "$schema": "c" }"#;
        assert_eq!(shortened(json, true), r#"{"a":{"$schema":"b"},"$schema":"c"}"#);
        assert_eq!(shortened(r#"{"app": "$schema"}"#, true), r#"{"app":"$schema"}"#);
    }
}
