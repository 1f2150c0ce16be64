//! The catalog as a user writes one: indicators added without writing code.

use std::collections::BTreeSet;

use dacc_aggregator::catalog::{Catalog, CatalogFile};
use dacc_aggregator::diagnostics::Code;
use dacc_aggregator::{Outcome, aggregate};
use serde_json::{Value, json};

use crate::zone::with_zone;

/// A Saturday of a user, and three duels of the days after.
fn events() -> Value {
    let event = |kind: &str, time: &str| json!({"type": kind, "eventDate": format!("2024-03-{time}Z")});
    let with = |mut event: Value, more: Value| {
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    json!([
        event("ConnectionEvent", "09T08:00:00"),
        with(event("ActionChangeEvent", "09T08:10:00"), json!({"target": "ECO1"})),
        with(event("ReportFromEvent", "09T08:15:00"), json!({"context": "analysis", "target": "mail"})),
        with(event("QuizEndEvent", "09T08:20:00"), json!({"target": "Q1", "result": 2.5})),
        event("NavigationEvent", "09T08:20:30"),
        with(event("QuizEndEvent", "09T09:00:00"), json!({"target": "Q1", "result": "4"})),
        with(event("ReportFromEvent", "09T09:00:00.900"), json!({"context": "analysis", "target": "fax"})),
        with(event("ActionEndEvent", "09T10:00:00"), json!({"target": "ECO1"})),
        with(event("ActionEndEvent", "09T10:05:00"), json!({"target": "ECO2"})),
        with(event("DuelEndEvent", "09T10:30:00"), json!({"result": "win"})),
        with(event("DuelEndEvent", "09T11:00:00"), json!({"result": "win"})),
        with(event("ReportFromEvent", "09T11:10:00"), json!({"context": "letter", "target": "mail"})),
        with(event("DuelEndEvent", "10T12:00:00"), json!({"result": "loss"})),
        with(event("DuelEndEvent", "11T12:00:00"), json!({"result": "win"})),
        with(event("DuelEndEvent", "11T13:00:00"), json!({"result": "draw"})),
    ])
}

/// An indicator of a user, by its name, its period and the rest.
fn indicator(name: &str, period: &str, rest: &Value) -> Value {
    let mut indicator = json!({"name": name, "period": period, "description": "What.", "purpose": "Why."});
    indicator.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    indicator
}

fn computed(indicators: &[Value], extends: bool) -> Outcome {
    let options = json!({
        "now": "2024-04-03T02:00:00", "to": "2024-03-09", "months": ["2024-03"],
        "consent": [{"from": "2024-01-01"}],
        "catalog": {"extends": extends, "indicators": indicators},
    });
    aggregate(events().to_string().as_bytes(), &with_zone(&options.to_string())).unwrap()
}

/// `value` and the groups' values of an added indicator's measures.
fn added(name: &str, period: &str, rest: &Value) -> Vec<String> {
    let outcome = computed(&[indicator(name, period, rest)], true);
    let built_in = outcome.measures.iter().filter(|measure| measure.name() == "session-duration");
    assert_eq!(built_in.count(), 1, "the built-in indicators stay");
    let own = outcome.measures.iter().filter(|measure| measure.name() == name);
    own.map(|measure| {
        let groups: Vec<_> =
            measure.groups().iter().map(|group| format!(" {}={}", group.key(), group.value())).collect();
        format!("{} {}{}", measure.start_date(), measure.value(), groups.concat())
    })
    .collect()
}

#[test]
fn a_user_adds_a_count() {
    let given = added(
        "report-count",
        "day",
        &json!({
            "events": [{"type": "ReportFromEvent", "where": {"field": "context", "is": "analysis"}}],
            "value": {"kind": "count"},
            "groups": [{"key": "from", "source": {"field": "target", "values": ["mail", "push"], "other": "other"}}],
        }),
    );
    // The third report has another context; fax is not in the list.
    assert_eq!(given, ["2024-03-09 1 from=mail", "2024-03-09 1 from=other"]);
}

#[test]
fn a_user_adds_distinct_days() {
    let given = added(
        "duel-days",
        "month",
        &json!({
            "events": [{"type": "DuelEndEvent"}],
            "value": {"kind": "distinct-days"},
            "groups": [{"key": "end", "source": {"field": "result", "values": ["win", "loss"]}}],
        }),
    );
    // Won twice on the 9th and once on the 11th; a draw has no group and is left out.
    assert_eq!(given, ["2024-03-01 1 end=loss", "2024-03-01 2 end=win"]);
}

#[test]
fn a_user_adds_a_span() {
    let actions = indicator(
        "action-time",
        "day",
        &json!({
            "events": [{"type": "ActionEndEvent", "start": {"latest": "ActionChangeEvent"}}],
            "value": {"kind": "span"},
        }),
    );
    let outcome = computed(std::slice::from_ref(&actions), false);
    // ECO1 from 08:10 to 10:00; ECO2 was never chosen.
    let payloads: Vec<_> = outcome.measures.iter().map(|measure| measure.to_json()).collect();
    assert_eq!(
        payloads,
        [r#"{"createdBy":"ecolyo","measureName":"action-time","startDate":"2024-03-09","value":6600}"#]
    );
    assert_eq!(outcome.diagnostics.get(Code::SpanStartMissing), 1);
}

#[test]
fn a_user_adds_a_session_and_sends_its_mean_or_each() {
    let mut session = json!({"events": [{"type": "QuizEndEvent"}], "value": {"kind": "session"}});
    // 08:20:00 to the navigation half a minute later; 09:00:00 to the report of 11:10.
    assert_eq!(added("quiz-session", "day", &session), ["2024-03-09 3915"]);
    session["contribution"] = json!("each");
    assert_eq!(added("quiz-session", "day", &session), ["2024-03-09 30", "2024-03-09 7800"]);
}

#[test]
fn a_user_adds_an_observation_and_sends_its_mean_or_each() {
    let mut stars = json!({
        "events": [{"type": "QuizEndEvent"}],
        "value": {"kind": "observation", "of": "result"},
        "groups": [{"key": "quiz", "source": {"field": "target", "pattern": "Q[0-9]+"}}],
    });
    assert_eq!(added("stars", "day", &stars), ["2024-03-09 3.25 quiz=Q1"]);
    stars["contribution"] = json!("each");
    assert_eq!(added("stars", "day", &stars), ["2024-03-09 2.5 quiz=Q1", "2024-03-09 4 quiz=Q1"]);
    stars["value"]["integers"] = json!([0, 5]);
    assert_eq!(added("stars", "day", &stars), ["2024-03-09 4 quiz=Q1"], "2.5 is no whole number");
}

#[test]
fn only_what_is_averaged_can_be_sent_each() {
    let count =
        json!({"events": [{"type": "QuizEndEvent"}], "value": {"kind": "count"}, "contribution": "each"});
    let error =
        Catalog::from_json(&json!({"indicators": [indicator("n", "day", &count)]}).to_string()).unwrap_err();
    assert!(error.is_catalog() && error.to_string().contains("sent each"), "{error}");
}

#[test]
fn a_definition_names_the_groups_that_identify_a_contribution() {
    let catalog = Catalog::built_in();
    let named: Vec<_> = catalog
        .definitions()
        .filter_map(|definition| Some((definition.name.as_str(), definition.identity.clone()?.join(","))))
        .collect();
    let named: Vec<_> = named.iter().map(|(name, keys)| (*name, keys.as_str())).collect();
    assert_eq!(
        named,
        [
            ("konnector-connected-daily", ""),
            ("session-duration", "session_type"),
            ("consumption-variation-monthly", "fluid_type"),
            ("summary-subscription-monthly", ""),
            ("konnector-attempts-monthly", "slug"),
        ]
    );
    let own = |identity: &str| {
        let rest = json!({
            "events": [{"type": "QuizEndEvent"}], "value": {"kind": "count"}, "identity": [identity],
            "groups": [{"key": "quiz", "source": {"field": "target", "pattern": "Q[0-9]"}}],
        });
        Catalog::from_json(&json!({"indicators": [indicator("n", "day", &rest)]}).to_string())
    };
    assert!(own("quiz").is_ok());
    assert!(own("page").unwrap_err().to_string().contains("identity names page"));
}

#[test]
fn a_count_until_something_keeps_what_stands_for_the_rest() {
    let attempt = |target: &str, day: u32| json!({"type": "KonnectorAttemptEvent", "target": target, "eventDate": format!("2024-03-{day:02}T08:00:00Z")});
    let refresh = |target: &str| json!({"type": "KonnectorRefreshEvent", "target": target, "eventDate": "2024-03-20T08:00:00Z"});
    let events = json!([attempt("enedis", 1), attempt("engie", 2), attempt("edf", 3), refresh("enedis")]);
    let count = |until: Option<Value>| {
        let mut rest = json!({
            "value": {"kind": "count"},
            "events": [
                {"type": "KonnectorAttemptEvent"},
                {"type": "KonnectorRefreshEvent", "groups": {"slug": {"constant": "refreshed"}}},
            ],
            "groups": [{"key": "slug", "source": {"field": "target", "values": ["enedis", "refreshed"], "other": "other"}}],
        });
        rest["value"].as_object_mut().unwrap().extend(until.map(|until| ("until".into(), until)));
        let options = json!({
            "now": "2024-04-03T02:00:00", "months": ["2024-03"], "consent": [{"from": "2024-01-01"}],
            "catalog": {"indicators": [indicator("attempts", "month", &rest)]},
        });
        let outcome = aggregate(events.to_string().as_bytes(), &with_zone(&options.to_string())).unwrap();
        assert_eq!(outcome.diagnostics.get(Code::GroupOther), 2);
        outcome
            .measures
            .iter()
            .map(|m| (m.groups()[0].value().to_owned(), m.value().to_string()))
            .collect::<Vec<_>>()
    };
    // engie and edf are other; none succeeded, so the count goes on as a plain one does.
    let expected = [("enedis", "1"), ("other", "2"), ("refreshed", "1")];
    let expected = expected.map(|(slug, value)| (slug.to_owned(), value.to_owned()));
    assert_eq!(count(None), expected);
    assert_eq!(count(Some(json!({"field": "result", "is": "success"}))), expected);
}

#[test]
fn a_count_until_something_takes_nothing_from_memory_that_no_event_gives() {
    let rest = json!({
        "value": {"kind": "count", "until": {"field": "result", "is": "success"}},
        "events": [{"type": "KonnectorAttemptEvent"},
                   {"type": "KonnectorRefreshEvent", "groups": {"slug": {"field": "target", "values": ["r"], "other": "s"}}}],
        "groups": [{"key": "slug", "source": {"field": "target", "pattern": "[a-z]"}}],
    });
    let remembered = |slug: &str| {
        let options = json!({
            "now": "2024-04-03T02:00:00", "months": ["2024-03"], "consent": [{"from": "2024-01-01"}],
            "memory": {"counts": {"attempts": {slug: {"2024-03-09": {"count": 4, "reached": false}}}}},
            "catalog": {"indicators": [indicator("attempts", "month", &rest)]},
        });
        aggregate(b"[]", &with_zone(&options.to_string())).unwrap().measures.len()
    };
    assert_eq!(["a", "r", "s"].map(remembered), [1, 1, 1]);
    assert_eq!(["", "ab", "A", "other"].map(remembered), [0, 0, 0, 0]);
}

#[test]
fn the_server_can_import_the_registrations() {
    let registrations =
        serde_json::to_string(&Catalog::built_in().registrations("grandlyon", "ecolyo")).unwrap();
    let read: Value = serde_json::from_str(&registrations).unwrap();
    let definitions = read["definitions"].as_array().unwrap();
    assert_eq!((read.as_object().unwrap().len(), definitions.len()), (1, 15));
    // As an import file of the server has it, field by field and in its order.
    let (before, after) = (
        r#"{"id":4,"name":"konnector-event-daily","org":"grandlyon","createdBy":"ecolyo","group1Key":"slug","group2Key":"event_type","group3Key":"status","description":""#,
        r#"","aggregationPeriod":"day","executionFrequency":"day","aggregationThreshold":5,"accessApp":false,"accessPublic":false}"#,
    );
    let at = registrations.find(before).unwrap() + before.len();
    let description = registrations[at..].split('"').next().unwrap();
    assert!(registrations[at + description.len()..].starts_with(after), "{registrations}");
    for definition in definitions {
        assert!(definition["id"].is_u64(), "{definition}");
        assert!(definition["aggregationThreshold"].is_u64(), "the server needs it");
        assert!(["day", "month"].contains(&definition["aggregationPeriod"].as_str().unwrap()));
        let groups = (1..=3).map(|number| definition.get(format!("group{number}Key")));
        let texts = groups.flatten().chain([&definition["name"], &definition["description"]]);
        assert!(
            texts.clone().all(|text| !text.as_str().unwrap().is_empty()),
            "a group without a key is absent"
        );
        assert!(
            texts
                .take(4)
                .all(|text| text.as_str().unwrap().len() <= 100 || text == &definition["description"])
        );
    }
    let of = |name: &str| definitions.iter().find(|definition| definition["name"] == name).unwrap();
    assert_eq!(of("connection-count-monthly")["aggregationPeriod"], "month");
    assert!(of("connection-count-monthly").get("group1Key").is_none());
}

#[test]
fn definitions_have_the_rows_of_the_server_and_its_keys() {
    let read = serde_json::to_value(Catalog::built_in().registrations("grandlyon", "ecolyo")).unwrap();
    let row = |definition: &Value| {
        let keys = (1..=3).filter_map(|at| definition[format!("group{at}Key")].as_str());
        let keys = keys.collect::<Vec<_>>().join(" ");
        format!("{} {} {keys}", definition["id"], definition["name"].as_str().unwrap())
    };
    let mut rows: Vec<_> = read["definitions"].as_array().unwrap().iter().map(row).collect();
    rows.sort_by_key(|row| row.split(' ').next().unwrap().parse::<u32>().unwrap());
    assert_eq!(
        rows,
        [
            "1 session-duration number_pages session_type",
            "2 connection-count-daily device",
            "3 navigation-action-daily page feature params",
            "4 konnector-event-daily slug event_type status",
            "5 event-duration start_event end_event params",
            "6 challenge-launch-daily challenge_id",
            "7 quiz-stars challenge_id quiz_id",
            "10 navigation-count-daily page",
            "11 konnector-connected-daily categories",
            "12 consumption-variation-monthly fluid_type seniority fluid_usage",
            "13 summary-subscription-monthly event_type",
            "14 fluid-data-granularity-monthly fluid_type granularity",
            "15 konnector-attempts-monthly slug success",
            "16 connection-count-monthly ",
            "17 profile-count-monthly ",
        ]
    );
}

#[test]
fn an_added_indicator_has_the_row_that_it_says_or_none() {
    let registered = |id: Value| {
        let mut rest = json!({"events": [{"type": "ReportFromEvent"}], "value": {"kind": "count"}, "aggregationThreshold": 9});
        rest["id"] = id;
        let count = indicator("report-count", "day", &rest);
        let catalog = Catalog::from_json(&json!({"extends": true, "indicators": [count]}).to_string());
        catalog.map_err(|error| error.to_string()).map(|catalog| {
            let read = serde_json::to_value(catalog.registrations("org", "app")).unwrap();
            read["definitions"].as_array().unwrap().last().unwrap().clone()
        })
    };
    let last = registered(json!(40)).unwrap();
    assert_eq!((last["id"].as_u64(), last["name"].as_str()), (Some(40), Some("report-count")));
    assert_eq!((last["org"].as_str(), last["createdBy"].as_str()), (Some("org"), Some("app")));
    assert_eq!(last["aggregationThreshold"], 9);
    assert!(registered(json!(null)).unwrap().get("id").is_none(), "an import would overwrite what has it");
    assert_eq!(registered(json!(7)).unwrap_err(), "catalog: quiz-stars and report-count have one id, 7");
    for id in [json!(0), json!(2_147_483_648_u32)] {
        let refused = registered(id).unwrap_err();
        assert_eq!(refused, "catalog: report-count: an id is a number from 1 to 2147483647");
    }
}

/// The built-in catalog with these changes.
fn changed(changes: &Value) -> Result<Catalog, String> {
    let catalog = json!({"extends": true, "override": changes}).to_string();
    Catalog::from_json(&catalog).map_err(|error| error.to_string())
}

#[test]
fn a_built_in_indicator_has_other_keys_without_a_copy() {
    let changes = json!({
        "navigation-action-daily": {"keys": {"page": "feature", "feature": "page", "params": "detail"}},
        "profile-count-monthly": {"name": "profile-count", "id": 99, "aggregationThreshold": 20, "description": "Other."},
        "session-duration": {"keys": {"session_type": "kind"}},
        "quiz-stars": {"omit": true},
    });
    let catalog = changed(&changes).unwrap();
    let of = |name: &str| catalog.definitions().find(|definition| definition.name == name);
    let keys =
        |name: &str| of(name).unwrap().groups.iter().map(|group| group.key.clone()).collect::<Vec<_>>();
    // They change places: page and feature have each other's name, and still their own values.
    assert_eq!(keys("navigation-action-daily"), ["feature", "page", "detail"]);
    assert_eq!(keys("session-duration"), ["number_pages", "kind"]);
    assert_eq!(of("session-duration").unwrap().identity.as_deref(), Some(&["kind".to_owned()][..]));
    let count = of("profile-count").unwrap();
    assert_eq!((count.id, count.threshold, &*count.description), (Some(99), Some(20), "Other."));
    assert!(of("profile-count-monthly").is_none() && of("quiz-stars").is_none());
    assert_eq!(catalog.definitions().count(), 14);
    let names: Vec<_> = catalog.definitions().map(|definition| definition.name.clone()).collect();
    let built_in = Catalog::built_in();
    let kept = built_in.definitions().map(|definition| definition.name.as_str());
    let kept: Vec<_> = kept.filter(|name| *name != "quiz-stars").collect();
    assert_eq!(names[..3], kept[..3], "the order stays");
}

#[test]
fn a_renamed_key_is_sent_in_place_of_the_other() {
    let options = json!({
        "now": "2024-04-03T02:00:00", "to": "2024-03-09", "consent": [{"from": "2024-01-01"}],
        "catalog": {"extends": true, "override": {
            "navigation-action-daily": {"keys": {"page": "feature", "feature": "page"}},
            "connection-count-daily": {"name": "connections", "keys": {"device": "screen"}},
        }},
    });
    let outcome = aggregate(events().to_string().as_bytes(), &with_zone(&options.to_string())).unwrap();
    let payload = |name: &str| {
        let measure = outcome.measures.iter().find(|measure| measure.name() == name).unwrap();
        measure.to_json().split_once(r#","value":"#).unwrap().1.to_owned()
    };
    assert_eq!(payload("connections"), r#"1,"group1":{"screen":"desktop"}}"#);
    assert_eq!(
        payload("navigation-action-daily"),
        r#"1,"group1":{"feature":"challenges"},"group2":{"page":"action-change"},"group3":{"params":"ECO1"}}"#
    );
}

#[test]
fn a_change_that_changes_nothing_there_is_refused() {
    for (changes, rule) in [
        (json!({"quiz-star": {"name": "a"}}), "override: quiz-star is no built-in indicator"),
        (json!({"quiz-stars": {"keys": {"quiz": "a"}}}), "override: quiz-stars: it has no group quiz"),
        (
            json!({"quiz-stars": {"keys": {"quiz_id": "challenge_id"}}}),
            "quiz-stars: two groups have the same key",
        ),
        (
            json!({"quiz-stars": {"keys": {"quiz_id": ""}}}),
            "quiz-stars: a key has 1 to 100 bytes and no control characters",
        ),
        (json!({"quiz-stars": {"name": "session-duration"}}), "session-duration is defined twice"),
        (json!({"quiz-stars": {"id": 1}}), "session-duration and quiz-stars have one id, 1"),
        (
            json!({"quiz-stars": {"omit": true, "id": 8}}),
            "override: quiz-stars: what is left out is not changed",
        ),
        (
            json!({"quiz-stars": {"aggregationThreshold": 4}}),
            "quiz-stars: aggregationThreshold is a number from 5 to 2147483647",
        ),
    ] {
        let refused = changed(&changes).unwrap_err();
        assert!(refused.ends_with(rule), "{changes}: {refused}");
    }
    let alone = json!({"override": {"quiz-stars": {"id": 8}}, "indicators": []}).to_string();
    let refused = Catalog::from_json(&alone).unwrap_err().to_string();
    assert!(refused.contains("`override` needs `extends`"), "{refused}");
    for nothing in ["{}", r#"{"extends": false}"#] {
        let refused = Catalog::from_json(nothing).unwrap_err().to_string();
        assert!(refused.contains("missing field `indicators`"), "{refused}");
    }
    assert_eq!(Catalog::from_json(r#"{"extends": true}"#).unwrap().definitions().count(), 15);
}

/// A catalog file in which every field of every object is there, and where the
/// object that each definition of the schema describes stands in it.
pub(crate) fn everything() -> (Value, Vec<(&'static str, &'static str)>) {
    let source = |more: Value| {
        let mut source = json!({
            "constant": "c", "field": "target", "lowercase": true, "device": "context", "reached": true,
            "snapshot": "fluid", "inside": "NavigationEvent", "buckets": [0], "values": ["a"], "pattern": "a", "other": "o",
            "when": {"field": "result", "is": "a", "then": "b", "else": "c"}, "seen": {"then": "b", "else": "c"},
        });
        source["join"] = more;
        source
    };
    let source = source(json!({"parts": [{"field": "target"}], "with": "-"}));
    let condition = json!({"field": "context", "is": "a"});
    let whole = |value: Value, start: Value| {
        json!({
            "name": "n", "id": 1, "aggregationThreshold": 5, "period": "month", "description": "d", "purpose": "p",
            "value": value, "events": [{"type": "DuelEndEvent", "where": condition, "first": true, "start": start, "groups": {"k": source}}],
            "groups": [{"key": "k", "source": source}], "identity": ["k"], "contribution": "each",
        })
    };
    let change = json!({
        "name": "n", "id": 1, "aggregationThreshold": 5, "description": "d", "purpose": "p", "keys": {"a": "b"}, "omit": true,
    });
    let file = json!({"$schema": "s", "extends": true, "override": {"quiz-stars": change}, "indicators": [
        whole(json!({"kind": "count", "until": condition}), json!({"field": "startDate"})),
        whole(json!({"kind": "distinct-days", "zero": true}), json!({"first": "DuelLaunchEvent"})),
        whole(json!({"kind": "observation", "of": "result", "integers": [0, 5]}), json!({"latest": "DuelLaunchEvent"})),
        whole(json!({"kind": "snapshot", "of": "half-hour-data"}), json!({"latest": "DuelLaunchEvent"})),
        whole(json!({"kind": "session"}), json!({"latest": "DuelLaunchEvent"})),
        whole(json!({"kind": "span"}), json!({"latest": "DuelLaunchEvent"})),
    ]});
    let places = vec![
        ("catalog", ""),
        ("change", "/override/quiz-stars"),
        ("definition", "/indicators/0"),
        ("selector", "/indicators/0/events/0"),
        ("condition", "/indicators/0/events/0/where"),
        ("startField", "/indicators/0/events/0/start"),
        ("startFirst", "/indicators/1/events/0/start"),
        ("startLatest", "/indicators/2/events/0/start"),
        ("count", "/indicators/0/value"),
        ("distinctDays", "/indicators/1/value"),
        ("observation", "/indicators/2/value"),
        ("snapshotValue", "/indicators/3/value"),
        ("session", "/indicators/4/value"),
        ("span", "/indicators/5/value"),
        ("group", "/indicators/0/groups/0"),
        ("source", "/indicators/0/groups/0/source"),
        ("when", "/indicators/0/groups/0/source/when"),
        ("join", "/indicators/0/groups/0/source/join"),
        ("seen", "/indicators/0/groups/0/source/seen"),
    ];
    (file, places)
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../src/catalog/catalog.schema.json")).unwrap()
}

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_schema_names_exactly_the_fields_that_are_read() {
    let (file, places) = everything();
    let schema = schema();
    let read: CatalogFile = serde_json::from_value(file).unwrap();
    let written = serde_json::to_value(read).unwrap();
    for &(definition, place) in &places {
        let described = &schema["$defs"][definition];
        let object = written.pointer(place).unwrap();
        assert_eq!(names(&described["properties"]), names(object), "{definition}");
        assert_eq!(described["additionalProperties"], false, "{definition}");
    }
    let objects =
        schema["$defs"].as_object().unwrap().iter().filter(|(_, def)| def.get("properties").is_some());
    assert_eq!(objects.count(), places.len(), "each object of the schema is looked at");
}

#[test]
fn a_field_is_required_by_the_schema_exactly_if_reading_needs_it() {
    let (file, places) = everything();
    let schema = schema();
    for &(definition, place) in &places {
        for name in names(&schema["$defs"][definition]["properties"]) {
            let mut without = file.clone();
            without.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(name);
            let required = schema["$defs"][definition].get("required");
            let is_required = required.is_some_and(|names| names.as_array().unwrap().contains(&json!(name)));
            let is_refused = serde_json::from_value::<CatalogFile>(without).is_err();
            assert_eq!(is_required, is_refused, "{definition}: {name}");
        }
    }
}

#[test]
fn an_unknown_field_is_refused() {
    let (file, places) = everything();
    for (definition, place) in places {
        let mut with = file.clone();
        with.pointer_mut(place).unwrap()["unknown"] = json!(1);
        assert!(serde_json::from_value::<CatalogFile>(with).is_err(), "{definition}");
    }
}

#[test]
fn the_schema_lists_the_event_types_that_exist() {
    let listed = schema()["$defs"]["eventType"]["enum"].clone();
    let known: Vec<_> = Catalog::built_in().shape().types().map(str::to_owned).collect();
    assert_eq!(listed, json!(known));
}
