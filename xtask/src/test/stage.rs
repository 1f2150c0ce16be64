//! The stages: one row each.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::fuzz::fuzz;
use super::schedule::{Outcome, Shared};
use crate::bench::instructions::{self, Verdict};
use crate::build::modules::BUILDS;
use crate::build::{self, sizes};
use crate::cost::building;
use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;
use crate::setup::rust::WASM;
use crate::setup::{self, Done};
use crate::stamp::files_below;

/// Seconds for the whole wasm suite in a browser; a machine that also
/// compiles is slow, and a suite that hangs is still noticed.
const BROWSER_SECONDS: &str = "300";

pub struct Stage {
    pub name: &'static str,
    pub what: &'static str,
    /// Stages that must have passed.
    pub needs: &'static [&'static str],
    /// Stages that must have ended before, where they run at all.
    pub after: &'static [&'static str],
    pub uses: &'static [Shared],
    /// Whether it is a job for each of [`parts`].
    pub has_parts: bool,
    pub run: fn(&Project, part: Option<&str>) -> Result<Outcome>,
}

impl Stage {
    pub const fn new(
        name: &'static str,
        what: &'static str,
        run: fn(&Project, part: Option<&str>) -> Result<Outcome>,
    ) -> Self {
        Self { name, what, needs: &[], after: &[], uses: &[], has_parts: false, run }
    }
}

/// What makes and tests a wasm module.
const WASM_TOOLS: &[&str] = &["toolchain", "bindgen"];
pub const PACKAGE: &[&str] = &["build"];

/// What is only done for stages that need it. A name is taken from this list
/// by what needs it.
pub const PREPARATIONS: [Stage; 5] = [
    Stage { uses: &[Shared::Machine], ..Stage::new("toolchain", "a compiler for wasm", toolchain) },
    Stage::new("bindgen", "wasm-bindgen", bindgen),
    Stage::new("npm", "npm packages", npm),
    Stage { uses: &[Shared::Machine], ..Stage::new("browser", "Chromium and its driver", browser) },
    Stage { needs: &["toolchain", "bindgen", "npm"], ..Stage::new("build", "pkg/", package) },
];

/// The tests, in the order in which they begin: first those that work on each
/// processor or take long, and last JavaScript's, many of which wait for other
/// programs and are best beside each other.
pub const STAGES: [Stage; 11] = [
    Stage { uses: &[Shared::Machine], ..Stage::new("format", "cargo fmt", format) },
    Stage { needs: &["npm"], ..Stage::new("biome", "format and lint of TypeScript", biome) },
    Stage {
        needs: &["toolchain"],
        uses: &[Shared::Target, Shared::Machine],
        ..Stage::new("clippy", "cargo clippy, native and of each module", clippy)
    },
    Stage { uses: &[Shared::Target], ..Stage::new("native", "cargo test", native) },
    Stage {
        needs: WASM_TOOLS,
        uses: &[Shared::Target],
        ..Stage::new("node", "the wasm tests in Node", node)
    },
    Stage {
        needs: &["toolchain", "bindgen", "browser"],
        uses: &[Shared::Target],
        ..Stage::new("chromium", "the wasm tests in headless Chromium", chromium)
    },
    Stage::new("fuzz", "random inputs for a minute", fuzz),
    Stage::new("callgrind", "instructions, against benches/instructions.json", instructions),
    Stage {
        needs: PACKAGE,
        // Some start a browser, and skip themselves without.
        after: &["browser"],
        has_parts: true,
        ..Stage::new("js", "node --test", js)
    },
    Stage { needs: PACKAGE, ..Stage::new("types", "tsc", types) },
    Stage { needs: PACKAGE, ..Stage::new("size", "the module that only aggregates", size) },
];

/// Does one thing that may be there already, and says which.
fn provide<T>(what: &str, step: impl FnOnce() -> Result<(T, Done)>) -> Result<Outcome> {
    let mut log = setup::Log::default();
    log.step(what, step)?;
    log.finish();
    Ok(Outcome::Passed)
}

fn toolchain(project: &Project, _: Option<&str>) -> Result<Outcome> {
    provide("wasm target", || setup::rust::provide(project))
}

fn bindgen(project: &Project, _: Option<&str>) -> Result<Outcome> {
    building(|| provide("wasm-bindgen", || setup::bindgen::provide(project)))
}

fn npm(project: &Project, _: Option<&str>) -> Result<Outcome> {
    provide("npm packages", || setup::npm::provide(project))
}

/// A missing browser is only an inconvenience, except where nobody would
/// notice that it is missing.
fn browser(project: &Project, _: Option<&str>) -> Result<Outcome> {
    match provide("browser", || setup::browser::provide(project)) {
        Err(error) if !is_ci() => Ok(Outcome::Skipped(error.to_string())),
        ended => ended,
    }
}

fn package(project: &Project, _: Option<&str>) -> Result<Outcome> {
    let (rust, _) = setup::rust::provide(project)?;
    let (bindgen, _) = setup::bindgen::provide(project)?;
    building(|| build::build(project, &rust, &bindgen, false))?;
    Ok(Outcome::Passed)
}

fn format(project: &Project, _: Option<&str>) -> Result<Outcome> {
    has_component(project, "fmt", "rustfmt")?;
    process::run(project.cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Outcome::Passed)
}

/// Formats nothing: it says what is not as `biome.jsonc` wants it.
fn biome(project: &Project, _: Option<&str>) -> Result<Outcome> {
    process::run(project.npm_program("biome").args(["ci", "--error-on-warnings"]))?;
    Ok(Outcome::Passed)
}

fn clippy(project: &Project, _: Option<&str>) -> Result<Outcome> {
    has_component(project, "clippy", "clippy")?;
    building(|| {
        process::run(once(&mut project.cargo()).args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]))?;
        let (rust, _) = setup::rust::provide(project)?;
        for build in &BUILDS {
            process::run(
                once(&mut rust.cargo(project))
                    .args(["clippy", "--package", "dacc-aggregator", "--lib", "--target", WASM])
                    .args(["--no-default-features", "--features", build.features])
                    .args(["--", "--deny", "warnings"]),
            )?;
        }
        Ok(Outcome::Passed)
    })
}

fn native(project: &Project, _: Option<&str>) -> Result<Outcome> {
    let tests = || {
        let mut cargo = project.cargo();
        once(&mut cargo).args(["test", "--workspace"]);
        cargo
    };
    building(|| process::run(tests().arg("--no-run")))?;
    process::run(&mut tests())?;
    Ok(Outcome::Passed)
}

fn instructions(project: &Project, _: Option<&str>) -> Result<Outcome> {
    Ok(match instructions::check(project)? {
        Verdict::Kept => Outcome::Passed,
        Verdict::Skipped(why) => Outcome::Skipped(why),
    })
}

fn node(project: &Project, _: Option<&str>) -> Result<Outcome> {
    wasm_tests(project, &[])
}

fn chromium(project: &Project, _: Option<&str>) -> Result<Outcome> {
    let (browser, _) = setup::browser::provide(project)?;
    let driver = browser.driver.to_string_lossy();
    wasm_tests(
        project,
        &[
            ("CHROMEDRIVER", &driver),
            ("WASM_BINDGEN_USE_BROWSER", "1"),
            ("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_SECONDS),
        ],
    )
}

fn wasm_tests(project: &Project, environment: &[(&str, &str)]) -> Result<Outcome> {
    if !project.root.join("tests/wasm/main.rs").is_file() {
        return Ok(Outcome::Skipped("there is no tests/wasm/main.rs".to_owned()));
    }
    let (rust, _) = setup::rust::provide(project)?;
    let (bindgen, _) = setup::bindgen::provide(project)?;
    let tests = || {
        let mut cargo = rust.cargo(project);
        once(&mut cargo)
            .args(["test", "--package", "dacc-aggregator", "--target", WASM, "--test", "wasm"])
            // They run for a second; how fast the modules are that are
            // shipped, in their own profile, these do not ask.
            .env("CARGO_PROFILE_TEST_OPT_LEVEL", "0")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", bindgen.join("wasm-bindgen-test-runner"));
        cargo
    };
    building(|| process::run(tests().arg("--no-run")))?;
    process::run(tests().envs(environment.iter().copied()))?;
    Ok(Outcome::Passed)
}

fn size(project: &Project, _: Option<&str>) -> Result<Outcome> {
    sizes::check(project)?;
    Ok(Outcome::Passed)
}

fn types(project: &Project, _: Option<&str>) -> Result<Outcome> {
    let is_typescript = |path: &Path| path.extension().is_some_and(|e| e == "ts");
    let any = ["benches", "js", "tests/js"]
        .iter()
        .any(|folder| !files_below(&project.root.join(folder), &is_typescript).is_empty());
    if !any {
        return Ok(Outcome::Skipped("there is no TypeScript".to_owned()));
    }
    process::run(project.npm_program("tsc").args(["--project", "tsconfig.json"]))?;
    Ok(Outcome::Passed)
}

/// The folders of tests/js/ that hold tests, each a part of the stage, in the
/// order in which they run: first those that take long.
pub fn parts(project: &Project) -> Vec<String> {
    let mut parts: Vec<String> =
        tests_in_javascript(project).iter().map(|file| part_of(project, file)).collect();
    parts.sort_by_key(|part| (LONG.iter().position(|long| long == part).unwrap_or(LONG.len()), part.clone()));
    parts.dedup();
    parts
}

/// The parts that take longest, so that nobody waits for them at the end.
const LONG: [&str; 6] = ["cli", "rights", "playground", "package", "dev", "service"];

/// What is in no folder of tests/js/.
const TOP: &str = "top";

fn part_of(project: &Project, file: &Path) -> String {
    let below = file.strip_prefix(project.root.join(TESTS)).unwrap_or(file);
    let folder = below.parent().and_then(|folder| folder.components().next());
    folder.map_or_else(|| TOP.to_owned(), |name| name.as_os_str().to_string_lossy().into_owned())
}

const TESTS: &str = "tests/js";

fn tests_in_javascript(project: &Project) -> Vec<PathBuf> {
    let is_test = |path: &Path| path.to_string_lossy().ends_with(".test.ts");
    files_below(&project.root.join(TESTS), &is_test)
}

fn js(project: &Project, part: Option<&str>) -> Result<Outcome> {
    let mut files = tests_in_javascript(project);
    files.retain(|file| part.is_none_or(|part| part_of(project, file) == part));
    if files.is_empty() {
        return Ok(Outcome::Skipped("there is no tests/js/**/*.test.ts".to_owned()));
    }
    let relative = files.iter().map(|file| file.strip_prefix(&project.root).unwrap_or(file));
    process::run(
        project
            .node()
            .args(["--import", "tsx", "--test", "--test-concurrency=1", "--test-reporter=spec"])
            .args(relative),
    )?;
    Ok(Outcome::Passed)
}

/// Where nobody builds a second time, what makes that faster only costs.
fn once(cargo: &mut Command) -> &mut Command {
    if is_ci() { cargo.env("CARGO_INCREMENTAL", "0") } else { cargo }
}

fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// A toolchain of rustup's minimal profile lacks the component.
fn has_component(project: &Project, command: &str, component: &str) -> Result<()> {
    let mut version = project.cargo();
    version.args([command, "--version"]);
    if process::output(&mut version).is_some() {
        return Ok(());
    }
    report::step(component, "asking rustup for it …");
    process::run_quietly(
        process::command("rustup").args(["component", "add", component]),
        &project.log("rustup"),
        Duration::from_secs(180),
    )
    .map_err(|error| {
        Error::new(format!("`cargo {command}` is not installed and rustup could not add it: {error}"))
    })
}
