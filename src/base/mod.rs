//! What any program could use: nothing here knows documents, days or people.

mod collections;
pub(crate) mod decimal;
pub(crate) mod hash;
pub(crate) mod hex;
pub(crate) mod interner;
pub(crate) mod json;
pub(crate) mod sort;
pub(crate) mod text;

pub use collections::{Map, Set};
