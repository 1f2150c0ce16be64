//! What a file is: home, export, or something else, which is named.

use serde_json::json;

use super::world::World;
use super::{EVENTS, full_home};

const EXPORT: &str = r#"{"home": "file", "command": {"export": {}}}"#;
const IMPORT: &str = r#"{"home": "file", "command": {"import": {}}}"#;
const MIB: usize = 1 << 20;

fn exported(home: &str) -> String {
    let mut world = World::with_home(home);
    world.run(EXPORT).unwrap();
    world.text("output").to_owned()
}

fn imported(export: impl Into<Vec<u8>>) -> Result<World, String> {
    let mut world = World::with_home("{}");
    world.files.insert("input:0".into(), export.into());
    world.run(IMPORT).map(|_| world)
}

fn utf_16(text: &str, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{feff}" } else { "" };
    mark.encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_byte_order_mark_belongs_to_no_text_and_no_hash() {
    let home = full_home().to_string();
    let plain = imported(exported(&home)).unwrap();
    let marked = imported(format!("\u{feff}{}", exported(&format!("\u{feff}{home}")))).unwrap();
    assert_eq!(plain.text("home"), marked.text("home"));
}

#[test]
fn what_cannot_be_read_is_named() {
    let export = exported(&full_home().to_string());
    let cases: [(Vec<u8>, &str); 7] = [
        (utf_16(&export, true), "it is text in UTF-16; "),
        (utf_16(&export, false), "it is text in UTF-16; "),
        (b"\x1f\x8b\x08\0\0\0".to_vec(), "it is compressed (gzip); "),
        (b"\x28\xb5\x2f\xfd\0\0".to_vec(), "it is compressed (zstd); "),
        (b"age-encryption.org/v1\n-> scrypt".to_vec(), "it is sealed (age); dacc open "),
        (b"PK\x03\x04".to_vec(), "it is an archive (zip); "),
        (b"<!doctype html>".to_vec(), "it is a page "),
    ];
    for (bytes, why) in cases {
        let of_export = imported(bytes.clone()).unwrap_err();
        assert!(of_export.starts_with(&format!("input:0: {why}")), "{of_export}");
        let mut world = World::default();
        world.files.insert("home".into(), bytes);
        let of_home = world.run(EXPORT).unwrap_err();
        assert!(of_home.starts_with(&format!("home: {why}")), "{of_home}");
    }
}

#[test]
fn one_file_in_the_place_of_another_is_named() {
    let home = full_home().to_string();
    let export = exported(&home);
    let of_home = |text: &str| World::with_home(text).run(EXPORT).unwrap_err();
    assert!(of_home(&export).contains("dacc import takes an export into a home"), "{}", of_home(&export));
    assert!(of_home("").contains("it is empty"));
    let several = of_home(&format!("{home}\n{home}\n"));
    assert!(several.starts_with("home: these are several homes, one a line"), "{several}");
    let measures = of_home("{\"createdBy\":\"ecolyo\"}\n{\"createdBy\":\"ecolyo\"}\n");
    assert!(!measures.contains("several homes"), "{measures}");
    let of_export = imported(home).unwrap_err();
    assert!(of_export.contains("dacc export makes one of a home file"), "{of_export}");
}

#[test]
fn an_event_may_be_as_large_as_any_program_here_reads() {
    let large = |bytes: usize| {
        let event = |id: &str, text: String| json!({"_id": id, "type": "ProfileSetEvent", "eventDate": "2023-01-01T08:00:00Z", "text": text});
        let empty = event("large", String::new()).to_string().len();
        json!({EVENTS: [event("large", "x".repeat(bytes - empty)), event("small", String::new())]})
            .to_string()
    };
    let home = large(64 * MIB);
    let mut world = World::with_home(&home);
    world.run(r#"{"home": "file", "command": {"purge": {}}}"#).unwrap();
    assert!(world.files["home"].len() < 2_000);
    world.files.insert("input:0".into(), world.files["backup"].clone());
    world.run(r#"{"home": "file", "command": {"recover": {"files": 1}}}"#).unwrap();
    let before: serde_json::Value = serde_json::from_str(&home).unwrap();
    assert!(world.home("file")[EVENTS] == before[EVENTS], "another event");
    let why = World::with_home(&large(64 * MIB + 1)).run(EXPORT).unwrap_err();
    assert!(why.contains("a document of more than 64 MiB begins at byte"), "{why}");
}
