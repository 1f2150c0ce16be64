//! The visible events of a home: read once, kept small, given back in order.
//!
//! What an event holds is looked at when it is read, and not kept. `class`
//! tells what every indicator makes of it, and events of one class are the
//! same but for their dates; so of each event there remain eight bytes of when
//! and of which class (`stamp`) and sixteen of its `_id` (`ids`). A `period_view`
//! of the timeline is what the folds look at: its events in order, and what
//! each indicator makes of how many of them.

mod chunked_vec;
mod class;
mod class_cache;
mod ids;
mod indicator_effect;
mod period_view;
mod reader;
mod span;
mod stamp;

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use crate::app::FieldId;
use crate::base::hash::mix_text;
use crate::base::sort::sort_by;
use crate::calendar::{Day, Moment};
use crate::diagnostics::Code;
use crate::measure::Group;
use chunked_vec::ChunkedVec;
pub(crate) use class::Class;
use ids::Ids;
use indicator_effect::Groups;
pub(crate) use indicator_effect::{IndicatorEffect, Number};
pub(crate) use period_view::{ClassCount, ClassEffect, PeriodView};
pub(crate) use reader::EventReader;
use span::WrittenSpan;
pub(crate) use span::lasted;
use stamp::Stamp;

/// An event on the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// How many valid events were read before it.
    pub(crate) number: u32,
    /// The number of its class.
    pub(crate) class: u32,
    pub(crate) moment: Moment,
    pub(crate) day: Day,
}

/// The numbers of events of one day that were read one after the other.
type Run = Range<u32>;

/// How many events of a day were read one after the other.
#[derive(Debug)]
pub(crate) struct DailyCount {
    pub(crate) day: Day,
    pub(crate) count: u64,
}

/// The visible events of a home.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// By number, as the ids; what stands for an event that is not visible is
    /// in no run.
    stamps: ChunkedVec<Stamp>,
    ids: Ids,
    /// By day, and of a day in the order of numbers.
    runs: Vec<(Day, Run)>,
    /// The classes of events whose number is too great for a stamp, by event.
    wide: Vec<(u32, u32)>,
    /// What is beyond the nanoseconds of moments, by event, where there is anything.
    beyond: Vec<(u32, u32)>,
    /// By event.
    spans: ChunkedVec<WrittenSpan>,
    classes: Vec<Class>,
    /// By type: the fields that spans start at.
    start_fields: Vec<Vec<FieldId>>,
    /// By indicator.
    groups: Vec<Groups>,
    /// By type.
    firsts: Vec<Option<Occurrence>>,
    starts: Vec<Occurrence>,
    /// By class, of those that are counted until something is reached.
    counts: Vec<Vec<DailyCount>>,
}

impl Timeline {
    pub(crate) fn class(&self, number: u32) -> &Class {
        &self.classes[number as usize]
    }

    /// The groups of an indicator's cell.
    pub(crate) fn groups(&self, indicator: usize, cell: u32) -> Arc<[Group]> {
        self.groups[indicator][cell as usize].clone()
    }

    /// The home's first event of each type, in the order of events.
    pub(crate) fn firsts(&self) -> impl Iterator<Item = Occurrence> {
        self.firsts.iter().copied().flatten()
    }

    /// The events that a span can start at for which the latest of the same
    /// target is looked for, in order.
    pub(crate) fn starts(&self) -> &[Occurrence] {
        &self.starts
    }

    /// How many events there were of each class that is counted until something
    /// is reached, by day; of a day there may be several numbers.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&Class, &[DailyCount])> {
        self.classes.iter().zip(&self.counts).map(|(class, counts)| (class, &**counts))
    }

    /// How long a span lasted that starts at the date in a field of an event.
    /// `near` is where to look first: events in order mostly were read in order.
    pub(crate) fn span(&self, event: &Occurrence, field: FieldId, near: &mut u32) -> Result<u32, Code> {
        let fields = &self.start_fields[self.class(event.class).kind.index()];
        let field = fields.iter().position(|known| *known == field);
        let key = (event.number, field.ok_or(Code::SpanStartMissing)? as u32);
        let is_it = |span: &&WrittenSpan| span.key() == key;
        let found = self.spans.get(*near).filter(is_it).or_else(|| {
            let (mut from, mut to) = (0, self.spans.len() as u32);
            while from < to {
                let middle = from.midpoint(to);
                match self.spans.get(middle) {
                    Some(span) if span.key() < key => from = middle + 1,
                    _ => to = middle,
                }
            }
            *near = from;
            self.spans.get(from).filter(is_it)
        });
        *near += 1;
        found.map_or(Err(Code::SpanStartMissing), |span| span.lasted())
    }

    /// A number that an event keeps, whatever comes beside it, made of its
    /// `_id`. It is stored in ledgers, so it has to stay what it is.
    pub(crate) fn mark(&self, event: u32) -> u64 {
        mix_text(0, &self.ids.get(event).unwrap_or_default())
    }

    /// What orders events: date and time, `_id`, then as read.
    pub(crate) fn order(&self, a: &Occurrence, b: &Occurrence) -> Ordering {
        order(&self.ids, a, b)
    }

    /// The ids of events of these days that are not marked as aggregated.
    pub(crate) fn unflagged(&self, days: &[Day]) -> Vec<String> {
        let (mut ids, mut events) = (Vec::new(), Vec::new());
        for &day in days {
            self.between(day, day, &mut events);
            let numbers = events.iter().map(|event| event.number);
            let unflagged =
                numbers.filter(|&number| self.stamps.get(number).is_some_and(|stamp| !stamp.is_aggregated()));
            let found = unflagged.filter_map(|number| self.ids.get(number));
            ids.extend(found.map(|id| String::from_utf8_lossy(&id).into_owned()));
        }
        ids
    }

    /// The events of the days from `first` to `last`, both included, by day
    /// and within a day in their order. By day first: where clocks go back
    /// over midnight, a later moment lies in an earlier day.
    pub(crate) fn between(&self, first: Day, last: Day, events: &mut Vec<Occurrence>) {
        events.clear();
        for (day, runs) in self.runs_between(first, last) {
            let begin = events.len();
            for (_, run) in runs {
                self.each(run, |number, stamp, class| {
                    let moment = Moment { beyond: self.beyond(number), ..stamp.moment(day) };
                    events.push(Occurrence { number, class, moment, day });
                });
            }
            if !events[begin..].is_sorted_by(|a, b| a.moment < b.moment) {
                sort_by(&mut events[begin..], |a, b| self.order(a, b));
            }
        }
    }

    /// The runs of each of the days from `first` to `last`, both included.
    fn runs_between(&self, first: Day, last: Day) -> impl Iterator<Item = (Day, &[(Day, Run)])> {
        let begin = self.runs.partition_point(|&(day, _)| day < first);
        let end = self.runs.partition_point(|&(day, _)| day <= last);
        let runs = self.runs.get(begin..end).unwrap_or_default();
        runs.chunk_by(|a, b| a.0 == b.0).filter_map(|runs| Some((runs.first()?.0, runs)))
    }

    /// Looks at the number, the stamp and the class of each event of a run.
    fn each(&self, run: &Run, mut look: impl FnMut(u32, Stamp, u32)) {
        let mut number = run.start;
        for stamps in self.stamps.slices(run.start, run.end) {
            for &stamp in stamps {
                look(number, stamp, stamp.class().unwrap_or_else(|| self.wide_class(number)));
                number += 1;
            }
        }
    }

    /// Every event, as `between`.
    pub(crate) fn all(&self) -> Vec<Occurrence> {
        let mut all = Vec::new();
        if let (Some(first), Some(last)) = (self.runs.first(), self.runs.last()) {
            self.between(first.0, last.0, &mut all);
        }
        all
    }

    fn wide_class(&self, number: u32) -> u32 {
        kept(&self.wide, number)
    }

    #[inline(always)]
    fn beyond(&self, number: u32) -> u32 {
        if self.beyond.is_empty() { 0 } else { kept(&self.beyond, number) }
    }
}

/// What is kept beside some events of the one with this number; 0 of others.
#[inline(never)]
fn kept(beside: &[(u32, u32)], number: u32) -> u32 {
    let found = beside.binary_search_by_key(&number, |&(number, _)| number);
    found.map_or(0, |at| beside[at].1)
}

#[inline]
fn order(ids: &Ids, a: &Occurrence, b: &Occurrence) -> Ordering {
    let by_moment = a.moment.cmp(&b.moment);
    by_moment.then_with(|| ids.compare(a.number, b.number)).then_with(|| a.number.cmp(&b.number))
}
