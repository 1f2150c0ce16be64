//! Deletes what was kept long enough; off unless it is configured.

mod events;
mod ledger;

pub(super) use events::{EventFilter, apply as delete_events};
pub(super) use ledger::apply as delete_entries;
