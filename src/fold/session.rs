//! Seconds from an event to the last one before the next such event or the end
//! of the day; 0 for one alone.

use super::accumulator::clipped;
use super::{Accumulator, Cell, Fold, cell_of};
use crate::app::TypeId;
use crate::base::sort::sort_by;
use crate::catalog::{ContributionMode, GroupSource};
use crate::diagnostics::Diagnostics;
use crate::limits;
use crate::measure::Value;
use crate::timeline::{ClassEffect, IndicatorEffect, Occurrence};

pub(super) fn fold(fold: &Fold<'_>, accumulator: &mut Accumulator, diagnostics: &mut Diagnostics) {
    let Fold { view, at, indicator, .. } = fold;
    let inside: Vec<TypeId> = indicator.sources.iter().filter_map(GroupSource::inside).collect();
    let mut ended: Vec<EndedSession> = Vec::new();
    let mut end = |session: Option<Session<'_>>| {
        if let Some(Session { effect, first, last, inside_counts }) = session
            && let Some(cell) = cell_of(effect, 1, diagnostics)
        {
            let seconds = last.moment.whole_seconds_since(first.moment);
            let seconds = u32::try_from(seconds.max(0)).unwrap_or(u32::MAX);
            if inside.is_empty() {
                accumulator.observe_seconds(cell, seconds, first.number, fold, diagnostics);
            } else {
                let seconds = clipped(seconds, diagnostics);
                ended.push(EndedSession { cell, seconds, event: first.number, inside_counts });
            }
        }
    };
    let mut session: Option<Session<'_>> = None;
    for (event, ClassEffect { kind, effect }) in view.events(*at) {
        if let Some(effect) = effect {
            end(session.replace(Session {
                effect,
                first: event,
                last: event,
                inside_counts: InsideCounts::default(),
            }));
        } else if let Some(session) = session.as_mut().filter(|session| session.first.day == event.day) {
            session.last = event;
            for (inside_counts, _) in
                session.inside_counts.iter_mut().zip(&inside).filter(|(_, inside)| **inside == kind)
            {
                *inside_counts += 1;
            }
        }
    }
    end(session);
    accumulator.emit_observations(fold);
    emit(ended, fold, accumulator);
}

struct Session<'a> {
    effect: &'a IndicatorEffect,
    first: &'a Occurrence,
    last: &'a Occurrence,
    inside_counts: InsideCounts,
}

/// How many events of each type that a group asks for are inside a session.
type InsideCounts = [u64; limits::MAX_GROUPS];

/// A session that is over.
struct EndedSession {
    cell: u32,
    seconds: u32,
    /// The number of the event that it begins with.
    event: u32,
    inside_counts: InsideCounts,
}

/// Emits the cells whose groups count what is inside the sessions.
fn emit(mut ended: Vec<EndedSession>, fold: &Fold<'_>, accumulator: &mut Accumulator) {
    let from = accumulator.cells.len();
    // Stable: they stand in the order of events.
    sort_by(&mut ended, |a, b| a.cell.cmp(&b.cell));
    let is_each = fold.indicator.definition.contribution == ContributionMode::Each;
    for sessions in ended.chunk_by(|a, b| a.cell == b.cell && !is_each) {
        let count = sessions.len() as u64;
        let seconds = sessions.iter().map(|session| u64::from(session.seconds)).sum();
        // floor((2n + d) / 2d) is n / d rounded half up.
        let inside_counts = |at: usize| {
            let sum: u64 = sessions.iter().map(|session| session.inside_counts[at]).sum();
            (2 * sum + count) / (2 * count)
        };
        let mut at = 0;
        let own = fold.subject.timeline.groups(fold.at, sessions[0].cell);
        let groups = fold.indicator.groups_around(&own, |source| {
            at += 1;
            source.bucket(inside_counts(at - 1)).to_owned()
        });
        let event = is_each.then_some(sessions[0].event);
        accumulator.cells.push(Cell { groups, value: Value::mean_of_whole(seconds, count), event });
    }
    sort_by(&mut accumulator.cells[from..], |a, b| (&a.groups, a.value).cmp(&(&b.groups, b.value)));
}
