//! The run's steps as a host in JavaScript takes them.

use dacc_aggregator::wasm::Run;
use js_sys::{Array, JSON};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{get, object, stringify};

const NOW: f64 = 1_710_032_400_000.0;

/// The last effect of a step.
fn last(effects: Result<JsValue, wasm_bindgen::JsError>) -> JsValue {
    let effects = effects.map_err(JsValue::from).unwrap();
    Array::from(&effects).pop()
}

fn text(value: &JsValue, key: &str) -> String {
    get(value, key).as_string().unwrap_or_default()
}

fn run(options: &str) -> Run {
    Run::new(object(options), JsValue::UNDEFINED, None).map_err(JsValue::from).unwrap()
}

fn answered(run: &mut Run, status: u16, body: &str) -> JsValue {
    last(run.answer(NOW, status, "application/json".into(), None, body.as_bytes().to_vec()))
}

#[wasm_bindgen_test]
fn without_consent_nothing_is_read_beyond_the_terms() {
    let mut run = run(r#"{"now":"2024-03-10T02:00:00"}"#);
    let request = last(run.start(NOW));
    assert_eq!(text(&request, "url"), "/data/com.grandlyon.ecolyo.dacc.memory/memory");
    let request = answered(&mut run, 404, r#"{"error":"not_found","reason":"wrong_doctype"}"#);
    assert_eq!(text(&request, "url"), "/data/com.grandlyon.ecolyo.term/_normal_docs?limit=1000");
    // Only what waits in the ledger is asked for, to be cancelled.
    let request = answered(&mut run, 200, r#"{"rows":[],"total_rows":0,"bookmark":""}"#);
    assert_eq!(text(&request, "url"), "/data/com.grandlyon.ecolyo.dacc.measures/_find");
    let done = answered(&mut run, 404, r#"{"error":"not_found","reason":"Database does not exist."}"#);
    assert_eq!((text(&done, "effect"), text(&done, "end")), ("done".into(), "no-consent".into()));
}

#[wasm_bindgen_test]
fn a_measure_is_posted_to_the_remote_doctype_as_it_was_computed() {
    let mut run = run(r#"{"now":"2024-03-10T02:00:00"}"#);
    let mut effect = last(run.start(NOW));
    while !text(&effect, "url").starts_with("/remote/") {
        let url = text(&effect, "url");
        let sent = text(&effect, "body");
        let (status, body) = if url.contains("ecolyo.term/") {
            (
                200,
                r#"{"rows":[{"accepted":true,"version":"1.0.0","date":"2024-01-01T09:00:00Z"}]}"#.to_owned(),
            )
        } else if url.contains("usageevents/_find") {
            (200, r#"{"docs":[{"type":"ProfileSetEvent","eventDate":"2024-03-09T10:00:00Z"}]}"#.to_owned())
        } else if url.ends_with("/_bulk_docs") {
            let docs = get(&JSON::parse(&sent).unwrap(), "docs");
            let docs = Array::from(&docs);
            let ids = docs.iter().map(|document| text(&document, "_id"));
            let written: Vec<String> =
                ids.map(|id| format!(r#"{{"ok":true,"id":"{id}","rev":"1-a"}}"#)).collect();
            (201, format!("[{}]", written.join(",")))
        } else if text(&effect, "method") == "PUT" {
            (200, r#"{"ok":true,"id":"memory","rev":"1-a"}"#.to_owned())
        } else if url == "/jobs/triggers" {
            (200, r#"{"data":[]}"#.to_owned())
        } else if url.ends_with("/_index") {
            (200, r#"{"result":"created"}"#.to_owned())
        } else {
            (404, r#"{"error":"not_found","reason":"wrong_doctype"}"#.to_owned())
        };
        assert!(url.starts_with("/data/") || url == "/jobs/triggers", "{}", stringify(&effect));
        effect = answered(&mut run, status, &body);
    }
    assert_eq!(text(&effect, "url"), "/remote/cc.cozycloud.dacc_v2");
    assert_eq!(
        text(&effect, "body"),
        r#"{"data":"{\"createdBy\":\"ecolyo\",\"measureName\":\"navigation-action-daily\",\"startDate\":\"2024-03-09\",\"value\":1,\"group1\":{\"page\":\"profile\"},\"group2\":{\"feature\":\"profile-set\"},\"group3\":{\"params\":\"none\"}}","path":"measure"}"#
    );
}
