use std::sync::Arc;

use super::class_cache::{ClassCache, Key, event};
use super::indicator_effect::{Cells, Groups, IndicatorEffect};
use crate::app::{FieldId, Shape, TARGET, TypeId};
use crate::base::hash::{mix, mix_text};
use crate::base::interner::Interner;
use crate::catalog::{Catalog, SpanStart};
use crate::scan::{Field, ValueKinds};

/// The fields of an event as a scanner gives them.
pub(super) type Found<'a> = [Option<Field<'a>>];

/// A field that decides what indicators make of an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deciding {
    pub(super) field: FieldId,
    slot: usize,
    kinds: ValueKinds,
}

impl Deciding {
    /// What an indicator can use of the field.
    #[inline(always)]
    pub(super) fn usable<'a>(&self, found: &Found<'a>) -> Option<Field<'a>> {
        found[self.slot].filter(|field| field.is_of(self.kinds))
    }
}

/// A date of an event that a span can start at.
#[derive(Debug, Clone, Copy)]
pub(super) struct StartField {
    pub(super) field: FieldId,
    pub(super) slot: usize,
}

/// Events that are the same to every indicator, but for their dates.
///
/// There are few classes, however many texts events hold: what is not in an
/// indicator's list or pattern is all the same to it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class {
    pub(crate) kind: TypeId,
    /// The target, where a span starts at the latest event with the same one.
    pub(crate) target: Option<Box<str>>,
    /// What each indicator that reads such events makes of them.
    pub(crate) effects: Vec<IndicatorEffect>,
}

impl Class {
    /// A number that is the same for the same, and mostly another for another.
    fn hash(&self) -> u64 {
        let target =
            mix_text(self.kind.index() as u64, self.target.as_deref().unwrap_or_default().as_bytes());
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
    deciding: Vec<Deciding>,
    /// Whether a span starts, or ends, at the latest event of the same target.
    by_target: bool,
    /// The fields with a date that a span starts at, in their order.
    pub(super) start_fields: Vec<StartField>,
    /// Whether a span starts at the latest of such events.
    pub(super) is_start: bool,
    /// Whether they are counted until something is reached.
    pub(super) is_counted: bool,
}

/// Finds the class of an event.
#[derive(Debug)]
pub(super) struct Classes {
    catalog: Arc<Catalog>,
    /// The field by which spans find where they start.
    target: Option<FieldId>,
    wanted: Vec<Wanted>,
    classes: Interner<Class>,
    cells: Vec<Cells>,
    cache: ClassCache,
}

impl Classes {
    pub(super) fn new(catalog: Arc<Catalog>) -> Classes {
        let shape = catalog.shape();
        let mut wanted = vec![Wanted::default(); shape.all_types().len()];
        // invariant: the lint asks for this field where a span compares it.
        let target = shape.field_named(TARGET).ok();
        for (at, indicator) in catalog.indicators().iter().enumerate() {
            for selection in indicator.selections() {
                let own = &mut wanted[selection.event().index()];
                if own.indicators.last() != Some(&at) {
                    own.indicators.push(at);
                }
                selection.each_field(&mut |field| own.look_at(field, shape));
                if let Some((field, _)) = indicator.observed {
                    own.look_at(field, shape);
                }
                if let Some(until) = &indicator.until {
                    own.look_at(until.field, shape);
                    own.is_counted = true;
                }
                match selection.start {
                    Some(SpanStart::Field(field)) => own.start_at(field, shape),
                    Some(SpanStart::Latest(kind)) => {
                        own.look_at_target(target, shape);
                        wanted[kind.index()].look_at_target(target, shape);
                        wanted[kind.index()].is_start = true;
                    }
                    _ => {}
                }
            }
        }
        Classes {
            target,
            cells: catalog.indicators().iter().map(|_| Cells::default()).collect(),
            wanted,
            classes: Interner::default(),
            cache: ClassCache::new(),
            catalog,
        }
    }

    pub(super) fn wanted(&self, kind: TypeId) -> &Wanted {
        &self.wanted[kind.index()]
    }

    pub(super) fn get(&self, class: u32) -> &Class {
        self.classes.get(class)
    }

    /// The number of the class of an event of this type with these fields.
    #[inline(always)]
    pub(super) fn number(&mut self, kind: TypeId, found: &Found<'_>) -> u32 {
        let names = &self.wanted[kind.index()].deciding;
        let key = ClassCache::key(kind, found, names);
        match key.and_then(|key| self.cache.class(key, found, names)) {
            Some(class) => class,
            None => self.classify(key, kind, found),
        }
    }

    #[inline(never)]
    fn classify(&mut self, key: Option<Key>, kind: TypeId, found: &Found<'_>) -> u32 {
        let wanted = &self.wanted[kind.index()];
        let event = event(kind, found, &wanted.deciding);
        let indicators = self.catalog.indicators();
        let cells = &mut self.cells;
        let effect = |&at: &usize| IndicatorEffect::new(at, &indicators[at], &event, &mut cells[at]);
        let class = Class {
            kind,
            target: self
                .target
                .filter(|_| wanted.by_target)
                .and_then(|field| event.text(field))
                .map(Box::from),
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

    /// By type, the fields that spans start at.
    pub(super) fn start_fields(&self) -> Vec<Vec<FieldId>> {
        let fields = |wanted: &Wanted| wanted.start_fields.iter().map(|start| start.field).collect();
        self.wanted.iter().map(fields).collect()
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
    fn look_at(&mut self, field: FieldId, shape: &Shape) {
        if self.deciding.iter().all(|known| known.field != field) {
            self.deciding.push(Deciding {
                field,
                slot: shape.slot(field),
                kinds: shape.kind(field).written(),
            });
        }
    }

    fn look_at_target(&mut self, target: Option<FieldId>, shape: &Shape) {
        self.by_target = true;
        if let Some(target) = target {
            self.look_at(target, shape);
        }
    }

    fn start_at(&mut self, field: FieldId, shape: &Shape) {
        if self.start_fields.iter().all(|known| known.field != field) {
            let place = self.start_fields.partition_point(|known| known.field < field);
            self.start_fields.insert(place, StartField { field, slot: shape.slot(field) });
        }
    }
}
