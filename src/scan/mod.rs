//! Bytes to documents: which text is a document, and what its fields hold.
//!
//! Nothing is turned into a tree of values. A document stays the slice of
//! bytes it was read from; the few fields an indicator needs are found in it,
//! and a number keeps the digits it was written with.

mod block;
mod document;
mod field;
mod framing;
mod leap;
mod names;
mod number;
mod place;
mod reader;
mod scanner;
mod step;
mod string;

#[cfg(any(test, fuzzing))]
pub mod laws;
#[cfg(test)]
mod tests;

pub(crate) use document::{Document, entries, fields, fields_named, object};
pub(crate) use field::{Field, ValueKinds};
pub(crate) use framing::AnswerEnd;
pub(crate) use names::Names;
pub(crate) use scanner::{Found, Scanner, events};
