use super::{Made, Occurrence, Timeline};
use crate::calendar::{Day, Period, PeriodKind};
use crate::catalog::Indicator;
use crate::ecolyo::EventType;

/// Events of a timeline, and what the indicators make of them.
#[derive(Debug)]
pub(crate) struct Stretch<'t> {
    timeline: &'t Timeline,
    /// By indicator.
    readers: Vec<Reader<'t>>,
    /// In order; only where an indicator looks at each of them.
    events: Vec<Occurrence>,
    /// By class, for the day that is looked at.
    counts: Vec<u64>,
    /// The classes of that day.
    met: Vec<u32>,
}

/// An indicator as it reads events.
#[derive(Debug)]
struct Reader<'t> {
    period: PeriodKind,
    readings: Vec<Reading<'t>>,
    /// What it makes of events, by their class; empty if it only counts them.
    by_class: Vec<OfClass<'t>>,
}

/// What an indicator has to know of each event of a class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfClass<'t> {
    pub(crate) kind: EventType,
    /// `None` if it does not read such events.
    pub(crate) made: Option<&'t Made>,
}

/// What an indicator makes of some events of a day that are the same to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'t> {
    pub(crate) day: Day,
    pub(crate) made: &'t Made,
    /// How many such events there are.
    pub(crate) count: u64,
}

impl<'t> Stretch<'t> {
    /// Nothing of a timeline yet.
    pub(crate) fn new(timeline: &'t Timeline, indicators: &[Indicator]) -> Stretch<'t> {
        let readers = indicators.iter().enumerate().map(|(at, indicator)| {
            let classes = if indicator.looks_at_each() { &*timeline.classes } else { &[] };
            Reader {
                period: indicator.definition.period,
                readings: Vec::new(),
                by_class: classes
                    .iter()
                    .map(|class| OfClass { kind: class.kind, made: class.made(at) })
                    .collect(),
            }
        });
        Stretch {
            timeline,
            readers: readers.collect(),
            events: Vec::new(),
            counts: vec![0; timeline.classes.len()],
            met: Vec::new(),
        }
    }

    /// Goes over to the events of a period.
    pub(crate) fn over(&mut self, period: Period) {
        self.clear();
        let (first, last) = (period.first_day(), period.last_day());
        let looks_at_each =
            |reader: &Reader<'_>| reader.period == period.kind() && !reader.by_class.is_empty();
        if self.readers.iter().any(looks_at_each) {
            self.timeline.between(first, last, &mut self.events);
        }
        for (day, runs) in self.timeline.runs_between(first, last) {
            for (_, run) in runs {
                self.timeline.each(run, |_, _, class| count(&mut self.counts, &mut self.met, class));
            }
            self.read(day, Some(period.kind()));
        }
    }

    /// Goes over to these events, in order.
    pub(crate) fn only(&mut self, events: &[Occurrence]) {
        self.clear();
        self.events.extend_from_slice(events);
        for events in events.chunk_by(|a, b| a.day == b.day) {
            for event in events {
                count(&mut self.counts, &mut self.met, event.class);
            }
            self.read(events[0].day, None);
        }
    }

    fn clear(&mut self) {
        self.events.clear();
        self.readers.iter_mut().for_each(|reader| reader.readings.clear());
    }

    /// What the indicators, or those of a kind of period, make of the events of
    /// a day that were counted.
    fn read(&mut self, day: Day, period: Option<PeriodKind>) {
        for class in self.met.drain(..) {
            let count = std::mem::take(&mut self.counts[class as usize]);
            for made in &self.timeline.class(class).made {
                let reader = &mut self.readers[made.indicator];
                if period.is_none_or(|period| period == reader.period) {
                    reader.readings.push(Reading { day, made, count });
                }
            }
        }
    }

    /// What an indicator makes of the events, day by day.
    pub(crate) fn readings(&self, indicator: usize) -> &[Reading<'t>] {
        &self.readers[indicator].readings
    }

    /// The events in order, with what an indicator makes of each; none if it
    /// reads none of them.
    pub(crate) fn events(&self, indicator: usize) -> impl Iterator<Item = (&Occurrence, OfClass<'t>)> {
        let Reader { readings, by_class, .. } = &self.readers[indicator];
        let events = if readings.is_empty() { &[] } else { &*self.events };
        events.iter().map(|event| (event, by_class[event.class as usize]))
    }

    /// The events that an indicator reads, in order.
    pub(crate) fn selected(&self, indicator: usize) -> impl Iterator<Item = (&Occurrence, &'t Made)> {
        self.events(indicator).filter_map(|(event, of_class)| Some((event, of_class.made?)))
    }
}

fn count(counts: &mut [u64], met: &mut Vec<u32>, class: u32) {
    let count = &mut counts[class as usize];
    if *count == 0 {
        met.push(class);
    }
    *count += 1;
}
