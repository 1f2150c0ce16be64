//! What a definition means, apart from the names and texts it is written in:
//! what planned measures and remembered days are held against when a catalog
//! changes.

use serde_json::{Map as Object, Value};

use super::{Catalog, Definition, Indicator, SnapshotOf, SpanStart, ValueRule};
use crate::base::{Map, Set};

impl Catalog {
    /// The indicator of a name.
    pub(crate) fn named(&self, name: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|indicator| indicator.definition.name == name)
    }

    /// A number that is the same as long as of a definition nothing but the
    /// names of its keys and its texts for people change.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        Some(fingerprint(&meaning(&self.named(name)?.definition).to_string()))
    }

    /// What the indicators ask to be remembered, by name, each with a number
    /// that changes with its meaning: the types whose events can start a span,
    /// and what is counted until something is reached.
    pub(crate) fn remembered(&self) -> Map<String, String> {
        let mut rules = Map::new();
        let mut starts = Set::new();
        for indicator in &self.indicators {
            let name = &indicator.definition.name;
            if indicator.is_until() {
                rules.insert(format!("count:{name}"), self.form(name).unwrap_or_default());
            }
            for selection in indicator.selections() {
                if let Some(SpanStart::Latest(kind)) = selection.start {
                    starts.insert(kind);
                }
            }
        }
        for kind in starts.iter() {
            rules.insert(format!("start:{}", self.shape.type_name(*kind)), String::new());
        }
        rules
    }
}

impl Indicator {
    /// Whether days before the period can have a part in its values.
    pub(crate) fn looks_back(&self) -> bool {
        let is_seniority =
            matches!(self.definition.value, ValueRule::Snapshot { of: SnapshotOf::ConsumptionVariation });
        let asks = self.selections().iter().any(|selection| {
            selection.first || matches!(selection.start, Some(SpanStart::First(_) | SpanStart::Latest(_)))
        });
        self.is_until() || asks || is_seniority
    }
}

/// A definition with places in place of keys, and without texts for people.
fn meaning(definition: &Definition) -> Value {
    let place = |key: &str| {
        let place = definition.groups.iter().position(|group| group.key == key);
        place.map_or_else(|| key.to_owned(), |place| place.to_string())
    };
    let mut meaning = serde_json::to_value(definition).unwrap_or_default();
    let Value::Object(fields) = &mut meaning else { return meaning };
    fields.remove("description");
    fields.remove("purpose");
    for group in list(fields, "groups") {
        if let Some(Value::String(key)) = group.get_mut("key") {
            *key = place(key);
        }
    }
    for key in list(fields, "identity") {
        if let Value::String(key) = key {
            *key = place(key);
        }
    }
    for selector in list(fields, "events") {
        if let Some(Value::Object(groups)) = selector.get_mut("groups") {
            *groups = std::mem::take(groups).into_iter().map(|(key, source)| (place(&key), source)).collect();
        }
    }
    meaning
}

fn list<'a>(fields: &'a mut Object<String, Value>, name: &str) -> impl Iterator<Item = &'a mut Value> {
    fields.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
}

/// A number that is stored, and so has to be the same in every version: FNV-1a
/// with 64 bits (Fowler, Noll, Vo 1991). Nobody gains by two that meet.
fn fingerprint(text: &str) -> String {
    let mixed = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{mixed:016x}")
}

#[cfg(test)]
mod tests {
    use super::fingerprint;
    use crate::catalog::Catalog;

    fn catalog(keys: [&str; 2], description: &str, list: &str) -> Catalog {
        let json = format!(
            r#"{{"indicators": [{{"name": "quizzes", "period": "day", "description": "{description}",
                "purpose": "p", "events": [{{"type": "QuizEndEvent",
                    "groups": {{"{0}": {{"constant": "a"}}}}}}],
                "value": {{"kind": "count"}}, "identity": ["{0}", "{1}"],
                "groups": [{{"key": "{0}", "source": {{}}}},
                    {{"key": "{1}", "source": {{"field": "target", "values": {list}, "other": "other"}}}}]}}]}}"#,
            keys[0], keys[1]
        );
        Catalog::from_json(&json).unwrap()
    }

    #[test]
    fn a_form_changes_with_the_meaning_and_not_with_names_and_texts() {
        let form = |catalog: Catalog| catalog.form("quizzes").unwrap();
        let first = form(catalog(["a", "b"], "one", r#"["x"]"#));
        assert_eq!(first, form(catalog(["c", "d"], "two", r#"["x"]"#)));
        assert_eq!(first, form(catalog(["b", "a"], "one", r#"["x"]"#)));
        assert_ne!(first, form(catalog(["a", "b"], "one", r#"["x","y"]"#)));
        assert_eq!(catalog(["a", "b"], "one", r#"["x"]"#).form("others"), None);
    }

    #[test]
    fn a_fingerprint_is_the_published_one() {
        // The vectors of the function's authors.
        assert_eq!(fingerprint(""), "cbf29ce484222325");
        assert_eq!(fingerprint("foobar"), "85944171f73967e8");
    }
}
