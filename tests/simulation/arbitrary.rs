//! Random schedules: a life, the nights' runs, and what goes wrong with them.

use dacc_aggregator::calendar::ClockKind;
use jiff::civil::{Date, date};

use crate::clock::{self, DAY, HOUR, MINUTE, SECOND};
use crate::command::{self, Ordered};
use crate::config::{self, Config};
use crate::fault::{FAULTS, Fault, Faults};
use crate::life::{Habits, Life, life};
use crate::random::Random;

#[derive(Debug, Clone)]
pub struct Schedule {
    pub seed: u64,
    pub life: Life,
    pub runs: Vec<Planned>,
    /// When the machine's clock is set, and to how much off.
    pub jumps: Vec<(u64, i64)>,
    /// Measures that the DACC does not know, each until a time or for good.
    pub unregistered: Vec<(&'static str, Option<u64>)>,
    /// From when on it knows a page under the key `view`.
    pub view_from: Option<u64>,
    /// What the app is configured with, and when it becomes another.
    pub config: Config,
    pub changes: Vec<(u64, Config)>,
    /// Commands of the person's rights.
    pub commands: Vec<Ordered>,
    /// Whether second tries and continuations have faults of their own.
    pub is_wild: bool,
    /// The day after the last night.
    pub end: Date,
}

/// A run as it is begun by the stack.
#[derive(Debug, Clone)]
pub struct Planned {
    pub at: u64,
    /// The seconds after which it is killed.
    pub limit: Option<u64>,
    pub has_job: bool,
    /// Whether it is the stack's second try of the run planned before it.
    pub is_again: bool,
    pub faults: Faults,
    pub crash: Option<Crash>,
    pub pace: Pace,
}

impl Planned {
    /// A run in which nothing goes wrong.
    pub fn clean(at: u64) -> Planned {
        Planned {
            at,
            limit: Some(3_600),
            has_job: true,
            is_again: false,
            faults: Faults::None,
            crash: None,
            pace: Pace::Fast,
        }
    }

    /// Whether nothing is done to it.
    pub fn is_undisturbed(&self) -> bool {
        self.faults == Faults::None && self.crash.is_none() && matches!(self.pace, Pace::Fast)
    }
}

/// The process dies when it is told to perform this effect.
#[derive(Debug, Clone, Copy)]
pub struct Crash {
    pub effect: usize,
    pub mode: Mode,
    /// Whether the stack lives on and begins the job again at once.
    pub again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Before its request leaves.
    Before,
    /// After its request was handled.
    After,
    /// While its request is under way, for seconds.
    UnderWay,
}

/// How long requests take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Fast,
    Moderate,
    /// Each up to so many seconds.
    Slow(u64),
    /// The DACC alone.
    SlowDacc,
}

impl Pace {
    /// Milliseconds to the server and back.
    pub fn of(self, is_send: bool, random: &mut Random) -> (u64, u64) {
        let most = match self {
            Pace::Moderate => 1_500,
            Pace::Slow(seconds) => seconds * SECOND / 2,
            Pace::SlowDacc if is_send => 9_500,
            Pace::Fast | Pace::SlowDacc => 40,
        };
        (random.between(1, most), random.between(1, most))
    }
}

pub fn schedule(seed: u64) -> Schedule {
    let random = &mut Random::new(seed);
    let nights = match random.below(1_000) {
        0..600 => random.between(2, 4),
        600..850 => random.between(5, 8),
        850..985 => random.between(9, 15),
        985..998 => random.between(30, 70),
        _ => random.between(200, 450),
    };
    let from = first_date(random);
    let days = i64::try_from(nights).unwrap();
    let end = from.checked_add(jiff::Span::new().days(days)).unwrap();
    let clock = random.pick(&[ClockKind::Wall, ClockKind::Wall, ClockKind::Instant]);
    let trouble = random.pick(&[0, 0, 100, 300, 300, 600, 900]);
    let missed = random.pick(&[0, 0, 0, 200, 500]);
    let mut runs = Vec::new();
    let mut day = from;
    for _ in 0..nights {
        day = day.tomorrow().unwrap();
        if !random.chance(missed) {
            let hour = random.pick(&[0, 1, 2, 2, 3, 4]);
            let at = clock::at(day, hour, 0) + random.below(HOUR);
            night(random, at, trouble, &mut runs);
        }
    }
    let mut jumps = if random.chance(250) { jumps(random, from, nights) } else { Vec::new() };
    let habits = Habits {
        clock,
        from,
        to: end,
        nights: runs.iter().map(|run| run.at).collect(),
        active: if nights > 100 { 60 } else { random.pick(&[300, 700, 950]) },
        late: random.pick(&[0, 0, 200, 500]),
        deletes: random.chance(150),
        wavers: random.chance(350),
        crowded: random.chance(3),
    };
    let mut life = life(random, &habits);
    // A clock that is ahead settles days before their events happen.
    life.is_plain &= jumps.is_empty();
    let some_day = |random: &mut Random| clock::at(from, 12, 0) + random.below(nights + 1) * DAY;
    let known_from = |random: &mut Random| random.chance(600).then(|| some_day(random));
    let unregistered = match random.below(6) {
        0 => vec![("quiz-stars", known_from(random))],
        1 => vec![
            ("navigation-count-daily", known_from(random)),
            ("connection-count-monthly", known_from(random)),
        ],
        _ => Vec::new(),
    };
    let mut config = Config::of(clock);
    let begun: Vec<u64> = runs.iter().map(|run| run.at).collect();
    let (mut changes, mut commands) = (Vec::new(), Vec::new());
    match random.below(10) {
        0..3 => changes = config::changes(random, &config, from, nights),
        3 | 4 => commands = command::ordered(random, &config, from, &begun, nights),
        _ => {}
    }
    let view_from = random.chance(300).then(|| some_day(random)).filter(|_| !changes.is_empty());
    let seed = random.next();
    // Last, so that the other schedules stay what they are without it.
    if random.chance(300) {
        let ledger_days = Some(random.pick(&[0, 0, 100, 200]));
        config.ledger_days = ledger_days;
        changes.iter_mut().for_each(|(_, config)| config.ledger_days = ledger_days);
        if random.chance(600) {
            jumps.extend(ages(random, from, nights));
            jumps.sort_unstable();
            life.is_plain = false;
        }
    }
    Schedule {
        seed,
        life,
        runs,
        jumps,
        unregistered,
        view_from,
        config,
        changes,
        commands,
        is_wild: trouble > 0,
        end,
    }
}

fn first_date(random: &mut Random) -> Date {
    let year = i16::try_from(random.between(2021, 2033)).unwrap();
    match random.below(8) {
        // The nights around which the clocks change.
        0 => date(year, 3, i8::try_from(random.between(20, 30)).unwrap()),
        1 => date(year, 10, i8::try_from(random.between(20, 30)).unwrap()),
        2..5 => date(year, i8::try_from(random.between(1, 12)).unwrap(), random.pick(&[27, 28, 1, 2, 3])),
        _ => {
            let offset = i64::try_from(random.below(365)).unwrap();
            date(year, 1, 1).checked_add(jiff::Span::new().days(offset)).unwrap()
        }
    }
}

fn night(random: &mut Random, at: u64, trouble: u64, runs: &mut Vec<Planned>) {
    runs.push(planned(random, at, trouble));
    if random.chance(60) {
        // Two at once, or while the first is still under way.
        let apart = random.pick(&[5, 200, 20 * SECOND, 5 * MINUTE, 15 * MINUTE]);
        let at = at + random.below(apart);
        runs.push(planned(random, at, trouble));
    }
}

pub fn planned(random: &mut Random, at: u64, trouble: u64) -> Planned {
    let mut planned = Planned { limit: Some(300), ..Planned::clean(at) };
    if random.chance(300) {
        planned.limit = random.pick(&[None, Some(50), Some(60), Some(120), Some(3_600), Some(9_000)]);
    }
    planned.has_job = random.chance(850);
    if !random.chance(trouble) {
        return planned;
    }
    planned.pace = match random.below(20) {
        0..3 => Pace::Moderate,
        3 => Pace::Slow(20),
        4 => Pace::Slow(28),
        5 => Pace::Slow(6),
        6..8 => Pace::SlowDacc,
        _ => Pace::Fast,
    };
    planned.faults = match random.below(10) {
        0..2 => Faults::None,
        2 => Faults::Each(10),
        3 => Faults::Each(60),
        4 => Faults::Each(250),
        5 => Faults::Sends(400),
        6 => {
            let from = u32::try_from(random.below(60)).unwrap();
            let length = u32::try_from(random.between(1, 12)).unwrap();
            Faults::Burst(from, from + length, random.pick(&FAULTS))
        }
        7 => Faults::At(
            u32::try_from(random.below(25)).unwrap(),
            random.pick(&[Fault::AnswerLost, Fault::Late]),
        ),
        _ => Faults::At(u32::try_from(random.below(60)).unwrap(), random.pick(&FAULTS)),
    };
    if random.chance(400) {
        planned.crash = Some(Crash {
            effect: usize::try_from(random.between(1, 80)).unwrap(),
            mode: random.pick(&[Mode::Before, Mode::After, Mode::After, Mode::UnderWay]),
            again: random.chance(600),
        });
    }
    planned
}

/// Clocks that are so far ahead that entries are old, and are set back again:
/// to what they were, or to before the first night.
fn ages(random: &mut Random, from: Date, nights: u64) -> Vec<(u64, i64)> {
    let begin = clock::at(from, 12, 0);
    let ahead = i64::try_from(random.between(95, 400) * DAY).unwrap();
    let first = random.below(nights + 1);
    let mut ages = vec![(begin + first * DAY, ahead)];
    if random.chance(800) {
        let off = random.pick(&[0, 0, -1, -3]) * i64::try_from(DAY).unwrap();
        ages.push((begin + (first + random.between(1, nights)) * DAY, off));
    }
    ages
}

fn jumps(random: &mut Random, from: Date, nights: u64) -> Vec<(u64, i64)> {
    let begin = clock::at(from, 12, 0);
    let mut jumps = Vec::new();
    for _ in 0..random.between(1, 3) {
        let most = match random.below(20) {
            0..8 => 20 * MINUTE,
            8..14 => 26 * HOUR,
            14..19 => 40 * DAY,
            _ => 1_500 * DAY,
        };
        let off = i64::try_from(random.below(most)).unwrap();
        let off = match random.below(5) {
            0 | 1 => off,
            2 | 3 => -off,
            // Set right again.
            _ => 0,
        };
        jumps.push((begin + random.below(nights + 1) * DAY, off));
    }
    jumps.sort_unstable();
    jumps
}
