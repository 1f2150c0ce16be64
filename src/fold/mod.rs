//! One fold for each kind of value: events of a period in, measures out.

mod accumulator;
mod count;
mod distinct_days;
mod observation;
mod session;
mod snapshot;
mod span;

use std::fmt;
use std::sync::Arc;

use crate::app::TypeId;
use crate::calendar::{Clock, Moment, Period, PeriodKind};
use crate::catalog::{Indicator, SnapshotOf, ValueRule};
use crate::consent::Consent;
use crate::diagnostics::{Code, Diagnostics};
use crate::facts::Facts;
use crate::measure::{Group, Measure, Value};
use crate::options::{MonthlyStartDate, Settings};
use crate::timeline::{ClassCount, IndicatorEffect, PeriodView, Timeline};
pub(crate) use accumulator::Accumulator;

/// Receives each measure; and, where each observation is sent by itself, the
/// number of its event.
pub(crate) type Emit<'a> = &'a mut dyn FnMut(&Fold<'_>, Measure, Option<u32>);

/// What a fold may read: a home, as far as consent allows.
#[derive(Debug, Clone)]
pub(crate) struct Subject<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) consent: &'a Consent,
    pub(crate) timeline: &'a Timeline,
    pub(crate) facts: &'a Facts,
    /// Absent where there are events alone.
    pub(crate) inputs: Option<&'a dyn Inputs>,
}

/// What folds read of a home beside its events. A trait, so that a module for
/// events alone holds no code that reads it.
pub(crate) trait Inputs: fmt::Debug {
    /// The day of the month on which its monthly indicators are due.
    fn analysis_day(&self) -> Option<u8>;

    /// Its first event of a type, where it knows it better than its events.
    fn first_of(&self, kind: &str) -> Option<Moment>;

    /// The cells of a snapshot, in the order of the groups.
    fn snapshot(&self, fold: &Fold<'_>, of: SnapshotOf, diagnostics: &mut Diagnostics) -> Vec<Cell>;
}

impl Subject<'_> {
    fn clock(&self) -> &Clock {
        &self.settings.clock
    }

    /// The home's first event of a type; what is beside the events goes before.
    fn first_of(&self, kind: TypeId) -> Option<Moment> {
        let name = self.settings.catalog.shape().type_name(kind);
        self.inputs.and_then(|inputs| inputs.first_of(name)).or_else(|| self.facts.first_of(kind))
    }

    /// Emits the measures of a period, in the order of the catalog and of the groups.
    pub(crate) fn contributions(
        &self,
        view: &mut PeriodView<'_>,
        period: Period,
        accumulator: &mut Accumulator,
        diagnostics: &mut Diagnostics,
        emit: Emit<'_>,
    ) {
        view.over(period);
        for (at, indicator) in self.settings.catalog.indicators().iter().enumerate() {
            // Most days of a long window hold no event of most indicators.
            let has_cells = !view.class_counts(at).is_empty() || indicator.gives_without_events();
            if has_cells && self.is_folded(indicator, period) {
                let fold = Fold { subject: self, view, at, indicator, period };
                fold.measures(accumulator, diagnostics, emit);
            }
        }
    }

    pub(crate) fn is_folded(&self, indicator: &Indicator, period: Period) -> bool {
        indicator.definition.period == period.kind()
            && self.consent.touches(period.first_day(), period.last_day())
    }
}

/// One indicator over the events of one period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fold<'a> {
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) view: &'a PeriodView<'a>,
    /// The indicator's place in the catalog.
    pub(crate) at: usize,
    pub(crate) indicator: &'a Indicator,
    pub(crate) period: Period,
}

impl Fold<'_> {
    /// The measures, in the order of the groups.
    pub(crate) fn measures(
        &self,
        accumulator: &mut Accumulator,
        diagnostics: &mut Diagnostics,
        emit: Emit<'_>,
    ) {
        self.cells(accumulator, diagnostics);
        for Cell { groups, value, event } in accumulator.cells.drain(..) {
            match value {
                Some(value) => emit(self, self.measure(groups, value), event),
                None => diagnostics.add(Code::ValueOutOfRange),
            }
        }
    }

    /// Accumulates the cells, in the order of the groups.
    pub(crate) fn cells(&self, accumulator: &mut Accumulator, diagnostics: &mut Diagnostics) {
        match &self.indicator.definition.value {
            ValueRule::Count { until: None } => count::fold(self, accumulator, diagnostics),
            ValueRule::Count { until: Some(_) } => count::fold_until(self, accumulator, diagnostics),
            ValueRule::DistinctDays { zero } => distinct_days::fold(self, *zero, accumulator, diagnostics),
            ValueRule::Session {} => session::fold(self, accumulator, diagnostics),
            ValueRule::Span {} => span::fold(self, accumulator, diagnostics),
            ValueRule::Observation { .. } => observation::fold(self, accumulator, diagnostics),
            ValueRule::Snapshot { of } => {
                let inputs = self.subject.inputs;
                accumulator
                    .cells
                    .extend(inputs.iter().flat_map(|inputs| inputs.snapshot(self, *of, diagnostics)));
            }
        }
    }

    fn class_counts(&self) -> &[ClassCount<'_>] {
        self.view.class_counts(self.at)
    }

    fn cell(&self, number: u32, value: Option<Value>, event: Option<u32>) -> Cell {
        Cell { groups: self.subject.timeline.groups(self.at, number), value, event }
    }

    fn measure(&self, groups: Arc<[Group]>, value: Value) -> Measure {
        let Fold { subject: Subject { settings, .. }, indicator, period, .. } = self;
        let run_date =
            period.kind() == PeriodKind::Month && settings.monthly_start_date == MonthlyStartDate::RunDate;
        Measure {
            created_by: settings.created_by.clone(),
            name: indicator.name.clone(),
            start_date: if run_date { settings.today } else { period.first_day() },
            value,
            groups,
        }
    }
}

/// One cell that a fold emits; without a value where that is beyond what may be
/// sent.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) groups: Arc<[Group]>,
    pub(crate) value: Option<Value>,
    /// The number of the event that it is of, where each observation is sent.
    pub(crate) event: Option<u32>,
}

/// The cell that an indicator puts events of a class into; `None` if it cannot
/// use them. Adds to the diagnostics what there is to notice in `count` of them.
fn cell_of(effect: &IndicatorEffect, count: u64, diagnostics: &mut Diagnostics) -> Option<u32> {
    if effect.cell.is_none() {
        diagnostics.add_times(Code::ResultInvalid, count);
    } else if effect.others > 0 {
        diagnostics.add_times(Code::GroupOther, u64::from(effect.others) * count);
    }
    effect.cell
}
