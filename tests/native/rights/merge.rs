use serde_json::{Value, json};

use super::world::{World, cozy_json, plain};
use super::{EVENTS, HISTORY, MEASURES, MEMORY, PROFILE, TERMS, entry, ids};

pub const MERGE: &str = r#"{"home": "PLACE", "former": "PLACE", "command": {"merge": {}}}"#;

pub fn former() -> Value {
    json!({
        EVENTS: [
            {"_id": "f1", "type": "ConnectionEvent", "eventDate": "2023-01-01T08:00:00Z"},
            {"_id": "f2", "type": "NavigationEvent", "target": "faq", "eventDate": "2024-04-03T08:00:00Z"},
            {"_id": "f3", "type": "NavigationEvent"},
        ],
        TERMS: [{"_id": "ft", "accepted": true, "version": "1.0.0", "date": "2023-01-01T08:00:00Z"}],
        MEASURES: [entry("a", "sent", "2024-04-02"), entry("b", "planned", "2024-04-03")],
        MEMORY: [{"_id": "memory", "memory": {"firstDay": "2023-01-01"}}],
    })
}

pub fn current() -> Value {
    json!({
        EVENTS: [{"_id": "c1", "type": "NavigationEvent", "target": "analysis", "eventDate": "2024-04-03T09:00:00Z"}],
        PROFILE: [{"_id": "p", "firstConnectionDate": "2024-04-03T09:00:00Z", "name": 1.10}],
        TERMS: [{"_id": "ct", "accepted": true, "version": "1.0.0", "date": "2024-04-01T09:00:00Z"}],
        MEMORY: [{"_id": "memory", "memory": {"firstDay": "2024-04-02"}}],
    })
}

pub fn world(former: &Value, current: &Value) -> World {
    let mut world = World::with_home(&current.to_string());
    world.files.insert("former".into(), former.to_string().into_bytes());
    world.put_in_cozy("home", current);
    world.put_in_cozy("former", former);
    world
}

fn former_after(world: &World, place: &str) -> Value {
    match place {
        "file" => plain(serde_json::from_slice(&world.files["former"]).unwrap()),
        _ => cozy_json(&world.cozies["former"]),
    }
}

#[test]
fn the_former_home_becomes_history_of_the_current_one() {
    for place in ["file", "cozy"] {
        let mut world = world(&former(), &current());
        let told = world.run(&MERGE.replace("PLACE", place)).unwrap();
        let home = world.home(place);
        assert_eq!(ids(&home, EVENTS), ["c1", "f1", "f2", "f3"]);
        assert_eq!(home[TERMS], current()[TERMS], "consent is never merged");
        assert_eq!(
            home[PROFILE],
            json!([{"_id": "p", "firstConnectionDate": "2023-01-01T08:00:00Z", "name": 1.1}])
        );
        assert_eq!(ids(&home, MEASURES), ["a", "b"]);
        assert!(home[MEASURES].as_array().unwrap().iter().all(|entry| entry["waits"] != true));
        assert_eq!(home[MEMORY][0]["memory"], json!({"firstDay": "2024-04-02", "closedUntil": "2024-04-04"}));
        assert_eq!(ids(&home, HISTORY), ["merge", "terms:ft"]);
        assert_eq!(home[HISTORY][0]["isOver"], true);
        assert_eq!((&told["events"], &told["firstConnection"]), (&json!(3), &json!("2023-01-01T08:00:00Z")));
        assert_eq!(told["formerLast"], "2024-04-03T08:00:00Z");
        assert_eq!(told["currentFirst"], "2024-04-03T09:00:00Z");
        assert_eq!(told["purged"]["deleted"]["events"], 3);
        let former = former_after(&world, place);
        assert!(ids(&former, EVENTS).is_empty() && ids(&former, TERMS).is_empty());
        assert!(world.text("backup").contains("\"f2\""));
    }
}

#[test]
fn a_former_without_events_after_a_merge_that_is_over_is_told_as_one() {
    for place in ["file", "cozy"] {
        let mut world = world(&former(), &current());
        world.run(&MERGE.replace("PLACE", place)).unwrap();
        let before = world.home(place);
        world.files.insert("former".into(), b"{}".to_vec());
        world.cozies.insert("former", Default::default());
        let told = world.run(&MERGE.replace("PLACE", place)).unwrap();
        assert_eq!(
            (&told["events"], &told["formerLast"], &told["currentFirst"]),
            (&json!(0), &Value::Null, &Value::Null)
        );
        assert_eq!(world.home(place), before);
    }
}

#[test]
fn of_the_stacks_log_only_what_went_to_a_dacc_is_merged() {
    let mut former = former();
    former["io.cozy.remote.requests"] = json!([
        {"_id": "r1", "doctype": "cc.cozycloud.dacc_v2", "created_at": "2023-04-09T02:00:00Z"},
        {"_id": "r2", "doctype": "com.example.weather", "created_at": "2023-04-09T02:00:00Z"},
    ]);
    for place in ["file", "cozy"] {
        let mut world = world(&former, &current());
        world.run(&MERGE.replace("PLACE", place)).unwrap();
        assert_eq!(ids(&world.home(place), HISTORY), ["merge", "requests:r1", "terms:ft"]);
    }
}

#[test]
fn what_the_former_did_is_never_sent() {
    let mut world = world(&former(), &current());
    world.run(&MERGE.replace("PLACE", "cozy")).unwrap();
    for night in ["2024-04-11T02:00:00", "2024-05-03T02:00:00"] {
        for measure in world.sent_by_a_run(night) {
            assert!(
                measure["startDate"].as_str().unwrap() > "2024-04-04" || measure["startDate"] == "2024-04-01",
                "{measure}"
            );
            assert!(!measure.to_string().contains("faq"), "{measure}");
        }
    }
}

#[test]
fn homes_that_overlap_are_refused_and_both_dates_shown() {
    let mut late = former();
    late[EVENTS][1]["eventDate"] = json!("2024-04-03T09:00:00Z");
    for place in ["file", "cozy"] {
        let mut world = world(&late, &current());
        let before = (world.home(place), former_after(&world, place));
        let why = world.run(&MERGE.replace("PLACE", place)).unwrap_err();
        assert!(
            why.contains(
                "(2024-04-03T09:00:00Z) is not before the current home's first (2024-04-03T09:00:00Z)"
            ),
            "{why}"
        );
        assert_eq!((world.home(place), former_after(&world, place)), before);
    }
}

#[test]
fn a_home_is_not_merged_with_itself_nor_with_one_that_says_otherwise_under_its_ids() {
    let refused = |former: &Value| {
        let mut world = world(former, &current());
        let why = world.run(&MERGE.replace("PLACE", "file")).unwrap_err();
        assert_eq!(former_after(&world, "file"), *former);
        why
    };
    assert!(refused(&current()).contains("not merged with itself"));
    let mut same_id = former();
    same_id[EVENTS][0]["_id"] = json!("c1");
    assert!(refused(&same_id).contains("one `_id`"));
}

#[test]
fn a_home_without_a_profile_takes_the_formers_with_the_first_connection() {
    let (mut former, mut current) = (former(), current());
    former[PROFILE] = json!([{"_id": "fp", "monthlyAnalysisDate": 5}]);
    current.as_object_mut().unwrap().remove(PROFILE);
    let mut world = world(&former, &current);
    world.run(&MERGE.replace("PLACE", "file")).unwrap();
    let expected =
        json!([{"_id": "fp", "monthlyAnalysisDate": 5, "firstConnectionDate": "2023-01-01T08:00:00Z"}]);
    assert_eq!(world.home("file")[PROFILE], expected);
}

#[test]
fn an_event_of_a_day_to_come_goes_to_the_history_and_the_merge_ends() {
    let mut former = former();
    let to_come = json!({"_id": "f9", "type": "ConnectionEvent", "eventDate": "2031-05-01T08:00:00Z"});
    former[EVENTS].as_array_mut().unwrap().push(to_come.clone());
    for place in ["file", "cozy"] {
        let mut world = world(&former, &current());
        let told = world.run(&MERGE.replace("PLACE", place)).unwrap();
        assert_eq!((&told["events"], &told["closedUntil"]), (&json!(4), &json!("2024-04-04")));
        assert_eq!(told["formerLast"], "2024-04-03T08:00:00Z");
        let home = world.home(place);
        assert_eq!(home[MEMORY][0]["memory"], json!({"firstDay": "2024-04-02", "closedUntil": "2024-04-04"}));
        assert_eq!(ids(&home, EVENTS), ["c1", "f1", "f2", "f3"]);
        assert_eq!(ids(&home, HISTORY), ["events:f9", "merge", "terms:ft"]);
        let kept =
            home[HISTORY].as_array().unwrap().iter().find(|entry| entry["_id"] == "events:f9").unwrap();
        assert_eq!(kept["document"]["eventDate"], to_come["eventDate"]);
        assert!(ids(&former_after(&world, place), EVENTS).is_empty());
    }
}

#[test]
fn what_a_merge_under_way_has_left_is_told_by_its_moments() {
    let left = |date: &str| {
        let mut former = former();
        former[EVENTS] = json!([{"_id": "f2", "type": "NavigationEvent", "eventDate": date}]);
        let mut current = current();
        current[HISTORY] = json!([{"_id": "merge", "isOver": false, "events": 3,
            "formerFirst": "2023-01-01T08:00:00Z", "formerLast": "2024-04-03T08:00:00Z",
            "currentFirst": "2024-04-03T09:00:00Z"}]);
        world(&former, &current).run(&MERGE.replace("PLACE", "file"))
    };
    // A space comes before a T, whatever the hour.
    assert_eq!(left("2023-01-01 09:00:00Z").unwrap()["events"], 3);
    assert!(left("2024-04-03 08:30:00Z").unwrap_err().contains("another former home"));
}

#[test]
fn a_former_with_an_event_that_the_cozy_cannot_hold_stays_and_nothing_is_merged() {
    let mut world = world(&former(), &current());
    let before = world.home("cozy");
    let former = format!(r#"{{"{EVENTS}":[{{"_id":"f","s":"\ud800"}}]}}"#);
    world.files.insert("former".into(), former.clone().into_bytes());
    let why = world.run(r#"{"home": "cozy", "former": "file", "command": {"merge": {}}}"#).unwrap_err();
    assert!(why.contains("cannot hold (it has half a character"), "{why}");
    assert_eq!(world.home("cozy"), before);
    assert_eq!(world.text("former"), former);
}

#[test]
fn of_a_former_only_a_first_connection_of_a_consented_day_is_taken() {
    let taken = |former: &Value, current: &Value, place: &str| {
        let mut world = world(former, current);
        let told = world.run(&MERGE.replace("PLACE", place)).unwrap();
        let home = world.home(place);
        assert_eq!(home[PROFILE].is_null(), told["firstConnection"].is_null() && current[PROFILE].is_null());
        told["firstConnection"].clone()
    };
    let refused =
        json!([{"_id": "ft", "accepted": false, "version": "1.0.0", "date": "2023-01-01T08:00:00Z"}]);
    let late = json!([{"_id": "ft", "accepted": true, "version": "1.0.0", "date": "2024-04-01T08:00:00Z"}]);
    let of_profile = json!([{"_id": "fp", "firstConnectionDate": "2022-05-05T08:00:00Z"}]);
    for place in ["file", "cozy"] {
        for terms in [Value::Null, refused.clone(), late.clone()] {
            for profile in [Value::Null, of_profile.clone()] {
                let mut former = former();
                for (doctype, documents) in [(TERMS, &terms), (PROFILE, &profile)] {
                    former.as_object_mut().unwrap().remove(doctype);
                    if !documents.is_null() {
                        former[doctype] = documents.clone();
                    }
                }
                let mut bare = current();
                bare.as_object_mut().unwrap().remove(PROFILE);
                for current in [current(), bare] {
                    assert_eq!(taken(&former, &current, place), Value::Null, "{terms} {profile}");
                }
            }
        }
        // The earliest that was consented, and no earlier one.
        let mut former = former();
        former[EVENTS][0]["eventDate"] = json!("2022-12-31T08:00:00Z");
        former[EVENTS][1] =
            json!({"_id": "f2", "type": "ConnectionEvent", "eventDate": "2023-05-01T08:00:00Z"});
        former[PROFILE] = of_profile.clone();
        assert_eq!(taken(&former, &current(), place), "2023-05-01T08:00:00Z");
        // What was history there stays so.
        former[MEMORY][0]["memory"]["closedUntil"] = json!("2023-06-01");
        assert_eq!(taken(&former, &current(), place), Value::Null);
    }
}

#[test]
fn of_a_former_nothing_is_merged_that_is_not_the_apps() {
    let mut former = former();
    let mut expected = former.clone();
    former[EVENTS].as_array_mut().unwrap().splice(
        0..0,
        [
            json!({"_id": "_design/e", "views": {}}),
            json!({"_id": "f0", "_deleted": true, "type": "ConnectionEvent", "eventDate": "2022-01-01T08:00:00Z"}),
            // The same `_id` as one that is there, with other contents.
            json!({"_id": "f2", "_deleted": true}),
        ],
    );
    let gone = json!({"_id": "p0", "_deleted": true, "firstConnectionDate": "2021-01-01T08:00:00Z"});
    let own = json!({"_id": "fp", "firstConnectionDate": "2023-01-01T07:00:00Z"});
    former[PROFILE] = json!([gone, own]);
    expected[PROFILE] = json!([own]);
    former[TERMS]
        .as_array_mut()
        .unwrap()
        .insert(0, json!({"_id": "t0", "_deleted": true, "accepted": false}));
    let merged = |former: &Value| {
        let mut world = world(former, &current());
        let told = world.run(&MERGE.replace("PLACE", "file")).unwrap();
        (world.home("file"), told["events"].clone(), told["firstConnection"].clone())
    };
    assert_eq!(merged(&former), merged(&expected));
}

#[test]
fn no_span_begins_at_a_connection_that_was_not_consented() {
    let mut former = former();
    former.as_object_mut().unwrap().remove(TERMS);
    let mut current = current();
    current[EVENTS].as_array_mut().unwrap().push(
        json!({"_id": "c2", "type": "ChallengeLaunchEvent", "target": "CHALLENGE0001", "eventDate": "2024-04-09T10:00:00Z"}),
    );
    current.as_object_mut().unwrap().remove(PROFILE);
    let mut world = world(&former, &current);
    world.run(&MERGE.replace("PLACE", "cozy")).unwrap();
    let sent = world.sent_by_a_run("2024-04-10T02:00:00");
    assert!(sent.iter().any(|measure| measure["measureName"] == "challenge-launch-daily"), "{sent:?}");
    assert!(!sent.iter().any(|measure| measure["measureName"] == "event-duration"), "{sent:?}");
}
