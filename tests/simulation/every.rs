//! Not at random: each fault at each request, and a crash after each effect.

use crate::arbitrary::{Crash, Mode, Schedule};
use crate::clock::{self, SECOND};
use crate::fault::{FAULTS, Faults};
use crate::quiet::{FIRST_NIGHT, nothing_breaks, pages, quiet};

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
