//! Many events, many texts, and ids of every kind.

use std::collections::{BTreeMap, BTreeSet};

use dacc_aggregator::compute::Aggregation;
use dacc_aggregator::diagnostics::Code;
use dacc_aggregator::{Options, Outcome, aggregate};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use crate::laws::config;
use crate::rules::{hundredths, value_token};

const OPTIONS: &str = r#"{"now":"2024-04-01T02:00:00","from":"2024-03-01","to":"2024-03-31","consent":[{"from":"2024-01-01"}]}"#;

fn options() -> Options {
    Options::from_json(OPTIONS).unwrap()
}

/// Feeds lines a few at a time.
fn fed(lines: impl Iterator<Item = String>) -> Outcome {
    let mut aggregation = Aggregation::new(options()).unwrap();
    let mut piece = String::new();
    for line in lines {
        piece.push_str(&line);
        piece.push('\n');
        if piece.len() > 60_000 {
            aggregation.feed(piece.as_bytes()).unwrap();
            piece.clear();
        }
    }
    aggregation.feed(piece.as_bytes()).unwrap();
    aggregation.finish().unwrap()
}

/// Values by date and groups.
fn values(outcome: &Outcome, name: &str) -> BTreeMap<(String, Vec<String>), i128> {
    let measures = outcome.measures.iter().filter(|measure| measure.name() == name);
    let cell = |measure: &dacc_aggregator::measure::Measure| {
        let groups = measure.groups().iter().map(|group| group.value().to_owned()).collect();
        let value = hundredths(value_token(&measure.to_json())).unwrap();
        ((measure.start_date().to_string(), groups), value)
    };
    measures.map(cell).collect()
}

#[test]
fn a_million_targets_of_no_list_are_a_million_events_of_one_page() {
    const EVENTS: u32 = 1_000_000;
    let line = |n: u32| {
        let (day, second) = (1 + n % 31, n / 31);
        format!(
            r#"{{"type":"NavigationEvent","target":"page {n}","eventDate":"2024-03-{day:02}T{:02}:{:02}:{:02}Z","_id":"{:032x}"}}"#,
            second / 3_600,
            second / 60 % 60,
            second % 60,
            u128::from(n) * 0x1_0000_0001_0000_0001_0000_0001,
        )
    };
    let outcome = fed((0..EVENTS).map(line));
    let expected: BTreeMap<_, _> = (1..=31)
        .map(|day| {
            let count = (0..EVENTS).filter(|n| 1 + n % 31 == day).count();
            ((format!("2024-03-{day:02}"), vec!["other".to_owned()]), i128::try_from(count).unwrap() * 100)
        })
        .collect();
    assert_eq!(values(&outcome, "navigation-count-daily"), expected);
    assert_eq!(outcome.measures.len(), 31);
    assert_eq!(outcome.diagnostics.iter().collect::<Vec<_>>(), [(Code::GroupOther, u64::from(EVENTS))]);
}

#[test]
fn more_challenges_than_anybody_has_are_each_counted() {
    const CHALLENGES: u32 = 40_000;
    let times = |challenge: u32| 1 + challenge % 3;
    let lines = (0..3).flat_map(|time| {
        (0..CHALLENGES).rev().filter(move |&challenge| time < times(challenge)).map(|challenge| {
            format!(r#"{{"type":"ChallengeLaunchEvent","target":"C{challenge}","eventDate":"2024-03-09T10:00:00Z"}}"#)
        })
    });
    let expected: BTreeMap<_, _> = (0..CHALLENGES)
        .map(|challenge| {
            (("2024-03-09".to_owned(), vec![format!("C{challenge}")]), i128::from(times(challenge)) * 100)
        })
        .collect();
    assert_eq!(values(&fed(lines), "challenge-launch-daily"), expected);
}

/// An event as these tests know it: whether it is a connection, its second of
/// the day, its id.
type Simple = (bool, u32, Option<&'static str>);

/// Ids that are easily taken for one another, or for numbers.
const IDS: [&str; 16] = [
    "",
    "0",
    "00000000000000000000000000000001",
    "0000000000000000000000000000001",
    "000000000000000000000000000000010",
    "0000000000000000000000000000000A",
    "0000000000000000000000000000000a",
    "ffffffffffffffff0000000000000000",
    "fffffffffffffffe0000000000000000",
    "ffffffffffffffffffffffffffffffff",
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    "00000000-0000-0000-0000-00000000",
    "\u{0}",
    "é\"\\",
    "éééééééééééééééé",
    "z",
];

fn simple() -> impl Strategy<Value = Simple> {
    let id = prop::option::weighted(0.9, prop::sample::select(IDS.to_vec()));
    (prop::bool::weighted(0.3), 0..4_u32, id)
        .prop_map(|(is_connection, at, id)| (is_connection, at * 700, id))
}

/// The seconds of the day's sessions, said plainly.
fn session_seconds(events: &[Simple]) -> Vec<u32> {
    let mut ids = BTreeSet::new();
    let mut events: Vec<_> = events.iter().filter(|(_, _, id)| id.is_none_or(|id| ids.insert(id))).collect();
    // Stable: then as read.
    events.sort_by_key(|(_, second, id)| (*second, id.unwrap_or("").as_bytes()));
    let mut sessions: Vec<(u32, u32)> = Vec::new();
    for (is_connection, second, _) in events {
        match sessions.last_mut() {
            _ if *is_connection => sessions.push((*second, *second)),
            Some(session) => session.1 = *second,
            None => {}
        }
    }
    sessions.into_iter().map(|(first, last)| last - first).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn of_events_at_one_moment_ids_decide_whatever_they_look_like(events in vec(simple(), 0..20)) {
        let documents: Vec<_> = events.iter().map(|(is_connection, second, id)| {
            let kind = if *is_connection { "ConnectionEvent" } else { "NavigationEvent" };
            let date = format!("2024-03-09T00:{:02}:{:02}.000Z", second / 60, second % 60);
            let mut document = json!({"type": kind, "eventDate": date});
            if let Some(id) = id {
                document["_id"] = json!(id);
            }
            document
        }).collect();
        let outcome = aggregate(&serde_json::to_vec(&documents).unwrap(), &options()).unwrap();
        let seconds = session_seconds(&events);
        let value = values(&outcome, "session-duration").into_values().next();
        let count = u32::try_from(seconds.len()).unwrap();
        let sum: u32 = seconds.iter().sum();
        // Half a hundredth rounds up.
        let expected = (count > 0).then(|| i128::from((sum * 200 + count) / (2 * count)));
        prop_assert_eq!(value, expected);
        let ids: BTreeSet<_> = events.iter().filter_map(|(_, _, id)| *id).collect();
        let duplicates = events.iter().filter(|(_, _, id)| id.is_some()).count() - ids.len();
        prop_assert_eq!(outcome.diagnostics.get(Code::EventDuplicate), duplicates as u64);
    }
}
