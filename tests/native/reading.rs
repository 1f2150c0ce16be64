//! What is read of documents, and what is not: each row of the contract that
//! is about one field or one document, from the bytes to the measures.

use dacc_aggregator::diagnostics::{Code, Diagnostics};
use dacc_aggregator::measure::Measure;
use dacc_aggregator::{Options, Outcome, aggregate, aggregate_home};
use serde_json::{Value, json};

use crate::nights::Nights;
use crate::zone::with_zone;

fn options(rest: &str) -> Options {
    with_zone(&format!(r#"{{"now":"2024-03-10T02:00:00"{rest}}}"#))
}

fn json_of(measures: &[Measure]) -> Vec<String> {
    measures.iter().map(Measure::to_json).collect()
}

/// A home in which each doctype has a say.
fn home() -> Value {
    let event = |id: &str, kind: &str, rest: Value| {
        let mut event = json!({"_id": id, "type": kind, "aggregated": false});
        event.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        event
    };
    json!({
        "com.grandlyon.ecolyo.term":
            [{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}],
        "com.grandlyon.ecolyo.usageevents": [
            event("c", "ConnectionEvent", json!({"eventDate": "2024-02-09T10:00:00Z"})),
            event("d", "ConnectionEvent", json!({"eventDate": "2024-03-09T10:00:00Z"})),
            event("n", "NavigationEvent", json!({"eventDate": "2024-03-09T10:00:07Z", "target": "faq"})),
        ],
        "com.grandlyon.ecolyo.profile": [{"_id": "p", "monthlyAnalysisDate": 10, "sendAnalysisNotification": true}],
        "com.grandlyon.ecolyo.profiletype":
            [{"_id": "pt", "updateDate": "2024-01-01T09:00:00Z", "warmingFluid": "gas"}],
        "io.cozy.accounts": [{"_id": "a", "account_type": "grdfgrandlyon"}],
        "io.cozy.triggers":
            [{"_id": "tr", "message": {"account": "b"}, "current_state": {"status": "errored"}}],
        "com.grandlyon.grdf.month": [
            {"_id": "l1", "load": 100, "year": 2024, "month": 1},
            {"_id": "l2", "load": 110, "year": 2024, "month": 2},
        ],
        "com.grandlyon.enedis.minute": [],
    })
}

/// Documents that would change what is read of each doctype, if they counted.
const STRANGERS: &[(&str, &str)] = &[
    ("com.grandlyon.ecolyo.term", r#"{"accepted":false,"date":"2024-03-01T09:00:00Z"}"#),
    ("com.grandlyon.ecolyo.term", r#"{"accepted":false}"#),
    ("com.grandlyon.ecolyo.usageevents", r#"{"type":"ConnectionEvent","eventDate":"2024-03-09T11:00:00Z"}"#),
    ("com.grandlyon.ecolyo.usageevents", r#"{"views":{}}"#),
    (
        "com.grandlyon.ecolyo.profile",
        r#"{"monthlyAnalysisDate":20,"sendAnalysisNotification":false,"firstConnectionDate":"2020-01-01T00:00:00Z"}"#,
    ),
    ("com.grandlyon.ecolyo.profiletype", r#"{"updateDate":"2024-02-01T09:00:00Z","warmingFluid":"water"}"#),
    ("io.cozy.accounts", r#"{"account_type":"enedisgrandlyon"}"#),
    ("io.cozy.triggers", r#"{"message":{"account":"a"},"current_state":{"status":"errored"}}"#),
    ("com.grandlyon.grdf.month", r#"{"load":900,"year":2024,"month":2}"#),
    ("com.grandlyon.enedis.minute", r#"{"load":1,"year":2024,"month":2}"#),
];

/// What makes a document none of the app's.
const MARKS: &[&str] = &[
    r#""_id":"_design/a""#,
    r#""_id":"_local/a""#,
    r#""_id":"\u005fdesign\/b""#,
    r#""_id":"gone","_deleted":true"#,
    r#""_deleted":true,"_id":"gone too""#,
];

fn stranger(body: &str, mark: &str) -> Value {
    serde_json::from_str(&format!("{{{mark},{}", &body[1..])).unwrap()
}

fn given(home: &Value) -> Outcome {
    aggregate_home(home.to_string().as_bytes(), &options(r#","firstDay":"2024-02-01""#)).unwrap()
}

/// The outcome but for the count of what is not the app's, and that.
fn told(outcome: &Outcome) -> (Vec<String>, Vec<(Code, u64)>, u64) {
    let noticed = |diagnostics: &Diagnostics| {
        diagnostics.iter().filter(|(code, _)| *code != Code::DocumentNotTheApps).collect()
    };
    let count = outcome.diagnostics.get(Code::DocumentNotTheApps);
    (json_of(&outcome.measures), noticed(&outcome.diagnostics), count)
}

#[test]
fn documents_that_are_not_the_apps_count_in_no_doctype() {
    let alone = told(&given(&home()));
    assert!(alone.0.len() >= 8, "{:#?}", alone.0);
    for &(doctype, body) in STRANGERS {
        for mark in MARKS {
            let mut home = home();
            // The first of its doctype: where one alone counts, it would be that.
            home[doctype].as_array_mut().unwrap().insert(0, stranger(body, mark));
            let (measures, noticed, count) = told(&given(&home));
            assert_eq!((&measures, &noticed, count), (&alone.0, &alone.1, 1), "{doctype} {mark}");
        }
        // The same document counts where nothing speaks against it.
        let mut home = home();
        let own = stranger(body, r#""_id":"own","_deleted":false"#);
        home[doctype].as_array_mut().unwrap().insert(0, own);
        assert_ne!(told(&given(&home)), alone, "{doctype} {body}");
    }
}

#[test]
fn a_memory_or_an_entry_that_was_deleted_is_not_taken_up() {
    let mut home = home();
    let memory = r#"{"memory":{"firstDay":"2024-02-01","closedUntil":"2024-03-09"}}"#;
    let memory = stranger(memory, r#""_id":"memory","_deleted":true"#);
    home["com.grandlyon.ecolyo.dacc.memory"] = json!([memory]);
    let (measures, _, count) = told(&given(&home));
    assert_eq!((measures, count), (told(&given(&self::home())).0, 1));
}

#[test]
fn events_that_are_not_the_apps_count_in_no_framing() {
    let options = options(r#","from":"2024-03-09","consent":[{"from":"2024-01-01"}]"#);
    let events = home()["com.grandlyon.ecolyo.usageevents"].as_array().unwrap().clone();
    let alone = told(&aggregate(Value::from(events.clone()).to_string().as_bytes(), &options).unwrap());
    let mut all: Vec<String> = events.iter().map(ToString::to_string).collect();
    for mark in MARKS {
        all.insert(1, stranger(STRANGERS[2].1, mark).to_string());
    }
    let framings = [
        format!("[{}]", all.join(",")),
        format!(r#"{{"docs":[{}],"next":false}}"#, all.join(",")),
        all.join("\n"),
    ];
    for text in framings {
        let outcome = aggregate(text.as_bytes(), &options).unwrap();
        let marks = MARKS.len() as u64;
        assert_eq!(told(&outcome), (alone.0.clone(), alone.1.clone(), marks), "{text}");
    }
}

#[test]
fn a_run_leaves_out_what_is_not_the_apps() {
    let night = json!({"now": "2024-03-10T02:00:00", "firstDay": "2024-02-01"});
    let mut alone = Nights::of(&home());
    alone.night(&night);
    assert!(alone.sent.len() >= 8, "{:#?}", alone.sent);
    let mut nights = Nights::of(&home());
    for (at, &(doctype, body)) in STRANGERS.iter().enumerate() {
        let id = format!("_design/{at}");
        nights.store.put(doctype, &id, stranger(body, &format!(r#""_id":"{id}""#)));
        let id = format!("0 deleted {at}");
        nights.store.put(doctype, &id, stranger(body, &format!(r#""_id":"{id}","_deleted":true"#)));
    }
    let report = nights.night(&night);
    assert_eq!(nights.sent, alone.sent);
    // A query of half-hours asks for loads alone, and a Cozy gives triggers as its own.
    assert!(report.diagnostics.get(Code::DocumentNotTheApps) > 10, "{:?}", report.diagnostics);
}

/// The values that a span from a challenge's start to its end leaves, and what
/// is noticed.
fn span(clock: &str, start: &str, end: &str) -> (Vec<String>, Diagnostics) {
    let events = json!([
        {"type": "ChallengeEndEvent", "target": "CHALLENGE0001", "startDate": start, "eventDate": end},
    ]);
    let options =
        options(&format!(r#","clock":"{clock}","from":"2024-03-08","consent":[{{"from":"2024-01-01"}}]"#));
    let outcome = aggregate(events.to_string().as_bytes(), &options).unwrap();
    let spans = outcome.measures.iter().filter(|measure| measure.name() == "event-duration");
    (spans.map(|measure| measure.value().to_string()).collect(), outcome.diagnostics)
}

#[test]
fn fractions_are_compared_as_written_before_a_difference_is_taken() {
    for (start, end, expected) in [
        ("14:00:00.0000000001Z", "14:00:10Z", Ok("9")),
        ("14:00:00.0000000001Z", "14:00:10.0000000001Z", Ok("10")),
        ("14:00:00.00000000010Z", "14:00:10.0000000001000Z", Ok("10")),
        ("14:00:00.0000000002Z", "14:00:10.0000000001Z", Ok("9")),
        ("14:00:10.0000000001Z", "14:00:10Z", Err(Code::SpanNegative)),
        ("14:00:10.00000000000000000000001Z", "14:00:10Z", Err(Code::SpanNegative)),
        ("14:00:00.00000000000000000000001Z", "14:00:10Z", Ok("9")),
        ("14:00:10.0000000001Z", "14:00:10.0000000001Z", Ok("0")),
    ] {
        for clock in ["wall", "instant"] {
            let day = "2024-03-09T";
            let (values, noticed) = span(clock, &format!("{day}{start}"), &format!("{day}{end}"));
            match expected {
                Ok(value) => assert_eq!(values, [value], "{start} {end}"),
                Err(code) => assert_eq!((values, noticed.get(code)), (vec![], 1), "{start} {end}"),
            }
        }
    }
}

#[test]
fn events_have_the_order_of_their_fractions_as_written() {
    // By their ids alone the order would be another: the first challenge is B.
    let events = |long: &str| {
        json!([
            {"_id": "1", "type": "ConnectionEvent", "eventDate": "2024-03-09T14:00:00.0000000005Z"},
            {"_id": "2", "type": "ChallengeLaunchEvent", "target": "A", "eventDate": format!("2024-03-09T14:00:10.{long}2Z")},
            {"_id": "3", "type": "ChallengeLaunchEvent", "target": "B", "eventDate": format!("2024-03-09T14:00:10.{long}1Z")},
        ])
    };
    for long in ["000000000", "00000000000000000"] {
        let options = options(r#","from":"2024-03-09","consent":[{"from":"2024-01-01"}]"#);
        let outcome = aggregate(events(long).to_string().as_bytes(), &options).unwrap();
        let measure =
            |name: &str| outcome.measures.iter().find(|measure| measure.name() == name).unwrap().to_json();
        let first = measure("event-duration");
        assert!(first.contains(r#""value":9,"#) && first.contains(r#":"B"}"#), "{first}");
        let session = measure("session-duration");
        assert!(session.contains(r#""value":9,"#), "{session}");
    }
}

#[test]
fn a_second_of_60_is_read_where_there_is_one() {
    for (end, on_wall, as_instant) in [
        ("2024-03-09T14:59:60Z", Some("59"), None),
        ("2024-03-09T14:58:60Z", None, None),
        ("2024-03-08T14:59:60-09:00", Some("59"), Some("59")),
        ("2024-03-08T22:59:60Z", Some("59"), None),
        ("2024-03-08T23:59:60Z", Some("59"), Some("59")),
    ] {
        let start = end.replacen(":60", ":00", 1);
        for (clock, expected) in [("wall", on_wall), ("instant", as_instant)] {
            let (values, noticed) = span(clock, &start, end);
            assert_eq!(values, Vec::from_iter(expected), "{clock} {end}");
            assert_eq!(noticed.get(Code::EventDateInvalid), u64::from(expected.is_none()), "{clock} {end}");
            // The same where a span starts.
            let (values, noticed) = span(clock, end, "2024-03-09T20:00:00Z");
            assert_eq!(values.is_empty(), expected.is_none(), "{clock} {end}");
            assert_eq!(noticed.get(Code::SpanStartMissing), u64::from(expected.is_none()), "{clock} {end}");
        }
    }
}

#[test]
fn a_day_of_the_analysis_is_the_whole_value_of_a_number() {
    for (written, is_due) in [
        ("10", true),
        ("10.0", true),
        ("1e1", true),
        ("\"10\"", true),
        ("11.0", false),
        // What is no day of a month is as if it were not there: the third.
        ("0", true),
        ("32", true),
        ("\"010\"", true),
        ("\"2024-02-11\"", false),
        ("\"2024-02-11T09:00:00Z\"", false),
        ("\"2024-02-11T09:58:60Z\"", true),
    ] {
        let mut home = home();
        home["com.grandlyon.ecolyo.profile"][0]["monthlyAnalysisDate"] =
            serde_json::from_str(written).unwrap();
        // A number keeps the digits it is written with.
        let text = home.to_string().replacen(
            &format!(
                r#""monthlyAnalysisDate":{}"#,
                home["com.grandlyon.ecolyo.profile"][0]["monthlyAnalysisDate"]
            ),
            &format!(r#""monthlyAnalysisDate":{written}"#),
            1,
        );
        let outcome = aggregate_home(text.as_bytes(), &options(r#","firstDay":"2024-02-01""#)).unwrap();
        let has_months = outcome.measures.iter().any(|measure| measure.name() == "connection-count-monthly");
        assert_eq!(has_months, is_due, "{written}");
    }
}

/// What an indicator of the person's own observes in a result, and whether it
/// is noticed as none.
fn observed(result: &str) -> (Vec<String>, u64) {
    let catalog = r#"{"indicators":[{"name":"n","period":"day","description":"d","purpose":"p",
        "events":[{"type":"ReportFromEvent"}],"value":{"kind":"observation","of":"result"}}]}"#;
    let options =
        options(&format!(r#","from":"2024-03-09","consent":[{{"from":"2024-01-01"}}],"catalog":{catalog}"#));
    let events =
        format!(r#"[{{"type":"ReportFromEvent","eventDate":"2024-03-09T10:00:00Z","result":{result}}}]"#);
    let outcome = aggregate(events.as_bytes(), &options).unwrap();
    let values = outcome.measures.iter().map(|measure| measure.value().to_string());
    (values.collect(), outcome.diagnostics.get(Code::ResultInvalid))
}

#[test]
fn a_number_in_a_field_is_one_of_json_or_a_string_that_is_one() {
    for (result, value) in [
        ("3", "3"),
        ("\"3\"", "3"),
        ("\"-0.005\"", "-0.01"),
        ("\"1e3\"", "1000"),
        ("0.3E+1", "3"),
        ("\"0\"", "0"),
        ("\"-0\"", "0"),
    ] {
        assert_eq!(observed(result), (vec![value.to_owned()], 0), "{result}");
    }
    for none in [
        "\"03\"",
        "\"-03\"",
        "\"00\"",
        "\"3.\"",
        "\".3\"",
        "\"+3\"",
        "\" 3\"",
        "\"3 \"",
        "\"3e\"",
        "\"1e+\"",
        "\"0x3\"",
        "\"Infinity\"",
        "\"\"",
        "true",
        "null",
        "[3]",
        "1e16",
        "-1000000000000000.1",
        "\"1e400\"",
    ] {
        assert_eq!(observed(none), (vec![], 1), "{none}");
    }
    // Numbers of 1e15 are observed, though no measure is as large.
    for large in ["1e15", "-1e15", "999999999999999.9"] {
        assert_eq!(observed(large), (vec![], 0), "{large}");
    }
}

#[test]
fn an_event_that_is_not_the_first_is_offered_to_the_next_selector() {
    let selector = |first: bool, group: &str| json!({"type": "ActionEndEvent", "first": first, "start": {"field": "startDate"}, "groups": {"g": {"constant": group}}});
    let catalog = |selectors: Vec<Value>| {
        json!({"indicators": [{"name": "n", "period": "day", "description": "d", "purpose": "p",
            "events": selectors, "value": {"kind": "span"},
            "groups": [{"key": "g", "source": {"values": ["first", "again", "other"]}}]}]})
    };
    let end = |second: &str| {
        json!({"type": "ActionEndEvent", "startDate": "2024-03-09T10:00:00Z",
               "eventDate": format!("2024-03-09T10:00:{second}Z")})
    };
    let events = json!([end("10"), end("05"), end("20")]).to_string();
    for (selectors, expected) in [
        (vec![selector(true, "first"), selector(false, "other")], &["first 5", "other 15"][..]),
        (vec![selector(false, "other"), selector(true, "first")], &["other 11.67"]),
        (vec![selector(true, "first")], &["first 5"]),
        (
            vec![selector(true, "first"), selector(true, "again"), selector(false, "other")],
            &["first 5", "other 15"],
        ),
    ] {
        let catalog = catalog(selectors).to_string();
        let options = options(&format!(
            r#","from":"2024-03-09","consent":[{{"from":"2024-01-01"}}],"catalog":{catalog}"#
        ));
        let outcome = aggregate(events.as_bytes(), &options).unwrap();
        let given = outcome.measures.iter();
        let given = given.map(|measure| format!("{} {}", measure.groups()[0].value(), measure.value()));
        assert_eq!(given.collect::<Vec<_>>(), expected, "{catalog}");
    }
}

#[test]
fn an_input_that_is_no_object_is_passed_over_and_the_next_counts() {
    let alone = told(&given(&home()));
    for doctype in ["com.grandlyon.ecolyo.profile", "com.grandlyon.ecolyo.profiletype", "io.cozy.accounts"] {
        for other in [json!(null), json!(7), json!("x"), json!([])] {
            let mut home = home();
            home[doctype].as_array_mut().unwrap().insert(0, other);
            assert_eq!(given(&home).diagnostics.get(Code::DocumentMalformed), 1);
            assert_eq!(told(&given(&home)).0, alone.0, "{doctype}");
        }
    }
}

#[test]
fn a_home_under_other_terms_of_consent() {
    let mut home = home();
    home["com.grandlyon.ecolyo.term"] = json!([]);
    home["io.cozy.terms"] =
        json!([{"_id": "t", "accepted": true, "version": "2.0", "acceptedAt": "2024-01-01T09:00:00Z"}]);
    let options = options(r#","firstDay":"2024-02-01","doctypes":{"terms":"io.cozy.terms"}"#);
    let outcome = aggregate_home(home.to_string().as_bytes(), &options).unwrap();
    assert_eq!(json_of(&outcome.measures), told(&given(&self::home())).0);
}
