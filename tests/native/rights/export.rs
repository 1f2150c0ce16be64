use super::world::World;
use super::{EVENTS, full_home};

const EXPORT: &str = r#"{"home": "file", "command": {"export": {}}}"#;

#[test]
fn every_document_goes_out_as_the_bytes_it_is() {
    let home = r#"{"com.grandlyon.ecolyo.usageevents":[ { "a": 1.10, "b":1e400,"s":"\ud800\u00e9é" } ,{},{ },7,"x",
        {"_col":"mine"},{"deep":{"_col":[1, 2]}}],"home":"n"}"#;
    let mut world = World::with_home(home);
    world.run(EXPORT).unwrap();
    let lines: Vec<&str> = world.text("output").lines().collect();
    assert!(lines[0].starts_with(
        r#"[{"_col":"dacc.export","format":1,"createdAt":"2024-04-10T12:00:00Z","collections":{"events":"com.grandlyon.ecolyo.usageevents","#
    ));
    assert_eq!(
        lines[1..lines.len() - 1],
        [
            r#"{"_col":"com.grandlyon.ecolyo.usageevents", "a": 1.10, "b":1e400,"s":"\ud800\u00e9é" },"#,
            r#"{"_col":"com.grandlyon.ecolyo.usageevents"},"#,
            r#"{"_col":"com.grandlyon.ecolyo.usageevents" },"#,
            r#"{"_col":"dacc.document","of":"com.grandlyon.ecolyo.usageevents","document":7},"#,
            r#"{"_col":"dacc.document","of":"com.grandlyon.ecolyo.usageevents","document":"x"},"#,
            r#"{"_col":"dacc.document","of":"com.grandlyon.ecolyo.usageevents","document":{"_col":"mine"}},"#,
            r#"{"_col":"com.grandlyon.ecolyo.usageevents","deep":{"_col":[1, 2]}},"#,
        ]
    );
    assert!(lines.last().unwrap().starts_with(r#"{"_col":"dacc.export.end","counts":{"#));
    assert!(lines.last().unwrap().contains(r#""com.grandlyon.ecolyo.usageevents":7,"#));
    let whole: serde_json::Value =
        serde_json::from_str(&world.text("output").replace("1e400", "1").replace(r"\ud800", "")).unwrap();
    assert_eq!(whole.as_array().unwrap().len(), 9);
}

#[test]
fn the_hash_is_of_all_that_precedes_the_last_line() {
    let mut world = World::with_home("{}");
    world.run(r#"{"home": "file", "command": {"export": {"collections": ["events"]}}}"#).unwrap();
    // sha256sum of the first line and its newline, by coreutils.
    assert_eq!(
        world.text("output"),
        "[{\"_col\":\"dacc.export\",\"format\":1,\"createdAt\":\"2024-04-10T12:00:00Z\",\"collections\":{\"events\":\"com.grandlyon.ecolyo.usageevents\"}},\n\
         {\"_col\":\"dacc.export.end\",\"counts\":{\"com.grandlyon.ecolyo.usageevents\":0},\"sha256\":\"52f219f340961602a653d05d8926abf8dbf61b9b0eac41a0ae730a7303c83a47\"}]\n"
    );
}

#[test]
fn all_collections_go_out_by_default_and_of_the_log_what_went_to_a_dacc() {
    for place in ["file", "cozy"] {
        let mut world = World::with_home(&full_home().to_string());
        world.put_in_cozy("home", &full_home());
        let told = world.run(&EXPORT.replace("file", place)).unwrap();
        let counts: Vec<u64> =
            told["counts"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).collect();
        // By doctype: history, measures, memory, profile, profile type, terms, events, requests.
        assert_eq!(counts, [1, 3, 1, 1, 1, 1, 4, 1], "{place}");
        assert!(!world.text("output").contains("weather"));
    }
}

#[test]
fn a_range_is_of_local_days_from_the_first_to_before_the_last() {
    let mut world = World::with_home(&full_home().to_string());
    let told = world
        .run(r#"{"home": "file", "command": {"export": {"from": "2024-04-08", "to": "2024-04-09", "collections": ["events", "measures", "profile"]}}}"#)
        .unwrap();
    assert_eq!(told["counts"][EVENTS], 1);
    assert_eq!(told["counts"][super::MEASURES], 1);
    // What lies on no day by its nature is whole; what should and cannot be read is told.
    assert_eq!(told["counts"][super::PROFILE], 1);
    assert_eq!(told["dateless"], 1);
    assert!(world.text("output").contains(r#""from":"2024-04-08","to":"2024-04-09""#));
}

#[test]
fn a_range_or_a_name_that_means_nothing_is_refused() {
    let mut world = World::with_home("{}");
    let refused = |world: &mut World, export: &str| {
        world.run(&format!(r#"{{"home": "file", "command": {{"export": {export}}}}}"#)).unwrap_err()
    };
    assert!(refused(&mut world, r#"{"from": "2024-04-08", "to": "2024-04-08"}"#).starts_with("to:"));
    let why = refused(&mut world, r#"{"collections": ["event"]}"#);
    assert!(why.contains("events, profile, profileType, terms"), "{why}");
    assert!(refused(&mut world, r#"{"collections": ["backups"]}"#).starts_with("collections:"));
    assert!(!world.files.contains_key("output"));
}

#[test]
fn what_cannot_be_read_to_its_end_gives_no_file() {
    let home = full_home().to_string();
    for at in (0..home.len() as u64).step_by(500) {
        let mut world = World::with_home(&home);
        world.unreadable = Some(("home".into(), at));
        assert!(world.run(EXPORT).is_err());
        assert!(!world.files.contains_key("output"));
    }
    for broken in
        [&home[..home.len() - 1], "7", "{\"a\":[1,]}", "{\"a\":[1 2]}", "{\"a\":[nul]}", "{\"a\" 1}", "{}{}"]
    {
        let mut world = World::with_home(broken);
        let why = world.run(EXPORT).unwrap_err();
        assert!(why.starts_with("home: ") && why.contains(" at byte "), "{broken}: {why}");
        assert!(!world.files.contains_key("output"));
    }
}

#[test]
fn a_file_that_is_no_home_is_never_taken_for_a_whole_one() {
    let twice = format!(r#"{{"{EVENTS}":[{{"_id":"a"}}],"{EVENTS}":[]}}"#);
    let not_an_array = format!(r#"{{"{EVENTS}":{{"_id":"a"}}}}"#);
    let commands = [
        r#"{"export": {}}"#,
        r#"{"backup": {}}"#,
        r#"{"report": {}}"#,
        r#"{"status": {}}"#,
        r#"{"purge": {}}"#,
    ];
    for (home, part) in [
        ("", "it is empty"),
        (" \n", "it is empty"),
        (&not_an_array, "no array"),
        (r#"{"com.example.other": null}"#, "no array"),
        (&twice, "stands twice"),
    ] {
        for command in commands {
            let mut world = World::with_home(home);
            let why = world.run(&format!(r#"{{"home": "file", "command": {command}}}"#)).unwrap_err();
            assert!(why.starts_with("home: ") && why.contains(part), "{command} {home}: {why}");
            assert_eq!(world.files.keys().collect::<Vec<_>>(), ["home"]);
            assert_eq!(world.text("home"), home);
        }
    }
    assert!(World::with_home("{}").run(r#"{"home": "file", "command": {"export": {}}}"#).is_ok());
    // Where an import makes the home, there is nothing yet.
    let mut world = super::import::exported(&format!(r#"{{"{EVENTS}":[{{"_id":"a"}}]}}"#));
    world.files.insert("home".into(), Vec::new());
    world.run(r#"{"home": "file", "command": {"import": {}}}"#).unwrap();
    assert_eq!(super::ids(&world.home("file"), EVENTS), ["a"]);
}
