//! Where this machine keeps its sources: a module that leaves it must not say so.
//!
//! A message of a panic names the file that it comes from. For crates of a
//! registry that is a folder of who builds, and the name of a mirror.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::project::Project;
use crate::setup::Rust;

/// Flags, as cargo takes them from its environment, by which crates are named
/// from their own folders on.
pub fn flags(project: &Project, rust: &Rust) -> Result<String> {
    // Sources that were never compiled here are not there yet.
    process::run(rust.cargo(project).args(["fetch", "--quiet", "--locked"]))?;
    let sources = cargo_home()?.join("registry/src");
    let registries = fs::read_dir(&sources).doing(|| format!("read {}", sources.display()))?;
    let folders = registries.flatten().map(|registry| registry.path());
    let flags: Vec<String> =
        folders.map(|folder| format!("--remap-path-prefix={}=crates", folder.display())).collect();
    Ok(flags.join("\u{1f}"))
}

/// Fails where a module names a folder of this machine.
pub fn check(project: &Project, module: &Path) -> Result<()> {
    let bytes = fs::read(module).doing(|| format!("read {}", module.display()))?;
    for folder in [cargo_home()?, project.root.clone()] {
        let name = folder.as_os_str().as_encoded_bytes();
        if bytes.windows(name.len()).any(|window| window == name) {
            return Err(Error::new(format!(
                "{} names the folder {} of this machine: see xtask/src/build/paths.rs",
                module.display(),
                folder.display()
            )));
        }
    }
    Ok(())
}

fn cargo_home() -> Result<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .ok_or_else(|| Error::new("no folder of cargo's: set HOME or CARGO_HOME, then try again"))
}
