use serde_json::{Value, json};

use super::world::{World, cozy_json};
use super::{EVENTS, HISTORY, MEASURES, MEMORY, PROFILE, REQUESTS, TERMS, full_home, ids};

fn purge(place: &str, order: &str) -> String {
    format!(r#"{{"home": "{place}", "command": {{"purge": {order}}}}}"#)
}

fn world() -> World {
    let mut world = World::with_home(&full_home().to_string());
    world.put_in_cozy("home", &full_home());
    world
}

fn state_of(home: &Value, id: &str) -> Value {
    let entries = home[MEASURES].as_array().unwrap();
    entries.iter().find(|entry| entry["_id"] == id).unwrap()["state"].clone()
}

#[test]
fn without_the_state_usage_data_go_and_what_keeps_from_sending_again_stays() {
    for place in ["file", "cozy"] {
        let mut world = world();
        let receipt = world.run(&purge(place, "{}")).unwrap();
        assert_eq!(receipt["deleted"], json!({"events": 4, "history": 1}));
        assert_eq!(receipt["cancelled"], 2);
        assert_eq!(receipt["left"], 0);
        assert_eq!(
            receipt["remaining"],
            json!({"events": 0, "history": 0, "profile": 1, "profileType": 1, "terms": 1, "measures": 3, "memory": 1})
        );
        let whats: Vec<&Value> =
            receipt["notErased"].as_array().unwrap().iter().map(|item| &item["what"]).collect();
        let of_place: &[&str] = if place == "cozy" { &["revisions"] } else { &[] };
        assert_eq!(whats, [&["measures", "requests"], of_place, &["backups"]].concat());
        // One was sent; one was being sent, and may have arrived.
        assert_eq!(receipt["notErased"][0]["count"], 2);
        assert_eq!(receipt["notErased"][1]["count"], 1);
        let home = world.home(place);
        assert_eq!(state_of(&home, "navigation-count-daily:2024-04-09:faq"), "cancelled");
        assert_eq!(state_of(&home, "navigation-count-daily:2024-03-09:faq"), "unknown");
        assert_eq!(ids(&home, TERMS), ["t"]);
        let mut memory = full_home()[MEMORY].clone();
        memory[0]["memory"]["marks"] =
            json!({"firsts": ["ConnectionEvent", "NavigationEvent"], "reached": {}});
        assert_eq!(home[MEMORY], memory, "no lease stays");
        assert_eq!(receipt["marks"], memory[0]["memory"]["marks"]);
    }
}

#[test]
fn before_a_day_only_what_lies_before_it_goes() {
    for place in ["file", "cozy"] {
        let mut world = world();
        let receipt = world.run(&purge(place, r#"{"before": "2024-04-09"}"#)).unwrap();
        assert_eq!(receipt["deleted"], json!({"events": 2}));
        let home = world.home(place);
        // What lies on no day stays.
        assert_eq!(ids(&home, EVENTS), ["e3", "e4"]);
        assert_eq!(state_of(&home, "navigation-count-daily:2024-04-09:faq"), "planned");
        assert_eq!(state_of(&home, "navigation-count-daily:2024-03-09:faq"), "unknown");
    }
}

#[test]
fn before_a_day_the_history_of_those_days_goes_too() {
    let kept = |id: &str, doctype: &str, document: Value| json!({"_id": id, "doctype": doctype, "document": document});
    let history = json!([
        kept("terms:early", TERMS, json!({"_id": "early", "date": "2024-04-08T23:00:00Z"})),
        kept("terms:late", TERMS, json!({"_id": "late", "date": "2024-04-09T08:00:00Z"})),
        kept("requests:early", REQUESTS, json!({"_id": "r", "created_at": "2024-04-01T02:00:00Z"})),
        kept("profile:p", PROFILE, json!({"_id": "p", "firstConnectionDate": "2024-03-01T08:00:00Z"})),
        {"_id": "merge", "isOver": true, "events": 3},
    ]);
    for place in ["file", "cozy"] {
        let home = json!({HISTORY: history});
        let mut world = World::with_home(&home.to_string());
        world.put_in_cozy("home", &home);
        let receipt = world.run(&purge(place, r#"{"before": "2024-04-09"}"#)).unwrap();
        assert_eq!((&receipt["deleted"], &receipt["left"]), (&json!({"history": 2}), &json!(0)));
        // What lies on no day stays.
        assert_eq!(ids(&world.home(place), HISTORY), ["merge", "profile:p", "terms:late"]);
    }
}

#[test]
fn of_one_id_twice_both_go_and_both_stand_in_the_backup() {
    let twice = [json!({"_id": "a", "n": 1}), json!({"_id": "a", "n": 2})];
    let mut world = World::with_home(&json!({EVENTS: twice}).to_string());
    let receipt = world.run(&purge("file", "{}")).unwrap();
    assert_eq!((&receipt["left"], &receipt["backedUp"]), (&json!(0), &json!(2)));
    assert_eq!(receipt["deleted"], json!({"events": 2}));
    assert!(["\"n\":1}", "\"n\":2}"].iter().all(|part| world.text("backup").contains(part)));
}

#[test]
fn with_the_state_one_date_alone_stays() {
    for place in ["file", "cozy"] {
        let mut world = world();
        let receipt = world.run(&purge(place, r#"{"state": true}"#)).unwrap();
        let home = world.home(place);
        assert_eq!(
            home[MEMORY],
            json!([{"_id": "memory", "memory": {"closedUntil": "2024-04-10",
            "marks": {"firsts": ["ConnectionEvent", "NavigationEvent"], "reached": {}}}}])
        );
        for doctype in [EVENTS, HISTORY, MEASURES, TERMS, PROFILE] {
            assert!(ids(&home, doctype).is_empty(), "{place} {doctype}");
        }
        assert_eq!(ids(&home, REQUESTS).len(), 2, "the stack's own");
        assert_eq!(receipt["closedUntil"], "2024-04-10");
        assert_eq!(receipt["left"], 0);
    }
}

#[test]
fn after_a_purge_of_the_state_a_later_start_begins_with_the_day_after_it() {
    let mut world = world();
    world.run(&purge("cozy", r#"{"state": true}"#)).unwrap();
    let day = |day: u32| {
        json!({"_id": format!("n{day}"), "type": "NavigationEvent", "target": "faq",
        "eventDate": format!("2024-04-{day:02}T15:00:00Z")})
    };
    world.put_in_cozy(
        "home",
        &json!({
            TERMS: [{"_id": "new", "accepted": true, "version": "1.0.0", "date": "2024-04-09T09:00:00Z"}],
            EVENTS: [day(9), day(10), day(11)],
        }),
    );
    assert!(world.sent_by_a_run("2024-04-11T02:00:00").is_empty(), "the day of the purge is closed");
    let sent = world.sent_by_a_run("2024-04-12T02:00:00");
    let dates: Vec<&Value> = sent.iter().map(|measure| &measure["startDate"]).collect();
    assert!(!dates.is_empty() && dates.iter().all(|date| *date == "2024-04-11"), "{dates:?}");
}

#[test]
fn a_purge_without_the_state_lets_nothing_be_sent_again() {
    let mut world = world();
    assert_eq!(
        world.sent_by_a_run("2024-04-10T02:00:00").len(),
        1,
        "what waited; the rest was planned before"
    );
    world.run(&purge("cozy", "{}")).unwrap();
    // The events come back, as another device of the person's may bring them.
    world.put_in_cozy("home", &json!({EVENTS: full_home()[EVENTS].clone()}));
    assert!(world.sent_by_a_run("2024-04-10T13:00:00").is_empty());
}

#[test]
fn the_backup_holds_what_went_and_brings_the_events_back() {
    for place in ["file", "cozy"] {
        let mut world = world();
        let receipt = world.run(&purge(place, r#"{"state": true}"#)).unwrap();
        assert_eq!(receipt["backedUp"], 4 + 1 + 1 + 1 + 1 + 1 + 3);
        let backup = world.files.remove("backup").unwrap();
        assert!(!String::from_utf8_lossy(&backup).contains("io.cozy.remote.requests"));
        world.files.insert("input:0".into(), backup);
        world.files.insert("input:1".into(), b"[{\"_col\":\"dacc.export\"".to_vec());
        let task = format!(r#"{{"home": "{place}", "command": {{"recover": {{"files": 2}}}}}}"#);
        let told = world.run(&task).unwrap();
        assert_eq!(told["collections"]["events"]["inserted"], 4);
        assert_eq!((&told["good"], told["bad"].as_object().unwrap().len()), (&json!(1), 1));
        let (mut back, mut first) = (world.home(place)[EVENTS].clone(), full_home()[EVENTS].clone());
        for events in [&mut back, &mut first] {
            events.as_array_mut().unwrap().sort_by_key(|event| event["_id"].to_string());
        }
        assert_eq!(back, first);
        assert_eq!(world.run(&task).unwrap()["collections"]["events"]["unchanged"], 4);
    }
}

#[test]
fn a_backup_that_is_read_again_otherwise_than_written_deletes_nothing() {
    let mut world = world();
    world.unreadable = Some(("backup".into(), 0));
    for place in ["file", "cozy"] {
        for order in ["{}", r#"{"state": true}"#] {
            let before = world.home(place);
            assert!(world.run(&purge(place, order)).unwrap_err().starts_with("backup: "));
            assert_eq!(world.home(place), before, "what waits still waits");
        }
    }
}

#[test]
fn a_run_under_way_is_not_disturbed() {
    let mut world = world();
    let mut memory = full_home()[MEMORY][0].clone();
    memory["lease"] = json!({"by": "run-x", "until": super::world::NOW + 60_000});
    world.cozies.get_mut("home").unwrap().put(MEMORY, "memory", memory);
    let before = cozy_json(&world.cozies["home"]);
    let why = world.run(&purge("cozy", "{}")).unwrap_err();
    assert!(why.contains("a run is under way"), "{why}");
    assert_eq!(cozy_json(&world.cozies["home"]), before);
}
