//! Seconds from an event to the last one before the next such event or the end
//! of the day; 0 for one alone.

use super::accumulator::clipped;
use super::{Cell, Fold, Gathered, cell_of};
use crate::base::sort::sort_by;
use crate::catalog::{ContributionMode, GroupSource};
use crate::diagnostics::Diagnostics;
use crate::ecolyo::EventType;
use crate::limits;
use crate::measure::Value;
use crate::timeline::{Made, Occurrence, OfClass};

pub(super) fn fold(fold: &Fold<'_>, gathered: &mut Gathered, diagnostics: &mut Diagnostics) {
    let Fold { stretch, at, indicator, .. } = fold;
    let inside: Vec<EventType> = indicator.sources.iter().filter_map(GroupSource::inside).collect();
    let mut lived: Vec<Lived> = Vec::new();
    let mut end = |session: Option<Session<'_>>| {
        if let Some(Session { made, first, last, held }) = session
            && let Some(cell) = cell_of(made, 1, diagnostics)
        {
            let seconds = last.moment.whole_seconds_since(first.moment);
            let seconds = u32::try_from(seconds.max(0)).unwrap_or(u32::MAX);
            if inside.is_empty() {
                gathered.observe_seconds(cell, seconds, first.number, fold, diagnostics);
            } else {
                let seconds = clipped(seconds, diagnostics);
                lived.push(Lived { cell, seconds, event: first.number, held });
            }
        }
    };
    let mut session: Option<Session<'_>> = None;
    for (event, OfClass { kind, made }) in stretch.events(*at) {
        if let Some(made) = made {
            end(session.replace(Session { made, first: event, last: event, held: Held::default() }));
        } else if let Some(session) = session.as_mut().filter(|session| session.first.day == event.day) {
            session.last = event;
            for (held, _) in session.held.iter_mut().zip(&inside).filter(|(_, inside)| **inside == kind) {
                *held += 1;
            }
        }
    }
    end(session);
    gathered.give_observations(fold);
    give(lived, fold, gathered);
}

struct Session<'a> {
    made: &'a Made,
    first: &'a Occurrence,
    last: &'a Occurrence,
    held: Held,
}

/// How many events of each type that a group asks for are inside a session.
type Held = [u64; limits::MAX_GROUPS];

/// A session that is over.
struct Lived {
    cell: u32,
    seconds: u32,
    /// The number of the event that it begins with.
    event: u32,
    held: Held,
}

/// Gives the cells whose groups tell what is inside the sessions.
fn give(mut lived: Vec<Lived>, fold: &Fold<'_>, gathered: &mut Gathered) {
    let from = gathered.cells.len();
    // Stable: they stand in the order of events.
    sort_by(&mut lived, |a, b| a.cell.cmp(&b.cell));
    let is_each = fold.indicator.definition.contribution == ContributionMode::Each;
    for sessions in lived.chunk_by(|a, b| a.cell == b.cell && !is_each) {
        let count = sessions.len() as u64;
        let seconds = sessions.iter().map(|session| u64::from(session.seconds)).sum();
        // floor((2n + d) / 2d) is n / d rounded half up.
        let held = |at: usize| {
            let sum: u64 = sessions.iter().map(|session| session.held[at]).sum();
            (2 * sum + count) / (2 * count)
        };
        let mut at = 0;
        let own = fold.subject.timeline.groups(fold.at, sessions[0].cell);
        let groups = fold.indicator.groups_around(&own, |source| {
            at += 1;
            source.bucket(held(at - 1)).to_owned()
        });
        let event = is_each.then_some(sessions[0].event);
        gathered.cells.push(Cell { groups, value: Value::mean_of_whole(seconds, count), event });
    }
    sort_by(&mut gathered.cells[from..], |a, b| (&a.groups, a.value).cmp(&(&b.groups, b.value)));
}
