//! What the engine knows of an app: in which documents its events are, of
//! which types they are, and what their fields are named and hold.
//!
//! All of it is data. What is read of a description is checked and compiled to
//! tables of small numbers once; what runs every night compares numbers.

mod event;
mod kind;
mod shape;
mod slots;
mod source;
mod types;

pub(crate) use event::{Event, FieldValue};
pub use kind::Kind;
pub use shape::Shape;
pub(crate) use shape::{FieldId, TARGET};
pub use source::{FieldDefinition, Source};
pub(crate) use types::TypeId;
