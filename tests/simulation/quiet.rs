//! A home in which little happens, for schedules made by hand.

use dacc_aggregator::calendar::ClockKind;
use jiff::civil::{Date, date};
use serde_json::json;

use crate::arbitrary::{Planned, Schedule};
use crate::clock;
use crate::config::Config;
use crate::life::{ACCOUNTS, Action, EVENTS, Life, Step};
use crate::mutation::Mutation;
use crate::world;

pub const FIRST_NIGHT: Date = date(2024, 3, 12);

/// So many nights of a home with electricity and consent, and nothing else.
pub fn quiet(nights: usize) -> Schedule {
    let given = clock::at(date(2024, 3, 1), 12, 0);
    let runs = FIRST_NIGHT.series(jiff::Span::new().days(1)).take(nights);
    let mut life =
        Life { clock: ClockKind::Wall, first_day: None, actions: Vec::new(), is_plain: true, deletes: false };
    let account = json!({"account_type": "enedisgrandlyon"});
    life.actions.push((given, Action::Put { doctype: ACCOUNTS, id: "account".into(), document: account }));
    let mut schedule = Schedule {
        seed: 1,
        life,
        runs: runs
            .clone()
            .map(|day| Planned { limit: Some(300), ..Planned::clean(clock::at(day, 2, 0)) })
            .collect(),
        jumps: Vec::new(),
        config: Config::of(ClockKind::Wall),
        changes: Vec::new(),
        commands: Vec::new(),
        view_from: None,
        unregistered: Vec::new(),
        is_wild: false,
        end: runs.last().unwrap().tomorrow().unwrap(),
    };
    consent(&mut schedule, given, false);
    schedule
}

pub fn consent(schedule: &mut Schedule, at: u64, is_withdrawal: bool) {
    consent_told(schedule, at, at, is_withdrawal);
}

/// Terms of one time that are written at another.
pub fn consent_told(schedule: &mut Schedule, told: u64, at: u64, is_withdrawal: bool) {
    let mut steps = schedule.life.actions.iter().rev().find_map(|(_, action)| match action {
        Action::Terms { steps, .. } => Some(steps.clone()),
        _ => None,
    });
    let steps = steps.get_or_insert_default();
    steps.push(Step { order: clock::order(ClockKind::Wall, at), is_withdrawal, day: clock::date(at) });
    let document =
        json!({"accepted": !is_withdrawal, "version": "1.0.0", "date": clock::written(ClockKind::Wall, at)});
    let id = format!("terms-{}", steps.len());
    schedule.life.actions.push((told, Action::Terms { id, document, steps: steps.clone() }));
}

/// Pages seen on the day before the first night: some measures more.
pub fn pages(schedule: &mut Schedule) {
    for (hour, page) in (8..).zip(["analysis", "consumption", "challenges", "options", "water", "gas"]) {
        let at = clock::at(FIRST_NIGHT.yesterday().unwrap(), hour, 0);
        let document = json!({"type": "NavigationEvent", "target": page, "aggregated": false,
            "eventDate": clock::written(ClockKind::Wall, at)});
        schedule.life.actions.push((at, Action::Put { doctype: EVENTS, id: page.into(), document }));
    }
}

pub fn nothing_breaks(schedule: &Schedule) {
    let (violations, _) = world::run(schedule, Mutation::None);
    assert!(violations.is_empty(), "{violations:#?}");
}
