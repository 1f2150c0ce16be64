//! A dry run of what deletes tells what it would do, and does none of it.

use serde_json::{Value, json};

use super::world::{World, cozy_json};
use super::{EVENTS, HISTORY, full_home, merge};

/// A command without a backup: what it tells, dry and in truth, of two worlds
/// that are the same before it.
fn both(world: &mut World, task: &str) -> (Value, Value) {
    let dry = task.replace("{\"backup\": false", "{\"backup\": true, \"dryRun\": true");
    assert_ne!(dry, task);
    let before = (world.files.clone(), cozies(world));
    let told = world.run(&dry).unwrap();
    assert_eq!((world.files.clone(), cozies(world)), before, "nothing was written");
    let done = world.run(task).unwrap();
    assert_ne!((world.files.clone(), cozies(world)), before);
    (told, done)
}

fn cozies(world: &World) -> Vec<(&'static str, Value)> {
    world.cozies.iter().map(|(name, store)| (*name, cozy_json(store))).collect()
}

#[test]
fn a_dry_purge_tells_what_the_purge_then_does() {
    for place in ["file", "cozy"] {
        for order in [
            "",
            r#", "state": true"#,
            r#", "before": "2024-04-09""#,
            r#", "before": "2024-04-09", "state": true"#,
        ] {
            let mut world = World::with_home(&full_home().to_string());
            world.put_in_cozy("home", &full_home());
            let task =
                format!(r#"{{"home": "{place}", "command": {{"purge": {{"backup": false{order}}}}}}}"#);
            let (told, done) = both(&mut world, &task);
            assert_eq!(told, done, "{place} {order}");
            assert!(told["deleted"]["events"].as_u64().unwrap() > 0);
            let revisions =
                told["notErased"].as_array().unwrap().iter().any(|each| each["what"] == "revisions");
            assert_eq!(revisions, place == "cozy");
        }
    }
}

#[test]
fn a_dry_merge_tells_what_the_merge_then_does() {
    for place in ["file", "cozy"] {
        let mut world = merge::world(&merge::former(), &merge::current());
        let task = merge::MERGE
            .replace("PLACE", place)
            .replace(r#"{"merge": {}}"#, r#"{"merge": {"backup": false}}"#);
        let (told, done) = both(&mut world, &task);
        assert_eq!(told, done, "{place}");
        assert_eq!(told["events"], 3);
    }
}

#[test]
fn a_dry_merge_is_refused_as_the_merge_would_be() {
    let late =
        json!({EVENTS: [{"_id": "l", "type": "ProfileSetEvent", "eventDate": "2024-04-09T08:00:00Z"}]});
    for place in ["file", "cozy"] {
        let mut world = merge::world(&late, &merge::current());
        let dry = merge::MERGE.replace("PLACE", place).replace("{}}}", r#"{"dryRun": true}}}"#);
        let why = world.run(&dry).unwrap_err();
        assert!(why.contains("is not before the current home's first"), "{why}");
    }
}

#[test]
fn a_dry_purge_reads_where_a_run_is_under_way() {
    let mut home = full_home();
    home[HISTORY] = json!([]);
    home[super::MEMORY][0]["lease"] = json!({"by": "run-1", "until": super::world::NOW + 60_000});
    let mut world = World::default();
    world.put_in_cozy("home", &home);
    let told = world.run(r#"{"home": "cozy", "command": {"purge": {"dryRun": true}}}"#).unwrap();
    assert_eq!(told["deleted"], json!({"events": 4}));
    assert!(world.run(r#"{"home": "cozy", "command": {"purge": {}}}"#).unwrap_err().contains("under way"));
}
