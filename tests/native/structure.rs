//! The rooms of the crate, and which way they may look: down.
//!
//! Each file or folder at the root of `src/` is a room. A room may name those
//! that stand before it in `ROOMS`, and no other; so there is no circle, and
//! whoever reads a room needs to know only what stands above it in this list.

use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up: a room, and what it is for.
const ROOMS: &[(&str, &str)] = &[
    ("base", "what any program could use: hashes, sorting, decimals, collections, JSON"),
    ("limits", "every limit, with its reason"),
    ("error", "the one error"),
    ("diagnostics", "what is noticed, counted by stable codes"),
    ("scan", "bytes to documents"),
    ("couch", "which documents of a database are the app's"),
    ("decode", "documents to types, strictly"),
    ("calendar", "days, months, zones, the two clocks"),
    ("measure", "what may leave"),
    ("app", "what an app's documents are: types, fields, where they stand"),
    ("ecolyo", "what is still known of one app"),
    ("catalog", "indicators as data: read, checked, compiled"),
    ("consent", "which days a person lets count"),
    ("memory", "what runs remember of runs and events"),
    ("options", "what a host configures, and the settings that a home lives under"),
    ("timeline", "events by class, read once and kept small"),
    ("facts", "what later days need to know of earlier ones"),
    ("fold", "events of a period to values, one file for each kind"),
    ("compute", "which periods are due, and all their measures"),
    ("ledger", "what a home contributes, once"),
    ("effect", "what is asked of a host, and what it answers"),
    ("store", "where documents are: a Cozy's data API, a home file"),
    ("remote", "the server of measures, and what its answers mean"),
    ("preview", "what tonight's run would send"),
    ("explain", "which events made which measures, and why others made none"),
    ("run", "the nightly run"),
    ("rights", "what a person can ask of what is kept"),
    ("wasm", "the face that JavaScript sees"),
];

#[test]
fn a_room_looks_down_alone() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let room = room_of(&path);
        let Some(own) = place(&room) else {
            wrong.push(format!("{} is in no room: add `{room}` to ROOMS, at its height", path.display()));
            continue;
        };
        if code(&text).any(|(_, line)| line.contains("super::super")) {
            wrong.push(format!("src/{}: `super::super` hides which room is meant: name it", path.display()));
        }
        for (line, name) in names(&text) {
            let at = format!("src/{}:{line}", path.display());
            match place(&name) {
                Some(other) if other > own => wrong.push(format!(
                    "{at}: `{room}` ({}) looks up to `{name}` ({}). Move what both need down to a \
                     room below `{room}`.",
                    ROOMS[own].1, ROOMS[other].1
                )),
                Some(_) => {}
                None => wrong.push(format!(
                    "{at}: `crate::{name}` is no room. Inside the crate, name a thing by the room it is in."
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_room_exists() {
    let rooms: Vec<String> = sources().iter().map(|(path, _)| room_of(path)).collect();
    for (room, _) in ROOMS {
        assert!(rooms.iter().any(|known| known == room), "there is no room `{room}`: take it out of ROOMS");
    }
}

#[test]
fn the_book_lists_the_same_rooms_in_the_same_order() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design.md");
    let book = fs::read_to_string(book).unwrap();
    let table = book.split("\n## ").find(|section| section.starts_with("Rooms\n")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let first_cells = rows.map(|row| row.trim_start_matches("| ").split(" |").next().unwrap());
    let listed: Vec<&str> = first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let rooms: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    assert_eq!(listed, rooms);
}

#[test]
fn only_one_room_knows_javascript() {
    for (path, text) in sources() {
        let room = room_of(&path);
        for word in ["wasm_bindgen", "js_sys", "web_sys", "gloo_", "JsValue"] {
            let is_named = code(&text).any(|(_, line)| line.contains(word));
            assert!(room == "wasm" || !is_named, "src/{} names {word}: only `wasm` may", path.display());
        }
    }
}

/// Every source file but the crate's root, by its path below `src/`.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut sources) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(&root).unwrap().to_owned();
                if below != Path::new("lib.rs") {
                    sources.push((below, fs::read_to_string(&path).unwrap()));
                }
            }
        }
    }
    sources.sort();
    sources
}

/// The folder, or the file, at the root of `src/`.
fn room_of(path: &Path) -> String {
    let first = Path::new(path.components().next().unwrap().as_os_str());
    first.with_extension("").to_string_lossy().into_owned()
}

fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|(known, _)| *known == room)
}

/// The lines of a file with their numbers, without comments, and without its
/// unit tests, which stand at its end and may look anywhere.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    (1..).zip(code.lines()).map(|(number, line)| (number, line.split("//").next().unwrap_or_default()))
}

/// What stands after each `crate::`, with its line.
fn names(text: &str) -> Vec<(usize, String)> {
    let is_of_name = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    let name = |rest: &str| rest.chars().take_while(is_of_name).collect();
    code(text)
        .flat_map(|(line, text)| text.split("crate::").skip(1).map(move |rest| (line, name(rest))))
        .collect()
}
