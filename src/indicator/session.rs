//! Seconds from an event to the last one before the next such event or the end
//! of the day; 0 for one alone.

use super::{Cell, Observations, Period, Subject, group_values};
use crate::catalog::Indicator;
use crate::diagnostics::Diagnostics;

pub(super) fn fold(
    subject: &Subject<'_>,
    indicator: &Indicator,
    period: Period,
    diagnostics: &mut Diagnostics,
) -> Vec<Cell> {
    let mut sessions = Observations::default();
    for day in subject.events(period).chunk_by(|a, b| a.day == b.day) {
        let begins: Vec<usize> = (0..day.len()).filter(|&at| indicator.select(&day[at]).is_some()).collect();
        let ends = begins.iter().skip(1).copied().chain([day.len()]);
        for (&begin, end) in begins.iter().zip(ends) {
            let (first, last) = (&day[begin], &day[end - 1]);
            let Some(selection) = indicator.select(first) else { continue };
            if let Some(groups) = group_values(&selection.sources, first, diagnostics) {
                let seconds = last.moment.whole_seconds_since(first.moment);
                sessions.add_seconds(groups, seconds, diagnostics);
            }
        }
    }
    sessions.into_cells(indicator.definition.contribution)
}
