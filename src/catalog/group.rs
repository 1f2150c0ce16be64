//! A group's value: from which part of an event it is, and whether it may be sent.

use std::borrow::Cow;

use super::definition::{FieldName, Join, Seen, SnapshotPart, Source, When};
use super::pattern::Pattern;
use crate::device::Device;
use crate::event::Event;
use crate::measure::is_sendable;

/// A source made ready.
#[derive(Debug, Clone)]
pub(crate) struct GroupSource {
    origin: Origin,
    allowed: Allowed,
    other: Option<String>,
}

#[derive(Debug, Clone)]
enum Origin {
    Constant(String),
    Field {
        field: FieldName,
        lowercase: bool,
    },
    Device(FieldName),
    When(When),
    Join {
        parts: Vec<GroupSource>,
        with: String,
    },
    Seen(Seen),
    Reached,
    Snapshot(SnapshotPart),
    /// Every selector names its own.
    Selector,
}

#[derive(Debug, Clone)]
enum Allowed {
    Anything,
    Values(Vec<String>),
    Pattern(Pattern),
}

impl Allowed {
    fn admits(&self, value: &str) -> bool {
        match self {
            Allowed::Anything => true,
            Allowed::Values(values) => values.iter().any(|known| known == value),
            Allowed::Pattern(pattern) => pattern.matches(value),
        }
    }
}

/// What a group's source gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given<'a> {
    /// A value that is allowed.
    Value(Cow<'a, str>),
    /// The `other` value, in place of one that is there and not allowed.
    Other(Cow<'a, str>),
    /// Nothing that can be used.
    Nothing,
}

impl GroupSource {
    pub(super) fn new(source: &Source) -> Result<GroupSource, String> {
        let origins = [
            source.constant.clone().map(Origin::Constant),
            source.field.map(|field| Origin::Field { field, lowercase: source.lowercase }),
            source.device.map(Origin::Device),
            source.when.clone().map(Origin::When),
            match &source.join {
                Some(Join { parts, with }) => Some(Origin::Join {
                    parts: parts.iter().map(GroupSource::new).collect::<Result<_, _>>()?,
                    with: with.clone(),
                }),
                None => None,
            },
            source.seen.clone().map(Origin::Seen),
            source.reached.then_some(Origin::Reached),
            source.snapshot.map(Origin::Snapshot),
        ];
        let mut origins = origins.into_iter().flatten();
        let origin = origins.next().unwrap_or(Origin::Selector);
        if origins.next().is_some() {
            return Err("a group's value has one origin only".into());
        }
        let allowed = match (&source.values, &source.pattern) {
            (None, None) => Allowed::Anything,
            (Some(values), None) => Allowed::Values(values.clone()),
            (None, Some(pattern)) => Allowed::Pattern(Pattern::parse(pattern)?),
            (Some(_), Some(_)) => return Err("a group has a list or a pattern, not both".into()),
        };
        Ok(GroupSource { origin, allowed, other: source.other.clone() })
    }

    /// The group's value for an event.
    pub(crate) fn of_event<'a>(&'a self, event: &'a Event) -> Given<'a> {
        let value = match &self.origin {
            Origin::Constant(text) => Some(Cow::Borrowed(&**text)),
            Origin::Field { field, lowercase } => event
                .text(*field)
                .map(|text| if *lowercase { text.to_lowercase().into() } else { text.into() }),
            Origin::Device(field) => {
                event.text(*field).map(|browser| Device::of_browser(browser).as_str().into())
            }
            Origin::When(When { field, is, then, otherwise }) => {
                let met = event.text(*field) == Some(is);
                Some(Cow::Borrowed(if met { &**then } else { &**otherwise }))
            }
            Origin::Join { parts, with } => return joined(parts, with, event),
            Origin::Seen(_) | Origin::Reached | Origin::Snapshot(_) | Origin::Selector => None,
        };
        self.admit(value)
    }

    /// The group's value for a part of a snapshot.
    pub(crate) fn of_snapshot(
        &self,
        part: impl Fn(SnapshotPart) -> Option<String>,
        seen: bool,
    ) -> Given<'static> {
        let value = match &self.origin {
            Origin::Snapshot(wanted) => part(*wanted),
            Origin::Seen(Seen { then, otherwise }) => {
                Some(if seen { then.clone() } else { otherwise.clone() })
            }
            Origin::Constant(text) => Some(text.clone()),
            _ => None,
        };
        self.admit(value.map(Cow::Owned))
    }

    /// The group's value as an earlier run remembered it.
    pub(crate) fn of_memory(&self, value: &str) -> Given<'static> {
        self.admit(Some(Cow::Owned(value.to_owned())))
    }

    /// The fields of an event that the value is from.
    pub(super) fn each_field(&self, each: &mut impl FnMut(FieldName)) {
        match &self.origin {
            Origin::Field { field, .. } | Origin::Device(field) | Origin::When(When { field, .. }) => {
                each(*field);
            }
            Origin::Join { parts, .. } => parts.iter().for_each(|part| part.each_field(each)),
            Origin::Constant(_)
            | Origin::Seen(_)
            | Origin::Reached
            | Origin::Snapshot(_)
            | Origin::Selector => {}
        }
    }

    /// Whether this group tells that a count's `until` was reached.
    pub(crate) fn is_reached(&self) -> bool {
        matches!(self.origin, Origin::Reached)
    }

    /// Whether its list or pattern has this text.
    pub(super) fn admits_text(&self, text: &str) -> bool {
        self.allowed.admits(text)
    }

    fn admit<'a>(&self, value: Option<Cow<'a, str>>) -> Given<'a> {
        let other = || self.other.clone().map(Cow::Owned);
        match value {
            Some(value) if is_sendable(&value) && self.allowed.admits(&value) => Given::Value(value),
            Some(_) => other().map_or(Given::Nothing, Given::Other),
            None => other().map_or(Given::Nothing, Given::Value),
        }
    }
}

fn joined<'a>(parts: &'a [GroupSource], with: &str, event: &'a Event) -> Given<'a> {
    let mut text = String::new();
    let mut took_other = false;
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            text.push_str(with);
        }
        match part.of_event(event) {
            Given::Value(value) => text.push_str(&value),
            Given::Other(value) => {
                took_other = true;
                text.push_str(&value);
            }
            Given::Nothing => return Given::Nothing,
        }
    }
    if !is_sendable(&text) {
        Given::Nothing
    } else if took_other {
        Given::Other(text.into())
    } else {
        Given::Value(text.into())
    }
}
