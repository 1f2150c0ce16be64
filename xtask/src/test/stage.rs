//! The stages: one row each.

use super::fuzz::fuzz;
use super::{Bench, Outcome, is_ci};
use crate::bench::instructions::{self, Verdict};
use crate::build::modules::BUILDS;
use crate::build::sizes;
use crate::error::{Error, Result};
use crate::process;
use crate::report;
use crate::setup::rust::WASM;
use crate::stamp::files_below;

/// Seconds for the whole wasm suite in a browser; a machine that also
/// compiles is slow, and a suite that hangs is still noticed.
const BROWSER_SECONDS: &str = "300";

pub struct Stage {
    pub name: &'static str,
    pub what: &'static str,
    pub needs: Needs,
    pub run: fn(&Bench<'_>) -> Result<Outcome>,
}

/// What has to be there before a stage runs.
#[derive(Clone, Copy)]
pub struct Needs {
    /// A toolchain for wasm and wasm-bindgen.
    pub wasm: bool,
    pub npm: bool,
    pub package: bool,
    pub browser: bool,
}

const NOTHING: Needs = Needs { wasm: false, npm: false, package: false, browser: false };
const WASM_TOOLS: Needs = Needs { wasm: true, ..NOTHING };
pub const PACKAGE: Needs = Needs { npm: true, package: true, ..WASM_TOOLS };

pub const STAGES: [Stage; 10] = [
    Stage { name: "format", what: "cargo fmt", needs: NOTHING, run: format },
    Stage { name: "clippy", what: "cargo clippy, native and of each module", needs: WASM_TOOLS, run: clippy },
    Stage { name: "native", what: "cargo test", needs: NOTHING, run: native },
    Stage {
        name: "callgrind",
        what: "instructions, against benches/instructions.json",
        needs: NOTHING,
        run: instructions,
    },
    Stage { name: "fuzz", what: "random inputs for a minute", needs: NOTHING, run: fuzz },
    Stage { name: "node", what: "the wasm tests in Node", needs: WASM_TOOLS, run: node },
    Stage {
        name: "chromium",
        what: "the wasm tests in headless Chromium",
        needs: Needs { browser: true, ..WASM_TOOLS },
        run: chromium,
    },
    Stage { name: "size", what: "the module that only aggregates", needs: PACKAGE, run: size },
    Stage { name: "types", what: "tsc", needs: PACKAGE, run: types },
    Stage { name: "js", what: "node --test", needs: PACKAGE, run: js },
];

fn format(bench: &Bench<'_>) -> Result<Outcome> {
    has_component(bench, "fmt", "rustfmt")?;
    process::run(bench.project.cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Outcome::Passed)
}

fn clippy(bench: &Bench<'_>) -> Result<Outcome> {
    has_component(bench, "clippy", "clippy")?;
    process::run(bench.project.cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))?;
    let rust = bench.rust()?;
    for build in &BUILDS {
        process::run(
            rust.cargo(bench.project)
                .args(["clippy", "--package", "dacc-aggregator", "--lib", "--target", WASM])
                .args(["--no-default-features", "--features", build.features])
                .args(["--", "--deny", "warnings"]),
        )?;
    }
    Ok(Outcome::Passed)
}

fn native(bench: &Bench<'_>) -> Result<Outcome> {
    process::run(bench.project.cargo().args(["test", "--workspace"]))?;
    Ok(Outcome::Passed)
}

fn instructions(bench: &Bench<'_>) -> Result<Outcome> {
    Ok(match instructions::check(bench.project)? {
        Verdict::Kept => Outcome::Passed,
        Verdict::Skipped(why) => Outcome::Skipped(why),
    })
}

fn node(bench: &Bench<'_>) -> Result<Outcome> {
    wasm_tests(bench, &[])
}

fn chromium(bench: &Bench<'_>) -> Result<Outcome> {
    let Some(browser) = bench.browser.get() else {
        return if is_ci() {
            Err(Error::new("not run: no browser, see above"))
        } else {
            Ok(Outcome::Skipped("no browser, see above".to_owned()))
        };
    };
    let driver = browser.driver.to_string_lossy();
    wasm_tests(
        bench,
        &[
            ("CHROMEDRIVER", &driver),
            ("WASM_BINDGEN_USE_BROWSER", "1"),
            ("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_SECONDS),
        ],
    )
}

fn wasm_tests(bench: &Bench<'_>, environment: &[(&str, &str)]) -> Result<Outcome> {
    if !bench.project.root.join("tests/wasm/main.rs").is_file() {
        return Ok(Outcome::Skipped("there is no tests/wasm/main.rs".to_owned()));
    }
    let runner = bench.bindgen()?.join("wasm-bindgen-test-runner");
    process::run(
        bench
            .rust()?
            .cargo(bench.project)
            .args(["test", "--package", "dacc-aggregator"])
            .args(["--target", WASM, "--test", "wasm"])
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
            .envs(environment.iter().copied()),
    )?;
    Ok(Outcome::Passed)
}

fn size(bench: &Bench<'_>) -> Result<Outcome> {
    bench.package()?;
    sizes::check(bench.project)?;
    Ok(Outcome::Passed)
}

fn types(bench: &Bench<'_>) -> Result<Outcome> {
    bench.package()?;
    let is_typescript = |path: &std::path::Path| path.extension().is_some_and(|e| e == "ts");
    let any = ["benches", "js", "tests/js"]
        .iter()
        .any(|folder| !files_below(&bench.project.root.join(folder), &is_typescript).is_empty());
    if !any {
        return Ok(Outcome::Skipped("there is no TypeScript".to_owned()));
    }
    process::run(bench.project.npm_program("tsc").args(["--project", "tsconfig.json"]))?;
    Ok(Outcome::Passed)
}

fn js(bench: &Bench<'_>) -> Result<Outcome> {
    bench.package()?;
    let is_test = |path: &std::path::Path| path.to_string_lossy().ends_with(".test.ts");
    let files = files_below(&bench.project.root.join("tests/js"), &is_test);
    if files.is_empty() {
        return Ok(Outcome::Skipped("there is no tests/js/**/*.test.ts".to_owned()));
    }
    let relative = files.iter().map(|file| file.strip_prefix(&bench.project.root).unwrap_or(file));
    process::run(
        bench.project.node().args(["--import", "tsx", "--test", "--test-reporter=spec"]).args(relative),
    )?;
    Ok(Outcome::Passed)
}

/// A toolchain of rustup's minimal profile lacks the component.
fn has_component(bench: &Bench<'_>, command: &str, component: &str) -> Result<()> {
    let mut version = bench.project.cargo();
    version.args([command, "--version"]);
    if process::output(&mut version).is_some() {
        return Ok(());
    }
    report::step(component, "asking rustup for it …");
    process::run_quietly(
        process::command("rustup").args(["component", "add", component]),
        &bench.project.log("rustup"),
        std::time::Duration::from_secs(180),
    )
    .map_err(|error| {
        Error::new(format!("`cargo {command}` is not installed and rustup could not add it: {error}"))
    })
}
