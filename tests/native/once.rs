//! A home contributes at most one measure to a cell, ever: nights of a Cozy
//! under the options that make it hard, and what a preview says before each.

use dacc_aggregator::explain::explain_home;
use dacc_aggregator::{Options, aggregate_home};
use serde_json::{Value, json};

use crate::rights::world::World;

const EVENTS: &str = "com.grandlyon.ecolyo.usageevents";
const MEMORY: &str = "com.grandlyon.ecolyo.dacc.memory";

/// A Cozy with consent since 2023 and these events.
fn cozy(events: &Value) -> World {
    let mut world = World::default();
    let terms = json!([{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2023-01-01T09:00:00Z"}]);
    world.put_in_cozy("home", &json!({"com.grandlyon.ecolyo.term": terms, EVENTS: events}));
    world
}

fn event(id: &str, kind: &str, date: &str) -> Value {
    json!({"_id": id, "type": kind, "eventDate": date})
}

fn indicator(name: &str, rest: Value) -> Value {
    let mut whole = json!({"name": name, "period": "day", "description": "d", "purpose": "p"});
    let Value::Object(rest) = rest else { panic!("an object") };
    whole.as_object_mut().unwrap().extend(rest);
    whole
}

/// `startDate value` of what a night sends, which is what a preview and an
/// explanation of the home say before.
fn night(world: &mut World, now: &str, options: &Value) -> Vec<String> {
    let mut options = options.clone();
    options["now"] = now.into();
    let options = options.to_string();
    let home = world.home("cozy").to_string();
    let read = Options::from_json(&options).unwrap();
    let preview = aggregate_home(home.as_bytes(), &read).unwrap().measures;
    let told = explain_home(home.as_bytes(), &read).unwrap().cells;
    let new = told.into_iter().filter(|cell| cell.state.is_none()).map(|cell| cell.measure);
    let sent = world.sent_by_a_run_with(&options);
    let sent: Vec<_> =
        sent.iter().map(|m| format!("{} {}", m["startDate"].as_str().unwrap(), m["value"])).collect();
    let shown =
        |measure: &dacc_aggregator::measure::Measure| format!("{} {}", measure.start_date(), measure.value());
    assert_eq!(preview.iter().map(shown).collect::<Vec<_>>(), sent, "the preview of {now}");
    assert_eq!(new.map(|measure| shown(&measure)).collect::<Vec<_>>(), sent, "the explanation of {now}");
    sent
}

/// One day with a connection in January, two in February, none in March.
fn a_quarter() -> (World, Value) {
    let world = cozy(&json!([
        event("a", "ConnectionEvent", "2024-01-09T14:00:00Z"),
        event("b", "ConnectionEvent", "2024-02-09T14:00:00Z"),
        event("c", "ConnectionEvent", "2024-02-10T14:00:00Z"),
    ]));
    let days = json!({
        "period": "month", "events": [{"type": "ConnectionEvent"}], "value": {"kind": "distinct-days", "zero": true},
    });
    let options = json!({
        "monthlyStartDate": "run-date", "firstDay": "2024-01-01", "catalog": {"indicators": [indicator("days", days)]},
    });
    (world, options)
}

#[test]
fn months_that_carry_the_date_of_their_run_are_planned_one_a_night() {
    let (mut world, options) = a_quarter();
    assert_eq!(night(&mut world, "2024-04-10T02:00:00", &options), ["2024-04-10 1"]);
    // A second run of the same day would write February into January's cell.
    assert!(night(&mut world, "2024-04-10T22:00:00", &options).is_empty());
    assert_eq!(night(&mut world, "2024-04-11T02:00:00", &options), ["2024-04-11 2"]);
    assert_eq!(night(&mut world, "2024-04-12T02:00:00", &options), ["2024-04-12 0"]);
    assert!(night(&mut world, "2024-04-13T02:00:00", &options).is_empty());
}

#[test]
fn months_that_carry_their_own_date_are_planned_together() {
    let (mut world, mut options) = a_quarter();
    options["monthlyStartDate"] = "month".into();
    let all = ["2024-01-01 1", "2024-02-01 2", "2024-03-01 0"];
    assert_eq!(night(&mut world, "2024-04-10T02:00:00", &options), all);
}

#[test]
fn a_date_stays_taken_where_the_clock_goes_back_or_the_memory_is_lost() {
    let (mut world, options) = a_quarter();
    assert_eq!(night(&mut world, "2024-04-10T02:00:00", &options), ["2024-04-10 1"]);
    assert_eq!(night(&mut world, "2024-04-11T02:00:00", &options), ["2024-04-11 2"]);
    assert!(night(&mut world, "2024-04-10T02:00:00", &options).is_empty());
    let id = world.home("cozy")[MEMORY][0]["_id"].as_str().unwrap().to_owned();
    world.cozies.get_mut("home").unwrap().delete(MEMORY, &id);
    // January is known; then its turn is February's, which is known as well.
    assert!(night(&mut world, "2024-04-11T03:00:00", &options).is_empty());
    assert!(night(&mut world, "2024-04-11T04:00:00", &options).is_empty());
    assert!(night(&mut world, "2024-04-11T05:00:00", &options).is_empty());
    assert_eq!(night(&mut world, "2024-04-12T02:00:00", &options), ["2024-04-12 0"]);
}

#[test]
fn several_months_cannot_be_asked_for_under_one_date() {
    let (world, mut options) = a_quarter();
    let home = world.home("cozy").to_string();
    options["now"] = "2024-04-10T02:00:00".into();
    let mut asked = |months: Value| {
        options["months"] = months;
        let outcome = aggregate_home(home.as_bytes(), &Options::from_json(&options.to_string()).unwrap());
        outcome.map(|outcome| outcome.measures.len()).map_err(|error| error.to_string())
    };
    assert_eq!(asked(json!(["2024-02", "2024-02"])), Ok(1));
    assert_eq!(
        asked(json!(["2024-01", "2024-02"])).unwrap_err(),
        "months: with `monthlyStartDate` `run-date` one month at a time can be asked for, as all would be one cell"
    );
}

const LEDGER: &str = "com.grandlyon.ecolyo.dacc.measures";

/// Two sessions of 20 and of 40 seconds, each sent.
fn two_sessions() -> (World, Value) {
    let world = cozy(&json!([
        event("b1", "ConnectionEvent", "2024-01-09T10:00:00Z"),
        event("b2", "NavigationEvent", "2024-01-09T10:00:20Z"),
        event("c1", "ConnectionEvent", "2024-01-09T12:00:00Z"),
        event("c2", "NavigationEvent", "2024-01-09T12:00:40Z"),
    ]));
    let session = json!({"events": [{"type": "ConnectionEvent"}], "value": {"kind": "session"}, "contribution": "each"});
    (world, json!({"catalog": {"indicators": [indicator("session", session)]}}))
}

fn comes_late(world: &mut World, events: &[Value]) {
    world.put_in_cozy("home", &json!({EVENTS: events}));
}

#[test]
fn an_observation_is_sent_once_however_a_late_event_changes_it() {
    let (mut world, options) = two_sessions();
    assert_eq!(night(&mut world, "2024-01-10T03:00:00", &options), ["2024-01-09 20", "2024-01-09 40"]);
    comes_late(&mut world, &[event("late", "NavigationEvent", "2024-01-09T12:00:55Z")]);
    assert!(night(&mut world, "2024-01-11T03:00:00", &options).is_empty());
    // What is observed late is an observation of its own; here two of the same value.
    comes_late(
        &mut world,
        &[
            event("d1", "ConnectionEvent", "2024-01-09T08:00:00Z"),
            event("d2", "NavigationEvent", "2024-01-09T08:00:20Z"),
            event("e1", "ConnectionEvent", "2024-01-09T14:00:00Z"),
            event("e2", "NavigationEvent", "2024-01-09T14:00:20Z"),
        ],
    );
    let late = ["2024-01-09 20", "2024-01-09 20"];
    // The day of the run itself has nothing yet, and the 10th nothing at all.
    assert_eq!(night(&mut world, "2024-01-12T03:00:00", &options), late);
    assert!(night(&mut world, "2024-01-12T04:00:00", &options).is_empty());
}

#[test]
fn the_id_of_an_observation_does_not_hold_its_events_id() {
    let (mut world, options) = two_sessions();
    night(&mut world, "2024-01-10T03:00:00", &options);
    let mut ids: Vec<_> =
        world.cozies["home"].documents(LEDGER).map(|entry| entry["_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    // Computed by hand: ledgers hold them, so a later version has to make the same.
    let of_cell = "cell=ecolyo:session:2024-01-09";
    assert_eq!(
        ids,
        [of_cell, "session:2024-01-09:06761e61abe66bfc:0", "session:2024-01-09:a4ad981b2b30e811:0"]
    );
}

#[test]
fn pages_that_come_late_send_no_session_again() {
    for contribution in ["mean", "each"] {
        let (mut world, _) = two_sessions();
        let session = json!({
            "events": [{"type": "ConnectionEvent"}], "value": {"kind": "session"}, "contribution": contribution,
            "groups": [{"key": "pages", "source": {"inside": "NavigationEvent", "buckets": [0, 1, 2], "values": ["0", "1", "2+"]}}],
            "identity": [],
        });
        let options = json!({"catalog": {"indicators": [indicator("session", session)]}});
        let sent = night(&mut world, "2024-01-10T03:00:00", &options);
        assert_eq!(sent.len(), if contribution == "mean" { 1 } else { 2 }, "{contribution}");
        // Another bucket, and another mean.
        let late = ["12:00:41", "12:00:42", "12:00:43", "12:00:44"]
            .map(|time| event(&format!("late-{time}"), "NavigationEvent", &format!("2024-01-09T{time}Z")));
        comes_late(&mut world, &late);
        assert!(night(&mut world, "2024-01-11T03:00:00", &options).is_empty(), "{contribution}");
    }
}

#[test]
fn a_key_that_is_renamed_between_two_nights_sends_nothing_again() {
    let (mut world, _) = two_sessions();
    let own = |keys: &[&str]| {
        let built_in = dacc_aggregator::catalog::Catalog::built_in();
        let omitted =
            built_in.definitions().map(|definition| (definition.name.clone(), json!({"omit": true})));
        let mut changes: serde_json::Map<String, Value> = omitted.collect();
        let renamed = keys.iter().map(|key| ((*key).to_owned(), json!(format!("{key}_there")))).collect();
        changes.insert("session-duration".to_owned(), json!({"keys": Value::Object(renamed)}));
        json!({"catalog": {"extends": true, "override": changes}})
    };
    assert_eq!(night(&mut world, "2024-01-10T03:00:00", &own(&[])), ["2024-01-09 30"]);
    assert!(night(&mut world, "2024-01-11T03:00:00", &own(&["number_pages", "session_type"])).is_empty());
    assert!(night(&mut world, "2024-01-12T03:00:00", &own(&["session_type"])).is_empty());
}
