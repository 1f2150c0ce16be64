//! The work that is measured: bytes in pieces, as they come over HTTP.

use dacc_aggregator::compute::Aggregation;
use dacc_aggregator::{Error, Options, Outcome};

/// As much as stays in a processor's cache; Node's streams give the same.
const PIECE: usize = 64 * 1024;

pub fn aggregate(bytes: &[u8], options: &Options) -> Result<Outcome, Error> {
    let mut aggregation = Aggregation::new(options.clone())?;
    bytes.chunks(PIECE).try_for_each(|piece| aggregation.feed(piece))?;
    aggregation.finish()
}
