use std::sync::Arc;

use super::made::{Cells, Groups, Made};
use super::recent::{Fields, Recent};
use crate::catalog::{Catalog, FieldName, SpanStart, ValueRule};
use crate::event::{Event, EventType};
use crate::ranked::Ranked;
use crate::scan::Field;

/// The fields of an event as they were found, in the order of [`FieldName::ALL`].
pub(super) type Found<'a> = [Option<Field<'a>>; FieldName::ALL.len()];

/// Events that are the same to every indicator, but for their dates.
///
/// There are few classes, however many texts events hold: what is not in an
/// indicator's list or pattern is all the same to it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class {
    pub(crate) kind: EventType,
    /// The target, where a span starts at the latest event with the same one.
    pub(crate) target: Option<Box<str>>,
    /// What each indicator that reads such events makes of them.
    pub(crate) made: Vec<Made>,
}

impl Class {
    /// What an indicator, by its place in the catalog, makes of these events.
    pub(crate) fn made(&self, indicator: usize) -> Option<&Made> {
        self.made.iter().find(|made| made.indicator == indicator)
    }
}

/// What is wanted of events of a type.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// The indicators that select such events.
    indicators: Vec<usize>,
    /// Whether a field decides what an indicator makes of the event.
    decides: [bool; FieldName::ALL.len()],
    /// Whether a span starts, or ends, at the latest event of the same target.
    by_target: bool,
    /// The fields with a date that a span starts at.
    pub(super) start_fields: Vec<FieldName>,
    /// Whether a span starts at the latest of such events.
    pub(super) is_start: bool,
    /// Whether they are counted until something is reached.
    pub(super) is_counted: bool,
}

/// Finds the class of an event.
#[derive(Debug)]
pub(super) struct Classes {
    catalog: Arc<Catalog>,
    wanted: Vec<Wanted>,
    classes: Ranked<Class>,
    cells: Vec<Cells>,
    recent: Recent,
}

impl Classes {
    pub(super) fn new(catalog: Arc<Catalog>) -> Classes {
        let mut wanted = vec![Wanted::default(); EventType::ALL.len()];
        for (at, indicator) in catalog.indicators().iter().enumerate() {
            for selection in indicator.selections() {
                let own = &mut wanted[selection.event() as usize];
                if own.indicators.last() != Some(&at) {
                    own.indicators.push(at);
                }
                selection.each_field(&mut |field| own.decides[field as usize] = true);
                match &indicator.definition.value {
                    ValueRule::Observation { of, .. } => own.decides[*of as usize] = true,
                    ValueRule::Count { until: Some(until) } => {
                        own.decides[until.field as usize] = true;
                        own.is_counted = true;
                    }
                    _ => {}
                }
                match selection.start {
                    Some(SpanStart::Field(field)) if !own.start_fields.contains(&field) => {
                        own.start_fields.push(field);
                    }
                    Some(SpanStart::Latest(kind)) => {
                        own.look_at_target();
                        wanted[kind as usize].look_at_target();
                        wanted[kind as usize].is_start = true;
                    }
                    _ => {}
                }
            }
        }
        Classes {
            cells: catalog.indicators().iter().map(|_| Cells::default()).collect(),
            catalog,
            wanted,
            classes: Ranked::default(),
            recent: Recent::new(),
        }
    }

    pub(super) fn wanted(&self, kind: EventType) -> &Wanted {
        &self.wanted[kind as usize]
    }

    pub(super) fn get(&self, class: u32) -> &Class {
        self.classes.get(class)
    }

    /// The number of the class of an event of this type with these fields.
    pub(super) fn number(&mut self, kind: EventType, found: &Found<'_>) -> u32 {
        let fields = Fields::new(found, &self.wanted[kind as usize].decides);
        let key = Recent::key(kind, &fields);
        if let Some(class) = key.and_then(|key| self.recent.class(key, &fields)) {
            return class;
        }
        let class = self.classify(&fields.event(kind));
        if let Some(key) = key {
            self.recent.keep(key, &fields, class);
        }
        class
    }

    fn classify(&mut self, event: &Event) -> u32 {
        let wanted = &self.wanted[event.kind as usize];
        let indicators = self.catalog.indicators();
        let cells = &mut self.cells;
        let made = |&at: &usize| Made::new(at, &indicators[at], event, &mut cells[at]);
        let class = Class {
            kind: event.kind,
            target: event.target.clone().filter(|_| wanted.by_target),
            made: wanted.indicators.iter().filter_map(made).collect(),
        };
        self.classes.number(class)
    }

    /// The classes, by their numbers; and the groups of each indicator's
    /// cells, whose numbers are now their places in the order of cells.
    pub(super) fn finish(self) -> (Vec<Class>, Vec<Groups>) {
        let cells = self.cells.into_iter().zip(self.catalog.indicators());
        let (groups, places): (Vec<_>, Vec<_>) =
            cells.map(|(cells, indicator)| cells.in_order(indicator)).unzip();
        let (mut classes, _) = self.classes.into_parts();
        for made in classes.iter_mut().flat_map(|class| &mut class.made) {
            let places = &places[made.indicator];
            made.cell = made.cell.map(|cell| places[cell as usize]);
        }
        (classes, groups)
    }
}

impl Wanted {
    fn look_at_target(&mut self) {
        self.by_target = true;
        self.decides[FieldName::Target as usize] = true;
    }
}
