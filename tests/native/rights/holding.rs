//! The memory document that commands and runs share: who may change a home, what
//! it lives under, and which home it is.

use std::collections::BTreeMap;

use dacc_aggregator::Options;
use dacc_aggregator::rights::{Effect, Input, Operation, Task};
use dacc_aggregator::run::{Circumstances, Run};
use serde_json::{Value, json};

use super::world::{NOW, World, cozy_json, serve};
use super::{EVENTS, MEASURES, MEMORY, TERMS, entry, full_home, ids, import};

const IMPORT: &str = r#"{"home": "cozy", "command": {"import": {}}}"#;
const DAY: i64 = 86_400_000;

/// A run and a command over one Cozy.
struct Race<'a> {
    command: &'a str,
    /// What the command takes for now, and how far that is off.
    clock: (&'a str, i64),
    /// How many steps the run makes before the command begins.
    before: usize,
    /// How many effects of the command come before the rest of the run.
    between: usize,
    /// Which answer to what the run writes into the ledger is lost.
    lost: Option<usize>,
}

impl Default for Race<'_> {
    fn default() -> Self {
        Race { command: IMPORT, clock: ("2024-04-10T12:00:00", 0), before: 0, between: 0, lost: None }
    }
}

fn event(id: &str, date: &str) -> Value {
    json!({"_id": id, "type": "NavigationEvent", "target": "faq", "eventDate": date})
}

fn terms() -> Value {
    json!([{"_id": "own", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}])
}

/// What came of a race.
struct Raced {
    world: World,
    sent: Vec<Value>,
    ended: Result<(), String>,
    /// The ledger when the command ended.
    ledger: Vec<Value>,
}

/// A command that is carried out effect by effect.
struct Stepped {
    operation: Operation,
    clock: u64,
    input: Input,
    making: BTreeMap<String, Vec<u8>>,
}

impl Stepped {
    /// Begins one, to which it is `now`, which is so many milliseconds off.
    fn new(task: &str, (now, off): (&str, i64)) -> Stepped {
        let task: Task = serde_json::from_str(task).unwrap();
        let options = Options::from_json(&format!(r#"{{"now": "{now}"}}"#)).unwrap();
        let operation = Operation::new(task, options, 5).unwrap();
        let clock = NOW.saturating_add_signed(off);
        Stepped { operation, clock, input: Input::Start, making: BTreeMap::new() }
    }

    /// Performs so many effects at most; tells how it ended, if it did.
    fn step(&mut self, world: &mut World, effects: usize) -> Option<Result<(), String>> {
        for _ in 0..effects {
            match self.operation.step(self.clock, self.input.clone()).pop().unwrap() {
                Effect::Done(_) => return Some(Ok(())),
                Effect::Failed(why) => return Some(Err(why)),
                effect => self.input = world.perform(effect, &mut self.making),
            }
        }
        None
    }
}

/// A command and the first run of a home.
fn raced(given: &World, race: Race<'_>) -> Raced {
    let Race { command, clock, before, between, lost } = race;
    let mut world = given.clone();
    let options = |json: &str| Options::from_json(json).unwrap();
    let circumstances = Circumstances { seed: 99, ..Circumstances::default() };
    let first_day = r#"{"now": "2024-04-10T12:00:00", "firstDay": "2024-04-01"}"#;
    let mut run = Run::new(options(first_day), circumstances).unwrap();
    let mut command = Stepped::new(command, clock);
    let (mut sent, mut given, mut writes) = (Vec::new(), dacc_aggregator::effect::Input::Start, 0);
    let mut step_run = |world: &mut World| -> bool {
        let input = std::mem::replace(&mut given, dacc_aggregator::effect::Input::Waited);
        match run.step(NOW, input).pop().unwrap() {
            dacc_aggregator::effect::Effect::Request(request) => {
                let store = world.cozies.entry("home").or_default();
                if let Some(body) = request.body.as_ref().filter(|_| request.url.starts_with("/remote/")) {
                    let body: Value = serde_json::from_str(body).unwrap();
                    sent.push(serde_json::from_str(body["data"].as_str().unwrap()).unwrap());
                    given =
                        dacc_aggregator::effect::Input::Answer(crate::cozy::json_answer(201, &Value::Null));
                } else {
                    given = dacc_aggregator::effect::Input::Answer(serve(store, &request, None));
                    let is_write = request.url.ends_with(&format!("{MEASURES}/_bulk_docs"));
                    if is_write && lost == Some(writes) {
                        given = dacc_aggregator::effect::Input::NoAnswer { written: true };
                    }
                    writes += usize::from(is_write);
                }
                true
            }
            dacc_aggregator::effect::Effect::Done(_) => false,
            _ => true,
        }
    };
    let mut goes_on = (0..before).all(|_| step_run(&mut world));
    let ended = command.step(&mut world, between).unwrap_or_else(|| {
        // The run comes to its end while the command is held up.
        while goes_on {
            goes_on = step_run(&mut world);
        }
        command.step(&mut world, usize::MAX).unwrap()
    });
    let store = world.cozies.entry("home").or_default();
    let ledger = store.documents(MEASURES).cloned().collect();
    while goes_on {
        goes_on = step_run(&mut world);
    }
    Raced { world, sent, ended, ledger }
}

#[test]
fn an_import_and_the_first_run_never_change_a_home_at_the_same_time() {
    let mut given = import::exported(&json!({EVENTS: [event("f", "2024-04-05T10:00:00Z")]}).to_string());
    given.cozies.insert("home", Default::default());
    given.put_in_cozy("home", &json!({TERMS: terms()}));
    let is_faq = |measure: &Value| measure.to_string().contains("faq");
    let (mut imported, mut refused) = (0, 0);
    for before in 0..20 {
        for between in 0..40 {
            let Raced { mut world, sent, ended, .. } =
                raced(&given, Race { before, between, ..Race::default() });
            assert!(!sent.iter().any(is_faq), "{before} {between}: {sent:?}");
            match ended {
                Ok(()) => imported += 1,
                Err(why) => {
                    assert!(why.contains("a run is under way") || why.contains("another run"), "{why}");
                    refused += 1;
                }
            }
            // Whatever came first, no later run sends what came from elsewhere.
            let later = world.sent_by_a_run_at("2024-04-11T02:00:00", 3_600_000);
            assert!(!later.iter().any(is_faq), "{before} {between}: {later:?}");
        }
    }
    assert!(imported > 0 && refused > 0, "{imported} {refused}");
}

/// Clocks that pass over a lease of now, and whose own leases are passed over.
const WRONG_CLOCKS: [(&str, i64); 2] =
    [("2024-05-20T12:00:00", 40 * DAY), ("2024-03-01T12:00:00", -40 * DAY)];

#[test]
fn what_is_planned_beside_a_command_that_passed_over_the_lease_never_leaves() {
    let faq = json!({EVENTS: [event("f", "2024-04-05T10:00:00Z")]});
    let merge = r#"{"home": "cozy", "former": "file", "command": {"merge": {"backup": false}}}"#;
    let purge = r#"{"home": "cozy", "command": {"purge": {"backup": false}}}"#;
    let whole =
        r#"{"home": "cozy", "command": {"purge": {"backup": false, "state": true, "before": "2024-04-09"}}}"#;
    let is_faq = |measure: &Value| measure.to_string().contains("faq");
    for command in [IMPORT, merge, purge, whole] {
        let mut given = import::exported(&faq.to_string());
        given.files.insert("former".into(), faq.to_string().into_bytes());
        given.cozies.insert("home", Default::default());
        given.put_in_cozy("home", &json!({TERMS: terms()}));
        let is_own = command.contains("purge");
        if is_own {
            given.put_in_cozy("home", &faq);
        }
        let mut carried_out = 0;
        for clock in WRONG_CLOCKS {
            for (before, between) in (0..20).flat_map(|before| (0..60).map(move |between| (before, between)))
            {
                let race = Race { command, clock, before, between, ..Race::default() };
                let Raced { mut world, sent, ended, .. } = raced(&given, race);
                let told = format!("{command} {clock:?} {before} {between} {ended:?}");
                // What the home had was sent before it went.
                assert!(is_own || !sent.iter().any(is_faq), "{told}: {sent:?}");
                carried_out += usize::from(ended.is_ok());
                for (now, later) in [("2024-04-10T12:00:01", 1_000), ("2024-04-11T02:00:00", 50_400_000)] {
                    let later = world.sent_by_a_run_at(now, later);
                    // A purge that gave up may have left the events where they are.
                    let is_gone = !is_own || ended.is_ok();
                    assert!(!is_gone || !later.iter().any(is_faq), "{told}: {later:?}");
                }
            }
        }
        assert!(carried_out > 0, "{command}");
    }
}

#[test]
fn a_run_that_is_sending_keeps_its_lease_under_a_command_that_passes_over_it() {
    const ID: &str = "navigation-count-daily:2024-04-08:faq";
    let mut given = import::exported(&json!({EVENTS: [event("f", "2024-04-05T10:00:00Z")]}).to_string());
    given.cozies.insert("home", Default::default());
    let lease = json!({"by": "job-1", "until": NOW + 120_000});
    given.put_in_cozy(
        "home",
        &json!({TERMS: terms(), MEASURES: [entry(ID, "sending", "2024-04-08")],
            MEMORY: [{"_id": "memory", "memory": {"firstDay": "2024-04-01"}, "lease": lease}]}),
    );
    let mut carried_out = 0;
    for clock in WRONG_CLOCKS {
        for effects in 0..60 {
            let mut world = given.clone();
            if let Some(ended) = Stepped::new(IMPORT, clock).step(&mut world, effects) {
                ended.unwrap();
                carried_out += 1;
            }
            let mut state_after = |later: u64| {
                let sent = world.sent_by_a_run_at("2024-04-10T12:00:01", later);
                let is_it = |measure: &Value| measure["startDate"] == "2024-04-08";
                assert!(!sent.iter().any(is_it), "{clock:?} {effects}: {sent:?}");
                world.cozies["home"].get(MEASURES, ID).unwrap()["state"].clone()
            };
            // Whether it arrived is the sender's to tell, as long as it may work.
            assert_eq!(state_after(1_000), "sending", "{clock:?} {effects}");
            assert_eq!(state_after(120_000), "unknown", "{clock:?} {effects}");
        }
    }
    assert!(carried_out > 0);
}

#[test]
fn a_plan_that_a_command_made_outdated_is_made_again_where_its_day_is_open() {
    let planned = json!({"_id": "navigation-count-daily:2024-04-08:faq", "state": "planned", "waits": true,
        "period": "2024-04-08", "measure": {"createdBy": "ecolyo", "measureName": "navigation-count-daily",
            "startDate": "2024-04-08", "value": 7, "group1": {"page": "faq"}},
        "plannedAt": "2024-04-09T02:00:00Z", "changedAt": "2024-04-09T02:00:01Z", "stamp": "run-1"});
    let mut gone = planned.clone();
    gone["_id"] = json!("navigation-count-daily:2024-04-08:water");
    gone["measure"]["group1"]["page"] = json!("water");
    for (changes, values) in [(0, [Some(7), Some(7)]), (1, [Some(1), None])] {
        let mut world = World::default();
        world.put_in_cozy(
            "home",
            &json!({TERMS: terms(), EVENTS: [event("e", "2024-04-08T10:00:00Z")],
                MEASURES: [planned, gone],
                MEMORY: [{"_id": "memory", "changes": changes, "memory": {"firstDay": "2024-04-01"}}]}),
        );
        // Of other periods nothing is known to a run that is asked for some.
        let asked = world.sent_by_a_run_with(
            r#"{"now": "2024-04-10T12:00:00", "from": "2024-04-07", "to": "2024-04-07"}"#,
        );
        let sent = world.sent_by_a_run("2024-04-10T13:00:00");
        for (page, value) in ["faq", "water"].into_iter().zip(values) {
            let is_it = |measure: &&Value| measure["group1"]["page"] == page;
            let left: Vec<_> =
                asked.iter().chain(&sent).filter(is_it).map(|measure| measure["value"].as_u64()).collect();
            assert_eq!(left, value.into_iter().map(Some).collect::<Vec<_>>(), "{page} {changes}");
        }
        assert_eq!(asked.is_empty(), changes > 0);
        let water = world.cozies["home"].get(MEASURES, "navigation-count-daily:2024-04-08:water").unwrap();
        assert_eq!(water["state"], if changes == 0 { "sent" } else { "cancelled" });
    }
}

#[test]
fn what_waited_before_a_command_is_sent_after_it() {
    let mut given = import::exported(&json!({EVENTS: [event("f", "2024-04-05T10:00:00Z")]}).to_string());
    let waiting = entry("navigation-count-daily:2024-04-03:faq", "planned", "2024-04-03");
    given.cozies.insert("home", Default::default());
    given.put_in_cozy("home", &json!({TERMS: terms(), MEASURES: [waiting]}));
    let effects = given.clone().run_until(IMPORT, None).1;
    for kill in (0..=effects).map(super::world::Kill::After) {
        let mut world = given.clone();
        world.run_until(IMPORT, Some(kill));
        for _ in 0..2 {
            // Once it is killed, once whole.
            let mut copy = world.clone();
            let sent = copy.sent_by_a_run_at("2024-04-11T02:00:00", 50_400_000);
            assert!(sent.iter().any(|measure| measure["startDate"] == "2024-04-03"), "{kill:?}: {sent:?}");
            assert!(!sent.iter().any(|measure| measure["startDate"] == "2024-04-05"), "{kill:?}: {sent:?}");
            world.run(IMPORT).unwrap();
        }
    }
}

#[test]
fn a_purge_of_the_state_leaves_in_the_ledger_what_came_meanwhile_of_days_it_did_not_close() {
    const TASK: &str =
        r#"{"home": "cozy", "command": {"purge": {"state": true, "before": "2024-04-08", "backup": false}}}"#;
    const ID: &str = "navigation-count-daily:2024-04-09:faq";
    let mut given = World::default();
    given.put_in_cozy(
        "home",
        &json!({TERMS: terms(), EVENTS: [event("e", "2024-04-05T10:00:00Z")],
        MEASURES: [entry("navigation-count-daily:2024-04-05:faq", "sent", "2024-04-05")],
        MEMORY: [{"_id": "memory", "memory": {"firstDay": "2024-04-01"}}]}),
    );
    // What a run writes that began before: an event that came late, and was sent.
    let late = json!({EVENTS: [event("late", "2024-04-09T10:00:00Z")], MEASURES: [entry(ID, "sent", "2024-04-09"),
        {"_id": "cell=ecolyo:navigation-count-daily:2024-04-09:page:faq", "by": ID}]});
    let (mut closed_before, mut left) = (0, 0);
    for effects in 0.. {
        let mut world = given.clone();
        let mut purge = Stepped::new(TASK, ("2024-04-10T12:00:00", 0));
        if let Some(ended) = purge.step(&mut world, effects) {
            ended.unwrap();
            break;
        }
        world.put_in_cozy("home", &late);
        purge.step(&mut world, usize::MAX).unwrap().unwrap();
        let home = world.home("cozy");
        let closed = home[MEMORY][0]["memory"]["closedUntil"].as_str().unwrap();
        let is_closed = closed >= "2024-04-09";
        let is_left = ids(&home, MEASURES) == [ID];
        assert!(is_closed || is_left, "{effects}: {closed} {}", home[MEASURES]);
        closed_before += usize::from(is_closed);
        left += usize::from(is_left);
        let sent = world.sent_by_a_run_at("2024-04-10T13:00:00", 3_600_000);
        assert!(!sent.iter().any(|measure| measure["startDate"] == "2024-04-09"), "{effects}: {sent:?}");
    }
    assert!(closed_before > 0 && left > 0, "{closed_before} {left}");
}

#[test]
fn a_run_never_takes_what_a_purge_wrote_for_its_own_write() {
    let given = {
        let mut given = World::default();
        let event = event("f", "2024-04-09T10:00:00Z");
        given.put_in_cozy("home", &json!({TERMS: terms(), EVENTS: [event]}));
        given
    };
    let command = r#"{"home": "cozy", "command": {"purge": {"backup": false}}}"#;
    let mut cancelled = 0;
    for lost in 0..4 {
        for before in 0..30 {
            let clock = WRONG_CLOCKS[1];
            let race = Race { command, clock, before, between: usize::MAX, lost: Some(lost) };
            let Raced { world, ledger, ended, .. } = raced(&given, race);
            let purged = |entry: &&Value| entry["reason"].as_str().is_some_and(|why| why.contains("purged"));
            for entry in ledger.iter().filter(purged) {
                let now = world.cozies["home"].get(MEASURES, entry["_id"].as_str().unwrap());
                assert_eq!(now, Some(entry), "{lost} {before} {ended:?}");
                cancelled += 1;
            }
        }
    }
    assert!(cancelled > 0);
}

#[test]
fn a_command_takes_the_settings_that_the_home_lives_under_and_says_so() {
    let settings = json!({"clock": "instant", "zone": "Pacific/Apia", "createdBy": "ecolyo",
        "monthlyStartDate": "month", "measures": "org.example.ledger", "consent": [{"version": "1.0.0"}]});
    let mut home = full_home();
    home["org.example.ledger"] = json!([entry("other", "planned", "2024-04-09")]);
    home[MEMORY][0]["settings"] = settings.clone();
    // The 8th where it was written, the 9th in Apia.
    home[EVENTS] = json!([event("e", "2024-04-08T23:30:00Z")]);
    for place in ["file", "cozy"] {
        let mut world = World::with_home(&home.to_string());
        world.put_in_cozy("home", &home);
        let purge = |before: &str| {
            format!(r#"{{"home": "{place}", "command": {{"purge": {{"before": "{before}"}}}}}}"#)
        };
        let receipt = world.run(&purge("2024-04-09")).unwrap();
        assert_eq!(receipt["deleted"], json!({}), "{receipt}");
        assert_eq!(receipt["configuredOtherwise"], json!(["clock", "zone", "doctypes.measures"]));
        let receipt = world.run(&purge("2024-04-10")).unwrap();
        assert_eq!((&receipt["deleted"], &receipt["cancelled"]), (&json!({"events": 1}), &json!(1)));
        // The settings stay.
        let memory = world.home(place)[MEMORY][0].clone();
        assert_eq!(memory["settings"], settings);
    }
}

#[test]
fn a_home_has_an_id_from_its_first_change_on_and_keeps_it() {
    for place in ["file", "cozy"] {
        let mut bare = full_home();
        bare.as_object_mut().unwrap().remove(MEMORY);
        let mut world = World::with_home(&bare.to_string());
        world.put_in_cozy("home", &bare);
        let id = |world: &World| -> Value {
            match place {
                "file" => {
                    serde_json::from_slice::<Value>(&world.files["home"]).unwrap()[MEMORY][0]["home"].clone()
                }
                _ => world.cozies["home"].get(MEMORY, "memory").unwrap()["home"].clone(),
            }
        };
        world.run(&format!(r#"{{"home": "{place}", "command": {{"purge": {{}}}}}}"#)).unwrap();
        let first = id(&world);
        assert!(first.as_str().is_some_and(|id| id.len() >= 16), "{first}");
        world.run(&format!(r#"{{"home": "{place}", "command": {{"purge": {{"state": true}}}}}}"#)).unwrap();
        assert_eq!(id(&world), first, "it survives every purge");
        world.run(&format!(r#"{{"home": "{place}", "command": {{"export": {{}}}}}}"#)).unwrap();
        assert!(world.text("output").lines().next().unwrap().contains(first.as_str().unwrap()));
    }
}

#[test]
fn a_backup_of_another_home_is_refused_and_changes_nothing() {
    for place in ["file", "cozy"] {
        let task =
            |more: &str| format!(r#"{{"home": "{place}", "command": {{"recover": {{"files": 1{more}}}}}}}"#);
        let mut stranger = World::with_home(&full_home().to_string());
        stranger.run(r#"{"home": "file", "command": {"purge": {}}}"#).unwrap();
        let with_id = stranger.files.remove("backup").unwrap();
        let mut unnamed = World::with_home(&full_home().to_string());
        unnamed.run(r#"{"home": "file", "command": {"export": {}}}"#).unwrap();
        let without_id = unnamed.files.remove("output").unwrap();
        for file in [with_id, without_id] {
            for home in [
                json!({}),
                json!({TERMS: terms(), MEMORY: [{"_id": "memory", "home": "00ff", "memory": {"firstDay": "2024-04-08"}}]}),
            ] {
                // Its randomness is not the stranger's.
                let mut world = World { operations: 50, ..World::with_home(&home.to_string()) };
                world.put_in_cozy("home", &home);
                world.files.insert("input:0".into(), file.clone());
                let before = world.home(place);
                let why = world.run(&task("")).unwrap_err();
                assert!(why.starts_with("input:0: it ") && why.contains("--same-home"), "{why}");
                assert_eq!(world.home(place), before);
                world.run(&task(r#", "sameHome": true"#)).unwrap();
                assert_eq!(ids(&world.home(place), EVENTS), ["e1", "e2", "e3", "e4"]);
            }
        }
    }
}

#[test]
fn a_home_is_never_merged_with_itself_by_whatever_address() {
    const MERGE: &str = r#"{"home": "cozy", "former": "cozy", "command": {"merge": {"sameHome": SAME}}}"#;
    let without_events = json!({TERMS: terms(), MEASURES: [entry("a", "sent", "2024-04-02")]});
    let mut with_memory = without_events.clone();
    with_memory[MEMORY] = json!([{"_id": "memory", "home": "00ff", "memory": {"firstDay": "2024-04-02"}}]);
    for home in [without_events, with_memory.clone()] {
        for same in ["false", "true"] {
            let mut world = World::default();
            world.put_in_cozy("home", &home);
            world.one_cozy = true;
            let before = cozy_json(&world.cozies["home"]);
            let why = world.run(&MERGE.replace("SAME", same)).unwrap_err();
            assert!(why.contains("not merged with itself"), "{why}");
            assert_eq!(cozy_json(&world.cozies["home"]), before);
        }
    }
    // A copy has the same id; only the person can say that it is to be one with it.
    for place in ["file", "cozy"] {
        let mut world = World::with_home(&with_memory.to_string());
        world.files.insert("former".into(), with_memory.to_string().into_bytes());
        world.put_in_cozy("home", &with_memory);
        world.put_in_cozy("former", &with_memory);
        let merge = |same: &str| MERGE.replace("SAME", same).replace("cozy", place);
        assert!(world.run(&merge("false")).unwrap_err().contains("--same-home"));
        assert_eq!(ids(&world.home(place), MEASURES), ["a"]);
        world.run(&merge("true")).unwrap();
    }
}

#[test]
fn a_state_is_closed_by_what_the_ledger_says_whatever_the_clock_says() {
    let purge = r#"{"home": "cozy", "command": {"purge": {"state": true, "before": "2024-03-01"}}}"#;
    let home = json!({
        TERMS: terms(),
        EVENTS: [event("old", "2024-02-05T10:00:00Z"), event("sent", "2024-04-08T10:00:00Z"), event("new", "2024-04-20T10:00:00Z")],
        MEMORY: [{"_id": "memory", "memory": {"firstDay": "2024-04-01"}}],
        MEASURES: [entry("a", "sent", "2024-04-08")],
    });
    for (clock, closed) in [
        // A week slow, right, and far ahead.
        ("2024-04-02T12:00:00", "2024-04-08"),
        ("2024-04-10T12:00:00", "2024-04-09"),
        ("2042-04-10T12:00:00", "2024-04-21"),
    ] {
        let mut world = World::default();
        world.put_in_cozy("home", &home);
        let receipt = world.run_with(&format!(r#"{{"now": "{clock}"}}"#), purge).unwrap();
        assert_eq!(receipt["closedUntil"], closed, "{clock}");
        let sent = world.sent_by_a_run_with(r#"{"now": "2024-04-22T02:00:00", "firstDay": "2024-04-01"}"#);
        assert!(
            sent.iter().all(|measure| measure["startDate"].as_str().unwrap() > closed
                || measure["startDate"] == "2024-03-01"),
            "{sent:?}"
        );
    }
    // A home that never sent anything is not closed for what is not there.
    let mut empty = World::default();
    empty.put_in_cozy("home", &json!({TERMS: terms()}));
    let receipt = empty.run_with(r#"{"now": "2042-04-10T12:00:00"}"#, purge).unwrap();
    assert_eq!(receipt["closedUntil"], Value::Null);
}

#[test]
fn what_is_remembered_of_purged_events_goes_and_a_first_never_comes_again() {
    let launch = |id: &str, date: &str| json!({"_id": id, "type": "ChallengeLaunchEvent", "target": "CHALLENGE0001", "eventDate": date});
    let connection = json!({"_id": "c", "type": "ConnectionEvent", "eventDate": "2024-04-07T08:00:00Z"});
    let spans =
        |sent: &[Value]| sent.iter().filter(|measure| measure["measureName"] == "event-duration").count();
    let mut world = World::default();
    world.put_in_cozy(
        "home",
        &json!({TERMS: terms(), EVENTS: [connection, launch("l1", "2024-04-09T10:00:00Z")]}),
    );
    let first = world.sent_by_a_run_with(r#"{"now": "2024-04-10T02:00:00", "firstDay": "2024-04-01"}"#);
    assert_eq!(spans(&first), 1);
    let receipt = world.run(r#"{"home": "cozy", "command": {"purge": {}}}"#).unwrap();
    assert_eq!(receipt["marks"]["firsts"], json!(["ChallengeLaunchEvent", "ConnectionEvent"]));
    let memory = world.home("cozy")[MEMORY][0]["memory"].clone();
    assert!(memory.get("firsts").is_none() && memory.get("starts").is_none(), "{memory}");
    assert!(!memory.to_string().contains("T08:00"), "{memory}");
    // A later launch is not the first, and nothing is measured from what is gone.
    world.put_in_cozy(
        "home",
        &json!({EVENTS: [launch("l2", "2024-04-11T10:00:00Z"),
        {"_id": "c2", "type": "ConnectionEvent", "eventDate": "2024-04-11T09:00:00Z"}]}),
    );
    let later = world.sent_by_a_run_at("2024-04-12T02:00:00", 3_600_000);
    assert_eq!(spans(&later), 0, "{later:?}");
    assert!(later.iter().any(|measure| measure["measureName"] == "challenge-launch-daily"));
}

#[test]
fn of_days_that_are_kept_what_is_remembered_stays() {
    let mut home = full_home();
    home[MEMORY][0]["memory"]["firsts"] =
        json!({"ConnectionEvent": "2024-04-09T08:00:00Z", "ProfileSetEvent": "2024-03-01T08:00:00Z"});
    for place in ["file", "cozy"] {
        let mut world = World::with_home(&home.to_string());
        world.put_in_cozy("home", &home);
        world
            .run(&format!(r#"{{"home": "{place}", "command": {{"purge": {{"before": "2024-04-09"}}}}}}"#))
            .unwrap();
        let memory = world.home(place)[MEMORY][0]["memory"].clone();
        assert_eq!(memory["firsts"], json!({"ConnectionEvent": "2024-04-09T08:00:00Z"}));
        assert!(memory["marks"]["firsts"].as_array().unwrap().contains(&json!("ProfileSetEvent")));
    }
}

#[test]
fn the_cell_of_a_contribution_that_came_in_is_claimed() {
    let ledger = json!([entry("one", "sent", "2024-04-08"), entry("two", "planned", "2024-04-09")]);
    for command in ["import", "merge"] {
        let mut world = import::exported(&json!({MEASURES: ledger}).to_string());
        world.put_in_cozy("home", &json!({TERMS: terms()}));
        world.put_in_cozy("former", &json!({MEASURES: ledger}));
        let former = if command == "merge" { r#""former": "cozy", "# } else { "" };
        world.run(&format!(r#"{{"home": "cozy", {former}"command": {{"{command}": {{}}}}}}"#)).unwrap();
        // Under another identity the same cells are not filled again.
        world.put_in_cozy(
            "home",
            &json!({EVENTS: [event("a", "2024-04-08T10:00:00Z"), event("b", "2024-04-09T10:00:00Z")]}),
        );
        let sent = world.sent_by_a_run_with(r#"{"now": "2024-04-10T13:00:00", "firstDay": "2024-04-01"}"#);
        assert!(!sent.iter().any(|measure| measure.to_string().contains("faq")), "{command}: {sent:?}");
        let told = world.run(r#"{"home": "cozy", "command": {"receipts": {}}}"#).unwrap();
        assert_eq!(told["malformed"], 0);
    }
}

#[test]
fn what_a_home_lives_under_changes_by_a_command_that_closes_what_is_open() {
    for place in ["file", "cozy"] {
        let mut world = World::with_home(&full_home().to_string());
        world.put_in_cozy("home", &full_home());
        let task = |more: &str| format!(r#"{{"home": "{place}", "command": {{"settings": {{{more}}}}}}}"#);
        let before = world.home(place);
        assert_eq!(world.run(&task("")).unwrap()["settings"], Value::Null);
        for wrong in [r#""zone": "Nowhere/At-All""#, r#""clock": "sun""#, r#""createdBy": """#] {
            assert!(world.run(&task(wrong)).is_err(), "{wrong}");
            assert_eq!(world.home(place), before, "{wrong}");
        }
        let told = world.run(&task(r#""clock": "instant", "zone": "Pacific/Apia""#)).unwrap();
        assert_eq!(
            (&told["changed"], &told["closedUntil"]),
            (&json!(["clock", "zone"]), &json!("2024-04-10"))
        );
        let again = world.run(&task(r#""clock": "instant""#)).unwrap();
        assert_eq!(again["changed"], json!([]));
        let shown = world.run(&task("")).unwrap();
        assert_eq!(
            (&shown["settings"]["clock"], &shown["settings"]["zone"]),
            (&json!("instant"), &json!("Pacific/Apia"))
        );
    }
}
