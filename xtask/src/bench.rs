//! The benchmarks: what they need is built, the harness does the rest.

pub mod instructions;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::build;
use crate::cost::building;
use crate::error::{Context as _, Result};
use crate::process;
use crate::project::Project;
use crate::report;
use crate::setup::{self, Tools, rust::WASM};
use crate::stamp::{Inputs, Stamp};

/// What benchmarks make, and where the peers' packages are installed: they
/// are no packages of the project.
const MADE: &str = "bench";

const NPM_LIMIT: Duration = Duration::from_secs(900);

/// Builds everything and runs the harness with these arguments.
pub fn bench(project: &Project, arguments: &[String]) -> Result<ExitCode> {
    let tools = setup::setup(project, false)?;
    build::build(project, &tools.rust, &tools.bindgen, false)?;
    let started = Instant::now();
    let native = native(project)?;
    objects(project, &tools)?;
    packages(project)?;
    process::run(project.node().arg("benches/build.mjs"))?;
    report::step("benches", &format!("built ({})", report::seconds(started.elapsed())));
    let mut harness = project.node();
    harness.arg(project.made(MADE).join("harness.mjs")).args(arguments).env("DACC_BENCH", native);
    let status = process::status(&mut harness)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The native program, built for any machine of this architecture, whatever
/// flags are set here: else its instructions could not be compared.
fn native(project: &Project) -> Result<PathBuf> {
    let target = project.made(MADE).join("cargo");
    building(|| {
        process::run(
            unflagged(project.cargo())
                .args(["build", "--release", "--package", "dacc-bench", "--locked"])
                .env("CARGO_TARGET_DIR", &target),
        )
    })?;
    Ok(target.join("release").join(format!("dacc-bench{}", env::consts::EXE_SUFFIX)))
}

fn unflagged(mut cargo: Command) -> Command {
    for (name, _) in env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        if name == "CARGO_ENCODED_RUSTFLAGS" || name.starts_with("CARGO_PROFILE_") {
            cargo.env_remove(name);
        }
    }
    // Stands before what is configured elsewhere; the default, said aloud.
    let flags = if cfg!(target_arch = "x86_64") { "-Ctarget-cpu=x86-64" } else { "" };
    cargo.env("RUSTFLAGS", flags);
    cargo
}

/// The peer that takes JavaScript objects.
fn objects(project: &Project, tools: &Tools) -> Result<()> {
    process::run(tools.rust.cargo(project).args([
        "build",
        "--release",
        "--package",
        "dacc-bench-objects",
        "--target",
        WASM,
    ]))?;
    let module = project.target.join(WASM).join("release/dacc_bench_objects.wasm");
    process::run(
        process::command(tools.bindgen.join("wasm-bindgen"))
            .args(["--target", "web", "--no-typescript", "--out-dir"])
            .arg(project.made(MADE).join("objects"))
            .arg(module),
    )
}

/// The npm packages of benches/package.json, all of exact versions. (A lock
/// would name builds of DuckDB for other systems, which not every registry
/// has.)
fn packages(project: &Project) -> Result<()> {
    let folder = project.made(MADE);
    let source = project.root.join("benches/package.json");
    let stamp = Stamp::new(folder.join("node_modules/.installed-from"));
    let fingerprint = Inputs::default().file(&source).finish();
    if stamp.says(&fingerprint) {
        return Ok(());
    }
    fs::create_dir_all(&folder).doing(|| format!("create {}", folder.display()))?;
    fs::copy(&source, folder.join("package.json")).doing(|| format!("copy {}", source.display()))?;
    report::step("benches", "installing the peers' npm packages …");
    process::run_quietly(
        process::command("npm").current_dir(&folder).args([
            "install",
            "--no-package-lock",
            "--no-audit",
            "--no-fund",
        ]),
        &project.log("npm-benches"),
        NPM_LIMIT,
    )?;
    stamp.write(&fingerprint)
}
