//! On how many days of the period there was an event.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cell, GroupValues, Period, Subject, group_values};
use crate::calendar::Day;
use crate::catalog::Indicator;
use crate::diagnostics::Diagnostics;
use crate::measure::Value;

pub(super) fn fold(
    subject: &Subject<'_>,
    indicator: &Indicator,
    period: Period,
    zero: bool,
    diagnostics: &mut Diagnostics,
) -> Vec<Cell> {
    let mut days: BTreeMap<GroupValues, BTreeSet<Day>> = BTreeMap::new();
    if zero {
        days.insert(GroupValues::new(), BTreeSet::new());
    }
    for (event, selection) in indicator.selected(subject.events(period)) {
        if let Some(groups) = group_values(&selection.sources, event, diagnostics) {
            days.entry(groups).or_default().insert(event.day);
        }
    }
    let count = |days: BTreeSet<Day>| u64::try_from(days.len()).ok().and_then(Value::from_count);
    days.into_iter().map(|(groups, days)| Cell { groups, value: count(days) }).collect()
}
