//! On how many days of the period there was an event.

use super::{Accumulator, Cell, Fold, cell_of};
use crate::base::sort::sort_by;
use crate::calendar::Day;
use crate::diagnostics::Diagnostics;
use crate::measure::Value;

pub(super) fn fold(
    fold: &Fold<'_>,
    zero: bool,
    accumulator: &mut Accumulator,
    diagnostics: &mut Diagnostics,
) {
    let mut days: Vec<(u32, Day)> = Vec::new();
    for class_count in fold.class_counts() {
        if let Some(cell) = cell_of(class_count.effect, class_count.count, diagnostics) {
            days.push((cell, class_count.day));
        }
    }
    sort_by(&mut days, Ord::cmp);
    days.dedup();
    if zero && days.is_empty() {
        accumulator.cells.push(Cell { groups: [].into(), value: Value::from_count(0), event: None });
    }
    for (cell, _) in days {
        accumulator.add(cell, 1);
    }
    accumulator.emit_sums(fold);
}
