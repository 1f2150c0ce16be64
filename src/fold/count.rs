//! How many events: in the period, or month by month until something is reached.

use super::{Accumulator, Cell, Fold, cell_of};
use crate::base::Map;
use crate::calendar::{Day, Month};
use crate::catalog::Indicator;
use crate::diagnostics::Diagnostics;
use crate::measure::Value;
use crate::memory::DayCount;

pub(super) fn fold(fold: &Fold<'_>, accumulator: &mut Accumulator, diagnostics: &mut Diagnostics) {
    for class_count in fold.class_counts() {
        if let Some(cell) = cell_of(class_count.effect, class_count.count, diagnostics) {
            accumulator.add(cell, class_count.count);
        }
    }
    accumulator.emit_sums(fold);
}

/// The events from the first ever to the end of the month, for a month that
/// has one and comes no later than the one in which it was reached.
pub(super) fn fold_until(fold: &Fold<'_>, accumulator: &mut Accumulator, diagnostics: &mut Diagnostics) {
    // The facts hold the counts; the month's own events are only looked at for
    // what there is to notice in them.
    for class_count in fold.class_counts() {
        cell_of(class_count.effect, class_count.count, diagnostics);
    }
    let Fold { subject, indicator, period, .. } = fold;
    let month = period.first_day().month();
    let mut cells: Map<Vec<String>, Option<Value>> = Map::new();
    for (values, days) in subject.facts.counts_of(&indicator.definition.name) {
        if let Some((count, reached)) = counted_until(days, month)
            && let Some(values) = values_of(indicator, &values, reached)
        {
            cells.insert(values, Value::from_count(count));
        }
    }
    for (values, value) in cells {
        accumulator.cells.push(Cell { groups: indicator.groups(values), value, event: None });
    }
}

/// The values of a count's groups; `None` if a group can have no such value.
fn values_of(indicator: &Indicator, remembered: &[&str], reached: bool) -> Option<Vec<String>> {
    let mut remembered = remembered.iter();
    let mut values = Vec::with_capacity(indicator.sources.len());
    for (at, source) in indicator.sources.iter().enumerate() {
        if source.is_reached() {
            values.push(reached.to_string());
            continue;
        }
        // What was remembered is as strictly looked at as an event.
        let value = *remembered.next()?;
        indicator.selections().iter().find(|selection| selection.sources[at].can_give(value))?;
        values.push(value.to_owned());
    }
    Some(values)
}

/// The count up to a month, and whether it is reached there; `None` for a month
/// without an event, or after the one in which it was reached.
fn counted_until(days: &Map<Day, DayCount>, month: Month) -> Option<(u64, bool)> {
    let (mut count, mut is_in_month, mut is_reached) = (0_u64, false, false);
    for (day, of_day) in days.iter().take_while(|(day, _)| day.month() <= month) {
        let is_earlier = day.month() < month;
        if is_earlier && of_day.reached {
            return None;
        }
        is_in_month |= !is_earlier;
        is_reached |= of_day.reached;
        count = count.saturating_add(of_day.count);
    }
    is_in_month.then_some((count, is_reached))
}
