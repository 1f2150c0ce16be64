//! Long-lived facts: what later days need to know of earlier ones.
//!
//! Facts only ever join: firsts take the earlier, starts unite, attempts take
//! a day's greater count. So folding the same days again, in any order, changes
//! nothing, and facts remembered by an earlier run join those of the events
//! still there, as far as their days are consented now. Of what happened once in
//! a life, and whose event was deleted or became history, a mark stays: it has
//! no time, and the rules that ask for it are silent.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::app::{Shape, TypeId};
use crate::base::interner::Ranks;
use crate::base::sort::sort_by;
use crate::base::{Map, Set};
use crate::calendar::{Clock, Day, Moment};
use crate::catalog::Catalog;
use crate::consent::Consent;
use crate::memory::{DayCount, Marks, Memory, moment};
use crate::timeline::{DailyCount, Occurrence, Timeline};

/// Joins group values to one key; no value can hold this character.
const SEPARATOR: char = '\n';

/// What earlier days hold, for the indicators that look back.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    shape: Arc<Shape>,
    /// By type.
    firsts: Vec<Option<First>>,
    starts: Starts,
    counts: Map<String, Map<String, Map<Day, DayCount>>>,
    marks: Marks,
}

/// The events that a span may start at, by type and target.
#[derive(Debug, Default)]
struct Starts {
    all: Vec<StartsOf>,
    numbers: Ranks,
}

/// Those of one type and target, in the order of events.
#[derive(Debug)]
struct StartsOf {
    kind: TypeId,
    target: String,
    starts: Vec<Start>,
}

impl Starts {
    fn of(&self, kind: TypeId, target: &str) -> Option<&[Start]> {
        let number = self.numbers.find(&|known| self.all[known as usize].compare(kind, target))?;
        Some(&self.all[number as usize].starts)
    }

    /// The place of those of a type and target, which may be none yet.
    fn place(&mut self, kind: TypeId, target: &str) -> usize {
        let Starts { all, numbers } = self;
        let next = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let number = numbers.find_or_insert(next, &|known| all[known as usize].compare(kind, target));
        if number == next {
            all.push(StartsOf { kind, target: target.to_owned(), starts: Vec::new() });
        }
        number as usize
    }
}

impl StartsOf {
    fn compare(&self, kind: TypeId, target: &str) -> Ordering {
        self.kind.cmp(&kind).then_with(|| self.target.as_str().cmp(target))
    }
}

/// Parses a remembered timestamp; `None` if its day lacks consent.
#[inline(never)]
fn recall(text: &str, consent: &Consent, clock: &Clock) -> Option<Moment> {
    moment(clock, text).filter(|&moment| consent.contains(clock.day(moment)))
}

/// The first event of a type that is known.
#[derive(Debug, Clone, Copy)]
struct First {
    moment: Moment,
    /// The first that is still there; another may be remembered.
    event: Option<Occurrence>,
}

/// When something started, and the event where it is still there.
#[derive(Debug, Clone, Copy)]
struct Start {
    moment: Moment,
    event: Option<Occurrence>,
}

impl Facts {
    /// The facts of these events and of what was remembered before them.
    pub(crate) fn new(
        catalog: &Catalog,
        timeline: &Timeline,
        memory: Option<&Memory>,
        consent: &Consent,
        clock: &Clock,
    ) -> Facts {
        let shape = catalog.shape();
        let mut facts =
            Facts { shape: shape.clone(), firsts: vec![None; shape.all_types().len()], ..Facts::default() };
        for event in timeline.firsts() {
            facts.firsts[timeline.class(event.class).kind.index()] =
                Some(First { moment: event.moment, event: Some(event) });
        }
        // Few classes start spans, and many events are of each.
        let mut places = Map::new();
        for &event in timeline.starts() {
            let place = *places.or_insert(event.class, || {
                let class = timeline.class(event.class);
                facts.starts.place(class.kind, class.target.as_deref().unwrap_or_default())
            });
            facts.starts.all[place].starts.push(Start { moment: event.moment, event: Some(event) });
        }
        facts.count(catalog, timeline);
        if let Some(memory) = memory {
            facts.remember(memory, consent, clock);
        }
        facts
    }

    fn count(&mut self, catalog: &Catalog, timeline: &Timeline) {
        for (at, indicator) in catalog.indicators().iter().enumerate() {
            if !indicator.is_until() {
                continue;
            }
            let mut measure = Map::new();
            for (class, counts) in timeline.counts() {
                for effect in class.effects.iter().filter(|effect| effect.indicator == at) {
                    let Some(cell) = effect.cell else { continue };
                    let mut values = String::new();
                    for (at, group) in timeline.groups(at, cell).iter().enumerate() {
                        if at > 0 {
                            values.push(SEPARATOR);
                        }
                        values.push_str(group.value());
                    }
                    let days = measure.or_insert(values, Map::new);
                    for &DailyCount { day, count } in counts {
                        let day = days.or_insert(day, DayCount::default);
                        day.count += count;
                        day.reached |= effect.reaches;
                    }
                }
            }
            self.counts.insert(indicator.definition.name.clone(), measure);
        }
    }

    /// Joins what was remembered of consented days, and marks what happened once
    /// on days that became history.
    fn remember(&mut self, memory: &Memory, consent: &Consent, clock: &Clock) {
        let recall = |text: &String| recall(text, consent, clock);
        let is_history = |day: Day| memory.closed_until.is_some_and(|closed| day <= closed);
        self.marks.join(&memory.marks);
        for (name, text) in &memory.firsts {
            if let (Some(kind), Some(moment)) = (self.shape.find_type(name.as_bytes()), recall(text)) {
                let first = self.firsts[kind.index()].get_or_insert(First { moment, event: None });
                first.moment = moment.min(first.moment);
            } else if moment(clock, text).is_some_and(|moment| is_history(clock.day(moment))) {
                self.marks.firsts.insert(name.clone());
            }
        }
        for (kind, targets) in &memory.starts {
            let Some(kind) = self.shape.find_type(kind.as_bytes()) else { continue };
            for (target, moments) in targets {
                let place = self.starts.place(kind, target);
                let known = &mut self.starts.all[place].starts;
                let still_there = known.len();
                for moment in moments.iter().filter_map(recall) {
                    // One that is still there knows its place among events of its moment.
                    if known[..still_there].binary_search_by(|start| start.moment.cmp(&moment)).is_err() {
                        known.push(Start { moment, event: None });
                    }
                }
                sort_by(known, |a, b| a.moment.cmp(&b.moment));
            }
        }
        for (name, groups) in &memory.counts {
            let measure = self.counts.or_insert(name.clone(), Map::new);
            for (values, days) in groups {
                if days.iter().any(|(&day, count)| count.reached && is_history(day)) {
                    self.marks.reached.or_insert(name.clone(), Set::new).insert(values.clone());
                }
                let known = measure.or_insert(values.clone(), Map::new);
                for (&day, remembered) in days.iter().filter(|(day, _)| consent.contains(**day)) {
                    let known = known.or_insert(day, DayCount::default);
                    known.count = known.count.max(remembered.count);
                    known.reached |= remembered.reached;
                }
            }
        }
    }

    /// The facts as a document holds them; starts before `since` only as far as
    /// a later event can still end them.
    pub(crate) fn remembered(&self, since: Moment) -> Memory {
        let name = |kind: TypeId| self.shape.type_name(kind).to_owned();
        let kinds = self.shape.all_types();
        let firsts = kinds.filter_map(|kind| Some((name(kind), self.first_of(kind)?.to_string())));
        let mut starts: Map<String, Map<String, Vec<String>>> = Map::new();
        for StartsOf { kind, target, starts: all } in &self.starts.all {
            let old = all.iter().map(|start| start.moment).rfind(|&moment| moment < since);
            let recent = all.iter().map(|start| start.moment).filter(|&moment| moment >= since);
            let mut kept: Vec<String> =
                old.into_iter().chain(recent).map(|moment| moment.to_string()).collect();
            kept.dedup();
            starts.or_insert(name(*kind), Default::default).insert(target.clone(), kept);
        }
        Memory {
            firsts: firsts.collect(),
            starts,
            counts: self.counts.clone(),
            marks: self.marks.clone(),
            ..Memory::default()
        }
    }

    /// The home's first event of a type, if it is known when that was.
    pub(crate) fn first_of(&self, kind: TypeId) -> Option<Moment> {
        let first = self.firsts[kind.index()].filter(|_| !self.is_marked(kind));
        first.map(|first| first.moment)
    }

    /// Whether the first event of a type is one that is no longer known.
    fn is_marked(&self, kind: TypeId) -> bool {
        !self.marks.firsts.is_empty() && self.marks.firsts.contains(self.shape.type_name(kind))
    }

    /// Whether the home never had an event of this one's type before.
    pub(crate) fn is_first(&self, kind: TypeId, event: &Occurrence) -> bool {
        let first = self.firsts[kind.index()].filter(|_| !self.is_marked(kind));
        first.is_some_and(|first| {
            first.moment >= event.moment && first.event.is_some_and(|first| first.number == event.number)
        })
    }

    /// The latest event of a type and target before this one, in the order of events.
    pub(crate) fn latest_before(
        &self,
        kind: TypeId,
        timeline: &Timeline,
        event: &Occurrence,
    ) -> Option<Moment> {
        let target = timeline.class(event.class).target.as_deref()?;
        let starts = self.starts.of(kind, target)?;
        let is_before = |start: &Start| {
            let ordered = || start.event.map_or(Ordering::Less, |start| timeline.order(&start, event));
            start.moment.cmp(&event.moment).then_with(ordered).is_lt()
        };
        let before = starts.partition_point(is_before);
        Some(starts.get(before.checked_sub(1)?)?.moment)
    }

    /// The counts of a measure, day by day, by the values of its groups; none
    /// of what was reached on a day that is no longer known.
    pub(crate) fn counts_of(&self, measure: &str) -> impl Iterator<Item = (Vec<&str>, &Map<Day, DayCount>)> {
        let reached = self.marks.reached.get(measure);
        let is_open = move |values: &String| reached.is_none_or(|reached| !reached.contains(values));
        let groups = self.counts.get(measure).into_iter().flatten();
        let open = groups.filter(move |(values, _)| is_open(values));
        open.map(|(values, days)| (values.split(SEPARATOR).collect(), days))
    }
}
