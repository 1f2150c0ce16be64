//! The laws tried on texts made for them, and on a public suite of JSON texts.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Document, laws};

fn every_law(text: &[u8], lengths: &[u8]) {
    laws::a_document_is_what_serde_takes(text);
    laws::fields_are_what_serde_reads(text);
    laws::documents_are_what_serde_finds(text);
    laws::pieces_give_what_the_whole_gives(text, lengths);
}

/// Pieces of JSON, right and wrong.
const PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"{}",
    b"[]",
    b"\"\"",
    b"\"a\"",
    b"\"_id\"",
    b"\"type\":",
    b"\"docs\"",
    b"\"docs\":[",
    b"\"\\u005fid\":",
    b"\"\xc3\xa9\\\"\\n\":",
    b"\"\\ud800\"",
    b"\"\\ud83d\\ude00\"",
    b"\"\\udc00\\ud800\"",
    b"\"\\u00e\"",
    b"\"\\x\"",
    b"\"\xc3\xa9t\xc3\xa9\"",
    b"\"\xff\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xe2\x82\"",
    b"\"\x01\"",
    b"\"\x7f\"",
    b"\"",
    b"\\",
    b"0",
    b"-0",
    b"-",
    b"01",
    b"1.5e-7",
    b"1e400",
    b"1.",
    b"1e+",
    b".5",
    b"+1",
    b"123456789012345678901234567890",
    b"null",
    b"nul",
    b"true",
    b"false",
    b"falsy",
    b" ",
    b"  ",
    b"\n",
    b"\r\n",
    b"\t",
    b"\x0b",
    b"\x0c",
    b"\x1f\n",
    b"\n\0\0\n",
    b"\xc2\xa0",
    b"\xef\xbb\xbf",
    b"\0",
    b"NaN",
    b"'a'",
    b"// c\n",
    b"{\"_id\":\"0123456789abcdef0123456789abcdef\",\"type\":\"NavigationEvent\",\"result\":",
    b",\"cozyMetadata\":{\"doctypeVersion\":1,\"createdBy\":[{\"slug\":\"ecolyo\"}]}}",
];

fn soup() -> impl Strategy<Value = Vec<u8>> {
    vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

/// Well-formed values, of the names that are asked for and of others.
fn value() -> impl Strategy<Value = String> {
    let scalars: &'static [&str] = &[
        "null",
        "true",
        "0",
        "-1.5e3",
        "12",
        "\"\"",
        "\"success\"",
        r#""\"\u00e9""#,
        "\"déjà vu ici même, oui\"",
        "[]",
        "{}",
    ];
    prop::sample::select(scalars).prop_map(str::to_owned).prop_recursive(3, 12, 4, |inner| {
        let names: &'static [&str] =
            &["_id", "type", "result", r#"\u005fid"#, r#"é\"\n"#, "docs", "target", "cozyMetadata"];
        let member = (prop::sample::select(names), inner.clone())
            .prop_map(|(name, value)| format!("\"{name}\":{value}"));
        prop_oneof![
            vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec(member, 0..7).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// Documents that repeat, in each framing, with a few bytes changed.
fn repeated() -> impl Strategy<Value = Vec<u8>> {
    let documents = vec(value(), 1..4);
    let changes = vec((any::<prop::sample::Index>(), prop::sample::select(PIECES)), 0..3);
    let space = prop::sample::select(&["", " ", "\n", "\r\n  "][..]);
    (documents, vec(0..3_usize, 1..12), 0..3_usize, space, changes).prop_map(
        |(documents, order, framing, space, changes)| {
            let documents: Vec<String> =
                order.iter().map(|&at| documents[at % documents.len()].clone()).collect();
            let space = if framing == 2 { "" } else { space };
            let spaced: Vec<String> =
                documents.iter().map(|document| document.replace(',', &format!(",{space}"))).collect();
            let text = match framing {
                0 => format!("[{space}{}{space}]{space}", spaced.join(&format!("{space},{space}"))),
                1 => format!(
                    "{{\"limit\":{space}1,\"docs\":[{}],\"next\":true,\"bookmark\":\"x\"}}",
                    spaced.join(",")
                ),
                _ => spaced.join("\n"),
            };
            let mut text = text.into_bytes();
            for (at, piece) in changes {
                let at = at.index(text.len());
                let end = (at + 1).min(text.len());
                text.splice(at..end, piece.iter().copied());
            }
            text
        },
    )
}

/// Documents of one kind: each value mostly is as long as in the others, and
/// now and then another, or of another kind.
fn alike() -> impl Strategy<Value = Vec<u8>> {
    let names: &'static [&str] = &["_id", "type", "result", "target", "createdAt", "_id"];
    let kinds: &'static [(&str, &str)] = &[
        ("\"0123456789abcdef0123456789abcdef\"", "\"fedcba9876543210fedcba9876543210\""),
        ("\"2024-03-09T14:03:11Z\"", "\"2024-03-10T00:00:00Z\""),
        ("\"\"", "\"\""),
        ("\"a\"", "\"b\""),
        ("1", "1"),
        ("-0.25", "-0.25"),
        ("null", "null"),
        ("false", "false"),
        ("123456789", "123456789"),
        ("\"défi d’été\"", "\"défi d’été\""),
        ("\"été\"", "\"étè\""),
    ];
    let odd: &'static [&str] = &[
        "\"0123456789abcde\\f0123456789abcdef\"",
        "\"0123456789abcdeé123456789abcdef\"",
        "\"0123456789abcdef0123456789abcde\u{1}\"",
        "\"0123456789abc\",\"type\":\"89abcdef\"",
        "\"\\\"\"",
        "\"ab\"",
        "\"dÃ©fi d’été\"",
        "\"défi d’ét\u{e8}\"",
        "2",
        "1.0",
        "true",
        "{\"a\":[]}",
        "[1]",
        "nul",
    ];
    let field = (prop::sample::select(names), prop::sample::select(kinds));
    let change = (any::<prop::sample::Index>(), prop::sample::select(odd));
    let gap = prop::sample::select(&["", " ", "\n\t  "][..]);
    (vec(field, 1..12), 6..40_usize, any::<u64>(), vec(change, 0..4), gap).prop_map(
        |(fields, documents, bits, changes, gap)| {
            let mut values: Vec<&str> = (0..documents)
                .flat_map(|document| {
                    let bit = bits.rotate_right(document as u32) & 1 == 0;
                    fields.iter().map(move |(_, (one, other))| if bit { *one } else { *other })
                })
                .collect();
            for (at, odd) in changes {
                *at.get_mut(&mut values) = odd;
            }
            let document = |values: &[&str]| {
                let fields = fields.iter().zip(values);
                let fields: Vec<_> =
                    fields.map(|((name, _), value)| format!("\"{name}\":{gap}{value}")).collect();
                format!("{{{}}}", fields.join(&format!(",{gap}")))
            };
            let documents: Vec<_> = values.chunks(fields.len()).map(document).collect();
            format!("[{}]", documents.join(",")).into_bytes()
        },
    )
}

/// Documents with much in them that nobody asks for, and now and then something
/// wrong in it; the fields that are asked for stand before, between and after.
fn far() -> impl Strategy<Value = Vec<u8>> {
    let numbers: &'static [&str] =
        &["4.893421", "-0.5", "0", "12345678901234567890123", "1e5", "-2.5E-17", "45.66527", "7"];
    let odd: &'static [&str] = &[
        "01",
        "1.",
        "-",
        "1.e5",
        "1e",
        "+1",
        "1.2.3",
        ".5",
        "--1",
        "nul",
        "nulx",
        "trux",
        "fals",
        "true",
        "null",
        "falsee",
        "\"é\"",
        "\"\u{1}\"",
        "[]",
        "{}",
        "[ ]",
        "{ }",
        "[1",
        "]",
        "}",
        "{1}",
        "{\"a\"}",
        "{\"a\":}",
        "[,]",
        "[1,]",
        "\"a\":1",
        "\"\\\"\"",
        ":",
    ];
    let number = prop_oneof![8 => prop::sample::select(numbers), 1 => prop::sample::select(odd)];
    let list = vec(number, 0..12).prop_map(|numbers| format!("[{}]", numbers.join(",")));
    let gap = prop::sample::select(&["", " ", "\n"][..]);
    let part = (vec(list, 0..6), gap).prop_map(|(lists, gap)| {
        let lists = lists.join(&format!(",{gap}"));
        format!("{{\"mode\":\"à pied\",{gap}\"way\":[{lists}{gap}],\"ok\":true,\"none\":{{}},\"more\":[]}}")
    });
    let names: &'static [&str] = &["series", "type", "result", "_id"];
    let member = (prop::sample::select(names), vec(part, 0..3))
        .prop_map(|(name, parts)| format!("\"{name}\":[{}]", parts.join(", ")));
    let document = vec(member, 1..4).prop_map(|members| {
        let between = ",\"result\":\"0123456789abcdef\",";
        format!("{{\"_id\":\"0123456789abcdef0123456789abcdef\",{},\"type\":null}}", members.join(between))
    });
    let cut = any::<Option<prop::sample::Index>>();
    (vec(document, 1..5), prop::sample::select(&["[", ""][..]), cut).prop_map(|(documents, open, cut)| {
        let text = match open {
            "[" => format!("[{}]", documents.join(",")),
            _ => documents.join("\n"),
        };
        let mut text = text.into_bytes();
        if let Some(cut) = cut {
            text.truncate(cut.index(text.len() + 1));
        }
        text
    })
}

/// How many texts a law is tried on; `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        default
    } else {
        ProptestConfig { cases: 2_000, ..default }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_laws_hold_for_pieces_of_json(text in soup(), lengths in vec(1..40_u8, 1..6)) {
        every_law(&text, &lengths);
    }

    #[test]
    fn the_laws_hold_for_documents_that_repeat(text in repeated(), lengths in vec(1..200_u8, 1..6)) {
        every_law(&text, &lengths);
    }

    #[test]
    fn the_laws_hold_for_documents_of_one_kind(text in alike(), lengths in vec(1..=255_u8, 1..6)) {
        every_law(&text, &lengths);
    }

    #[test]
    fn the_laws_hold_for_what_is_skipped(text in far(), lengths in vec(1..=255_u8, 1..6)) {
        every_law(&text, &lengths);
    }

    #[test]
    fn the_laws_hold_for_any_bytes(text in vec(any::<u8>(), 0..200), lengths in vec(1..40_u8, 1..6)) {
        every_law(&text, &lengths);
    }
}

#[test]
fn texts_that_broke_a_law_once_keep_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found");
    for file in std::fs::read_dir(folder).into_iter().flatten() {
        let text = std::fs::read(file.unwrap().path()).unwrap();
        every_law(&text, &[1]);
        every_law(&text, &[7, 64, 3]);
    }
}

#[test]
fn the_public_suite_of_json_texts_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/json-test-suite/test_parsing");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: there is no {}", folder.display());
        return;
    };
    let mut checked = 0;
    let mut accepted = Vec::new();
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read(&path).unwrap();
        let is_document = Document::parse(&text).is_some();
        match &name[..2] {
            "y_" => assert!(is_document, "{name}"),
            "n_" => assert!(!is_document, "{name}"),
            "i_" if is_document => accepted.push(name.clone()),
            _ => {}
        }
        if name != "n_structure_100000_opening_arrays.json" {
            every_law(&text, &[1]);
        }
        checked += 1;
    }
    accepted.sort();
    assert!(checked > 300, "{checked}");
    // Left to the reader by the standard: numbers of any size, halves of
    // surrogate pairs and 500 levels are taken; what is no UTF-8, has a byte
    // order mark or is in another encoding is no document.
    let is_taken =
        |name: &String| ["i_number", "surrogate", "i_structure_500"].iter().any(|part| name.contains(part));
    assert!(accepted.iter().all(is_taken), "{accepted:?}");
}
