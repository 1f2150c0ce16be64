//! Seconds from an event to the last one before the next such event or the end
//! of the day; 0 for one alone.

use super::{Fold, Gathered, cell_of};
use crate::diagnostics::Diagnostics;
use crate::timeline::{Made, Occurrence};

pub(super) fn fold(fold: &Fold<'_>, gathered: &mut Gathered, diagnostics: &mut Diagnostics) {
    let Fold { stretch, at, .. } = fold;
    let mut end = |session: Option<Session<'_>>| {
        if let Some(Session { made, first, last }) = session
            && let Some(cell) = cell_of(made, 1, diagnostics)
        {
            let seconds = last.moment.whole_seconds_since(first.moment);
            let seconds = u32::try_from(seconds.max(0)).unwrap_or(u32::MAX);
            gathered.observe_seconds(cell, seconds, first.number, fold, diagnostics);
        }
    };
    let mut session: Option<Session<'_>> = None;
    for (event, made) in stretch.events(*at) {
        if let Some(made) = made {
            end(session.replace(Session { made, first: event, last: event }));
        } else if let Some(session) = session.as_mut().filter(|session| session.first.day == event.day) {
            session.last = event;
        }
    }
    end(session);
    gathered.give_observations(fold);
}

struct Session<'a> {
    made: &'a Made,
    first: &'a Occurrence,
    last: &'a Occurrence,
}
