//! A simulation that tries to break the delivery of measures: random lives,
//! nights and faults in a world of its own, under an oracle.
//!
//! `SEEDS` and `FROM` say how many schedules are lived through, and from which
//! on; `TRACE` tells what happens in them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod arbitrary;
mod clock;
mod command;
mod config;
mod cozy;
mod dacc;
mod every;
mod fault;
mod life;
mod mutation;
mod nights;
mod oracle;
mod process;
mod quiet;
mod random;
mod reproductions;
mod statistics;
mod store;
mod world;

use std::env;
use std::io::Write as _;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use mutation::Mutation;
use statistics::Statistics;

/// So many schedules are lived through wherever the tests run.
const SEEDS: u64 = 4_000;

/// What came of a range of seeds.
struct Found {
    /// The first seeds that break something, and what.
    broken: Vec<(u64, Vec<String>)>,
    statistics: Statistics,
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

/// Looks for violations that hold `by`, until there are enough.
fn search(from: u64, seeds: u64, most: usize, mutation: Mutation, by: &str) -> Found {
    let next = AtomicU64::new(from);
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let search = || {
        let mut found = Found { broken: Vec::new(), statistics: Statistics::default() };
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + seeds || found.broken.len() >= most {
                return found;
            }
            let (mut violations, statistics) = world::run(&arbitrary::schedule(seed), mutation);
            found.statistics.add(&statistics);
            violations.retain(|violation| violation.contains(by));
            if !violations.is_empty() {
                found.broken.push((seed, violations));
            }
        }
    };
    let mut found = Found { broken: Vec::new(), statistics: Statistics::default() };
    thread::scope(|scope| {
        let searches: Vec<_> = (0..threads).map(|_| scope.spawn(search)).collect();
        for search in searches {
            let other = search.join().expect("a schedule runs to its end");
            found.broken.extend(other.broken);
            found.statistics.add(&other.statistics);
        }
    });
    found.broken.sort();
    found
}

static FOUND: LazyLock<Found> = LazyLock::new(|| {
    let (from, seeds) = (number("FROM", 0), number("SEEDS", SEEDS));
    let started = Instant::now();
    let found = search(from, seeds, usize::try_from(number("MOST", 20)).unwrap(), Mutation::None, "");
    // Past the capture of the tests' output: the numbers are worth seeing.
    let mut out = std::io::stderr();
    let _ = writeln!(out, "\n{}in {:.1} s", found.statistics, started.elapsed().as_secs_f64());
    found
});

#[test]
fn whatever_goes_wrong_nothing_is_sent_twice_or_lost() {
    let mut report = String::new();
    for (seed, violations) in &FOUND.broken {
        report += &format!(
            "\nseed {seed}: FROM={seed} SEEDS=1 TRACE=1 cargo test --test simulation whatever -- --nocapture\n"
        );
        for violation in violations.iter().take(3) {
            report += &format!("  {violation}\n");
        }
    }
    assert!(FOUND.broken.is_empty(), "{report}");
}

#[test]
fn every_branch_is_reached_by_the_fixed_seeds() {
    if FOUND.statistics.schedules >= SEEDS {
        assert_eq!(FOUND.statistics.missed(), Vec::<&str>::new());
    }
}

/// How many seeds it takes at most until a wrong protocol is noticed.
const MUTATED_SEEDS: u64 = 4_000;

fn is_noticed(mutation: Mutation, by: &str) {
    let found = search(0, MUTATED_SEEDS, 1, mutation, by);
    assert!(!found.broken.is_empty(), "{mutation:?} is not noticed");
}

#[test]
fn a_send_without_its_mark_is_noticed() {
    is_noticed(Mutation::MarkSkipped, "accepted");
}

#[test]
fn an_outcome_stored_before_the_send_is_noticed() {
    is_noticed(Mutation::OutcomeFirst, "is sent, and accepted was");
}

#[test]
fn writes_over_old_revisions_are_noticed() {
    is_noticed(Mutation::ConflictsIgnored, "accepted");
}

#[test]
fn claims_to_cells_that_are_not_kept_are_noticed() {
    is_noticed(Mutation::ClaimsDropped, "in one cell");
}

#[test]
fn settings_that_a_home_forgets_are_noticed() {
    is_noticed(Mutation::SettingsForgotten, "is created by");
}

#[test]
fn consent_read_once_is_noticed() {
    is_noticed(Mutation::ConsentReadOnce, "begins without consent");
}
