use std::sync::Arc;

use super::types::Types;
use super::{FieldDefinition, Kind, Source, TypeId};
use crate::decode::Refusal;
use crate::limits::{MAX_EVENT_FIELDS, MAX_EVENT_TYPES, MAX_TEXT_BYTES};
use crate::scan::Names;

/// The number of a field of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FieldId(u8);

impl FieldId {
    /// Its place among all fields.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What the events of an app are: their types, their fields, and where these
/// stand in a document.
///
/// ```
/// use dacc_aggregator::catalog::Catalog;
///
/// let catalog = Catalog::built_in();
/// assert!(catalog.shape().types().any(|name| name == "QuizEndEvent"));
/// assert!(catalog.shape().fields().eq(["target", "context", "result", "startDate"]));
/// ```
#[derive(Debug)]
pub struct Shape {
    types: Types,
    fields: Vec<Field>,
    slots: Slots,
}

#[derive(Debug)]
struct Field {
    name: Box<str>,
    slot: u8,
    kind: Kind,
}

/// The fields of documents that a scanner looks for, and the places of those
/// that every event has.
#[derive(Debug, Clone)]
pub(crate) struct Slots {
    names: Arc<[Box<str>]>,
    pub(crate) id: u8,
    pub(crate) deleted: u8,
    date: u8,
    pub(crate) flag: Option<u8>,
    /// Absent where all events are of one type, which is the first.
    pub(crate) kind: Option<u8>,
}

impl Slots {
    /// The names, for a scanner.
    pub(crate) fn names(&self) -> Names<'static> {
        Names::Shared(self.names.clone())
    }

    /// The names, in the order of the slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    pub(crate) fn date_slot(&self) -> u8 {
        self.date
    }

    /// The name of the date.
    pub(crate) fn date(&self) -> &str {
        &self.names[usize::from(self.date)]
    }
}

/// Nothing is an event of this one.
impl Default for Shape {
    fn default() -> Self {
        let slots =
            Slots { names: ["_id".into()].into(), id: 0, deleted: 0, date: 0, flag: None, kind: None };
        Shape { types: Types::new(&[]), fields: Vec::new(), slots }
    }
}

impl Shape {
    /// The shape of the events in these sources.
    pub(crate) fn new(sources: &[Source]) -> Result<Shape, Refusal> {
        match sources {
            [source] => Shape::of(source).map_err(|broken| broken.within(&source.name)),
            _ => Err(Refusal::new("one source of events is needed, and no more are read so far")),
        }
    }

    #[inline(never)]
    fn of(source: &Source) -> Result<Shape, Refusal> {
        let Source { type_field, types, .. } = source;
        let is_repeated = |at: usize| types[..at].contains(&types[at]);
        rule(
            "types: there are 1 to 64, each once",
            (1..=MAX_EVENT_TYPES).contains(&types.len()) && !(0..types.len()).any(is_repeated),
        )?;
        let is_name = |name: &String| (1..=MAX_TEXT_BYTES).contains(&name.len());
        rule("types: a name has 1 to 100 bytes", types.iter().all(is_name))?;
        rule("typeField: several types are told apart by one", types.len() == 1 || type_field.is_some())?;
        let is_known =
            |at: usize| source.fields[..at].iter().any(|field| field.name == source.fields[at].name);
        rule(
            "fields: there are at most 32, each once",
            source.fields.len() <= MAX_EVENT_FIELDS && !(0..source.fields.len()).any(is_known),
        )?;
        let mut names = Vec::new();
        let id = slot(&mut names, "_id")?;
        let kind = type_field.as_deref().map(|path| slot(&mut names, path)).transpose()?;
        let mut fields = Vec::with_capacity(source.fields.len());
        for FieldDefinition { name, path, kind } in &source.fields {
            let slot = slot(&mut names, path.as_deref().unwrap_or(name))?;
            fields.push(Field { name: name.as_str().into(), slot, kind: *kind });
        }
        let date = slot(&mut names, &source.date)?;
        let flag = source.flag.as_deref().map(|path| slot(&mut names, path)).transpose()?;
        let deleted = slot(&mut names, "_deleted")?;
        let slots = Slots { names: names.into(), id, deleted, date, flag, kind };
        Ok(Shape { types: Types::new(types), fields, slots })
    }

    /// The names of the types, in the order of the description.
    pub fn types(&self) -> impl ExactSizeIterator<Item = &str> {
        self.types.all().map(|kind| self.types.name(kind))
    }

    /// The names of the fields, in the order of the description.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = &str> {
        self.fields.iter().map(|field| &*field.name)
    }

    pub(crate) fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The type of a name.
    pub(crate) fn find_type(&self, name: &[u8]) -> Option<TypeId> {
        self.types.find(name)
    }

    /// Every type, in the order of the description.
    pub(crate) fn all_types(&self) -> impl ExactSizeIterator<Item = TypeId> + use<> {
        self.types.all()
    }

    pub(crate) fn type_name(&self, kind: TypeId) -> &str {
        self.types.name(kind)
    }

    /// The type of a name that a description gives.
    ///
    /// # Errors
    /// If there is no such type.
    #[inline(never)]
    pub(crate) fn type_named(&self, name: &str) -> Result<TypeId, Refusal> {
        let kind = self.find_type(name.as_bytes());
        kind.ok_or_else(|| Refusal::new(format!("there is no event type {name}")))
    }

    /// The field of a name that a description gives.
    ///
    /// # Errors
    /// If there is no such field.
    #[inline(never)]
    pub(crate) fn field_named(&self, name: &str) -> Result<FieldId, Refusal> {
        let place = self.fields.iter().position(|field| *field.name == *name);
        // invariant: there are at most 32.
        place
            .map(|place| FieldId(place as u8))
            .ok_or_else(|| Refusal::new(format!("there is no field {name}")))
    }

    /// Where a field stands among those that a scanner gives.
    pub(crate) fn slot(&self, field: FieldId) -> u8 {
        self.fields[field.index()].slot
    }

    /// What a field holds.
    pub(crate) fn kind(&self, field: FieldId) -> Kind {
        self.fields[field.index()].kind
    }
}

/// A rule that is not kept is the error.
#[inline(never)]
pub(crate) fn rule(rule: &'static str, is_kept: bool) -> Result<(), Refusal> {
    if is_kept { Ok(()) } else { Err(Refusal::new(rule)) }
}

/// The slot of a path, which may be one that is there.
fn slot(names: &mut Vec<Box<str>>, path: &str) -> Result<u8, Refusal> {
    let is_beyond = |byte: &u8| b".[]^\"".contains(byte);
    rule(
        "a path is one key of the document so far",
        !path.is_empty() && !path.as_bytes().iter().any(is_beyond),
    )?;
    let known = names.iter().position(|name| **name == *path);
    // invariant: there are at most 37.
    Ok(known.unwrap_or_else(|| {
        names.push(path.into());
        names.len() - 1
    }) as u8)
}
