//! Long-lived facts: what later days need to know of earlier ones.
//!
//! Facts only ever join: firsts take the earlier, starts unite, attempts take
//! the greater count. So folding the same days again, in any order, changes
//! nothing, and facts remembered by an earlier run join those of the events
//! still there.

use std::cmp::Ordering;

use serde::Serialize;

use crate::calendar::{Clock, DateTime, Day, Moment, Month};
use crate::catalog::Catalog;
use crate::event::EventType;
use crate::map::{Map, Set};
use crate::order::sort_by;
use crate::ranked::Ranks;
use crate::read::{Read, Refusal, Value, deserialized, fields, object};
use crate::timeline::{Occurrence, Timeline};

/// What a home's earlier runs remembered, as a document holds it. A field of a
/// later version is no reason to forget the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    /// The first day this home ever computed.
    pub first_day: Option<Day>,
    /// Everything up to this day is history: its events count for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_until: Option<Day>,
    /// On which day each day still open was first computed.
    pub days: Map<Day, Day>,
    /// The months computed.
    pub months: Set<Month>,
    /// The date-time of the first event, by type.
    pub firsts: Map<String, String>,
    /// The date-times of events that a span may start at, by type and target.
    pub starts: Map<String, Map<String, Vec<String>>>,
    /// Events counted until something was reached: by measure, group values
    /// and month.
    pub counts: Map<String, Map<String, Map<Month, MonthCount>>>,
}

impl Read for Memory {
    fn blank() -> Self {
        Memory::default()
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        // What a later version wrote beside them is left alone.
        let _unknown = fields!(value.known_fields {
            optional "firstDay" => self.first_day,
            optional "closedUntil" => self.closed_until,
            optional "days" => self.days,
            optional "months" => self.months,
            optional "firsts" => self.firsts,
            optional "starts" => self.starts,
            optional "counts" => self.counts,
        })?;
        Ok(())
    }
}

deserialized!(Memory);

impl Memory {
    /// What is remembered of runs, without what is remembered of events.
    pub(crate) fn without_facts(self) -> Memory {
        Memory {
            first_day: self.first_day,
            closed_until: self.closed_until,
            days: self.days,
            months: self.months,
            ..Memory::default()
        }
    }
}

/// One month of a count that goes on until something is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MonthCount {
    /// The month's events.
    pub count: u64,
    /// Whether one of them reached it.
    pub reached: bool,
}

object!(MonthCount {
    required "count" => count,
    required "reached" => reached,
});

/// Joins group values to one key; no value can hold this character.
const SEPARATOR: char = '\n';

/// What earlier days hold, for the indicators that look back.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// By type.
    firsts: [Option<First>; EventType::ALL.len()],
    starts: Starts,
    counts: Map<String, Map<String, Map<Month, MonthCount>>>,
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
    kind: EventType,
    target: String,
    starts: Vec<Start>,
}

impl Starts {
    fn of(&self, kind: EventType, target: &str) -> Option<&[Start]> {
        let number = self.numbers.find(&|known| self.all[known as usize].compare(kind, target))?;
        Some(&self.all[number as usize].starts)
    }

    fn or_insert(&mut self, kind: EventType, target: &str) -> &mut Vec<Start> {
        let Starts { all, numbers } = self;
        let next = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let number = numbers.find_or_insert(next, &|known| all[known as usize].compare(kind, target));
        if number == next {
            all.push(StartsOf { kind, target: target.to_owned(), starts: Vec::new() });
        }
        &mut all[number as usize].starts
    }
}

impl StartsOf {
    fn compare(&self, kind: EventType, target: &str) -> Ordering {
        self.kind.cmp(&kind).then_with(|| self.target.as_str().cmp(target))
    }
}

/// When a date-time that was remembered is.
#[inline(never)]
fn moment(clock: &Clock, remembered: &str) -> Option<Moment> {
    DateTime::parse(remembered).map(|written| clock.moment(written))
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
        clock: &Clock,
    ) -> Facts {
        let mut facts = Facts::default();
        for (kind, event) in timeline.firsts() {
            facts.firsts[kind as usize] = Some(First { moment: event.moment, event: Some(event) });
        }
        for &event in timeline.starts() {
            let class = timeline.class(event.class);
            let starts = facts.starts.or_insert(class.kind, class.target.as_deref().unwrap_or_default());
            starts.push(Start { moment: event.moment, event: Some(event) });
        }
        facts.count(catalog, timeline);
        if let Some(memory) = memory {
            facts.remember(memory, clock);
        }
        facts
    }

    fn count(&mut self, catalog: &Catalog, timeline: &Timeline) {
        for (at, indicator) in catalog.indicators().iter().enumerate() {
            if !indicator.is_until() {
                continue;
            }
            let mut measure = Map::new();
            for (class, month, count) in timeline.counts() {
                for made in class.made.iter().filter(|made| made.indicator == at) {
                    let Some(cell) = made.cell else { continue };
                    let mut values = String::new();
                    for (at, group) in timeline.groups(at, cell).iter().enumerate() {
                        if at > 0 {
                            values.push(SEPARATOR);
                        }
                        values.push_str(group.value());
                    }
                    let months = measure.or_insert(values, Map::new);
                    let month = months.or_insert(month, MonthCount::default);
                    month.count += count;
                    month.reached |= made.reaches;
                }
            }
            self.counts.insert(indicator.definition.name.clone(), measure);
        }
    }

    fn remember(&mut self, memory: &Memory, clock: &Clock) {
        for (kind, text) in &memory.firsts {
            if let (Some(kind), Some(moment)) = (EventType::from_name(kind), moment(clock, text)) {
                let first = self.firsts[kind as usize].get_or_insert(First { moment, event: None });
                first.moment = moment.min(first.moment);
            }
        }
        for (kind, targets) in &memory.starts {
            let Some(kind) = EventType::from_name(kind) else { continue };
            for (target, moments) in targets {
                let known = self.starts.or_insert(kind, target);
                for moment in moments.iter().filter_map(|text| moment(clock, text)) {
                    known.push(Start { moment, event: None });
                }
                // What is remembered was read before: of the same moment it comes first.
                sort_by(known, |a, b| (a.moment, a.event.is_some()).cmp(&(b.moment, b.event.is_some())));
            }
        }
        for (measure, groups) in &memory.counts {
            let measure = self.counts.or_insert(measure.clone(), Map::new);
            for (values, months) in groups {
                let known = measure.or_insert(values.clone(), Map::new);
                for (&month, remembered) in months {
                    let known = known.or_insert(month, MonthCount::default);
                    known.count = known.count.max(remembered.count);
                    known.reached |= remembered.reached;
                }
            }
        }
    }

    /// The facts as a document holds them; starts before `since` only as far as
    /// a later event can still end them.
    pub(crate) fn remembered(&self, since: Moment) -> Memory {
        let firsts = EventType::ALL
            .iter()
            .zip(&self.firsts)
            .filter_map(|(kind, first)| Some((kind.as_str().to_owned(), first.as_ref()?.moment.to_string())));
        let mut starts: Map<String, Map<String, Vec<String>>> = Map::new();
        for StartsOf { kind, target, starts: all } in &self.starts.all {
            let old = all.iter().map(|start| start.moment).rfind(|&moment| moment < since);
            let recent = all.iter().map(|start| start.moment).filter(|&moment| moment >= since);
            let mut kept: Vec<String> =
                old.into_iter().chain(recent).map(|moment| moment.to_string()).collect();
            kept.dedup();
            starts.or_insert(kind.as_str().to_owned(), Default::default).insert(target.clone(), kept);
        }
        Memory { firsts: firsts.collect(), starts, counts: self.counts.clone(), ..Memory::default() }
    }

    /// The home's first event of a type.
    pub(crate) fn first_of(&self, kind: EventType) -> Option<Moment> {
        self.firsts[kind as usize].map(|first| first.moment)
    }

    /// Whether the home never had an event of this one's type before.
    pub(crate) fn is_first(&self, kind: EventType, event: &Occurrence) -> bool {
        self.firsts[kind as usize].is_some_and(|first| {
            first.moment >= event.moment && first.event.is_some_and(|first| first.number == event.number)
        })
    }

    /// The latest event of a type and target before this one, in the order of events.
    pub(crate) fn latest_before(
        &self,
        kind: EventType,
        timeline: &Timeline,
        event: &Occurrence,
    ) -> Option<Moment> {
        let target = timeline.class(event.class).target.as_deref()?;
        let starts = self.starts.of(kind, target)?;
        let is_before = |start: &Start| {
            let ordered = start.event.map_or(Ordering::Less, |start| timeline.order(&start, event));
            start.moment.cmp(&event.moment).then(ordered).is_lt()
        };
        let before = starts.partition_point(is_before);
        Some(starts.get(before.checked_sub(1)?)?.moment)
    }

    /// The counts of a measure, month by month, by the values of its groups.
    pub(crate) fn counts_of(
        &self,
        measure: &str,
    ) -> impl Iterator<Item = (Vec<&str>, &Map<Month, MonthCount>)> {
        let groups = self.counts.get(measure).into_iter().flatten();
        groups.map(|(values, months)| (values.split(SEPARATOR).collect(), months))
    }
}
