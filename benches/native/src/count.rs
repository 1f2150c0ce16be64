//! The work whose instructions callgrind counts.

use std::error::Error;
use std::hint::black_box;

use dacc_aggregator::{Options, Outcome};

use crate::input::{self, Shape};
use crate::work::aggregate;

/// All that the built-in catalog makes of a year.
const OPTIONS: &str = r#"{
    "now": "2026-01-01T02:00:00",
    "from": "2025-01-01",
    "to": "2025-12-31",
    "months": ["2025-01", "2025-06", "2025-12"],
    "consent": [{ "from": "2020-01-01" }]
}"#;

pub fn count(events: usize, shape: Shape) -> Result<(), Box<dyn Error>> {
    let mut bytes = Vec::new();
    input::write(events, shape, false, &mut bytes)?;
    let options = Options::from_json(OPTIONS)?;
    // What is made once for all calls is not counted.
    aggregate(b"[]", &options)?;
    let outcome = counted_work(&bytes, &options)?;
    println!("{} measures", outcome.measures.len());
    Ok(())
}

/// Callgrind collects only while this runs: it is found by its name.
#[inline(never)]
fn counted_work(bytes: &[u8], options: &Options) -> Result<Outcome, dacc_aggregator::Error> {
    black_box(aggregate(black_box(bytes), black_box(options)))
}
