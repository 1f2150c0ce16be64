//! Node and the npm packages of package-lock.json.

use std::time::Duration;

use super::Done;
use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;
use crate::stamp::{Inputs, Stamp};

const OLDEST_NODE: u32 = 20;
const LIMIT: Duration = Duration::from_secs(900);

pub fn provide(project: &Project) -> Result<((), Done)> {
    let node = node_version(project)?;
    let lock = Inputs::default().file(&project.root.join("package-lock.json")).finish();
    // Inside the folder, so that who removes the one removes the other.
    let stamp = Stamp::new(project.root.join("node_modules/.installed-from"));
    if stamp.says(&lock) {
        return Ok(((), Done::Found(format!("npm packages, Node {node}"))));
    }
    let npm = process::find("npm")
        .ok_or_else(|| Error::new("`npm` is not on PATH: install it beside Node, then try again"))?;
    report::step("npm packages", "installing them …");
    process::run_quietly(
        process::command(npm).current_dir(&project.root).args(["ci", "--no-audit", "--no-fund"]),
        &project.log("npm"),
        LIMIT,
    )?;
    stamp.write(&lock)?;
    Ok(((), Done::Got("installed".to_owned())))
}

fn node_version(project: &Project) -> Result<String> {
    let advice = format!("install Node {OLDEST_NODE} or newer (https://nodejs.org), then try again");
    let version = process::output(project.node().arg("--version"))
        .ok_or_else(|| Error::new(format!("`node --version` failed: {advice}")))?;
    match major(&version) {
        Some(major) if major >= OLDEST_NODE => Ok(version.trim_start_matches('v').to_owned()),
        _ => Err(Error::new(format!("Node is {version}: {advice}"))),
    }
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_says_its_version() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20.20.2"), None);
    }
}
