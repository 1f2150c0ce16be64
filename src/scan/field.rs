use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Document;

/// The value of one field of a document, as written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    bytes: &'a [u8],
    kind: Kind,
}

/// What a value is, as far as its first byte and its escapes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A string without escapes, whose bytes are those between the quotes.
    Plain,
    /// A string with escapes, whose bytes include the quotes.
    Escaped,
    Number,
    /// `true`, `false` or `null`.
    Word,
    /// An array or object.
    Nested,
}

impl<'a> Field<'a> {
    pub(crate) fn new(document: Document<'a>) -> Field<'a> {
        let bytes = document.bytes();
        let (kind, bytes) = match bytes {
            [b'"', plain @ .., b'"'] if !plain.contains(&b'\\') => (Kind::Plain, plain),
            [b'"', ..] => (Kind::Escaped, bytes),
            [b'{' | b'[', ..] => (Kind::Nested, bytes),
            [b't' | b'f' | b'n', ..] => (Kind::Word, bytes),
            _ => (Kind::Number, bytes),
        };
        Field { bytes, kind }
    }

    /// The string, if it is one. A lone surrogate, which JSON can escape and
    /// UTF-8 cannot hold, becomes U+FFFD.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        match self.kind {
            Kind::Plain => std::str::from_utf8(self.bytes).ok().map(Cow::Borrowed),
            Kind::Escaped => {
                let read = serde_json::from_slice(self.bytes);
                read.or_else(|_| lossy(self.bytes)).ok().map(Cow::Owned)
            }
            _ => None,
        }
    }

    /// The bytes of the string, if it is one that is written without escapes:
    /// those between the quotes are then UTF-8 and the text itself.
    #[allow(dead_code, reason = "dates and types will be read from it")]
    pub(crate) fn plain(self) -> Option<&'a [u8]> {
        (self.kind == Kind::Plain).then_some(self.bytes)
    }

    /// The digits of the number, if it is one.
    pub(crate) fn number(self) -> Option<&'a str> {
        (self.kind == Kind::Number).then(|| std::str::from_utf8(self.bytes).ok())?
    }

    /// The number as a small whole one, for a year, month or day.
    pub(crate) fn integer(self) -> Option<i32> {
        self.number()?.parse().ok()
    }

    pub(crate) fn boolean(self) -> Option<bool> {
        match (self.kind, self.bytes) {
            (Kind::Word, b"true") => Some(true),
            (Kind::Word, b"false") => Some(false),
            _ => None,
        }
    }

    /// The array or object as a document of its own.
    pub(crate) fn document(self) -> Option<Document<'a>> {
        (self.kind == Kind::Nested).then_some(Document(self.bytes))
    }

    pub(crate) fn is_null(self) -> bool {
        self.kind == Kind::Word && self.bytes == b"null"
    }
}

fn lossy(quoted: &[u8]) -> Result<String, serde_json::Error> {
    struct Bytes;
    impl Visitor<'_> for Bytes {
        type Value = String;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }
        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
            Ok(String::from_utf8_lossy(bytes).into_owned())
        }
    }
    serde_json::Deserializer::from_slice(quoted).deserialize_bytes(Bytes)
}

/// The fields of these names in an object, each as last written; `None` if the
/// document is not an object.
pub(crate) fn fields<'a, const N: usize>(
    document: Document<'a>,
    names: [&str; N],
) -> Option<[Option<Field<'a>>; N]> {
    document.bytes().starts_with(b"{").then_some(())?;
    serde_json::Deserializer::from_slice(document.bytes()).deserialize_map(Fields { names }).ok()
}

/// The entries of an object whose values are all strings.
pub(crate) fn entries(object: Document<'_>) -> Option<Vec<(String, String)>> {
    struct Entries;
    impl<'de> Visitor<'de> for Entries {
        type Value = Vec<(String, String)>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of strings")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = map.next_entry()? {
                entries.push(entry);
            }
            Ok(entries)
        }
    }
    serde_json::Deserializer::from_slice(object.bytes()).deserialize_map(Entries).ok()
}

struct Fields<'n, const N: usize> {
    names: [&'n str; N],
}

impl<'de, const N: usize> Visitor<'de> for Fields<'_, N> {
    type Value = [Option<Field<'de>>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        while let Some(key) = map.next_key_seed(Position(&self.names))? {
            match key {
                Some(position) => found[position] = Some(Field::new(map.next_value::<&RawValue>()?.into())),
                None => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(found)
    }
}

/// Reads a key as the position of the name it is. As bytes: a key may hold a
/// lone surrogate, which is no name of ours and no reason to fail.
struct Position<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Position<'_> {
    type Value = Option<usize>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Position<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| name.as_bytes() == key))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::fields;

    fn document(text: &str) -> Document<'_> {
        Document::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_field_is_the_last_of_its_name_however_the_key_is_escaped() {
        let document = document(r#"{"a":1,"b":{"a":2},"\u0061":"x\u00e9","\ud800":0,"c":null}"#);
        let [a, c, d] = fields(document, ["a", "c", "d"]).unwrap();
        assert_eq!(a.unwrap().text().unwrap(), "xé");
        assert!(c.unwrap().is_null());
        assert!(d.is_none());
    }

    #[test]
    fn a_value_of_another_type_is_not_what_was_asked_for() {
        let document = document(r#"{"t":"7","n":-7.50e1,"b":true,"s":"a\ud800b"}"#);
        let [t, n, b, s] = fields(document, ["t", "n", "b", "s"]).unwrap().map(Option::unwrap);
        assert_eq!((t.number(), n.number(), b.number()), (None, Some("-7.50e1"), None));
        assert_eq!((t.boolean(), b.boolean()), (None, Some(true)));
        assert!(n.text().is_none());
        assert_eq!(s.text().unwrap(), "a\u{fffd}\u{fffd}\u{fffd}b");
    }

    #[test]
    fn only_an_object_has_fields() {
        for text in ["null", "[]", "1", "\"{}\"", "true"] {
            assert!(fields(document(text), ["a"]).is_none(), "{text}");
        }
    }
}
