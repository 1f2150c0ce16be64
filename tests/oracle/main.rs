//! An oracle: the catalog interpreted once more, slowly and plainly, by another
//! author's code, with dates, decimals and readers of its own. Random homes,
//! catalogs, descriptions of apps and questions are put to both.
//!
//! `CATALOG`, `APPS`, `PREVIEW` and `NIGHTS` say how many cases each test tries, and
//! `FROM` from which seed on.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod apps;
mod arbitrary;
#[allow(dead_code, reason = "the simulation uses the rest")]
#[path = "../simulation/cozy.rs"]
mod cozy;
mod dates;
mod decimal;
mod home;
mod interpreter;
mod nights;
mod pattern;
mod preview;
#[path = "../simulation/random.rs"]
mod random;
mod reading;
mod shrink;
#[allow(dead_code, reason = "the simulation uses the rest")]
#[path = "../simulation/store.rs"]
mod store;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use dacc_aggregator::calendar::Transition;
use dacc_aggregator::{Options, aggregate, aggregate_home};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use arbitrary::{Case, Document};

/// So many cases are tried wherever the tests run.
const CASES: u64 = 4_000;
const APPS: u64 = 2_000;

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

fn transitions(name: &str) -> Vec<Transition> {
    thread_local! {
        static KNOWN: RefCell<BTreeMap<String, Vec<Transition>>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        let made = known.entry(name.to_owned()).or_insert_with(|| {
            let zone = TimeZone::get(name).unwrap();
            let (start, end) = (Timestamp::UNIX_EPOCH, "2040-01-01T00:00:00Z".parse().unwrap());
            let initial = Transition { at: None, offset: zone.to_offset(start).seconds() };
            let later = zone.following(start).take_while(|change| change.timestamp() < end).map(|change| {
                Transition { at: Some(change.timestamp().as_second()), offset: change.offset().seconds() }
            });
            std::iter::once(initial).chain(later).collect()
        });
        made.clone()
    })
}

/// The options as a native host hands them over; `None` if they cannot be used.
fn options(options: &Value) -> Option<Options> {
    let mut read = Options::from_json(&options.to_string()).ok()?;
    read.transitions = Some(transitions(options["zone"].as_str().unwrap_or("Europe/Paris")));
    read.check().ok()?;
    Some(read)
}

/// The home as one text.
fn home(case: &Case) -> String {
    let doctypes = case.home.iter().map(|(doctype, documents)| {
        let texts: Vec<String> = documents.iter().map(Document::text).collect();
        format!("{}:[{}]", Value::from(doctype.as_str()), texts.join(","))
    });
    format!("{{{}}}", doctypes.collect::<Vec<_>>().join(","))
}

/// The home as the oracle reads it.
fn plain_home(case: &Case) -> reading::Home {
    let mut home = reading::Home::new();
    for (doctype, documents) in &case.home {
        home.entry(doctype.clone()).or_default().extend(documents.iter().map(Document::text));
    }
    home
}

/// Payloads, sorted: those of the library, and those there should be.
type Both = (Vec<String>, Vec<String>);

fn written(measures: &[dacc_aggregator::measure::Measure]) -> Vec<String> {
    let mut payloads: Vec<String> = measures.iter().map(|measure| measure.to_json()).collect();
    payloads.sort();
    payloads
}

fn expected(case: &Case, measures: &[interpreter::Measure]) -> Vec<String> {
    let app = reading::App::of(&case.options);
    let created_by = case.options["createdBy"].as_str().unwrap_or(&app.slug);
    let mut payloads: Vec<String> = measures.iter().map(|measure| measure.payload(created_by)).collect();
    payloads.sort();
    payloads
}

/// What both make of a whole home; `None` if the library refuses the question.
fn of_home(case: &Case) -> Option<Both> {
    let options = options(&case.options)?;
    let given = aggregate_home(home(case).as_bytes(), &options).ok()?;
    Some((written(&given.measures), expected(case, &interpreter::measures(&plain_home(case), &case.options))))
}

/// What both make of its events alone.
fn of_events(case: &Case) -> Option<Both> {
    case.options.get("consent")?;
    let options = options(&case.options)?;
    let app = reading::App::of(&case.options);
    let events = case.home.iter().filter(|(doctype, _)| *doctype == app.doctype);
    let texts: Vec<String> = events.flat_map(|(_, documents)| documents).map(Document::text).collect();
    let given = aggregate(format!("[{}]", texts.join(",")).as_bytes(), &options).ok()?;
    let home = BTreeMap::from([(app.doctype.clone(), texts)]);
    Some((written(&given.measures), expected(case, &interpreter::measures_of_events(&home, &case.options))))
}

/// Payloads that have to be the same; `None` if there is nothing to compare.
type Way = fn(&Case) -> Option<Both>;

fn differs(case: &Case, both: Way) -> bool {
    both(case).is_some_and(|(given, wanted)| given != wanted)
}

/// A failing case for a person: as small as can be, and what differs.
fn told(case: Case, both: Way) -> String {
    let case = shrink::shrunk(case, &|case| differs(case, both));
    let (given, wanted) = both(&case).unwrap();
    let mut text = format!("  options {}\n", case.options);
    for (doctype, documents) in &case.home {
        for document in documents {
            let _ = writeln!(text, "  {doctype} {}", document.text());
        }
    }
    text + &difference(&given, &wanted)
}

/// What is on one side alone, each as often as it is.
fn difference(given: &[String], wanted: &[String]) -> String {
    let mut text = String::new();
    for (name, here, there) in [("given", given, wanted), ("right", wanted, given)] {
        let mut there = there.to_vec();
        for payload in here {
            match there.iter().position(|other| other == payload) {
                Some(at) => drop(there.swap_remove(at)),
                None => text += &format!("  {name} {payload}\n"),
            }
        }
    }
    text
}

#[derive(Default)]
struct Found {
    broken: Vec<(u64, String)>,
    /// Cases without anything to compare.
    refused: u64,
    measures: u64,
}

/// Tries cases on every core; fails with those that differ, and if most cases
/// say nothing.
fn searched(name: &str, cases: u64, case: &(dyn Fn(u64) -> Case + Sync), ways: &[Way]) {
    found(name, cases, &|seed, found: &mut Found| {
        let case = case(seed);
        match ways[0](&case) {
            None => found.refused += 1,
            Some((given, _)) => found.measures += given.len() as u64,
        }
        if let Some(way) = ways.iter().find(|way| differs(&case, **way)) {
            found.broken.push((seed, told(case, *way)));
        }
    });
}

fn found(name: &str, cases: u64, tried: &(dyn Fn(u64, &mut Found) + Sync)) {
    let from = number("FROM", 0);
    let most = usize::try_from(number("MOST", 5)).unwrap();
    let started = Instant::now();
    let next = AtomicU64::new(from);
    let search = || {
        let mut found = Found::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + cases || found.broken.len() >= most {
                return found;
            }
            tried(seed, &mut found);
        }
    };
    let mut found = Found::default();
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(2, usize::from);
        let searches: Vec<_> = (0..threads).map(|_| scope.spawn(search)).collect();
        for search in searches {
            let other = search.join().expect("a case is tried to its end");
            found.broken.extend(other.broken);
            found.refused += other.refused;
            found.measures += other.measures;
        }
    });
    found.broken.sort();
    let mut out = std::io::stderr();
    let seconds = started.elapsed().as_secs_f64();
    let Found { refused, measures, .. } = found;
    let _ =
        writeln!(out, "\n{name}: {cases} cases, {refused} refused, {measures} measures, in {seconds:.1} s");
    let mut report = String::new();
    for (seed, told) in &found.broken {
        let variable = name.to_uppercase();
        let _ = writeln!(
            report,
            "\nseed {seed}: FROM={seed} {variable}=1 cargo test --test oracle {name}\n{told}"
        );
    }
    assert!(found.broken.is_empty(), "{report}");
    // Cases that are refused, or give nothing, would say nothing.
    if cases > 100 {
        assert!(refused * 2 < cases && measures * 2 > cases, "most cases say nothing");
    }
}

#[test]
fn catalog_and_home_give_what_the_contract_says() {
    searched("catalog", number("CATALOG", CASES), &arbitrary::case, &[of_home, of_events]);
}

#[test]
fn apps_give_what_their_descriptions_say() {
    searched("apps", number("APPS", APPS), &apps::case, &[of_events]);
}
