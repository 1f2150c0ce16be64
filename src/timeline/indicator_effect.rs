use std::sync::Arc;

use crate::app::{Event, FieldValue};
use crate::base::decimal::Decimal;
use crate::base::hash::mix;
use crate::base::interner::Interner;
use crate::base::sort::sort_by;
use crate::base::text::{compare, first_word};
use crate::catalog::{GroupSource, GroupValue, Indicator, Selection, SpanStart};
use crate::limits::MAX_OBSERVED_POWER;
use crate::measure::Group;

/// What an indicator makes of every event of a class, as far as the event
/// itself decides it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct IndicatorEffect {
    /// The indicator's place in the catalog.
    pub(crate) indicator: usize,
    /// Whether only the home's first event of this type counts.
    pub(crate) first: bool,
    /// What it makes of such an event that is not the first.
    pub(crate) otherwise: Option<Box<IndicatorEffect>>,
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

impl IndicatorEffect {
    /// `None` if the indicator does not read the event.
    pub(super) fn new(
        at: usize,
        indicator: &Indicator,
        event: &Event<'_>,
        cells: &mut Cells,
    ) -> Option<IndicatorEffect> {
        let mut selections = indicator.selections().iter().filter(|selection| selection.admits(event));
        let selection = selections.next()?;
        let mut effect = |selection| IndicatorEffect::under(selection, at, indicator, event, cells);
        let otherwise = selections.find(|other| selection.first && !other.first);
        let otherwise = otherwise.map(|other| Box::new(effect(other)));
        Some(IndicatorEffect { otherwise, ..effect(selection) })
    }

    /// The same for an event that falls under a selection.
    fn under(
        selection: &Selection,
        at: usize,
        indicator: &Indicator,
        event: &Event<'_>,
        cells: &mut Cells,
    ) -> IndicatorEffect {
        // What tells of the whole cell is not the event's own to tell.
        let own = selection.sources.iter().filter(|source| source.is_of_event());
        let others = cells.values(own, event);
        IndicatorEffect {
            indicator: at,
            first: selection.first,
            otherwise: None,
            start: selection.start,
            cell: others.map(|_| cells.number()),
            others: others.unwrap_or(0),
            observed: indicator
                .observed
                .and_then(|(field, integers)| observed(event.value(field)?, integers)),
            reaches: indicator.until.as_ref().is_some_and(|until| until.holds(event)),
        }
    }

    /// Adds this to a hash.
    pub(super) fn hash(&self, hash: u64) -> u64 {
        let observed = match &self.observed {
            Some(Number::Whole(number)) => u64::from(*number) + 2,
            // Its digits; that its exponent is another is rare.
            Some(Number::Exact(decimal)) => decimal.hash(),
            None => 1,
        };
        let flags = u64::from(self.first) | u64::from(self.reaches) << 1 | u64::from(self.others) << 2;
        let cell = self.cell.map_or(0, |cell| u64::from(cell) + 1);
        let hash = self.otherwise.as_ref().map_or(hash, |other| other.hash(hash));
        mix(mix(mix(hash, self.indicator as u64), cell << 16 | flags), observed)
    }
}

fn observed(value: &FieldValue<'_>, integers: Option<[u8; 2]>) -> Option<Number> {
    let Some([least, most]) = integers else {
        let digits = match value {
            FieldValue::Number(digits) => digits,
            FieldValue::Text(text) => &**text,
        };
        let number = Decimal::parse(digits).filter(|number| !number.is_beyond(MAX_OBSERVED_POWER));
        return number.map(Number::Exact);
    };
    let integer = match value {
        FieldValue::Number(digits) => Decimal::parse(digits)?.small_integer(most)?,
        FieldValue::Text(text) => match *text.as_bytes() {
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
pub(super) struct Cells {
    /// The values of each, joined: such texts have the order of lists.
    interner: Interner<Box<str>>,
    /// Those of the cell looked for.
    values: String,
}

/// Stands after each value of a cell; below all that a value can hold.
const SEPARATOR: char = '\n';

impl Cells {
    /// Sets the values of an event's cell. Returns how many of them are an `other`
    /// value in place of one that is not allowed; `None` if a group can have no
    /// value.
    fn values<'s>(
        &mut self,
        sources: impl Iterator<Item = &'s GroupSource>,
        event: &Event<'_>,
    ) -> Option<u8> {
        self.values.clear();
        let mut others = 0;
        for source in sources {
            let value = match source.of_event(event) {
                GroupValue::Value(value) => value,
                GroupValue::Other(value) => {
                    others += 1;
                    value
                }
                GroupValue::Nothing => return None,
            };
            self.values.push_str(&value);
            self.values.push(SEPARATOR);
        }
        Some(others)
    }

    /// The number of the cell with the values that were set.
    fn number(&mut self) -> u32 {
        self.interner.intern(&self.values)
    }

    /// The groups of the cells in their order, and by the number that a cell
    /// had its place there.
    pub(super) fn in_order(self, indicator: &Indicator) -> (Groups, Vec<u32>) {
        let cells = self.interner.into_values();
        let text = |cell: u32| cells[cell as usize].as_bytes();
        // Many begin alike: what they first differ in mostly tells their order.
        let alike = cells.iter().fold(cells.first().map_or(0, |first| first.len()), |alike, cell| {
            let same = cell.bytes().zip(text(0)).take(alike).take_while(|(a, b)| a == *b);
            same.count()
        });
        let begin = |cell: u32| first_word(&text(cell)[alike..]);
        let mut order: Vec<(u64, u32)> = (0..cells.len() as u32).map(|cell| (begin(cell), cell)).collect();
        sort_by(&mut order, |a, b| a.0.cmp(&b.0).then_with(|| compare(text(a.1), text(b.1))));
        let mut places = vec![0; cells.len()];
        let mut groups = Vec::with_capacity(cells.len());
        for (place, (_, number)) in (0..).zip(order) {
            places[number as usize] = place;
            let values = cells[number as usize].split_terminator([SEPARATOR]);
            groups.push(indicator.own_groups(values.map(str::to_owned).collect()));
        }
        (groups, places)
    }
}
