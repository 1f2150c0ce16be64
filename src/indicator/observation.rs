//! A number that each event holds.

use super::{Cell, Fold, Observations, cell_of};
use crate::diagnostics::{Code, Diagnostics};

pub(super) fn fold(fold: &Fold<'_>, diagnostics: &mut Diagnostics) -> Vec<Cell> {
    let mut observations = Observations::default();
    for (_, made) in fold.stretch.selected(fold.at) {
        let Some(number) = &made.observed else {
            diagnostics.add(Code::ResultInvalid);
            continue;
        };
        if let Some(cell) = cell_of(made, 1, diagnostics) {
            observations.add(cell, number.clone());
        }
    }
    observations.into_cells(fold)
}
