//! What an app's configuration says, and how it changes between nights.

use std::sync::LazyLock;

use dacc_aggregator::Options;
use dacc_aggregator::calendar::ClockKind;
use dacc_aggregator::catalog::CatalogFile;
use dacc_aggregator::options::MonthlyStartDate;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::clock::{self, DAY, HOUR};
use crate::oracle::{LEDGER, MEMORY};
use crate::random::Random;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub clock: ClockKind,
    pub zone: &'static str,
    pub created_by: &'static str,
    pub monthly_start_date: MonthlyStartDate,
    /// The doctypes of the ledger and the memory.
    pub measures: &'static str,
    pub memory: &'static str,
    /// Which of [`CATALOGS`].
    pub catalog: usize,
    /// After how many days entries of the ledger are deleted.
    pub ledger_days: Option<u32>,
}

impl Config {
    pub fn of(clock: ClockKind) -> Config {
        Config {
            clock,
            zone: "Europe/Paris",
            created_by: "ecolyo",
            monthly_start_date: MonthlyStartDate::Month,
            measures: LEDGER,
            memory: MEMORY,
            catalog: 0,
            ledger_days: None,
        }
    }

    pub fn options(&self) -> Options {
        let mut options = clock::options_in(self.zone);
        options.clock = self.clock;
        options.created_by = Some(self.created_by.to_owned());
        options.monthly_start_date = self.monthly_start_date;
        options.doctypes.measures = self.measures.to_owned();
        options.doctypes.memory = self.memory.to_owned();
        options.retention.ledger = self.ledger_days;
        options.catalog.clone_from(&CATALOGS[self.catalog].file);
        options
    }

    /// Whether each observation of an indicator is sent by itself.
    pub fn sends_each(&self, name: &str) -> bool {
        CATALOGS[self.catalog].each.contains(&name)
    }
}

pub struct Variant {
    pub file: Option<CatalogFile>,
    /// The indicators whose observations are sent by themselves.
    pub each: &'static [&'static str],
}

/// Indicators whose definition is not the same in all catalogs.
pub const CHANGING: [&str; 8] = [
    "quiz-stars",
    "event-duration",
    "session-duration",
    "navigation-count-daily",
    "konnector-connected-daily",
    "konnector-attempts-monthly",
    "visits",
    "refreshes",
];

/// The built-in catalog, and what somebody may make of it while days are open.
pub static CATALOGS: LazyLock<Vec<Variant>> = LazyLock::new(|| {
    let with = |change: &dyn Fn(&mut Vec<Value>), each| {
        let app: Value = serde_json::from_str(include_str!("../../apps/ecolyo/app.json")).unwrap();
        let mut catalog = json!({"indicators": app["indicators"]});
        change(catalog["indicators"].as_array_mut().unwrap());
        let file = serde_json::from_value(catalog).expect("a catalog of these tests is one");
        Variant { file: Some(file), each }
    };
    let named = |all: &mut Vec<Value>, name: &str, field: &str, value: Value| {
        let indicator = all.iter_mut().find(|indicator| indicator["name"] == name).unwrap();
        if value.is_null() {
            indicator.as_object_mut().unwrap().remove(field);
        } else {
            indicator[field] = value;
        }
    };
    let added = |all: &mut Vec<Value>, name: &str, period: &str, kind: &str, value: Value| {
        all.push(json!({"name": name, "period": period, "description": "d", "purpose": "p",
            "events": [{"type": kind}], "value": value}));
    };
    let count = || json!({"kind": "count"});
    let until = || json!({"kind": "count", "until": {"field": "result", "is": "success"}});
    vec![
        Variant { file: None, each: &[] },
        with(
            &|all| {
                for name in ["quiz-stars", "event-duration", "session-duration"] {
                    named(all, name, "contribution", "each".into());
                }
            },
            &["quiz-stars", "event-duration", "session-duration"],
        ),
        with(&|all| named(all, "konnector-connected-daily", "identity", Value::Null), &[]),
        with(
            &|all| {
                let page = all.iter_mut().find(|i| i["name"] == "navigation-count-daily").unwrap();
                page["groups"][0]["key"] = "view".into();
            },
            &[],
        ),
        with(&|all| added(all, "visits", "day", "ConnectionEvent", count()), &[]),
        with(&|all| added(all, "visits", "month", "ConnectionEvent", count()), &[]),
        with(&|all| added(all, "refreshes", "month", "KonnectorRefreshEvent", until()), &[]),
        with(
            &|all| {
                named(all, "konnector-attempts-monthly", "identity", Value::Null);
                named(all, "quiz-stars", "contribution", "each".into());
            },
            &["quiz-stars"],
        ),
        with(&|all| all.retain(|indicator| indicator["name"] != "navigation-count-daily"), &[]),
    ]
});

/// When the configuration becomes another, and which.
pub fn changes(random: &mut Random, first: &Config, from: Date, nights: u64) -> Vec<(u64, Config)> {
    let noon = clock::at(from, 12, 0);
    let mut config = first.clone();
    let mut changes = Vec::new();
    let mut at = noon;
    for _ in 0..random.between(1, 4) {
        at += random.below(nights / 2 + 2) * DAY + random.below(HOUR);
        match random.below(12) {
            0 => config.clock = random.pick(&[ClockKind::Wall, ClockKind::Instant]),
            1 => config.zone = random.pick(&["Europe/Paris", "Pacific/Kiritimati", "America/Sao_Paulo"]),
            2 => config.created_by = random.pick(&["ecolyo", "someone"]),
            3 => {
                config.monthly_start_date =
                    random.pick(&[MonthlyStartDate::Month, MonthlyStartDate::RunDate]);
            }
            4 => config.measures = random.pick(&[LEDGER, "org.example.measures"]),
            // What another memory would take up has to be what the home lives under.
            5 if config == (Config { catalog: config.catalog, memory: config.memory, ..first.clone() }) => {
                config.memory = random.pick(&[MEMORY, "org.example.memory"]);
                changes.push((at, config.clone()));
                return changes;
            }
            _ => config.catalog = usize::try_from(random.below(CATALOGS.len() as u64)).unwrap(),
        }
        changes.push((at, config.clone()));
    }
    changes
}
