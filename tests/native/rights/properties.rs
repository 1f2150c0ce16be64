//! Homes that nobody thought of go out and come in again.

use proptest::prelude::*;
use serde_json::json;

use super::import::exported;
use super::world::World;
use super::{EVENTS, array_of};

/// JSON as foreign programs write it, with spaces, escapes and any numbers.
fn json_text() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?",
        string(),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..4), spaces())
                .prop_map(|(items, space)| format!("[{space}{}]", items.join(&format!("{space},")))),
            object(prop::collection::vec((string(), inner), 0..4)),
        ]
    })
}

fn object(members: impl Strategy<Value = Vec<(String, String)>>) -> impl Strategy<Value = String> {
    (members, spaces()).prop_map(|(members, space)| {
        let members: Vec<String> =
            members.into_iter().map(|(key, value)| format!("{key}{space}:{value}")).collect();
        format!("{{{space}{}{space}}}", members.join(","))
    })
}

fn string() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-z \\]\\[{},:]{0,6}",
        Just("\\\"".to_owned()),
        Just("\\\\".to_owned()),
        Just("\\ud83d\\ude00".to_owned()),
        Just("\\udc00".to_owned()),
        Just("é漢😀".to_owned()),
        Just("_col".to_owned()),
        Just("\\u005fid".to_owned()),
    ];
    prop::collection::vec(part, 0..3).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

fn spaces() -> impl Strategy<Value = String> {
    "[ \n\t]{0,2}"
}

fn document() -> impl Strategy<Value = String> {
    let dates = prop_oneof![
        "\"20[01][0-9]-0[1-9]-[12][0-9]T1[0-9]:00:00Z\"",
        Just("\"2024-02-30T10:00:00Z\"".to_owned()),
        Just("null".to_owned()),
    ];
    let members = (prop::collection::vec((string(), json_text()), 0..4), prop::option::of(dates));
    let members = members.prop_map(|(mut members, date)| {
        members.extend(date.map(|date| ("\"eventDate\"".to_owned(), date)));
        members
    });
    prop_oneof![9 => object(members), 1 => json_text()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_home_comes_in_as_it_went_out(documents in prop::collection::vec(document(), 0..12)) {
        // Each has an id of its own, or none: two of one id are not one home.
        let documents: Vec<String> = documents.into_iter().enumerate().map(|(at, document)| {
            match document.strip_prefix('{') {
                Some(rest) if at % 3 > 0 && rest.trim_start().starts_with('"') => {
                    format!("{{\"_id\":\"{at}\",\"\\u005fid\":\"{at}\",{}", rest.trim_start()).replace(",\"\\u005fid\":", ",\"x\":")
                }
                _ => document.replace("\\u005fid", "x"),
            }
        }).collect();
        let home = format!("{{\"{EVENTS}\":[{}]}}", documents.join(","));
        let mut world = exported(&home);
        let task = r#"{"home": "file", "command": {"import": {"onConflict": "skip"}}}"#;
        let counts = world.run(task).unwrap()["collections"]["events"].clone();
        if documents.is_empty() {
            prop_assert_eq!(counts, serde_json::Value::Null);
            return Ok(());
        }
        prop_assert_eq!(&counts["inserted"], &json!(documents.len()), "{}", home);
        let text = world.text("home");
        let array = array_of(text, EVENTS);
        let expected = format!("[\n{}\n]", documents.iter().map(|document| document.trim()).collect::<Vec<_>>().join(",\n"));
        prop_assert_eq!(array, expected);
        let again = world.run(task).unwrap();
        prop_assert_eq!(&again["collections"]["events"]["unchanged"], &json!(documents.len()));
    }

    #[test]
    fn a_purge_deletes_the_days_before_and_no_others(days in prop::collection::vec(1_u32..30, 0..20), before in 1_u32..30) {
        let events: Vec<_> = days.iter().enumerate().map(|(at, day)| {
            json!({"_id": at.to_string(), "eventDate": format!("2024-03-{day:02}T23:59:59Z")})
        }).collect();
        let mut world = World::with_home(&json!({EVENTS: events}).to_string());
        let task = format!(r#"{{"home": "file", "command": {{"purge": {{"before": "2024-03-{before:02}"}}}}}}"#);
        let receipt = world.run(&task).unwrap();
        let kept = days.iter().filter(|day| **day >= before).count();
        prop_assert_eq!(receipt["deleted"]["events"].as_u64().unwrap_or(0), (days.len() - kept) as u64);
        prop_assert_eq!(world.home("file")[EVENTS].as_array().unwrap().len(), kept);
    }
}
