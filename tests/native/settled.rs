//! Entries of the ledger that were kept long enough: they go, and what they
//! stood for is never planned again, whoever asks for it.

use serde_json::{Value, json};

use crate::rights::world::World;
use crate::rights::{EVENTS, MEASURES, MEMORY, TERMS, entry, ids};

const RETENTION: &str = r#""retention": {"ledger": 100}"#;

fn consent() -> Value {
    json!([{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}])
}

/// A connection on 9 March 2024.
fn home() -> Value {
    json!({TERMS: consent(),
        EVENTS: [{"_id": "a", "type": "ConnectionEvent", "eventDate": "2024-03-09T10:00:00Z"}]})
}

fn night(world: &mut World, now: &str, options: &str) -> Vec<Value> {
    world.sent_by_a_run_with(&format!(r#"{{"now": "{now}"{options}}}"#))
}

/// A home whose day in March was sent in March and, by July, was kept long enough.
fn settled() -> (World, Vec<Value>) {
    let mut world = World::default();
    world.put_in_cozy("home", &home());
    let sent = night(&mut world, "2024-03-10T02:00:00", "");
    assert_eq!(sent.len(), 2, "{sent:?}");
    night(&mut world, "2024-07-15T02:00:00", &format!(", {RETENTION}"));
    (world, sent)
}

/// The documents of the ledger that speak of a day or month.
fn of(world: &World, period: &str) -> Vec<String> {
    let documents = world.cozies["home"].documents(MEASURES);
    let speaks = |document: &&Value| document.to_string().contains(period);
    documents.filter(speaks).map(|document| document["_id"].as_str().unwrap().to_owned()).collect()
}

fn until(world: &World) -> Value {
    world.cozies["home"].get(MEASURES, "settled").map_or(Value::Null, |settled| settled["until"].clone())
}

#[test]
fn an_entry_that_was_kept_long_enough_goes_with_its_claim_and_a_date_stays() {
    let mut world = World::default();
    world.put_in_cozy("home", &home());
    night(&mut world, "2024-03-10T02:00:00", "");
    // Its month could still be computed in June.
    night(&mut world, "2024-06-30T02:00:00", r#", "retention": {"ledger": 0}"#);
    assert_eq!(of(&world, "2024-03-09").len(), 4);
    night(&mut world, "2024-07-01T02:00:00", "");
    assert_eq!(of(&world, "2024-03-09").len(), 4);
    night(&mut world, "2024-07-02T02:00:00", r#", "retention": {"ledger": 0}"#);
    assert!(of(&world, "2024-03-09").is_empty());
    // March itself was computed in June, and went too.
    assert_eq!(until(&world), "2024-03-31");
    // Those of the months after it stay.
    assert!(!of(&world, "2024-05").is_empty());
    for command in ["status", "receipts"] {
        let told = world.run(&format!(r#"{{"home": "cozy", "command": {{"{command}": {{}}}}}}"#)).unwrap();
        assert_eq!(told["settledUntil"], "2024-03-31", "{command}");
    }
    let told = world
        .run_with(
            r#"{"now": "2024-07-03T12:00:00", "from": "2024-03-09", "to": "2024-03-09"}"#,
            r#"{"home": "cozy", "command": {"report": {}}}"#,
        )
        .unwrap();
    let period = &told["periods"][0];
    assert_eq!(
        (&period["expected"], &period["settled"], &period["missing"]),
        (&json!(2), &json!(2), &json!(0))
    );
}

#[test]
fn what_went_is_not_planned_again_by_catch_up_or_for_asked_periods() {
    let (mut world, _) = settled();
    for (now, options) in [
        ("2024-07-16T02:00:00", r#", "from": "2024-03-01", "to": "2024-03-31""#),
        ("2024-07-16T02:00:00", r#", "months": ["2024-03"]"#),
        // A clock that was set back, and a description that changed.
        ("2024-03-10T02:00:00", ""),
        ("2024-03-11T02:00:00", r#", "doctypes": {"memory": "org.example.memory"}"#),
        (
            "2024-03-11T02:00:00",
            r#", "doctypes": {"memory": "org.example.memory"}, "firstDay": "2024-03-01""#,
        ),
    ] {
        let sent = night(&mut world, now, options);
        let of_march = |measure: &&Value| measure["startDate"].as_str().unwrap().starts_with("2024-03");
        assert_eq!(sent.iter().filter(of_march).count(), 0, "{now} {options}");
    }
    let home = world.home("cozy").to_string();
    let options = dacc_aggregator::Options::from_json(r#"{"now": "2024-03-10T02:00:00"}"#).unwrap();
    let outcome = dacc_aggregator::aggregate_home(home.as_bytes(), &options).unwrap();
    assert!(outcome.measures.is_empty());
    assert_eq!(outcome.diagnostics.get(dacc_aggregator::diagnostics::Code::PeriodSettled), 2);
}

#[test]
fn what_went_is_not_sent_again_as_a_measure_that_is_given() {
    let (mut world, sent) = settled();
    let payloads: Vec<String> = sent.iter().map(ToString::to_string).collect();
    let again = world.sent_of_measures(r#"{"now": "2024-07-16T02:00:00"}"#, &payloads);
    assert_eq!(again, Vec::<Value>::new());
}

#[test]
fn a_month_does_not_fall_into_the_cell_of_a_day_that_went() {
    let catalog = |period: &str| {
        format!(
            r#", "catalog": {{"indicators": [{{"name": "connections", "period": "{period}", "description": "d",
            "purpose": "p", "events": [{{"type": "ConnectionEvent"}}], "value": {{"kind": "count"}}}}]}}"#
        )
    };
    let mut world = World::default();
    let home = home().to_string().replace("2024-03-09", "2024-03-01");
    world.put_in_cozy("home", &serde_json::from_str(&home).unwrap());
    assert_eq!(night(&mut world, "2024-03-02T02:00:00", &catalog("day")).len(), 1);
    night(&mut world, "2024-07-15T02:00:00", &format!("{}, {RETENTION}", catalog("day")));
    assert_eq!(of(&world, "2024-03-01"), ["settled"]);
    let month = format!(r#"{}, "months": ["2024-03"]"#, catalog("month"));
    assert!(night(&mut world, "2024-07-16T02:00:00", &month).is_empty());
}

#[test]
fn what_waits_stays_and_keeps_its_cell() {
    let others = ["sent", "refused", "cancelled", "unknown"].map(|state| {
        let mut entry = entry(&format!("navigation-count-daily:2024-03-08:{state}"), state, "2024-03-08");
        entry["measure"]["group1"]["page"] = state.into();
        entry
    });
    let claim =
        |id: &str, by: &str| json!({"_id": format!("cell=ecolyo:navigation-count-daily:{id}"), "by": by});
    let mut measures = others.to_vec();
    measures.extend([
        claim("2024-03-08:page:sent", "navigation-count-daily:2024-03-08:sent"),
        // Of a name that its key had before, and of nobody.
        claim("2024-03-08:view:sent", "navigation-count-daily:2024-03-08:sent"),
        claim("2024-03-07:page:faq", "navigation-count-daily:2024-03-07:faq"),
        // Of a run whose date is younger than the month.
        claim("2024-07-04:page:faq", "navigation-count-daily:2024-03:faq"),
        json!({"_id": "cell=odd", "by": "odd"}),
    ]);
    let page =
        json!({"_id": "a", "type": "NavigationEvent", "target": "faq", "eventDate": "2024-03-09T10:00:00Z"});
    let mut world = World::default();
    world.put_in_cozy("home", &json!({TERMS: consent(), EVENTS: [page]}));
    // It is planned and does not leave, and waits for its definition in July.
    world.answers = Some((401, Value::Null));
    night(&mut world, "2024-03-10T02:00:00", "");
    world.put_in_cozy("home", &json!({MEASURES: measures}));
    world.answers = Some((400, json!({"error": "No measure definition found for: x"})));
    night(&mut world, "2024-07-15T02:00:00", &format!(r#", "resendUnknown": true, {RETENTION}"#));
    // What is of unknown fate may be sent once more where that is configured.
    let unknown = [
        "cell=ecolyo:navigation-count-daily:2024-03-08:page:unknown",
        "navigation-count-daily:2024-03-08:unknown",
        "settled",
    ];
    assert_eq!(of(&world, "2024-03-08"), unknown);
    night(&mut world, "2024-07-16T02:00:00", &format!(", {RETENTION}"));
    let stays =
        ["cell=ecolyo:navigation-count-daily:2024-03-09:page:faq", "navigation-count-daily:2024-03-09:faq"];
    assert_eq!(of(&world, "2024-03-09"), stays);
    assert_eq!(of(&world, "2024-03-08"), ["settled"]);
    assert!(of(&world, "2024-03-07").is_empty());
    assert_eq!((of(&world, "2024-07-04").len(), of(&world, "odd").len()), (1, 1));
}

#[test]
fn where_one_of_period_and_date_cannot_be_read_the_other_says_how_old_a_document_is() {
    let mut without_date = entry("navigation-count-daily:2024-03-08:faq", "sent", "2024-03-08");
    without_date["measure"] = json!({"of": "a later version"});
    let mut without_period = entry("navigation-count-daily:early:faq", "sent", "2024-03-07");
    without_period["period"] = json!("2024-03-early");
    let claim = json!({"_id": "cell=ecolyo:navigation-count-daily:2024-03-09:page:faq", "by": "odd"});
    for (document, last) in
        [(without_date, "2024-03-08"), (without_period, "2024-03-07"), (claim, "2024-03-09")]
    {
        let given = json!({TERMS: consent(), MEASURES: [document,
            entry("navigation-count-daily:2024-03-01:faq", "sent", "2024-03-01")]});
        let mut world = World::default();
        world.put_in_cozy("home", &given);
        night(&mut world, "2024-07-15T02:00:00", &format!(", {RETENTION}"));
        assert_eq!((of(&world, "2024-03"), until(&world)), (vec!["settled".to_owned()], json!(last)));
        // A purge of the state closes a home by the same day.
        let mut world = World::default();
        world.put_in_cozy("home", &given);
        let purged = world.run(r#"{"home": "cozy", "command": {"purge": {"state": true}}}"#).unwrap();
        assert_eq!((&purged["closedUntil"], ids(&world.home("cozy"), MEASURES).len()), (&json!(last), 0));
    }
}

#[test]
fn without_consent_nothing_of_the_ledger_goes_or_is_read_for_it() {
    let mut world = World::default();
    world.put_in_cozy("home", &home());
    night(&mut world, "2024-03-10T02:00:00", "");
    let revoked = json!({"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z",
        "revokedAt": "2024-04-01T08:00:00Z"});
    world.put_in_cozy("home", &json!({TERMS: [revoked]}));
    world.asked.clear();
    night(&mut world, "2024-07-15T02:00:00", &format!(", {RETENTION}"));
    assert_eq!(of(&world, "2024-03-09").len(), 4);
    assert!(!world.asked.iter().any(|request| {
        request.url.contains("/_find") && request.body.as_deref().is_some_and(|body| body.contains("period"))
    }));
}

#[test]
fn an_import_and_a_merge_bring_the_date_with_them() {
    let (mut world, _) = settled();
    world.run(r#"{"home": "cozy", "command": {"export": {}}}"#).unwrap();
    let whole = world.files["output"].clone();
    world.run(r#"{"home": "cozy", "command": {"export": {"from": "2024-06-01"}}}"#).unwrap();
    let some = world.files["output"].clone();
    for (file, own, expected) in [
        (&whole, None, "2024-03-09"),
        // An export of some days tells of it as well.
        (&some, None, "2024-03-09"),
        (&whole, Some("2024-02-29"), "2024-03-09"),
        (&whole, Some("2024-04-30"), "2024-04-30"),
    ] {
        let mut other = World::default();
        let own = own.map(|until| json!({"_id": "settled", "until": until}));
        other.put_in_cozy("home", &json!({TERMS: consent(), MEASURES: own.into_iter().collect::<Vec<_>>()}));
        other.files.insert("input:0".into(), file.clone());
        other.run(r#"{"home": "cozy", "command": {"import": {}}}"#).unwrap();
        assert_eq!(until(&other), expected);
        // Asked for in the new home, it is not sent again.
        other.put_in_cozy("home", &home());
        other.put_in_cozy("home", &json!({MEMORY: [{"_id": "memory", "memory": {}}]}));
        let asked = r#", "from": "2024-03-01", "to": "2024-03-31""#;
        assert!(night(&mut other, "2024-07-16T02:00:00", asked).is_empty());
    }
    let former = world.home("cozy").to_string().into_bytes();
    let mut current = World::default();
    current.put_in_cozy("home", &json!({TERMS: consent()}));
    current.files.insert("former".into(), former);
    current.run(r#"{"home": "cozy", "former": "file", "command": {"merge": {"backup": false}}}"#).unwrap();
    assert_eq!(until(&current), "2024-03-09");
}

#[test]
fn a_date_ahead_of_this_clock_is_not_taken_for_what_it_says() {
    let home = json!({TERMS: consent(), MEASURES: [{"_id": "settled", "until": "2999-12-31"}]});
    let mut world = World::with_home(&home.to_string());
    world.run(r#"{"home": "file", "command": {"export": {}}}"#).unwrap();
    let file = world.files["output"].clone();
    let mut other = World::default();
    other.put_in_cozy("home", &json!({TERMS: consent()}));
    other.files.insert("input:0".into(), file);
    other
        .run_with(r#"{"now": "2024-04-10T12:00:00"}"#, r#"{"home": "cozy", "command": {"import": {}}}"#)
        .unwrap();
    assert_eq!(until(&other), "2024-04-10");
}

#[test]
fn a_state_that_is_purged_is_closed_by_the_date_too() {
    let home = json!({TERMS: consent(), EVENTS: [], MEASURES: [{"_id": "settled", "until": "2024-03-09"}]});
    let mut world = World::default();
    world.put_in_cozy("home", &home);
    let told =
        world.run(r#"{"home": "cozy", "command": {"purge": {"state": true, "backup": false}}}"#).unwrap();
    assert_eq!(told["closedUntil"], "2024-03-09");
    assert!(ids(&world.home("cozy"), MEASURES).is_empty());
}

#[test]
fn a_clock_that_is_ahead_settles_no_more_than_what_it_lets_go() {
    let mut world = World::default();
    world.put_in_cozy("home", &home());
    night(&mut world, "2024-03-10T02:00:00", "");
    night(&mut world, "2042-03-10T02:00:00", &format!(", {RETENTION}"));
    assert_eq!(until(&world), "2024-03-09");
    let late =
        json!({EVENTS: [{"_id": "b", "type": "ConnectionEvent", "eventDate": "2024-03-10T10:00:00Z"}]});
    world.put_in_cozy("home", &late);
    assert!(!night(&mut world, "2024-03-11T02:00:00", "").is_empty());
}
