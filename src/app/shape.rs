use super::slots::{Slots, keys_of};
use super::types::Types;
use super::{FieldDefinition, Kind, Source, TypeId};
use crate::decode::{Refusal, has_twice, rule};
use crate::limits::{MAX_EVENT_FIELDS, MAX_EVENT_TYPES, MAX_TEXT_BYTES};
use crate::scan::{self, Names};

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
    places: Places,
    date: Box<str>,
}

#[derive(Debug)]
struct Field {
    name: Box<str>,
    slot: usize,
    kind: Kind,
}

/// The field that has to be the same where a span starts at the latest event
/// of a type.
pub(crate) const TARGET: &str = "target";

/// The slots of what every event has.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) id: usize,
    pub(crate) deleted: usize,
    pub(crate) date: usize,
    pub(crate) flag: Option<usize>,
    /// Absent where all events are of one type, which is the first.
    pub(crate) kind: Option<usize>,
}

/// Nothing is an event of this one.
impl Default for Shape {
    fn default() -> Self {
        Shape {
            types: Types::new(&[]),
            fields: Vec::new(),
            slots: Slots::default(),
            places: Places::default(),
            date: Box::default(),
        }
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
        rule("a source has a name and a doctype", !source.name.is_empty() && !source.doctype.is_empty())?;
        let is_repeated = has_twice(types.len(), &|at| &types[at]);
        let are_types = (1..=MAX_EVENT_TYPES).contains(&types.len()) && !is_repeated;
        rule("types: there are 1 to 64, each once", are_types)?;
        let is_name = |name: &String| (1..=MAX_TEXT_BYTES).contains(&name.len());
        rule("types: a name has 1 to 100 bytes", types.iter().all(is_name))?;
        rule("typeField: several types are told apart by one", types.len() == 1 || type_field.is_some())?;
        let is_repeated = has_twice(source.fields.len(), &|at| &source.fields[at].name);
        let are_fields = source.fields.len() <= MAX_EVENT_FIELDS && !is_repeated;
        rule("fields: there are at most 32, each once", are_fields)?;
        let mut paths = Vec::new();
        let mut add = |path: &str| {
            paths.push(keys_of(path).map_err(|broken| Refusal::new(format!("path {path}: {broken}")))?);
            Ok::<usize, Refusal>(paths.len() - 1)
        };
        let id = add("_id")?;
        let kind = type_field.as_deref().map(&mut add).transpose()?;
        let mut fields = Vec::new();
        for FieldDefinition { name, path, kind } in &source.fields {
            let slot = add(path.as_ref().unwrap_or(name))?;
            fields.push(Field { name: name.as_str().into(), slot, kind: *kind });
        }
        let date = add(&source.date)?;
        let flag = source.flag.as_deref().map(&mut add).transpose()?;
        let deleted = add("_deleted")?;
        if let (Some(flag), Some(written)) = (flag, &source.flag) {
            // A run writes there: over a date or an id it would destroy the
            // event, and a field that begins so is CouchDB's.
            let key = &paths[flag][0];
            let is_free = paths.iter().filter(|path| path[0] == *key).count() == 1;
            rule(
                "flag: it is one key of documents that are owned, where nothing else is read",
                source.owned && is_free && key.len() == written.len() && key.as_bytes()[0] != b'_',
            )?;
        }
        let (slots, at) = Slots::new(paths);
        for field in &mut fields {
            field.slot = at[field.slot];
        }
        let places = Places {
            id: at[id],
            deleted: at[deleted],
            date: at[date],
            flag: flag.map(|flag| at[flag]),
            kind: kind.map(|kind| at[kind]),
        };
        Ok(Shape { types: Types::new(types), fields, slots, places, date: source.date.as_str().into() })
    }

    /// The names of the types, in the order of the description.
    pub fn types(&self) -> impl ExactSizeIterator<Item = &str> {
        self.types.all().map(|kind| self.types.name(kind))
    }

    /// The names of the fields, in the order of the description.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = &str> {
        self.fields.iter().map(|field| &*field.name)
    }

    /// The fields that a scanner has to give, in the order in which it gives
    /// them; the first is the id.
    pub(crate) fn names(&self) -> Names<'static> {
        self.slots.names()
    }

    /// The same as texts.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &str> {
        self.slots.iter()
    }

    /// Whether fields lie within others, so that what was found has to be [opened](Self::open).
    #[inline(always)]
    pub(crate) fn is_nested(&self) -> bool {
        self.slots.are_nested()
    }

    /// What a scanner found, and behind it what lies within.
    pub(crate) fn open<'a>(&self, found: &[Option<scan::Field<'a>>]) -> Vec<Option<scan::Field<'a>>> {
        self.slots.open(found)
    }

    /// The slots of what every event has.
    #[inline(always)]
    pub(crate) fn places(&self) -> &Places {
        &self.places
    }

    /// The path of the date.
    pub(crate) fn date(&self) -> &str {
        &self.date
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

    /// The field of a name that a description gives where a text is needed, as
    /// what is true or false, or a date, has one.
    ///
    /// # Errors
    /// If there is no such field, or it holds numbers: none would ever be what
    /// it is compared with.
    pub(crate) fn text_named(&self, name: &str) -> Result<FieldId, Refusal> {
        self.field_unlike(name, &[Kind::Number], "text")
    }

    /// The field of a name that a description gives where a number is needed,
    /// as a text can be one.
    ///
    /// # Errors
    /// If there is no such field, or it never holds a number.
    pub(crate) fn number_named(&self, name: &str) -> Result<FieldId, Refusal> {
        self.field_unlike(name, &[Kind::Date, Kind::Boolean], "number")
    }

    /// The field of a name that a description gives where a date is needed, as
    /// a text can be one.
    ///
    /// # Errors
    /// If there is no such field, or it never holds a date.
    pub(crate) fn date_named(&self, name: &str) -> Result<FieldId, Refusal> {
        self.field_unlike(name, &[Kind::Number, Kind::Boolean], "date")
    }

    #[inline(never)]
    fn field_unlike(&self, name: &str, others: &[Kind], needed: &str) -> Result<FieldId, Refusal> {
        let field = self.field_named(name)?;
        if others.contains(&self.kind(field)) {
            return Err(Refusal::new(format!("the field {name} holds no {needed}")));
        }
        Ok(field)
    }

    /// Where a field stands among those that a scanner gives.
    pub(crate) fn slot(&self, field: FieldId) -> usize {
        self.fields[field.index()].slot
    }

    /// What a field holds.
    pub(crate) fn kind(&self, field: FieldId) -> Kind {
        self.fields[field.index()].kind
    }
}
