//! Usage events in, anonymous measures out, on the person's own device.
//!
//! A [home](aggregate_home) is everything that one person's Cozy holds for us:
//! usage events, terms, a profile, loads. The [catalog](catalog::Catalog) says, as
//! data, which *indicators* exist. Over each day or month that is over, and that
//! the person's [consent](consent::Consent) covers, each indicator is folded to
//! [measures](measure::Measure):
//! `<createdBy, measureName, startDate, value, group1..3>`. What cannot be used is
//! counted in the [diagnostics](diagnostics::Diagnostics) and never stops the rest.
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
//! Nothing here reads a clock, a network, a file or a random source. What is needed
//! of the world comes in as [`Options`], or is asked of a host as an [`effect`].
//!
//! Each module at the root is a room, and names only rooms below it. From the bottom
//! up:
//!
//! - `base`, `limits`, the one [`Error`] and the [`diagnostics`] serve every other;
//! - `scan`, `couch` and `decode` read documents, and the [`calendar`] places them on
//!   days;
//! - a [`measure`] is what may leave; [`ecolyo`] is what is still known of one app;
//!   the [`catalog`] holds the indicators;
//! - [`consent`], [`memory`] and [`options`] say which days count, what earlier runs
//!   remember and what is configured;
//! - the `timeline` keeps events by class, the `facts` what later days need of earlier
//!   ones, a `fold` turns events of a period into values, and [`compute`] computes
//!   every period that is due;
//! - the [`ledger`] knows what became of each measure;
//! - [`effect`] is what is asked of a host, `store` where documents are, `remote` the
//!   server of measures;
//! - [`preview`], [`explain`], [`run`] and `rights` use all of these;
//! - `wasm` alone knows JavaScript.

pub mod app;
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
