//! Where the fields of events stand in a document.

use std::sync::Arc;

use super::rule;
use crate::decode::Refusal;
use crate::limits::MAX_PATH_KEYS;
use crate::scan::{Field, Names, fields_named};

/// The places of what is read of a document: first those of the names at its
/// first level, which a scanner gives, then those of what lies within them.
#[derive(Debug, Default)]
pub(super) struct Slots {
    names: Arc<[Box<str>]>,
    inner: Vec<Inner>,
    count: usize,
}

/// What is read of an object that stands at a slot.
#[derive(Debug)]
struct Inner {
    object: u8,
    names: Arc<[Box<str>]>,
    /// The slot of the first name; those of the others follow.
    first: usize,
}

impl Slots {
    /// Slots for these paths, and the slot of each.
    pub(super) fn new(paths: &[&str]) -> Result<(Slots, Vec<u8>), Refusal> {
        let mut keys = Vec::with_capacity(paths.len());
        for path in paths {
            keys.push(keys_of(path).map_err(|broken| Refusal::new(format!("path {path}: {broken}")))?);
        }
        let mut slots = Slots::default();
        let mut places = vec![0; keys.len()];
        let every: Vec<usize> = (0..keys.len()).collect();
        slots.names = slots.name(&every, 0, &keys, &mut places);
        for depth in 1..MAX_PATH_KEYS {
            // Of each object at a time; what is found in them stands behind them.
            for object in 0..slots.count {
                let is_inside =
                    |&path: &usize| keys[path].len() > depth && usize::from(places[path]) == object;
                let own: Vec<usize> = (0..keys.len()).filter(is_inside).collect();
                if own.is_empty() {
                    continue;
                }
                let first = slots.count;
                let names = slots.name(&own, depth, &keys, &mut places);
                slots.inner.push(Inner { object: object as u8, names, first });
            }
        }
        Ok((slots, places))
    }

    /// Gives the keys at a depth of these paths slots that follow each other.
    fn name(
        &mut self,
        paths: &[usize],
        depth: usize,
        keys: &[Vec<Box<str>>],
        places: &mut [u8],
    ) -> Arc<[Box<str>]> {
        let mut names: Vec<Box<str>> = Vec::new();
        for &path in paths {
            let key = &keys[path][depth];
            let known = names.iter().position(|name| name == key);
            let place = known.unwrap_or_else(|| {
                names.push(key.clone());
                names.len() - 1
            });
            // invariant: 38 paths of at most 6 keys have fewer than 256.
            places[path] = (self.count + place) as u8;
        }
        self.count += names.len();
        names.into()
    }

    /// The names at the first level, for a scanner.
    pub(super) fn names(&self) -> Names<'static> {
        Names::Shared(self.names.clone())
    }

    /// The names at the first level.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Whether anything lies within what stands at the first level.
    #[inline(always)]
    pub(super) fn are_nested(&self) -> bool {
        !self.inner.is_empty()
    }

    /// What a scanner found, and behind it what lies within.
    #[inline(never)]
    pub(super) fn open<'a>(&self, found: &[Option<Field<'a>>]) -> Vec<Option<Field<'a>>> {
        let mut all = found.to_vec();
        all.resize(self.count, None);
        for Inner { object, names, first } in &self.inner {
            let object = all[usize::from(*object)].and_then(Field::document);
            let fields = object.and_then(|object| fields_named(object, Names::Shared(names.clone())));
            all.iter_mut().skip(*first).zip(fields.into_iter().flatten()).for_each(|(to, field)| *to = field);
        }
        all
    }
}

/// The keys of a path: names joined by dots, in quotes where they hold one. By
/// bytes: what cuts texts can panic, and the words of that panic are kilobytes.
fn keys_of(path: &str) -> Result<Vec<Box<str>>, Refusal> {
    let mut keys = Vec::new();
    let mut rest = path.as_bytes();
    loop {
        let is_quoted = rest.first() == Some(&b'"');
        rest = rest.get(usize::from(is_quoted)..).unwrap_or_default();
        let end = if is_quoted { b'"' } else { b'.' };
        // Quotes that nothing closes hold no key.
        let none = if is_quoted { 0 } else { rest.len() };
        let length = rest.iter().position(|&byte| byte == end).unwrap_or(none);
        let (key, after) = rest.split_at_checked(length).unwrap_or_default();
        let is_plain = is_quoted || !key.iter().any(|byte| b"[]^\"".contains(byte));
        rule("a path is keys joined by dots, each in quotes if it holds one", !key.is_empty() && is_plain)?;
        keys.push(str::from_utf8(key).unwrap_or_default().into());
        rule("a path has at most 6 keys", keys.len() <= MAX_PATH_KEYS)?;
        rest = match after.get(usize::from(is_quoted)..).unwrap_or_default() {
            [] => return Ok(keys),
            [b'.', rest @ ..] => rest,
            _ => return Err(Refusal::new("a dot is needed behind a key in quotes")),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Slots, keys_of};
    use crate::scan::{Document, fields_named};

    fn read(paths: &[&str], json: &str) -> Vec<Option<String>> {
        let (slots, places) = Slots::new(paths).unwrap();
        let found = fields_named(Document::parse(json.as_bytes()).unwrap(), slots.names()).unwrap();
        let all = slots.open(&found);
        let written = |place: u8| {
            all[usize::from(place)].map(|field| String::from_utf8_lossy(field.as_written()).into_owned())
        };
        places.into_iter().map(written).collect()
    }

    #[test]
    fn each_path_is_found_whatever_others_begin_as_it_does() {
        let paths = ["_id", "a.b.c", "a.b", "a.d", "\"a.b\".c", "a.b.c", "e.f.g.h.i.j", "a"];
        let json = r#"{"a.b": {"c": 1}, "a": {"d": "\u0041", "b": {"x": {}, "c": [2]}},
            "e": {"f": {"g": {"h": {"i": {"j": null}}}}}, "_id": "i"}"#;
        let found = read(&paths, json);
        let expected = [
            "i",
            "[2]",
            r#"{"x": {}, "c": [2]}"#,
            r"\u0041",
            "1",
            "[2]",
            "null",
            r#"{"d": "\u0041", "b": {"x": {}, "c": [2]}}"#,
        ];
        assert_eq!(found, expected.map(|text| Some(text.to_owned())));
    }

    #[test]
    fn what_is_not_there_or_lies_in_no_object_is_absent() {
        let paths = ["a.b", "a.c.d", "e"];
        for json in
            ["{}", r#"{"a": null}"#, r#"{"a": [{"b": 1}]}"#, r#"{"a": "{\"b\": 1}"}"#, r#"{"a": {"c": 1}}"#]
        {
            assert_eq!(read(&paths, json), [None, None, None], "{json}");
        }
        // Of a key given twice the last counts.
        assert_eq!(read(&["a.b"], r#"{"a": {"b": 1}, "a": {"b": 2, "b": 3}}"#), [Some("3".to_owned())]);
    }

    #[test]
    fn a_path_that_is_none_is_refused() {
        for path in
            ["", ".", "a.", ".a", "a..b", "a[]", "^.a", "a\"b\"", "\"a", "\"a\"b", "\"\"", "a.b.c.d.e.f.g"]
        {
            assert!(keys_of(path).is_err(), "{path}");
        }
    }
}
