//! The library as a Rust program uses it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod arbitrary;
mod catalog;
mod explain;
mod fixtures;
mod homes;
mod laws;
mod recording;
mod reference;
mod reproductions;
mod robustness;
mod rules;
mod scale;
mod traffic;
mod zone;
