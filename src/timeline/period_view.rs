use super::{IndicatorEffect, Occurrence, Timeline};
use crate::app::TypeId;
use crate::calendar::{Day, Period, PeriodKind};
use crate::catalog::Indicator;

/// The events of one period, and what the indicators make of them.
#[derive(Debug)]
pub(crate) struct PeriodView<'t> {
    timeline: &'t Timeline,
    /// By indicator.
    indicator_views: Vec<IndicatorView<'t>>,
    /// In order; only where an indicator looks at each of them.
    events: Vec<Occurrence>,
    /// By class, for the day that is looked at.
    counts: Vec<u64>,
    /// The classes of that day.
    met: Vec<u32>,
}

/// What one indicator sees of the events.
#[derive(Debug)]
struct IndicatorView<'t> {
    period: PeriodKind,
    class_counts: Vec<ClassCount<'t>>,
    /// What it makes of events, by their class; empty if it only counts them.
    by_class: Vec<ClassEffect<'t>>,
}

/// What an indicator needs to know of each event of a class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClassEffect<'t> {
    pub(crate) kind: TypeId,
    /// `None` if it does not read such events.
    pub(crate) effect: Option<&'t IndicatorEffect>,
}

/// How many events of one class a day has, and what an indicator makes of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClassCount<'t> {
    pub(crate) day: Day,
    pub(crate) effect: &'t IndicatorEffect,
    /// How many such events there are.
    pub(crate) count: u64,
}

impl<'t> PeriodView<'t> {
    /// A view of no events yet.
    pub(crate) fn new(timeline: &'t Timeline, indicators: &[Indicator]) -> PeriodView<'t> {
        let indicator_views = indicators.iter().enumerate().map(|(at, indicator)| {
            let classes = if indicator.looks_at_each() { &*timeline.classes } else { &[] };
            IndicatorView {
                period: indicator.definition.period,
                class_counts: Vec::new(),
                by_class: classes
                    .iter()
                    .map(|class| ClassEffect { kind: class.kind, effect: class.effect_of(at) })
                    .collect(),
            }
        });
        PeriodView {
            timeline,
            indicator_views: indicator_views.collect(),
            events: Vec::new(),
            counts: vec![0; timeline.classes.len()],
            met: Vec::new(),
        }
    }

    /// Looks at the events of a period.
    pub(crate) fn over(&mut self, period: Period) {
        self.clear();
        let (first, last) = (period.first_day(), period.last_day());
        let looks_at_each = |indicator_view: &IndicatorView<'_>| {
            indicator_view.period == period.kind() && !indicator_view.by_class.is_empty()
        };
        if self.indicator_views.iter().any(looks_at_each) {
            self.timeline.between(first, last, &mut self.events);
        }
        for (day, runs) in self.timeline.runs_between(first, last) {
            for (_, run) in runs {
                self.timeline.each(run, |_, _, class| count(&mut self.counts, &mut self.met, class));
            }
            self.read(day, Some(period.kind()));
        }
    }

    /// Looks at these events alone, which are in order.
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
        self.indicator_views.iter_mut().for_each(|indicator_view| indicator_view.class_counts.clear());
    }

    /// Counts the events of a day for the indicators, or for those of a kind of
    /// period.
    fn read(&mut self, day: Day, period: Option<PeriodKind>) {
        for class in self.met.drain(..) {
            let count = std::mem::take(&mut self.counts[class as usize]);
            for effect in &self.timeline.class(class).effects {
                let indicator_view = &mut self.indicator_views[effect.indicator];
                if period.is_none_or(|period| period == indicator_view.period) {
                    indicator_view.class_counts.push(ClassCount { day, effect, count });
                }
            }
        }
    }

    /// What an indicator makes of the events, day by day.
    pub(crate) fn class_counts(&self, indicator: usize) -> &[ClassCount<'t>] {
        &self.indicator_views[indicator].class_counts
    }

    /// The events in order, with what an indicator makes of each; none if it
    /// reads none of them.
    pub(crate) fn events(&self, indicator: usize) -> impl Iterator<Item = (&Occurrence, ClassEffect<'t>)> {
        let IndicatorView { class_counts, by_class, .. } = &self.indicator_views[indicator];
        let events = if class_counts.is_empty() { &[] } else { &*self.events };
        events.iter().map(|event| (event, by_class[event.class as usize]))
    }

    /// The events that an indicator reads, in order.
    pub(crate) fn selected(
        &self,
        indicator: usize,
    ) -> impl Iterator<Item = (&Occurrence, &'t IndicatorEffect)> {
        self.events(indicator).filter_map(|(event, class_effect)| Some((event, class_effect.effect?)))
    }
}

#[inline(always)]
fn count(counts: &mut [u64], met: &mut Vec<u32>, class: u32) {
    let count = &mut counts[class as usize];
    if *count == 0 {
        met.push(class);
    }
    *count += 1;
}
