//! What leaves a home when it is asked for periods, configured anew, told more
//! of earlier days, or met by a server without a definition. Values by hand.

use dacc_aggregator::{Options, aggregate_home};
use serde_json::{Value, json};

use crate::rights::world::World;

const EVENTS: &str = "com.grandlyon.ecolyo.usageevents";
const TERMS: &str = "com.grandlyon.ecolyo.term";
const LEDGER: &str = "com.grandlyon.ecolyo.dacc.measures";
const MEMORY: &str = "com.grandlyon.ecolyo.dacc.memory";

fn accepted(id: &str, date: &str) -> Value {
    json!({"_id": id, "accepted": true, "version": "1.0.0", "date": date})
}

fn refused(id: &str, date: &str) -> Value {
    json!({"_id": id, "accepted": false, "version": "1.0.0", "date": date})
}

fn event(id: &str, kind: &str, date: &str) -> Value {
    json!({"_id": id, "type": kind, "eventDate": date})
}

fn attempt(id: &str, date: &str) -> Value {
    json!({"_id": id, "type": "KonnectorAttemptEvent", "target": "enedis", "result": "error", "eventDate": date})
}

fn cozy(documents: &Value) -> World {
    let mut world = World::default();
    world.put_in_cozy("home", documents);
    world
}

fn night(world: &mut World, now: &str, options: &Value) -> Vec<Value> {
    let mut options = options.clone();
    options["now"] = now.into();
    world.sent_by_a_run_with(&options.to_string())
}

/// `value` of each measure of this name.
fn values(measures: &[Value], name: &str) -> Vec<Value> {
    measures.iter().filter(|m| m["measureName"] == name).map(|m| m["value"].clone()).collect()
}

fn previewed(world: &World, now: &str, options: &Value) -> Vec<Value> {
    let mut options = options.clone();
    options["now"] = now.into();
    let options = Options::from_json(&options.to_string()).unwrap();
    let mut home = world.home("cozy");
    for doctype in ["com.grandlyon.enedis.month", "com.grandlyon.enedis.minute"] {
        // They are no collection of the app's own.
        home[doctype] = world.cozies["home"].documents(doctype).cloned().collect();
    }
    let outcome = aggregate_home(home.to_string().as_bytes(), &options).unwrap();
    outcome.measures.iter().map(|measure| serde_json::from_str(&measure.to_json()).unwrap()).collect()
}

/// Three days with a connection in October, one in November; loads of three months.
fn two_months() -> World {
    let load =
        |id: &str, month: u8, load: u16| json!({"_id": id, "load": load, "year": 2026, "month": month});
    cozy(&json!({
        TERMS: [accepted("t", "2026-09-01T09:00:00Z")],
        EVENTS: [
            event("a", "ConnectionEvent", "2026-10-02T10:00:00Z"),
            event("b", "ConnectionEvent", "2026-10-03T10:00:00Z"),
            event("c", "ConnectionEvent", "2026-10-20T10:00:00Z"),
            event("d", "ConnectionEvent", "2026-11-26T10:00:00Z"),
        ],
        "com.grandlyon.enedis.month": [load("l9", 9, 100), load("l10", 10, 150)],
        "com.grandlyon.enedis.minute": [{"_id": "m", "load": 1, "year": 2026, "month": 10, "day": 5, "hour": 1, "minute": 0}],
    }))
}

#[test]
fn a_run_that_is_asked_for_periods_sends_what_a_preview_of_them_shows() {
    for asked in [
        json!({"months": ["2026-10"]}),
        json!({"from": "2026-10-01", "to": "2026-10-31"}),
        json!({"from": "2026-10-02", "to": "2026-10-20", "months": ["2026-10"]}),
    ] {
        for runs_before in [false, true] {
            let mut world = two_months();
            if runs_before {
                night(&mut world, "2026-11-28T02:00:00", &json!({}));
            }
            let shown = previewed(&world, "2026-11-29T02:00:00", &asked);
            let sent = night(&mut world, "2026-11-29T02:00:00", &asked);
            assert_eq!(sent, shown, "{asked} {runs_before}");
            assert!(!sent.is_empty(), "{asked}");
        }
    }
    let mut world = two_months();
    let sent = night(&mut world, "2026-11-29T02:00:00", &json!({"months": ["2026-10"]}));
    assert_eq!(values(&sent, "connection-count-monthly"), [3]);
    assert_eq!(values(&sent, "fluid-data-granularity-monthly"), [1]);
    assert_eq!(values(&sent, "consumption-variation-monthly"), [50]);
}

#[test]
fn a_home_keeps_the_settings_it_lives_under() {
    let mut world = two_months();
    let first = json!({"createdBy": "first", "monthlyStartDate": "run-date"});
    night(&mut world, "2026-11-27T02:00:00", &first);
    let otherwise =
        json!({"createdBy": "other", "monthlyStartDate": "month", "doctypes": {"measures": "io.other"}});
    let sent = night(&mut world, "2026-11-28T02:00:00", &otherwise);
    assert!(sent.iter().all(|measure| measure["createdBy"] == "first"), "{sent:?}");
    assert_eq!(world.cozies["home"].documents("io.other").count(), 0);
    // The preview goes by the same, and says so.
    let options =
        Options::from_json(&json!({"now": "2026-11-28T02:00:00", "createdBy": "other"}).to_string());
    let told = aggregate_home(world.home("cozy").to_string().as_bytes(), &options.unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&told.diagnostics).unwrap()["settings-of-home"], 1);
}

#[test]
fn measures_that_were_sent_by_hand_are_not_sent_again_by_the_night() {
    let mut world = two_months();
    let payloads = previewed(&world, "2026-11-27T02:00:00", &json!({}));
    assert_eq!(payloads.len(), 2, "{payloads:?}");
    let texts: Vec<String> = payloads.iter().map(Value::to_string).collect();
    assert_eq!(world.sent_of_measures(r#"{"now":"2026-11-27T02:00:00"}"#, &texts), payloads);
    assert!(world.sent_of_measures(r#"{"now":"2026-11-27T02:00:00"}"#, &texts).is_empty());
    assert!(night(&mut world, "2026-11-27T03:00:00", &json!({})).is_empty());
}

#[test]
fn a_month_planned_of_days_that_are_no_longer_consented_does_not_leave() {
    let mut world = cozy(&json!({
        TERMS: [accepted("t", "2024-03-01T09:00:00Z")],
        EVENTS: [
            event("a", "ConnectionEvent", "2024-03-09T10:00:00Z"),
            event("b", "ConnectionEvent", "2024-03-30T10:00:00Z"),
        ],
    }));
    world.refuses = Some(429);
    let options = json!({"firstDay": "2024-03-01"});
    night(&mut world, "2024-04-03T02:00:00", &options);
    world.refuses = None;
    world.put_in_cozy(
        "home",
        &json!({
            TERMS: [refused("u", "2024-03-30T08:00:00Z"), accepted("v", "2024-03-31T08:00:00Z")],
        }),
    );
    let sent = night(&mut world, "2024-04-04T02:00:00", &options);
    assert_eq!(values(&sent, "connection-count-monthly"), Vec::<Value>::new());
    // Nor does anything of the 30th.
    assert!(sent.iter().all(|measure| measure["startDate"] != "2024-03-30"), "{sent:?}");
    assert_eq!(values(&sent, "connection-count-daily").len(), 1);
}

fn until(name: &str) -> Value {
    json!({"extends": true, "indicators": [{
        "name": name, "period": "month", "description": "d", "purpose": "p",
        "events": [{"type": "KonnectorAttemptEvent"}],
        "value": {"kind": "count", "until": {"field": "result", "is": "success"}},
        "groups": [{"key": "slug", "source": {"field": "target", "values": ["enedis"], "other": "other"}}],
    }]})
}

#[test]
fn a_count_that_is_added_later_counts_from_the_first_ever() {
    let mut world = cozy(&json!({
        TERMS: [accepted("t", "2024-01-01T09:00:00Z")],
        EVENTS: [attempt("a", "2024-01-10T10:00:00Z"), attempt("b", "2024-03-10T10:00:00Z")],
    }));
    for day in 1..10 {
        night(&mut world, &format!("2024-03-{:02}T02:00:00", 20 + day), &json!({}));
    }
    let sent = night(&mut world, "2024-04-03T02:00:00", &json!({"catalog": until("tries")}));
    assert_eq!(
        (values(&sent, "tries"), values(&sent, "konnector-attempts-monthly")),
        (vec![2.into()], vec![2.into()])
    );
}

#[test]
fn an_acceptance_that_arrives_late_reaches_back() {
    let mut world = cozy(&json!({
        TERMS: [accepted("t", "2024-02-15T09:00:00Z")],
        EVENTS: [attempt("a", "2024-01-10T10:00:00Z"), attempt("b", "2024-03-10T10:00:00Z")],
    }));
    for day in 1..10 {
        night(&mut world, &format!("2024-03-{:02}T02:00:00", 20 + day), &json!({}));
    }
    world.put_in_cozy("home", &json!({TERMS: [accepted("s", "2024-01-01T09:00:00Z")]}));
    let sent = night(&mut world, "2024-04-03T02:00:00", &json!({}));
    assert_eq!(values(&sent, "konnector-attempts-monthly"), [2]);
}

#[test]
fn a_month_does_not_fall_into_the_cell_of_a_day() {
    let catalog = |period: &str| {
        json!({"catalog": {"indicators": [{
            "name": "connections", "period": period, "description": "d", "purpose": "p",
            "events": [{"type": "ConnectionEvent"}], "value": {"kind": "count"},
        }]}, "firstDay": "2024-03-01"})
    };
    let mut world = cozy(&json!({
        TERMS: [accepted("t", "2024-01-01T09:00:00Z")],
        EVENTS: [event("a", "ConnectionEvent", "2024-03-01T10:00:00Z")],
    }));
    assert_eq!(night(&mut world, "2024-03-02T02:00:00", &catalog("day")).len(), 1);
    assert!(night(&mut world, "2024-04-03T02:00:00", &catalog("month")).is_empty());
}

#[test]
fn a_measure_without_a_definition_waits_for_it_and_goes_under_new_names_of_keys() {
    let catalog = |key: &str| {
        json!({"catalog": {"indicators": [{
            "name": "pages", "period": "day", "description": "d", "purpose": "p",
            "events": [{"type": "NavigationEvent"}], "value": {"kind": "count"},
            "groups": [{"key": key, "source": {"field": "target", "values": ["a", "b"], "other": "other"}}],
        }]}})
    };
    let page = |id: &str, target: &str| json!({"_id": id, "type": "NavigationEvent", "target": target, "eventDate": "2024-03-09T10:00:00Z"});
    let mut world = cozy(&json!({
        TERMS: [accepted("t", "2024-01-01T09:00:00Z")],
        EVENTS: [page("a", "a"), page("b", "b")],
    }));
    world.answers = Some((400, json!({"error": "Group1 key does not match measure definition: page"})));
    // The first is tried, and the other is not.
    assert_eq!(night(&mut world, "2024-03-10T02:00:00", &catalog("name")).len(), 1);
    assert_eq!(night(&mut world, "2024-03-11T02:00:00", &catalog("name")).len(), 1);
    let states = |world: &World| -> Vec<String> {
        let entries = world.cozies["home"].documents(LEDGER).filter(|entry| entry["state"].is_string());
        entries.map(|entry| entry["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(&world), ["held", "held"]);
    world.answers = None;
    let sent = night(&mut world, "2024-03-12T02:00:00", &catalog("page"));
    let groups: Vec<&Value> = sent.iter().map(|measure| &measure["group1"]).collect();
    assert_eq!(groups, [&json!({"page": "a"}), &json!({"page": "b"})]);
    assert_eq!(states(&world), ["sent", "sent"]);
}

#[test]
fn a_measure_that_waits_for_its_definition_is_refused_after_thirty_days() {
    let mut world = two_months();
    world.answers = Some((400, json!({"error": "No measure definition found for: x"})));
    night(&mut world, "2026-11-27T02:00:00", &json!({}));
    let waiting =
        |world: &World| world.cozies["home"].documents(LEDGER).filter(|entry| entry["waits"] == true).count();
    assert_eq!(waiting(&world), 2);
    night(&mut world, "2026-12-27T02:00:00", &json!({"firstDay": "2026-12-27"}));
    assert!(waiting(&world) >= 2);
    night(&mut world, "2026-12-28T02:00:00", &json!({}));
    let of_november = world.cozies["home"].documents(LEDGER).filter(|entry| entry["period"] == "2026-11-26");
    let states: Vec<_> = of_november.map(|entry| entry["state"].clone()).collect();
    assert_eq!(states, ["refused", "refused"]);
}

#[test]
fn what_was_once_is_no_first_again_where_its_day_became_history() {
    let launch = |id: &str, date: &str| json!({"_id": id, "type": "ChallengeLaunchEvent", "target": "CHALLENGE0001", "eventDate": date});
    let mut world = cozy(&json!({
        TERMS: [accepted("t", "2024-01-01T09:00:00Z")],
        EVENTS: [event("a", "ConnectionEvent", "2024-03-09T10:00:00Z"), launch("b", "2024-03-09T10:01:00Z")],
    }));
    let sent = night(&mut world, "2024-03-10T02:00:00", &json!({}));
    assert_eq!(values(&sent, "event-duration"), [60]);
    // As an import closes a home.
    let mut memory = world.home("cozy")[MEMORY][0].clone();
    memory["memory"]["closedUntil"] = "2024-03-10".into();
    world.put_in_cozy("home", &json!({MEMORY: [memory]}));
    world.put_in_cozy(
        "home",
        &json!({EVENTS: [
            event("c", "ConnectionEvent", "2024-03-11T10:00:00Z"),
            launch("d", "2024-03-11T10:05:00Z"),
        ]}),
    );
    let sent = night(&mut world, "2024-03-12T02:00:00", &json!({}));
    assert_eq!(values(&sent, "event-duration"), Vec::<Value>::new());
    assert_eq!(values(&sent, "challenge-launch-daily"), [1]);
}
