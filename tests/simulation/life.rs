//! A person's life with the app: what is written to their Cozy, and when.

use dacc_aggregator::calendar::ClockKind;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::clock::{self, DAY, HOUR, MINUTE, SECOND};
use crate::random::Random;

pub const EVENTS: &str = "com.grandlyon.ecolyo.usageevents";
pub const TERMS: &str = "com.grandlyon.ecolyo.term";
pub const PROFILE: &str = "com.grandlyon.ecolyo.profile";
pub const PROFILE_TYPE: &str = "com.grandlyon.ecolyo.profiletype";
pub const HALF_HOURS: &str = "com.grandlyon.enedis.minute";
pub const ACCOUNTS: &str = "io.cozy.accounts";
pub const TRIGGERS: &str = "io.cozy.triggers";

/// The doctypes of a home that a computation reads.
pub const HOME: [&str; 10] = [
    EVENTS,
    TERMS,
    PROFILE,
    PROFILE_TYPE,
    HALF_HOURS,
    ACCOUNTS,
    TRIGGERS,
    "com.grandlyon.enedis.month",
    "com.grandlyon.egl.month",
    "com.grandlyon.grdf.month",
];

/// One change of consent, as the terms tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    pub order: i64,
    /// Of two at one moment, the withdrawal stands.
    pub is_withdrawal: bool,
    pub day: Date,
}

#[derive(Debug, Clone)]
pub enum Action {
    Put {
        doctype: &'static str,
        id: String,
        document: Value,
    },
    Delete {
        id: String,
    },
    /// Writes a document of the terms, after which these steps are told.
    Terms {
        id: String,
        document: Value,
        steps: Vec<Step>,
    },
}

#[derive(Debug, Clone)]
pub struct Life {
    pub clock: ClockKind,
    pub first_day: Option<Date>,
    /// In the order of time.
    pub actions: Vec<(u64, Action)>,
    /// Whether everything is written at once and kept: then what a run
    /// computes follows from the documents alone.
    pub is_plain: bool,
    /// Whether the app deletes events that are old.
    pub deletes: bool,
}

/// How a life goes.
#[derive(Debug, Clone)]
pub struct Habits {
    pub clock: ClockKind,
    /// The days lived through.
    pub from: Date,
    pub to: Date,
    /// When the service runs.
    pub nights: Vec<u64>,
    /// Days with events, of a thousand.
    pub active: u64,
    /// Events written later than they happen, of a thousand.
    pub late: u64,
    pub deletes: bool,
    /// Whether consent is withdrawn now and then.
    pub wavers: bool,
    /// A day with more events than a page holds.
    pub crowded: bool,
}

pub fn life(random: &mut Random, habits: &Habits) -> Life {
    let mut actions = Vec::new();
    terms(random, habits, &mut actions);
    home(random, habits, &mut actions);
    let mut day = habits.from;
    let mut crowded = habits.crowded;
    while day <= habits.to {
        if random.chance(habits.active) {
            let mut count = random.between(1, 7);
            if std::mem::take(&mut crowded) {
                count = random.between(999, 1_100);
            }
            for _ in 0..count {
                event(random, habits, day, &mut actions);
            }
        }
        day = day.tomorrow().unwrap();
    }
    actions.sort_by_key(|(at, _)| *at);
    let first_day = random.chance(200).then(|| {
        let back = i64::try_from(random.between(0, 45)).unwrap();
        habits.from.checked_sub(jiff::Span::new().days(back - 10)).unwrap()
    });
    let is_plain = habits.late == 0 && !habits.deletes;
    Life { clock: habits.clock, first_day, actions, is_plain, deletes: habits.deletes }
}

fn terms(random: &mut Random, habits: &Habits, actions: &mut Vec<(u64, Action)>) {
    let begin = clock::at(habits.from, 0, 0);
    let span = clock::at(habits.to, 0, 0) - begin;
    let mut at = match random.below(10) {
        0 if random.chance(500) => begin + random.below(span.max(1)),
        1..=3 => begin + random.below(DAY),
        _ => begin - random.below(50 * DAY),
    };
    let mut steps: Vec<Step> = Vec::new();
    let step = |is_withdrawal, at| Step {
        order: clock::order(habits.clock, at),
        is_withdrawal,
        day: clock::date(at),
    };
    // Of what is told late, the date lies before the day on which it is told,
    // and not before that of what it follows.
    let dated = |random: &mut Random, at: u64, after: u64| match random.chance(200) {
        true => at - random.below((at - after.min(at)).min(6 * DAY) + 1),
        false => at,
    };
    let mut after = at;
    for round in 0.. {
        let id = format!("terms-{round}");
        let version = random.pick(&["1.0.0", "1.0", "v1.2", "1.10.0", "2.0.0", "3", "0.9.0"]);
        after = dated(random, at, after);
        let mut document =
            json!({"accepted": true, "version": version, "date": clock::written(habits.clock, after)});
        if version != "0.9.0" {
            steps.push(step(false, after));
        }
        actions
            .push((at, Action::Terms { id: id.clone(), document: document.clone(), steps: steps.clone() }));
        if !habits.wavers || random.chance(300) {
            return;
        }
        // Often while a run is under way.
        let later = habits.nights.iter().copied().filter(|night| *night > at).collect::<Vec<_>>();
        let most = random.pick(&[3 * SECOND, 40 * SECOND, 5 * MINUTE]);
        at = if later.is_empty() || random.chance(300) {
            at + random.between(MINUTE, span + DAY)
        } else {
            random.pick(&later) + random.below(most)
        };
        after = dated(random, at, after);
        steps.push(step(true, after));
        if random.chance(500) {
            document["revokedAt"] = clock::written(habits.clock, after).into();
            actions.push((at, Action::Terms { id, document, steps: steps.clone() }));
        } else {
            let document =
                json!({"accepted": false, "version": "1.0.0", "date": clock::written(habits.clock, after)});
            actions.push((at, Action::Terms { id: format!("{id}-no"), document, steps: steps.clone() }));
        }
        if random.chance(350) {
            return;
        }
        at += if random.chance(400) { random.between(SECOND, HOUR) } else { random.below(span + DAY) };
    }
}

fn home(random: &mut Random, habits: &Habits, actions: &mut Vec<(u64, Action)>) {
    let begin = clock::at(habits.from, 0, 0) - 60 * DAY;
    let mut put = |at: u64, doctype: &'static str, id: String, document: Value| {
        actions.push((at, Action::Put { doctype, id, document }));
    };
    if random.chance(850) {
        let due = random.pick(&[1, 3, 5, 15, 28, 31]);
        let wants = random.pick(&[Some(true), Some(false), None]);
        let profile = json!({
            "monthlyAnalysisDate": format!("2020-01-{due:02}T12:00:00Z"),
            "sendAnalysisNotification": wants,
        });
        put(begin, PROFILE, "profile".into(), profile);
    }
    if random.chance(500) {
        let document =
            json!({"warmingFluid": "electricity", "updateDate": clock::written(habits.clock, begin)});
        put(begin, PROFILE_TYPE, "type-0".into(), document);
    }
    for (at, name) in ["enedisgrandlyon", "eglgrandlyon", "grdfgrandlyon"].into_iter().enumerate() {
        if random.chance(450) {
            put(begin, ACCOUNTS, format!("account-{at}"), json!({"account_type": name}));
            let status = if random.chance(200) { "errored" } else { "done" };
            let trigger =
                json!({"message": {"account": format!("account-{at}")}, "current_state": {"status": status}});
            put(begin, TRIGGERS, format!("trigger-{at}"), trigger);
        }
    }
    let mut month = habits.from.first_of_month().checked_sub(jiff::Span::new().months(2)).unwrap();
    while month <= habits.to {
        let at = begin.max(clock::at(month.last_of_month(), 12, 0));
        for doctype in ["com.grandlyon.enedis.month", "com.grandlyon.egl.month", "com.grandlyon.grdf.month"] {
            if random.chance(600) {
                let load = i32::try_from(random.below(40_000)).unwrap();
                let document =
                    json!({"load": f64::from(load) / 100.0, "year": month.year(), "month": month.month()});
                put(at, doctype, format!("load-{month}"), document);
            }
        }
        if random.chance(400) {
            let document = json!({"load": 0.25, "year": month.year(), "month": month.month(), "day": 2, "hour": 1, "minute": 30});
            put(at, HALF_HOURS, format!("half-{month}"), document);
        }
        month = month.checked_add(jiff::Span::new().months(1)).unwrap();
    }
}

fn event(random: &mut Random, habits: &Habits, day: Date, actions: &mut Vec<(u64, Action)>) {
    let midnight = clock::at(day, 0, 0);
    let at = midnight + random.between(6 * HOUR, 24 * HOUR - 1);
    let earlier = clock::written(habits.clock, at - random.between(0, 5 * DAY));
    let challenge = random.pick(&["CHALLENGE0001", "CHALLENGE0002", "lower"]);
    let duel = random.pick(&["DUEL001", "DUEL002"]);
    let mut document = match random.below(14) {
        0 | 1 => json!({"type": "ConnectionEvent", "context": random.pick(&["desktop", "mobile"])}),
        2 => json!({"type": "ConnectionEvent", "result": "firstConnection"}),
        3 | 4 => {
            json!({"type": "NavigationEvent", "target": random.pick(&["analysis", "consumption", "kitchen"])})
        }
        5 => json!({"type": random.pick(&["KonnectorConnectEvent", "KonnectorRefreshEvent"]),
            "target": random.pick(&["enedis", "egl"]), "result": random.pick(&["success", "error"])}),
        6 => json!({"type": "KonnectorAttemptEvent",
            "target": random.pick(&["enedis", "grdf"]), "result": random.pick(&["success", "error", "error"])}),
        7 => json!({"type": "ChallengeLaunchEvent", "target": challenge}),
        8 => json!({"type": "DuelLaunchEvent", "target": duel, "context": challenge}),
        9 => json!({"type": "DuelEndEvent", "target": duel, "startDate": earlier, "result": "win"}),
        10 => json!({"type": "QuizEndEvent", "target": "QUIZ001", "context": challenge,
            "startDate": earlier, "result": random.below(7)}),
        11 => {
            json!({"type": "ActionEndEvent", "target": "ECO01", "context": challenge, "startDate": earlier})
        }
        12 => json!({"type": "ProfileSetEvent"}),
        _ => json!({"type": "ReportFromEvent", "context": "analysis", "result": 1}),
    };
    document["eventDate"] = clock::written(habits.clock, at).into();
    document["aggregated"] = false.into();
    let id = format!("e{:08x}", random.below(1 << 32));
    let stored = if random.chance(habits.late) {
        let most = random.pick(&[2 * HOUR, DAY, 4 * DAY, 10 * DAY]);
        at + random.below(most)
    } else {
        at
    };
    if habits.deletes {
        actions.push((stored.max(at + 60 * DAY), Action::Delete { id: id.clone() }));
    }
    actions.push((stored, Action::Put { doctype: EVENTS, id, document }));
}
