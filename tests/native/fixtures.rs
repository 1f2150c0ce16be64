use dacc_aggregator::{Outcome, aggregate, aggregate_home};
use dacc_fixtures::{CASES, Case, Input};

use crate::zone::with_zone;

fn compute(case: &Case) -> Outcome {
    let options = with_zone(case.options);
    match case.input {
        Input::Home(bytes) => aggregate_home(bytes, &options),
        Input::Events(bytes) => aggregate(bytes, &options),
    }
    .unwrap()
}

#[test]
fn every_fixture_gives_its_expected_measures_and_diagnostics() {
    let mut failures = Vec::new();
    for case in CASES {
        let outcome = compute(case);
        let measures: Vec<_> = outcome.measures.iter().map(|measure| measure.to_json()).collect();
        let expected: Vec<_> = case.expected.lines().collect();
        if measures != expected {
            failures.push(format!("{}:\n  expected {expected:#?}\n  given {measures:#?}", case.name));
        }
        let expected: serde_json::Value = serde_json::from_str(case.diagnostics).unwrap();
        let given = serde_json::to_value(&outcome.diagnostics).unwrap();
        if given != expected {
            failures.push(format!("{}: expected {expected}, given {given}", case.name));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}
