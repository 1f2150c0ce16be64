//! A peer: the events cross into wasm as JavaScript objects.
//!
//! The usual way to write this: `JSON.parse` outside, serde-wasm-bindgen at
//! the border, owned structs inside. It takes for granted what the inputs
//! keep: dates are of one form, ids are unique.

#![cfg(target_arch = "wasm32")]

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::{Date, Month};
use wasm_bindgen::prelude::*;

const PAGES: [&str; 12] = [
    "electricity",
    "gas",
    "eau",
    "water",
    "multifluid",
    "faq",
    "legalNotice",
    "consumption",
    "challenges",
    "ecogestures",
    "analysis",
    "options",
];

const LONGEST_SPAN_MILLIS: i64 = 3660 * 86_400_000;
const GREATEST: i64 = 9_999_999;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "type")]
    kind: String,
    target: Option<String>,
    #[serde(default, with = "serde_wasm_bindgen::preserve")]
    result: JsValue,
    start_date: Option<String>,
    event_date: String,
}

#[derive(Serialize)]
struct Cell(&'static str, String, Vec<String>, f64);

/// The sum and the number of what falls into one cell.
#[derive(Default)]
struct Mean(i64, i64);

impl Mean {
    fn add(&mut self, millis: i64) {
        self.0 += (millis / 1000).min(GREATEST);
        self.1 += 1;
    }

    fn rounded(&self) -> f64 {
        ((self.0 * 100) as f64 / self.1 as f64).round() / 100.0
    }
}

/// The four indicators of `catalog.json`, as `[name, date, groups, value]`.
#[wasm_bindgen]
pub fn aggregate(events: JsValue, months: Vec<String>) -> Result<JsValue, JsError> {
    let mut events: Vec<Event> = serde_wasm_bindgen::from_value(events)?;
    let order = |event: &Event| (event.event_date.clone(), event.id.clone());
    if !events.is_sorted_by_key(order) {
        events.sort_by_cached_key(order);
    }
    let mut cells = Vec::new();
    let mut connected = BTreeSet::new();
    for events in events.chunk_by(|a, b| a.event_date[..10] == b.event_date[..10]) {
        let day = &events[0].event_date[..10];
        if events.iter().any(|event| event.kind == "ConnectionEvent") {
            connected.insert(day.to_owned());
        }
        of_day(day, events, &mut cells);
    }
    for month in months {
        let days = connected.iter().filter(|day| day.starts_with(&month)).count();
        cells.push(Cell("connection-count-monthly", format!("{month}-01"), vec![], days as f64));
    }
    Ok(serde_wasm_bindgen::to_value(&cells)?)
}

fn of_day(day: &str, events: &[Event], cells: &mut Vec<Cell>) {
    let mut pages = BTreeMap::<&str, u32>::new();
    let mut sessions = BTreeMap::<&str, Mean>::new();
    let mut spans = BTreeMap::<(&str, &str, &str), Mean>::new();
    let mut open: Option<(&str, i64)> = None;
    let mut last = 0;
    for event in events {
        let now = millis(&event.event_date).unwrap_or(0);
        match event.kind.as_str() {
            "ConnectionEvent" => {
                if let Some((kind, start)) = open {
                    sessions.entry(kind).or_default().add(last - start);
                }
                let is_first = event.result.as_string().as_deref() == Some("firstConnection");
                open = Some((if is_first { "first" } else { "any" }, now));
            }
            "NavigationEvent" => {
                let page = event.target.as_deref().filter(|page| PAGES.contains(page)).unwrap_or("other");
                *pages.entry(page).or_default() += 1;
            }
            kind => {
                if let Some((from, to)) = span(kind)
                    && let Some(start) = event.start_date.as_deref().and_then(millis)
                    && (0..=LONGEST_SPAN_MILLIS).contains(&(now - start))
                {
                    let target = event.target.as_deref().filter(|target| is_code(target)).unwrap_or("other");
                    spans.entry((from, to, target)).or_default().add(now - start);
                }
            }
        }
        last = now;
    }
    if let Some((kind, start)) = open {
        sessions.entry(kind).or_default().add(last - start);
    }
    for (page, count) in pages {
        cells.push(Cell("navigation-count-daily", day.to_owned(), vec![page.to_owned()], f64::from(count)));
    }
    for (kind, mean) in sessions {
        cells.push(Cell("session-duration", day.to_owned(), vec![kind.to_owned()], mean.rounded()));
    }
    for ((from, to, target), mean) in spans {
        let groups = [from, to, target].map(str::to_owned).to_vec();
        cells.push(Cell("event-duration", day.to_owned(), groups, mean.rounded()));
    }
}

fn span(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "ChallengeEndEvent" => ("challenge-launch", "challenge-end"),
        "QuizEndEvent" => ("quiz-launch", "quiz-end"),
        "ExplorationEndEvent" => ("exploration-launch", "exploration-end"),
        "ActionEndEvent" => ("action-launch", "action-end"),
        _ => return None,
    })
}

/// `[A-Z][A-Z0-9_]{0,29}`
fn is_code(text: &str) -> bool {
    let inner = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    text.len() <= 30
        && text.as_bytes().first().is_some_and(u8::is_ascii_uppercase)
        && text.as_bytes().iter().all(inner)
}

/// Milliseconds of `2024-03-09T14:03:11.123Z`.
fn millis(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let month = Month::try_from(u8::try_from(number(5, 7)?).ok()?).ok()?;
    let day = u8::try_from(number(8, 10)?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(number(0, 4)?).ok()?, month, day).ok()?;
    let seconds = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    Some(i64::from(date.to_julian_day()) * 86_400_000 + seconds * 1000 + number(20, 23)?)
}
