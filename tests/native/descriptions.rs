//! No description can stop a program: one that is broken is refused with a
//! sentence, and of one that is taken every measure can be sent.

use std::sync::{Arc, LazyLock};

use dacc_aggregator::catalog::{Catalog, Description};
use dacc_aggregator::{Options, aggregate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::app;
use crate::laws::config;
use crate::robustness::{LEAVES, swap};
use crate::zone::with_zone;

const ASKED: &str = r#"{"now":"2024-04-03T02:00:00","from":"2024-03-01","to":"2024-04-02","months":["2024-03"],"consent":[{"from":"2024-01-01"}]}"#;

static OPTIONS: LazyLock<Options> = LazyLock::new(|| with_zone(ASKED));

static APPS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let ecolyo = serde_json::from_str(include_str!("../../apps/ecolyo/app.json")).unwrap();
    vec![ecolyo, app::books(), app::six(), app::trips(), app::starts(8)]
});

/// Events of each of these apps, and of none.
const EVENTS: &[u8] = br#"[
    {"_id":"1","type":"QuizEndEvent","target":"Q","context":"C","result":3,"startDate":"2024-03-01T08:00:00Z","eventDate":"2024-03-02T09:00:00Z"},
    {"_id":"2","type":"ConnectionEvent","context":"mobile","result":"success","eventDate":"2024-03-02T08:00:00Z"},
    {"_id":"3","closedAt":"2024-03-08T10:00:00Z","openedAt":"2024-03-08T09:00:00Z","shelfName":"novels","pageCount":30},
    {"_id":"4","at":"2024-03-09T10:00:00Z","a":"x","f":"xx","s0":"2024-03-09T09:00:00Z","s7":"2024-03-09T08:00:00Z"},
    {"_id":"5","meta":{"ended at":"2024-03-09T08:30:00Z","started":"2024-03-09T08:00:00Z","shared":true},
        "aggregation":{"purpose":"HOME","totalCO2":"1.5"},"cozyMetadata":{"source.account":{"id":"main"}}},
    {"_id":"6","type":"","":{"":""},"eventDate":[],"at":{"at":"2024-03-09T10:00:00Z"}}, [], null, 1]"#;

/// Hands a text to everything that reads descriptions, and uses what is taken.
/// Whether it is.
fn describe(text: &str) -> Result<bool, TestCaseError> {
    let Ok(app) = serde_json::from_str::<Description>(text) else { return Ok(false) };
    if let Err(error) = Catalog::of_app(&app) {
        prop_assert!(!error.to_string().is_empty());
        return Ok(false);
    }
    let options = Options { app: Some(Arc::new(app)), ..OPTIONS.clone() };
    let Ok(outcome) = aggregate(EVENTS, &options) else { return Ok(false) };
    for measure in &outcome.measures {
        let payload: Value = serde_json::from_str(&measure.to_json()).unwrap();
        let is_text = |value: &Value| {
            value
                .as_str()
                .is_some_and(|text| (1..=100).contains(&text.len()) && !text.chars().any(char::is_control))
        };
        prop_assert!(is_text(&payload["createdBy"]) && is_text(&payload["measureName"]), "{}", payload);
        for group in measure.groups() {
            prop_assert!(is_text(&json!(group.key())) && is_text(&json!(group.value())), "{}", payload);
        }
    }
    Ok(true)
}

/// Values that a description may have elsewhere, at its bounds or beyond them.
fn others() -> Vec<Value> {
    let texts = [
        "_id",
        "_deleted",
        "type",
        "at",
        "a.b",
        "a..b",
        "\"",
        "\"a.b\".c",
        "a[]",
        "^",
        ".",
        "number",
        "text",
        "boolean",
        "date",
        "scalar",
        "Q",
        "t",
        "reading",
        "month",
        "latest",
        "target",
        "é\u{1f388}",
        "a\u{0}",
    ];
    let mut others: Vec<Value> = texts.iter().map(|&text| json!(text)).collect();
    others.extend([
        json!({}),
        json!([]),
        json!([[]]),
        json!({"field": "target"}),
        json!({"latest": "t"}),
        json!({"kind": "observation", "of": "target", "integers": [9, 0]}),
        json!({"kind": "count", "until": {"field": "a", "is": ""}}),
        json!({"join": {"parts": [], "with": ""}}),
        json!("x".repeat(100)),
        json!("x".repeat(101)),
        json!(".a".repeat(5_000)),
        json!((0..200).map(|number| format!("T{number}")).collect::<Vec<_>>()),
        json!(
            (0..200).map(|number| json!({"name": format!("f{number}"), "kind": "text"})).collect::<Vec<_>>()
        ),
    ]);
    others.extend(LEAVES.iter().filter_map(|leaf| serde_json::from_str(leaf).ok()));
    others
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_description_with_bytes_changed_is_taken_or_refused(
        app in any::<Index>(), cut in any::<Index>(), changes in vec((any::<Index>(), any::<u8>()), 1..4)
    ) {
        let text = app.get(&APPS).to_string();
        describe(&String::from_utf8_lossy(&text.as_bytes()[..cut.index(text.len())]))?;
        let mut bytes = text.into_bytes();
        for (at, byte) in changes {
            let length = bytes.len();
            bytes[at.index(length)] = byte;
        }
        describe(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn a_description_with_other_values_is_taken_or_refused(
        app in any::<Index>(), swaps in vec((any::<Index>(), select(others())), 1..4)
    ) {
        let mut app = app.get(&APPS).clone();
        for (at, other) in swaps {
            let mut countdown = at.index(400);
            swap(&mut app, &mut countdown, &other);
        }
        describe(&app.to_string())?;
    }
}

#[test]
fn the_descriptions_that_are_changed_are_taken_as_they_are() {
    for app in APPS.iter() {
        assert!(describe(&app.to_string()).unwrap(), "{}", app["app"]);
    }
}

/// A description of one type, with this as its indicators' group.
fn with_source(source: &str) -> String {
    format!(
        r#"{{"app":"a","sources":[{{"name":"s","doctype":"d","types":["t"],"date":"at","fields":[{{"name":"a","kind":"text"}}]}}],
            "indicators":[{{"name":"n","period":"day","description":"d","purpose":"p","events":[{{"type":"t"}}],
            "value":{{"kind":"count"}},"groups":[{{"key":"k","source":{source}}}]}}]}}"#
    )
}

#[test]
fn a_description_of_any_depth_is_taken_or_refused() {
    let field = r#"{"field":"a","values":["x"],"other":"o"}"#;
    let join = |depth: usize| {
        let (open, close) = (r#"{"join":{"with":"","parts":["#, "]}}");
        with_source(&format!("{}{field}{}", open.repeat(depth), close.repeat(depth)))
    };
    assert!(describe(&join(1)).unwrap() && describe(&join(50)).unwrap());
    for depth in [300, 2_000, 100_000] {
        describe(&join(depth)).unwrap();
        describe(&with_source(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)))).unwrap();
        describe(&"{\"sources\":".repeat(depth)).unwrap();
    }
}

#[test]
fn a_description_with_long_lists_is_taken_or_refused() {
    let texts = |count: usize| (0..count).map(|number| format!("v{number}")).collect::<Vec<_>>();
    let values = json!({"field": "a", "values": texts(2_000), "other": "other"});
    assert!(describe(&with_source(&values.to_string())).unwrap());
    let mut app: Value = serde_json::from_str(&with_source(r#"{"constant":"c"}"#)).unwrap();
    let one = app["indicators"][0].clone();
    let several = (0..1_000).map(|number| {
        let mut other = one.clone();
        other["name"] = json!(format!("n{number}"));
        other
    });
    app["indicators"] = several.collect();
    assert!(describe(&app.to_string()).unwrap());
    app["sources"][0]["types"] = json!(texts(100_000));
    assert!(!describe(&app.to_string()).unwrap());
    app["sources"][0]["types"] = json!(["t"]);
    app["sources"][0]["fields"] =
        texts(100_000).iter().map(|name| json!({"name": name, "kind": "text"})).collect();
    assert!(!describe(&app.to_string()).unwrap());
}
