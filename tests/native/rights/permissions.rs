//! The fragments of a manifest against each request that is made, and what a
//! command that lacks one of its permissions leaves behind.

use std::collections::BTreeSet;
use std::path::Path;

use dacc_aggregator::Options;
use dacc_aggregator::rights::{Audience, Fragment, Verb};
use serde_json::{Value, json};

use super::world::{World, cozy_json};
use super::{EVENTS, PROFILE, TERMS, full_home, import, merge};

/// What a fragment allows: each doctype with each verb.
fn allowed(options: &str, of: Audience) -> BTreeSet<(String, &'static str)> {
    let fragment = Fragment::new(&Options::from_json(options).unwrap(), of);
    let all = fragment.permissions().iter().flat_map(|permission| {
        permission.verbs.iter().map(|verb| {
            let verb = match verb {
                Verb::Get => "GET",
                Verb::Post => "POST",
                Verb::Put => "PUT",
            };
            (permission.doctype.clone(), verb)
        })
    });
    all.collect()
}

fn on_cozy(command: &str) -> String {
    format!(r#"{{"home": "cozy", "command": {{{command}}}}}"#)
}

/// Every command over a Cozy, with the world that gives it something to do.
fn commands() -> Vec<(String, World)> {
    let mut full = import::exported(&full_home().to_string());
    full.put_in_cozy("home", &full_home());
    let mut gone = full.clone();
    gone.cozies.get_mut("home").unwrap().delete(EVENTS, "e1");
    let mut empty = full.clone();
    empty.cozies.insert("home", Default::default());
    let merging = merge::world(&full_home(), &json!({PROFILE: [{"_id": "own"}]}));
    let mut all: Vec<(String, World)> = [
        r#""export": {}"#,
        r#""backup": {}"#,
        r#""receipts": {}"#,
        r#""report": {}"#,
        r#""status": {}"#,
        r#""settings": {}"#,
        r#""settings": {"zone": "Indian/Reunion"}"#,
        r#""purge": {}"#,
        r#""purge": {"before": "2024-04-09"}"#,
        r#""purge": {"state": true}"#,
        r#""purge": {"state": true, "backup": false}"#,
        r#""purge": {"undated": true}"#,
    ]
    .map(|command| (on_cozy(command), full.clone()))
    .into();
    all.push((on_cozy(r#""import": {}"#), empty));
    all.push((on_cozy(r#""recover": {"files": 1, "sameHome": true}"#), gone));
    all.push((merge::MERGE.replace("PLACE", "cozy"), merging));
    all
}

#[test]
fn the_rights_need_what_their_fragment_allows_and_all_of_it() {
    let mut needed = BTreeSet::new();
    for (task, mut world) in commands() {
        world.run(&task).unwrap();
        needed.extend(world.needed);
    }
    assert_eq!(needed, allowed("{}", Audience::Rights));
}

#[test]
fn the_service_needs_what_its_fragment_allows_and_all_of_it() {
    let remote = [("cc.cozycloud.dacc.dev_v2".to_owned(), "POST")];
    for options in [
        r#""flagAggregated": true"#,
        r#""flagAggregated": false"#,
        r#""flagAggregated": false, "retention": {"age": 3, "inactivity": 900}"#,
        r#""remote": "cc.cozycloud.dacc.dev_v2", "doctypes": {"events": "org.example.events"}"#,
        r#""remote": "http://localhost:8081""#,
    ] {
        let mut needed = BTreeSet::new();
        // The first night of a home, a night on which a month is due, one whose
        // time ends, and one without consent.
        let terms =
            json!([{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}]);
        let mut first = World::default();
        let mut home = full_home();
        home[TERMS] = terms;
        home.as_object_mut().unwrap().retain(|doctype, _| doctype == EVENTS || doctype == TERMS);
        for event in home[EVENTS].as_array_mut().unwrap() {
            event["aggregated"] = json!(false);
        }
        home["org.example.events"] = home[EVENTS].clone();
        first.put_in_cozy("home", &home);
        let mut withdrawn = World::default();
        let mut refused = full_home();
        refused[TERMS][0]["accepted"] = json!(false);
        withdrawn.put_in_cozy("home", &refused);
        let mut short = first.clone();
        for (now, limit, world) in [
            ("2024-04-11T02:00:00", Some(44), &mut short),
            ("2024-04-10T02:00:00", None, &mut first),
            ("2024-04-10T02:00:00", None, &mut withdrawn),
        ] {
            let options = format!(r#"{{"now": "{now}", "firstDay": "2024-03-01", {options}}}"#);
            world.sent_in_time(&options, limit);
            needed.append(&mut world.needed);
        }
        let mut allowed = allowed(&format!("{{{options}}}"), Audience::Service);
        if !options.contains("remote") {
            // It stands beside the other, to be configured.
            remote.iter().for_each(|dev| _ = allowed.remove(dev));
        }
        assert_eq!(needed, allowed, "{options}");
    }
}

#[test]
fn a_command_without_one_of_its_permissions_leaves_everything_as_it_was() {
    for (task, world) in commands() {
        for forbidden in allowed("{}", Audience::Rights) {
            let mut world = World { forbids: Some(forbidden.clone()), ..world.clone() };
            let homes = |world: &World| -> Vec<Value> { world.cozies.values().map(cozy_json).collect() };
            let before = homes(&world);
            let ended = world.run(&task);
            if ended.is_err() {
                assert_eq!(homes(&world), before, "{task} without {forbidden:?}: {ended:?}");
            } else {
                assert!(
                    !world.needed.contains(&forbidden) || forbidden.0 == "io.cozy.remote.requests",
                    "{task} {forbidden:?}"
                );
            }
        }
    }
}

/// What stands in the package is what is made of the code. To make it anew:
/// `DACC_WRITE=1 cargo test --test native fragments`.
#[test]
fn the_fragments_of_the_package_are_these() {
    for (file, of) in [("manifest.webapp", Audience::Service), ("manifest.rights.webapp", Audience::Rights)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pkg").join(file);
        let fragment = Fragment::new(&Options::default(), of);
        let text = serde_json::to_string_pretty(&fragment).unwrap() + "\n";
        if std::env::var_os("DACC_WRITE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{file}: see above");
    }
}
