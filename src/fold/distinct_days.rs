//! On how many days of the period there was an event.

use super::{Cell, Fold, Gathered, cell_of};
use crate::base::sort::sort_by;
use crate::calendar::Day;
use crate::diagnostics::Diagnostics;
use crate::measure::Value;

pub(super) fn fold(fold: &Fold<'_>, zero: bool, gathered: &mut Gathered, diagnostics: &mut Diagnostics) {
    let mut days: Vec<(u32, Day)> = Vec::new();
    for reading in fold.readings() {
        if let Some(cell) = cell_of(reading.made, reading.count, diagnostics) {
            days.push((cell, reading.day));
        }
    }
    sort_by(&mut days, Ord::cmp);
    days.dedup();
    if zero && days.is_empty() {
        gathered.cells.push(Cell { groups: [].into(), value: Value::from_count(0), event: None });
    }
    for (cell, _) in days {
        gathered.add(cell, 1);
    }
    gathered.give_sums(fold);
}
