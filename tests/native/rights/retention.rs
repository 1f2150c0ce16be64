//! What is deleted because it was kept long enough, and what never is.

use serde_json::{Value, json};

use super::world::{World, cozy_json};
use super::{EVENTS, MEMORY, TERMS, ids};

const ALL: [&str; 3] = ["2024-01", "2024-02", "2024-03"];

fn event(id: &str, date: &str) -> Value {
    json!({"_id": id, "type": "ProfileSetEvent", "eventDate": date})
}

/// The same, made on this day as its document says.
fn made(id: &str, date: Value, day: &str) -> Value {
    json!({"_id": id, "type": "ProfileSetEvent", "eventDate": date, "cozyMetadata": {"createdAt": format!("{day}T08:00:00Z")}})
}

/// Its days up to yesterday are settled.
fn memory(months: &[&str]) -> Value {
    let days: serde_json::Map<String, Value> = (11..=31)
        .map(|day| (format!("2024-03-{day}"), json!("2024-04-01")))
        .chain((1..=9).map(|day| (format!("2024-04-0{day}"), json!("2024-04-02"))))
        .collect();
    json!([{"_id": "memory", "memory": {"firstDay": "2023-01-01", "days": days, "months": months}}])
}

fn consent() -> Value {
    json!([{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2023-01-01T09:00:00Z"}])
}

/// The events that are left of a home after the night of 10 April 2024.
fn left(home: &Value, retention: &str) -> Vec<String> {
    left_with(home, &format!(r#""retention": {retention}"#))
}

fn left_with(home: &Value, options: &str) -> Vec<String> {
    let mut world = World::default();
    world.put_in_cozy("home", home);
    world.sent_by_a_run_with(&format!(r#"{{"now": "2024-04-10T12:00:00", {options}}}"#));
    ids(&cozy_json(&world.cozies["home"]), EVENTS)
}

#[test]
fn retention_deletes_what_is_old_and_computed_and_nothing_else() {
    let left = |months: &[&str], retention: &str| {
        let events = json!([event("old", "2023-05-01T08:00:00Z"), event("march", "2024-03-05T08:00:00Z"),
            event("april", "2024-04-05T08:00:00Z"), event("bad", "2023"), {"_id": "dateless"}]);
        left(&json!({TERMS: consent(), EVENTS: events, MEMORY: memory(months)}), retention)
    };
    assert_eq!(left(&ALL, "{}").len(), 5);
    assert_eq!(left(&ALL, r#"{"age": 30}"#), ["april", "bad", "dateless"]);
    assert_eq!(left(&ALL, r#"{"age": 60}"#), ["april", "bad", "dateless", "march"]);
    // Active five days ago.
    assert_eq!(left(&ALL, r#"{"inactivity": 30}"#).len(), 5);
    // April is not computed yet, so it stays, however long ago.
    assert_eq!(left(&ALL, r#"{"inactivity": 3}"#), ["april", "bad", "dateless"]);
}

#[test]
fn only_a_date_that_can_be_read_and_has_come_is_activity() {
    for odd in [
        "Invalid date",
        "2569-01-05T08:00:00Z",
        "2024-04-12T08:00:00Z",
        "2024-04-05 soon",
        "2024-04-31T08:00:00Z",
    ] {
        let events = json!([event("old", "2024-03-05T08:00:00Z"), event("odd", odd)]);
        let home = json!({TERMS: consent(), EVENTS: events, MEMORY: memory(&ALL)});
        assert_eq!(left(&home, r#"{"inactivity": 30}"#), ["odd"], "{odd}");
    }
    let active = json!([event("old", "2024-03-05T08:00:00Z"), event("new", "2024-04-10T11:00:00Z")]);
    let home = json!({TERMS: consent(), EVENTS: active, MEMORY: memory(&ALL)});
    assert_eq!(left(&home, r#"{"inactivity": 30}"#), ["new", "old"]);
    // By its digits it lies before the limit, in the zone it does not.
    let west = json!([event("old", "2024-03-05T08:00:00Z"), event("new", "2024-03-10T13:30:00-12:00")]);
    let home = json!({TERMS: consent(), EVENTS: west, MEMORY: memory(&ALL)});
    let apia =
        r#""clock": "instant", "transitions": [{"at": 0, "offset": 46800}], "retention": {"inactivity": 30}"#;
    assert_eq!(left_with(&home, apia), ["new", "old"]);
}

#[test]
fn what_lies_on_no_day_goes_by_when_it_was_made() {
    let events = json!([
        made("a", json!("Invalid date"), "2024-03-01"),
        made("b", json!("2569-01-05T08:00:00Z"), "2024-03-01"),
        made("c", Value::Null, "2024-03-01"),
        made("d", json!(1_704_103_200), "2024-03-01"),
        made("young", json!("Invalid date"), "2024-04-01"),
        made("to-come", json!("2024-09-05T08:00:00Z"), "2024-03-01"),
        made("kept", json!("2024-04-05T08:00:00Z"), "2024-03-01"),
        event("ageless", "Invalid date"),
        {"_id": "dateless", "cozyMetadata": {"createdAt": "soon"}},
        {"_id": "gone", "cozyMetadata": {"createdAt": "2024-03-01T08:00:00Z"}},
    ]);
    let home = json!({TERMS: consent(), EVENTS: events, MEMORY: memory(&ALL)});
    assert_eq!(left(&home, r#"{"age": 30}"#), ["ageless", "dateless", "kept", "to-come", "young"]);
    // What can never go is told, and can be purged by itself.
    let mut world = World::default();
    world.put_in_cozy("home", &home);
    for command in ["report", "status"] {
        let told = world.run(&format!(r#"{{"home": "cozy", "command": {{"{command}": {{}}}}}}"#)).unwrap();
        assert_eq!((&told["undated"], &told["ageless"]), (&json!(8), &json!(2)), "{command}");
    }
    let receipt = world.run(r#"{"home": "cozy", "command": {"purge": {"undated": true}}}"#).unwrap();
    assert_eq!((&receipt["deleted"], &receipt["left"]), (&json!({"events": 8}), &json!(0)));
    assert_eq!(ids(&world.home("cozy"), EVENTS), ["kept", "to-come"]);
}

#[test]
fn without_consent_it_goes_on_and_reads_no_more_than_it_may() {
    let events = json!([
        event("old", "2023-05-01T08:00:00Z"),
        event("march", "2024-03-05T08:00:00Z"),
        event("april", "2024-04-05T08:00:00Z"),
        made("odd", json!("Invalid date"), "2024-03-01"),
    ]);
    let withdrawn = json!([{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2023-01-01T09:00:00Z",
        "revokedAt": "2024-04-02T08:00:00Z"}]);
    let to_come = json!([{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-05-01T09:00:00Z"}]);
    for (terms, memory, left_by_three_days) in [
        // Nothing was ever consented to, so nothing is needed.
        (json!([]), json!([]), vec!["april"]),
        (to_come, json!([]), vec!["april"]),
        // What may still be computed, should consent come back, stays; nothing of April may.
        (withdrawn.clone(), memory(&ALL), vec!["april"]),
        (withdrawn, memory(&[]), vec!["april", "march"]),
    ] {
        let mut world = World::default();
        world.put_in_cozy("home", &json!({TERMS: terms, EVENTS: events, MEMORY: memory}));
        world.asked.clear();
        world.sent_by_a_run_with(r#"{"now": "2024-04-10T12:00:00", "retention": {"age": 6}}"#);
        assert_eq!(ids(&cozy_json(&world.cozies["home"]), EVENTS), left_by_three_days, "{terms}");
        for request in world.asked.iter().filter(|request| request.url.contains("usageevents/_find")) {
            let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
            for field in body["fields"].as_array().expect("no whole document is read") {
                assert!(
                    ["_id", "_rev", "eventDate", "cozyMetadata.createdAt"].contains(&field.as_str().unwrap())
                );
            }
        }
        assert!(!world.asked.iter().any(|request| request.url.contains("usageevents/_normal_docs")));
    }
}

#[test]
fn days_that_were_never_consented_go_by_the_same_rule() {
    let events = json!([
        event("before", "2024-04-02T08:00:00Z"),
        event("consented", "2024-04-04T08:00:00Z"),
        event("between", "2024-04-06T08:00:00Z"),
        event("again", "2024-04-09T08:00:00Z"),
    ]);
    let terms = json!([
        {"_id": "t1", "accepted": true, "version": "1.0.0", "date": "2024-04-03T09:00:00Z", "revokedAt": "2024-04-05T08:00:00Z"},
        {"_id": "t2", "accepted": true, "version": "1.0.0", "date": "2024-04-08T09:00:00Z"},
    ]);
    let home = json!({TERMS: terms, EVENTS: events, MEMORY: memory(&[])});
    assert_eq!(left(&home, r#"{"age": 2}"#), ["again", "consented"]);
    assert_eq!(left(&home, r#"{"age": 5}"#), ["again", "between", "consented"]);
}

#[test]
fn nothing_goes_while_another_changes_a_home_without_consent() {
    let mut memory = memory(&ALL);
    memory[0]["lease"] = json!({"by": "dacc", "until": super::world::NOW + 60_000});
    let home = json!({EVENTS: [event("old", "2023-05-01T08:00:00Z")], MEMORY: memory});
    assert_eq!(left(&home, r#"{"age": 30}"#), ["old"]);
}
