//! Seconds from where something started to the event that ends it.

use super::{Fold, Gathered, cell_of};
use crate::catalog::SpanStart;
use crate::diagnostics::{Code, Diagnostics};
use crate::timeline::{Made, Occurrence, lasted};

pub(super) fn fold(fold: &Fold<'_>, gathered: &mut Gathered, diagnostics: &mut Diagnostics) {
    let Fold { subject, stretch, at, .. } = fold;
    let mut near = 0;
    for (event, made) in stretch.selected(*at) {
        let is_other = made.first && !subject.facts.is_first(subject.timeline.class(event.class).kind, event);
        let made = if is_other { made.otherwise.as_deref() } else { Some(made) };
        let Some(made) = made else { continue };
        match seconds(fold, made, event, &mut near) {
            Ok(seconds) => {
                if let Some(cell) = cell_of(made, 1, diagnostics) {
                    gathered.observe_seconds(cell, seconds, event.number, fold, diagnostics);
                }
            }
            Err(code) => diagnostics.add(code),
        }
    }
    gathered.give_observations(fold);
}

fn seconds(fold: &Fold<'_>, made: &Made, event: &Occurrence, near: &mut u32) -> Result<u32, Code> {
    let subject = fold.subject;
    match made.start {
        Some(SpanStart::Field(field)) => subject.timeline.span(event.number, field, near),
        Some(SpanStart::First(kind)) => lasted(subject.first_of(kind), event.moment),
        Some(SpanStart::Latest(kind)) => {
            lasted(subject.facts.latest_before(kind, subject.timeline, event), event.moment)
        }
        None => Err(Code::SpanStartMissing),
    }
}
