//! Bytes to documents: which text is a document, and what its fields hold.
//!
//! Nothing is turned into a tree of values. A document stays the slice of
//! bytes it was read from; the few fields an indicator needs are found in it,
//! and a number keeps the digits it was written with.

mod document;
mod field;
mod framing;
mod scanner;

pub(crate) use document::Document;
pub(crate) use field::{Field, entries, fields};
pub(crate) use framing::{events, object};
#[allow(unused_imports, reason = "an aggregation will feed it")]
pub(crate) use scanner::{Found, Scanner, documents};
