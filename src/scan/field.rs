use std::borrow::Cow;

use super::Document;

/// The value of one field of a document, as written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    bytes: &'a [u8],
    kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string without escapes: the field's bytes are those between the quotes.
    Plain,
    /// A string with escapes.
    Escaped,
    Number,
    True,
    False,
    Null,
    /// An array or object.
    Nested,
}

/// Some of the kinds that a value can be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ValueKinds(u8);

impl ValueKinds {
    pub(crate) const TEXT: ValueKinds = ValueKinds(1 << Kind::Plain as u8 | 1 << Kind::Escaped as u8);
    pub(crate) const TEXT_OR_NUMBER: ValueKinds = ValueKinds(Self::TEXT.0 | 1 << Kind::Number as u8);
    pub(crate) const BOOLEAN: ValueKinds = ValueKinds(1 << Kind::True as u8 | 1 << Kind::False as u8);
}

impl<'a> Field<'a> {
    /// Whether the value is of one of these kinds.
    #[inline(always)]
    pub(crate) fn is_of(self, kinds: ValueKinds) -> bool {
        kinds.0 >> self.kind as u8 & 1 == 1
    }

    /// How the value is written: a number from 1 to 3 that tells values apart
    /// whose bytes are the same.
    #[inline(always)]
    pub(crate) fn form(self) -> u16 {
        1 + (self.kind as u16).min(2)
    }

    /// A value of this kind, as written.
    pub(super) fn written(kind: Kind, written: &'a [u8]) -> Field<'a> {
        let bytes = match (kind, written) {
            (Kind::Plain | Kind::Escaped, [b'"', inner @ .., b'"']) => inner,
            _ => written,
        };
        Field { bytes, kind }
    }

    /// A value of this kind, of a string what is between its quotes.
    pub(super) fn inner(kind: Kind, bytes: &'a [u8]) -> Field<'a> {
        Field { bytes, kind }
    }

    /// A document seen as the value that it is.
    pub(crate) fn new(document: Document<'a>) -> Field<'a> {
        let bytes = document.bytes();
        let kind = match bytes {
            [b'"', ..] if bytes.contains(&b'\\') => Kind::Escaped,
            [b'"', ..] => Kind::Plain,
            [b'{' | b'[', ..] => Kind::Nested,
            [b't', ..] => Kind::True,
            [b'f', ..] => Kind::False,
            [b'n', ..] => Kind::Null,
            _ => Kind::Number,
        };
        Field::written(kind, bytes)
    }

    /// The string, if it is one. A lone surrogate, which JSON can escape and
    /// UTF-8 cannot hold, becomes U+FFFD.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        match self.kind {
            Kind::Plain => std::str::from_utf8(self.bytes).ok().map(Cow::Borrowed),
            Kind::Escaped => {
                let text = String::from_utf8(unescaped(self.bytes));
                Some(Cow::Owned(text.unwrap_or_else(|error| replaced(error.as_bytes()))))
            }
            _ => None,
        }
    }

    /// The bytes of the string, if it is one that is written without escapes:
    /// they are then the text itself.
    pub(crate) fn plain(self) -> Option<&'a [u8]> {
        (self.kind == Kind::Plain).then_some(self.bytes)
    }

    /// The bytes as they are written; of a string those between the quotes.
    pub(crate) fn as_written(self) -> &'a [u8] {
        self.bytes
    }

    /// The digits of the number, if it is one.
    pub(crate) fn number(self) -> Option<&'a str> {
        (self.kind == Kind::Number).then(|| std::str::from_utf8(self.bytes).ok())?
    }

    pub(crate) fn boolean(self) -> Option<bool> {
        match self.kind {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// The array or object as a document of its own.
    pub(crate) fn document(self) -> Option<Document<'a>> {
        (self.kind == Kind::Nested).then_some(Document(self.bytes))
    }

    pub(crate) fn is_null(self) -> bool {
        self.kind == Kind::Null
    }
}

/// Puts the value of a name in its place; the last one counts.
#[inline(always)]
pub(super) fn keep<'a>(fields: &mut [Option<Field<'a>>], name: u8, field: Field<'a>) {
    if let Some(kept) = fields.get_mut(usize::from(name)) {
        *kept = Some(field);
    }
}

/// The bytes that a string's escapes stand for; the string is well-formed.
/// Half of a surrogate pair is written as if it were a character, which is no
/// UTF-8 and so equals nothing that is.
pub(super) fn unescaped(mut rest: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        bytes.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (byte, length) = match rest.get(1) {
            Some(b'u') => {
                let length = push_unit(rest, &mut bytes);
                rest = rest.get(length..).unwrap_or_default();
                continue;
            }
            Some(b'b') => (0x08, 2),
            Some(b'f') => (0x0c, 2),
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            Some(b't') => (b'\t', 2),
            Some(&other) => (other, 2),
            None => (b'\\', 1),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    bytes.extend_from_slice(rest);
    bytes
}

/// The text with U+FFFD for each byte that is no part of a character.
fn replaced(mut rest: &[u8]) -> String {
    let mut text = String::with_capacity(rest.len());
    while let Err(error) = std::str::from_utf8(rest) {
        let (valid, after) = rest.split_at(error.valid_up_to());
        text.push_str(std::str::from_utf8(valid).unwrap_or_default());
        text.push(char::REPLACEMENT_CHARACTER);
        rest = after.get(1..).unwrap_or_default();
    }
    text.push_str(std::str::from_utf8(rest).unwrap_or_default());
    text
}

/// Writes the character of the `\uXXXX` that `rest` begins with, or of two of
/// them; gives their length.
fn push_unit(rest: &[u8], bytes: &mut Vec<u8>) -> usize {
    let unit = |at: usize| {
        let digits = rest.get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
    };
    let first = unit(0).unwrap_or(0xfffd);
    let (code, length) = match (first, unit(6)) {
        (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) => {
            (0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), 12)
        }
        _ => (first, 6),
    };
    let mut encoded =
        [0xe0 | (code >> 12), 0x80 | (code >> 6 & 0x3f), 0x80 | (code & 0x3f), 0].map(|byte| byte as u8);
    let encoded = match char::from_u32(code) {
        Some(character) => character.encode_utf8(&mut encoded).as_bytes(),
        None => &encoded[..3],
    };
    bytes.extend_from_slice(encoded);
    length
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use crate::scan::fields;

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
