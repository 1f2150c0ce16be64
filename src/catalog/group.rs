//! A group's value: from which part of an event it is, and whether it may be sent.

use std::borrow::Cow;
use std::sync::Arc;

use super::definition::{EventPresence, Join, SnapshotPart, Source, When};
use super::device::Device;
use super::pattern::Pattern;
use crate::app::{Event, FieldId, Shape, TypeId};
use crate::base::text::equal;
use crate::decode::Refusal;
use crate::measure::is_sendable;

/// A source made ready.
#[derive(Debug, Clone)]
pub(crate) struct GroupSource {
    source: Arc<Source>,
    pattern: Option<Pattern>,
    /// The field that its origin is, or looks at.
    field: Option<FieldId>,
    /// The type of the events that are counted inside a session.
    inside: Option<TypeId>,
    /// What is joined, if its text is.
    parts: Vec<GroupSource>,
}

/// What a group's source gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GroupValue<'a> {
    /// A value that is allowed.
    Value(Cow<'a, str>),
    /// The `other` value, in place of one that is there and not allowed.
    Other(Cow<'a, str>),
    /// Nothing that can be used.
    Nothing,
}

impl GroupSource {
    pub(super) fn new(source: &Arc<Source>, shape: &Shape) -> Result<GroupSource, Refusal> {
        let origins = [
            source.constant.is_some(),
            source.field.is_some(),
            source.device.is_some(),
            source.when.is_some(),
            source.join.is_some(),
            source.seen.is_some(),
            source.reached,
            source.snapshot.is_some(),
            source.inside.is_some(),
        ];
        if origins.iter().filter(|&&is_given| is_given).count() > 1 {
            return Err(Refusal::new("a group's value has one origin only"));
        }
        if source.values.is_some() && source.pattern.is_some() {
            return Err(Refusal::new("a group has a list or a pattern, not both"));
        }
        let mut made = GroupSource {
            source: source.clone(),
            pattern: None,
            field: None,
            inside: None,
            parts: Vec::new(),
        };
        let of_when = source.when.as_ref().map(|when| &when.field);
        if let Some(field) = source.field.as_ref().or(source.device.as_ref()).or(of_when) {
            made.field = Some(shape.text_named(field)?);
        }
        if let Some(pattern) = &source.pattern {
            made.pattern = Some(Pattern::parse(pattern).map_err(Refusal::new)?);
        }
        if let Some(event) = &source.inside {
            made.inside = Some(shape.type_named(event)?);
        }
        if let Some(join) = &source.join {
            for part in &join.parts {
                made.parts.push(GroupSource::new(part, shape)?);
            }
        }
        Ok(made)
    }

    /// The group's value for an event.
    pub(crate) fn of_event<'a>(&'a self, event: &'a Event<'_>) -> GroupValue<'a> {
        let source = &*self.source;
        if let Some(Join { with, .. }) = &source.join {
            return self.joined(with, event);
        }
        let value = match self.field.map(|field| event.text(field)) {
            None => source.constant.as_deref(),
            Some(Some(text)) if source.lowercase && source.field.is_some() => {
                return self.admit(Some(text.to_ascii_lowercase().into()));
            }
            Some(text) => match &source.when {
                None if source.device.is_some() => text.map(|browser| Device::of_browser(browser).as_str()),
                None => text,
                Some(When { is, then, otherwise, .. }) => {
                    Some(if text == Some(is) { then.as_str() } else { otherwise })
                }
            },
        };
        self.admit(value.map(Cow::Borrowed))
    }

    /// The group's value for a part of a snapshot.
    pub(crate) fn of_snapshot(
        &self,
        part: impl Fn(SnapshotPart) -> Option<String>,
        seen: bool,
    ) -> GroupValue<'_> {
        let source = &*self.source;
        let value = if let Some(wanted) = source.snapshot {
            part(wanted).map(Cow::Owned)
        } else if let Some(EventPresence { then, otherwise }) = &source.seen {
            Some(Cow::Borrowed(if seen { then.as_str() } else { otherwise }))
        } else {
            source.constant.as_deref().map(Cow::Borrowed)
        };
        self.admit(value)
    }

    /// Whether this is a value that it can have given, as an earlier run
    /// remembers it.
    #[inline(never)]
    pub(crate) fn can_give(&self, value: &str) -> bool {
        is_sendable(value) && (self.admits_text(value) || self.source.other.as_deref() == Some(value))
    }

    /// The fields of an event that the value is from.
    pub(super) fn each_field(&self, each: &mut dyn FnMut(FieldId)) {
        self.field.into_iter().for_each(&mut *each);
        self.parts.iter().for_each(|part| part.each_field(each));
    }

    /// Whether this group tells that a count's `until` was reached.
    pub(crate) fn is_reached(&self) -> bool {
        self.source.reached
    }

    /// Whether an event alone decides its value: not one that tells of the
    /// whole cell.
    pub(crate) fn is_of_event(&self) -> bool {
        !self.is_reached() && self.inside.is_none()
    }

    /// The type of the events that it counts inside a session.
    pub(crate) fn inside(&self) -> Option<TypeId> {
        self.inside
    }

    /// The value of the bucket that a number falls into.
    pub(crate) fn bucket(&self, number: u64) -> &str {
        let Source { buckets, values, .. } = &*self.source;
        let begins = buckets.iter().flatten();
        // invariant: the lint asks for a bucket at 0, and a value for each.
        let place = begins.filter(|&&begin| u64::from(begin) <= number).count().saturating_sub(1);
        values.as_ref().and_then(|values| values.get(place)).map_or("", String::as_str)
    }

    /// Whether its list or pattern has this text.
    pub(super) fn admits_text(&self, text: &str) -> bool {
        let is_same = |known: &String| equal(known.as_bytes(), text.as_bytes());
        let is_listed = self.source.values.as_ref().is_none_or(|values| values.iter().any(is_same));
        is_listed && self.pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
    }

    fn admit<'a>(&'a self, value: Option<Cow<'a, str>>) -> GroupValue<'a> {
        let is_given = value.is_some();
        if let Some(value) = value
            && is_sendable(&value)
            && self.admits_text(&value)
        {
            return GroupValue::Value(value);
        }
        match self.source.other.as_deref().map(Cow::Borrowed) {
            Some(other) if is_given => GroupValue::Other(other),
            Some(other) => GroupValue::Value(other),
            None => GroupValue::Nothing,
        }
    }

    fn joined(&self, with: &str, event: &Event<'_>) -> GroupValue<'_> {
        let mut text = String::new();
        let mut took_other = false;
        for (position, part) in self.parts.iter().enumerate() {
            if position > 0 {
                text.push_str(with);
            }
            match part.of_event(event) {
                GroupValue::Value(value) => text.push_str(&value),
                GroupValue::Other(value) => {
                    took_other = true;
                    text.push_str(&value);
                }
                GroupValue::Nothing => return GroupValue::Nothing,
            }
        }
        if !is_sendable(&text) {
            GroupValue::Nothing
        } else if took_other {
            GroupValue::Other(text.into())
        } else {
            GroupValue::Value(text.into())
        }
    }
}
