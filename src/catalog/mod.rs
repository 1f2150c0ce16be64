//! Indicators as data: what the catalog says, checked and made ready to run.

mod built_in;
mod cache;
mod change;
mod decode;
mod definition;
mod device;
mod group;
mod lint;
mod meaning;
mod pattern;
mod registration;

pub use definition::{
    CatalogFile, Change, Condition, ContributionMode, Definition, EventPresence, FieldName, GroupDefinition,
    Join, Selector, SnapshotOf, SnapshotPart, Source, Start, ValueRule, When,
};
pub use registration::{Registration, Registrations};

use std::sync::Arc;

use crate::base::Map;
use crate::decode::{Refusal, read};
use crate::ecolyo::{Event, EventType, FieldValue};
use crate::error::Error;
use crate::measure::{Group, Measure};
pub(crate) use group::{GroupSource, GroupValue};

/// A catalog that keeps every rule, ready to be folded over events.
///
/// ```
/// use dacc_aggregator::catalog::Catalog;
///
/// let catalog = Catalog::built_in();
/// assert_eq!(catalog.definitions().count(), 15);
/// ```
#[derive(Debug, Clone)]
pub struct Catalog {
    indicators: Vec<Indicator>,
}

impl Catalog {
    /// The fifteen indicators of Ecolyo.
    pub fn built_in() -> Catalog {
        Self::clone(&Self::shared_built_in())
    }

    fn shared_built_in() -> Arc<Catalog> {
        // invariant: a test reads the built-in catalog.
        cache::built_in(|| Self::from_json(built_in::TEXT).unwrap_or(Catalog { indicators: Vec::new() }))
    }

    /// The catalog of this file, or the built-in one, compiled once for those
    /// who call with the same again.
    pub(crate) fn shared(file: Option<&CatalogFile>) -> Result<Arc<Catalog>, Error> {
        file.map_or_else(|| Ok(Self::shared_built_in()), cache::compiled)
    }

    /// Reads a catalog from JSON.
    ///
    /// # Errors
    /// If it is not a catalog, or an indicator of it breaks a rule; the message
    /// names the indicator and the rule.
    pub fn from_json(json: &str) -> Result<Catalog, Error> {
        let file = read(json.as_bytes())
            .map_err(|refusal| Error::catalog(format!("the catalog cannot be read: {refusal}")))?;
        Self::compile(&file)
    }

    /// Checks a catalog and makes it ready.
    ///
    /// # Errors
    /// If an indicator breaks a rule; the message names both.
    pub fn new(file: CatalogFile) -> Result<Catalog, Error> {
        Self::compile(&file)
    }

    pub(crate) fn compile(file: &CatalogFile) -> Result<Catalog, Error> {
        let mut indicators = Vec::new();
        if file.extends {
            indicators = Self::changed(&file.changes)?;
        } else if !file.changes.is_empty() {
            return Err(Error::catalog(
                "catalog: `override` needs `extends`: it changes the built-in indicators",
            ));
        }
        for definition in &file.indicators {
            indicators.push(Indicator::new(definition.clone())?);
        }
        let mut catalog = Catalog { indicators: Vec::with_capacity(indicators.len()) };
        for indicator in indicators {
            catalog.add(indicator)?;
        }
        Ok(catalog)
    }

    /// The built-in indicators with these changes, by their names.
    fn changed(changes: &Map<String, Change>) -> Result<Vec<Indicator>, Error> {
        let built_in = Self::built_in().indicators;
        if let Some(name) = changes.keys().find(|name| !built_in.iter().any(|known| *known.name == ***name)) {
            return Err(Error::catalog(format!("catalog: override: {name} is no built-in indicator")));
        }
        let mut indicators = Vec::with_capacity(built_in.len());
        for indicator in built_in {
            let Some(change) = changes.get(&*indicator.name) else {
                indicators.push(indicator);
                continue;
            };
            let changed = change.of(&indicator.definition).map_err(|broken| {
                Error::catalog(format!("catalog: override: {}: {broken}", indicator.name))
            })?;
            indicators.extend(changed.map(Indicator::new).transpose()?);
        }
        Ok(indicators)
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

    pub(crate) fn indicators(&self) -> &[Indicator] {
        &self.indicators
    }
}

impl Default for Catalog {
    fn default() -> Self {
        Self::built_in()
    }
}

/// A definition that keeps every rule.
#[derive(Debug, Clone)]
pub(crate) struct Indicator {
    pub(crate) definition: Arc<Definition>,
    /// The definition's name, for every measure.
    pub(crate) name: Arc<str>,
    selections: Vec<Selection>,
    /// For groups of no event: those of a snapshot.
    pub(crate) sources: Vec<GroupSource>,
    /// Which of the groups identify a contribution.
    pub(crate) identity: Vec<bool>,
}

/// A selector made ready: its type is known and each group has its source.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    event: EventType,
    condition: Option<Condition>,
    pub(crate) first: bool,
    pub(crate) start: Option<SpanStart>,
    pub(crate) sources: Vec<GroupSource>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SpanStart {
    Field(FieldName),
    First(EventType),
    Latest(EventType),
}

impl Selection {
    pub(crate) fn event(&self) -> EventType {
        self.event
    }

    /// The fields that decide whether it takes an event, and into which groups.
    pub(crate) fn each_field(&self, each: &mut dyn FnMut(FieldName)) {
        self.condition.iter().for_each(|condition| each(condition.field));
        self.sources.iter().for_each(|source| source.each_field(each));
    }

    pub(crate) fn admits(&self, event: &Event<'_>) -> bool {
        self.event == event.kind && self.condition.as_ref().is_none_or(|condition| condition.holds(event))
    }
}

impl Condition {
    pub(crate) fn holds(&self, event: &Event<'_>) -> bool {
        event.text(self.field) == Some(&self.is)
    }
}

impl Event<'_> {
    #[inline(never)]
    fn text(&self, field: FieldName) -> Option<&str> {
        match field {
            FieldName::Target => self.target.as_deref(),
            FieldName::Context => self.context.as_deref(),
            FieldName::StartDate => self.start_date.as_deref(),
            FieldName::Result => self.result_text(),
        }
    }

    /// The field as it stands, a number's digits included.
    pub(crate) fn value(&self, field: FieldName) -> Option<FieldValue<'_>> {
        match field {
            FieldName::Result => self.result.clone(),
            _ => self.text(field).map(|text| FieldValue::Text(text.into())),
        }
    }
}

impl Indicator {
    fn new(definition: Arc<Definition>) -> Result<Indicator, Error> {
        let mut indicator = Indicator {
            name: definition.name.as_str().into(),
            definition,
            selections: Vec::new(),
            sources: Vec::new(),
            identity: Vec::new(),
        };
        match indicator.compile() {
            Ok(()) => Ok(indicator),
            Err(rule) => Err(Error::catalog(format!("catalog: {}: {rule}", indicator.name))),
        }
    }

    fn compile(&mut self) -> Result<(), Refusal> {
        let Definition { events, groups, identity, .. } = &*self.definition;
        lint::check(&self.definition)?;
        for selector in events {
            self.selections.push(Selection {
                event: lint::event_type(&selector.event)?,
                condition: selector.condition.clone(),
                first: selector.first,
                start: match &selector.start {
                    None => None,
                    Some(Start::Field(field)) => Some(SpanStart::Field(*field)),
                    Some(Start::First(event)) => Some(SpanStart::First(lint::event_type(event)?)),
                    Some(Start::Latest(event)) => Some(SpanStart::Latest(lint::event_type(event)?)),
                },
                sources: sources(groups, Some(selector))?,
            });
        }
        self.sources = sources(groups, None)?;
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
        matches!(self.definition.value, ValueRule::Count { until: Some(_) })
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
fn sources(groups: &[GroupDefinition], selector: Option<&Selector>) -> Result<Vec<GroupSource>, Refusal> {
    let mut sources = Vec::new();
    for group in groups {
        let other = selector.and_then(|selector| selector.groups.get(&group.key));
        sources.push(GroupSource::new(other.unwrap_or(&group.source))?);
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::Catalog;

    #[test]
    fn the_built_in_catalog_keeps_every_rule() {
        let catalog = Catalog::from_json(super::built_in::TEXT).unwrap();
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
