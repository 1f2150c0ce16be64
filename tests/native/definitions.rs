//! The rules that keep a catalog from promising what no measure can hold.

use dacc_aggregator::{Catalog, Options};
use serde_json::{Value, json};

fn judged(indicator: &Value) -> Result<(), String> {
    let mut whole = json!({"name": "n", "period": "day", "description": "d", "purpose": "p"});
    whole.as_object_mut().unwrap().extend(indicator.as_object().unwrap().clone());
    let catalog = json!({"indicators": [whole]}).to_string();
    Catalog::from_json(&catalog).map(drop).map_err(|error| error.to_string())
}

/// A count of connections by one group, whose source a selector may replace.
fn grouped(own: &Value, selected: Option<&Value>) -> Result<(), String> {
    let groups = selected.map_or(json!({}), |source| json!({"k": source}));
    judged(&json!({
        "events": [{"type": "ConnectionEvent", "groups": groups}], "value": {"kind": "count"},
        "groups": [{"key": "k", "source": own}],
    }))
}

#[test]
fn what_an_event_decides_identifies_its_contribution() {
    let device = json!({"key": "device", "source": {"device": "context", "values": ["desktop", "mobile"]}});
    let count = |value: Value, identity: &[&str]| {
        judged(&json!({
            "period": "month", "events": [{"type": "ConnectionEvent"}], "value": value,
            "groups": [device, {"key": "kind", "source": {"field": "target", "values": ["a", "b"]}}],
            "identity": identity,
        }))
    };
    for kind in ["count", "distinct-days", "session"] {
        assert_eq!(count(json!({"kind": kind}), &["kind", "device"]), Ok(()), "{kind}");
        assert_eq!(
            count(json!({"kind": kind}), &["kind"]).unwrap_err(),
            "catalog: n: group device: identity leaves out what an event decides",
            "{kind}"
        );
    }
    let reached = |identity: &[&str]| {
        judged(&json!({
            "period": "month", "events": [{"type": "KonnectorAttemptEvent"}],
            "value": {"kind": "count", "until": {"field": "result", "is": "success"}},
            "groups": [{"key": "slug", "source": {"field": "target", "values": ["a"]}},
                       {"key": "success", "source": {"reached": true, "values": ["true", "false"]}}],
            "identity": identity,
        }))
    };
    assert_eq!(reached(&["slug"]), Ok(()), "of one slug there is one count in a month");
    assert!(reached(&[]).unwrap_err().contains("group slug: identity leaves out"));
}

#[test]
fn a_variation_is_identified_by_its_fluid() {
    let variation = |source: Value, identity: &[&str]| {
        judged(&json!({
            "period": "month", "events": [{"type": "ConnectionEvent"}],
            "value": {"kind": "snapshot", "of": "consumption-variation"},
            "groups": [{"key": "k", "source": source}], "identity": identity,
        }))
    };
    let fluid = json!({"snapshot": "fluid", "values": ["electricity", "gas"]});
    assert_eq!(variation(fluid.clone(), &["k"]), Ok(()));
    let rule = "catalog: n: a variation is identified by its fluid, which has no `other`";
    assert_eq!(variation(fluid, &[]).unwrap_err(), rule);
    // Two fluids would be one cell.
    let named = json!({"snapshot": "fluid", "values": ["electricity"], "other": "other"});
    assert_eq!(variation(named, &["k"]).unwrap_err(), rule);
    assert_eq!(variation(json!({"snapshot": "seniority", "pattern": "[0-9]+"}), &["k"]).unwrap_err(), rule);
}

#[test]
fn a_selector_stays_within_its_groups_list() {
    let own = json!({"field": "target", "values": ["a", "b", "desktop"], "other": "other"});
    for fitting in [
        json!({"field": "context", "values": ["b"], "other": "a"}),
        json!({"field": "context", "values": ["a"], "other": "other"}),
        json!({"constant": "a"}),
        json!({"constant": "other"}),
        json!({"when": {"field": "result", "is": "x", "then": "a", "else": "other"}}),
        json!({"device": "context", "values": ["desktop"], "other": "b"}),
    ] {
        assert_eq!(grouped(&own, Some(&fitting)), Ok(()), "{fitting}");
    }
    for (selected, text) in [
        (json!({"field": "context", "values": ["a", "zzz"]}), "zzz"),
        (json!({"field": "context", "values": ["a"], "other": "zzz"}), "zzz"),
        (json!({"constant": "zzz"}), "zzz"),
        (json!({"when": {"field": "result", "is": "x", "then": "a", "else": "zzz"}}), "zzz"),
        (json!({"when": {"field": "result", "is": "x", "then": "zzz", "else": "a"}}), "zzz"),
        (json!({"device": "context"}), "mobile"),
    ] {
        let refused = grouped(&own, Some(&selected)).unwrap_err();
        assert_eq!(
            refused,
            format!("catalog: n: group k: {text} is not in its list or pattern"),
            "{selected}"
        );
    }
    for open in [
        json!({"field": "context", "pattern": "[a-z]{1,20}"}),
        json!({"join": {"parts": [{"constant": "a"}, {"constant": "b"}], "with": "-"}}),
    ] {
        let refused = grouped(&own, Some(&open)).unwrap_err();
        let rule = "a selector's join or other pattern cannot stand for the group's list or pattern";
        assert_eq!(refused, format!("catalog: n: group k: {rule}"), "{open}");
    }
}

#[test]
fn a_selector_stays_within_its_groups_pattern() {
    let own = json!({"field": "target", "pattern": "[a-z]{1,5}"});
    for fitting in [
        json!({"constant": "lower"}),
        json!({"field": "context", "values": ["a"], "other": "b"}),
        json!({"field": "context", "pattern": "[a-z]{1,5}"}),
    ] {
        assert_eq!(grouped(&own, Some(&fitting)), Ok(()), "{fitting}");
    }
    for text in ["UPPER", "toolong"] {
        let refused = grouped(&own, Some(&json!({"constant": text}))).unwrap_err();
        assert!(refused.ends_with(&format!("{text} is not in its list or pattern")), "{refused}");
    }
    let refused = grouped(&own, Some(&json!({"field": "context", "pattern": "[a-z]{1,20}"}))).unwrap_err();
    assert!(refused.contains("cannot stand for"), "{refused}");
    let alone = grouped(&json!({"constant": "UPPER", "pattern": "[a-z]+"}), None).unwrap_err();
    assert!(alone.ends_with("UPPER is not in its list or pattern"), "{alone}");
}

#[test]
fn a_join_can_be_sent() {
    let join = |parts: usize, with: &str| {
        let part = json!({"field": "target", "values": ["a"]});
        grouped(&json!({"join": {"parts": vec![part; parts], "with": with}}), None)
    };
    assert_eq!(join(2, ""), Ok(()));
    assert_eq!(join(1, "-"), Ok(()));
    // Of 100 bytes two are the parts' at least.
    assert_eq!(join(2, &"-".repeat(98)), Ok(()));
    for (parts, with) in [(0, "-"), (2, "a\nb"), (2, &*"-".repeat(99)), (101, "")] {
        assert_eq!(
            join(parts, with).unwrap_err(),
            "catalog: n: group k: a join has parts, and with them at most 100 bytes and no control characters"
        );
    }
}

#[test]
fn a_range_the_wrong_way_round_is_called_that() {
    let refused = |pattern: &str| grouped(&json!({"field": "target", "pattern": pattern}), None).unwrap_err();
    assert_eq!(refused("[z-a]"), "catalog: n: group k: a range in a class has its smaller character first");
    assert!(refused("[é]").ends_with("a pattern has at least one character, all printable ASCII"));
}

#[test]
fn an_error_is_one_line_whatever_it_names() {
    let name = "two\nlines";
    let refused =
        judged(&json!({"name": name, "events": [{"type": "ConnectionEvent"}], "value": {"kind": "count"}}));
    assert_eq!(
        refused.unwrap_err(),
        r#""catalog: two\nlines: a name has 1 to 100 bytes and no control characters""#
    );
    let refused = judged(&json!({"events": [{"type": "A\tB"}], "value": {"kind": "count"}})).unwrap_err();
    assert_eq!(refused, r#""catalog: n: there is no event type A\tB""#);
    let refused = Options::from_json(r#"{"fr\rom": 1}"#).unwrap_err().to_string();
    assert!(refused.contains(r"fr\rom"), "{refused:?}");
}
