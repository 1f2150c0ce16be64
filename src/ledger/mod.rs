//! The ledger: what a home contributes, once and never again.
//!
//! Each contribution is one document whose `_id` follows from its identity, so
//! that CouchDB's own conflict keeps it from being planned twice, also by two
//! runs at once. The document is outbox and receipt: it holds the measure, what
//! became of it and when, and the consent it rests on.
//!
//! ```text
//! planned ─→ sending ─→ sent
//!    │  ↖──────┤  ├───→ refused
//!    │         │  ├───→ held (until the server has its definition, or 30 days)
//!    ↓         │  └───→ unknown (and back, only where that is configured)
//! cancelled    └ surely did not arrive
//! ```
//!
//! Beside it stands a claim, whose `_id` follows from the cell of the server
//! that the measure falls into. Identities follow from the catalog and the
//! configuration, which change; a cell is what the server sees. A measure leaves
//! only if its run owns both. Where retention deleted entries, a date stands for
//! them, up to which nothing is planned any more.

mod computation;
mod entry;
mod identity;
mod plan;
mod settled;

pub(crate) use computation::{Computation, compute};
#[cfg(feature = "rights")]
pub(crate) use entry::COMMAND;
pub(crate) use entry::Entry;
pub use entry::State;
pub(crate) use identity::{Claim, Contribution, RecordedContribution};
pub(crate) use plan::{LedgerView, Owner, Plan, plan};
#[cfg(feature = "rights")]
pub(crate) use settled::last_day_of;
pub(crate) use settled::{SETTLED_ID, Settled};
