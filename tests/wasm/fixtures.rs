use dacc_aggregator::Options;
use dacc_aggregator::measure::Measure;
use dacc_aggregator::wasm::{aggregate, aggregate_home};
use dacc_fixtures::{CASES, Input};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{get, object, read};

#[wasm_bindgen_test]
fn every_fixture_gives_its_expected_bytes_and_diagnostics() {
    for case in CASES {
        let options = object(case.options);
        let outcome = match case.input {
            Input::Home(bytes) => aggregate_home(bytes, options),
            Input::Events(bytes) => aggregate(bytes, options),
        };
        let outcome = outcome.map_err(wasm_bindgen::JsValue::from).unwrap();
        let (diagnostics, measures) = read(&outcome);
        let expected: Vec<&str> = case.expected.lines().collect();
        assert_eq!(measures, expected, "{}", case.name);
        let expected: serde_json::Value = serde_json::from_str(case.diagnostics).unwrap();
        assert_eq!(diagnostics, expected, "{}", case.name);
    }
}

#[wasm_bindgen_test]
fn a_measure_is_read_from_the_table_however_many_series_there_are() {
    let event = |day: u32, target: u32| {
        format!(
            r#"{{"type":"ChallengeLaunchEvent","target":"C{target}","eventDate":"2024-03-0{day}T12:00:00Z"}}"#
        )
    };
    let events: Vec<String> = (1..=3)
        .flat_map(|day| (0..1_500).step_by(day as usize).map(move |target| event(day, target)))
        .collect();
    let bytes = events.join("\n").into_bytes();
    let options =
        r#"{"now":"2024-03-10T02:00:00","consent":[{"from":"2024-01-01"}],"months":[],"from":"2024-03-01"}"#;
    let native = dacc_aggregator::aggregate(&bytes, &Options::from_json(options).unwrap()).unwrap();
    let native: Vec<String> = native.measures.iter().map(Measure::to_json).collect();
    assert_eq!(native.len(), 1_500 + 750 + 500);
    let table = aggregate(&bytes, object(options)).map_err(wasm_bindgen::JsValue::from).unwrap();
    assert_eq!(read(&table).1, native);
}

#[wasm_bindgen_test]
fn an_option_that_is_not_known_is_refused_by_name() {
    let error = aggregate(b"[]", object(r#"{"form":"2024-03-01"}"#)).unwrap_err();
    let message: String = get(&error.into(), "message").as_string().unwrap();
    assert!(message.contains("unknown field `form`"), "{message}");
}
