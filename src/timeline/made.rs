use std::sync::Arc;

use crate::catalog::{FieldName, Given, GroupSource, Indicator, SpanStart, ValueRule};
use crate::decimal::Decimal;
use crate::event::{Answer, Event};
use crate::measure::Group;
use crate::ranked::Ranked;

/// What an indicator makes of an event, as far as the event itself decides it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Made {
    /// The indicator's place in the catalog.
    pub(crate) indicator: usize,
    /// Whether only the home's first event of this type counts.
    pub(crate) first: bool,
    /// For a span: where it starts.
    pub(crate) start: Option<SpanStart>,
    /// The cell of its groups; `None` if one of them can have no value.
    pub(crate) cell: Option<u32>,
    /// How many groups took their `other` value in place of one not allowed.
    pub(crate) others: u8,
    /// For an observation: its number, if it is one.
    pub(crate) observed: Option<Number>,
    /// For a count with `until`: whether this reaches it.
    pub(crate) reaches: bool,
}

/// A number that is averaged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Number {
    Whole(u32),
    Exact(Decimal),
}

impl Made {
    /// `None` if the indicator does not read the event.
    pub(super) fn new(at: usize, indicator: &Indicator, event: &Event, cells: &mut Cells) -> Option<Made> {
        let selection = indicator.select(event)?;
        // What tells of the whole cell is not the event's own to tell.
        let own = selection.sources.iter().filter(|source| source.is_of_event());
        let (values, others) = group_values(own, event).unzip();
        let rule = &indicator.definition.value;
        Some(Made {
            indicator: at,
            first: selection.first,
            start: selection.start,
            cell: values.map(|values| cells.number(values)),
            others: others.unwrap_or(0),
            observed: match rule {
                ValueRule::Observation { of, integers } => observed(event, *of, *integers),
                _ => None,
            },
            reaches: matches!(rule, ValueRule::Count { until: Some(until) } if until.holds(event)),
        })
    }
}

/// The values of groups, and how many of them are an `other` value in place
/// of what is not allowed; `None` if a group can have no value.
fn group_values<'s>(
    sources: impl Iterator<Item = &'s GroupSource>,
    event: &Event,
) -> Option<(Vec<String>, u8)> {
    let mut values = Vec::new();
    let mut others = 0;
    for source in sources {
        match source.of_event(event) {
            Given::Value(value) => values.push(value),
            Given::Other(value) => {
                others += 1;
                values.push(value);
            }
            Given::Nothing => return None,
        }
    }
    Some((values, others))
}

fn observed(event: &Event, field: FieldName, integers: Option<[u8; 2]>) -> Option<Number> {
    let answer = event.answer(field)?;
    let Some([least, most]) = integers else {
        let (Answer::Number(digits) | Answer::Text(digits)) = answer;
        return Decimal::parse(&digits).map(Number::Exact);
    };
    let integer = match answer {
        Answer::Number(digits) => Decimal::parse(&digits)?.small_integer(most)?,
        Answer::Text(text) => match *text.as_bytes() {
            [digit @ b'0'..=b'9'] => digit - b'0',
            _ => return None,
        },
    };
    (least..=most).contains(&integer).then_some(Number::Whole(integer.into()))
}

/// The groups of an indicator's cells, by the number of the cell.
pub(super) type Groups = Vec<Arc<[Group]>>;

/// The cells of an indicator that its events made, numbered as they came.
#[derive(Debug, Default)]
pub(super) struct Cells(Ranked<Vec<String>>);

impl Cells {
    fn number(&mut self, values: Vec<String>) -> u32 {
        self.0.number(values)
    }

    /// The groups of the cells in their order, and by the number that a cell
    /// had its place there.
    pub(super) fn in_order(self, indicator: &Indicator) -> (Groups, Vec<u32>) {
        let (mut cells, order) = self.0.into_parts();
        let mut places = vec![0; cells.len()];
        let mut groups = Vec::with_capacity(cells.len());
        for (place, number) in (0..).zip(order) {
            places[number as usize] = place;
            groups.push(indicator.own_groups(std::mem::take(&mut cells[number as usize])));
        }
        (groups, places)
    }
}
