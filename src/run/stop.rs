//! Why a run stops before it is through.

use crate::error::Error;
use crate::store::Failure;

/// Why the run stopped, and at what.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub(super) struct Stop {
    what: String,
    pub(super) why: Failure,
}

impl Stop {
    /// A stop because something is wrong with `what`.
    pub(super) fn because(what: &str, error: Error) -> Stop {
        Stop { what: what.to_owned(), why: Failure::Settings(error.to_string()) }
    }

    /// Turns a failure at `what` into a stop.
    pub(super) fn at(what: &str) -> impl Fn(Failure) -> Stop {
        move |why| Stop { what: what.to_owned(), why }
    }
}
