use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::world::World;
use super::{EVENTS, HISTORY, MEASURES, MEMORY, PROFILE, TERMS, array_of, entry, full_home, ids};

const IMPORT: &str = r#"{"home": "PLACE", "command": {"import": {}}}"#;

fn import(place: &str) -> String {
    IMPORT.replace("PLACE", place)
}

/// A world whose file `input:0` is the export of this home.
pub fn exported(home: &str) -> World {
    let mut world = World::with_home(home);
    world.run(r#"{"home": "file", "command": {"export": {}}}"#).unwrap();
    let export = world.files.remove("output").unwrap();
    world.files = [("input:0".to_owned(), export), ("home".to_owned(), b"{}".to_vec())].into();
    world.cozies.entry("home").or_default();
    world
}

#[test]
fn an_export_imported_into_an_empty_home_gives_an_equal_home() {
    let events = r#"[
{ "_id": "a", "n": 1.10, "big":1e400, "s":"\ud800 \u00e9 é \"q\"" , "eventDate":"2024-01-05T10:00:00Z"},
{"_id":"b","nested":{"_col":"x","_id":{"a":[[],{}]}},"eventDate":null},
{"noId":true},
{"noId":true},
{"_id":7},
{"_id":"c","_col":"mine","_rev":"3-abc"},
{},
"text",
7
]"#;
    let mut world = exported(&format!("{{\"{EVENTS}\":{events}}}"));
    world.run(&import("file")).unwrap();
    let written = world.text("home");
    let documents = |text: &str| -> Vec<String> {
        let text = text.trim().trim_start_matches('[').trim_end_matches(']');
        text.trim().split(",\n").map(|line| line.trim().to_owned()).collect()
    };
    let array = array_of(written, EVENTS);
    assert_eq!(documents(array), documents(events));
    // Once more, and nothing is inserted.
    let before = world.files["home"].clone();
    let again = world.run(&import("file")).unwrap();
    assert_eq!(
        again["collections"]["events"],
        json!({"inserted":0,"unchanged":9,"replaced":0,"conflicts":0,"impossible":0})
    );
    assert_eq!(world.files["home"], before);
}

#[test]
fn consent_memory_and_what_was_sent_come_in_as_history_only() {
    for place in ["file", "cozy"] {
        let mut world = exported(&full_home().to_string());
        let told = world.run(&import(place)).unwrap();
        let home = world.home(place);
        assert!(home.get(TERMS).is_none(), "no consent is opened: {home}");
        assert_eq!(ids(&home, HISTORY), ["memory:memory", "requests:r1", "terms:old", "terms:t"]);
        let history = home[HISTORY].as_array().unwrap();
        let terms = history.iter().find(|entry| entry["_id"] == "terms:t").unwrap();
        assert_eq!(terms["document"], full_home()[TERMS][0]);
        assert_eq!(terms["doctype"], TERMS);
        let states = |id: &str| {
            let entries = home[MEASURES].as_array().unwrap();
            let entry = entries.iter().find(|entry| entry["_id"] == id).unwrap();
            (entry["state"].as_str().unwrap().to_owned(), entry["waits"].clone())
        };
        assert_eq!(states("navigation-count-daily:2024-04-08:faq"), ("sent".into(), json!(false)));
        assert_eq!(states("navigation-count-daily:2024-04-09:faq"), ("cancelled".into(), json!(false)));
        assert_eq!(states("navigation-count-daily:2024-03-09:faq"), ("unknown".into(), json!(false)));
        assert_eq!(told["collections"]["history"]["inserted"], 4);
        let again = world.run(&import(place)).unwrap();
        for counts in again["collections"].as_object().unwrap().values() {
            assert_eq!((&counts["inserted"], &counts["replaced"]), (&json!(0), &json!(0)), "{place} {again}");
        }
        assert_eq!(world.home(place), home);
    }
}

/// A home that consents since 1 April, ran before, and has events of its own.
fn living() -> Value {
    json!({
        TERMS: [{"_id": "own", "accepted": true, "version": "1.0.0", "date": "2024-04-01T09:00:00Z"}],
        EVENTS: [
            {"_id": "own1", "type": "NavigationEvent", "target": "analysis", "eventDate": "2024-04-10T08:00:00Z"},
            {"_id": "own2", "type": "DuelEndEvent", "target": "DUEL1", "startDate": "2024-04-10T07:00:00Z",
                "result": "win", "eventDate": "2024-04-10T09:00:00Z"},
        ],
        MEMORY: [{"_id": "memory", "memory": {"firstDay": "2024-04-05"}}],
    })
}

#[test]
fn a_run_after_an_import_sends_nothing_that_it_would_not_have_sent_before() {
    let cells = |measures: Vec<Value>| -> BTreeSet<String> {
        measures
            .into_iter()
            .map(|mut measure| {
                measure.as_object_mut().unwrap().remove("value");
                measure.to_string()
            })
            .collect()
    };
    let nights = ["2024-04-11T02:00:00", "2024-04-12T02:00:00", "2024-05-03T02:00:00"];
    let foreign = json!({
        EVENTS: [
            {"_id": "f1", "type": "NavigationEvent", "target": "faq", "eventDate": "2024-04-08T08:00:00Z"},
            // Context for a duel that ends in this home.
            {"_id": "f2", "type": "DuelLaunchEvent", "target": "DUEL1", "eventDate": "2024-04-08T09:00:00Z"},
            {"_id": "f3", "type": "KonnectorAttemptEvent", "target": "enedis", "result": "success", "eventDate": "2024-04-07T09:00:00Z"},
            {"_id": "f4", "type": "NavigationEvent", "target": "options", "eventDate": "2024-04-11T09:00:00Z"},
        ],
        TERMS: [{"_id": "ft", "accepted": true, "version": "1.0.0", "date": "2023-01-01T09:00:00Z"}],
        MEASURES: [entry("navigation-count-daily:2024-04-07:faq", "planned", "2024-04-07")],
        MEMORY: [{"_id": "memory", "memory": {"firstDay": "2023-01-01"}}],
    });
    let mut untouched = World::default();
    untouched.put_in_cozy("home", &living());
    let mut imported = exported(&foreign.to_string());
    imported.put_in_cozy("home", &living());
    let told = imported.run(&import("cozy")).unwrap();
    assert_eq!(told["closedUntil"], "2024-04-09");
    for night in nights {
        let (before, after) = (cells(untouched.sent_by_a_run(night)), cells(imported.sent_by_a_run(night)));
        assert!(after.is_subset(&before), "{night}: {:?}", after.difference(&before));
        assert!(
            night != nights[0] || after.iter().any(|cell| cell.contains("analysis")),
            "its own is still sent"
        );
    }
    // Without the closing, f1 would have been: the home of its own consents to that day.
    let mut open = exported(&foreign.to_string());
    open.put_in_cozy("home", &living());
    open.put_in_cozy("home", &json!({EVENTS: [foreign[EVENTS][0].clone()]}));
    assert!(cells(open.sent_by_a_run(nights[0])).iter().any(|cell| cell.contains("faq")));
}

#[test]
fn an_import_of_consent_alone_lets_no_run_send() {
    let mut world = exported(&full_home().to_string());
    world.run(&import("cozy")).unwrap();
    for night in ["2024-04-10T14:00:00", "2024-04-11T02:00:00", "2024-05-04T02:00:00"] {
        assert!(world.sent_by_a_run(night).is_empty());
    }
}

#[test]
fn what_came_from_elsewhere_is_not_sent_again_whatever_is_configured() {
    const NIGHT: &str = r#"{"now": "2024-04-11T02:00:00", "resendUnknown": true}"#;
    let terms = json!([{"_id": "own", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}]);
    let ledger = json!([
        entry("u", "unknown", "2024-02-01"),
        entry("p", "planned", "2024-02-02"),
        entry("s", "sending", "2024-02-03"),
    ]);
    let in_february = |world: &mut World| -> Vec<String> {
        let sent = world.sent_by_a_run_with(NIGHT).into_iter();
        let dates = sent.map(|measure| measure["startDate"].as_str().unwrap().to_owned());
        dates.filter(|date| date.starts_with("2024-02")).collect()
    };
    let mut imported = exported(&json!({MEASURES: ledger}).to_string());
    imported.put_in_cozy("home", &json!({TERMS: terms}));
    imported.run(&import("cozy")).unwrap();
    let mut merged = World::default();
    merged.put_in_cozy("home", &json!({TERMS: terms}));
    merged.put_in_cozy("former", &json!({MEASURES: ledger}));
    merged.run(r#"{"home": "cozy", "former": "cozy", "command": {"merge": {}}}"#).unwrap();
    for world in [&mut imported, &mut merged] {
        assert_eq!(ids(&world.home("cozy"), MEASURES), ["p", "s", "u"]);
        assert!(in_february(world).is_empty());
        // It goes on so from home to home.
        let mut third = exported(&world.home("cozy").to_string());
        third.put_in_cozy("home", &json!({TERMS: terms}));
        third.run(&import("cozy")).unwrap();
        assert!(in_february(&mut third).is_empty());
    }
    // Of the home's own, all three are.
    let mut own = World::default();
    own.put_in_cozy("home", &json!({TERMS: terms, MEASURES: ledger}));
    assert_eq!(in_february(&mut own), ["2024-02-02", "2024-02-03", "2024-02-01"]);
}

#[test]
fn a_conflict_is_decided_and_never_silent() {
    let home = json!({EVENTS: [{"_id": "e1", "own": true}]});
    let task = |decision: &str| {
        format!(r#"{{"home": "cozy", "command": {{"import": {{"onConflict": "{decision}"}}}}}}"#)
    };
    let given = || {
        let mut world = exported(&full_home().to_string());
        world.put_in_cozy("home", &home);
        world
    };
    let mut world = given();
    let why = world.run(&import("cozy")).unwrap_err();
    assert!(why.starts_with("events: a document is there under the same `_id`"), "{why}");
    assert_eq!(world.home("cozy"), home, "nothing was written");
    let mut world = given();
    assert_eq!(world.run(&task("skip")).unwrap()["collections"]["events"]["conflicts"], 1);
    assert_eq!(world.home("cozy")[EVENTS][0], home[EVENTS][0]);
    let mut world = given();
    assert_eq!(world.run(&task("replace")).unwrap()["collections"]["events"]["replaced"], 1);
    assert_eq!(world.home("cozy")[EVENTS][0], full_home()[EVENTS][0]);
}

#[test]
fn of_one_id_twice_in_the_file_the_first_counts() {
    let twice = format!(r#"{{"{EVENTS}":[{{"_id":"a","n":1}},{{"_id":"a","n":1.0}},{{"_id":"a","n":2}}]}}"#);
    for place in ["file", "cozy"] {
        for decision in ["fail", "skip", "replace"] {
            let mut world = exported(&twice);
            let task =
                format!(r#"{{"home": "{place}", "command": {{"import": {{"onConflict": "{decision}"}}}}}}"#);
            let told = world.run(&task).unwrap();
            let counts = &told["collections"]["events"];
            assert_eq!(
                (&counts["inserted"], &counts["unchanged"], &counts["conflicts"]),
                (&json!(1), &json!(1), &json!(1))
            );
            assert_eq!(world.home(place)[EVENTS], json!([{"_id": "a", "n": 1}]));
        }
        // Which of two marks is the right one, nobody but the person can say.
        let marks =
            json!({MEASURES: [entry("m", "cancelled", "2024-04-01"), entry("m", "sent", "2024-04-01")]});
        assert!(exported(&marks.to_string()).run(&import(place)).unwrap_err().starts_with("measures: "));
    }
}

#[test]
fn a_mark_is_never_lowered() {
    let states = ["planned", "cancelled", "refused", "sending", "unknown", "sent"];
    for (own, state) in states.iter().enumerate() {
        for (other, coming) in states.iter().enumerate() {
            let mut world = exported(&json!({MEASURES: [entry("m", coming, "2024-04-01")]}).to_string());
            let mut held = entry("m", state, "2024-04-01");
            held["stamp"] = json!("run-2");
            world.put_in_cozy("home", &json!({MEASURES: [held]}));
            world.run(r#"{"home": "cozy", "command": {"import": {"onConflict": "replace"}}}"#).unwrap();
            let after = world.home("cozy")[MEASURES]
                .as_array()
                .unwrap()
                .iter()
                .find(|e| e["_id"] == "m")
                .unwrap()
                .clone();
            let now = states.iter().position(|state| after["state"] == *state).unwrap();
            // `sending` and `unknown` both say: it may have left.
            let mark = |at: usize| if at == 3 { 4 } else { at };
            assert!(mark(now) >= mark(own), "{state} became {} by {coming}", after["state"]);
            assert!(mark(now) >= mark(other).min(4) || mark(other) == 0, "{state} {coming}");
            assert!(after["waits"] == false || now == own, "{state} {coming}: {after}");
        }
    }
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing() {
    let mut world = exported(&full_home().to_string());
    let dry = world.run(r#"{"home": "file", "command": {"import": {"dryRun": true}}}"#).unwrap();
    assert_eq!(world.text("home"), "{}");
    let real = world.run(&import("file")).unwrap();
    assert_eq!(dry["collections"], real["collections"]);
    assert_eq!((&dry["dryRun"], &real["dryRun"]), (&json!(true), &json!(false)));
}

#[test]
fn a_file_that_is_not_whole_changes_nothing() {
    let whole = exported(&full_home().to_string());
    let export = whole.files["input:0"].clone();
    let mut damaged: Vec<Vec<u8>> =
        (0..export.len() - 1).step_by(41).map(|at| export[..at].to_vec()).collect();
    damaged.extend((0..export.len() - 1).step_by(17).map(|at| {
        let mut flipped = export.clone();
        flipped[at] ^= 1;
        flipped
    }));
    damaged.push([&export[..], b"[]"].concat());
    let text = String::from_utf8(export.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    damaged.push([&lines[..2], &lines[3..]].concat().join("\n").into_bytes());
    for file in damaged {
        let mut world = whole.clone();
        world.files.insert("input:0".into(), file.clone());
        let why = world.run(&import("file")).unwrap_err();
        assert!(why.starts_with("input:0: "), "{why}: {}", String::from_utf8_lossy(&file));
        assert_eq!(world.text("home"), "{}");
    }
}

#[test]
fn what_is_not_configured_here_is_refused_and_what_is_no_object_has_no_place_in_a_cozy() {
    let mut world = exported(&format!(r#"{{"{EVENTS}":[7,{{"a":1}}]}}"#));
    let told = world.run(&import("cozy")).unwrap();
    assert_eq!(told["collections"]["events"]["impossible"], 1);
    assert_eq!(told["collections"]["events"]["inserted"], 1);
    assert_eq!(world.run(&import("cozy")).unwrap()["collections"]["events"]["unchanged"], 1);
    let mut world = exported("{}");
    let foreign = world.text("input:0").replace("usageevents", "otherevents");
    world.files.insert("input:0".into(), foreign.into_bytes());
    assert!(world.run(&import("file")).is_err());
}

#[test]
fn an_imported_profile_makes_nothing_sendable_where_the_home_consents() {
    const PROFILE_TYPE: &str = "com.grandlyon.ecolyo.profiletype";
    let foreign = json!({
        PROFILE: [{"_id": "fp", "sendAnalysisNotification": true, "monthlyAnalysisDate": 3}],
        PROFILE_TYPE: [{"_id": "fpt", "housingType": "apartment"}],
    });
    let is_summary = |measure: &Value| measure["measureName"] == "summary-subscription-monthly";
    for decision in ["fail", "skip", "replace"] {
        let mut imported = exported(&foreign.to_string());
        imported.put_in_cozy("home", &living());
        let task =
            IMPORT.replace("PLACE", "cozy").replace("{}", &format!(r#"{{"onConflict": "{decision}"}}"#));
        imported.run(&task).unwrap();
        let home = imported.home("cozy");
        assert!(home.get(PROFILE).is_none() && home.get(PROFILE_TYPE).is_none(), "{home}");
        assert_eq!(ids(&home, HISTORY), ["profile:fp", "profileType:fpt"]);
        assert!(!imported.sent_by_a_run("2024-05-03T02:00:00").iter().any(is_summary));
        assert_eq!(imported.run(&task).unwrap()["collections"]["history"]["inserted"], 0);
    }
    // With the profile in its place, the month would have been sent.
    let mut open = World::default();
    open.put_in_cozy("home", &living());
    open.put_in_cozy("home", &foreign);
    assert!(open.sent_by_a_run("2024-05-03T02:00:00").iter().any(is_summary));
    // A home without terms takes them as they are.
    let mut empty = exported(&foreign.to_string());
    empty.run(&import("cozy")).unwrap();
    assert_eq!(empty.home("cozy"), foreign);
}

#[test]
fn what_is_not_the_apps_comes_into_no_file() {
    let events = r#"[{"_id":"_design/a"},{"_id":"f","_deleted":true},{"_id":"f"}]"#;
    let mut world = exported(&format!("{{\"{EVENTS}\":{events}}}"));
    world.files.insert("home".into(), b"{}".to_vec());
    let told = world.run(&import("file")).unwrap();
    let counts = &told["collections"]["events"];
    assert_eq!((&counts["inserted"], &counts["impossible"]), (&json!(1), &json!(2)));
    assert_eq!(counts["impossibleBecause"], json!({"it was deleted, or is CouchDB's own": 2}));
    assert_eq!(ids(&world.home("file"), EVENTS), ["f"]);
}

#[test]
fn what_a_cozy_cannot_hold_is_counted_with_its_reason_and_the_rest_comes_in() {
    let events = r#"[{"_id":"a","s":"\ud800"},{"_id":"b","n":1e400},{"_id":"c","n":12345678901234567890123},
        {"_id":"d","n":1,"n":2},{"_id":""},{"_id":"_x"},{"_id":"e","_foo":1},{"_id":"f","_deleted":true},
        {"_id":7},{"_id":"whole","n":1.5}]"#;
    let memory = json!({MEMORY: [{"_id": "memory", "memory": {"firstDay": "2024-04-01"}}]});
    let mut world = exported(&format!("{{\"{EVENTS}\":{events}}}"));
    world.put_in_cozy("home", &memory);
    for (inserted, unchanged) in [(1, 0), (0, 1)] {
        let told = world.run(&import("cozy")).unwrap();
        let counts = &told["collections"]["events"];
        assert_eq!(
            (&counts["inserted"], &counts["unchanged"], &counts["impossible"]),
            (&json!(inserted), &json!(unchanged), &json!(9))
        );
        assert_eq!(
            counts["impossibleBecause"],
            json!({
                "it has half a character (a lone surrogate)": 1,
                "it has a number that no double is": 2,
                "it has a field twice": 1,
                "its _id is empty": 1,
                "its _id begins with _": 1,
                "its _id is no string": 1,
                "it has a field beginning with _, which CouchDB keeps for itself": 2,
            })
        );
        let home = world.home("cozy");
        assert_eq!(home[EVENTS], json!([{"_id": "whole", "n": 1.5}]));
        assert_eq!(home[MEMORY], memory[MEMORY], "the lease is given back");
    }
}

#[test]
fn the_export_of_a_cozy_that_comes_back_to_it_inserts_nothing() {
    let mut world = World::default();
    let mut home = full_home();
    home[MEMORY][0]["home"] = json!("00ff");
    world.put_in_cozy("home", &home);
    world.run(r#"{"home": "cozy", "command": {"export": {}}}"#).unwrap();
    let export = world.files.remove("output").unwrap();
    world.files.insert("input:0".into(), export);
    let before = world.home("cozy");
    let told = world.run(&import("cozy")).unwrap();
    let after = |world: &World| {
        let mut home = world.home("cozy");
        home[MEASURES].as_array_mut().unwrap().retain(|entry| entry.get("by").is_none());
        home
    };
    for (name, counts) in told["collections"].as_object().unwrap() {
        assert_eq!((&counts["inserted"], &counts["conflicts"]), (&json!(0), &json!(0)), "{name}: {told}");
    }
    assert_eq!(after(&world), before, "but for the claims to the cells");
}

#[test]
fn a_merge_under_way_elsewhere_is_none_here() {
    let note = |is_over: bool, events: u32| json!({"_id": "merge", "isOver": is_over, "events": events});
    let foreign = json!({HISTORY: [note(false, 3)]}).to_string();
    for place in ["file", "cozy"] {
        let mut world = exported(&foreign);
        world.run(&import(place)).unwrap();
        assert_eq!(world.home(place)[HISTORY], json!([note(true, 3)]));
        // One that is under way here stays, whatever is decided about conflicts.
        let own = json!({HISTORY: [note(false, 5)]});
        for decision in ["fail", "skip", "replace"] {
            let mut world = exported(&foreign);
            world.files.insert("home".into(), own.to_string().into_bytes());
            world.put_in_cozy("home", &own);
            let task =
                format!(r#"{{"home": "{place}", "command": {{"import": {{"onConflict": "{decision}"}}}}}}"#);
            assert_eq!(world.run(&task).unwrap()["collections"]["history"]["conflicts"], 1);
            assert_eq!(world.home(place), own);
        }
    }
}

#[test]
fn a_home_is_closed_for_what_came_whatever_is_configured() {
    let event = |id: &str, date: &str| json!({"_id": id, "type": "NavigationEvent", "target": "faq", "eventDate": date});
    // Offsets of Paris from 31 March 2024 on.
    let paris = r#""clock": "instant", "transitions": [{"at": 0, "offset": 3600}, {"at": 1711846800, "offset": 7200}]"#;
    let terms = |version: &str| json!([{"_id": "own", "accepted": true, "version": version, "date": "2024-01-01T09:00:00Z"}]);
    for (version, date, configured) in [
        // Terms that the command does not take for consent.
        ("0.9.0", "2024-04-05T10:00:00Z", r#""consentVersion": "0.9.0""#),
        // The next day, where offsets count; and the one after that, far in the west.
        ("1.0.0", "2024-04-05T23:30:00Z", paris),
        ("1.0.0", "2024-04-05T23:30:00-12:00", paris),
        (
            "1.0.0",
            "2024-04-05T23:30:00-12:00",
            r#""clock": "instant", "transitions": [{"at": 0, "offset": 50400}]"#,
        ),
    ] {
        let night = format!(r#"{{"now": "2024-04-10T02:00:00", "firstDay": "2024-04-01", {configured}}}"#);
        let sends_faq = |world: &mut World| {
            world.sent_by_a_run_with(&night).iter().any(|m| m.to_string().contains("faq"))
        };
        let mut imported = exported(&json!({EVENTS: [event("f", date)]}).to_string());
        imported.put_in_cozy("home", &json!({TERMS: terms(version)}));
        imported.run(&import("cozy")).unwrap();
        assert!(!sends_faq(&mut imported), "{date} {configured}");
        let mut own = World::default();
        own.put_in_cozy("home", &json!({TERMS: terms(version), EVENTS: [event("f", date)]}));
        assert!(sends_faq(&mut own), "of its own it would be sent: {date} {configured}");
    }
}

#[test]
fn an_imported_profile_brings_no_first_connection_of_a_day_without_consent() {
    let profile = |first: &str| json!([{"_id": "p", "monthlyAnalysisDate": 5, "firstConnectionDate": first}]);
    let terms = json!([{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-02-01T09:00:00Z"}]);
    let without = json!([{"_id": "p", "monthlyAnalysisDate": 5}]);
    for place in ["file", "cozy"] {
        for (first, came) in [
            ("2024-02-01T08:00:00Z", profile("2024-02-01T08:00:00Z")),
            ("2024-01-31T08:00:00Z", without.clone()),
        ] {
            let mut world = exported(&json!({PROFILE: profile(first), TERMS: terms}).to_string());
            for inserted in [1, 0] {
                let told = world.run(&import(place)).unwrap();
                assert_eq!(told["collections"]["profile"]["inserted"], inserted);
                assert_eq!(world.home(place)[PROFILE], came);
            }
            let whole = world.home(place)[HISTORY].to_string().contains(first);
            assert_eq!(whole, came == without, "what it came as is kept as history");
        }
    }
}
