//! Receipts, report, status, record: what is told, and that it is so.

use dacc_aggregator::{Options, rights};
use serde_json::{Value, json};

use super::world::World;
use super::{EVENTS, HISTORY, MEASURES, MEMORY, PROFILE, TERMS, entry, full_home, ids};

fn told(home: &Value, command: &str) -> Value {
    let task = |place: &str| format!(r#"{{"home": "{place}", "command": {{"{command}": {{}}}}}}"#);
    let mut world = World::with_home(&home.to_string());
    world.put_in_cozy("home", home);
    let (file, cozy) = (world.run(&task("file")).unwrap(), world.run(&task("cozy")).unwrap());
    assert_eq!(file, cozy, "a home is told of the same wherever it is");
    file
}

#[test]
fn receipts_tell_what_left_on_which_consent_and_what_never_did() {
    let mut refused = entry("r", "refused", "2024-04-01");
    refused["status"] = json!(400);
    let mut home = full_home();
    home[MEASURES].as_array_mut().unwrap().extend([refused, json!({"_id": "x"})]);
    let receipts = told(&home, "receipts");
    assert_eq!(receipts["malformed"], 1);
    assert_eq!(receipts["states"], json!({"planned": 1, "sending": 1, "sent": 1, "refused": 1}));
    let of = |state: &str| {
        let all = receipts["receipts"].as_array().unwrap();
        all.iter().find(|receipt| receipt["state"] == state).unwrap().clone()
    };
    let sent = of("sent");
    assert_eq!(
        (&sent["left"], &sent["status"], &sent["changedAt"]),
        (&json!("yes"), &json!(201), &json!("2024-04-09T02:00:01Z"))
    );
    assert_eq!(sent["consent"], json!({"id": "t", "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}));
    assert_eq!(
        sent["payload"],
        r#"{"createdBy":"ecolyo","measureName":"navigation-count-daily","startDate":"2024-04-08","value":1,"group1":{"page":"faq"}}"#
    );
    assert_eq!(
        (of("planned")["left"].as_str(), of("sending")["left"].as_str(), of("refused")["left"].as_str()),
        (Some("no"), Some("maybe"), Some("yes"))
    );
    assert!(of("planned")["reason"].as_str().unwrap().contains("waits"));
}

#[test]
fn a_receipt_of_a_former_home_tells_where_its_consent_is_kept() {
    for place in ["file", "cozy"] {
        let mut former = super::merge::former();
        let mut sent = entry("a", "sent", "2024-04-02");
        sent["consent"] = json!("ft");
        former[MEASURES] = json!([sent, entry("b", "planned", "2024-04-03")]);
        let mut world = super::merge::world(&former, &super::merge::current());
        world.run(&super::merge::MERGE.replace("PLACE", place)).unwrap();
        let told = world.run(&format!(r#"{{"home": "{place}", "command": {{"receipts": {{}}}}}}"#)).unwrap();
        let all = told["receipts"].as_array().unwrap();
        let consents: Vec<&Value> = all.iter().map(|receipt| &receipt["consent"]).collect();
        // Of terms that are nowhere all that is known is their name.
        let nowhere = json!({"id": "t", "version": null, "date": null});
        let kept =
            json!({"id": "ft", "version": "1.0.0", "date": "2023-01-01T08:00:00Z", "history": "terms:ft"});
        assert!(consents.len() == 2 && consents.contains(&&kept) && consents.contains(&&nowhere), "{told}");
        assert!(ids(&world.home(place), HISTORY).contains(&"terms:ft".to_owned()));
    }
}

#[test]
fn a_receipt_holds_to_the_letter_what_a_run_sent() {
    let mut world = World::default();
    world.put_in_cozy("home", &full_home());
    world.cozies.get_mut("home").unwrap().delete(MEASURES, "navigation-count-daily:2024-03-09:faq");
    let sent = world.sent_by_a_run("2024-04-10T02:00:00");
    assert!(!sent.is_empty());
    let receipts = world.run(r#"{"home": "cozy", "command": {"receipts": {}}}"#).unwrap();
    let payloads: Vec<Value> = receipts["receipts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|receipt| serde_json::from_str(receipt["payload"].as_str().unwrap()).unwrap())
        .collect();
    assert!(sent.iter().all(|measure| payloads.contains(measure)));
}

#[test]
fn what_may_have_left_stays_so_however_often_it_is_sent_again() {
    const NIGHT: &str = r#"{"now": "2024-04-11T02:00:00", "resendUnknown": true}"#;
    let receipt = |world: &mut World| {
        let told = world.run(r#"{"home": "cozy", "command": {"receipts": {}}}"#).unwrap();
        let of_it = |receipt: &&Value| receipt["period"] == "2024-02-01";
        let receipt = told["receipts"].as_array().unwrap().iter().find(of_it).unwrap();
        (receipt["state"].as_str().unwrap().to_owned(), receipt["left"].as_str().unwrap().to_owned())
    };
    let terms = |revoked: Value| json!([{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z", "revokedAt": revoked}]);
    let maybe = ("unknown".to_owned(), "maybe".to_owned());
    for state in ["unknown", "sending"] {
        let mut world = World::default();
        world.put_in_cozy(
            "home",
            &json!({TERMS: terms(Value::Null), MEASURES: [entry("u", state, "2024-02-01")]}),
        );
        // The stack did not pass it on; then it turned it away, several times.
        for status in [404, 429] {
            world.refuses = Some(status);
            assert!(!world.sent_by_a_run_with(NIGHT).is_empty());
            assert_eq!(receipt(&mut world), maybe, "{state} {status}");
        }
        // Its day is not consented any more, and then no day is.
        let mut late = world.clone();
        let mut later = terms(Value::Null);
        later[0]["date"] = json!("2024-03-01T09:00:00Z");
        late.put_in_cozy("home", &json!({TERMS: later}));
        late.sent_by_a_run_with(NIGHT);
        assert_eq!(receipt(&mut late), maybe);
        late.put_in_cozy("home", &json!({TERMS: terms(json!("2024-04-01T09:00:00Z"))}));
        late.sent_by_a_run_with(NIGHT);
        assert_eq!(receipt(&mut late), maybe);
        // Once it is taken, it has left.
        world.refuses = None;
        world.sent_by_a_run_with(NIGHT);
        assert_eq!(receipt(&mut world), ("sent".to_owned(), "yes".to_owned()));
    }
}

#[test]
fn a_report_counts_by_type_and_field() {
    let event = |id: &str, kind: &str, fields: Value| {
        let mut event = json!({"_id": id, "type": kind, "eventDate": "2024-04-09T08:00:00Z"});
        event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        event
    };
    let report = told(
        &json!({EVENTS: [
            event("1", "QuizEndEvent", json!({"target": "Q", "context": "C", "startDate": "2024-04-09T07:00:00Z", "result": 4})),
            event("2", "QuizEndEvent", json!({"target": 7, "context": null, "startDate": "x", "result": "6"})),
            event("3", "QuizEndEvent", json!({"context": "C", "startDate": "2099-01-01T00:00:00Z", "result": "5"})),
            event("4", "NavigationEvent", json!({"target": "FAQ"})),
            event("5", "NavigationEvent", json!({"target": "faq", "eventDate": "soon"})),
            event("6", "Unheard", json!({})),
            event("7", "ConsumptionCompareEvent", json!({"target": "Day", "context": "GAS"})),
            event("8", "KonnectorConnectEvent", json!({"target": "enedis", "result": "Success"})),
        ]}),
        "report",
    );
    assert_eq!(
        (&report["events"], &report["unknownTypes"], &report["duplicates"]),
        (&json!(8), &json!(1), &json!(0))
    );
    let field = |kind: &str, field: &str| {
        let field = &report["types"][kind]["fields"][field];
        ["present", "missing", "missingPercent", "unknown", "outOfRange"]
            .map(|name| field[name].as_f64().unwrap())
    };
    assert_eq!(field("QuizEndEvent", "target"), [2.0, 1.0, 33.3, 1.0, 0.0]);
    assert_eq!(field("QuizEndEvent", "context"), [2.0, 1.0, 33.3, 0.0, 0.0]);
    assert_eq!(field("QuizEndEvent", "startDate"), [3.0, 0.0, 0.0, 0.0, 2.0]);
    assert_eq!(field("QuizEndEvent", "result"), [3.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(field("NavigationEvent", "target"), [2.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!(field("NavigationEvent", "eventDate"), [2.0, 0.0, 0.0, 0.0, 1.0]);
    // Time steps and fluids are compared in lower case, outcomes are not.
    assert_eq!(field("ConsumptionCompareEvent", "target"), [1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(field("ConsumptionCompareEvent", "context"), [1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(field("KonnectorConnectEvent", "result"), [1.0, 0.0, 0.0, 1.0, 0.0]);
    // What is CouchDB's or was deleted, which only a file can hold, is in one count alone.
    let mut world = World::with_home(&format!(
        r#"{{"{EVENTS}":[{{"_id":"_design/a"}},{{"_id":"a","_deleted":true}},{{"_id":"a","type":"ProfileSetEvent"}}]}}"#
    ));
    let report = world.run(r#"{"home": "file", "command": {"report": {}}}"#).unwrap();
    let counts = ["events", "notTheApps", "duplicates", "unknownTypes", "undated"];
    assert_eq!(counts.map(|count| report[count].as_u64().unwrap()), [1, 2, 0, 0, 1]);
    // One `_id` twice, which only a file can hold.
    let mut world =
        World::with_home(&format!(r#"{{"{EVENTS}":[{{"_id":"a"}},{{"_id":"a"}},{{"_id":"b"}},{{}},{{}}]}}"#));
    let report = world.run(r#"{"home": "file", "command": {"report": {}}}"#).unwrap();
    assert_eq!(report["duplicates"], 1);
}

#[test]
fn surplus_and_missing_stand_apart_and_neither_is_negative() {
    let mut home = full_home();
    // Expected of the 8th: faq. There: faq and one that no event gives. Of the
    // 9th faq is expected, and was planned under another identity only.
    home[MEASURES] = json!([
        entry("navigation-count-daily:2024-04-08:faq", "sent", "2024-04-08"),
        entry("navigation-count-daily:2024-04-08:options", "refused", "2024-04-08"),
        entry("navigation-count-daily:2024-04-09:options", "unknown", "2024-04-09"),
    ]);
    let report = told(&home, "report");
    let day = |day: &str| {
        let periods = report["periods"].as_array().unwrap();
        let period = periods.iter().find(|period| period["period"] == day).unwrap();
        ["expected", "computed", "sent", "refused", "unknown", "missing", "surplus"]
            .map(|name| period[name].as_u64().unwrap())
    };
    assert_eq!(day("2024-04-08"), [1, 2, 1, 1, 0, 0, 1]);
    assert_eq!(day("2024-04-09"), [1, 1, 0, 0, 1, 1, 1]);
}

#[test]
fn status_tells_each_stage_and_why_something_waits() {
    let status = told(&full_home(), "status");
    let stages: Vec<(&str, &str)> = status["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| (stage["stage"].as_str().unwrap(), stage["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        stages,
        [
            ("consent", "done"),
            ("lease", "done"),
            ("memory", "done"),
            ("days", "waits"),
            ("months", "done"),
            ("sending", "waits")
        ]
    );
    assert_eq!(status["openDays"], json!(["2024-04-08", "2024-04-09"]));
    assert_eq!(status["lastProcessedDay"], "2024-04-08");
    assert_eq!(status["lastRun"]["end"], "complete");
    assert_eq!(status["waiting"], json!({"planned": 1, "sending": 1}));
    assert_eq!(status["currentRun"], Value::Null);

    let mut withdrawn = full_home();
    withdrawn[TERMS][0]["revokedAt"] = json!("2024-04-02T09:00:00Z");
    let status = told(&withdrawn, "status");
    assert_eq!(status["stages"][0]["state"], "blocked");
    assert!(status["stages"][5]["why"].as_str().unwrap().contains("cancels 2"));

    let mut running = full_home();
    running[MEMORY][0]["lease"] = json!({"by": "job", "until": super::world::NOW + 1_000});
    let status = told(&running, "status");
    assert_eq!(
        (&status["currentRun"]["by"], &status["stages"][1]["state"]),
        (&json!("job"), &json!("running"))
    );
    running[MEMORY][0]["lease"]["until"] = json!(super::world::NOW - 1);
    running[MEMORY][0]["command"] = json!({"by": "dacc-1", "until": super::world::NOW + 1_000});
    assert_eq!(told(&running, "status")["stages"][1]["why"], "a command changes the home");
    running[MEMORY][0]["command"]["until"] = json!(super::world::NOW - 1);
    assert_eq!(told(&running, "status")["stages"][1]["why"], "no run is under way");
    assert_eq!(told(&running, "status")["currentRun"], Value::Null);

    // Due on the 9th of April: the profile says so.
    let mut due = full_home();
    due[MEMORY][0]["memory"]["firstDay"] = json!("2024-03-01");
    due[PROFILE][0]["monthlyAnalysisDate"] = json!(9);
    assert_eq!(told(&due, "status")["dueMonths"], json!(["2024-03"]));
    due[PROFILE][0]["monthlyAnalysisDate"] = json!(11);
    assert_eq!(told(&due, "status")["dueMonths"], json!([]));
}

#[test]
fn a_tombstone_is_a_state_too() {
    let mut world = World::with_home(&full_home().to_string());
    world.run(r#"{"home": "file", "command": {"purge": {"state": true}}}"#).unwrap();
    let status = world.run(r#"{"home": "file", "command": {"status": {}}}"#).unwrap();
    assert_eq!((&status["closedUntil"], &status["openDays"]), (&json!("2024-04-10"), &json!([])));
    assert_eq!(status["stages"][2]["state"], "waits");
}

#[test]
fn the_record_names_every_indicator_and_every_collection() {
    let options = Options::from_json(r#"{"now": "2024-04-10T12:00:00"}"#).unwrap();
    let record = serde_json::to_value(rights::record(&options).unwrap()).unwrap();
    let names: Vec<&str> =
        record["indicators"].as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"event-duration") && names.contains(&"konnector-attempts-monthly"));
    for collection in record["collections"].as_array().unwrap() {
        assert_eq!(collection["commands"].as_array().unwrap().len(), rights::CommandName::ALL.len());
    }
    assert!(record["recipient"].as_str().unwrap().contains("at least 5 homes"));
}

#[test]
fn a_report_misses_no_field_that_a_type_of_event_does_not_have() {
    let event = |kind: &str| json!({"_id": kind, "type": kind, "eventDate": "2024-04-09T08:00:00Z"});
    let report = told(&json!({EVENTS: [event("DuelEndEvent"), event("ReportFromEvent")]}), "report");
    let names =
        |kind: &str| report["types"][kind]["fields"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names("DuelEndEvent"), ["eventDate", "result", "startDate", "target"]);
    assert_eq!(names("ReportFromEvent"), ["context", "eventDate", "result"]);
}
