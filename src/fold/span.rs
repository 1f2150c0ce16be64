//! Seconds from where something started to the event that ends it.

use super::{Accumulator, Fold, cell_of};
use crate::catalog::SpanStart;
use crate::diagnostics::{Code, Diagnostics};
use crate::timeline::{IndicatorEffect, Occurrence, lasted};

pub(super) fn fold(fold: &Fold<'_>, accumulator: &mut Accumulator, diagnostics: &mut Diagnostics) {
    let Fold { subject, view, at, .. } = fold;
    let mut near = 0;
    for (event, effect) in view.selected(*at) {
        let is_other =
            effect.first && !subject.facts.is_first(subject.timeline.class(event.class).kind, event);
        let effect = if is_other { effect.otherwise.as_deref() } else { Some(effect) };
        let Some(effect) = effect else { continue };
        match seconds(fold, effect, event, &mut near) {
            Ok(seconds) => {
                if let Some(cell) = cell_of(effect, 1, diagnostics) {
                    accumulator.observe_seconds(cell, seconds, event.number, fold, diagnostics);
                }
            }
            Err(code) => diagnostics.add(code),
        }
    }
    accumulator.emit_observations(fold);
}

fn seconds(
    fold: &Fold<'_>,
    effect: &IndicatorEffect,
    event: &Occurrence,
    near: &mut u32,
) -> Result<u32, Code> {
    let subject = fold.subject;
    match effect.start {
        Some(SpanStart::Field(field)) => subject.timeline.span(event, field, near),
        Some(SpanStart::First(kind)) => lasted(subject.first_of(kind), event.moment),
        Some(SpanStart::Latest(kind)) => {
            lasted(subject.facts.latest_before(kind, subject.timeline, event), event.moment)
        }
        None => Err(Code::SpanStartMissing),
    }
}
