//! On how many days of the period there was an event.

use super::{Cell, Fold, cell_of};
use crate::calendar::Day;
use crate::diagnostics::Diagnostics;
use crate::measure::Value;
use crate::order::sort_by;

pub(super) fn fold(fold: &Fold<'_>, zero: bool, diagnostics: &mut Diagnostics) -> Vec<Cell> {
    let mut days: Vec<(u32, Day)> = Vec::new();
    for reading in fold.readings() {
        if let Some(cell) = cell_of(reading.made, reading.count, diagnostics) {
            days.push((cell, reading.day));
        }
    }
    sort_by(&mut days, Ord::cmp);
    days.dedup();
    if zero && days.is_empty() {
        return vec![Cell { groups: [].into(), value: Value::from_count(0) }];
    }
    let count = |days: &[(u32, Day)]| u64::try_from(days.len()).ok().and_then(Value::from_count);
    days.chunk_by(|a, b| a.0 == b.0).map(|days| fold.cell(days[0].0, count(days))).collect()
}
