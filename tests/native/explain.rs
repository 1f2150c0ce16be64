//! What an explanation says, held against the computation it explains.

use std::collections::BTreeMap;

use dacc_aggregator::explain::{Explanation, explain, explain_home};
use dacc_aggregator::ledger::State;
use dacc_aggregator::{Options, Outcome, aggregate, aggregate_home};
use dacc_fixtures::{CASES, Input};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::arbitrary::sample;
use crate::laws::config;
use crate::zone::with_zone;

const EVENTS: &str = "com.grandlyon.ecolyo.usageevents";

/// That an explanation is of this outcome, and agrees with itself.
fn check(explanation: &Explanation, outcome: &Outcome) -> Result<(), String> {
    let waits =
        |cell: &&dacc_aggregator::explain::ExplainedCell| matches!(cell.state, None | Some(State::Planned));
    let mut cells: Vec<_> =
        explanation.cells.iter().filter(waits).map(|cell| cell.measure.to_json()).collect();
    let mut measures: Vec<_> = outcome.measures.iter().map(|measure| measure.to_json()).collect();
    cells.sort();
    measures.sort();
    if cells != measures {
        return Err(format!("measures {measures:#?}\ncells {cells:#?}"));
    }
    if explanation.diagnostics != outcome.diagnostics {
        return Err(format!("noticed {:?}, explained {:?}", outcome.diagnostics, explanation.diagnostics));
    }
    let mut from_events = Vec::new();
    for (place, event) in explanation.events.iter().enumerate() {
        if event.index != place {
            return Err(format!("event {place} says that it is {}", event.index));
        }
        for reading in &event.readings {
            if reading.cells.is_empty() != reading.reason.is_some() {
                return Err(format!("a cell or a reason is needed: {event:?}"));
            }
            from_events.extend(reading.cells.iter().map(|&cell| (cell, place)));
        }
        let counts = event.readings.iter().any(|reading| !reading.cells.is_empty());
        if counts != (event.verdict.as_str() == "counted") {
            return Err(format!("the verdict is not what the readings say: {event:?}"));
        }
    }
    let cells = explanation.cells.iter().enumerate();
    let mut from_cells: Vec<_> =
        cells.flat_map(|(at, cell)| cell.events.iter().map(move |&event| (at, event))).collect();
    from_events.sort_unstable();
    from_cells.sort_unstable();
    if from_events != from_cells {
        return Err("events and cells do not name each other".into());
    }
    for cell in explanation.cells.iter().filter(|cell| !cell.late && !cell.remembered) {
        let name = cell.measure.name();
        let is_count = name.contains("count-daily")
            || name.contains("event-daily")
            || name.contains("launch-daily")
            || name.contains("action-daily")
            || name == "profile-count-monthly"
            || name == "konnector-attempts-monthly";
        let count = cell.events.len().to_string();
        if is_count && cell.measure.value().to_string() != count {
            return Err(format!("{count} events for {}", cell.measure.to_json()));
        }
    }
    Ok(())
}

#[test]
fn the_cells_of_every_fixture_are_its_measures_and_its_events_their_witnesses() {
    let mut failures = Vec::new();
    for case in CASES {
        let options = with_zone(case.options);
        let checked = match case.input {
            Input::Home(bytes) => {
                check(&explain_home(bytes, &options).unwrap(), &aggregate_home(bytes, &options).unwrap())
            }
            Input::Events(bytes) => {
                check(&explain(bytes, &options).unwrap(), &aggregate(bytes, &options).unwrap())
            }
        };
        failures.extend(checked.err().map(|why| format!("{}: {why}", case.name)));
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_cells_of_any_home_are_its_measures(sample in sample()) {
        let (home, options) = (sample.home(), sample.options());
        let checked = check(&explain_home(&home, &options).unwrap(), &aggregate_home(&home, &options).unwrap());
        prop_assert_eq!(checked, Ok(()));
        let events = serde_json::to_vec(&sample.documents()).unwrap();
        let checked = check(&explain(&events, &options).unwrap(), &aggregate(&events, &options).unwrap());
        prop_assert_eq!(checked, Ok(()));
    }

    #[test]
    fn a_cells_events_by_themselves_give_the_cell_again(sample in sample()) {
        let options = sample.options();
        let documents = sample.documents();
        let events = serde_json::to_vec(&documents).unwrap();
        // A span also needs what it starts at.
        let stands_alone = |name: &str| name != "event-duration";
        for cell in explain(&events, &options).unwrap().cells.iter().filter(|cell| stands_alone(cell.measure.name())) {
            let own: Vec<_> = cell.events.iter().map(|&place| &documents[place]).collect();
            let own = serde_json::to_vec(&own).unwrap();
            let again = aggregate(&own, &options).unwrap().measures;
            prop_assert!(again.contains(&cell.measure), "{}", cell.measure.to_json());
        }
    }
}

/// The readings of each event, as `measureName: reason` or `measureName: value`.
fn told(events: &Value, options: &str) -> Vec<String> {
    let options = Options::from_json(options).unwrap();
    let explanation = explain(&serde_json::to_vec(events).unwrap(), &options).unwrap();
    let readings = explanation.events.iter().flat_map(|event| &event.readings);
    let tell = |reading: &dacc_aggregator::explain::Reading| {
        let values = reading.cells.iter().map(|&cell| explanation.cells[cell].measure.value().to_string());
        let why = reading.reason.map(|reason| reason.as_str().to_owned());
        format!("{}: {}", reading.measure_name, values.chain(why).collect::<Vec<_>>().join(" "))
    };
    readings.map(tell).collect()
}

fn at(kind: &str, date: &str) -> Value {
    json!({"type": kind, "eventDate": date})
}

fn with(event: Value, field: &str, value: impl Into<Value>) -> Value {
    let mut event = event;
    event[field] = value.into();
    event
}

const MARCH: &str = r#"{"now":"2024-04-10T02:00:00","from":"2024-03-01","to":"2024-03-31",
    "months":["2024-03"],"consent":[{"from":"2024-01-01"}]}"#;

#[test]
fn each_reason_is_told_where_it_holds() {
    let success = |event| with(with(event, "target", "enedis"), "result", "success");
    let attempt = |date| success(at("KonnectorAttemptEvent", date));
    let start = |event, date: &str| with(event, "startDate", date);
    let of_target = |event| with(event, "target", "ECOGESTURE1");
    let cases = [
        (
            vec![with(at("ReportFromEvent", "2024-03-09T10:00:00Z"), "context", "mail")],
            vec!["summary-subscription-monthly: condition-not-met"],
        ),
        (
            vec![with(at("ReportFromEvent", "2024-03-09T10:00:00Z"), "context", "analysis")],
            vec!["summary-subscription-monthly: nothing-seen"],
        ),
        (
            vec![success(at("KonnectorConnectEvent", "2024-03-09T10:00:00Z"))],
            vec!["konnector-event-daily: 1"],
        ),
        (
            vec![with(at("KonnectorConnectEvent", "2024-03-09T10:00:00Z"), "result", "perhaps")],
            vec!["konnector-event-daily: result-invalid"],
        ),
        (
            vec![at("NavigationEvent", "2024-02-29T10:00:00Z")],
            vec!["navigation-count-daily: period-not-computed"],
        ),
        (
            vec![at("NavigationEvent", "2024-04-10T01:00:00Z")],
            vec!["navigation-count-daily: period-not-over"],
        ),
        (vec![at("DuelLaunchEvent", "2024-03-09T10:00:00Z")], vec!["event-duration: context-only"]),
        (
            vec![of_target(at("ActionEndEvent", "2024-03-09T10:00:00Z"))],
            vec!["event-duration: span-start-missing"],
        ),
        (
            vec![start(of_target(at("ActionEndEvent", "2024-03-09T10:00:00Z")), "2024-03-09T10:00:01Z")],
            vec!["event-duration: span-negative"],
        ),
        (
            vec![start(of_target(at("ActionEndEvent", "2024-03-09T10:00:00Z")), "2012-03-09T10:00:01Z")],
            vec!["event-duration: span-too-long"],
        ),
        (
            vec![start(of_target(at("ActionEndEvent", "2024-03-09T10:01:05Z")), "2024-03-09T10:00:00Z")],
            vec!["event-duration: 65"],
        ),
        // In March the connection already succeeded in February.
        (
            vec![attempt("2024-02-20T10:00:00Z"), attempt("2024-03-01T10:00:00Z")],
            vec![
                "konnector-attempts-monthly: period-not-computed",
                "konnector-attempts-monthly: already-reached",
            ],
        ),
        // A failure in February goes on counting in March.
        (
            vec![with(attempt("2024-02-20T10:00:00Z"), "result", "error"), attempt("2024-03-01T10:00:00Z")],
            vec!["konnector-attempts-monthly: 2", "konnector-attempts-monthly: 2"],
        ),
    ];
    for (events, expected) in cases {
        assert_eq!(told(&json!(events), MARCH), expected, "{events:?}");
    }
}

#[test]
fn only_the_first_launch_of_a_challenge_ends_the_first_session() {
    let events = json!([
        at("ConnectionEvent", "2024-03-08T09:00:00Z"),
        at("ChallengeLaunchEvent", "2024-03-09T09:00:00Z"),
        at("ChallengeLaunchEvent", "2024-03-09T10:00:00Z"),
    ]);
    let told = told(&events, MARCH);
    let spans: Vec<_> = told.iter().filter(|reading| reading.starts_with("event-duration")).collect();
    assert_eq!(spans, ["event-duration: context-only", "event-duration: 86400", "event-duration: not-first"]);
}

#[test]
fn a_session_is_made_by_the_event_that_begins_it_and_the_last_one() {
    let events = json!([
        at("ConnectionEvent", "2024-03-09T09:00:00Z"),
        at("ProfileSetEvent", "2024-03-09T09:00:10Z"),
        at("ProfileSetEvent", "2024-03-09T09:00:30Z"),
        at("ConnectionEvent", "2024-03-09T18:00:00Z"),
        at("ProfileSetEvent", "2024-03-10T00:00:00Z"),
    ]);
    let options = Options::from_json(MARCH).unwrap();
    let explanation = explain(&serde_json::to_vec(&events).unwrap(), &options).unwrap();
    let sessions: Vec<_> =
        explanation.cells.iter().filter(|cell| cell.measure.name() == "session-duration").collect();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0].measure.value().to_string(), "15"); // the mean of 30 and 0
    assert_eq!(sessions[0].events, [0, 2, 3]);
}

#[test]
fn observations_sent_each_for_itself_have_one_witness_each() {
    let catalog = r#"{"indicators":[{"name":"stars","period":"day","description":"d","purpose":"p",
        "events":[{"type":"QuizEndEvent"}],"value":{"kind":"observation","of":"result"},
        "contribution":"each"}]}"#;
    let mut options = Options::from_json(MARCH).unwrap();
    options.catalog = Some(serde_json::from_str(catalog).unwrap());
    let quiz = |result: Value| with(at("QuizEndEvent", "2024-03-09T09:00:00Z"), "result", result);
    let events = json!([quiz(json!(3)), quiz(json!(1)), quiz(json!("3")), quiz(json!("?")), quiz(json!(3))]);
    let explanation = explain(&serde_json::to_vec(&events).unwrap(), &options).unwrap();
    let cells: Vec<_> = explanation
        .cells
        .iter()
        .map(|cell| (cell.measure.value().to_string(), cell.events.clone()))
        .collect();
    let cell = |value: &str, event| (value.to_owned(), vec![event]);
    assert_eq!(cells, [cell("1", 1), cell("3", 0), cell("3", 2), cell("3", 4)]);
}

#[test]
fn a_mean_within_bounds_keeps_a_witness_beyond_them() {
    let catalog = r#"{"indicators":[{"name":"load","period":"day","description":"d","purpose":"p",
        "events":[{"type":"QuizEndEvent"}],"value":{"kind":"observation","of":"result"}}]}"#;
    let mut options = Options::from_json(MARCH).unwrap();
    options.catalog = Some(serde_json::from_str(catalog).unwrap());
    let quiz =
        |day: &str, result: u64| with(at("QuizEndEvent", &format!("{day}T09:00:00Z")), "result", result);
    let events =
        json!([quiz("2024-03-09", 10_000_001), quiz("2024-03-09", 1), quiz("2024-03-10", 10_000_001)]);
    let explanation = explain(&serde_json::to_vec(&events).unwrap(), &options).unwrap();
    assert_eq!(explanation.cells.len(), 1);
    assert_eq!(explanation.cells[0].events, [0, 1]);
    let reading = &explanation.events[2].readings[0];
    assert_eq!(reading.reason.map(|reason| reason.as_str()), Some("value-out-of-range"));
}

#[test]
fn a_value_that_became_other_is_noticed_where_it_counted() {
    let events = json!([with(at("NavigationEvent", "2024-03-09T09:00:00Z"), "target", "elsewhere")]);
    let options = Options::from_json(MARCH).unwrap();
    let explanation = explain(&serde_json::to_vec(&events).unwrap(), &options).unwrap();
    let noticed: Vec<_> =
        explanation.events[0].readings[0].noticed.iter().map(|code| code.as_str()).collect();
    assert_eq!(noticed, ["group-other"]);
    assert!(explanation.sentences.contains_key("group-other"));
}

#[test]
fn an_event_left_out_whole_says_why_and_has_no_readings() {
    let id = |event, id: &str| with(event, "_id", id);
    let day = "2024-03-09T10:00:00Z";
    let events = json!([
        id(at("NavigationEvent", day), "a"),
        id(at("NavigationEvent", day), "a"),
        at("NavigationEvent", "2023-12-31T23:59:59Z"),
        at("NavigationEvent", "2024-04-10T02:00:01Z"),
        at("NavigationEvent", "yesterday"),
        at("SomethingEvent", day),
        "text",
    ]);
    let options = Options::from_json(MARCH).unwrap();
    let explanation = explain(&serde_json::to_vec(&events).unwrap(), &options).unwrap();
    let verdicts: Vec<_> = explanation.events.iter().map(|event| event.verdict.as_str()).collect();
    assert_eq!(
        verdicts,
        [
            "counted",
            "event-duplicate",
            "event-outside-consent",
            "event-in-future",
            "event-date-invalid",
            "event-type-unknown",
            "event-malformed",
        ]
    );
    assert!(explanation.events[1..].iter().all(|event| event.readings.is_empty()));
    assert_eq!(explanation.events[2].day.map(|day| day.to_string()).as_deref(), Some("2023-12-31"));
    assert_eq!(explanation.events[0].moment.as_deref(), Some("2024-03-09T10:00:00"));
}

#[test]
fn without_consent_today_every_event_says_so_and_nothing_else_is_read() {
    let home = json!({
        "com.grandlyon.ecolyo.term": [{"accepted": false, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}],
        EVENTS: [at("NavigationEvent", "2024-04-09T10:00:00Z"), at("NavigationEvent", "never")],
        "com.grandlyon.enedis.month": ["not an object"],
    });
    let home = serde_json::to_vec(&home).unwrap();
    let options = Options::from_json(r#"{"now":"2024-04-10T02:00:00"}"#).unwrap();
    let explanation = explain_home(&home, &options).unwrap();
    let verdicts: Vec<_> = explanation.events.iter().map(|event| event.verdict.as_str()).collect();
    assert_eq!(verdicts, ["consent-missing", "event-date-invalid"]);
    check(&explanation, &aggregate_home(&home, &options).unwrap()).unwrap();
}

#[test]
fn the_ledger_tells_what_became_of_a_cell_and_whether_events_came_late() {
    let measure = |page: &str, value: u32, date: &str| {
        json!({
            "createdBy": "ecolyo", "measureName": "navigation-count-daily", "startDate": date, "value": value,
            "group1": {"page": page},
        })
    };
    let entry = |id: &str, period: &str, state: &str, measure: Value| {
        json!({
            "_id": id, "state": state, "waits": state == "planned", "period": period, "measure": measure,
            "plannedAt": "2024-04-10T00:00:00Z", "changedAt": "2024-04-10T00:00:00Z", "stamp": "s",
        })
    };
    let seen = |page: &str| with(at("NavigationEvent", "2024-04-09T10:00:00Z"), "target", page);
    let home = json!({
        "com.grandlyon.ecolyo.term": [{"accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}],
        EVENTS: [seen("gas"), seen("gas"), seen("water"), seen("faq")],
        "com.grandlyon.ecolyo.dacc.measures": [
            entry("navigation-count-daily:2024-04-09:gas", "2024-04-09", "sent", measure("gas", 1, "2024-04-09")),
            entry("navigation-count-daily:2024-04-09:water", "2024-04-09", "planned", measure("water", 1, "2024-04-09")),
            entry("navigation-count-daily:2024-03-01:gas", "2024-03-01", "planned", measure("gas", 7, "2024-03-01")),
        ],
    });
    let home = serde_json::to_vec(&home).unwrap();
    let options = Options::from_json(r#"{"now":"2024-04-10T02:00:00"}"#).unwrap();
    let explanation = explain_home(&home, &options).unwrap();
    check(&explanation, &aggregate_home(&home, &options).unwrap()).unwrap();
    let cells: BTreeMap<_, _> = explanation
        .cells
        .iter()
        .map(|cell| {
            let page =
                cell.measure.groups().first().map(|group| group.value().to_owned()).unwrap_or_default();
            let value = cell.measure.value().to_string();
            ((cell.period.clone(), page), (value, cell.state, cell.late, cell.events.clone()))
        })
        .collect();
    let key = |period: &str, page: &str| (period.to_owned(), page.to_owned());
    assert_eq!(cells[&key("2024-04-09", "gas")], ("1".into(), Some(State::Sent), true, vec![0, 1]));
    assert_eq!(cells[&key("2024-04-09", "water")], ("1".into(), Some(State::Planned), false, vec![2]));
    assert_eq!(cells[&key("2024-04-09", "faq")], ("1".into(), None, false, vec![3]));
    assert_eq!(cells[&key("2024-03-01", "gas")], ("7".into(), Some(State::Planned), false, vec![]));
}

#[test]
fn each_indicator_has_its_rule_in_a_sentence() {
    let explanation = explain(b"[]", &Options::from_json(MARCH).unwrap()).unwrap();
    assert_eq!(explanation.rules.len(), 15);
    for rule in &explanation.rules {
        assert!(rule.value.ends_with('.') && rule.description.ends_with('.'), "{rule:?}");
    }
    let attempts =
        explanation.rules.iter().find(|rule| rule.measure_name == "konnector-attempts-monthly").unwrap();
    assert!(attempts.value.contains("result is success"), "{}", attempts.value);
}

#[test]
fn pages_inside_a_session_are_among_what_made_it() {
    let events = json!([
        at("ConnectionEvent", "2024-03-09T09:00:00Z"),
        at("NavigationEvent", "2024-03-09T09:00:10Z"),
        at("ProfileSetEvent", "2024-03-09T09:00:20Z"),
        at("ProfileSetEvent", "2024-03-09T09:00:30Z"),
        at("ConnectionEvent", "2024-03-09T18:00:00Z"),
        at("NavigationEvent", "2024-03-09T18:00:10Z"),
        at("NavigationEvent", "2024-03-09T18:00:20Z"),
        at("ConnectionEvent", "2024-03-09T20:00:00Z"),
    ]);
    let options = Options::from_json(MARCH).unwrap();
    let explanation = explain(&serde_json::to_vec(&events).unwrap(), &options).unwrap();
    let sessions: Vec<_> =
        explanation.cells.iter().filter(|cell| cell.measure.name() == "session-duration").collect();
    // One session knows 1, 2 or 0 pages; their cell the mean.
    let groups: Vec<_> =
        sessions[0].measure.groups().iter().map(dacc_aggregator::measure::Group::value).collect();
    assert_eq!((sessions.len(), groups), (1, vec!["1", "any"]));
    assert_eq!(sessions[0].events, [0, 1, 3, 4, 5, 6, 7]);
}

#[test]
fn the_days_on_which_consent_stood_are_told_also_where_it_was_withdrawn_since() {
    let explained = |terms: &str, options: &str| {
        let home = format!(r#"{{"com.grandlyon.ecolyo.term":{terms},"{EVENTS}":[]}}"#);
        let explanation = explain_home(home.as_bytes(), &with_zone(options)).unwrap();
        serde_json::to_value(&explanation).unwrap()["consent"].clone()
    };
    let now = r#"{"now":"2024-04-10T02:00:00"}"#;
    let given = r#"[{"accepted":true,"version":"1.0.0","date":"2024-03-05T08:00:00Z","revokedAt":"2024-03-09T20:00:00Z"}]"#;
    assert_eq!(explained(given, now), json!([{"from": "2024-03-05", "to": "2024-03-09"}]));
    assert_eq!(explained("[]", now), json!([]));
    let asked = r#"{"now":"2024-04-10T02:00:00","consent":[{"from":"2024-01-01"}]}"#;
    assert_eq!(explained(given, asked), json!([{"from": "2024-01-01"}]));
}
