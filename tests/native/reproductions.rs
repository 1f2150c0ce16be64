//! Failures that were found once, each as small as it could be made.

use dacc_aggregator::catalog::Catalog;
use dacc_aggregator::{Options, aggregate_home};

use crate::zone::with_zone;

fn sent(home: &str, options: &str) -> Vec<String> {
    let outcome = aggregate_home(home.as_bytes(), &with_zone(options)).unwrap();
    outcome.measures.iter().map(dacc_aggregator::measure::Measure::to_json).collect()
}

/// Options of a run over March with something remembered of attempts.
fn remembering(attempts: &str) -> String {
    format!(
        r#"{{"now":"2024-04-10T02:00:00","months":["2024-03"],"consent":[{{"from":"2024-01-01"}}],
            "memory":{{"counts":{{"konnector-attempts-monthly":{attempts}}}}}}}"#
    )
}

#[test]
fn a_number_with_a_huge_exponent_is_no_number() {
    for load in ["0e9223372036854775807", "10e9223372036854775807", "1e-9223372036854775808"] {
        let home = format!(r#"{{"com.grandlyon.enedis.month":[{{"load":{load},"year":2024,"month":3}}]}}"#);
        let options =
            r#"{"now":"2024-04-10T02:00:00","months":["2024-03"],"consent":[{"from":"2024-01-01"}]}"#;
        assert_eq!(sent(&home, options).len(), 2, "{load}");
    }
}

#[test]
fn a_trigger_in_error_disconnects_as_a_document_and_as_the_stack_gives_it() {
    let connected = |trigger: &str| {
        let home = format!(
            r#"{{"io.cozy.accounts":[{{"_id":"a1","account_type":"enedisgrandlyon"}},
                {{"_id":"a2","account_type":"eglgrandlyon"}}],"io.cozy.triggers":[{trigger}]}}"#
        );
        let options = r#"{"now":"2024-04-10T02:00:00","consent":[{"from":"2024-04-01"}]}"#;
        let sent = sent(&home, options);
        let [measure] = &sent[..] else { panic!("{sent:?}") };
        ["\"electricity:water\"", "\"electricity\""].map(|fluids| measure.contains(fluids))
    };
    for status in ["errored", "done"] {
        let state = format!(r#""message":{{"account":"a2"}},"current_state":{{"status":"{status}"}}"#);
        let is_connected = status != "errored";
        for trigger in [
            format!(r#"{{"_id":"t",{state}}}"#),
            format!(
                r#"{{"type":"io.cozy.triggers","id":"t","attributes":{{"worker":"konnector",{state}}}}}"#
            ),
        ] {
            assert_eq!(connected(&trigger), [is_connected, !is_connected], "{trigger}");
        }
    }
}

#[test]
fn the_smallest_offset_is_refused() {
    let options = r#"{"now":"2024-04-10T02:00:00","transitions":[{"offset":-2147483648}]}"#;
    assert!(Options::from_json(options).unwrap().check().is_err());
}

#[test]
fn the_order_of_unreadable_terms_does_not_matter() {
    let of = |terms: &str| {
        let home = format!(r#"{{"com.grandlyon.ecolyo.term":[{terms}]}}"#);
        aggregate_home(home.as_bytes(), &with_zone(r#"{"now":"2024-04-10T02:00:00"}"#)).unwrap()
    };
    let (doubt, refusal) = (r#"{"accepted":"x"}"#, r#"{"accepted":false,"date":"soon"}"#);
    assert_eq!(of(&format!("{doubt},{refusal}")), of(&format!("{refusal},{doubt}")));
}

#[test]
fn remembered_counts_do_not_overflow() {
    let most = u64::MAX;
    let days = format!(
        r#"{{"2024-02-03":{{"count":{most},"reached":false}},"2024-03-09":{{"count":1,"reached":false}}}}"#
    );
    let sent = sent("{}", &remembering(&format!(r#"{{"enedis":{days}}}"#)));
    assert!(sent.iter().all(|measure| !measure.contains("konnector-attempts")), "{sent:?}");
}

#[test]
fn a_remembered_group_that_breaks_the_rules_never_leaves() {
    let days = r#"{"2024-03-09":{"count":1,"reached":false}}"#;
    let attempts = format!(r#"{{"":{days},"NOT A SLUG\u0000":{days},"enedis":{days}}}"#);
    let attempts: Vec<_> = sent("{}", &remembering(&attempts));
    let attempts: Vec<_> = attempts.iter().filter(|measure| measure.contains("konnector-attempts")).collect();
    assert_eq!(attempts.len(), 1, "{attempts:?}");
    assert!(attempts[0].contains(r#"{"slug":"enedis"}"#));
}

#[test]
fn a_definition_that_would_be_half_kept_is_refused() {
    let refused = |rest: &str| {
        let common = r#""name":"n","period":"month","description":"d","purpose":"p""#;
        Catalog::from_json(&format!(r#"{{"indicators":[{{{common},{rest}}}]}}"#)).unwrap_err().to_string()
    };
    let part = r#"{"field":"target","values":["a"]}"#;
    for (rest, rule) in [
        (
            format!(
                r#""events":[{{"type":"ProfileSetEvent"}}],"value":{{"kind":"count"}},
                   "groups":[{{"key":"k","source":{{"join":{{"parts":[{part}],"with":"-"}},"values":["a-a"]}}}}]"#
            ),
            "what is joined has its lists in its parts",
        ),
        (
            r#""events":[{"type":"ProfileSetEvent","groups":{"r":{"constant":"x"}}}],
               "value":{"kind":"count","until":{"field":"result","is":"success"}},
               "groups":[{"key":"r","source":{"reached":true}}]"#
                .into(),
            "what tells of the whole cell, `reached` or `inside`, cannot depend on the selector",
        ),
        (
            r#""events":[{"type":"ActionEndEvent","first":true,"where":{"field":"target","is":"B"},
               "start":{"first":"ConnectionEvent"}}],"value":{"kind":"span"}"#
                .into(),
            "`first` and `where` exclude each other",
        ),
        (
            r#""events":[{"type":"ProfileSetEvent"}],"value":{"kind":"session","nope":1}"#.into(),
            "unknown field `nope`",
        ),
    ] {
        assert!(refused(&rest).contains(rule), "{}", refused(&rest));
    }
}
