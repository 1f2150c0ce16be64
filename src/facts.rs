//! Long-lived facts: what later days need to know of earlier ones.
//!
//! Facts only ever join: firsts take the earlier, starts unite, attempts take
//! the greater count. So folding the same days again, in any order, changes
//! nothing, and facts remembered by an earlier run join those of the events
//! still there.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::calendar::{Clock, DateTime, Day, Moment, Month};
use crate::catalog::{Catalog, Given, Indicator, SpanStart, ValueRule};
use crate::event::{Event, EventType, Timeline};
use crate::read::{Read, Refusal, Slot, Value, deserialized, object};

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
    pub days: BTreeMap<Day, Day>,
    /// The months computed.
    pub months: BTreeSet<Month>,
    /// The date-time of the first event, by type.
    pub firsts: BTreeMap<String, String>,
    /// The date-times of events that a span may start at, by type and target.
    pub starts: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Events counted until something was reached: by measure, group values
    /// and month.
    pub counts: BTreeMap<String, BTreeMap<String, BTreeMap<Month, MonthCount>>>,
}

impl Read for Memory {
    fn blank() -> Self {
        Memory::default()
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        // What a later version wrote beside them is left alone.
        let _unknown = value.known_fields(&mut [
            Slot::optional("firstDay", &mut self.first_day),
            Slot::optional("days", &mut self.days),
            Slot::optional("months", &mut self.months),
            Slot::optional("firsts", &mut self.firsts),
            Slot::optional("starts", &mut self.starts),
            Slot::optional("counts", &mut self.counts),
        ])?;
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
const SEPARATOR: &str = "\n";

/// What earlier days hold, for the indicators that look back.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    firsts: BTreeMap<EventType, Moment>,
    /// By type and target, each as events are ordered.
    starts: BTreeMap<(EventType, String), BTreeSet<Start>>,
    counts: BTreeMap<String, BTreeMap<String, BTreeMap<Month, MonthCount>>>,
}

/// An event that a span may start at: when, its `_id`, and how many were read before.
type Start = (Moment, String, usize);

impl Facts {
    /// The facts of these events and of what was remembered before them.
    pub(crate) fn new(
        catalog: &Catalog,
        timeline: &Timeline,
        memory: Option<&Memory>,
        clock: &Clock,
    ) -> Facts {
        let mut facts = Facts::default();
        for event in timeline.all() {
            facts.first(event.kind, event.moment);
        }
        for indicator in catalog.indicators() {
            match &indicator.definition.value {
                ValueRule::Span {} => facts.starts(indicator, timeline),
                ValueRule::Count { until: Some(until) } => {
                    facts.counts(indicator, timeline, |event| until.holds(event));
                }
                _ => {}
            }
        }
        if let Some(memory) = memory {
            facts.remember(memory, clock);
        }
        facts
    }

    fn first(&mut self, kind: EventType, moment: Moment) {
        let first = self.firsts.entry(kind).or_insert(moment);
        *first = moment.min(*first);
    }

    fn starts(&mut self, indicator: &Indicator, timeline: &Timeline) {
        let wanted: BTreeSet<EventType> = indicator
            .selections()
            .iter()
            .filter_map(|selection| match selection.start {
                Some(SpanStart::Latest(kind)) => Some(kind),
                _ => None,
            })
            .collect();
        for event in timeline.all().iter().filter(|event| wanted.contains(&event.kind)) {
            if let Some(target) = &event.target {
                let (moment, id, read) = event.order();
                let starts = self.starts.entry((event.kind, target.to_string())).or_default();
                starts.insert((moment, id.to_owned(), read));
            }
        }
    }

    fn counts(&mut self, indicator: &Indicator, timeline: &Timeline, reached: impl Fn(&Event) -> bool) {
        let mut months: BTreeMap<String, BTreeMap<Month, MonthCount>> = BTreeMap::new();
        for (event, selection) in indicator.selected(timeline.all()) {
            let mut values = Vec::new();
            for source in selection.sources.iter().filter(|source| !source.is_reached()) {
                match source.of_event(event) {
                    Given::Value(value) | Given::Other(value) => values.push(value.into_owned()),
                    Given::Nothing => break,
                }
            }
            let wanted = selection.sources.iter().filter(|source| !source.is_reached()).count();
            if values.len() == wanted {
                let month = months.entry(values.join(SEPARATOR)).or_default();
                let month = month.entry(event.day.month()).or_default();
                month.count += 1;
                month.reached |= reached(event);
            }
        }
        self.counts.insert(indicator.definition.name.clone(), months);
    }

    fn remember(&mut self, memory: &Memory, clock: &Clock) {
        let moment = |text: &String| DateTime::parse(text).map(|written| clock.moment(written));
        for (kind, text) in &memory.firsts {
            if let (Some(kind), Some(moment)) = (EventType::from_name(kind), moment(text)) {
                self.first(kind, moment);
            }
        }
        for (kind, targets) in &memory.starts {
            let Some(kind) = EventType::from_name(kind) else { continue };
            for (target, moments) in targets {
                let known = self.starts.entry((kind, target.clone())).or_default();
                known.extend(moments.iter().filter_map(moment).map(|moment| (moment, String::new(), 0)));
            }
        }
        for (measure, groups) in &memory.counts {
            let measure = self.counts.entry(measure.clone()).or_default();
            for (values, months) in groups {
                let known = measure.entry(values.clone()).or_default();
                for (&month, remembered) in months {
                    let known = known.entry(month).or_default();
                    known.count = known.count.max(remembered.count);
                    known.reached |= remembered.reached;
                }
            }
        }
    }

    /// The facts as a document holds them; starts before `since` only as far as
    /// a later event can still end them.
    pub(crate) fn remembered(&self, since: Moment) -> Memory {
        let firsts = self.firsts.iter().map(|(kind, first)| (kind.as_str().to_owned(), first.to_string()));
        let mut starts: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
        for ((kind, target), all) in &self.starts {
            let old = all.iter().map(|start| start.0).rfind(|&moment| moment < since);
            let recent = all.iter().map(|start| start.0).filter(|&moment| moment >= since);
            let mut kept: Vec<String> =
                old.into_iter().chain(recent).map(|moment| moment.to_string()).collect();
            kept.dedup();
            starts.entry(kind.as_str().to_owned()).or_default().insert(target.clone(), kept);
        }
        Memory { firsts: firsts.collect(), starts, counts: self.counts.clone(), ..Memory::default() }
    }

    /// The home's first event of a type.
    pub(crate) fn first_of(&self, kind: EventType) -> Option<Moment> {
        self.firsts.get(&kind).copied()
    }

    /// The latest event of a type and target before this one, in the order of events.
    pub(crate) fn latest_before(&self, kind: EventType, event: &Event) -> Option<Moment> {
        let target = event.target.as_deref()?;
        let (moment, id, read) = event.order();
        let starts = self.starts.get(&(kind, target.to_owned()))?;
        starts.range(..(moment, id.to_owned(), read)).next_back().map(|&(moment, ..)| moment)
    }

    /// The counts of a measure, month by month, by the values of its groups.
    pub(crate) fn counts_of(
        &self,
        measure: &str,
    ) -> impl Iterator<Item = (Vec<&str>, &BTreeMap<Month, MonthCount>)> {
        let groups = self.counts.get(measure).into_iter().flatten();
        groups.map(|(values, months)| (values.split(SEPARATOR).collect(), months))
    }
}
