//! One fold for each kind of value: events of a period in, measures out.

mod count;
mod distinct_days;
mod observation;
mod session;
mod snapshot;
mod span;

use std::collections::BTreeMap;
use std::ops::Range;

pub(crate) use count::own_groups;

use crate::calendar::{Clock, Moment, Period, PeriodKind};
use crate::catalog::{Given, GroupSource, Indicator, Several, ValueRule};
use crate::consent::Consent;
use crate::decimal::Decimal;
use crate::diagnostics::{Code, Diagnostics};
use crate::event::{Event, EventType, Timeline};
use crate::facts::Facts;
use crate::home::Home;
use crate::ledger::Contribution;
use crate::limits;
use crate::measure::{Group, Measure, Value};
use crate::options::{MonthlyStartDate, Settings};

/// What the folds look at: a home as far as its consent lets them.
#[derive(Debug, Clone)]
pub(crate) struct Subject<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) consent: &'a Consent,
    pub(crate) timeline: &'a Timeline,
    pub(crate) facts: &'a Facts,
    /// Absent where there are events alone.
    pub(crate) home: Option<&'a Home>,
    /// Which of the timeline's events are folded, where it is not a whole
    /// period: facts and firsts stay those of all.
    pub(crate) window: Option<Range<usize>>,
}

impl Subject<'_> {
    fn clock(&self) -> &Clock {
        &self.settings.clock
    }

    fn events(&self, period: Period) -> &[Event] {
        match &self.window {
            Some(window) => &self.timeline.all()[window.clone()],
            None => self.timeline.between(period.first_day(), period.last_day()),
        }
    }

    /// The same home, of which only some events are folded.
    pub(crate) fn within(&self, window: Range<usize>) -> Self {
        Subject { window: Some(window), ..self.clone() }
    }

    /// The home's first event of a type; of connections the profile knows better.
    fn first_of(&self, kind: EventType) -> Option<Moment> {
        let known = self.home.and_then(|home| home.profile.first_connection);
        known.filter(|_| kind == EventType::ConnectionEvent).or_else(|| self.facts.first_of(kind))
    }

    /// What the home contributes for a period, in the order of the catalog and of the groups.
    pub(crate) fn contributions(&self, period: Period, diagnostics: &mut Diagnostics) -> Vec<Contribution> {
        let indicators = self.settings.catalog.indicators().iter();
        indicators
            .filter(|indicator| self.is_folded(indicator, period))
            .flat_map(|indicator| self.fold(indicator, period, diagnostics))
            .collect()
    }

    pub(crate) fn is_folded(&self, indicator: &Indicator, period: Period) -> bool {
        indicator.definition.period == period.kind()
            && self.consent.touches(period.first_day(), period.last_day())
    }

    /// What the home contributes to one indicator for a period, in the order of the groups.
    pub(crate) fn fold(
        &self,
        indicator: &Indicator,
        period: Period,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Contribution> {
        let mut contributions: Vec<Contribution> = Vec::new();
        for cell in self.cells(indicator, period, diagnostics) {
            let Some(value) = cell.value else {
                diagnostics.add(Code::ValueOutOfRange);
                continue;
            };
            let measure = self.measure(indicator, period, cell.groups, value);
            let equal = contributions.iter().rev().take_while(|other| other.measure == measure).count();
            contributions.push(Contribution::new(indicator, period, measure, equal));
        }
        contributions
    }

    /// The cells of one indicator for a period, in the order of the groups.
    pub(crate) fn cells(
        &self,
        indicator: &Indicator,
        period: Period,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Cell> {
        let mut cells = match &indicator.definition.value {
            ValueRule::Count { until: None } => count::fold(self, indicator, period, diagnostics),
            ValueRule::Count { until: Some(_) } => count::fold_until(self, indicator, period, diagnostics),
            ValueRule::DistinctDays { zero } => {
                distinct_days::fold(self, indicator, period, *zero, diagnostics)
            }
            ValueRule::Session {} => session::fold(self, indicator, period, diagnostics),
            ValueRule::Span {} => span::fold(self, indicator, period, diagnostics),
            ValueRule::Observation { of, integers } => {
                observation::fold(self, indicator, period, (*of, *integers), diagnostics)
            }
            ValueRule::Snapshot { of } => snapshot::fold(self, indicator, period, *of, diagnostics),
        };
        cells.sort();
        cells
    }

    fn measure(&self, indicator: &Indicator, period: Period, values: GroupValues, value: Value) -> Measure {
        let definition = &indicator.definition;
        let run_date = period.kind() == PeriodKind::Month
            && self.settings.monthly_start_date == MonthlyStartDate::RunDate;
        let keys = definition.groups.iter().map(|group| group.key.clone());
        Measure {
            created_by: self.settings.created_by.clone(),
            name: definition.name.clone(),
            start_date: if run_date { self.settings.today } else { period.first_day() },
            value,
            groups: keys.zip(values).map(|(key, value)| Group { key, value }).collect(),
        }
    }
}

/// The values of a cell's groups, from the first.
pub(crate) type GroupValues = Vec<String>;

/// What a fold gives for a cell; no value where it is beyond what may be sent.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) groups: GroupValues,
    pub(crate) value: Option<Value>,
}

/// The group values that an event's sources give it; `None`, and counted, if
/// the indicator cannot use the event.
fn group_values(
    sources: &[GroupSource],
    event: &Event,
    diagnostics: &mut Diagnostics,
) -> Option<GroupValues> {
    collect_groups(sources.iter().map(|source| source.of_event(event)), diagnostics)
}

fn collect_groups<'a>(
    given: impl Iterator<Item = Given<'a>> + Clone,
    diagnostics: &mut Diagnostics,
) -> Option<GroupValues> {
    // First whether all can be used: an event left out counts once, as that.
    if given.clone().any(|given| given == Given::Nothing) {
        diagnostics.add(Code::ResultInvalid);
        return None;
    }
    let values = given.filter_map(|given| match given {
        Given::Value(value) => Some(value.into_owned()),
        Given::Other(value) => {
            diagnostics.add(Code::GroupOther);
            Some(value.into_owned())
        }
        Given::Nothing => None,
    });
    Some(values.collect())
}

/// Several observations in each cell, and what the home contributes for them.
#[derive(Debug, Default)]
struct Observations(BTreeMap<GroupValues, Vec<Decimal>>);

impl Observations {
    fn add(&mut self, groups: GroupValues, number: Decimal) {
        self.0.entry(groups).or_default().push(number);
    }

    /// Adds seconds, clipped to the largest value a measure can have.
    fn add_seconds(&mut self, groups: GroupValues, seconds: i64, diagnostics: &mut Diagnostics) {
        if seconds > limits::MAX_VALUE {
            diagnostics.add(Code::ValueClipped);
        }
        let seconds = seconds.clamp(0, limits::MAX_VALUE);
        self.add(groups, Decimal::from(seconds.unsigned_abs()));
    }

    fn into_cells(self, several: Several) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (groups, numbers) in self.0 {
            match several {
                Several::Mean => cells.push(Cell { value: Value::mean(&numbers), groups }),
                Several::Each => cells.extend(numbers.iter().map(|number| Cell {
                    groups: groups.clone(),
                    value: Value::mean(std::slice::from_ref(number)),
                })),
            }
        }
        cells
    }
}
