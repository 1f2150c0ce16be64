//! Set-up: everything a fresh machine lacks, once.

pub mod bindgen;
pub mod browser;
mod debian;
pub mod npm;
pub mod postgres;
pub mod rust;

use std::path::PathBuf;
use std::time::Instant;

use crate::error::Result;
use crate::project::Project;
use crate::report;

pub use rust::Rust;

/// What building and running the wasm module takes.
pub struct Tools {
    pub rust: Rust,
    /// The folder of `wasm-bindgen` and `wasm-bindgen-test-runner`.
    pub bindgen: PathBuf,
}

/// Whether a step found what it was after, or had to get it.
pub enum Done {
    Found(String),
    Got(String),
}

/// Collects what the steps found, and says at once what they got.
#[derive(Default)]
pub struct Log {
    found: Vec<String>,
}

impl Log {
    /// Runs one step and says how it went.
    pub fn step<T>(&mut self, what: &str, step: impl FnOnce() -> Result<(T, Done)>) -> Result<T> {
        let started = Instant::now();
        let (made, done) = step()?;
        match done {
            Done::Found(how) => self.found.push(how),
            Done::Got(how) => {
                let time = report::seconds(started.elapsed());
                report::step(what, &format!("{how} ({time})"));
            }
        }
        Ok(made)
    }

    /// One line for everything that was there already.
    pub fn finish(self) {
        if !self.found.is_empty() {
            report::step("set-up", &format!("there: {}", self.found.join(", ")));
        }
    }
}

/// Gets whatever is missing; the browser only where the caller wants one.
pub fn setup(project: &Project, browser: bool) -> Result<Tools> {
    let mut log = Log::default();
    let rust = log.step("wasm target", || rust::provide(project))?;
    let bindgen = log.step("wasm-bindgen", || bindgen::provide(project))?;
    log.step("npm packages", || npm::provide(project))?;
    if browser {
        log.step("browser", || browser::provide(project))?;
    }
    log.finish();
    Ok(Tools { rust, bindgen })
}
