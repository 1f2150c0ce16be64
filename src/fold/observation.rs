//! A number that each event holds.

use super::{Accumulator, Fold, cell_of};
use crate::diagnostics::{Code, Diagnostics};

pub(super) fn fold(fold: &Fold<'_>, accumulator: &mut Accumulator, diagnostics: &mut Diagnostics) {
    for (event, effect) in fold.view.selected(fold.at) {
        let Some(number) = &effect.observed else {
            diagnostics.add(Code::ResultInvalid);
            continue;
        };
        if let Some(cell) = cell_of(effect, 1, diagnostics) {
            accumulator.observe(cell, number, event.number, fold);
        }
    }
    accumulator.emit_observations(fold);
}
