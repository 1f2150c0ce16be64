//! A whole computation: it never panics, and pieces give what the whole gives.
//! The first byte is the length of the pieces.

#![no_main]

use std::sync::LazyLock;

use dacc_aggregator::compute::Aggregation;
use dacc_aggregator::{Error, Options, Outcome, aggregate};
use libfuzzer_sys::fuzz_target;

static OPTIONS: LazyLock<Options> = LazyLock::new(|| {
    let options = r#"{
        "now": "2024-04-03T02:00:00", "from": "2024-03-08", "to": "2024-03-10",
        "consent": [{"from": "2024-01-01"}]
    }"#;
    Options::from_json(options).unwrap()
});

fn in_pieces(text: &[u8], length: u8) -> Result<Outcome, Error> {
    let mut aggregation = Aggregation::new(OPTIONS.clone())?;
    for piece in text.chunks(usize::from(length).max(1)) {
        aggregation.feed(piece)?;
    }
    aggregation.finish()
}

fuzz_target!(|input: &[u8]| {
    let Some((&length, text)) = input.split_first() else { return };
    let told = |outcome: Result<Outcome, Error>| outcome.map_err(|error| error.to_string());
    assert_eq!(told(aggregate(text, &OPTIONS)), told(in_pieces(text, length)));
});
