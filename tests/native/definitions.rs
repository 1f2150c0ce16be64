//! The rules that keep a catalog from promising what no measure can hold.

use dacc_aggregator::Options;
use dacc_aggregator::catalog::Catalog;
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

/// A session whose pages are a group of this source.
fn paged(source: &Value, identity: &Value) -> Result<(), String> {
    judged(&json!({
        "events": [{"type": "ConnectionEvent"}], "value": {"kind": "session"},
        "groups": [{"key": "pages", "source": source},
                   {"key": "device", "source": {"device": "context", "values": ["desktop", "mobile"]}}],
        "identity": identity,
    }))
}

#[test]
fn what_is_inside_a_session_stands_in_buckets() {
    let pages = |buckets: Value, values: Value| {
        let source = json!({"inside": "NavigationEvent", "buckets": buckets, "values": values});
        paged(&source, &json!(["device"]))
    };
    assert_eq!(pages(json!([0, 1, 3]), json!(["0", "1-2", "3+"])), Ok(()));
    assert_eq!(pages(json!([0]), json!(["any"])), Ok(()));
    let rule = |broken: Result<(), String>| broken.unwrap_err().replace("catalog: n: group pages: ", "");
    for buckets in [json!([]), json!([1, 2, 3]), json!([0, 2, 2]), json!([0, 3, 2])] {
        assert_eq!(rule(pages(buckets, json!(["a", "b", "c"]))), "buckets begin at 0 and rise");
    }
    for values in [json!(["a"]), json!(["a", "b", "c"]), json!(["a", "a"]), json!(null)] {
        let refused = rule(pages(json!([0, 1]), values));
        assert_eq!(refused, "there are as many values as buckets, each once");
    }
    let needed = "`inside` and `buckets` need each other";
    assert_eq!(rule(pages(json!(null), json!(["a"]))), needed);
    let open = json!({"buckets": [0], "values": ["a"]});
    assert_eq!(rule(paged(&open, &json!(null))), needed);
    let unknown = json!({"inside": "Navigation", "buckets": [0], "values": ["a"]});
    assert_eq!(rule(paged(&unknown, &json!(["device"]))), "there is no event type Navigation");
}

#[test]
fn what_is_inside_is_a_sessions_and_no_part_of_its_identity() {
    let pages = json!({"inside": "NavigationEvent", "buckets": [0, 1], "values": ["0", "1+"]});
    for identity in [json!(null), json!(["pages", "device"])] {
        assert_eq!(
            paged(&pages, &identity).unwrap_err(),
            "catalog: n: group pages: what is inside a session does not identify it"
        );
    }
    assert_eq!(grouped(&pages, None).unwrap_err(), "catalog: n: group k: only a session has events inside");
    assert_eq!(
        grouped(&json!({"values": ["0", "1+"]}), Some(&pages)).unwrap_err(),
        "catalog: n: group k: what tells of the whole cell, `reached` or `inside`, cannot depend on the selector"
    );
    assert_eq!(
        grouped(&json!({"join": {"parts": [pages], "with": ""}}), None).unwrap_err(),
        "catalog: n: group k: a join's part is of the event"
    );
}

#[test]
fn a_snapshots_group_can_be_a_constant() {
    let snapshot = |source: Value| {
        judged(&json!({
            "period": "month", "value": {"kind": "snapshot", "of": "half-hour-data"},
            "groups": [{"key": "k", "source": source}],
        }))
    };
    assert_eq!(snapshot(json!({"constant": "minute", "values": ["minute"]})), Ok(()));
    let refused = snapshot(json!({"field": "target", "values": ["minute"]})).unwrap_err();
    assert!(refused.contains("a snapshot's groups come from"), "{refused}");
    let counted = grouped(&json!({"snapshot": "fluid", "values": ["gas"]}), None).unwrap_err();
    assert!(counted.contains("a snapshot's groups come from"), "{counted}");
}
