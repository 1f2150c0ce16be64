use std::borrow::Cow;

use super::{FieldId, TypeId};

/// What a field of an event holds, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldValue<'a> {
    Text(Cow<'a, str>),
    /// The digits of a number.
    Number(&'a str),
}

/// What is asked of a valid event beside its date.
#[derive(Debug, Clone)]
pub(crate) struct Event<'a> {
    pub(crate) kind: TypeId,
    /// The fields that decide about it, each once.
    fields: Vec<(FieldId, FieldValue<'a>)>,
}

impl<'a> Event<'a> {
    /// An event of a type with these fields and no others.
    pub(crate) fn new(kind: TypeId, fields: Vec<(FieldId, FieldValue<'a>)>) -> Event<'a> {
        Event { kind, fields }
    }

    /// What a field holds.
    #[inline(always)]
    pub(crate) fn value(&self, field: FieldId) -> Option<&FieldValue<'a>> {
        self.fields.iter().find_map(|(known, value)| (*known == field).then_some(value))
    }

    /// The text that a field holds.
    #[inline(never)]
    pub(crate) fn text(&self, field: FieldId) -> Option<&str> {
        match self.value(field)? {
            FieldValue::Text(text) => Some(text),
            FieldValue::Number(_) => None,
        }
    }
}
