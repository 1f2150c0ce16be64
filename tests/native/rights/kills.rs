//! Killed at each effect in turn, before it is performed and after it, and
//! begun again: the end is the same.

use serde_json::{Value, json};

use super::world::{Ended, Kill, World, cozy_json, plain};
use super::{EVENTS, MEASURES, full_home, import, merge};

/// What must be the same, however often the command was begun.
fn end(world: &World, place: &str) -> Value {
    let sorted = |mut home: Value| {
        for documents in home.as_object_mut().unwrap().values_mut() {
            documents.as_array_mut().unwrap().sort_by_key(|document| document["_id"].to_string());
        }
        home
    };
    let former = match place {
        "file" => world.files.get("former").map(|bytes| plain(serde_json::from_slice(bytes).unwrap())),
        _ => world.cozies.get("former").map(cozy_json),
    };
    json!([sorted(world.home(place)), former.map(sorted)])
}

fn killed_everywhere(given: &World, place: &str, task: &str) {
    let mut whole = given.clone();
    let (ended, effects) = whole.run_until(task, None);
    assert!(matches!(ended, Ended::Done(_)), "{ended:?}");
    let expected = end(&whole, place);
    for at in 0..effects {
        for kill in [Kill::Before(at), Kill::After(at)] {
            let mut world = given.clone();
            assert!(matches!(world.run_until(task, Some(kill)).0, Ended::Killed), "{kill:?}");
            // What is there in between is a home, and nothing of it can be sent
            // that could not be sent before.
            world.home(place);
            // A backup of the first try stays; the next has a place of its own.
            let first_backup = world.files.remove("backup");
            let again = world.run_until(task, None).0;
            assert!(matches!(again, Ended::Done(_)), "{kill:?}: {again:?}");
            assert_eq!(end(&world, place), expected, "{kill:?} of {effects}");
            backups_hold_what_went(given, &world, first_backup, place);
        }
    }
}

/// Each event that is gone from both homes is in one of the backups.
fn backups_hold_what_went(given: &World, world: &World, first: Option<Vec<u8>>, place: &str) {
    let events = |world: &World| {
        let end = end(world, place);
        let all = end
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|home| home[EVENTS].as_array().cloned().unwrap_or_default());
        all.map(|event| event["_id"].to_string()).collect::<Vec<_>>()
    };
    let after = events(world);
    let backups =
        [first, world.files.get("backup").cloned()].into_iter().flatten().collect::<Vec<_>>().concat();
    let backups = String::from_utf8(backups).unwrap();
    for gone in events(given).iter().filter(|id| !after.contains(id)) {
        assert!(backups.contains(&format!("\"_id\":{gone}")), "{gone} is lost");
    }
}

fn home() -> World {
    let mut world = World::with_home(&full_home().to_string());
    world.put_in_cozy("home", &full_home());
    world
}

#[test]
fn a_purge_killed_and_begun_again_ends_the_same() {
    for place in ["file", "cozy"] {
        for order in [
            "{}",
            r#"{"before": "2024-04-09"}"#,
            r#"{"state": true}"#,
            r#"{"state": true, "before": "2024-04-09"}"#,
        ] {
            let task = format!(r#"{{"home": "{place}", "command": {{"purge": {order}}}}}"#);
            killed_everywhere(&home(), place, &task);
        }
    }
}

#[test]
fn a_purge_killed_anywhere_lets_nothing_be_sent_that_was_sent_before() {
    // Of the last, events and consent stay while the ledger goes.
    for order in [
        r#"{"state": true}"#,
        r#"{"state": true, "before": "2024-04-09"}"#,
        r#"{"state": true, "before": "2024-04-01"}"#,
    ] {
        let task = format!(r#"{{"home": "cozy", "command": {{"purge": {order}}}}}"#);
        let mut whole = home();
        let (_, effects) = whole.run_until(&task, None);
        for at in 0..effects {
            let mut world = home();
            world.run_until(&task, Some(Kill::After(at)));
            // The lease of the one that was killed has run out by then.
            let sent = world.sent_by_a_run_at("2024-04-11T02:00:00", 3_600_000);
            // Sent before: the events of the 8th. Cancelled or unknown: those of the 9th and of March.
            assert!(
                sent.iter().all(|measure| measure["startDate"] != "2024-04-08"),
                "killed at {at}: {sent:?}"
            );
        }
    }
}

#[test]
fn an_import_killed_and_begun_again_ends_the_same() {
    for place in ["file", "cozy"] {
        let mut given = import::exported(&full_home().to_string());
        given.put_in_cozy("home", &json!({EVENTS: [{"_id": "own", "eventDate": "2024-04-01T08:00:00Z"}]}));
        killed_everywhere(&given, place, &format!(r#"{{"home": "{place}", "command": {{"import": {{}}}}}}"#));
    }
}

#[test]
fn a_merge_killed_and_begun_again_ends_the_same() {
    for place in ["file", "cozy"] {
        let given = merge::world(&merge::former(), &merge::current());
        killed_everywhere(&given, place, &merge::MERGE.replace("PLACE", place));
    }
}

#[test]
fn a_recovery_killed_and_begun_again_ends_the_same() {
    for place in ["file", "cozy"] {
        let mut given = home();
        given.run(&format!(r#"{{"home": "{place}", "command": {{"purge": {{}}}}}}"#)).unwrap();
        let backup = given.files.remove("backup").unwrap();
        given.files.insert("input:0".into(), backup.clone());
        given.files.insert("input:1".into(), backup);
        let task = format!(r#"{{"home": "{place}", "command": {{"recover": {{"files": 2}}}}}}"#);
        killed_everywhere(&given, place, &task);
        assert!(!given.home(place)[MEASURES].as_array().unwrap().is_empty());
    }
}

#[test]
fn a_backup_of_a_purge_that_was_killed_is_known_as_this_homes() {
    let given = home();
    for place in ["file", "cozy"] {
        let task = format!(r#"{{"home": "{place}", "command": {{"purge": {{}}}}}}"#);
        let effects = given.clone().run_until(&task, None).1;
        let mut backups = 0;
        for kill in (0..effects).flat_map(|at| [Kill::Before(at), Kill::After(at)]) {
            let mut world = given.clone();
            world.run_until(&task, Some(kill));
            let Some(first) = world.files.remove("backup") else { continue };
            assert!(matches!(world.run_until(&task, None).0, Ended::Done(_)));
            world.files.insert("input:0".into(), first);
            let recovered =
                world.run(&format!(r#"{{"home": "{place}", "command": {{"recover": {{"files": 1}}}}}}"#));
            assert_eq!(recovered.map(|told| told["good"].clone()), Ok(json!(1)), "{place} {kill:?}");
            backups += 1;
        }
        assert!(backups > 0);
    }
}
