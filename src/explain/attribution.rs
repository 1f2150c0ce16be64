//! Which events made which cells.
//!
//! There is no second implementation of the rules here. A period is folded as
//! in any computation; then the same fold is asked again about each event by
//! itself (each session, for sessions), with the facts of the whole home, and
//! what it answers is the cell the event is in, or why there is none.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::reason::Reason;
use crate::app::TypeId;
use crate::calendar::{Month, Period};
use crate::catalog::{ContributionMode, Indicator, Selection, SpanStart, ValueRule};
use crate::diagnostics::{Code, Diagnostics};
use crate::fold::{Accumulator, Cell, Fold, Subject};
use crate::ledger::Contribution;
use crate::measure::Group;
use crate::timeline::{IndicatorEffect, Occurrence, PeriodView};

/// A cell, and the events that made it by their places in the timeline.
#[derive(Debug)]
pub(super) struct AttributedCell {
    pub(super) rule: usize,
    pub(super) contribution: Contribution,
    pub(super) events: Vec<usize>,
}

/// What one indicator made of one event: the cells it is in, or why it is in none.
#[derive(Debug)]
pub(super) struct Attribution {
    pub(super) rule: usize,
    pub(super) cells: Vec<usize>,
    pub(super) reason: Option<Reason>,
    pub(super) noticed: Vec<Code>,
}

/// The cells of the periods, and what each indicator made of each event.
#[derive(Debug)]
pub(super) struct AttributionTable<'s> {
    subject: &'s Subject<'s>,
    /// The events of the timeline.
    pub(super) all: Vec<Occurrence>,
    pub(super) cells: Vec<AttributedCell>,
    pub(super) events: Vec<Vec<Attribution>>,
}

impl<'s> AttributionTable<'s> {
    pub(super) fn new(subject: &'s Subject<'s>, periods: &[Period], diagnostics: &mut Diagnostics) -> Self {
        let all = subject.timeline.all();
        let events = all.iter().map(|_| Vec::new()).collect();
        let mut table = AttributionTable { subject, all, cells: Vec::new(), events };
        let mut view = PeriodView::new(subject.timeline, subject.settings.catalog.indicators());
        for &period in periods {
            for (at, indicator) in subject.settings.catalog.indicators().iter().enumerate() {
                if subject.is_folded(indicator, period) {
                    table.fold(&mut view, at, indicator, period, diagnostics);
                }
            }
        }
        table.count_until();
        table.attribute_the_rest(periods);
        for attributions in &mut table.events {
            attributions.sort_by_key(|attribution| attribution.rule);
        }
        table
    }

    fn fold(
        &mut self,
        view: &mut PeriodView<'_>,
        rule: usize,
        indicator: &Indicator,
        period: Period,
        diagnostics: &mut Diagnostics,
    ) {
        let from = self.cells.len();
        view.over(period);
        let mut accumulator = Accumulator::default();
        let subject = self.subject;
        let mut contributions: Vec<Contribution> = Vec::new();
        Fold { subject, view, at: rule, indicator, period }.measures(
            &mut accumulator,
            diagnostics,
            &mut |fold, measure, event| {
                let contribution = Contribution::after(&contributions, fold, measure, event);
                contributions.push(contribution);
            },
        );
        let attributed = |contribution| AttributedCell { rule, contribution, events: Vec::new() };
        self.cells.extend(contributions.into_iter().map(attributed));
        if indicator.is_until() {
            return;
        }
        // Measures that are the same to the letter, each of an event of its own.
        let mut taken: HashMap<usize, usize> = HashMap::new();
        for window in self.windows(rule, indicator, period) {
            let (first, last) = (window.start, window.end - 1);
            let mut noticed = Diagnostics::default();
            view.only(&self.all[window]);
            Fold { subject, view, at: rule, indicator, period }.cells(&mut accumulator, &mut noticed);
            let cells = std::mem::take(&mut accumulator.cells);
            let noticed: Vec<Code> = noticed.iter().map(|(code, _)| code).collect();
            if cells.is_empty() {
                self.leave_out(rule, first, why(indicator, &noticed));
            }
            for cell in cells {
                let mode = indicator.definition.contribution;
                let Some(mut at) = self.position(from, indicator, &cell) else {
                    self.leave_out(rule, first, Reason::Noticed(Code::ValueOutOfRange));
                    continue;
                };
                if mode == ContributionMode::Each {
                    let equal = taken.entry(at).or_default();
                    *equal += 1;
                    at += *equal - 1;
                }
                self.count(rule, first, at).noticed.clone_from(&noticed);
                // What ends a session, and what its groups count inside.
                for place in first + 1..=last {
                    let kind = Some(self.subject.timeline.class(self.all[place].class).kind);
                    let is_inside = indicator.sources.iter().any(|source| source.inside() == kind);
                    if place == last || is_inside {
                        self.count(rule, place, at);
                    }
                }
            }
        }
    }

    /// The events that a value is made of, one by one: by themselves, or from
    /// the event that begins a session to the last before the next.
    fn windows(&self, rule: usize, indicator: &Indicator, period: Period) -> Vec<Range<usize>> {
        let is_session = matches!(indicator.definition.value, ValueRule::Session {});
        let goes_on = |a: &Occurrence, b: &Occurrence| {
            is_session && a.day == b.day && self.effect_of(rule, b).is_none()
        };
        let mut start = self.all.partition_point(|event| event.day < period.first_day());
        let end = self.all.partition_point(|event| event.day <= period.last_day());
        let pieces = self.all[start..end.max(start)].chunk_by(goes_on).map(|piece| {
            let window = start..start + piece.len();
            start = window.end;
            (piece, window)
        });
        let begins = |(piece, window): (&[Occurrence], _)| {
            piece.first().and_then(|event| self.effect_of(rule, event)).map(|_| window)
        };
        pieces.filter_map(begins).collect()
    }

    /// What an indicator makes of an event, if it reads it.
    fn effect_of(&self, rule: usize, event: &Occurrence) -> Option<&'s IndicatorEffect> {
        self.subject.timeline.class(event.class).effect_of(rule)
    }

    /// The first of this fold's cells that an event's own cell went into; they
    /// stand in the order of their groups, then of their values.
    fn position(&self, from: usize, indicator: &Indicator, cell: &Cell) -> Option<usize> {
        let mode = indicator.definition.contribution;
        if mode == ContributionMode::Mean && indicator.sources.iter().any(|source| source.inside().is_some())
        {
            return self.position_of_mean(from, indicator, cell);
        }
        let value = cell.value.filter(|_| mode == ContributionMode::Each);
        let order = |attributed: &AttributedCell| {
            let measure = &attributed.contribution.measure;
            let groups = measure.groups().iter().map(Group::value);
            let by_groups = groups.cmp(cell.groups.iter().map(Group::value));
            by_groups.then_with(|| value.map_or(Ordering::Equal, |value| measure.value().cmp(&value)))
        };
        let at = from + self.cells[from..].partition_point(|attributed| order(attributed).is_lt());
        self.cells.get(at).filter(|&found| order(found).is_eq()).map(|_| at)
    }

    /// The cell of the same groups but for those that tell of the mean of its
    /// sessions, which one session does not know.
    fn position_of_mean(&self, from: usize, indicator: &Indicator, cell: &Cell) -> Option<usize> {
        let of_events = |groups: &[Group]| {
            let groups = groups.iter().zip(&indicator.sources);
            let own = groups.filter(|(_, source)| source.is_of_event());
            own.map(|(group, _)| group.value().to_owned()).collect::<Vec<_>>()
        };
        let own = of_events(&cell.groups);
        let found = self.cells[from..]
            .iter()
            .position(|attributed| of_events(attributed.contribution.measure.groups()) == own);
        found.map(|at| from + at)
    }

    /// Counts that go on over months: an event is in every cell of its groups
    /// from its own month on.
    fn count_until(&mut self) {
        let indicators = self.subject.settings.catalog.indicators();
        for (rule, indicator) in indicators.iter().enumerate().filter(|(_, indicator)| indicator.is_until()) {
            let mut cells: BTreeMap<Vec<String>, BTreeMap<Month, usize>> = BTreeMap::new();
            for (at, attributed) in self.cells.iter().enumerate().filter(|(_, cell)| cell.rule == rule) {
                let groups = attributed.contribution.measure.groups().iter().zip(&indicator.sources);
                let own = groups.filter(|(_, source)| source.is_of_event());
                let own = own.map(|(group, _)| group.value().to_owned()).collect();
                let month = attributed.contribution.period.first_day().month();
                cells.entry(own).or_default().insert(month, at);
            }
            for place in 0..self.all.len() {
                let event = self.all[place];
                let Some(effect) = self.effect_of(rule, &event) else { continue };
                let Some(cell) = effect.cell else {
                    self.leave_out(rule, place, Reason::Noticed(Code::ResultInvalid));
                    continue;
                };
                let groups = self.subject.timeline.groups(rule, cell);
                let groups: Vec<String> = groups.iter().map(|group| group.value().to_owned()).collect();
                let months =
                    cells.get(&groups).into_iter().flat_map(|months| months.range(event.day.month()..));
                for &at in months.map(|(_, at)| at) {
                    let noticed = (effect.others > 0).then_some(Code::GroupOther);
                    self.count(rule, place, at).noticed = noticed.into_iter().collect();
                }
            }
        }
    }

    /// Says why the other indicators that read an event's type have no cell with it.
    fn attribute_the_rest(&mut self, periods: &[Period]) {
        let readers = Readers::new(self.subject.settings.catalog.indicators());
        let folded: BTreeSet<Period> = periods.iter().copied().collect();
        for place in 0..self.all.len() {
            let event = self.all[place];
            let kind = self.subject.timeline.class(event.class).kind;
            for &(rule, indicator, role) in readers.of(kind) {
                if self.events[place].iter().any(|attribution| attribution.rule == rule) {
                    continue;
                }
                let period = Period::around(event.day, indicator.definition.period);
                let reason = match role {
                    Role::Start => Reason::ContextOnly,
                    Role::Counted if self.effect_of(rule, &event).is_none() => Reason::ConditionNotMet,
                    // A fold has said why, except of counts that ended before.
                    Role::Counted if folded.contains(&period) => Reason::AlreadyReached,
                    Role::Counted if period.last_day() >= self.subject.settings.today => {
                        Reason::PeriodNotOver
                    }
                    Role::Counted => Reason::PeriodNotComputed,
                };
                self.leave_out(rule, place, reason);
            }
        }
    }

    fn count(&mut self, rule: usize, place: usize, cell: usize) -> &mut Attribution {
        self.cells[cell].events.push(place);
        let attribution = self.attribution(rule, place);
        attribution.reason = None;
        attribution.cells.push(cell);
        attribution
    }

    fn leave_out(&mut self, rule: usize, place: usize, reason: Reason) {
        let attribution = self.attribution(rule, place);
        attribution.reason = Some(reason).filter(|_| attribution.cells.is_empty());
    }

    fn attribution(&mut self, rule: usize, place: usize) -> &mut Attribution {
        let all = &mut self.events[place];
        let at = all.iter().position(|attribution| attribution.rule == rule).unwrap_or_else(|| {
            all.push(Attribution { rule, cells: Vec::new(), reason: None, noticed: Vec::new() });
            all.len() - 1
        });
        &mut all[at]
    }
}

/// What an indicator does with the events of a type.
#[derive(Debug, Clone, Copy)]
enum Role {
    Counted,
    /// It only looks there for the start of a span.
    Start,
}

/// The indicators that read each type of event.
struct Readers<'c>(BTreeMap<TypeId, Vec<(usize, &'c Indicator, Role)>>);

impl<'c> Readers<'c> {
    fn new(indicators: &'c [Indicator]) -> Self {
        let mut readers = Readers(BTreeMap::new());
        for (rule, indicator) in indicators.iter().enumerate() {
            let selections = indicator.selections().iter();
            readers.add(rule, indicator, Role::Counted, selections.clone().map(Selection::event));
            let starts = selections.filter_map(|selection| match selection.start {
                Some(SpanStart::First(kind) | SpanStart::Latest(kind)) => Some(kind),
                Some(SpanStart::Field(_)) | None => None,
            });
            readers.add(rule, indicator, Role::Start, starts);
        }
        readers
    }

    fn add(
        &mut self,
        rule: usize,
        indicator: &'c Indicator,
        role: Role,
        kinds: impl Iterator<Item = TypeId>,
    ) {
        for kind in kinds {
            let readers = self.0.entry(kind).or_default();
            if readers.last().is_none_or(|&(last, ..)| last != rule) {
                readers.push((rule, indicator, role));
            }
        }
    }

    fn of(&self, kind: TypeId) -> &[(usize, &'c Indicator, Role)] {
        self.0.get(&kind).map_or(&[], Vec::as_slice)
    }
}

/// Why a fold over one event gave no cell.
fn why(indicator: &Indicator, noticed: &[Code]) -> Reason {
    let unusable = [Code::ResultInvalid, Code::SpanNegative, Code::SpanStartMissing, Code::SpanTooLong];
    match noticed.iter().find(|code| unusable.contains(code)) {
        Some(&code) => Reason::Noticed(code),
        None if matches!(indicator.definition.value, ValueRule::Span {}) => Reason::NotFirst,
        None => Reason::NothingSeen,
    }
}
