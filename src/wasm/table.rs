//! How an outcome crosses to JavaScript: three numbers for each measure.

use std::sync::Arc;

use wasm_bindgen::prelude::*;

use crate::json::{Object, array, text};
use crate::measure::write_groups;
use crate::words::mix;
use crate::{Day, Diagnostics, Measure};

/// Measures by what is the same of many: a *series* is all of a measure but
/// its date and its value. There are few, and they and the dates cross as text.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// A measure of each series.
    series: Vec<Measure>,
    /// The dates, of measures that follow each other with the same one only once.
    dates: Vec<Day>,
    /// For each measure the places of its series and of its date, and the
    /// hundredths of its value, which are at most 1e9.
    rows: Vec<i32>,
    /// The places of series, and one, by where their groups lie in memory.
    places: Vec<u32>,
}

const FEWEST_PLACES: usize = 256;

impl Table {
    pub(super) fn push(&mut self, measure: Measure) {
        if self.dates.last() != Some(&measure.start_date()) {
            self.dates.push(measure.start_date());
        }
        let date = self.dates.len() as i64 - 1;
        let hundredths = measure.value().hundredths();
        let numbers = [self.series(measure) as i64, date, hundredths];
        self.rows.extend(numbers.map(|number| i32::try_from(number).unwrap_or(0)));
    }

    /// The place of a measure's series. The measures of a cell share their
    /// texts; the same texts elsewhere only make one series more.
    fn series(&mut self, measure: Measure) -> usize {
        if self.places.len() < 2 * (self.series.len() + 1) {
            self.places = vec![0; FEWEST_PLACES.max(2 * self.places.len())];
            for (place, known) in (1..).zip(&self.series) {
                let slot = self.slot(known);
                self.places[slot] = place;
            }
        }
        let slot = self.slot(&measure);
        if let Some(known) = self.places[slot].checked_sub(1) {
            return known as usize;
        }
        self.series.push(measure);
        self.places[slot] = self.series.len() as u32;
        self.series.len() - 1
    }

    /// Where the place of a measure's series stands, or would.
    fn slot(&self, measure: &Measure) -> usize {
        let same = |known: &Measure| {
            Arc::ptr_eq(&known.groups, &measure.groups)
                && Arc::ptr_eq(&known.name, &measure.name)
                && Arc::ptr_eq(&known.created_by, &measure.created_by)
        };
        let mut slot = (mix(0, measure.groups.as_ptr().addr() as u64) >> 32) as usize;
        loop {
            slot %= self.places.len();
            match self.places[slot].checked_sub(1) {
                Some(place) if !same(&self.series[place as usize]) => slot += 1,
                _ => return slot,
            }
        }
    }

    /// A text with the series, the dates and the diagnostics, and the rows.
    pub(super) fn into_js(self, diagnostics: &Diagnostics) -> JsValue {
        let mut written = String::new();
        let mut table = Object::begin(&mut written);
        array(table.key("series"), &self.series, |measure, series| {
            let mut one = Object::begin(series);
            one.text("createdBy", &measure.created_by);
            one.text("measureName", &measure.name);
            write_groups(&measure.groups, &mut one);
            one.end();
        });
        array(table.key("dates"), &self.dates, |date, dates| text(dates, &date.to_string()));
        diagnostics.write_json(table.key("diagnostics"));
        table.end();
        pair(&written, self.rows)
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Array, js_name = of)]
    fn pair(text: &str, rows: Vec<i32>) -> JsValue;
}
