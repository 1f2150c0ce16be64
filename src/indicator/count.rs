//! How many events: in the period, or month by month until something is reached.

use std::collections::BTreeMap;

use super::{Cell, GroupValues, Period, Subject, group_values};
use crate::calendar::Month;
use crate::catalog::{Given, Indicator, Selection};
use crate::diagnostics::Diagnostics;
use crate::event::Event;
use crate::facts::MonthCount;
use crate::measure::Value;

pub(super) fn fold(
    subject: &Subject<'_>,
    indicator: &Indicator,
    period: Period,
    diagnostics: &mut Diagnostics,
) -> Vec<Cell> {
    let mut counts: BTreeMap<GroupValues, u64> = BTreeMap::new();
    for (event, selection) in indicator.selected(subject.events(period)) {
        if let Some(groups) = group_values(&selection.sources, event, diagnostics) {
            *counts.entry(groups).or_default() += 1;
        }
    }
    let cells = counts.into_iter();
    cells.map(|(groups, count)| Cell { groups, value: Value::from_count(count) }).collect()
}

/// The events from the first ever to the end of the month, for a month that
/// has one and comes no later than the one in which it was reached.
pub(super) fn fold_until(
    subject: &Subject<'_>,
    indicator: &Indicator,
    period: Period,
    diagnostics: &mut Diagnostics,
) -> Vec<Cell> {
    // The facts hold the counts; the month's own events are only looked at for
    // what there is to notice in them.
    for (event, selection) in indicator.selected(subject.events(period)) {
        own_groups(selection, event, diagnostics);
    }
    let month = period.first_day().month();
    let counts = subject.facts.counts_of(&indicator.definition.name);
    let mut cells: BTreeMap<GroupValues, Option<Value>> = BTreeMap::new();
    for (values, months) in counts {
        let Some((count, reached)) = counted_until(months, month) else { continue };
        let mut values = values.into_iter();
        let groups = indicator.sources.iter().map(|source| {
            if source.is_reached() {
                return Some(reached.to_string());
            }
            // What was remembered is as strictly looked at as an event.
            match source.of_memory(values.next()?) {
                Given::Value(value) => Some(value.into_owned()),
                Given::Other(_) | Given::Nothing => None,
            }
        });
        if let Some(groups) = groups.collect() {
            cells.insert(groups, Value::from_count(count));
        }
    }
    cells.into_iter().map(|(groups, value)| Cell { groups, value }).collect()
}

/// The groups that an event has by itself, whether or not anything was reached.
pub(crate) fn own_groups(
    selection: &Selection,
    event: &Event,
    diagnostics: &mut Diagnostics,
) -> Option<GroupValues> {
    let own = selection.sources.iter().filter(|source| !source.is_reached());
    super::collect_groups(own.map(|source| source.of_event(event)), diagnostics)
}

/// The count up to a month, and whether it is reached there; `None` for a month
/// without an event, or after the one in which it was reached.
fn counted_until(months: &BTreeMap<Month, MonthCount>, month: Month) -> Option<(u64, bool)> {
    let this = months.get(&month)?;
    let mut earlier = months.range(..month).map(|(_, earlier)| earlier);
    let before = earlier
        .try_fold(0, |sum, earlier| (!earlier.reached).then_some(earlier.count.saturating_add(sum)))?;
    Some((this.count.saturating_add(before), this.reached))
}
