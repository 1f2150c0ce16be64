//! Schedules that once broke something, made small.

use dacc_aggregator::calendar::ClockKind;
use jiff::civil::date;
use serde_json::json;

use crate::arbitrary::{Crash, Mode, Pace};
use crate::clock::{self, DAY, SECOND};
use crate::fault::{Fault, Faults, Reply};
use crate::life::{Action, EVENTS};
use crate::quiet::{FIRST_NIGHT, consent, consent_told, nothing_breaks, pages, quiet};

/// Of the first run's requests, all before its first send.
const PLAN: u32 = 10;
const MARK: u32 = 13;
const SEND: u32 = 14;

#[test]
fn a_quiet_home_has_nothing_to_complain_of() {
    nothing_breaks(&quiet(3));
    let mut schedule = quiet(3);
    pages(&mut schedule);
    nothing_breaks(&schedule);
}

#[test]
fn a_plan_that_cannot_be_written_is_not_remembered_as_computed() {
    let mut schedule = quiet(2);
    schedule.runs[0].faults = Faults::Burst(PLAN, PLAN + 4, Fault::Before(Reply::Stack(500)));
    nothing_breaks(&schedule);
}

#[test]
fn a_send_does_not_begin_long_after_consent_was_read() {
    let mut schedule = quiet(1);
    schedule.runs[0].faults = Faults::At(MARK, Fault::Slow);
    let at = schedule.runs[0].at;
    consent(&mut schedule, at + 5 * SECOND, true);
    nothing_breaks(&schedule);
}

#[test]
fn a_send_does_not_begin_when_the_time_is_over() {
    let mut schedule = quiet(1);
    schedule.runs[0].limit = Some(70);
    schedule.runs[0].faults = Faults::Burst(MARK, MARK + 2, Fault::Slow);
    nothing_breaks(&schedule);
}

#[test]
fn a_withdrawal_after_midnight_stops_a_run_that_began_before() {
    let mut schedule = quiet(1);
    pages(&mut schedule);
    schedule.runs[0].at = clock::at(FIRST_NIGHT, 23, 59) + 50 * SECOND;
    schedule.runs[0].pace = Pace::SlowDacc;
    schedule.end = FIRST_NIGHT.tomorrow().unwrap().tomorrow().unwrap();
    schedule.life.first_day = Some(FIRST_NIGHT.yesterday().unwrap());
    consent(&mut schedule, clock::at(FIRST_NIGHT.tomorrow().unwrap(), 0, 0) + 2 * SECOND, true);
    nothing_breaks(&schedule);
}

#[test]
fn a_withdrawal_stops_a_run_whose_clock_is_days_behind() {
    let mut schedule = quiet(3);
    schedule.life.first_day = Some(date(2024, 3, 1));
    let withdrawn = clock::at(FIRST_NIGHT, 12, 0);
    schedule.jumps.push((withdrawn, -3 * i64::try_from(DAY).unwrap()));
    schedule.runs[0].faults = Faults::At(SEND, Fault::Refused);
    consent(&mut schedule, withdrawn, true);
    nothing_breaks(&schedule);
}

#[test]
fn a_month_made_of_a_day_that_is_withdrawn_later_never_leaves() {
    let mut schedule = quiet(25);
    for day in [13, 30] {
        let at = clock::at(date(2024, 3, day), 10, 0);
        let document = json!({"type": "ConnectionEvent", "eventDate": clock::written(ClockKind::Wall, at)});
        let action = Action::Put { doctype: EVENTS, id: format!("e{day}"), document };
        schedule.life.actions.push((at, action));
    }
    // March waits for its definition when it is told of the withdrawal.
    let told = clock::at(date(2024, 4, 3), 12, 0);
    schedule.unregistered = vec![("connection-count-monthly", Some(told))];
    consent_told(&mut schedule, told, clock::at(date(2024, 3, 30), 10, 0), true);
    consent_told(&mut schedule, told, clock::at(date(2024, 3, 31), 10, 0), false);
    nothing_breaks(&schedule);
}

#[test]
fn the_lease_of_a_run_with_hours_of_time_holds() {
    let mut schedule = quiet(1);
    schedule.runs[0].limit = Some(9_000);
    let mut second = schedule.runs[0].clone();
    second.at += 300;
    schedule.runs.push(second);
    nothing_breaks(&schedule);
}

#[test]
fn the_day_of_a_first_run_that_crashed_is_caught_up() {
    let mut schedule = quiet(2);
    pages(&mut schedule);
    schedule.runs[0].crash = Some(Crash { effect: 8, mode: Mode::Before, again: false });
    nothing_breaks(&schedule);
}

#[test]
fn a_clock_set_back_before_consent_cancels_nothing() {
    let mut schedule = quiet(3);
    schedule.runs[0].crash = Some(Crash { effect: 15, mode: Mode::Before, again: false });
    let at = schedule.runs[0].at + DAY / 2;
    schedule.jumps.push((at, -40 * i64::try_from(DAY).unwrap()));
    schedule.jumps.push((at + DAY, 0));
    nothing_breaks(&schedule);
}

#[test]
fn no_event_is_read_after_a_withdrawal_is_known() {
    let mut schedule = quiet(1);
    pages(&mut schedule);
    schedule.runs[0].pace = Pace::SlowDacc;
    let at = schedule.runs[0].at;
    consent(&mut schedule, at + 2 * SECOND, true);
    nothing_breaks(&schedule);
}

#[test]
fn a_second_try_does_not_take_the_plan_of_the_first_for_its_own_mark() {
    let mut schedule = quiet(2);
    schedule.runs[0].crash = Some(Crash { effect: 15, mode: Mode::Before, again: false });
    let mut again = schedule.runs[0].clone();
    again.at += 2 * SECOND;
    again.is_again = true;
    // The mark is never stored; the process dies after its send.
    again.faults = Faults::Burst(11, 15, Fault::Before(Reply::Stack(500)));
    again.crash = Some(Crash { effect: 21, mode: Mode::After, again: false });
    schedule.runs.insert(1, again);
    nothing_breaks(&schedule);
}

#[test]
fn a_clock_set_back_between_a_withdrawal_and_an_acceptance_goes_by_the_withdrawal() {
    let mut schedule = quiet(3);
    schedule.runs[0].crash = Some(Crash { effect: 15, mode: Mode::Before, again: false });
    // To the next run it is 13:00 of the day on which both were told.
    let (withdrawn, accepted) = (clock::at(FIRST_NIGHT, 12, 0), clock::at(FIRST_NIGHT, 20, 0));
    consent(&mut schedule, withdrawn, true);
    consent(&mut schedule, accepted, false);
    schedule.jumps.push((accepted + 3_600 * SECOND, -13 * 3_600 * i64::try_from(SECOND).unwrap()));
    nothing_breaks(&schedule);
}
