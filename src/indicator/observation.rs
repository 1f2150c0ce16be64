//! A number that each event holds.

use super::{Cell, Observations, Period, Subject, group_values};
use crate::catalog::{FieldName, Indicator};
use crate::decimal::Decimal;
use crate::diagnostics::{Code, Diagnostics};
use crate::event::{Answer, Event};

pub(super) fn fold(
    subject: &Subject<'_>,
    indicator: &Indicator,
    period: Period,
    (field, integers): (FieldName, Option<[u8; 2]>),
    diagnostics: &mut Diagnostics,
) -> Vec<Cell> {
    let mut observations = Observations::default();
    for (event, selection) in indicator.selected(subject.events(period)) {
        let Some(number) = observed(event, field, integers) else {
            diagnostics.add(Code::ResultInvalid);
            continue;
        };
        if let Some(groups) = group_values(&selection.sources, event, diagnostics) {
            observations.add(groups, number);
        }
    }
    observations.into_cells(indicator.definition.contribution)
}

fn observed(event: &Event, field: FieldName, integers: Option<[u8; 2]>) -> Option<Decimal> {
    let answer = event.answer(field)?;
    match (answer, integers) {
        (Answer::Number(digits) | Answer::Text(digits), None) => Decimal::parse(&digits),
        (Answer::Number(digits), Some([least, most])) => Decimal::parse(&digits)?
            .small_integer(most)
            .filter(|&integer| integer >= least)
            .map(|integer| Decimal::from(u64::from(integer))),
        (Answer::Text(text), Some([least, most])) => match *text.as_bytes() {
            [digit @ b'0'..=b'9'] if (least..=most).contains(&(digit - b'0')) => {
                Some(Decimal::from(u64::from(digit - b'0')))
            }
            _ => None,
        },
    }
}
