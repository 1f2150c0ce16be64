//! A number that each event holds.

use super::{Fold, Gathered, cell_of};
use crate::diagnostics::{Code, Diagnostics};

pub(super) fn fold(fold: &Fold<'_>, gathered: &mut Gathered, diagnostics: &mut Diagnostics) {
    for (event, made) in fold.stretch.selected(fold.at) {
        let Some(number) = &made.observed else {
            diagnostics.add(Code::ResultInvalid);
            continue;
        };
        if let Some(cell) = cell_of(made, 1, diagnostics) {
            gathered.observe(cell, number, event.number, fold);
        }
    }
    gathered.give_observations(fold);
}
