//! Strict reading of what people write, options and catalogs, and of what runs
//! keep, which may hold more than this version knows.
//!
//! A field that is not known is refused by its name, and an error says where
//! it stands. Each type has a table of its fields beside it, and one reader
//! fills them all: code made for each type anew, as serde makes it, would be
//! most of a module that only aggregates.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::base::{Map, Set};
use crate::scan::{self, Document, Field};

/// What can be read.
pub(crate) trait Read {
    /// What stands there before it is read.
    fn blank() -> Self
    where
        Self: Sized;

    /// From blank becomes the value, or says why it cannot.
    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal>;
}

/// Reads a text that is JSON and nothing else.
pub(crate) fn read<T: Read>(json: &[u8]) -> Result<T, Refusal> {
    let document = Document::parse(json).ok_or_else(|| Refusal::new("this is not JSON"))?;
    Value(document).to()
}

/// Why a value cannot be read, and where it stands. In a box: what is handed
/// from reader to reader is then one word.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Why>);

#[derive(Debug)]
struct Why {
    place: String,
    why: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(why: impl Into<Cow<'static, str>>) -> Refusal {
        Self::because(why.into())
    }

    #[cold]
    #[inline(never)]
    fn because(why: Cow<'static, str>) -> Refusal {
        Refusal(Box::new(Why { place: String::new(), why }))
    }

    /// The refusal of a field, in the object around it.
    pub(crate) fn within(mut self, name: &str) -> Refusal {
        let place = &mut self.0.place;
        let point = if place.is_empty() || place.starts_with('[') { "" } else { "." };
        *place = format!("{name}{point}{place}");
        self
    }

    /// The refusal of an element, in the list around it.
    fn at(self, position: usize) -> Refusal {
        self.within(&format!("[{position}]"))
    }
}

/// A rule that is not kept is the error.
#[inline(never)]
pub(crate) fn rule(rule: &'static str, is_kept: bool) -> Result<(), Refusal> {
    if is_kept { Ok(()) } else { Err(Refusal::new(rule)) }
}

/// Whether two of so many texts are the same, as rules ask of few names.
#[inline(never)]
pub(crate) fn has_twice<'a>(count: usize, text: &dyn Fn(usize) -> &'a String) -> bool {
    (0..count).any(|at| (0..at).any(|before| text(before) == text(at)))
}

/// `place: why`, or why alone where it is the whole that is refused.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Why { place, why } = &*self.0;
        if !place.is_empty() {
            f.write_str(place)?;
            f.write_str(": ")?;
        }
        f.write_str(why)
    }
}

/// A field of an object.
pub(crate) struct Slot {
    name: &'static str,
    is_required: bool,
}

impl Slot {
    /// A field that has to be there.
    pub(crate) const fn required(name: &'static str) -> Slot {
        Slot { name, is_required: true }
    }

    /// A field without which all stays as it is.
    pub(crate) const fn optional(name: &'static str) -> Slot {
        Slot { name, is_required: false }
    }
}

/// A value to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a>(Document<'a>);

impl<'a> Value<'a> {
    /// The value as another type.
    pub(crate) fn to<T: Read>(self) -> Result<T, Refusal> {
        let mut read = T::blank();
        read.read(self)?;
        Ok(read)
    }

    /// The bytes that the value is written in.
    pub(crate) fn written(self) -> &'a [u8] {
        self.0.bytes()
    }

    /// The value as written.
    pub(crate) fn json(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0.bytes())
    }

    /// Reads an object with these fields and no other, each into its place.
    pub(crate) fn fields(self, slots: &[Slot], places: &mut [&mut dyn Read]) -> Result<(), Refusal> {
        let Some(name) = self.known_fields(slots, places)? else { return Ok(()) };
        let mut expected = String::new();
        slots.iter().for_each(|slot| expect(&mut expected, slot.name));
        Err(Refusal::new(format!("unknown field `{name}`, {expected}")))
    }

    /// Reads an object with these fields; tells the first name that is none of them.
    pub(crate) fn known_fields(
        self,
        slots: &[Slot],
        places: &mut [&mut dyn Read],
    ) -> Result<Option<String>, Refusal> {
        let mut entries = self.entries()?;
        for (Slot { name, is_required }, place) in slots.iter().zip(places) {
            match entries.remove(*name) {
                Some(value) => place.read(Value(value)).map_err(|refusal| refusal.within(name))?,
                None if *is_required => return Err(Refusal::new(format!("missing field `{name}`"))),
                None => {}
            }
        }
        Ok(entries.keys().next().cloned())
    }

    fn entries(self) -> Result<Map<String, Document<'a>>, Refusal> {
        scan::object(self.0.bytes(), "").map_err(|_| Refusal::new("an object is needed"))
    }

    /// Reads each entry of an object, in the order of their names.
    fn each_entry(self, into: &mut dyn Entries) -> Result<(), Refusal> {
        for (name, value) in &self.entries()? {
            let read = into.entry(name).and_then(|entry| entry.read(Value(*value)));
            read.map_err(|refusal| refusal.within(name))?;
        }
        Ok(())
    }

    /// Reads each element of a list.
    fn each_element(self, into: &mut dyn Elements) -> Result<(), Refusal> {
        let elements = self.0.elements().ok_or_else(|| Refusal::new("a list is needed"))?;
        for (at, element) in elements.into_iter().enumerate() {
            into.element().read(Value(element)).map_err(|refusal| refusal.at(at))?;
        }
        Ok(())
    }

    /// A whole number within these bounds, in 64 bits with or without a sign.
    fn integer(self, least: i64, most: u64) -> Result<u64, Refusal> {
        let digits = self.field().number().unwrap_or_default();
        let (is_negative, magnitude) = match digits.strip_prefix('-') {
            Some(magnitude) => (true, magnitude),
            None => (false, digits),
        };
        let bound = if is_negative { least.unsigned_abs() } else { most };
        match number(magnitude) {
            Some(magnitude) if magnitude <= bound && is_negative => Ok(magnitude.wrapping_neg()),
            Some(magnitude) if magnitude <= bound => Ok(magnitude),
            _ => Err(Refusal::new(format!("a whole number from {least} to {most} is needed"))),
        }
    }

    fn is_null(self) -> bool {
        self.0.bytes() == b"null"
    }

    fn field(self) -> Field<'a> {
        Field::new(self.0)
    }

    /// Which of these words the value is.
    pub(crate) fn word(self, words: &[&str]) -> Result<usize, Refusal> {
        let text = self.field().text();
        if let Some(position) = words.iter().position(|&word| text.as_deref() == Some(word)) {
            return Ok(position);
        }
        let mut expected = String::new();
        words.iter().for_each(|word| expect(&mut expected, word));
        Err(Refusal::new(expected))
    }
}

/// A whole number of at most 64 bits. At one place, for it is large where it is inlined.
#[inline(never)]
pub(crate) fn number(digits: &str) -> Option<u64> {
    digits.parse().ok()
}

/// Adds a word: ``expected `a`, `b` ``.
fn expect(words: &mut String, word: &str) {
    words.push_str(if words.is_empty() { "expected `" } else { ", `" });
    words.push_str(word);
    words.push('`');
}

/// What is not there or null is `None`.
impl<T: Read> Read for Option<T> {
    fn blank() -> Self {
        None
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        if value.is_null() { Ok(()) } else { self.get_or_insert_with(T::blank).read(value) }
    }
}

impl<T: Read> Read for Arc<T> {
    fn blank() -> Self {
        Arc::new(T::blank())
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        // invariant: what is blank is nobody else's.
        Arc::get_mut(self).map_or(Ok(()), |own| own.read(value))
    }
}

impl Read for String {
    fn blank() -> Self {
        String::new()
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        *self = value.field().text().ok_or_else(|| Refusal::new("a text is needed"))?.into_owned();
        Ok(())
    }
}

impl Read for bool {
    fn blank() -> Self {
        false
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        *self = value.field().boolean().ok_or_else(|| Refusal::new("true or false is needed"))?;
        Ok(())
    }
}

macro_rules! integers {
    ($($type:ty),+) => {$(
        impl Read for $type {
            fn blank() -> Self {
                0
            }

            fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
                *self = value.integer(<$type>::MIN as i64, <$type>::MAX as u64)? as $type;
                Ok(())
            }
        }
    )+};
}

integers!(u8, u16, u32, u64, i32, i64);

/// What a list is read into.
trait Elements {
    /// The next element, which is still blank.
    fn element(&mut self) -> &mut dyn Read;
}

/// What an object of any names is read into.
trait Entries {
    /// The entry of a name, which is still blank.
    fn entry(&mut self, name: &str) -> Result<&mut dyn Read, Refusal>;
}

impl<T: Read> Read for Vec<T> {
    fn blank() -> Self {
        Vec::new()
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        value.each_element(self)
    }
}

impl<T: Read> Elements for Vec<T> {
    fn element(&mut self) -> &mut dyn Read {
        let at = self.len();
        self.push(T::blank());
        &mut self[at]
    }
}

impl<T: Read + Ord> Read for Set<T> {
    fn blank() -> Self {
        Set::new()
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        for element in value.to::<Vec<T>>()? {
            self.insert(element);
        }
        Ok(())
    }
}

/// A key is read as the string that it is.
pub(crate) trait Key: Sized + Ord {
    fn key(text: &str) -> Result<Self, Refusal>;
}

impl Key for String {
    fn key(text: &str) -> Result<Self, Refusal> {
        Ok(text.to_owned())
    }
}

impl<K: Key, T: Read> Read for Map<K, T> {
    fn blank() -> Self {
        Map::new()
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        *self = Map::new();
        value.each_entry(self)
    }
}

impl<K: Key, T: Read> Entries for Map<K, T> {
    fn entry(&mut self, name: &str) -> Result<&mut dyn Read, Refusal> {
        Ok(self.or_insert(K::key(name)?, T::blank))
    }
}

/// Reads the fields of an object, each into its place.
macro_rules! fields {
    ($value:ident.$read:ident { $($kind:ident $name:literal => $place:expr),+ $(,)? }) => {
        $value.$read(const { &[$($crate::decode::Slot::$kind($name)),+] }, &mut [$(&mut $place),+])
    };
}

/// Reads a struct by the table of its fields.
macro_rules! object {
    ($type:ident { $($kind:ident $name:literal => $field:ident,)+ }) => {
        impl $crate::decode::Read for $type {
            fn blank() -> Self {
                $type { $($field: $crate::decode::Read::blank()),+ }
            }

            fn read(&mut self, value: $crate::decode::Value<'_>) -> Result<(), $crate::decode::Refusal> {
                $crate::decode::fields!(value.fields { $($kind $name => self.$field,)+ })
            }
        }
    };
}

/// Reads an enum whose variants are words.
macro_rules! string_enum {
    ($type:ident { $first:literal => $blank:ident, $($word:literal => $variant:ident,)* }) => {
        impl $crate::decode::Read for $type {
            fn blank() -> Self {
                $type::$blank
            }

            fn read(&mut self, value: $crate::decode::Value<'_>) -> Result<(), $crate::decode::Refusal> {
                const VARIANTS: &[$type] = &[$type::$blank, $($type::$variant),*];
                *self = VARIANTS[value.word(&[$first, $($word),*])?];
                Ok(())
            }
        }
    };
}

/// For serde, the type is read in the same way.
macro_rules! deserialized {
    ($($type:ty),+) => {$(
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let json = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
                $crate::decode::read(json.get().as_bytes()).map_err(serde::de::Error::custom)
            }
        }
    )+};
}

pub(crate) use {deserialized, fields, object, string_enum};

#[cfg(test)]
mod tests {
    use crate::base::Map;

    use super::read;

    #[derive(Debug, PartialEq)]
    struct Pair {
        a: u8,
        b: Option<Vec<bool>>,
    }

    object!(Pair {
        required "a" => a,
        optional "b" => b,
    });

    fn refusal(json: &str) -> String {
        read::<Map<String, Pair>>(json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_refusal_says_where_and_why() {
        for (json, why) in [
            ("{", "this is not JSON"),
            ("[]", "an object is needed"),
            (r#"{"x":7}"#, "x: an object is needed"),
            (r#"{"x":{}}"#, "x: missing field `a`"),
            (r#"{"x":{"a":256}}"#, "x.a: a whole number from 0 to 255 is needed"),
            (r#"{"x":{"a":"1"}}"#, "x.a: a whole number from 0 to 255 is needed"),
            (r#"{"x":{"a":1.0}}"#, "x.a: a whole number from 0 to 255 is needed"),
            (r#"{"x":{"a":null}}"#, "x.a: a whole number from 0 to 255 is needed"),
            (r#"{"x":{"a":1,"b":true}}"#, "x.b: a list is needed"),
            (r#"{"x":{"a":1,"b":[true,0]}}"#, "x.b[1]: true or false is needed"),
            (r#"{"x":{"a":1,"c":1}}"#, "x: unknown field `c`, expected `a`, `b`"),
        ] {
            assert_eq!(refusal(json), why, "{json}");
        }
    }

    #[test]
    fn what_is_null_is_absent_and_the_last_of_a_name_counts() {
        let pair = read::<Pair>(br#"{"b":[true],"a":1,"b":null,"\u0061":2}"#).unwrap();
        assert_eq!(pair, Pair { a: 2, b: None });
    }
}
