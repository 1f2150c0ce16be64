use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Document;

/// The value of one field of a document, as written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a>(Document<'a>);

impl<'a> Field<'a> {
    /// The string, if it is one. A lone surrogate, which JSON can escape and
    /// UTF-8 cannot hold, becomes U+FFFD.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        let quoted = self.0.text();
        let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
        if !inner.contains('\\') {
            return Some(Cow::Borrowed(inner));
        }
        serde_json::from_str(quoted).or_else(|_| lossy(quoted)).ok().map(Cow::Owned)
    }

    /// The digits of the number, if it is one.
    pub(crate) fn number(self) -> Option<&'a str> {
        Some(self.0.text()).filter(|text| text.starts_with(|c: char| c == '-' || c.is_ascii_digit()))
    }

    /// The number as a small whole one, for a year, month or day.
    pub(crate) fn integer(self) -> Option<i32> {
        self.number()?.parse().ok()
    }

    pub(crate) fn boolean(self) -> Option<bool> {
        self.0.text().parse().ok()
    }

    /// The value as a document of its own.
    pub(crate) fn document(self) -> Document<'a> {
        self.0
    }

    pub(crate) fn is_null(self) -> bool {
        self.0.text() == "null"
    }
}

fn lossy(quoted: &str) -> Result<String, serde_json::Error> {
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
    serde_json::Deserializer::from_str(quoted).deserialize_bytes(Bytes)
}

/// The fields of these names in an object, each as last written; `None` if the
/// document is not an object.
pub(crate) fn fields<'a, const N: usize>(
    document: Document<'a>,
    names: [&str; N],
) -> Option<[Option<Field<'a>>; N]> {
    document.text().starts_with('{').then_some(())?;
    serde_json::Deserializer::from_str(document.text()).deserialize_map(Fields { names }).ok()
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
    serde_json::Deserializer::from_str(object.text()).deserialize_map(Entries).ok()
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
                Some(position) => found[position] = Some(Field(map.next_value::<&RawValue>()?.into())),
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
