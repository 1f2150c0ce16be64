//! Nights of one home, each told by hand: what is written down between them,
//! and what each of them has to send.

use dacc_aggregator::diagnostics::Code;
use dacc_aggregator::effect::{Effect, End, Input, Level, Report, Request};
use dacc_aggregator::run::{Circumstances, Run};
use dacc_aggregator::{Options, aggregate_home};
use serde_json::{Value, json};

use crate::cozy::{self, Revisions, json_answer};
use crate::dacc::measure_of;
use crate::life::{EVENTS, TERMS};
use crate::oracle::{LEDGER, MEMORY};
use crate::store::Store;

struct Home {
    store: Store,
    options: Value,
    /// What the ledger answers to a write from now on.
    ledger_writes: Option<u16>,
    /// The seconds that a run has.
    limit: Option<u64>,
    /// What the stack answers to who asks for a job; nothing by default.
    jobs: Option<u16>,
    /// Lines of the log that warn.
    warned: Vec<String>,
}

/// What a night sent, each as `name date value groups`, in order of the texts.
struct Night {
    sent: Vec<String>,
    report: Report,
}

fn home(options: Value) -> Home {
    Home {
        store: Store::default(),
        options,
        ledger_writes: None,
        limit: None,
        jobs: None,
        warned: Vec::new(),
    }
}

impl Home {
    fn terms(&mut self, id: &str, accepted: bool, date: &str) {
        let document = json!({"accepted": accepted, "version": "1.0.0", "date": date});
        self.store.put(TERMS, id, document);
    }

    fn event(&mut self, kind: &str, date: &str, more: Value) {
        let id = format!("{date}-{kind}");
        let mut event = json!({"type": kind, "eventDate": format!("{date}Z")});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let id = event["_id"].as_str().map_or(id, str::to_owned);
        self.store.put(EVENTS, &id, event);
    }

    fn options(&self, now: &str) -> Options {
        let mut options = self.options.clone();
        options["now"] = now.into();
        Options::from_json(&options.to_string()).unwrap()
    }

    /// What the preview of the night shows, in the form of what it sends.
    fn preview(&self, now: &str) -> Vec<String> {
        let all = |doctype: &str| self.store.documents(doctype).cloned().collect::<Value>();
        let doctypes = [TERMS, EVENTS, LEDGER, MEMORY];
        let file: serde_json::Map<_, _> =
            doctypes.iter().map(|&doctype| (doctype.to_owned(), all(doctype))).collect();
        let outcome = aggregate_home(Value::from(file).to_string().as_bytes(), &self.options(now)).unwrap();
        let mut shown: Vec<_> = outcome
            .measures
            .iter()
            .map(|measure| shown(&serde_json::from_str(&measure.to_json()).unwrap()))
            .filter(|shown| is_of_events(shown))
            .collect();
        shown.sort();
        shown
    }

    /// Lives through a night, whose preview has to show what it sends.
    fn night(&mut self, now: &str) -> Night {
        let preview = self.preview(now);
        let night = self.run(now);
        assert_eq!(preview, night.sent, "the preview of {now} shows what is sent");
        night
    }

    fn run(&mut self, now: &str) -> Night {
        let mut run = Run::new(
            self.options(now),
            Circumstances { seed: 1, time_limit: self.limit, ..Circumstances::default() },
        )
        .unwrap();
        let (mut input, mut clock, mut sent) = (Input::Start, 1_000_000_000_000, Vec::new());
        loop {
            clock += 10;
            let effects = run.step(clock, input);
            self.warned.extend(effects.iter().filter_map(|effect| match effect {
                Effect::Log { level: Level::Warn, message } => Some(message.clone()),
                _ => None,
            }));
            input = match effects.last().unwrap() {
                Effect::Request(request) if request.url.starts_with("/remote/") => {
                    sent.push(shown(&measure_of(request)));
                    // A slow server.
                    clock += self.limit.map_or(0, |_| 20_000);
                    Input::Answer(json_answer(201, &json!({"ok": true})))
                }
                Effect::Request(request) if request.url == "/jobs/queue/service" => match self.jobs {
                    Some(status) => Input::Answer(json_answer(status, &json!({}))),
                    None => Input::NoAnswer { written: true },
                },
                Effect::Request(request) => Input::Answer(self.answer(request, !sent.is_empty())),
                Effect::Wait { millis } => {
                    clock += millis;
                    Input::Waited
                }
                Effect::Done(report) => {
                    sent.retain(|shown| is_of_events(shown));
                    sent.sort();
                    return Night { sent, report: report.clone() };
                }
                other => panic!("{other:?}"),
            };
        }
    }

    fn answer(&mut self, request: &Request, has_sent: bool) -> dacc_aggregator::effect::Response {
        let is_ledger_write = request.url.contains(LEDGER) && request.url.ends_with("_bulk_docs");
        match self.ledger_writes {
            Some(status) if is_ledger_write && has_sent => json_answer(status, &json!({"errors": []})),
            _ => cozy::serve(&mut self.store, request, Revisions::Checked),
        }
    }
}

fn shown(measure: &Value) -> String {
    let text = |name: &str| measure[name].as_str().unwrap().to_owned();
    let groups = ["group1", "group2", "group3"]
        .into_iter()
        .filter_map(|group| Some(measure.get(group)?.as_object()?.values().next()?.as_str()?.to_owned()));
    let groups: Vec<_> = groups.collect();
    format!("{} {} {} {}", text("measureName"), text("startDate"), measure["value"], groups.join("/"))
}

/// Monthly ones of each month with consent say nothing about what is tried here.
fn is_of_events(shown: &str) -> bool {
    let always = ["connection-count-monthly", "fluid-data-granularity-monthly"];
    !always.iter().any(|name| shown.starts_with(name))
}

#[test]
fn what_happened_on_a_day_whose_consent_was_withdrawn_is_never_counted() {
    for is_run_that_day in [false, true] {
        let mut home = home(json!({}));
        home.terms("1", true, "2024-01-01T08:00:00Z");
        home.event(
            "KonnectorAttemptEvent",
            "2024-01-29T02:00:00",
            json!({"target": "enedis", "result": "error"}),
        );
        home.event("ConnectionEvent", "2024-01-29T02:00:01", json!({}));
        home.event("DuelLaunchEvent", "2024-01-29T02:00:02", json!({"target": "DUEL1"}));
        if is_run_that_day {
            assert_eq!(home.night("2024-01-29T03:00:00").sent, [""; 0]);
        }
        home.terms("2", false, "2024-01-29T12:00:00Z");
        home.terms("3", true, "2024-01-31T12:00:00Z");
        home.event("ChallengeLaunchEvent", "2024-01-31T20:00:00", json!({"target": "CHALLENGE1"}));
        home.event("DuelEndEvent", "2024-01-31T20:01:00", json!({"target": "DUEL1", "result": "win"}));
        // Of the 31st and of the first month there is but the launch.
        let sent = home.night("2024-02-03T03:00:00").sent;
        assert!(sent.iter().all(|measure| measure.starts_with("challenge-launch-daily ")), "{sent:?}");
    }
}

#[test]
fn what_lies_between_runs_that_are_months_apart_is_read() {
    let mut home = home(json!({"firstDay": "2024-01-01"}));
    home.terms("1", true, "2023-12-01T08:00:00Z");
    let attempt = |result: &str| json!({"target": "enedis", "result": result});
    home.event("KonnectorAttemptEvent", "2024-01-10T10:00:00", attempt("error"));
    home.night("2024-01-15T03:00:00");
    home.event("KonnectorAttemptEvent", "2024-02-10T10:00:00", attempt("success"));
    home.event("ChallengeLaunchEvent", "2024-02-12T10:00:00", json!({"target": "C1"}));
    home.event("KonnectorAttemptEvent", "2024-05-20T10:00:00", attempt("error"));
    home.event("ChallengeLaunchEvent", "2024-06-09T10:00:00", json!({"target": "C2"}));
    // Success came in February, and the first challenge too.
    assert_eq!(home.night("2024-06-10T03:00:00").sent, ["challenge-launch-daily 2024-06-09 1 C2"]);
}

#[test]
fn an_attempt_that_comes_late_to_a_month_that_was_computed_counts_from_then_on() {
    let mut home = home(json!({}));
    home.terms("1", true, "2024-03-01T08:00:00Z");
    let attempt = || json!({"target": "enedis", "result": "error"});
    home.event("KonnectorAttemptEvent", "2024-03-02T10:00:00", attempt());
    home.night("2024-03-03T03:00:00");
    home.event("KonnectorAttemptEvent", "2024-03-03T10:00:00", attempt());
    let sent = home.night("2024-04-03T03:00:00").sent;
    assert_eq!(sent, ["konnector-attempts-monthly 2024-03-01 2 enedis/false"]);
    home.event("KonnectorAttemptEvent", "2024-03-31T10:00:00", attempt());
    home.event("KonnectorAttemptEvent", "2024-04-02T10:00:00", attempt());
    assert_eq!(home.night("2024-04-04T03:00:00").sent, [""; 0]);
    // On the 2nd and 3rd of March, the 31st, and the 2nd of April.
    let sent = home.night("2024-05-03T03:00:00").sent;
    assert_eq!(sent, ["konnector-attempts-monthly 2024-04-01 4 enedis/false"]);
}

#[test]
fn a_connection_that_comes_late_begins_the_first_challenge() {
    let mut home = home(json!({}));
    home.terms("1", true, "2024-01-01T08:00:00Z");
    home.night("2024-01-10T03:00:00");
    home.event("ConnectionEvent", "2024-01-05T10:00:00", json!({}));
    home.event("ChallengeLaunchEvent", "2024-01-11T10:00:00", json!({"target": "C1"}));
    let sent = home.night("2024-01-12T03:00:00").sent;
    // Six days.
    assert_eq!(
        sent,
        [
            "challenge-launch-daily 2024-01-11 1 C1",
            "event-duration 2024-01-11 518400 first-session/first-challenge/C1",
        ]
    );
}

#[test]
fn what_comes_later_than_any_run_looks_is_seen_by_no_preview_either() {
    let mut home = home(json!({}));
    home.terms("1", true, "2024-01-01T08:00:00Z");
    home.night("2024-05-10T03:00:00");
    home.event("ConnectionEvent", "2024-01-05T10:00:00", json!({}));
    home.event("ChallengeLaunchEvent", "2024-05-11T10:00:00", json!({"target": "C1"}));
    assert_eq!(home.night("2024-05-12T03:00:00").sent, ["challenge-launch-daily 2024-05-11 1 C1"]);
}

#[test]
fn a_launch_that_orders_after_its_end_never_begins_it() {
    let mut home = home(json!({}));
    home.terms("1", true, "2024-03-01T08:00:00Z");
    let at = "2024-03-09T10:00:00";
    home.event("DuelEndEvent", at, json!({"_id": "a", "target": "DUEL1", "result": "win"}));
    home.event("DuelLaunchEvent", at, json!({"_id": "b", "target": "DUEL1"}));
    assert_eq!(home.night("2024-03-10T03:00:00").sent, [""; 0]);
    assert_eq!(home.night("2024-03-11T03:00:00").sent, [""; 0]);
}

#[test]
fn a_first_run_under_a_clock_that_is_years_ahead_stops_nothing() {
    let mut home = home(json!({}));
    home.terms("1", true, "2024-03-01T08:00:00Z");
    assert_eq!(home.night("2034-04-10T03:00:00").sent, [""; 0]);
    home.event("NavigationEvent", "2024-04-09T10:00:00", json!({"target": "faq"}));
    assert_eq!(home.night("2024-04-10T03:00:00").sent, ["navigation-count-daily 2024-04-09 1 faq"]);
}

#[test]
fn what_waits_is_cancelled_while_consent_is_withdrawn_whenever_it_is_given_again() {
    let mut home = home(json!({}));
    home.terms("1", true, "2023-03-01T08:00:00Z");
    home.night("2024-04-08T03:00:00");
    home.event("NavigationEvent", "2024-04-08T10:00:00", json!({"target": "faq"}));
    let measure = json!({"createdBy": "ecolyo", "measureName": "navigation-count-daily",
        "startDate": "2024-04-08", "value": 1, "group1": {"page": "faq"}});
    home.store.put(
        LEDGER,
        "navigation-count-daily:2024-04-08:faq",
        json!({
        "state": "planned", "waits": true, "period": "2024-04-08", "measure": measure, "stamp": "run-1",
            "plannedAt": "2024-04-09T03:00:00Z", "changedAt": "2024-04-09T03:00:00Z"}),
    );
    home.terms("2", false, "2024-04-09T08:00:00Z");
    home.terms("3", true, "2024-04-12T08:00:00Z");
    let night = home.night("2024-04-10T03:00:00");
    assert_eq!((night.report.end, night.report.cancelled), (End::NoConsent, 1));
    assert_eq!(home.night("2024-04-13T03:00:00").sent, [""; 0]);
}

#[test]
fn what_was_sent_is_reported_also_where_that_cannot_be_stored() {
    let mut home = home(json!({}));
    home.terms("1", true, "2024-03-01T08:00:00Z");
    home.event("NavigationEvent", "2024-04-09T10:00:00", json!({"target": "faq"}));
    home.ledger_writes = Some(403);
    let Night { sent, report } = home.night("2024-04-10T03:00:00");
    assert_eq!(sent, ["navigation-count-daily 2024-04-09 1 faq"]);
    assert_eq!((report.end, report.sent, report.retry), (End::Stopped, 1, false));
}

#[test]
fn a_measure_that_waits_for_a_cell_of_another_is_refused_and_counted() {
    let mut home = home(json!({}));
    home.terms("1", true, "2024-03-01T08:00:00Z");
    home.night("2024-04-09T03:00:00");
    let measure = json!({"createdBy": "ecolyo", "measureName": "navigation-count-daily",
        "startDate": "2024-04-08", "value": 1, "group1": {"page": "faq"}});
    let id = "navigation-count-daily:2024-04-08:faq";
    let entry = json!({"state": "planned", "waits": true, "period": "2024-04-08", "measure": measure,
        "stamp": "run-1", "plannedAt": "2024-04-09T03:00:00Z", "changedAt": "2024-04-09T03:00:00Z"});
    home.store.put(LEDGER, id, entry);
    let claim = format!("cell=ecolyo:{}:page:faq", id.trim_end_matches(":faq"));
    home.store.put(LEDGER, &claim, json!({"by": "navigation-count-daily:2024-04-08"}));
    let Night { sent, report } = home.night("2024-04-10T03:00:00");
    assert_eq!(sent, [""; 0]);
    assert_eq!((report.end, report.refused, report.diagnostics.get(Code::CellLost)), (End::Complete, 1, 1));
    assert_eq!(home.store.get(LEDGER, id).unwrap()["state"], "refused");
    assert_eq!(home.night("2024-04-11T03:00:00").report.diagnostics.get(Code::CellLost), 0);
}

#[test]
fn a_run_says_whether_the_stack_took_the_job_that_goes_on() {
    for (jobs, continues, why) in [
        (Some(202), true, None),
        (Some(403), false, Some("its manifest lacks POST on io.cozy.jobs")),
        (Some(429), false, Some("the stack answered with status 429")),
        (None, false, Some("the stack did not answer")),
    ] {
        let mut home = home(json!({}));
        home.terms("1", true, "2024-03-01T08:00:00Z");
        for page in ["faq", "options", "analysis", "water", "gas"] {
            home.event("NavigationEvent", "2024-04-09T10:00:00", json!({"_id": page, "target": page}));
        }
        (home.limit, home.jobs) = (Some(90), jobs);
        let report = home.run("2024-04-10T03:00:00").report;
        assert_eq!((report.end, report.continues), (End::OutOfTime, continues), "{jobs:?}");
        let said = home.warned.iter().find(|message| message.contains("no job could be had"));
        assert_eq!(said.is_some(), why.is_some(), "{jobs:?} {:?}", home.warned);
        assert!(why.is_none_or(|why| said.unwrap().ends_with(why)), "{said:?}");
    }
}
