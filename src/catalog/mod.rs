//! Indicators as data: what the catalog says, checked and made ready to run.

mod built_in;
mod cache;
mod change;
mod decode;
mod definition;
mod description;
mod device;
mod group;
mod lint;
mod meaning;
mod pattern;
mod registration;

pub use definition::{
    CatalogFile, Change, Condition, ContributionMode, Definition, EventPresence, GroupDefinition, Join,
    Selector, SnapshotOf, SnapshotPart, Source, Start, ValueRule, When,
};
pub use description::Description;
pub use registration::{Registration, Registrations};

use std::sync::Arc;

use crate::app::{Event, FieldId, Shape, TypeId};
use crate::base::Map;
use crate::decode::{Refusal, read, rule};
use crate::error::Error;
use crate::limits::MAX_START_FIELDS;
use crate::measure::{Group, Measure, is_sendable};
pub(crate) use group::{GroupSource, GroupValue};

/// A catalog that keeps every rule, ready to be folded over events.
///
/// ```
/// use dacc_aggregator::catalog::Catalog;
///
/// let catalog = Catalog::built_in();
/// assert_eq!(catalog.definitions().count(), 15);
/// ```
#[derive(Debug)]
pub struct Catalog {
    shape: Arc<Shape>,
    indicators: Vec<Indicator>,
}

impl Catalog {
    /// The fifteen indicators of Ecolyo.
    pub fn built_in() -> Arc<Catalog> {
        // invariant: a test reads the built-in description.
        cache::built_in(|| {
            let description = read(built_in::TEXT.as_bytes()).unwrap_or_else(|_| Description::default());
            let empty = |_| Catalog { shape: Arc::default(), indicators: Vec::new() };
            Self::of_app(&description).unwrap_or_else(empty)
        })
    }

    /// The catalog of this file, or all indicators of this app; of the built-in
    /// one where no app is given. Compiled once for those who call with the same
    /// again.
    ///
    /// # Errors
    /// If a rule is broken; in a module that holds no app, if none is given.
    pub(crate) fn shared(
        app: Option<&Arc<Description>>,
        file: Option<&CatalogFile>,
    ) -> Result<Arc<Catalog>, Error> {
        let all = match app {
            Some(app) => cache::described(app)?,
            None if built_in::IS_HELD => Self::built_in(),
            None => return Err(Error::option("app: a description is needed; load({ app }) takes one")),
        };
        file.map_or_else(|| Ok(all.clone()), |file| cache::compiled(file, &all))
    }

    /// Reads a catalog from JSON.
    ///
    /// # Errors
    /// If it is not a catalog, or an indicator of it breaks a rule; the message
    /// names the indicator and the rule.
    pub fn from_json(json: &str) -> Result<Catalog, Error> {
        let file = read(json.as_bytes())
            .map_err(|refusal| Error::catalog(format!("the catalog cannot be read: {refusal}")))?;
        Self::compile(&file, &Self::built_in())
    }

    /// Checks a catalog and makes it ready.
    ///
    /// # Errors
    /// If an indicator breaks a rule; the message names both.
    pub fn new(file: CatalogFile) -> Result<Catalog, Error> {
        Self::compile(&file, &Self::built_in())
    }

    /// The indicators of an app.
    ///
    /// ```
    /// use dacc_aggregator::catalog::{Catalog, Description};
    ///
    /// let app: Description = serde_json::from_str(r#"{
    ///     "app": "visits",
    ///     "sources": [{ "name": "pages", "doctype": "org.example.pages", "types": ["page"], "date": "at" }],
    ///     "indicators": [{
    ///         "name": "page-count-daily", "period": "day", "description": "Pages.", "purpose": "Use.",
    ///         "events": [{ "type": "page" }], "value": { "kind": "count" }
    ///     }]
    /// }"#).unwrap();
    /// assert_eq!(Catalog::of_app(&app).unwrap().definitions().count(), 1);
    /// ```
    ///
    /// # Errors
    /// If the description breaks a rule; the message names the place and the rule.
    pub fn of_app(description: &Description) -> Result<Catalog, Error> {
        let shape =
            rule("a slug has 1 to 100 bytes and no control characters", is_sendable(&description.app))
                .and_then(|()| Shape::new(&description.sources))
                .map_err(|broken| Error::option(format!("app: {broken}")))?;
        let mut catalog = Catalog { shape: Arc::new(shape), indicators: Vec::new() };
        catalog.add_all(&description.indicators)?;
        catalog.check_starts()?;
        Ok(catalog)
    }

    /// The catalog of a file that adds to all the indicators of an app, or takes their place.
    pub(crate) fn compile(file: &CatalogFile, all: &Catalog) -> Result<Catalog, Error> {
        let mut catalog = Catalog { shape: all.shape.clone(), indicators: Vec::new() };
        if file.extends {
            catalog.add_changed(&all.indicators, &file.changes)?;
        } else if !file.changes.is_empty() {
            return Err(Error::catalog(
                "catalog: `override` needs `extends`: it changes the built-in indicators",
            ));
        }
        catalog.add_all(&file.indicators)?;
        catalog.check_starts()?;
        Ok(catalog)
    }

    /// A span of an event is kept with the place of its start among those of
    /// the event's type, for which there are few bits.
    fn check_starts(&self) -> Result<(), Error> {
        let mut starts = vec![0_u32; self.shape.all_types().len()];
        for selection in self.indicators.iter().flat_map(Indicator::selections) {
            if let Some(SpanStart::Field(field)) = selection.start {
                let starts = &mut starts[selection.event.index()];
                *starts |= 1 << field.index();
                if starts.count_ones() > MAX_START_FIELDS {
                    let name = self.shape.type_name(selection.event);
                    return Err(Error::catalog(format!(
                        "catalog: {name}: spans of events of one type start at {MAX_START_FIELDS} fields at most"
                    )));
                }
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn add_all(&mut self, definitions: &[Arc<Definition>]) -> Result<(), Error> {
        definitions
            .iter()
            .try_for_each(|definition| self.add(Indicator::new(definition.clone(), &self.shape)?))
    }

    /// Adds the built-in indicators with these changes, by their names.
    fn add_changed(&mut self, built_in: &[Indicator], changes: &Map<String, Change>) -> Result<(), Error> {
        if let Some(name) = changes.keys().find(|name| !built_in.iter().any(|known| *known.name == ***name)) {
            return Err(Error::catalog(format!("catalog: override: {name} is no built-in indicator")));
        }
        for indicator in built_in {
            let changed = match changes.get(&*indicator.name) {
                None => Some(indicator.definition.clone()),
                Some(change) => change.of(&indicator.definition).map_err(|broken| {
                    Error::catalog(format!("catalog: override: {}: {broken}", indicator.name))
                })?,
            };
            self.add_all(changed.as_slice())?;
        }
        Ok(())
    }

    /// Adds an indicator, whose name and row on the server are its own.
    fn add(&mut self, indicator: Indicator) -> Result<(), Error> {
        for known in &self.indicators {
            let (name, other) = (&indicator.name, &known.name);
            if name == other {
                return Err(Error::catalog(format!("catalog: {name} is defined twice")));
            }
            if let Some(id) = indicator.definition.id.filter(|id| known.definition.id == Some(*id)) {
                return Err(Error::catalog(format!("catalog: {other} and {name} have one id, {id}")));
            }
        }
        self.indicators.push(indicator);
        Ok(())
    }

    /// The definitions, in the catalog's order.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.indicators.iter().map(|indicator| &*indicator.definition)
    }

    /// Whether a measure is one that this catalog can have made.
    pub(crate) fn admits(&self, measure: &Measure) -> bool {
        let named = |indicator: &&Indicator| indicator.definition.name == measure.name();
        self.indicators.iter().find(named).is_some_and(|indicator| {
            let keys = indicator.definition.groups.iter().map(|group| group.key.as_str());
            keys.eq(measure.groups().iter().map(Group::key))
        })
    }

    /// What the events are that the indicators read.
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    pub(crate) fn indicators(&self) -> &[Indicator] {
        &self.indicators
    }
}

/// A definition that keeps every rule.
#[derive(Debug)]
pub(crate) struct Indicator {
    pub(crate) definition: Arc<Definition>,
    /// The definition's name, for every measure.
    pub(crate) name: Arc<str>,
    selections: Vec<Selection>,
    /// For a count: what ends it.
    pub(crate) until: Option<Test>,
    /// For an observation: the field that holds its number, and between which
    /// whole numbers that has to be.
    pub(crate) observed: Option<(FieldId, Option<[u8; 2]>)>,
    /// For groups of no event: those of a snapshot.
    pub(crate) sources: Vec<GroupSource>,
    /// Which of the groups identify a contribution.
    pub(crate) identity: Vec<bool>,
}

/// A selector made ready: its type is known and each group has its source.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    event: TypeId,
    condition: Option<Test>,
    pub(crate) first: bool,
    pub(crate) start: Option<SpanStart>,
    pub(crate) sources: Vec<GroupSource>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SpanStart {
    Field(FieldId),
    First(TypeId),
    Latest(TypeId),
}

impl Selection {
    pub(crate) fn event(&self) -> TypeId {
        self.event
    }

    /// The fields that decide whether it takes an event, and into which groups.
    pub(crate) fn each_field(&self, each: &mut dyn FnMut(FieldId)) {
        self.condition.iter().for_each(|test| each(test.field));
        self.sources.iter().for_each(|source| source.each_field(each));
    }

    pub(crate) fn admits(&self, event: &Event<'_>) -> bool {
        self.event == event.kind && self.condition.as_ref().is_none_or(|test| test.holds(event))
    }
}

/// A condition made ready.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub(crate) field: FieldId,
    is: Box<str>,
}

impl Test {
    fn new(condition: &Condition, shape: &Shape) -> Result<Test, Refusal> {
        Ok(Test { field: shape.text_named(&condition.field)?, is: condition.is.as_str().into() })
    }

    pub(crate) fn holds(&self, event: &Event<'_>) -> bool {
        event.text(self.field) == Some(&self.is)
    }
}

impl Indicator {
    fn new(definition: Arc<Definition>, shape: &Shape) -> Result<Indicator, Error> {
        let mut indicator = Indicator {
            name: definition.name.as_str().into(),
            definition,
            selections: Vec::new(),
            until: None,
            observed: None,
            sources: Vec::new(),
            identity: Vec::new(),
        };
        match indicator.compile(shape) {
            Ok(()) => Ok(indicator),
            Err(rule) => Err(Error::catalog(format!("catalog: {}: {rule}", indicator.name))),
        }
    }

    fn compile(&mut self, shape: &Shape) -> Result<(), Refusal> {
        let Definition { events, groups, identity, value, .. } = &*self.definition;
        lint::check(&self.definition, shape)?;
        let test = |condition: Option<&Condition>| {
            condition.map(|condition| Test::new(condition, shape)).transpose()
        };
        match value {
            ValueRule::Observation { of, integers } => {
                self.observed = Some((shape.number_named(of)?, *integers))
            }
            ValueRule::Count { until } => self.until = test(until.as_ref())?,
            _ => {}
        }
        for selector in events {
            self.selections.push(Selection {
                event: shape.type_named(&selector.event)?,
                condition: test(selector.condition.as_ref())?,
                first: selector.first,
                start: match &selector.start {
                    None => None,
                    Some(Start::Field(field)) => Some(SpanStart::Field(shape.date_named(field)?)),
                    Some(Start::First(event)) => Some(SpanStart::First(shape.type_named(event)?)),
                    Some(Start::Latest(event)) => Some(SpanStart::Latest(shape.type_named(event)?)),
                },
                sources: sources(groups, Some(selector), shape)?,
            });
        }
        self.sources = sources(groups, None, shape)?;
        for group in groups {
            self.identity.push(identity.as_ref().is_none_or(|keys| keys.contains(&group.key)));
        }
        Ok(())
    }

    pub(crate) fn selections(&self) -> &[Selection] {
        &self.selections
    }

    /// Whether it counts until something is reached.
    pub(crate) fn is_until(&self) -> bool {
        self.until.is_some()
    }

    /// Whether it is not enough to know how many events there are.
    pub(crate) fn looks_at_each(&self) -> bool {
        use ValueRule::{Observation, Session, Span};
        matches!(self.definition.value, Session {} | Span {} | Observation { .. })
    }

    /// Whether a period without an event of it can have a measure.
    pub(crate) fn gives_without_events(&self) -> bool {
        use ValueRule::{Count, DistinctDays, Observation, Session, Snapshot, Span};
        match self.definition.value {
            // Of a count with `until` events may only be remembered.
            Count { ref until } => until.is_some(),
            DistinctDays { zero } => zero,
            Snapshot { .. } => true,
            Session {} | Span {} | Observation { .. } => false,
        }
    }

    /// All groups, with these values.
    pub(crate) fn groups(&self, values: Vec<String>) -> Arc<[Group]> {
        self.groups_of(values, |_| true)
    }

    /// The groups that an event has by itself, with these values: not those
    /// that tell of the whole cell.
    pub(crate) fn own_groups(&self, values: Vec<String>) -> Arc<[Group]> {
        self.groups_of(values, GroupSource::is_of_event)
    }

    /// All groups: those that an event has by itself, and among them the
    /// others with the values that they have.
    pub(crate) fn groups_around(
        &self,
        own: &[Group],
        mut value: impl FnMut(&GroupSource) -> String,
    ) -> Arc<[Group]> {
        let mut own = own.iter();
        let mut groups = Vec::with_capacity(self.sources.len());
        for (group, source) in self.definition.groups.iter().zip(&self.sources) {
            if source.is_of_event() {
                groups.extend(own.next().cloned());
            } else {
                groups.push(Group { key: group.key.clone(), value: value(source) });
            }
        }
        groups.into()
    }

    fn groups_of(&self, values: Vec<String>, is_given: fn(&GroupSource) -> bool) -> Arc<[Group]> {
        let mut groups = Vec::with_capacity(values.len());
        let mut values = values.into_iter();
        for (group, source) in self.definition.groups.iter().zip(&self.sources) {
            if is_given(source)
                && let Some(value) = values.next()
            {
                groups.push(Group { key: group.key.clone(), value });
            }
        }
        groups.into()
    }
}

/// The sources of the groups: each group's own, unless the selector has another.
fn sources(
    groups: &[GroupDefinition],
    selector: Option<&Selector>,
    shape: &Shape,
) -> Result<Vec<GroupSource>, Refusal> {
    let mut sources = Vec::new();
    for group in groups {
        let other = selector.and_then(|selector| selector.groups.get(&group.key));
        sources.push(GroupSource::new(other.unwrap_or(&group.source), shape)?);
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::Catalog;

    #[test]
    fn the_built_in_catalog_keeps_every_rule() {
        let description = serde_json::from_str(super::built_in::TEXT).unwrap();
        let catalog = Catalog::of_app(&description).unwrap();
        assert_eq!(catalog.indicators().len(), 15);
    }

    #[test]
    fn a_catalog_can_add_to_the_built_in_one() {
        let extra = r#"{"extends": true, "indicators": [{
            "name": "report-count-daily", "period": "day", "description": "d", "purpose": "p",
            "events": [{"type": "ReportFromEvent"}], "value": {"kind": "count"}}]}"#;
        assert_eq!(Catalog::from_json(extra).unwrap().definitions().count(), 16);
        let twice = r#"{"extends": true, "indicators": [{
            "name": "quiz-stars", "period": "day", "description": "d", "purpose": "p",
            "events": [{"type": "ReportFromEvent"}], "value": {"kind": "count"}}]}"#;
        let error = Catalog::from_json(twice).unwrap_err();
        assert!(error.is_catalog());
        assert_eq!(error.to_string(), "catalog: quiz-stars is defined twice");
    }
}
