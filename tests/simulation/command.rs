//! A command of the person's rights, on another machine than the service's: it
//! works on the same Cozy, request by request, while runs may be under way.

use std::collections::BTreeMap;

use dacc_aggregator::Options;
use dacc_aggregator::rights::{Effect, Input, Operation, Task};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::clock::{self, DAY, HOUR, SECOND};
use crate::config::Config;
use crate::life::{EVENTS, TERMS};
use crate::oracle::{LEDGER, MEMORY};
use crate::random::Random;

/// A command as it is begun.
#[derive(Debug, Clone)]
pub struct Ordered {
    pub at: u64,
    pub kind: Kind,
    /// How far its machine's clock is off.
    pub off: i64,
    /// What it is configured with.
    pub config: Config,
    /// After how many effects it is killed.
    pub killed: Option<usize>,
    /// Milliseconds that a request takes at most, there or back.
    pub pace: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of everything, or of what lies before a day so many days back.
    Purge {
        state: bool,
        before: Option<u64>,
    },
    /// A backup of this home, which a later recovery may use.
    Backup,
    RecoverOwn,
    /// Of a stranger's backup.
    RecoverForeign,
    /// Of a stranger's export.
    Import,
    /// A stranger's home file.
    Merge,
}

/// How a command is asked for.
fn task(kind: Kind, today: Date) -> String {
    match kind {
        Kind::Purge { state, before } => {
            let before = before.map(|back| {
                let back = i64::try_from(back).unwrap();
                today.checked_sub(jiff::Span::new().days(back)).unwrap().to_string()
            });
            let command = json!({"purge": {"state": state, "before": before, "backup": false}});
            json!({"home": "cozy", "command": command}).to_string()
        }
        Kind::Backup => r#"{"home": "cozy", "command": {"export": {}}}"#.into(),
        Kind::RecoverOwn | Kind::RecoverForeign => {
            r#"{"home": "cozy", "command": {"recover": {"files": 1}}}"#.into()
        }
        Kind::Import => r#"{"home": "cozy", "command": {"import": {"onConflict": "skip"}}}"#.into(),
        Kind::Merge => {
            r#"{"home": "cozy", "former": "file", "command": {"merge": {"backup": false}}}"#.into()
        }
    }
}

/// A command that is under way.
pub struct Command {
    pub ordered: Ordered,
    pub is_alive: bool,
    pub effects: usize,
    operation: Operation,
    /// The files that it reads and makes.
    files: BTreeMap<String, Vec<u8>>,
}

impl Command {
    /// Begins one, on files of this content.
    pub fn new(ordered: Ordered, now: u64, seed: u64, input: Option<Vec<u8>>) -> Command {
        let mut options: Options = ordered.config.options();
        options.now = Some(clock::instant(now));
        let task: Task = serde_json::from_str(&task(ordered.kind, clock::date(now))).unwrap();
        let name = if ordered.kind == Kind::Merge { "former" } else { "input:0" };
        let files = input.into_iter().map(|content| (name.to_owned(), content)).collect();
        let operation = Operation::new(task, options, seed).unwrap();
        Command { ordered, is_alive: true, effects: 0, operation, files }
    }

    /// Goes on until it waits for something that takes time, or ends.
    pub fn step(&mut self, clock: u64, mut input: Input) -> Effect {
        loop {
            let effect = self.operation.step(clock, input).pop().unwrap();
            input = match effect {
                Effect::Read { file, at, length } => match self.files.get(&file) {
                    None => Input::Failed(format!("{file}: there is none")),
                    Some(content) => {
                        let from = usize::try_from(at).unwrap().min(content.len());
                        Input::Bytes(content[from..(from + length).min(content.len())].to_vec())
                    }
                },
                Effect::Append { file, bytes } => {
                    // A home file is made anew beside the one that is read.
                    let file = if file == "former" { "former:new".to_owned() } else { file };
                    self.files.entry(file).or_default().extend(bytes);
                    Input::Done
                }
                Effect::Commit { file } => {
                    if file == "former"
                        && let Some(made) = self.files.remove("former:new")
                    {
                        self.files.insert(file, made);
                    }
                    Input::Done
                }
                Effect::Discard { file } => {
                    self.files.remove(&file);
                    Input::Done
                }
                Effect::Offsets { zone, .. } => Input::Offsets(clock::offsets(&zone)),
                effect => return effect,
            };
        }
    }

    /// What an export made.
    pub fn output(&mut self) -> Option<Vec<u8>> {
        self.files.remove("output")
    }
}

/// Texts that only a stranger's events have: no measure of this home ever holds one.
pub const FOREIGN: [&str; 3] = ["options", "FOREIGN1", "foreign"];

fn foreign_home(random: &mut Random, config: &Config, at: u64) -> Value {
    let mut events = Vec::new();
    for number in 0..random.between(1, 8) {
        let back = if random.chance(600) { DAY } else { 20 * DAY };
        let when = at + DAY / 2 - random.below(back + DAY / 2);
        let mut event = match random.below(3) {
            0 => json!({"type": "NavigationEvent", "target": "options"}),
            1 => json!({"type": "ChallengeLaunchEvent", "target": "FOREIGN1"}),
            _ => json!({"type": "KonnectorAttemptEvent", "target": "foreign", "result": "success"}),
        };
        event["_id"] = format!("f{number:03}").into();
        event["eventDate"] = clock::written(config.clock, when).into();
        events.push(event);
    }
    let accepted = json!({"_id": "foreign-terms", "accepted": true, "version": "1.0.0",
        "date": clock::written(config.clock, at - 400 * DAY)});
    let yesterday = clock::date(at - DAY).to_string();
    let entry = json!({"_id": format!("navigation-count-daily:{yesterday}:options"), "state": "planned",
        "waits": true, "period": yesterday, "plannedAt": clock::instant(at), "changedAt": clock::instant(at),
        "stamp": "run-0", "measure": {"createdBy": "ecolyo", "measureName": "navigation-count-daily",
            "startDate": yesterday, "value": 1, "group1": {"page": "options"}}});
    json!({EVENTS: events, TERMS: [accepted], LEDGER: [entry],
        MEMORY: [{"_id": "memory", "home": "stranger", "memory": {"firstDay": yesterday}}]})
}

/// The file that a stranger's command is given.
pub fn foreign(random: &mut Random, kind: Kind, config: &Config, at: u64) -> Option<Vec<u8>> {
    let home = foreign_home(random, config, at).to_string().into_bytes();
    match kind {
        Kind::Merge => Some(home),
        Kind::Import | Kind::RecoverForeign => Some(exported(home, config, at)),
        _ => None,
    }
}

/// A stranger's export, as the program makes it of a home file.
fn exported(home: Vec<u8>, config: &Config, at: u64) -> Vec<u8> {
    let mut options = config.options();
    options.now = Some(clock::instant(at));
    let task: Task = serde_json::from_str(r#"{"home": "file", "command": {"export": {}}}"#).unwrap();
    let ordered = Ordered { at, kind: Kind::Backup, off: 0, config: config.clone(), killed: None, pace: 1 };
    let operation = Operation::new(task, options, 1).unwrap();
    let files = BTreeMap::from([("home".to_owned(), home)]);
    let mut command = Command { ordered, is_alive: true, effects: 0, operation, files };
    match command.step(at, Input::Start) {
        Effect::Done(_) => command.output().unwrap(),
        other => panic!("a stranger's home is exported: {other:?}"),
    }
}

/// Commands between the nights, and some while a run is under way.
pub fn ordered(random: &mut Random, config: &Config, from: Date, runs: &[u64], nights: u64) -> Vec<Ordered> {
    let mut ordered = Vec::new();
    for _ in 0..random.between(1, 3) {
        let kind = match random.below(9) {
            0 | 1 => Kind::Purge { state: false, before: None },
            2 => Kind::Purge { state: true, before: None },
            3 => Kind::Purge { state: random.chance(500), before: Some(random.below(12)) },
            4 => Kind::RecoverForeign,
            5 | 6 => Kind::Import,
            7 => Kind::Merge,
            _ => Kind::Backup,
        };
        let day = clock::at(from, 12, 0) + random.below(nights + 1) * DAY + random.below(6 * HOUR);
        let at = match runs.first() {
            // It meets the first run, or another.
            Some(first) if random.chance(400) => first - 6 * SECOND + random.below(9 * SECOND),
            Some(_) if random.chance(500) => random.pick(runs) - 6 * SECOND + random.below(9 * SECOND),
            _ => day,
        };
        let days = |days: u64| i64::try_from(days * DAY).unwrap();
        let off = random.pick(&[0, 0, 0, -days(7), days(7), -days(40), days(40), days(6_500)]);
        let mut config = config.clone();
        if random.chance(300) {
            config.clock = random.pick(&[
                dacc_aggregator::calendar::ClockKind::Wall,
                dacc_aggregator::calendar::ClockKind::Instant,
            ]);
        }
        let killed = random.chance(200).then(|| usize::try_from(random.between(1, 40)).unwrap());
        let pace = random.pick(&[5, 40, 400]);
        ordered.push(Ordered { at, kind, off, config: config.clone(), killed, pace });
        if kind == Kind::Backup {
            ordered.push(Ordered {
                at: at + DAY,
                kind: Kind::Purge { state: random.chance(500), before: None },
                off,
                config: config.clone(),
                killed: None,
                pace,
            });
            ordered.push(Ordered {
                at: at + 2 * DAY,
                kind: Kind::RecoverOwn,
                off,
                config,
                killed: None,
                pace,
            });
        }
    }
    ordered
}
