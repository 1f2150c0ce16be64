//! What a home's runs remember from one night to the next.

use serde::Serialize;

use crate::base::{Map, Set};
use crate::calendar::{Clock, DateTime, Day, Moment, Month};
use crate::consent::Interval;
use crate::decode::{Read, Refusal, Value, deserialized, fields, object};

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
    /// What happened once in a life, and when is no longer known.
    #[serde(skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
    /// Under what the rest was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// What happened once in a life, without a time: its events were deleted, or
/// became history. A rule that asks for it is silent for good, so that nothing
/// is a first twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Marks {
    /// The types of which the home had its first event.
    pub firsts: Set<String>,
    /// What a count reached: by measure, the group values.
    pub reached: Map<String, Set<String>>,
}

object!(Marks {
    optional "firsts" => firsts,
    optional "reached" => reached,
});

impl Marks {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.firsts.is_empty() && self.reached.is_empty()
    }

    /// Adds what others mark.
    pub(crate) fn join(&mut self, others: &Marks) {
        self.firsts.extend(others.firsts.iter().cloned());
        for (measure, values) in &others.reached {
            self.reached.or_insert(measure.clone(), Set::new).extend(values.iter().cloned());
        }
    }
}

/// What earlier days mean depends on these. Where they differ from what a run
/// has, it reads everything once more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// What the catalog asks to be remembered, by name, each with a number that
    /// changes with its meaning.
    pub rules: Map<String, String>,
    /// The doctype of the events.
    pub events: String,
    /// The days that were consented.
    pub consent: Vec<Interval>,
}

object!(Basis {
    optional "rules" => rules,
    optional "events" => events,
    optional "consent" => consent,
});

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
            optional "marks" => self.marks,
            optional "basis" => self.basis,
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

    /// The same without what was counted by a rule that no longer has its
    /// meaning.
    pub(crate) fn under(mut self, rules: &Map<String, String>) -> Memory {
        if let Some(Basis { rules: earlier, .. }) = &self.basis {
            let is_same = |measure: &String| {
                let name = format!("count:{measure}");
                rules.get(&name) == earlier.get(&name)
            };
            self.counts.retain(|measure, _| is_same(measure));
            self.marks.reached.retain(|measure, _| is_same(measure));
        }
        self
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

#[cfg(feature = "rights")]
impl Memory {
    /// Forgets what was remembered of events on some days, and of those whose
    /// day cannot be read. Of what happened once in a life a mark stays; gives
    /// those that came to be.
    pub(crate) fn forget(&mut self, clock: &Clock, is_gone: &dyn Fn(Day) -> bool) -> Marks {
        let kept = self.restricted(clock, &|day| !is_gone(day));
        let mut marks = Marks::default();
        for kind in self.firsts.keys().filter(|&kind| !kept.firsts.contains_key(kind)) {
            marks.firsts.insert(kind.clone());
        }
        for (measure, groups) in &self.counts {
            let kept = kept.counts.get(measure);
            for (values, days) in groups {
                let kept = kept.and_then(|groups| groups.get(values));
                let reached_then = |(day, count): (&Day, &DayCount)| {
                    count.reached && !kept.is_some_and(|days| days.contains_key(day))
                };
                if days.iter().any(reached_then) {
                    marks.reached.or_insert(measure.clone(), Set::new).insert(values.clone());
                }
            }
        }
        *self = kept;
        self.marks.join(&marks);
        marks
    }
}

/// Parses a remembered timestamp.
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
