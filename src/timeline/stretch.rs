use super::{Made, Occurrence, Timeline};
use crate::calendar::{Day, Period};

/// Events of a timeline, and what the indicators make of them.
#[derive(Debug)]
pub(crate) struct Stretch<'t> {
    timeline: &'t Timeline,
    events: Vec<Occurrence>,
    /// By indicator.
    readings: Vec<Vec<Reading<'t>>>,
    /// By class, for the day that is looked at.
    counts: Vec<u64>,
    /// The classes of that day.
    met: Vec<u32>,
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
            events: Vec::new(),
            readings: timeline.groups.iter().map(|_| Vec::new()).collect(),
            counts: vec![0; timeline.classes.len()],
            met: Vec::new(),
        }
    }

    /// Goes over to the events of a period.
    pub(crate) fn over(&mut self, period: Period) {
        self.timeline.between(period.first_day(), period.last_day(), &mut self.events);
        self.read();
    }

    /// Goes over to these events, in order.
    pub(crate) fn only(&mut self, events: &[Occurrence]) {
        self.events.clear();
        self.events.extend_from_slice(events);
        self.read();
    }

    fn read(&mut self) {
        self.readings.iter_mut().for_each(Vec::clear);
        for events in self.events.chunk_by(|a, b| a.day == b.day) {
            for event in events {
                let count = &mut self.counts[event.class as usize];
                if *count == 0 {
                    self.met.push(event.class);
                }
                *count += 1;
            }
            for class in self.met.drain(..) {
                let count = std::mem::take(&mut self.counts[class as usize]);
                for made in &self.timeline.class(class).made {
                    self.readings[made.indicator].push(Reading { day: events[0].day, made, count });
                }
            }
        }
    }

    /// What an indicator makes of the events, day by day.
    pub(crate) fn readings(&self, indicator: usize) -> &[Reading<'t>] {
        &self.readings[indicator]
    }

    /// The events in order.
    pub(crate) fn events(&self) -> &[Occurrence] {
        &self.events
    }

    /// The events that an indicator reads, in order, with what it makes of each.
    pub(crate) fn selected(&self, indicator: usize) -> impl Iterator<Item = (&Occurrence, &'t Made)> {
        let events = if self.readings[indicator].is_empty() { &[] } else { &*self.events };
        let timeline = self.timeline;
        events.iter().filter_map(move |event| Some((event, timeline.class(event.class).made(indicator)?)))
    }
}
