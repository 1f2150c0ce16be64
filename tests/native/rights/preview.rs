//! A preview against the run itself: of a home file, what the nightly run of a
//! Cozy with the same documents sends, in its order.

use dacc_aggregator::explain::explain_home;
use dacc_aggregator::measure::Measure;
use dacc_aggregator::{Options, aggregate_home};
use serde_json::{Value, json};

use super::world::World;
use super::{EVENTS, MEASURES, MEMORY, TERMS, entry};

fn previewed(home: &Value, options: &str) -> Vec<Value> {
    let options = Options::from_json(options).unwrap();
    let outcome = aggregate_home(home.to_string().as_bytes(), &options).unwrap();
    outcome.measures.iter().map(json).collect()
}

/// What both say; that they say the same, and the explanation no less.
fn tonight(home: &Value, options: &str) -> Vec<Value> {
    let mut world = World::default();
    world.put_in_cozy("home", home);
    let sent = world.sent_by_a_run_with(options);
    assert_eq!(previewed(home, options), sent, "{options} {home}");
    let explained = explain_home(home.to_string().as_bytes(), &Options::from_json(options).unwrap()).unwrap();
    for measure in &sent {
        assert!(explained.cells.iter().any(|cell| json(&cell.measure) == *measure), "{measure}");
    }
    sent
}

fn json(measure: &Measure) -> Value {
    serde_json::from_str(&measure.to_json()).unwrap()
}

fn dates(measures: &[Value]) -> Vec<&str> {
    measures.iter().map(|measure| measure["startDate"].as_str().unwrap()).collect()
}

/// Consented since February; one event yesterday.
fn home(ledger: Value) -> Value {
    json!({
        TERMS: [{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-02-01T09:00:00Z"}],
        EVENTS: [{"_id": "e", "type": "NavigationEvent", "target": "analysis", "eventDate": "2024-04-09T08:00:00Z", "aggregated": false}],
        MEMORY: [{"_id": "memory", "memory": {"firstDay": "2024-04-09"}}],
        MEASURES: ledger,
    })
}

const TONIGHT: &str = r#"{"now": "2024-04-10T02:00:00"}"#;
const RESENDS: &str = r#"{"now": "2024-04-10T02:00:00", "resendUnknown": true}"#;

#[test]
fn what_waits_leaves_only_where_its_days_are_consented_and_the_catalog_has_it() {
    let mut foreign = entry("foreign", "planned", "2024-03-02");
    foreign["measure"]["measureName"] = json!("of-another-catalog");
    let mut keyed = entry("keyed", "planned", "2024-03-03");
    keyed["measure"]["group1"] = json!({"view": "faq"});
    let ledger = json!([
        entry("before", "planned", "2024-01-31"),
        foreign,
        keyed,
        entry("waits", "planned", "2024-03-01"),
    ]);
    // 31 January is not consented; only `waits` is what this catalog makes.
    assert_eq!(dates(&tonight(&home(ledger), TONIGHT)), ["2024-03-01", "2024-04-09"]);
}

#[test]
fn what_is_taken_up_again_is_what_the_configuration_says_by_id() {
    let mut imported = entry("d", "unknown", "2024-03-04");
    imported["imported"] = json!(true);
    let ledger = json!([
        entry("c", "planned", "2024-03-03"),
        entry("b", "unknown", "2024-03-02"),
        entry("a", "sending", "2024-03-05"),
        imported,
        entry("e", "sent", "2024-03-06"),
        entry("f", "refused", "2024-03-07"),
        entry("g", "cancelled", "2024-03-08"),
    ]);
    assert_eq!(dates(&tonight(&home(ledger.clone()), TONIGHT)), ["2024-03-03", "2024-04-09"]);
    let resent = tonight(&home(ledger), RESENDS);
    assert_eq!(dates(&resent), ["2024-03-05", "2024-03-02", "2024-03-03", "2024-04-09"]);
}

#[test]
fn a_home_that_is_closed_still_sends_what_was_planned_and_computes_nothing_more() {
    let mut closed = home(json!([entry("waits", "planned", "2024-03-01")]));
    closed[MEMORY] = json!([
        {"_id": "another", "memory": {"closedUntil": "2024-01-01"}},
        {"_id": "memory", "memory": {"firstDay": "2024-04-09", "closedUntil": "2024-04-09"}},
    ]);
    assert_eq!(dates(&tonight(&closed, TONIGHT)), ["2024-03-01"]);
}

#[test]
fn a_month_that_is_asked_for_counts_what_the_home_remembers() {
    // Two attempts in February, whose events are gone; one in March, and its success.
    let attempt = json!({"_id": "a", "type": "KonnectorAttemptEvent", "target": "enedisgrandlyon",
        "result": "success", "eventDate": "2024-03-05T08:00:00Z"});
    let mut home = home(json!([]));
    home[EVENTS] = json!([attempt]);
    home[MEMORY] = json!([
        {"_id": "another", "memory": {"counts": {}}},
        {"_id": "memory", "memory": {"firstDay": "2024-02-01", "counts":
            {"konnector-attempts-monthly": {"enedisgrandlyon": {"2024-02-09": {"count": 2, "reached": false}}}}}},
    ]);
    let asked = r#"{"now": "2024-04-10T02:00:00", "months": ["2024-03"]}"#;
    let value = |options: &str| {
        let measures = previewed(&home, options);
        let attempts = measures.iter().find(|measure| measure["measureName"] == "konnector-attempts-monthly");
        attempts.map(|measure| measure["value"].clone())
    };
    assert_eq!(value(asked), Some(json!(3)));
    // What is given takes its place.
    let given = r#"{"now": "2024-04-10T02:00:00", "months": ["2024-03"], "memory": {}}"#;
    assert_eq!(value(given), Some(json!(1)));
    let explained = explain_home(home.to_string().as_bytes(), &Options::from_json(asked).unwrap()).unwrap();
    let cell =
        explained.cells.iter().find(|cell| cell.measure.name() == "konnector-attempts-monthly").unwrap();
    assert_eq!((cell.measure.value().to_string().as_str(), cell.remembered), ("3", true));
}
