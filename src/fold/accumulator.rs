use super::{Cell, Fold};
use crate::base::decimal::Decimal;
use crate::base::sort::{sort_by, sort_numbers};
use crate::catalog::ContributionMode;
use crate::diagnostics::{Code, Diagnostics};
use crate::limits;
use crate::measure::Value;
use crate::timeline::Number;

/// Sums and numbers by cell. The folds use one accumulator after each other, as
/// there are many of them and each needs little memory.
#[derive(Debug, Default)]
pub(crate) struct Accumulator {
    /// By cell.
    sums: Vec<Sum>,
    /// The cells that have a sum.
    summed: Vec<u32>,
    /// Numbers that are not summed, by their cells, and the events they are of.
    numbers: Vec<(u32, u32, Number)>,
    /// The cells that the fold emitted.
    pub(crate) cells: Vec<Cell>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    total: u64,
    /// Of so many numbers.
    count: u64,
}

const MAX_SECONDS: u32 = limits::MAX_VALUE as u32;

impl Accumulator {
    pub(super) fn add(&mut self, cell: u32, number: u64) {
        let at = cell as usize;
        if at >= self.sums.len() {
            self.sums.resize(at + 1, Sum::default());
        }
        let sum = &mut self.sums[at];
        if sum.count == 0 {
            self.summed.push(cell);
        }
        sum.total += number;
        sum.count += 1;
    }

    /// Adds what was observed once, at an event.
    pub(super) fn observe(&mut self, cell: u32, number: &Number, event: u32, fold: &Fold<'_>) {
        match *number {
            Number::Whole(number) if fold.indicator.definition.contribution == ContributionMode::Mean => {
                self.add(cell, number.into());
            }
            // Of an indicator's numbers all are whole, or none is summed.
            _ => self.numbers.push((cell, event, number.clone())),
        }
    }

    /// Adds seconds, clipped to the largest value a measure can have.
    pub(super) fn observe_seconds(
        &mut self,
        cell: u32,
        seconds: u32,
        event: u32,
        fold: &Fold<'_>,
        diagnostics: &mut Diagnostics,
    ) {
        self.observe(cell, &Number::Whole(clipped(seconds, diagnostics)), event, fold);
    }

    /// Emits each cell with its sum.
    pub(super) fn emit_sums(&mut self, fold: &Fold<'_>) {
        self.emit(fold, |sum| Value::from_count(sum.total));
    }

    /// Emits each cell with the mean of what was observed, or once for each
    /// observation.
    pub(super) fn emit_observations(&mut self, fold: &Fold<'_>) {
        self.emit(fold, |sum| Value::mean_of_whole(sum.total, sum.count));
        if self.numbers.is_empty() {
            return;
        }
        // Stable: numbers were added in the order of events.
        sort_by(&mut self.numbers, |a, b| a.0.cmp(&b.0));
        for observed in self.numbers.chunk_by(|a, b| a.0 == b.0) {
            let cell = |(value, event)| fold.cell(observed[0].0, value, event);
            match fold.indicator.definition.contribution {
                ContributionMode::Mean => self.cells.push(cell((mean(observed), None))),
                ContributionMode::Each => {
                    let mut values: Vec<_> =
                        observed.chunks(1).map(|one| (mean(one), Some(one[0].1))).collect();
                    sort_by(&mut values, |a, b| a.0.cmp(&b.0));
                    self.cells.extend(values.into_iter().map(cell));
                }
            }
        }
        self.numbers.clear();
    }

    fn emit(&mut self, fold: &Fold<'_>, value: impl Fn(Sum) -> Option<Value>) {
        sort_numbers(&mut self.summed);
        for cell in self.summed.drain(..) {
            let sum = std::mem::take(&mut self.sums[cell as usize]);
            self.cells.push(fold.cell(cell, value(sum), None));
        }
    }
}

/// Seconds, or the largest value that a measure can have.
pub(super) fn clipped(seconds: u32, diagnostics: &mut Diagnostics) -> u32 {
    if seconds > MAX_SECONDS {
        diagnostics.add(Code::ValueClipped);
    }
    seconds.min(MAX_SECONDS)
}

fn mean(observed: &[(u32, u32, Number)]) -> Option<Value> {
    Value::mean(observed.iter().map(|(.., number)| match number {
        Number::Whole(number) => Decimal::from(u64::from(*number)),
        Number::Exact(number) => number.clone(),
    }))
}
