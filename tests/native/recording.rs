//! A run recorded and played again.

use dacc_aggregator::Options;
use dacc_aggregator::effect::{Effect, Input, Request, Response};
use dacc_aggregator::run::{Circumstances, Content, Recorder, Recording};
use serde_json::{Value, json};

const NOW: u64 = 1_710_032_400_000;
const SECRETS: [&str; 6] =
    ["secret-id", "SECRET_TARGET", "2024-03-09T10", "secret context", "2024-02-20", "secret-rev"];

fn event() -> Value {
    json!({"_id": "secret-id", "_rev": "1-a", "type": "DuelLaunchEvent", "target": "SECRET_TARGET",
           "context": "secret context", "eventDate": "2024-03-09T10:00:00Z", "aggregated": false})
}

/// A Cozy that says yes, with one event in it.
fn answer(request: &Request) -> Value {
    let body: Value = serde_json::from_str(request.body.as_deref().unwrap_or("{}")).unwrap();
    let url = request.url.as_str();
    if url.contains("ecolyo.term/") {
        json!({"rows": [{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}]})
    } else if body["bookmark"].is_string() {
        json!({"docs": [], "next": false, "bookmark": "nil"})
    } else if body["fields"] == json!(["eventDate"]) {
        // Somebody was there yesterday.
        json!({"docs": [{"eventDate": "Invalid date"}, {"eventDate": "2024-03-09T10:00:01Z"}], "next": false})
    } else if body["selector"]["cozyMetadata.createdAt"]["$lt"].is_string() {
        // The second lies on a day, and stays.
        let made = |id: &str, date: &str| {
            let created = json!({"createdAt": "2024-02-20T11:00:00Z"});
            json!({"_id": id, "_rev": "1-secret-rev", "eventDate": date, "cozyMetadata": created})
        };
        json!({"docs": [made("secret-id-5", "secret context"), made("secret-id-6", "2024-03-09T10:00:00Z")],
            "next": false, "bookmark": "nil"})
    } else if body["selector"]["eventDate"]["$lt"].is_string() {
        // The second lies on no day, and stays.
        let old = |id: &str, date: &str| json!({"_id": id, "_rev": "1-secret-rev", "eventDate": date});
        json!({"docs": [old("secret-id-3", "2024-02-20T10:00:00Z"), old("secret-id-4", "2024-02-20"), 7],
            "next": true, "bookmark": "secret-id-4"})
    } else if url.contains("usageevents/_find") {
        let connection = json!({"_id": "secret-id-2", "_rev": "1-b", "type": "ConnectionEvent",
            "eventDate": "2024-03-09T10:00:01Z", "aggregated": false});
        json!({"docs": [event(), connection, 7], "next": false})
    } else if url.ends_with("_bulk_docs") {
        let docs = body["docs"].as_array().unwrap();
        docs.iter().map(|doc| json!({"ok": true, "id": doc["_id"], "rev": "2-a"})).collect()
    } else if url.starts_with("/jobs/triggers") {
        json!({"data": []})
    } else if request.method == "PUT" || url.starts_with("/remote/") {
        json!({"ok": true, "id": "memory", "rev": "1-a"})
    } else {
        json!({"rows": [], "docs": [], "data": []})
    }
}

/// Runs to the end; gives the recording and the effects as a replay shows them.
fn recorded(content: Content) -> (Recording, Vec<Vec<Effect>>) {
    // Somebody was there yesterday, so only what is old goes.
    let options =
        Options::from_json(r#"{"now": "2024-03-10T02:00:00", "retention": {"age": 18, "inactivity": 10}}"#)
            .unwrap();
    let circumstances = Circumstances { job: Some("job".into()), time_limit: Some(300), seed: 7, home: None };
    let mut recorder = Recorder::new(options, circumstances, content).unwrap();
    let (mut input, mut now, mut shown) = (Input::Start, NOW, Vec::new());
    loop {
        let effects = recorder.step(now, input);
        shown.push(recorder.shown(effects.clone()));
        now += 50;
        input = match effects.last().unwrap() {
            // One answer is lost, so that a wait is part of it.
            Effect::Request(_) if shown.len() == 2 => Input::NoAnswer { written: true },
            Effect::Request(request) => {
                let status = if request.url.starts_with("/remote/") { 201 } else { 200 };
                let (content_type, body) = ("application/json".into(), answer(request).to_string().into());
                Input::Answer(Response { status, content_type, body, ..Response::default() })
            }
            Effect::Wait { .. } => Input::Waited,
            _ => break,
        };
    }
    assert!(matches!(shown.last().unwrap().last(), Some(Effect::Done(report)) if report.sent == 2));
    (recorder.recording().clone(), shown)
}

#[test]
fn a_recording_replays_to_the_same_effects() {
    for content in [Content::Kept, Content::LeftOut] {
        let (recording, shown) = recorded(content);
        let kept = serde_json::to_string(&recording).unwrap();
        let read: Recording = serde_json::from_str(&kept).unwrap();
        assert_eq!(read.replay().unwrap(), shown, "{content:?}");
    }
}

#[test]
fn what_was_kept_too_long_goes_in_the_replay_too() {
    let (recording, _) = recorded(Content::LeftOut);
    let replayed = recording.replay().unwrap();
    let deletions = replayed.iter().flatten().filter_map(|effect| match effect {
        Effect::Request(request) if request.url.ends_with("usageevents/_bulk_docs") => request.body.clone(),
        _ => None,
    });
    let counts: Vec<usize> = deletions
        .map(|body| serde_json::from_str::<Value>(&body).unwrap()["docs"].as_array().unwrap().len())
        .collect();
    // The two of the night are flagged; of the old ones that with a date goes,
    // and of those that were made long ago that without.
    assert_eq!(counts, [2, 1, 1]);
}

#[test]
fn a_recording_holds_nothing_of_events_unless_it_is_asked_to() {
    let (recording, shown) = recorded(Content::LeftOut);
    let text = serde_json::to_string(&recording).unwrap() + &serde_json::to_string(&shown).unwrap();
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}");
    }
    let (recording, _) = recorded(Content::Kept);
    let text = serde_json::to_string(&recording).unwrap();
    assert!(SECRETS.iter().all(|secret| text.contains(secret)));
}

#[test]
fn a_changed_input_changes_the_effects() {
    let (recording, shown) = recorded(Content::LeftOut);
    let text = serde_json::to_string(&recording).unwrap().replace(r#""status":201"#, r#""status":500"#);
    let changed: Recording = serde_json::from_str(&text).unwrap();
    assert_ne!(changed.replay().unwrap(), shown);
}
