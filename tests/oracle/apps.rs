//! Random descriptions of apps, and events of them: names that are nearly
//! alike, paths that meet, fields that hold something else than they should.

use dacc_aggregator::catalog::{Catalog, Description};
use serde_json::{Value, json};

use crate::arbitrary::{self, Case, Document, Vocabulary};
use crate::dates::Day;
use crate::random::Random;

/// Where something stands in a document.
type Path = Vec<String>;

/// What an app has much of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Much {
    Anything,
    /// Texts that decide about events of one type, and are few in each.
    Texts,
    /// Dates at which spans start.
    Dates,
}

/// An app, with what has to be known to write events of it.
struct App {
    much: Much,
    description: Value,
    /// Every type, and those that most events are of.
    types: Vec<String>,
    met: Vec<String>,
    type_path: Option<Path>,
    date: Path,
    flag: Option<Path>,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    path: Path,
    kind: &'static str,
}

/// A value in a document that is made.
#[derive(Debug, Clone)]
enum Node {
    Written(String),
    Object(Vec<(String, Node)>),
}

/// A text that is not empty, often nearly another one.
fn name(random: &mut Random) -> String {
    let number = random.below(40);
    match random.below(9) {
        0 => random.pick(&["a", "b", "é", "日", "🎈", "\\", "\u{1}", " ", "0", ":"]).into(),
        1 => format!("com.example.app.{number}").replace('.', random.pick(&["_", "-", "/"])),
        2 => format!("{number}HappenedEvent"),
        // Alike in the first eight bytes and in the last.
        3 | 4 => format!("prefix__{number}__suffix"),
        5 => format!("{number:x>100}"),
        6 => format!("Événement{number}"),
        7 => format!("ab{}", "c".repeat(usize::try_from(random.below(9)).unwrap())),
        _ => format!("n{number}"),
    }
}

/// Different texts.
fn names(random: &mut Random, count: usize) -> Vec<String> {
    let mut names = Vec::new();
    while names.len() < count {
        let name = name(random);
        // There are fewer of some kinds.
        let name = if names.contains(&name) { format!("{name}{}", names.len()) } else { name };
        if name.len() <= 100 && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A path through these keys, as a description writes it.
fn written_path(random: &mut Random, path: &Path) -> String {
    let written = |key: &String| {
        let needs_quotes = key.contains(['.', '[', ']', '^']);
        if needs_quotes || random.chance(100) { format!("\"{key}\"") } else { key.clone() }
    };
    path.iter().map(written).collect::<Vec<_>>().join(".")
}

/// A path of a field, which may be one that is there, or lie beside or within it.
fn path(random: &mut Random, known: &[Path]) -> Path {
    let key = |random: &mut Random| match random.below(6) {
        0 => random.pick(&["a.b", "x[]", "^", "a"]).to_owned(),
        _ => name(random),
    };
    let mut path = match random.below(10) {
        0..4 => vec![key(random)],
        4..6 => known[usize::try_from(random.below(known.len() as u64)).unwrap()].clone(),
        6..9 => {
            let mut path = known[usize::try_from(random.below(known.len() as u64)).unwrap()].clone();
            if random.chance(600) {
                path.pop();
            }
            path.push(key(random));
            path
        }
        _ => (0..random.between(2, 6)).map(|_| key(random)).collect(),
    };
    path.truncate(6);
    path
}

fn app(random: &mut Random) -> App {
    let much = random.pick(&[Much::Anything, Much::Anything, Much::Texts, Much::Dates]);
    let count = random.pick(&[1, 1, 2, 3, 5, 17, 64]);
    let types = names(random, count);
    let several = if much == Much::Anything { random.between(1, 3) } else { 1 };
    let met: Vec<String> =
        (0..several).map(|_| types[usize::try_from(random.below(count as u64)).unwrap()].clone()).collect();
    let own = |random: &mut Random, name: &str| match random.below(6) {
        0 => vec!["meta".to_owned(), name.to_owned()],
        1 => path(random, &[vec!["meta".to_owned()]]),
        _ => vec![name.to_owned()],
    };
    let type_path = (count > 1 || random.chance(500)).then(|| own(random, "type"));
    let date = own(random, "at");
    let flag = random.chance(300).then(|| vec!["aggregated".to_owned()]);
    let mut known = vec![date.clone(), vec!["deep".to_owned(), "est".to_owned()]];
    known.extend(type_path.clone());
    known.push(vec!["_id".to_owned()]);
    let count = match much {
        Much::Anything => random.pick(&[0, 1, 3, 6, 6, 10, 10, 20, 32]),
        Much::Texts => random.pick(&[5, 8, 12, 20]),
        Much::Dates => random.pick(&[2, 3, 8]),
    };
    let mut own_names = names(random, count);
    if random.chance(600)
        && let Some(name) = own_names.first_mut()
    {
        *name = "target".into();
    }
    let mut fields: Vec<Field> = Vec::new();
    for name in own_names {
        let is_path = !name.contains(['.', '[', ']', '^', '"']);
        let path = if is_path && random.chance(500) { vec![name.clone()] } else { path(random, &known) };
        known.push(path.clone());
        let kinds: &[&str] = match much {
            Much::Anything => &[
                "text", "text", "text", "text", "text", "scalar", "scalar", "number", "number", "date",
                "date", "boolean",
            ],
            Much::Texts => &["text", "text", "text", "scalar"],
            Much::Dates => &["date"],
        };
        fields.push(Field { name, path, kind: random.pick(kinds) });
    }
    let mut source = json!({
        "name": "source", "doctype": "org.example.events", "types": types,
        "date": written_path(random, &date),
    });
    if let Some(path) = &type_path {
        source["typeField"] = written_path(random, path).into();
    }
    if let Some(path) = &flag {
        (source["owned"], source["flag"]) = (true.into(), path[0].as_str().into());
    }
    let described = fields.iter().map(|Field { name, path, kind }| {
        let mut field = json!({"name": name, "kind": kind});
        if *path != [name.clone()] || random.chance(200) {
            field["path"] = written_path(random, path).into();
        }
        field
    });
    source["fields"] = described.collect();
    let slug = random.pick(&["visits", "a", "ma \"belle\" appli", "été"]);
    let description = json!({"app": slug, "sources": [source], "indicators": []});
    let mut app = App { much, description, types, met, type_path, date, flag, fields };
    let count = random.pick(&[1, 3, 6, 10]);
    app.description["indicators"] = indicators(random, &app, 0..count).into();
    app
}

/// Indicators that each keep every rule.
fn indicators(random: &mut Random, app: &App, numbers: std::ops::Range<usize>) -> Vec<Value> {
    let of = |kinds: &[&str]| -> Vec<&str> {
        let fields = app.fields.iter().filter(|field| kinds.contains(&field.kind));
        fields.map(|field| field.name.as_str()).collect()
    };
    let mut dates = of(&["date"]);
    dates.truncate(7);
    dates.extend(of(&["text"]).first());
    let words = Vocabulary {
        kinds: app.met.iter().map(String::as_str).collect(),
        texts: of(&["text", "scalar", "boolean", "date"]),
        numbers: of(&["number", "number", "scalar", "text"]),
        dates,
    };
    let mut alone = app.description.clone();
    let mut keeps_every_rule = |definition: &Value| {
        alone["indicators"] = json!([definition]);
        let description: Description = serde_json::from_str(&alone.to_string()).unwrap();
        Catalog::of_app(&description).is_ok()
    };
    let definitions = numbers.map(|number| {
        let mut definitions = (0..40).map(|_| arbitrary::of_events(random, number, &words));
        let is_wanted = |definition: &Value| app.much != Much::Dates || definition["value"]["kind"] == "span";
        definitions.find(|definition| is_wanted(definition) && keeps_every_rule(definition))
    });
    definitions.flatten().collect()
}

/// A text as JSON may write it, without the quotes.
fn escaped(random: &mut Random, text: &str) -> String {
    let quoted = Value::from(text).to_string();
    let plain = &quoted[1..quoted.len() - 1];
    if plain.contains('\\') || !random.chance(60) {
        return plain.to_owned();
    }
    let at = usize::try_from(random.below(text.chars().count() as u64)).unwrap();
    let unit = |unit: &u16| format!("\\u{unit:04x}");
    let escape = |(place, character): (usize, char)| match place == at {
        true => character.encode_utf16(&mut [0; 2]).iter().map(unit).collect(),
        false => character.to_string(),
    };
    plain.chars().enumerate().map(escape).collect()
}

fn quoted(random: &mut Random, text: &str) -> String {
    format!("\"{}\"", escaped(random, text))
}

/// Any value at all.
fn junk(random: &mut Random, day: Day) -> String {
    match random.below(8) {
        0 => "\"\\ud800\"".into(),
        1 => format!("\"{}\"", "y".repeat(5_000)),
        2 => r#"{"a":{"a":"a","b":[{"a":1}]},"b":"a"}"#.into(),
        3 => " [ [ ] , { } , \"a\" ] ".into(),
        4 => arbitrary::date(random, day),
        5 => format!("\n{}\t", random.pick(&["true", "false", "7", "\"a\"", "null"])),
        _ => arbitrary::field_value(random),
    }
}

fn value(random: &mut Random, much: Much, kind: &str, day: Day) -> String {
    match much {
        Much::Texts if random.chance(900) => return random.pick(&["\"a\"", "\"b\"", "\"ab\""]).into(),
        Much::Anything if random.chance(150) => return junk(random, day),
        _ => {}
    }
    let number = ["0", "5", "5.0", "-0.005", "2.675", "1e3", "9999999.004", "-7", "4", "1", "3"];
    let word = arbitrary::word(random);
    match kind {
        "boolean" => random.pick(&["true", "false"]).into(),
        "number" | "scalar" if random.chance(500) => random.pick(&number).into(),
        "number" => format!("\"{}\"", random.pick(&number)),
        "date" => {
            let back = random.pick(&[0, 0, 1, 2, 40, 130, 3_661]);
            arbitrary::date(random, day - back)
        }
        _ => quoted(random, word.as_str().unwrap()),
    }
}

/// Puts a value where it belongs; what is there already stays, is replaced, or
/// is followed by another of the same key.
fn place(random: &mut Random, fields: &mut Vec<(String, Node)>, path: &[String], value: &str) {
    let (key, deeper) = path.split_first().unwrap();
    let known = fields.iter_mut().rev().find(|(known, _)| known == key);
    match (known, deeper) {
        (Some((_, Node::Object(inner))), [_, ..]) => place(random, inner, deeper, value),
        (Some(_), _) if random.chance(500) => {}
        (_, []) => fields.push((key.clone(), Node::Written(value.to_owned()))),
        _ => {
            let mut inner = Vec::new();
            place(random, &mut inner, deeper, value);
            fields.push((key.clone(), Node::Object(inner)));
        }
    }
}

/// The order of keys says nothing.
fn shuffled(random: &mut Random, fields: &mut [(String, Node)]) {
    for at in (1..fields.len()).rev() {
        fields.swap(at, usize::try_from(random.below(at as u64 + 1)).unwrap());
    }
    for (_, node) in fields {
        if let Node::Object(inner) = node {
            shuffled(random, inner);
        }
    }
}

fn text(random: &mut Random, node: &Node) -> String {
    match node {
        Node::Written(text) => text.clone(),
        Node::Object(fields) => {
            let field = |(key, node): &(String, Node)| {
                let key = quoted(random, key);
                format!("{key}{}{}", random.pick(&[":", ": "]), text(random, node))
            };
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","))
        }
    }
}

/// A type that there is, or one that is nearly.
fn kind(random: &mut Random, app: &App) -> String {
    let of = |random: &mut Random, kinds: &[String]| {
        kinds[usize::try_from(random.below(kinds.len() as u64)).unwrap()].clone()
    };
    let mut kind = if random.chance(900) { of(random, &app.met) } else { of(random, &app.types) };
    match random.below(40) {
        0 => kind.push('x'),
        1 => drop(kind.pop()),
        2 => kind = kind.replace("__", "_-"),
        3 => kind = name(random),
        _ => {}
    }
    kind
}

fn event(random: &mut Random, app: &App, day: Day, number: usize) -> Document {
    match random.below(60) {
        0 => return Document::Text("[{\"a\":1}]".into()),
        1 => return Document::Text("7".into()),
        _ => {}
    }
    let mut fields = Vec::new();
    // A few twice; the order by `_id` is not the one read.
    let id = format!("e{}", (number * 7_919 + 13) % 101);
    let id = match random.below(30) {
        0 => "\"e1\"".into(),
        1 => random.pick(&["\"_design/e\"", "\"\\u005fdesign/e\"", "7"]).into(),
        2 => String::new(),
        _ => quoted(random, &id),
    };
    if !id.is_empty() {
        place(random, &mut fields, &["_id".to_owned()], &id);
    }
    if random.chance(30) {
        let deleted = random.pick(&["true", "false", "\"true\""]);
        place(random, &mut fields, &["_deleted".to_owned()], deleted);
    }
    if let Some(path) = &app.type_path {
        let kind = kind(random, app);
        let kind = if random.chance(15) { junk(random, day) } else { quoted(random, &kind) };
        place(random, &mut fields, path, &kind);
    }
    let date = arbitrary::date(random, day);
    place(random, &mut fields, &app.date, &date);
    if let Some(path) = &app.flag
        && random.chance(500)
    {
        let flag = random.pick(&["true", "false", "1"]);
        place(random, &mut fields, path, flag);
    }
    let often =
        if app.much == Much::Texts { 1_000 / app.fields.len() as u64 } else { random.pick(&[100, 500, 950]) };
    for field in &app.fields {
        if random.chance(often) {
            let value = value(random, app.much, field.kind, day);
            place(random, &mut fields, &field.path, &value);
        }
        // At the name, which is mostly no path; and once more at the path.
        if random.chance(30) {
            let value = value(random, app.much, field.kind, day);
            place(random, &mut fields, std::slice::from_ref(&field.name), &value);
            place(random, &mut fields, &field.path, &value);
        }
    }
    if random.chance(100) {
        let (name, junk) = (name(random), junk(random, day));
        place(random, &mut fields, &[name], &junk);
    }
    if random.chance(500) {
        shuffled(random, &mut fields);
    }
    let fields = fields.iter().map(|(key, node)| (escaped(random, key), text(random, node)));
    Document::Fields(fields.collect())
}

pub fn case(seed: u64) -> Case {
    let random = &mut Random::new(seed);
    let (mut options, last) = arbitrary::question(random);
    options["consent"] = arbitrary::given(random, last);
    let app = app(random);
    if random.chance(150) {
        options["catalog"] = json!({
            "extends": random.chance(500),
            "indicators": indicators(random, &app, 50..52),
        });
    }
    let count = random.pick(&[4, 10, 30, 80]);
    let events = (0..count).map(|number| {
        let day = arbitrary::near(random, last);
        event(random, &app, day, number)
    });
    let home = vec![("org.example.events".to_owned(), events.collect())];
    options["app"] = app.description;
    Case { home, options }
}
