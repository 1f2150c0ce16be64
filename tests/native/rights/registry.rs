use dacc_aggregator::ecolyo::Doctypes;
use dacc_aggregator::rights::{Collection, CommandName, Handling};
use serde_json::json;

use super::full_home;
use super::world::World;

#[test]
fn every_collection_says_what_every_command_does_with_it() {
    for collection in Collection::ALL {
        for command in CommandName::ALL {
            let (Handling::Does(says) | Handling::Leaves(says)) = collection.handling(command);
            assert!(says.len() > 5, "{collection} {}", command.name());
        }
        assert!(!collection.purpose().is_empty() && !collection.kept().is_empty());
    }
    let names: std::collections::BTreeSet<_> = Collection::ALL.iter().map(|each| each.name()).collect();
    assert_eq!(names.len(), Collection::ALL.len());
}

/// The registry against the commands themselves: each collection has a
/// document, and what happens to it is what the registry says.
#[test]
fn the_commands_do_what_the_registry_says() {
    let doctypes = Doctypes::default();
    for collection in Collection::ALL {
        let Some(doctype) = collection.doctype(&doctypes) else {
            assert_eq!(collection, Collection::Backups);
            continue;
        };
        let documents = full_home()[doctype].clone();
        assert!(documents.as_array().is_some_and(|all| !all.is_empty()), "{collection} has no document here");
        let home = json!({doctype: documents}).to_string();
        let does = |command| matches!(collection.handling(command), Handling::Does(_));

        let mut world = World::with_home(&home);
        let told = world.run(r#"{"home": "file", "command": {"export": {}}}"#).unwrap();
        let exported = told["counts"][doctype].as_u64().unwrap_or(0) > 0;
        assert_eq!(exported, does(CommandName::Export), "{collection}");

        let mut target = World::with_home("{}");
        target.files.insert("input:0".into(), world.files["output"].clone());
        target.run(r#"{"home": "file", "command": {"import": {}}}"#).unwrap();
        assert_eq!(target.text("home") != "{}", does(CommandName::Import), "{collection}");

        world.run(r#"{"home": "file", "command": {"purge": {"state": true}}}"#).unwrap();
        assert_eq!(world.home("file")[doctype] != documents, does(CommandName::Purge), "{collection}");

        let mut merging = World::with_home("{}");
        merging.files.insert("former".into(), home.clone().into_bytes());
        merging.run(r#"{"home": "file", "former": "file", "command": {"merge": {}}}"#).unwrap();
        let merged = merging.home("file");
        let doctypes_written: Vec<&String> = merged
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, all)| !all.as_array().unwrap().is_empty())
            .map(|(name, _)| name)
            .collect();
        // The note of the merge is in the history, and the closing in the memory.
        let other = ["com.grandlyon.ecolyo.dacc.history", "com.grandlyon.ecolyo.dacc.memory"];
        let arrived = match collection {
            Collection::Terms | Collection::History | Collection::Requests => {
                merged[other[0]].as_array().unwrap().len() > 1
            }
            // The current home has none, and takes the former's.
            Collection::Profile => false,
            _ => doctypes_written.iter().any(|name| *name == doctype && !other.contains(&name.as_str())),
        };
        assert_eq!(arrived, does(CommandName::Merge), "{collection}: {merged}");
    }
}
