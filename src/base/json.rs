//! JSON as it is written: what leaves is small and of a known shape.

use std::fmt::{Display, Write as _};

/// An object, field by field.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(crate) fn begin(out: &'a mut String) -> Self {
        out.push('{');
        Object { out, is_empty: true }
    }

    /// Writes a key; its value is written next.
    pub(crate) fn key(&mut self, key: &str) -> &mut String {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        text(self.out, key);
        self.out.push(':');
        self.out
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) {
        text(self.key(key), value);
    }

    /// A value that is JSON as it is shown.
    pub(crate) fn plain(&mut self, key: &str, value: &dyn Display) {
        // A text takes whatever is written.
        let _ = write!(self.key(key), "{value}");
    }

    pub(crate) fn end(self) {
        self.out.push('}');
    }
}

/// An array, whose elements `write` writes.
pub(crate) fn array<T>(out: &mut String, elements: &[T], write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (place, element) in elements.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write(element, out);
    }
    out.push(']');
}

/// Whether a field says nothing that its absence does not.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A string, escaped where JSON demands it and nowhere else.
pub(crate) fn text(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(text.get(from..at).unwrap_or_default());
        from = at + 1;
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            _ => {
                // A text takes whatever is written.
                let _ = write!(out, "\\u{byte:04x}");
                continue;
            }
        };
        out.push_str(escape);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::{Object, text};

    #[test]
    fn a_string_is_escaped_as_serde_escapes_it() {
        let every: String =
            (0..=0x7f).chain([0x80, 0xe9, 0x2028, 0xfffd, 0x1f600]).filter_map(char::from_u32).collect();
        let mut written = String::new();
        text(&mut written, &every);
        assert_eq!(written, serde_json::to_string(&every).unwrap());
    }

    #[test]
    fn an_object_has_commas_between_its_fields_alone() {
        let mut out = String::new();
        let mut object = Object::begin(&mut out);
        object.text("a", "b");
        object.plain("c", &1);
        object.end();
        Object::begin(&mut out).end();
        assert_eq!(out, r#"{"a":"b","c":1}{}"#);
    }
}
