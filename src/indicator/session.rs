//! Seconds from an event to the last one before the next such event or the end
//! of the day; 0 for one alone.

use super::{Cell, Fold, Observations, cell_of};
use crate::diagnostics::Diagnostics;
use crate::timeline::{Made, Occurrence};

pub(super) fn fold(fold: &Fold<'_>, diagnostics: &mut Diagnostics) -> Vec<Cell> {
    let Fold { subject, stretch, at, .. } = fold;
    let mut sessions = Observations::default();
    let mut end = |session: Option<Session<'_>>| {
        if let Some(Session { made, first, last }) = session
            && let Some(cell) = cell_of(made, 1, diagnostics)
        {
            let seconds = last.moment.whole_seconds_since(first.moment);
            sessions.add_seconds(cell, u32::try_from(seconds.max(0)).unwrap_or(u32::MAX), diagnostics);
        }
    };
    let mut session: Option<Session<'_>> = None;
    for event in stretch.events() {
        if let Some(made) = subject.timeline.class(event.class).made(*at) {
            end(session.replace(Session { made, first: event, last: event }));
        } else if let Some(session) = session.as_mut().filter(|session| session.first.day == event.day) {
            session.last = event;
        }
    }
    end(session);
    sessions.into_cells(fold)
}

struct Session<'a> {
    made: &'a Made,
    first: &'a Occurrence,
    last: &'a Occurrence,
}
