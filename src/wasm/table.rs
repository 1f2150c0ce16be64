//! How an outcome crosses to JavaScript: three numbers for each measure.

use std::sync::Arc;

use wasm_bindgen::prelude::*;

use crate::base::hash::mix;
use crate::base::interner::Interner;
use crate::base::json::{Object, array, text};
use crate::calendar::Day;
use crate::diagnostics::Diagnostics;
use crate::limits::MAX_GROUPS;
use crate::measure::Measure;

/// Measures by what is the same of many: a *series* is all of a measure but
/// its date and its value. There are few, and made of fewer names and groups:
/// these and the dates cross as text.
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

const MIN_PLACES: usize = 256;

/// Stands for a group that a series has not; in JavaScript it is -1.
const NO_GROUP: u32 = u32::MAX;

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
            self.places = vec![0; MIN_PLACES.max(2 * self.places.len())];
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

    /// A text with what series are made of, the dates and the diagnostics; then
    /// the series, and the rows.
    pub(super) fn into_js(self, diagnostics: &Diagnostics) -> JsValue {
        let (mut names, mut groups) = (Interner::default(), Interner::default());
        let mut series = Vec::with_capacity(self.series.len() * (2 + MAX_GROUPS));
        let mut group = String::new();
        for measure in &self.series {
            let mut places = [NO_GROUP; 2 + MAX_GROUPS];
            places[0] = names.intern(&measure.created_by);
            places[1] = names.intern(&measure.name);
            for (place, own) in places[2..].iter_mut().zip(&*measure.groups) {
                group.clear();
                own.write_json(&mut group);
                *place = groups.intern(&group);
            }
            series.extend(places.map(u32::cast_signed));
        }
        let mut written = String::new();
        let mut table = Object::begin(&mut written);
        array(table.key("names"), &names.into_values(), |name, names| text(names, name));
        array(table.key("groups"), &groups.into_values(), |group, groups| groups.push_str(group));
        array(table.key("dates"), &self.dates, |date, dates| text(dates, &date.to_string()));
        diagnostics.write_json(table.key("diagnostics"));
        table.end();
        parts(&written, series, self.rows)
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Array, js_name = of)]
    fn parts(text: &str, series: Vec<i32>, rows: Vec<i32>) -> JsValue;
}
