//! Where a person's documents are: the data API of a Cozy, a home file, and the
//! one document that a home keeps between its runs.

mod cozy;
mod home_file;
mod memory;
mod pages;

#[cfg(feature = "rights")]
pub(crate) use cozy::PagingGuard;
pub(crate) use cozy::{Cozy, Failure, Query, found, missing_permission};
pub(crate) use home_file::HomeFile;
pub(crate) use memory::{
    Continuations, LastRun, Lease, MEMORY_ID, MemoryDocument, read_memory, write_memory,
};
pub(crate) use pages::EventPages;
