//! Real traffic, counted a second time: 869 homes made from a web server's log.

use std::collections::{BTreeMap, BTreeSet};

use dacc_aggregator::measure::Measure;
use dacc_aggregator::{Options, aggregate_home};
use serde_json::Value;

use crate::rules;

const DAYS: [&str; 4] = ["2015-05-17", "2015-05-18", "2015-05-19", "2015-05-20"];

/// The homes, one a line; nothing where the file is not there.
fn homes() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/web-traffic.ndjson");
    match std::fs::read_to_string(path) {
        Ok(text) => text.lines().map(str::to_owned).collect(),
        Err(error) => {
            eprintln!(
                "skipped: the real traffic of ../shared/data/web-traffic.ndjson is not there ({error})"
            );
            Vec::new()
        }
    }
}

fn options() -> Options {
    Options::from_json(
        r#"{"now": "2015-05-25T02:00:00", "from": "2015-05-17", "to": "2015-05-20", "consent": [{"from": "2015-01-01"}]}"#,
    )
    .unwrap()
}

/// May is over only in June.
fn monthly() -> Options {
    Options::from_json(
        r#"{"now": "2015-06-03T02:00:00", "months": ["2015-05"], "consent": [{"from": "2015-01-01"}]}"#,
    )
    .unwrap()
}

fn measures(home: &str, options: &Options) -> Vec<Measure> {
    let outcome = aggregate_home(home.as_bytes(), options).unwrap();
    assert!(outcome.measures.iter().all(|measure| rules::check(&measure.to_json()).is_ok()));
    assert_eq!(outcome.diagnostics.iter().count(), 0, "nothing in the log is unusable");
    outcome.measures
}

/// The events of a home in order: of dates in one form, texts sort as time does.
fn events(home: &str) -> Vec<Value> {
    let home: Value = serde_json::from_str(home).unwrap();
    let mut events = home["com.grandlyon.ecolyo.usageevents"].as_array().unwrap().clone();
    events.sort_by_key(|event| (text(event, "eventDate").to_owned(), text(event, "_id").to_owned()));
    events
}

fn text<'a>(event: &'a Value, field: &str) -> &'a str {
    event[field].as_str().unwrap_or("")
}

fn day(event: &Value) -> String {
    text(event, "eventDate")[..10].to_owned()
}

/// Milliseconds since midnight.
fn millis(event: &Value) -> i64 {
    let number = |at: std::ops::Range<usize>| text(event, "eventDate")[at].parse::<i64>().unwrap();
    ((number(11..13) * 60 + number(14..16)) * 60 + number(17..19)) * 1000 + number(20..23)
}

/// The kind of a browser, by a rule made from reading all 339 of the log.
///
/// Every phone and tablet among them says one of three words, as they are
/// spelt here: `Android` (its apps, tablets and `Dalvik` too), `Mobile` (every
/// Apple device, Windows Mobile, and a crawler that poses as a phone), or
/// `MIDP` (feature phones, Opera Mini); and nothing else does: crawlers that
/// pose as no phone, feed readers and `Tablet PC 2.0` are no phones. `Maui
/// Browser` is a feature phone's, but does not say so: not recognised.
fn device(browser: &str) -> &'static str {
    if ["Android", "Mobile", "MIDP", "Maui"].iter().any(|word| browser.contains(word)) {
        "mobile"
    } else {
        "desktop"
    }
}

/// Sums by measure, day and first group, over all homes.
fn totals(homes: &[String], name: &str) -> BTreeMap<(String, String), i128> {
    let mut totals = BTreeMap::new();
    for home in homes {
        for measure in measures(home, &options()).iter().filter(|measure| measure.name() == name) {
            let cell = (measure.start_date().to_string(), measure.groups()[0].value().to_owned());
            *totals.entry(cell).or_default() += hundredths(measure) / 100;
        }
    }
    totals
}

fn hundredths(measure: &Measure) -> i128 {
    rules::hundredths(rules::value_token(&measure.to_json())).unwrap()
}

/// The same, counted here.
fn counted(
    homes: &[String],
    kind: &str,
    group: impl Fn(&Value) -> String,
) -> BTreeMap<(String, String), i128> {
    let mut totals = BTreeMap::new();
    for event in homes.iter().flat_map(|home| events(home)) {
        if text(&event, "type") == kind && DAYS.contains(&day(&event).as_str()) {
            *totals.entry((day(&event), group(&event))).or_default() += 1;
        }
    }
    totals
}

#[test]
fn connections_of_each_day_and_device_are_those_of_the_log() {
    let homes = homes();
    let expected = counted(&homes, "ConnectionEvent", |event| device(text(event, "context")).to_owned());
    assert_eq!(totals(&homes, "connection-count-daily"), expected);
    assert_eq!(expected.values().sum::<i128>(), if homes.is_empty() { 0 } else { 1524 });
}

#[test]
fn every_browser_of_the_log_is_told_as_a_reader_tells_it() {
    let events: Vec<Value> = homes().iter().flat_map(|home| events(home)).collect();
    let browsers: BTreeSet<&str> =
        events.iter().map(|event| text(event, "context")).filter(|b| !b.is_empty()).collect();
    let mut wrong = Vec::new();
    for browser in &browsers {
        let home = serde_json::json!({"com.grandlyon.ecolyo.usageevents": [
            {"type": "ConnectionEvent", "context": browser, "eventDate": "2015-05-17T10:00:00Z"}
        ]});
        let given = measures(&home.to_string(), &options());
        if given[0].groups()[0].value() != device(browser) {
            wrong.push(*browser);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mobile = browsers.iter().filter(|browser| device(browser) == "mobile").count();
    assert_eq!((browsers.len(), mobile), if browsers.is_empty() { (0, 0) } else { (339, MOBILE_BROWSERS) });
}

/// How many of the 339 are a phone's or tablet's, counted when they were read.
const MOBILE_BROWSERS: usize = 61;

#[test]
fn pages_of_each_day_are_those_of_the_log() {
    let homes = homes();
    let expected = counted(&homes, "NavigationEvent", |event| text(event, "target").to_owned());
    assert_eq!(totals(&homes, "navigation-count-daily"), expected);
    assert_eq!(expected.values().sum::<i128>(), if homes.is_empty() { 0 } else { 3194 });
}

#[test]
fn sessions_of_each_home_and_day_have_the_mean_of_the_log() {
    for home in &homes() {
        let mut expected: BTreeMap<(String, &str), Vec<i64>> = BTreeMap::new();
        let events = events(home);
        for (at, begin) in
            events.iter().enumerate().filter(|(_, event)| text(event, "type") == "ConnectionEvent")
        {
            let same = |event: &&Value| text(event, "type") != "ConnectionEvent" && day(event) == day(begin);
            let last = events[at + 1..].iter().take_while(same).last().unwrap_or(begin);
            let kind = if text(begin, "result") == "firstConnection" { "first" } else { "any" };
            expected.entry((day(begin), kind)).or_default().push((millis(last) - millis(begin)) / 1000);
        }
        let given = measures(home, &options());
        let sessions: Vec<_> = given.iter().filter(|measure| measure.name() == "session-duration").collect();
        assert_eq!(sessions.len(), expected.len());
        for session in sessions {
            let cell = (session.start_date().to_string(), session.groups()[1].value());
            let seconds = &expected[&cell];
            let count = i128::try_from(seconds.len()).unwrap();
            let sum = i128::from(seconds.iter().sum::<i64>());
            // Within half a hundredth of the exact mean; a half itself goes up.
            let apart = 2 * (hundredths(session) * count - 100 * sum);
            assert!(-count < apart && apart <= count, "{cell:?}: {} for {seconds:?}", session.value());
        }
    }
}

#[test]
fn distinct_days_of_the_month_are_those_of_the_log() {
    for home in &homes() {
        let days: BTreeSet<String> =
            events(home).iter().filter(|event| text(event, "type") == "ConnectionEvent").map(day).collect();
        let given = measures(home, &monthly());
        let count = given.iter().find(|measure| measure.name() == "connection-count-monthly").unwrap();
        assert_eq!(hundredths(count), 100 * i128::try_from(days.len()).unwrap());
        assert_eq!(count.start_date().to_string(), "2015-05-01");
    }
}
