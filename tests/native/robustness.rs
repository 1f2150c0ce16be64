//! Nothing that is read can stop a run: not any bytes, not any JSON.

use std::sync::LazyLock;

use dacc_aggregator::catalog::Catalog;
use dacc_aggregator::preview::home_name;
use dacc_aggregator::{Options, Outcome, aggregate, aggregate_home};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::arbitrary::sample;
use crate::laws::config;
use crate::rules;
use crate::zone::with_zone;

const NIGHTLY: &str = r#"{"now":"2024-04-03T02:00:00+02:00","firstDay":"2024-03-01"CLOCK}"#;
const ASKED: &str = r#"{"now":"2024-04-03T02:00:00","from":"2024-03-25","to":"2024-04-02","months":["2024-03"],"consent":[{"from":"2024-01-01"}]CLOCK}"#;

/// Both clocks; as the nightly run asks, and asked for with consent.
static OPTIONS: LazyLock<Vec<Options>> = LazyLock::new(|| {
    let clocks = ["", r#","clock":"instant""#];
    let texts =
        [NIGHTLY, ASKED].into_iter().flat_map(|text| clocks.map(|clock| text.replace("CLOCK", clock)));
    texts.map(|text| with_zone(&text)).collect()
});

/// Hands the bytes to everything that reads documents. An error is an answer,
/// a panic is not; and what comes out keeps the rules all the same.
fn read(bytes: &[u8]) -> Result<(), TestCaseError> {
    let _ = home_name(bytes);
    for options in OPTIONS.iter() {
        for outcome in [aggregate(bytes, options), aggregate_home(bytes, options)].into_iter().flatten() {
            for measure in &outcome.measures {
                prop_assert_eq!(rules::check(&measure.to_json()), Ok(()));
            }
        }
    }
    Ok(())
}

/// Hands a text to everything that reads configuration, and uses what is taken.
fn configure(text: &str) {
    let home = br#"{"com.grandlyon.ecolyo.usageevents":[
        {"type":"QuizEndEvent","target":"Q","context":"C","result":3,"startDate":"2024-04-01T08:00:00Z","eventDate":"2024-04-02T09:00:00Z"},
        {"type":"ConnectionEvent","context":"mobile","result":"success","eventDate":"2024-04-02T08:00:00Z"}]}"#;
    let mut options = vec![];
    if let Ok(catalog) = serde_json::from_str(text) {
        options.push(Options { catalog: Some(catalog), ..OPTIONS[2].clone() });
    }
    let _ = Catalog::from_json(text).map(|catalog| catalog.registrations("org", "app"));
    options.extend(Options::from_json(text));
    for options in options {
        let _ = options.check();
        let _ = aggregate_home(home, &options);
        let _ = aggregate(b"[]", &options);
    }
}

/// Names that mean something to a reader.
const NAMES: &[&str] = &[
    "com.grandlyon.ecolyo.usageevents",
    "com.grandlyon.ecolyo.term",
    "com.grandlyon.ecolyo.profile",
    "com.grandlyon.ecolyo.profiletype",
    "com.grandlyon.enedis.month",
    "com.grandlyon.enedis.minute",
    "io.cozy.accounts",
    "io.cozy.triggers",
    "home",
    "docs",
    "_id",
    "type",
    "target",
    "context",
    "result",
    "startDate",
    "eventDate",
    "accepted",
    "version",
    "date",
    "revokedAt",
    "load",
    "year",
    "month",
    "monthlyAnalysisDate",
    "sendAnalysisNotification",
    "firstConnectionDate",
    "updateDate",
    "warmingFluid",
    "hotWaterFluid",
    "cookingFluid",
    "account_type",
    "message",
    "account",
    "current_state",
    "status",
    "now",
    "from",
    "to",
    "months",
    "clock",
    "zone",
    "transitions",
    "at",
    "offset",
    "catalog",
    "consent",
    "memory",
    "createdBy",
    "monthlyStartDate",
    "consentVersion",
    "firstDay",
    "konnectors",
    "doctypes",
    "firsts",
    "starts",
    "counts",
    "extends",
    "indicators",
    "name",
    "period",
    "description",
    "purpose",
    "events",
    "value",
    "kind",
    "groups",
    "key",
    "source",
    "identity",
    "contribution",
    "where",
    "field",
    "is",
    "first",
    "start",
    "latest",
    "until",
    "zero",
    "of",
    "integers",
    "values",
    "pattern",
    "other",
    "join",
    "parts",
    "with",
    "when",
    "then",
    "else",
    "seen",
    "reached",
    "snapshot",
    "constant",
    "device",
    "lowercase",
    "\\ud800",
    "",
];

/// Values that a reader may trip over, as JSON writes them.
pub const LEAVES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "5",
    "2024",
    "3",
    "31",
    "1e400",
    "-1e-400",
    "1e999999999",
    "0e9223372036854775807",
    "10e9223372036854775807",
    "-2147483648",
    "0.1e-99999999999999999999",
    "123456789012345678901234567890.123456789",
    "-2147483647",
    "9223372036854775807",
    "\"\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"ConnectionEvent\"",
    "\"QuizEndEvent\"",
    "\"DuelEndEvent\"",
    "\"KonnectorAttemptEvent\"",
    "\"success\"",
    "\"1.0.0\"",
    "\"v2\"",
    "\"enedis\"",
    "\"a|b\"",
    "\"[a-z]{1,99999999999}\"",
    "\"2024-03-31\"",
    "\"2024-03\"",
    "\"2024-03-31T02:30:00Z\"",
    "\"2024-03-31T02:30:00\"",
    "\"0000-01-01T00:00:00+23:59\"",
    "\"9999-12-31T23:59:60-23:59\"",
    "\"wall\"",
    "\"instant\"",
    "\"count\"",
    "\"span\"",
    "\"session\"",
    "\"observation\"",
    "\"snapshot\"",
    "\"day\"",
    "\"target\"",
    "\"result\"",
    "\"startDate\"",
    "\"fluid\"",
    "\"enedisgrandlyon\"",
    "\"mobile\"",
];

/// Any JSON text, of the words above and of others.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        8 => prop::sample::select(LEAVES).prop_map(str::to_owned),
        1 => any::<f64>().prop_map(|number| json!(number).to_string()),
        1 => any::<String>().prop_map(|text| json!(text).to_string()),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let field = (prop::sample::select(NAMES), inner.clone())
            .prop_map(|(name, value)| format!("\"{name}\":{value}"));
        prop_oneof![
            2 => vec(inner, 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            5 => vec(field, 0..8).prop_map(|fields| format!("{{{}}}", fields.join(","))),
        ]
    })
}

/// An options text whose fields have the right names.
fn any_options() -> impl Strategy<Value = String> {
    let names = &NAMES[NAMES.iter().position(|name| *name == "now").unwrap()..];
    let field =
        (prop::sample::select(names), any_json()).prop_map(|(name, value)| format!("\"{name}\":{value}"));
    vec(field, 0..4).prop_map(|fields| {
        format!("{{\"now\":\"2024-04-03T02:00:00\"{}}}", {
            fields.iter().map(|field| format!(",{field}")).collect::<String>()
        })
    })
}

/// Puts another value in the place of the n-th of a document.
pub fn swap(value: &mut Value, countdown: &mut usize, other: &Value) {
    if *countdown == 0 {
        *value = other.clone();
    }
    *countdown = countdown.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| swap(item, countdown, other)),
        Value::Object(fields) => fields.values_mut().for_each(|field| swap(field, countdown, other)),
        _ => {}
    }
}

/// Documents that no indicator may count, each with the one diagnostic it adds.
fn hostile(at: usize) -> (Value, &'static str) {
    let event =
        |kind: &str, date: Value| json!({"_id": format!("hostile{at}"), "type": kind, "eventDate": date});
    match at % 12 {
        0 => (json!(null), "event-malformed"),
        1 => (json!([{"type": "ConnectionEvent"}]), "event-malformed"),
        2 => (json!("ConnectionEvent"), "event-malformed"),
        3 => (json!({}), "event-type-unknown"),
        4 => (event("connectionevent", json!("2024-03-09T10:00:00Z")), "event-type-unknown"),
        5 => {
            (json!({"type": ["ConnectionEvent"], "eventDate": "2024-03-09T10:00:00Z"}), "event-type-unknown")
        }
        6 => (event("ConnectionEvent", json!(null)), "event-date-invalid"),
        7 => (event("ConnectionEvent", json!("2024-03-09")), "event-date-invalid"),
        8 => (event("ChallengeLaunchEvent", json!("2023-02-29T10:00:00Z")), "event-date-invalid"),
        9 => (event("DuelLaunchEvent", json!("2099-03-09T10:00:00Z")), "event-in-future"),
        10 => (event("ConnectionEvent", json!("0000-01-01T00:00:00+14:00")), "event-outside-consent"),
        _ => (event("KonnectorAttemptEvent", json!("1999-12-31T23:59:60Z")), "event-outside-consent"),
    }
}

fn counts(outcome: &Outcome) -> serde_json::Map<String, Value> {
    serde_json::to_value(&outcome.diagnostics).unwrap().as_object().unwrap().clone()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..300), text in any::<String>()) {
        read(&bytes)?;
        read(text.as_bytes())?;
        configure(&String::from_utf8_lossy(&bytes));
        configure(&text);
    }

    #[test]
    fn any_json_is_read_or_refused(text in any_json()) {
        read(text.as_bytes())?;
        read(format!("{text}\n{{}}\n{text}").as_bytes())?;
        read(format!(r#"{{"com.grandlyon.ecolyo.usageevents":[{text}],"com.grandlyon.enedis.month":[{text}]}}"#).as_bytes())?;
        configure(&text);
    }

    #[test]
    fn any_options_are_taken_or_refused(text in any_options()) {
        configure(&text);
    }

    #[test]
    fn a_home_cut_short_or_with_bytes_changed_is_read_or_refused(
        sample in sample(), cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let home = sample.home();
        read(&home[..cut.index(home.len())])?;
        let mut flipped = home.clone();
        flipped[at.index(home.len())] ^= byte;
        read(&flipped)?;
        let events = serde_json::to_string(&sample.documents()).unwrap().replace("},{", "}\n{");
        read(&events.as_bytes()[1..1 + cut.index(events.len() - 1)])?;
    }

    #[test]
    fn a_home_with_a_value_of_another_kind_is_read(
        sample in sample(), swaps in vec((any::<prop::sample::Index>(), prop::sample::select(LEAVES)), 1..9)
    ) {
        let mut home: Value = serde_json::from_slice(&sample.home()).unwrap();
        for (at, leaf) in swaps {
            // A number that no double holds is in the other tests.
            let leaf = serde_json::from_str(leaf).unwrap_or(Value::Null);
            swap(&mut home, &mut at.index(400), &leaf);
        }
        read(&serde_json::to_vec(&home).unwrap())?;
    }

    #[test]
    fn hostile_documents_change_no_measure_and_are_each_counted(
        sample in sample(), places in vec((any::<prop::sample::Index>(), 0..12_usize), 0..20)
    ) {
        let options = sample.options();
        let before = aggregate_home(&sample.home(), &options).unwrap();
        let mut expected = counts(&before);
        let mut documents = sample.documents();
        for (number, (place, kind)) in places.into_iter().enumerate() {
            let (document, code) = hostile(number * 12 + kind);
            documents.insert(place.index(documents.len() + 1), document);
            let known = expected.get(code).and_then(Value::as_u64).unwrap_or(0);
            expected.insert(code.into(), json!(known + 1));
        }
        let mut home = sample.rest.clone();
        home.insert("com.grandlyon.ecolyo.usageevents".into(), documents.into());
        let after = aggregate_home(&serde_json::to_vec(&home).unwrap(), &options).unwrap();
        prop_assert_eq!(&before.measures, &after.measures);
        prop_assert_eq!(expected, counts(&after));
    }
}

#[test]
fn a_text_of_any_depth_is_read_or_refused() {
    let deep = |open: &str, close: &str| format!("{}0{}", open.repeat(100_000), close.repeat(100_000));
    for text in [deep("[", "]"), deep("{\"docs\":", "}"), deep("{\"join\":{\"with\":\"\",\"parts\":[", "]}}")]
    {
        read(text.as_bytes()).unwrap();
        configure(&text);
        configure(&format!(r#"{{"indicators":{text}}}"#));
    }
}
