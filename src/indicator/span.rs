//! Seconds from where something started to the event that ends it.

use super::{Cell, Fold, Observations, cell_of};
use crate::catalog::SpanStart;
use crate::diagnostics::{Code, Diagnostics};
use crate::timeline::{Made, Occurrence, lasted};

pub(super) fn fold(fold: &Fold<'_>, diagnostics: &mut Diagnostics) -> Vec<Cell> {
    let Fold { subject, stretch, at, .. } = fold;
    let mut spans = Observations::default();
    for (event, made) in stretch.selected(*at) {
        let kind = subject.timeline.class(event.class).kind;
        if made.first && !subject.facts.is_first(kind, event) {
            continue;
        }
        match seconds(fold, made, event) {
            Ok(seconds) => {
                if let Some(cell) = cell_of(made, 1, diagnostics) {
                    spans.add_seconds(cell, seconds, diagnostics);
                }
            }
            Err(code) => diagnostics.add(code),
        }
    }
    spans.into_cells(fold)
}

fn seconds(fold: &Fold<'_>, made: &Made, event: &Occurrence) -> Result<u32, Code> {
    let subject = fold.subject;
    match made.start {
        Some(SpanStart::Field(field)) => subject.timeline.span(event.number, field),
        Some(SpanStart::First(kind)) => lasted(subject.first_of(kind), event.moment),
        Some(SpanStart::Latest(kind)) => {
            lasted(subject.facts.latest_before(kind, subject.timeline, event), event.moment)
        }
        None => Err(Code::SpanStartMissing),
    }
}
