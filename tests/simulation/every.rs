//! Not at random: each fault at each request, and a crash after each effect.

use crate::arbitrary::{Crash, Mode, Schedule};
use crate::clock::{self, DAY, SECOND};
use crate::fault::{FAULTS, Faults};
use crate::mutation::Mutation;
use crate::quiet::{FIRST_NIGHT, nothing_breaks, pages, quiet};
use crate::world;

/// More than a run of the small home makes.
const REQUESTS: u32 = 48;
const EFFECTS: usize = 56;

/// Two nights of a home with a few measures, some of a month.
fn home() -> Schedule {
    let mut schedule = quiet(2);
    pages(&mut schedule);
    schedule.life.first_day = Some(FIRST_NIGHT.yesterday().unwrap());
    schedule.unregistered = vec![("quiz-stars", None)];
    schedule
}

#[test]
fn each_fault_at_each_request_breaks_nothing() {
    for fault in FAULTS {
        for request in 0..REQUESTS {
            let mut schedule = home();
            schedule.runs[0].faults = Faults::At(request, fault);
            nothing_breaks(&schedule);
            // As often as it is tried.
            schedule.runs[0].faults = Faults::Burst(request, request + 4, fault);
            nothing_breaks(&schedule);
            // In the last run that is not clean, too.
            schedule.runs[1].faults = Faults::At(request, fault);
            nothing_breaks(&schedule);
        }
    }
}

#[test]
fn a_crash_after_each_effect_breaks_nothing() {
    for effect in 1..EFFECTS {
        for mode in [Mode::Before, Mode::After, Mode::UnderWay] {
            for again in [false, true] {
                let mut schedule = home();
                schedule.runs[0].crash = Some(Crash { effect, mode, again });
                nothing_breaks(&schedule);
            }
        }
    }
}

#[test]
fn a_crash_after_each_effect_of_both_tries_breaks_nothing() {
    for first in 1..EFFECTS {
        for second in 1..EFFECTS {
            let mode = [Mode::After, Mode::UnderWay][(first + second) % 2];
            let mut schedule = home();
            schedule.runs[0].crash = Some(Crash { effect: first, mode, again: false });
            let mut again = schedule.runs[0].clone();
            again.at = clock::at(FIRST_NIGHT, 2, 0) + 5 * SECOND;
            again.is_again = true;
            again.crash = Some(Crash { effect: second, mode: Mode::After, again: false });
            schedule.runs.insert(1, again);
            nothing_breaks(&schedule);
        }
    }
}

/// Three nights, the second under a clock to which the first is long over.
fn ages() -> Schedule {
    let mut schedule = quiet(3);
    pages(&mut schedule);
    schedule.life.first_day = Some(FIRST_NIGHT.yesterday().unwrap());
    schedule.life.is_plain = false;
    schedule.config.ledger_days = Some(0);
    let noon = clock::at(FIRST_NIGHT, 12, 0);
    schedule.jumps = vec![(noon, 150 * i64::try_from(DAY).unwrap()), (noon + DAY, 0)];
    schedule
}

#[test]
fn a_crash_after_each_effect_of_a_night_that_deletes_entries_breaks_nothing() {
    let reached = |schedule: &Schedule| {
        let (violations, statistics) = world::run(schedule, Mutation::None);
        assert!(violations.is_empty(), "{violations:#?}");
        let missed = statistics.missed();
        ["an entry is deleted", "a settled period is not planned"].map(|branch| !missed.contains(&branch))
    };
    assert_eq!(reached(&ages()), [true, true]);
    for effect in 1..EFFECTS {
        for mode in [Mode::Before, Mode::After, Mode::UnderWay] {
            for again in [false, true] {
                let mut schedule = ages();
                schedule.runs[1].crash = Some(Crash { effect, mode, again });
                reached(&schedule);
            }
        }
    }
}

#[test]
fn each_fault_at_each_request_of_a_night_that_deletes_entries_breaks_nothing() {
    for fault in FAULTS {
        for request in 0..REQUESTS {
            let mut schedule = ages();
            schedule.runs[1].faults = Faults::At(request, fault);
            nothing_breaks(&schedule);
            schedule.runs[1].faults = Faults::Burst(request, request + 4, fault);
            nothing_breaks(&schedule);
        }
    }
}
