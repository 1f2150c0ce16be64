//! Where the fields of events stand in a document.

use std::sync::Arc;

use crate::base::text::equal;
use crate::decode::{Refusal, rule};
use crate::limits::MAX_PATH_KEYS;
use crate::scan::{Field, Names, fields_named};

/// Stands for the document, in which a path begins.
const ROOT: usize = usize::MAX;

/// The places of what is read of a document: first those of the names at its
/// first level, which a scanner gives, then those of what lies within them.
#[derive(Debug, Default)]
pub(super) struct Slots {
    names: Arc<Vec<Box<str>>>,
    inner: Vec<Inner>,
    count: usize,
}

/// What is read of an object that stands at a slot.
#[derive(Debug)]
struct Inner {
    object: usize,
    names: Arc<Vec<Box<str>>>,
    /// The slot of the first name; those of the others follow.
    first: usize,
}

impl Slots {
    /// Slots for paths with these keys, and the slot of each.
    pub(super) fn new(mut keys: Vec<Vec<Box<str>>>) -> (Slots, Vec<usize>) {
        let mut places = vec![ROOT; keys.len()];
        let names = name(ROOT, 0, 0, &mut keys, &mut places);
        let (mut depth, mut level) = (1, 0..names.len());
        let mut slots = Slots { count: names.len(), names, inner: Vec::new() };
        while !level.is_empty() {
            for object in level.clone() {
                let first = slots.count;
                let names = name(object, first, depth, &mut keys, &mut places);
                if !names.is_empty() {
                    slots.count += names.len();
                    slots.inner.push(Inner { object, names, first });
                }
            }
            (depth, level) = (depth + 1, level.end..slots.count);
        }
        (slots, places)
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
        let mut all = vec![None; self.count];
        put(found, 0, &mut all);
        for Inner { object, names, first } in &self.inner {
            let object = all.get(*object).copied().flatten().and_then(Field::document);
            if let Some(fields) = object.and_then(|object| fields_named(object, Names::Shared(names.clone())))
            {
                put(&fields, *first, &mut all);
            }
        }
        all
    }
}

/// Gives slots, from `first` on, to the keys that stand at this depth in the
/// object that a path led to so far.
fn name(
    object: usize,
    first: usize,
    depth: usize,
    keys: &mut [Vec<Box<str>>],
    places: &mut [usize],
) -> Arc<Vec<Box<str>>> {
    let mut names: Vec<Box<str>> = Vec::new();
    for (keys, place) in keys.iter_mut().zip(places) {
        let Some(key) = keys.get_mut(depth).filter(|_| *place == object) else { continue };
        let known = names.iter().position(|name| equal(name.as_bytes(), key.as_bytes()));
        *place = first + known.unwrap_or(names.len());
        if known.is_none() {
            names.push(std::mem::take(key));
        }
    }
    Arc::new(names)
}

/// Puts fields into the slots from this one on.
#[inline(never)]
fn put<'a>(fields: &[Option<Field<'a>>], first: usize, all: &mut [Option<Field<'a>>]) {
    for (to, field) in all.iter_mut().skip(first).zip(fields) {
        *to = *field;
    }
}

/// The keys of a path: names joined by dots, in quotes where they hold one.
pub(super) fn keys_of(path: &str) -> Result<Vec<Box<str>>, Refusal> {
    let bytes = path.as_bytes();
    let find = |byte: u8, from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().position(|&each| each == byte).map(|at| from + at)
    };
    let mut keys = Vec::new();
    let mut at = 0;
    loop {
        let is_quoted = bytes.get(at) == Some(&b'"');
        let begin = at + usize::from(is_quoted);
        let end = find(if is_quoted { b'"' } else { b'.' }, begin).unwrap_or(bytes.len());
        let key = path.get(begin..end).unwrap_or_default();
        let is_name = is_quoted || !key.bytes().any(|byte| b"[]^\"".contains(&byte));
        rule(
            "a path is 1 to 6 keys joined by dots, each in quotes if it holds one",
            !key.is_empty() && is_name && keys.len() < MAX_PATH_KEYS,
        )?;
        keys.push(key.into());
        at = end + usize::from(is_quoted);
        match bytes.get(at) {
            Some(b'.') => at += 1,
            None if at == bytes.len() => return Ok(keys),
            _ => return Err(Refusal::new("a path has a dot behind a key in quotes")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Slots, keys_of};
    use crate::scan::{Document, fields_named};

    fn read(paths: &[&str], json: &str) -> Vec<Option<String>> {
        let keys: Vec<_> = paths.iter().map(|path| keys_of(path).unwrap()).collect();
        let (slots, places) = Slots::new(keys);
        let found = fields_named(Document::parse(json.as_bytes()).unwrap(), slots.names()).unwrap();
        let all = slots.open(&found);
        let written =
            |place: usize| all[place].map(|field| String::from_utf8_lossy(field.as_written()).into_owned());
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
