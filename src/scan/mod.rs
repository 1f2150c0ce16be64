//! Bytes to documents: which text is a document, and what its fields hold.
//!
//! Nothing is turned into a tree of values. A document stays the slice of
//! bytes it was read from; the few fields an indicator needs are found in it,
//! and a number keeps the digits it was written with.

mod document;
mod field;
mod framing;

pub(crate) use document::Document;
pub(crate) use field::{Field, entries, fields};
pub(crate) use framing::{events, object};
