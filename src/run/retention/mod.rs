//! Deletes what was kept long enough; off unless it is configured.

mod events;
mod ledger;

pub(super) use events::{Asked, apply as delete_events};
pub(super) use ledger::apply as delete_entries;
