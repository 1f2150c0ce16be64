//! Seconds from where something started to the event that ends it.

use super::{Cell, Observations, Period, Subject, group_values};
use crate::calendar::{DAY_SECONDS, DateTime, Moment};
use crate::catalog::{FieldName, Indicator, Selection, SpanStart};
use crate::diagnostics::{Code, Diagnostics};
use crate::event::{Answer, Event};
use crate::limits;

pub(super) fn fold(
    subject: &Subject<'_>,
    indicator: &Indicator,
    period: Period,
    diagnostics: &mut Diagnostics,
) -> Vec<Cell> {
    let mut spans = Observations::default();
    for (event, selection) in indicator.selected(subject.events(period)) {
        if selection.first && !is_first_ever(subject, selection, event) {
            continue;
        }
        match seconds(subject, selection, event) {
            Ok(seconds) => {
                if let Some(groups) = group_values(&selection.sources, event, diagnostics) {
                    spans.add_seconds(groups, seconds, diagnostics);
                }
            }
            Err(code) => diagnostics.add(code),
        }
    }
    spans.into_cells(indicator.definition.contribution)
}

/// Whether the home never had an event of this type before.
fn is_first_ever(subject: &Subject<'_>, selection: &Selection, event: &Event) -> bool {
    let earlier = subject.facts.first_of(selection.event()).is_some_and(|first| first < event.moment);
    let on_the_day = subject.timeline.between(event.day, event.day);
    !earlier
        && !on_the_day
            .iter()
            .take_while(|other| other.order() < event.order())
            .any(|other| other.kind == event.kind)
}

fn seconds(subject: &Subject<'_>, selection: &Selection, event: &Event) -> Result<i64, Code> {
    let start = match selection.start {
        Some(SpanStart::Field(field)) => written(subject, event, field),
        Some(SpanStart::First(kind)) => subject.first_of(kind),
        Some(SpanStart::Latest(kind)) => subject.facts.latest_before(kind, event),
        None => None,
    };
    let start = start.ok_or(Code::SpanStartMissing)?;
    if event.moment < start {
        return Err(Code::SpanNegative);
    }
    let seconds = event.moment.whole_seconds_since(start);
    let limit = limits::MAX_SPAN_DAYS * DAY_SECONDS;
    let beyond = Moment { seconds: start.seconds + limit, ..start };
    if event.moment > beyond { Err(Code::SpanTooLong) } else { Ok(seconds) }
}

fn written(subject: &Subject<'_>, event: &Event, field: FieldName) -> Option<Moment> {
    match event.answer(field)? {
        Answer::Text(text) => DateTime::parse_rfc3339(&text).map(|date| subject.clock().moment(date)),
        Answer::Number(_) => None,
    }
}
