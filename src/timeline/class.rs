use std::sync::Arc;

use super::class_cache::{ClassCache, Key, event};
use super::indicator_effect::{Cells, Groups, IndicatorEffect};
use crate::base::hash::{mix, mix_text};
use crate::base::interner::Interner;
use crate::catalog::{Catalog, FieldName, SpanStart, ValueRule};
use crate::ecolyo::EventType;
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
    pub(crate) effects: Vec<IndicatorEffect>,
}

impl Class {
    /// A number that is the same for the same, and mostly another for another.
    fn hash(&self) -> u64 {
        let target = mix_text(self.kind as u64, self.target.as_deref().unwrap_or_default().as_bytes());
        self.effects.iter().fold(mix(target, 0), |hash, effect| effect.hash(hash))
    }

    /// What an indicator, by its place in the catalog, makes of these events.
    pub(crate) fn effect_of(&self, indicator: usize) -> Option<&IndicatorEffect> {
        self.effects.iter().find(|effect| effect.indicator == indicator)
    }
}

/// What is wanted of events of a type.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// The indicators that select such events.
    indicators: Vec<usize>,
    /// The fields that decide what an indicator makes of the event.
    deciding: Vec<FieldName>,
    /// Whether a span starts, or ends, at the latest event of the same target.
    by_target: bool,
    /// The fields with a date that a span starts at, in their order.
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
    classes: Interner<Class>,
    cells: Vec<Cells>,
    cache: ClassCache,
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
                selection.each_field(&mut |field| own.look_at(field));
                match &indicator.definition.value {
                    ValueRule::Observation { of, .. } => own.look_at(*of),
                    ValueRule::Count { until: Some(until) } => {
                        own.look_at(until.field);
                        own.is_counted = true;
                    }
                    _ => {}
                }
                match selection.start {
                    Some(SpanStart::Field(field)) if !own.start_fields.contains(&field) => {
                        let place = own.start_fields.partition_point(|&other| other < field);
                        own.start_fields.insert(place, field);
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
            classes: Interner::default(),
            cache: ClassCache::new(),
        }
    }

    pub(super) fn wanted(&self, kind: EventType) -> &Wanted {
        &self.wanted[kind as usize]
    }

    pub(super) fn get(&self, class: u32) -> &Class {
        self.classes.get(class)
    }

    /// The number of the class of an event of this type with these fields.
    #[inline(always)]
    pub(super) fn number(&mut self, kind: EventType, found: &Found<'_>) -> u32 {
        let names = &self.wanted[kind as usize].deciding;
        let key = ClassCache::key(kind, found, names);
        match key.and_then(|key| self.cache.class(key, found, names)) {
            Some(class) => class,
            None => self.classify(key, kind, found),
        }
    }

    #[inline(never)]
    fn classify(&mut self, key: Option<Key>, kind: EventType, found: &Found<'_>) -> u32 {
        let wanted = &self.wanted[kind as usize];
        let event = event(kind, found, &wanted.deciding);
        let indicators = self.catalog.indicators();
        let cells = &mut self.cells;
        let effect = |&at: &usize| IndicatorEffect::new(at, &indicators[at], &event, &mut cells[at]);
        let class = Class {
            kind,
            target: event.target.as_deref().filter(|_| wanted.by_target).map(Box::from),
            effects: wanted.indicators.iter().filter_map(effect).collect(),
        };
        let hash = class.hash();
        let known = self.classes.find(hash, &|known| known.cmp(&class));
        let number = known.unwrap_or_else(|| self.classes.add(hash, class));
        if let Some(key) = key {
            self.cache.keep(key, found, &wanted.deciding, number);
        }
        number
    }

    /// The classes, by their numbers; and the groups of each indicator's
    /// cells, whose numbers are now their places in the order of cells.
    pub(super) fn finish(self) -> (Vec<Class>, Vec<Groups>) {
        let (mut groups, mut places) = (Vec::new(), Vec::new());
        for (cells, indicator) in self.cells.into_iter().zip(self.catalog.indicators()) {
            let (own_groups, own_places) = cells.in_order(indicator);
            groups.push(own_groups);
            places.push(own_places);
        }
        let mut classes = self.classes.into_values();
        for class in &mut classes {
            for IndicatorEffect { indicator, cell, otherwise, .. } in &mut class.effects {
                let others = otherwise.iter_mut().map(|other| &mut other.cell);
                for cell in others.chain([cell]) {
                    *cell = cell.map(|cell| places[*indicator][cell as usize]);
                }
            }
        }
        (classes, groups)
    }
}

impl Wanted {
    fn look_at(&mut self, field: FieldName) {
        if !self.deciding.contains(&field) {
            self.deciding.push(field);
        }
    }

    fn look_at_target(&mut self) {
        self.by_target = true;
        self.look_at(FieldName::Target);
    }
}
