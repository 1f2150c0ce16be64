//! The simulation of the delivery and the oracle of the catalog, with more seeds
//! than the tests take.

use std::process::ExitCode;

use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;

const SEEDS: &str = "100000";
const CASES: u64 = 200_000;

/// Runs it; a failure tells its seed and how to see that one alone again.
pub fn simulate(project: &Project, seeds: Option<&str>, from: Option<&str>) -> Result<ExitCode> {
    let (seeds, from) = (number("--seeds", seeds.unwrap_or(SEEDS))?, number("--from", from.unwrap_or("0"))?);
    let mut cargo = process::command("cargo");
    cargo.current_dir(&project.root).args(["test", "--release", "--test", "simulation", "--", "whatever"]);
    cargo.env("SEEDS", seeds).env("FROM", from);
    let status = process::status(&mut cargo)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tries cases of the oracle: homes and catalogs, beside them a quarter as many
/// apps, a tenth as previews beside runs, and a hundredth night by night.
pub fn oracle(project: &Project, cases: Option<&str>, from: Option<&str>) -> Result<ExitCode> {
    let cases = cases.map_or(Ok(CASES), |cases| {
        cases.parse().map_err(|_| Error::new(format!("`--cases` wants a number, not `{cases}`")))
    })?;
    let mut cargo = process::command("cargo");
    cargo.current_dir(&project.root).args(["test", "--release", "--test", "oracle"]);
    cargo.env("CATALOG", cases.to_string()).env("APPS", (cases / 4).to_string());
    cargo.env("PREVIEW", (cases / 10).to_string());
    cargo.env("NIGHTS", (cases / 100).to_string()).env("FROM", number("--from", from.unwrap_or("0"))?);
    let status = process::status(&mut cargo)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn number<'a>(flag: &str, text: &'a str) -> Result<&'a str> {
    match text.parse::<u64>() {
        Ok(_) => Ok(text),
        Err(_) => Err(Error::new(format!("`{flag}` wants a number, not `{text}`"))),
    }
}
