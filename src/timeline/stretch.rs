use super::{Made, Occurrence, Timeline};
use crate::calendar::{Day, Period};

/// Events of a timeline, and what the indicators make of them.
#[derive(Debug)]
pub(crate) struct Stretch<'t> {
    timeline: &'t Timeline,
    /// The period whose events are not yet put in order.
    unordered: Option<Period>,
    events: Vec<Occurrence>,
    /// By indicator.
    readings: Vec<Vec<Reading<'t>>>,
    /// By class, for the day that is looked at.
    counts: Vec<u64>,
    /// The classes of that day.
    met: Vec<u32>,
    /// What an indicator makes of events, by their class; for those that look
    /// at each event.
    by_class: Vec<Vec<Option<&'t Made>>>,
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
    pub(crate) fn new(timeline: &'t Timeline) -> Stretch<'t> {
        Stretch {
            timeline,
            unordered: None,
            events: Vec::new(),
            readings: timeline.groups.iter().map(|_| Vec::new()).collect(),
            counts: vec![0; timeline.classes.len()],
            met: Vec::new(),
            by_class: timeline.groups.iter().map(|_| Vec::new()).collect(),
        }
    }

    /// Goes over to the events of a period, which are counted and not yet put
    /// in order.
    pub(crate) fn over(&mut self, period: Period) {
        self.clear();
        self.unordered = Some(period);
        for (day, runs) in self.timeline.runs_between(period.first_day(), period.last_day()) {
            let (counts, met) = (&mut self.counts[..], &mut self.met);
            for (_, run) in runs {
                self.timeline.each(run, |_, _, class| count(counts, met, class));
            }
            self.read(day);
        }
    }

    /// Makes ready for an indicator that looks at each event: puts them in order.
    pub(crate) fn look_at_each(&mut self, indicator: usize) {
        if let Some(period) = self.unordered.take() {
            self.timeline.between(period.first_day(), period.last_day(), &mut self.events);
        }
        let by_class = &mut self.by_class[indicator];
        if by_class.is_empty() {
            by_class.extend(self.timeline.classes.iter().map(|class| class.made(indicator)));
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
            self.read(events[0].day);
        }
    }

    fn clear(&mut self) {
        self.unordered = None;
        self.events.clear();
        self.readings.iter_mut().for_each(Vec::clear);
    }

    /// What the indicators make of the events of a day that were counted.
    fn read(&mut self, day: Day) {
        for class in self.met.drain(..) {
            let count = std::mem::take(&mut self.counts[class as usize]);
            for made in &self.timeline.class(class).made {
                self.readings[made.indicator].push(Reading { day, made, count });
            }
        }
    }

    /// What an indicator makes of the events, day by day.
    pub(crate) fn readings(&self, indicator: usize) -> &[Reading<'t>] {
        &self.readings[indicator]
    }

    /// The events in order, with what an indicator makes of each that it reads;
    /// none if it reads none of them.
    pub(crate) fn events(&self, indicator: usize) -> impl Iterator<Item = (&Occurrence, Option<&'t Made>)> {
        let events = if self.readings[indicator].is_empty() { &[] } else { &*self.events };
        let made = &self.by_class[indicator];
        events.iter().map(|event| (event, made[event.class as usize]))
    }

    /// The events that an indicator reads, in order.
    pub(crate) fn selected(&self, indicator: usize) -> impl Iterator<Item = (&Occurrence, &'t Made)> {
        self.events(indicator).filter_map(|(event, made)| Some((event, made?)))
    }
}

fn count(counts: &mut [u64], met: &mut Vec<u32>, class: u32) {
    let count = &mut counts[class as usize];
    if *count == 0 {
        met.push(class);
    }
    *count += 1;
}
