//! Usage events in, anonymous measures out, on the person's own device.
//!
//! A [home](aggregate_home) is everything that one person's Cozy holds for us:
//! usage events, terms, a profile, loads. The [`Catalog`](catalog::Catalog) says, as data, which
//! *indicators* exist. Over each day or month that is over, and that the
//! person's [`Consent`](consent::Consent) covers, each indicator is folded to [`Measure`](measure::Measure)s:
//! `<createdBy, measureName, startDate, value, group1..3>`. What cannot be
//! used is counted as [`Diagnostics`](diagnostics::Diagnostics) and never stops the rest.
//!
//! ```
//! use dacc_aggregator::{Options, aggregate_home};
//!
//! let home = br#"{
//!     "com.grandlyon.ecolyo.term": [
//!         {"accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}
//!     ],
//!     "com.grandlyon.ecolyo.usageevents": [
//!         {"type": "NavigationEvent", "target": "analysis", "eventDate": "2024-03-09T14:03:11Z"}
//!     ]
//! }"#;
//! let options = Options::from_json(r#"{"now": "2024-03-10T02:00:00"}"#).unwrap();
//! let outcome = aggregate_home(home, &options).unwrap();
//! assert_eq!(
//!     outcome.measures[0].to_json(),
//!     r#"{"createdBy":"ecolyo","measureName":"navigation-count-daily","startDate":"2024-03-09","value":1,"group1":{"page":"analysis"}}"#
//! );
//! ```
//!
//! Nothing here reads a clock, a network, a file or a random source: what is
//! needed of the world comes in as [`Options`], or is asked of a host as an
//! [`effect`]. The rooms, from the bottom up: `base`, `limits`, [`diagnostics`]
//! and the one [`Error`] are everybody's; `scan`, `couch` and `decode` find
//! documents in bytes, [`calendar`] places them on days; [`measure`] is what may
//! leave, [`ecolyo`] what is known of the app, [`catalog`] which indicators there
//! are; [`consent`], [`memory`] and [`options`] are what a computation goes by;
//! `timeline` keeps what is left of events, `facts` what later days need of
//! earlier ones, `fold` makes values of them, [`compute`] all measures of the
//! periods that are due; [`ledger`] knows what became of each, `store` where
//! documents are, `remote` the server; [`preview`], [`explain`], [`run`] and
//! `rights` are what is done with all this. Only `wasm` knows JavaScript.

pub mod base;
pub mod calendar;
pub mod catalog;
pub mod compute;
pub mod consent;
mod couch;
mod decode;
pub mod diagnostics;
pub mod ecolyo;
pub mod effect;
mod error;
pub mod explain;
mod facts;
mod fold;
pub mod ledger;
mod limits;
pub mod measure;
pub mod memory;
pub mod options;
pub mod preview;
mod remote;
#[cfg(feature = "rights")]
pub mod rights;
pub mod run;
mod scan;
mod store;
mod timeline;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

#[cfg(fuzzing)]
pub use scan::laws;

pub use compute::{Outcome, aggregate};
pub use error::Error;
pub use options::Options;
pub use preview::aggregate_home;
