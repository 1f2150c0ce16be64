//! The zone's offsets come from the host's `Intl`; whether they are right
//! shows in where a day begins.

use dacc_aggregator::wasm::aggregate;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{get, object, read};

/// The days on which events at these instants are counted.
fn days(zone: &str, now: &str, instants: &[&str]) -> Vec<String> {
    let events: Vec<String> =
        instants.iter().map(|at| format!(r#"{{"type":"ProfileSetEvent","eventDate":"{at}"}}"#)).collect();
    let options = format!(
        r#"{{"now":"{now}","clock":"instant","zone":"{zone}","from":"1971-01-01","consent":[{{"from":"1970-01-01"}}]}}"#
    );
    let outcome = aggregate(events.join("\n").as_bytes(), object(&options));
    let outcome = outcome.map_err(wasm_bindgen::JsValue::from).unwrap();
    let date = |measure: &String| {
        let measure: serde_json::Value = serde_json::from_str(measure).unwrap();
        measure["startDate"].as_str().unwrap().to_owned()
    };
    read(&outcome).1.iter().map(date).collect()
}

#[wasm_bindgen_test]
fn midnight_moves_with_the_season() {
    // Paris: +01:00 before 2024-03-31T01:00Z, +02:00 until 2024-10-27T01:00Z.
    let instants = [
        "2024-03-30T22:59:59Z",
        "2024-03-30T23:00:00Z",
        "2024-03-31T21:59:59Z",
        "2024-03-31T22:00:00Z",
        "2024-10-27T22:59:59Z",
        "2024-10-27T23:00:00Z",
    ];
    assert_eq!(
        days("Europe/Paris", "2024-12-01T00:00:00Z", &instants),
        ["2024-03-30", "2024-03-31", "2024-04-01", "2024-10-27", "2024-10-28"]
    );
}

#[wasm_bindgen_test]
fn zones_far_from_utc_and_with_odd_offsets_are_known() {
    let at = ["2024-01-01T10:29:59Z", "2024-01-01T18:14:59Z", "2024-01-01T18:15:00Z"];
    let now = "2024-02-01T00:00:00Z";
    assert_eq!(days("Asia/Kathmandu", now, &at), ["2024-01-01", "2024-01-02"]); // +05:45
    assert_eq!(days("Pacific/Kiritimati", now, &at), ["2024-01-02"]); // +14:00
    assert_eq!(days("America/St_Johns", now, &["2024-01-02T03:29:59Z"]), ["2024-01-01"]); // −03:30
    assert_eq!(days("UTC", now, &at), ["2024-01-01"]);
}

#[wasm_bindgen_test]
fn now_with_an_offset_is_an_instant_in_the_zone() {
    let today = |now: &str| {
        let options = format!(r#"{{"now":"{now}","consent":[{{"from":"2020-01-01"}}]}}"#);
        let event = br#"{"type":"ProfileSetEvent","eventDate":"2024-06-30T12:00:00Z"}"#;
        let outcome = aggregate(event, object(&options)).map_err(wasm_bindgen::JsValue::from).unwrap();
        read(&outcome).1.concat().contains("2024-06-30")
    };
    assert!(today("2024-06-30T22:00:00Z")); // 1 July 00:00 in Paris: 30 June is over
    assert!(!today("2024-06-30T21:59:59Z"));
    assert!(today("2024-07-01T00:00:00"));
}

#[wasm_bindgen_test]
fn a_zone_that_is_not_known_is_an_error_that_names_it() {
    let options = object(r#"{"now":"2024-02-01T00:00:00Z","zone":"Mars/Olympus"}"#);
    let error = aggregate(b"[]", options).unwrap_err();
    assert_eq!(get(&error.into(), "message").as_string().unwrap(), "zone: Mars/Olympus is not known here");
}
