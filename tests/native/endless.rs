//! Servers whose answers, pages or bookmarks have no end: the run ends, and
//! says which it was.

use dacc_aggregator::Options;
use dacc_aggregator::effect::{Effect, End, Input, Request, Response, Unusable};
use dacc_aggregator::run::{Circumstances, Run};
use serde_json::{Value, json};

const NOW: u64 = 1_710_032_400_000;

const TERMS: &str = "com.grandlyon.ecolyo.term/";
const PROFILE: &str = "com.grandlyon.ecolyo.profile/";
const EVENTS: &str = "com.grandlyon.ecolyo.usageevents/_find";
const LEDGER: &str = "com.grandlyon.ecolyo.dacc.measures/_find";

/// What a server that means no harm answers.
fn harmless(request: &Request) -> Value {
    let body: Value = serde_json::from_str(request.body.as_deref().unwrap_or("{}")).unwrap();
    if request.url.contains(TERMS) {
        json!({"rows": [{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}]})
    } else if request.url.ends_with("_bulk_docs") {
        let docs = body["docs"].as_array().unwrap();
        docs.iter().map(|doc| json!({"ok": true, "id": doc["_id"], "rev": "2-a"})).collect()
    } else if request.method == "PUT" || request.url.starts_with("/remote/") {
        json!({"ok": true, "id": "memory", "rev": "1-a"})
    } else if request.url.contains(EVENTS) {
        let date = "2024-03-09T10:00:00Z";
        json!({"docs": [{"_id": "e", "type": "ConnectionEvent", "eventDate": date, "aggregated": true}]})
    } else if request.url == "/jobs/triggers" {
        json!({"data": []})
    } else {
        json!({"rows": [], "docs": [], "data": []})
    }
}

/// What a run does that `hostile` answers where it has an answer: how it ends,
/// what it says of that, and how many requests and waits it took.
fn against(mut hostile: impl FnMut(&Request) -> Option<Input>) -> (End, String, usize) {
    against_pieces(|request| hostile(request).map(|input| vec![input]))
}

/// The same, of which each answer may come in pieces.
fn against_pieces(mut hostile: impl FnMut(&Request) -> Option<Vec<Input>>) -> (End, String, usize) {
    let options = Options::from_json(r#"{"now": "2024-03-10T02:00:00"}"#).unwrap();
    let mut run = Run::new(options, Circumstances::default()).unwrap();
    let (mut input, mut now, mut asked, mut said) = (Input::Start, NOW, 0, String::new());
    loop {
        let effects = run.step(now, input);
        for effect in &effects {
            if let Effect::Log { message, .. } = effect
                && said.is_empty()
                && message.contains(": ")
                && !message.starts_with("measures")
            {
                said.clone_from(message);
            }
        }
        now += 50;
        asked += 1;
        input = match effects.last().unwrap() {
            Effect::Request(request) => {
                let mut inputs = hostile(request).unwrap_or_else(|| {
                    let status = if request.url.starts_with("/remote/") { 201 } else { 200 };
                    vec![answer(status, harmless(request).to_string())]
                });
                let last = inputs.pop().unwrap();
                for piece in inputs {
                    assert!(run.step(now, piece).is_empty());
                }
                last
            }
            Effect::Wait { .. } => Input::Waited,
            Effect::Done(report) => return (report.end, said, asked),
            other => panic!("{other:?}"),
        };
    }
}

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Input {
    Input::Answer(Response { status, body: body.into(), ..Response::default() })
}

/// A full page of documents of this size, with a bookmark.
fn rows(size: usize, bookmark: &str) -> Input {
    let document = json!({"_id": "x", "filling": "x".repeat(size)});
    answer(200, json!({"rows": vec![document; 1_000], "bookmark": bookmark}).to_string())
}

fn docs(count: usize, bookmark: &str) -> Input {
    answer(200, json!({"docs": vec![json!({}); count], "next": true, "bookmark": bookmark}).to_string())
}

#[test]
fn an_answer_that_the_host_gave_up_ends_the_run_at_once() {
    let too_large = |of: &'static str| {
        against(move |request| {
            let why = Unusable::TooLarge;
            request.url.contains(of).then_some(Input::Unusable { written: true, why })
        })
    };
    let (end, said, asked) = too_large(EVENTS);
    assert_eq!(
        (end, &*said),
        (End::Stopped, "com.grandlyon.ecolyo.usageevents: an answer has more than 32 MiB")
    );
    // It was asked for one event in the end.
    assert!(asked < 22, "{asked}");
    // A page of large documents is asked for in smaller ones first.
    let mut limits = Vec::new();
    let (end, said, _) = against(|request| {
        let (_, limit) = request.url.split_once("ecolyo.profile/_normal_docs?limit=")?;
        limits.push(limit.to_owned());
        Some(Input::Unusable { written: true, why: Unusable::TooLarge })
    });
    assert_eq!((end, &*said), (End::Stopped, "com.grandlyon.ecolyo.profile: an answer has more than 32 MiB"));
    assert_eq!(limits, ["1000", "100", "10", "1"]);
}

#[test]
fn an_answer_that_a_host_let_through_is_no_better() {
    let mut body = br#"{"rows": [], "filling": ""#.to_vec();
    body.resize(33 << 20, b'x');
    body.extend(b"\"}");
    let (end, said, _) = against(|request| request.url.contains(TERMS).then(|| answer(200, body.clone())));
    assert_eq!((end, &*said), (End::Stopped, "com.grandlyon.ecolyo.term: an answer has more than 32 MiB"));
}

#[test]
fn a_page_of_large_documents_is_read_in_smaller_ones() {
    let mut asked = Vec::new();
    let (end, ..) = against(|request| {
        let (_, limit) = request.url.split_once("ecolyo.profile/_normal_docs?limit=")?;
        asked.push(limit.to_owned());
        Some(match limit {
            "1000" | "1000&bookmark=a" => Input::Unusable { written: true, why: Unusable::TooLarge },
            "100" => {
                answer(200, json!({"rows": vec![json!({"_id": "p"}); 100], "bookmark": "a"}).to_string())
            }
            _ => answer(200, json!({"rows": [], "bookmark": "b"}).to_string()),
        })
    });
    assert_eq!(end, End::Complete);
    assert_eq!(asked, ["1000", "100", "1000&bookmark=a", "100&bookmark=a"]);
}

#[test]
fn a_page_of_a_query_that_is_too_large_is_read_in_smaller_ones() {
    // No more than 300 of these events fit into an answer.
    let all: Vec<Value> = (0..1_400)
        .map(|number| {
            json!({"_id": format!("e{number:04}"), "type": "ConnectionEvent", "aggregated": true,
                "eventDate": "2024-03-09T10:00:00Z"})
        })
        .collect();
    for in_pieces in [false, true] {
        let (mut asked, mut sent) = (Vec::new(), Vec::new());
        let (end, ..) = against_pieces(|request| {
            if request.url.starts_with("/remote/") {
                sent.push(request.body.clone().unwrap());
            }
            if !request.url.contains(EVENTS) {
                return None;
            }
            let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
            let limit = usize::try_from(body["limit"].as_u64().unwrap()).unwrap();
            let from: usize = body["bookmark"].as_str().map_or(0, |from| from.parse().unwrap());
            asked.push((from, limit));
            let page = &all[from..(from + limit).min(all.len())];
            let next = from + page.len() < all.len();
            let text =
                json!({"docs": page, "next": next, "bookmark": (from + page.len()).to_string()}).to_string();
            if page.len() <= 300 {
                return Some(vec![answer(200, text)]);
            }
            let too_large = Input::Unusable { written: true, why: Unusable::TooLarge };
            // What came of it before the host gave up is void.
            let piece = Input::Piece(text.as_bytes()[..text.len() / 2].to_vec());
            Some(if in_pieces { vec![piece, too_large] } else { vec![too_large] })
        });
        assert_eq!(end, End::Complete);
        assert_eq!(asked[..4], [(0, 1_000), (0, 500), (0, 250), (250, 250)]);
        assert_eq!(asked.last(), Some(&(1_250, 250)));
        let count = sent.iter().find(|body| body.contains("connection-count-daily")).unwrap();
        assert!(count.contains("\\\"value\\\":1400"), "{count}");
    }
}

#[test]
fn bookmarks_that_never_end_end_with_all_that_a_doctype_may_have() {
    let mut page = 0;
    let (end, said, asked) = against(|request| {
        request.url.contains(PROFILE).then(|| {
            page += 1;
            rows(1_000, &format!("b{page}"))
        })
    });
    assert_eq!(
        (end, &*said),
        (End::Stopped, "com.grandlyon.ecolyo.profile: its documents have more than 32 MiB")
    );
    assert!(asked < 60, "{asked}");
}

#[test]
fn the_smallest_documents_count_what_they_take() {
    let mut page = 0;
    let body = vec!["{}"; 1_000].join(",");
    let (end, said, _) = against(|request| {
        request.url.contains(PROFILE).then(|| {
            page += 1;
            answer(200, format!(r#"{{"rows":[{body}],"bookmark":"b{page}"}}"#))
        })
    });
    assert_eq!(
        (end, &*said),
        (End::Stopped, "com.grandlyon.ecolyo.profile: its documents have more than 32 MiB")
    );
    assert!(page < 600, "{page}");
}

#[test]
fn bookmarks_that_go_round_are_seen() {
    for length in [1, 2, 3, 7] {
        let mut page = 0;
        let (end, said, asked) = against(|request| {
            request.url.contains(EVENTS).then(|| {
                page += 1;
                docs(1_000, &format!("b{}", page % (length + 1)))
            })
        });
        let expected = "com.grandlyon.ecolyo.usageevents: its pages do not end: their bookmarks go round";
        assert_eq!((end, &*said), (End::Stopped, expected), "{length}");
        assert!(asked < 60, "{asked}");
    }
}

#[test]
fn empty_pages_that_say_there_is_a_next_one_end_the_run_and_never_complete_it() {
    for of in [EVENTS, LEDGER] {
        let mut page = 0;
        let (end, said, asked) = against(|request| {
            request.url.contains(of).then(|| {
                page += 1;
                docs(0, &format!("b{page}"))
            })
        });
        assert_eq!(end, End::Stopped, "{of}");
        assert!(said.ends_with(": its pages do not end: several in a row are empty"), "{said}");
        assert!(asked < 20, "{asked}");
    }
}

#[test]
fn pages_that_never_end_end_with_all_that_a_query_may_have() {
    let mut page = 0;
    let (end, said, _) = against(|request| {
        request.url.contains(EVENTS).then(|| {
            page += 1;
            let filling = "x".repeat(8 << 20);
            answer(
                200,
                json!({"docs": [{"_id": filling}], "next": true, "bookmark": format!("b{page}")}).to_string(),
            )
        })
    });
    let expected = "com.grandlyon.ecolyo.usageevents: its documents have more than 128 MiB";
    assert_eq!((end, &*said), (End::Stopped, expected));
    assert!(page < 20, "{page}");
}

#[test]
fn a_bookmark_is_not_handed_back_without_bound() {
    let (end, said, _) =
        against(|request| request.url.contains(EVENTS).then(|| docs(1, &"b".repeat(1 << 20))));
    let expected = "com.grandlyon.ecolyo.usageevents: its pages do not end: a bookmark is longer than any";
    assert_eq!((end, &*said), (End::Stopped, expected));
}

#[test]
fn a_page_of_more_documents_than_a_stack_gives_is_none() {
    for of in [PROFILE, EVENTS, LEDGER] {
        let (end, said, asked) = against(|request| {
            let documents = vec![json!({}); 1_001];
            let page = json!({"rows": documents.clone(), "docs": documents}).to_string();
            request.url.contains(of).then(|| answer(200, page))
        });
        assert_eq!(end, End::Stopped, "{of}");
        assert!(said.ends_with(": the answer is not what the Cozy gives"), "{of}: {said}");
        assert!(asked < 20, "{asked}");
    }
}

#[test]
fn a_certificate_that_is_not_trusted_is_not_asked_again() {
    let (end, said, asked) = against(|request| {
        let why = Unusable::Certificate;
        request.url.contains(TERMS).then_some(Input::Unusable { written: false, why })
    });
    assert_eq!(
        (end, &*said),
        (End::Stopped, "com.grandlyon.ecolyo.term: the Cozy's certificate is not trusted")
    );
    // The memory, the terms, and the end.
    assert_eq!(asked, 3);
}

#[test]
fn a_missing_permission_is_named_with_its_doctype_and_verb() {
    let forbidden = |of: &'static str, method: &'static str| {
        against(move |request| {
            (request.url.contains(of) && request.method == method).then(|| answer(403, "{}"))
        })
        .1
    };
    for (of, method, verb, doctype) in [
        (TERMS, "GET", "GET", "com.grandlyon.ecolyo.term"),
        (EVENTS, "POST", "GET", "com.grandlyon.ecolyo.usageevents"),
        (LEDGER, "POST", "GET", "com.grandlyon.ecolyo.dacc.measures"),
        ("dacc.measures/_bulk_docs", "POST", "POST", "com.grandlyon.ecolyo.dacc.measures"),
        ("dacc.memory/", "PUT", "POST", "com.grandlyon.ecolyo.dacc.memory"),
    ] {
        let said = forbidden(of, method);
        let missing = format!("the app has no permission: its manifest lacks {verb} on {doctype}");
        assert!(said.ends_with(&missing), "{of}: {said}");
    }
}
