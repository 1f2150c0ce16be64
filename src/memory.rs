//! What a home's runs remember from one night to the next.

use serde::Serialize;

use crate::calendar::{Clock, DateTime, Day, Moment, Month};
use crate::map::{Map, Set};
use crate::read::{Read, Refusal, Value, deserialized, fields, object};

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
    /// and day.
    pub counts: Map<String, Map<String, Map<Day, DayCount>>>,
}

impl Read for Memory {
    fn blank() -> Self {
        Memory::default()
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        // What a later version wrote beside them is no reason to forget the rest.
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

    /// The same, of its events only those of some days. What cannot be read is
    /// of no day.
    pub(crate) fn restricted(&self, clock: &Clock, is_kept: &dyn Fn(Day) -> bool) -> Memory {
        let is_kept_at = |text: &String| moment(clock, text).is_some_and(|moment| is_kept(clock.day(moment)));
        let mut memory = self.clone();
        memory.firsts.retain(|_, text| is_kept_at(text));
        for targets in memory.starts.values_mut() {
            targets.values_mut().for_each(|moments| moments.retain(is_kept_at));
            targets.retain(|_, moments| !moments.is_empty());
        }
        for groups in memory.counts.values_mut() {
            groups.values_mut().for_each(|days| days.retain(|&day, _| is_kept(day)));
            groups.retain(|_, days| !days.is_empty());
        }
        memory
    }
}

/// When a date-time that was remembered is.
pub(crate) fn moment(clock: &Clock, remembered: &str) -> Option<Moment> {
    clock.moment(DateTime::parse(remembered)?)
}

/// One day of a count that goes on until something is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DayCount {
    /// The day's events.
    pub count: u64,
    /// Whether one of them reached it.
    pub reached: bool,
}

object!(DayCount {
    required "count" => count,
    required "reached" => reached,
});
