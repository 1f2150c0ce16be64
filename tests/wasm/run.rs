//! The run's steps as a host in JavaScript takes them.

use dacc_aggregator::wasm::Run;
use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{get, object, stringify};

/// The last effect of a step.
fn last(effects: Result<JsValue, wasm_bindgen::JsError>) -> JsValue {
    let effects = effects.map_err(JsValue::from).unwrap();
    Array::from(&effects).pop()
}

fn text(value: &JsValue, key: &str) -> String {
    get(value, key).as_string().unwrap_or_default()
}

fn run(options: &str) -> Run {
    Run::new(object(options)).map_err(JsValue::from).unwrap()
}

fn answered(run: &mut Run, status: u16, body: &str) -> JsValue {
    last(run.answer(status, "application/json".into(), body.as_bytes().to_vec()))
}

#[wasm_bindgen_test]
fn without_consent_nothing_is_read_beyond_the_terms() {
    let mut run = run(r#"{"now":"2024-03-10T02:00:00"}"#);
    let request = last(run.start());
    assert_eq!(text(&request, "url"), "/data/com.grandlyon.ecolyo.term/_normal_docs?limit=1000");
    let done = answered(&mut run, 200, r#"{"rows":[],"total_rows":0,"bookmark":""}"#);
    assert_eq!((text(&done, "effect"), text(&done, "end")), ("done".into(), "no-consent".into()));
}

#[wasm_bindgen_test]
fn a_measure_is_posted_to_the_remote_doctype_as_it_was_computed() {
    let mut run = run(r#"{"now":"2024-03-10T02:00:00"}"#);
    run.start().map_err(JsValue::from).unwrap();
    let terms = r#"{"rows":[{"accepted":true,"version":"1.0.0","date":"2024-01-01T09:00:00Z"}]}"#;
    let mut effect = answered(&mut run, 200, terms);
    let mut asked = Vec::new();
    while !text(&effect, "url").starts_with("/remote/") {
        let url = text(&effect, "url");
        assert!(url.starts_with("/data/"), "{}", stringify(&effect));
        let body = if url.ends_with("/_find") {
            r#"{"docs":[{"type":"ProfileSetEvent","eventDate":"2024-03-09T10:00:00Z"}],"next":false}"#
        } else {
            r#"{"rows":[]}"#
        };
        asked.push(url);
        effect = answered(&mut run, 200, body);
    }
    assert_eq!(text(&effect, "url"), "/remote/cc.cozycloud.dacc_v2");
    assert_eq!(
        text(&effect, "body"),
        r#"{"data":"{\"createdBy\":\"ecolyo\",\"measureName\":\"navigation-action-daily\",\"startDate\":\"2024-03-09\",\"value\":1,\"group1\":{\"page\":\"profile\"},\"group2\":{\"feature\":\"profile-set\"},\"group3\":{\"params\":\"none\"}}","path":"measure"}"#
    );
    // A first run in March has no month due, so nothing of months is read.
    assert_eq!(asked.len(), 4, "{asked:?}");
    let done = answered(&mut run, 201, "");
    assert_eq!((text(&done, "end"), get(&done, "sent").as_f64()), ("complete".into(), Some(1.0)));
}
