//! The fuzz targets, each for a bounded time.

use std::fs;
use std::time::Duration;

use super::schedule::Outcome;
use crate::cost::building;
use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;

/// Both targets together run for a minute.
const TARGETS: [&str; 2] = ["scan", "aggregate"];
const SECONDS_EACH: &str = "-max_total_time=30";

/// Longer inputs are slower, and find nothing that shorter ones do not.
const MAX_LENGTH: &str = "-max_len=4096";

/// The longest that a build or a run may take before it is stopped.
const BUILD_LIMIT: Duration = Duration::from_secs(900);
const RUN_LIMIT: Duration = Duration::from_secs(120);

/// What libFuzzer needs to see which code an input reaches. rustc's own
/// options, so that any toolchain will do; the crate is safe Rust, in which a
/// sanitizer would find nothing.
const FLAGS: [&str; 7] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=4",
];

pub fn fuzz(project: &Project, _: Option<&str>) -> Result<Outcome> {
    if process::find("c++").is_none() {
        return Ok(Outcome::Skipped(
            "libFuzzer is built with a C++ compiler, and there is no `c++`".to_owned(),
        ));
    }
    let Some(host) = host() else {
        return Ok(Outcome::Skipped("rustc does not tell for which machine it builds".to_owned()));
    };
    report::step("fuzz", "building the targets …");
    let made = project.made("fuzz");
    let mut build = project.cargo();
    build
        .args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", &host])
        .arg("--target-dir")
        .arg(&made)
        .env("RUSTFLAGS", FLAGS.join(" "));
    building(|| process::run_quietly(&mut build, &project.log("fuzz-build"), BUILD_LIMIT))?;
    for target in TARGETS {
        let (grown, found) = (made.join("corpus").join(target), made.join("found"));
        for folder in [&grown, &found] {
            fs::create_dir_all(folder).doing(|| format!("create {}", folder.display()))?;
        }
        report::step(target, "looking for an input that breaks a law …");
        let mut run = process::command(made.join(&host).join("release").join(target));
        run.current_dir(&project.root)
            .args([SECONDS_EACH, MAX_LENGTH])
            .arg(format!("-artifact_prefix={}/{target}-", found.display()))
            .arg(&grown)
            .arg(format!("fuzz/corpus/{target}"));
        let log = project.log(&format!("fuzz-{target}"));
        process::run_quietly(&mut run, &log, RUN_LIMIT).map_err(|error| {
            Error::new(format!(
                "{error}\nThe input is in {}; mend what it broke, and keep it in fuzz/found/.",
                found.display()
            ))
        })?;
    }
    Ok(Outcome::Passed)
}

fn host() -> Option<String> {
    let told = process::output(process::command("rustc").arg("-vV"))?;
    told.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}
