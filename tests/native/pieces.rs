//! Pages of events that arrive piece by piece, whole or cut.

use dacc_aggregator::Options;
use dacc_aggregator::effect::{Effect, Input, Report, Request, Response};
use dacc_aggregator::run::{Circumstances, Content, Recorder, Run};
use serde_json::{Value, json};

const NOW: u64 = 1_710_032_400_000;

/// What becomes of the answer to a query of events.
#[derive(Clone, Copy)]
enum Arrival {
    Whole,
    /// In pieces of this length.
    Pieces(usize),
    /// In pieces, of which the connection breaks off after so many bytes; at
    /// the next try it arrives.
    Cut(usize),
    /// The same, but the text ends there as if it were whole.
    Ends(usize),
}

/// The second page of events, of which one is the first page's too, and some
/// are none: one without an id, one that is no object.
fn page(bookmark: Option<&str>) -> Value {
    let event = |id: &str, kind: &str, minute: u8| {
        json!({"_id": id, "type": kind, "target": "consumption",
        "context": "été", "eventDate": format!("2024-03-09T10:{minute:02}:00Z"), "aggregated": true})
    };
    match bookmark {
        None => {
            let docs = [event("a", "ConnectionEvent", 0), event("b", "NavigationEvent", 1), json!(7)];
            json!({"docs": docs, "bookmark": "two", "next": true})
        }
        _ => {
            let mut nameless = event("", "NavigationEvent", 3);
            nameless.as_object_mut().unwrap().remove("_id");
            let docs = [
                event("b", "NavigationEvent", 1),
                nameless,
                event("c", "NavigationEvent", 4),
                json!({"_id": "d"}),
            ];
            json!({"limit": 1000, "docs": docs, "next": false, "bookmark": "three"})
        }
    }
}

fn answer(request: &Request) -> Value {
    let body: Value = serde_json::from_str(request.body.as_deref().unwrap_or("{}")).unwrap();
    if request.url.contains("ecolyo.term/") {
        json!({"rows": [{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}]})
    } else if request.url.contains("usageevents/_find") && body["fields"] != Value::Null {
        page(body["bookmark"].as_str())
    } else if request.url.ends_with("_bulk_docs") {
        let docs = body["docs"].as_array().unwrap();
        docs.iter().map(|doc| json!({"ok": true, "id": doc["_id"], "rev": "2-a"})).collect()
    } else if request.url == "/jobs/triggers" {
        json!({"data": []})
    } else if request.method == "PUT" || request.url.starts_with("/remote/") {
        json!({"ok": true, "id": "memory", "rev": "1-a"})
    } else {
        json!({"rows": [], "docs": [], "data": []})
    }
}

/// What the run sends and reports, and how often it asked for events.
fn run(arrival: Arrival, mut step: impl FnMut(u64, Input) -> Vec<Effect>) -> (Vec<String>, Report, usize) {
    let (mut input, mut now, mut sent, mut queries) = (Input::Start, NOW, Vec::new(), 0);
    loop {
        let effects = step(now, input);
        now += 50;
        input = match effects.last().unwrap() {
            Effect::Request(request) => {
                let status = if request.url.starts_with("/remote/") { 201 } else { 200 };
                if status == 201 {
                    sent.push(request.body.clone().unwrap());
                }
                let mut body = answer(request).to_string().into_bytes();
                let mut is_cut = false;
                if request.in_pieces {
                    queries += 1;
                    let (length, end) = match arrival {
                        Arrival::Whole => (0, body.len()),
                        Arrival::Pieces(length) => (length, body.len()),
                        Arrival::Cut(end) | Arrival::Ends(end) if queries % 2 == 1 => {
                            (16, end.min(body.len() - 1))
                        }
                        Arrival::Cut(_) | Arrival::Ends(_) => (16, body.len()),
                    };
                    is_cut = end < body.len() && matches!(arrival, Arrival::Cut(_));
                    body.truncate(end);
                    if length > 0 {
                        let rest = body.split_off(end - end % length);
                        for piece in body.chunks(length) {
                            assert_eq!(step(now, Input::Piece(piece.to_vec())), []);
                        }
                        body = rest;
                    }
                }
                let content_type = "application/json".to_owned();
                match is_cut {
                    true => Input::NoAnswer { written: true },
                    false => Input::Answer(Response { status, content_type, body, ..Response::default() }),
                }
            }
            Effect::Wait { .. } => Input::Waited,
            Effect::Done(report) => return (sent, report.clone(), queries),
            other => panic!("{other:?}"),
        };
    }
}

fn options() -> Options {
    Options::from_json(r#"{"now": "2024-03-10T02:00:00"}"#).unwrap()
}

fn outcome(arrival: Arrival) -> (Vec<String>, Report, usize) {
    let mut run_in_pieces = Run::new(options(), Circumstances::default()).unwrap();
    run(arrival, |now, input| run_in_pieces.step(now, input))
}

#[test]
fn a_page_in_pieces_gives_what_the_whole_page_gives() {
    let (sent, report, queries) = outcome(Arrival::Whole);
    // Two pages: three navigations, a connection, a session.
    assert_eq!((sent.len(), queries), (3, 2));
    assert!(sent.iter().any(|body| body.contains(r#"\"value\":3"#)), "{sent:?}");
    let noticed = serde_json::to_value(&report.diagnostics).unwrap();
    assert_eq!(noticed["event-duplicate"], 1);
    for length in [1, 2, 3, 7, 64, 1_000] {
        assert_eq!(outcome(Arrival::Pieces(length)), (sent.clone(), report.clone(), 2), "{length}");
    }
}

#[test]
fn a_page_that_breaks_off_anywhere_is_asked_for_again_and_each_event_counts_once() {
    let (sent, report, _) = outcome(Arrival::Whole);
    for end in (0..600).step_by(7) {
        for arrival in [Arrival::Cut(end), Arrival::Ends(end)] {
            let (again, reported, queries) = outcome(arrival);
            assert_eq!((&again, &reported.diagnostics), (&sent, &report.diagnostics), "{end}");
            assert_eq!(queries, 4, "{end}");
        }
    }
}

#[test]
fn a_recording_of_pieces_replays_to_the_same_effects() {
    for content in [Content::Kept, Content::LeftOut] {
        let mut recorder = Recorder::new(options(), Circumstances::default(), content).unwrap();
        let mut shown = Vec::new();
        run(Arrival::Cut(300), |now, input| {
            let is_piece = matches!(input, Input::Piece(_));
            let effects = recorder.step(now, input);
            if !is_piece {
                shown.push(recorder.shown(effects.clone()));
            }
            effects
        });
        assert_eq!(recorder.recording().replay().unwrap(), shown, "{content:?}");
    }
}
