//! Every test, stage by stage, and a table of how it went.

mod full;
mod fuzz;
mod stage;

use std::cell::OnceCell;
use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::build;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::report::{self, Colour};
use crate::setup::{self, Browser, Rust};

use full::FULL;
use stage::{STAGES, Stage};

/// How a stage ended, if it did not fail.
enum Outcome {
    Passed,
    Skipped(String),
}

/// What stages run with. Each part is got once, by the row of the table that
/// is named after it, and is an error for every stage that wants it after
/// that row failed.
struct Bench<'a> {
    project: &'a Project,
    rust: OnceCell<Rust>,
    bindgen: OnceCell<PathBuf>,
    browser: OnceCell<Browser>,
    npm: OnceCell<()>,
    package: OnceCell<()>,
}

impl Bench<'_> {
    fn rust(&self) -> Result<&Rust> {
        self.rust.get().ok_or_else(|| missing("the wasm target"))
    }

    fn bindgen(&self) -> Result<&PathBuf> {
        self.bindgen.get().ok_or_else(|| missing("wasm-bindgen"))
    }

    fn npm(&self) -> Result<()> {
        self.npm.get().copied().ok_or_else(|| missing("npm packages"))
    }

    fn package(&self) -> Result<()> {
        self.package.get().copied().ok_or_else(|| missing("pkg/"))
    }
}

fn missing(what: &str) -> Error {
    Error::new(format!("not run: {what} failed, see above"))
}

struct Row {
    name: &'static str,
    time: Duration,
    outcome: Result<Outcome>,
}

#[derive(Default)]
struct Table(Vec<Row>);

impl Table {
    /// Announces a stage, runs it, says how it went and goes on.
    fn run(&mut self, name: &'static str, what: &str, stage: impl FnOnce() -> Result<Outcome>) {
        report::heading(&format!("{name}: {what}"));
        let started = Instant::now();
        let outcome = stage();
        let time = started.elapsed();
        let took = report::seconds(time);
        match &outcome {
            Ok(Outcome::Passed) => println!("{name}: ok ({took})\n"),
            Ok(Outcome::Skipped(why)) => println!("{name}: skipped, {why}\n"),
            Err(error) => {
                report::error(&error.to_string());
                println!("{name}: failed ({took})\n");
            }
        }
        self.0.push(Row { name, time, outcome });
    }

    fn failed(&self) -> bool {
        self.0.iter().any(|row| row.outcome.is_err())
    }

    fn print(&self) {
        report::heading("summary");
        for row in &self.0 {
            let (colour, word, note) = match &row.outcome {
                Ok(Outcome::Passed) => (Colour::Green, "ok", String::new()),
                Ok(Outcome::Skipped(why)) => (Colour::Yellow, "skipped", shortened(why)),
                Err(error) => (Colour::Red, "failed", shortened(&error.to_string())),
            };
            let word = report::paint(colour, &format!("{word:<7}"));
            let time = report::paint(Colour::Dim, &format!("{:>11}", report::seconds(row.time)));
            println!("  {:<9} {word} {time}  {note}", row.name);
        }
    }
}

/// Enough of a sentence to find the whole of it above.
fn shortened(text: &str) -> String {
    const WIDTH: usize = 80;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(WIDTH) {
        None => line.to_owned(),
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

pub fn list() {
    for stage in STAGES.iter().chain([&FULL]) {
        println!("{:<9} {}", stage.name, stage.what);
    }
}

/// Runs the stages that `only` names, or all of them; the one that `full` adds
/// beside them.
pub fn test(project: &Project, only: Option<&str>, full: bool) -> Result<ExitCode> {
    let mut stages = selected(only)?;
    if full && !stages.iter().any(|stage| stage.name == FULL.name) {
        stages.push(&FULL);
    }
    let wants = |need: fn(&stage::Needs) -> bool| stages.iter().any(|stage| need(&stage.needs));
    let bench = Bench {
        project,
        rust: OnceCell::new(),
        bindgen: OnceCell::new(),
        browser: OnceCell::new(),
        npm: OnceCell::new(),
        package: OnceCell::new(),
    };
    let mut table = Table::default();
    let package = wants(|needs| needs.package);
    let wasm = wants(|needs| needs.wasm) || package;
    let npm = wants(|needs| needs.npm) || package;
    if wasm || npm {
        table.run("setup", "what is missing", || set_up(&bench, wasm, npm));
    }
    if wants(|needs| needs.browser) {
        table.run("browser", "Chromium and its driver", || browser(&bench));
    }
    if package {
        table.run("build", "pkg/", || {
            bench.npm()?;
            build::build(project, bench.rust()?, bench.bindgen()?, false)?;
            // Set once: this row runs once.
            let _ = bench.package.set(());
            Ok(Outcome::Passed)
        });
    }
    for stage in stages {
        table.run(stage.name, stage.what, || (stage.run)(&bench));
    }
    table.print();
    Ok(if table.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn selected(only: Option<&str>) -> Result<Vec<&'static Stage>> {
    let Some(only) = only else {
        return Ok(STAGES.iter().collect());
    };
    let names: Vec<&str> = only.split(',').map(str::trim).collect();
    let all = || STAGES.iter().chain([&FULL]);
    if let Some(unknown) = names.iter().find(|name| all().all(|stage| stage.name != **name)) {
        let known: Vec<&str> = all().map(|stage| stage.name).collect();
        return Err(Error::new(format!("`{unknown}` is not a stage; these are: {}", known.join(", "))));
    }
    Ok(all().filter(|stage| names.contains(&stage.name)).collect())
}

/// Gets each thing even if another failed, so that as much as possible runs.
fn set_up(bench: &Bench<'_>, wasm: bool, npm: bool) -> Result<Outcome> {
    let mut log = setup::Log::default();
    let mut failures = Vec::new();
    let mut keep = |failure: Error| failures.push(failure.to_string());
    if wasm {
        match log.step("wasm target", || setup::rust::provide(bench.project)) {
            Ok(rust) => drop(bench.rust.set(rust)),
            Err(error) => keep(error),
        }
        match log.step("wasm-bindgen", || setup::bindgen::provide(bench.project)) {
            Ok(programs) => drop(bench.bindgen.set(programs)),
            Err(error) => keep(error),
        }
    }
    if npm {
        match log.step("npm packages", || setup::npm::provide(bench.project)) {
            Ok(()) => drop(bench.npm.set(())),
            Err(error) => keep(error),
        }
    }
    log.finish();
    if failures.is_empty() { Ok(Outcome::Passed) } else { Err(Error::new(failures.join("\n"))) }
}

/// A missing browser is only an inconvenience, except where nobody would
/// notice that it is missing.
fn browser(bench: &Bench<'_>) -> Result<Outcome> {
    let mut log = setup::Log::default();
    match log.step("browser", || setup::browser::provide(bench.project)) {
        Ok(browser) => {
            let _ = bench.browser.set(browser);
            log.finish();
            Ok(Outcome::Passed)
        }
        Err(error) if is_ci() => Err(error),
        Err(error) => Ok(Outcome::Skipped(error.to_string())),
    }
}

fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_run_in_their_own_order() {
        let stages = selected(Some("js, format")).unwrap();
        let names: Vec<&str> = stages.iter().map(|stage| stage.name).collect();
        assert_eq!(names, ["format", "js"]);
    }

    #[test]
    fn an_unknown_stage_is_named() {
        let Err(error) = selected(Some("format,nothing")) else {
            panic!("it was accepted");
        };
        assert!(error.to_string().contains("`nothing`"));
    }
}
