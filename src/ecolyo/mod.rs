//! What the engine still knows of one app: Ecolyo's event types, its fluids and
//! konnectors, what it keeps beside events, and its defaults.
//!
//! All of it stands here so that a description can take its place.

mod defaults;
mod doctypes;
mod fluid;
mod inputs;

pub(crate) use defaults::{
    CONNECTION, DEFAULT_CONSENT_VERSION, DEFAULT_CREATED_BY, DEFAULT_SERVICE, DEFAULT_SLUG,
    default_konnectors,
};
pub use defaults::{DEFAULT_REMOTE, DEFAULT_ZONE};
pub use doctypes::Doctypes;
pub use fluid::Fluid;
pub(crate) use inputs::{HomeInputs, HomeInputsReader, LOAD_FIELDS};
