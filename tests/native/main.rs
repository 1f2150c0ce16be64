//! The library as a Rust program uses it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod app;
mod arbitrary;
mod catalog;
#[allow(dead_code, reason = "the simulation uses the rest")]
#[path = "../simulation/cozy.rs"]
mod cozy;
mod definitions;
mod descriptions;
mod endless;
mod explain;
mod fixtures;
mod homes;
mod laws;
mod leaves;
mod margin;
mod nights;
mod once;
mod pieces;
mod reading;
mod recording;
mod reference;
mod reproductions;
mod rights;
mod robustness;
mod rules;
mod scale;
mod schema;
mod settled;
#[allow(dead_code, reason = "the simulation uses the rest")]
#[path = "../simulation/store.rs"]
mod store;
mod structure;
mod traffic;
mod zone;
