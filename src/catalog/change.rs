//! A built-in indicator with another name or other keys, without a copy of it.

use std::sync::Arc;

use super::definition::{Change, Definition};
use crate::base::Map;
use crate::decode::Refusal;

impl Change {
    /// A definition as it is changed; `None` if it is left out.
    pub(super) fn of(&self, definition: &Definition) -> Result<Option<Arc<Definition>>, Refusal> {
        if self.omit {
            let is_all = *self == Change { omit: true, ..Change::default() };
            return if is_all { Ok(None) } else { Err(Refusal::new("what is left out is not changed")) };
        }
        let mut changed = definition.clone();
        for (text, other) in [
            (&mut changed.name, &self.name),
            (&mut changed.description, &self.description),
            (&mut changed.purpose, &self.purpose),
        ] {
            if let Some(other) = other {
                text.clone_from(other);
            }
        }
        changed.id = self.id.or(changed.id);
        changed.threshold = self.threshold.or(changed.threshold);
        self.rename_keys(&mut changed)?;
        Ok(Some(Arc::new(changed)))
    }

    /// All at once: two keys can change places.
    fn rename_keys(&self, definition: &mut Definition) -> Result<(), Refusal> {
        for key in self.keys.keys() {
            if !definition.groups.iter().any(|group| group.key == *key) {
                return Err(Refusal::new(format!("it has no group {key}")));
            }
        }
        let rename = |key: &mut String| {
            if let Some(other) = self.keys.get(key) {
                key.clone_from(other);
            }
        };
        definition.groups.iter_mut().for_each(|group| rename(&mut group.key));
        definition.identity.iter_mut().flatten().for_each(rename);
        for selector in &mut definition.events {
            let mut groups = Map::new();
            for (key, source) in &selector.groups {
                let mut key = key.clone();
                rename(&mut key);
                groups.insert(key, source.clone());
            }
            selector.groups = groups;
        }
        Ok(())
    }
}
