use dacc_aggregator::wasm::{aggregate, aggregate_home};
use dacc_fixtures::{CASES, Input};
use js_sys::Array;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{get, object, stringify};

#[wasm_bindgen_test]
fn every_fixture_gives_its_expected_bytes_and_diagnostics() {
    for case in CASES {
        let options = object(case.options);
        let outcome = match case.input {
            Input::Home(bytes) => aggregate_home(bytes, options),
            Input::Events(bytes) => aggregate(bytes, options),
        };
        let outcome = outcome.map_err(wasm_bindgen::JsValue::from).unwrap();
        let measures: Vec<String> =
            Array::from(&get(&outcome, "measures")).iter().map(|measure| stringify(&measure)).collect();
        let expected: Vec<&str> = case.expected.lines().collect();
        assert_eq!(measures, expected, "{}", case.name);
        let given: serde_json::Value =
            serde_json::from_str(&stringify(&get(&outcome, "diagnostics"))).unwrap();
        let expected: serde_json::Value = serde_json::from_str(case.diagnostics).unwrap();
        assert_eq!(given, expected, "{}", case.name);
    }
}

#[wasm_bindgen_test]
fn an_option_that_is_not_known_is_refused_by_name() {
    let error = aggregate(b"[]", object(r#"{"form":"2024-03-01"}"#)).unwrap_err();
    let message: String = get(&error.into(), "message").as_string().unwrap();
    assert!(message.contains("unknown field `form`"), "{message}");
}
