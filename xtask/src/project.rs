//! Where things are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::stamp::Stamp;

#[derive(Debug, Clone)]
pub struct Project {
    /// The repository.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
    /// Tools that every clone shares.
    pub cache: PathBuf,
}

impl Project {
    pub fn find() -> Result<Self> {
        let here = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = here
            .parent()
            .filter(|root| root.join("Cargo.lock").is_file())
            .ok_or_else(|| {
                Error::new("run this as `cargo xtask` inside the repository: no Cargo.lock found")
            })?
            .to_owned();
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| absolute(&dir));
        let cache = env::var_os("XDG_CACHE_HOME")
            .filter(|dir| Path::new(dir).is_absolute())
            .map(PathBuf::from)
            .or_else(|| env::home_dir().map(|home| home.join(".cache")))
            .ok_or_else(|| {
                Error::new("no folder to keep tools in: set HOME or XDG_CACHE_HOME, then try again")
            })?
            .join("dacc-aggregator");
        Ok(Self { root, target, cache })
    }

    /// The cargo of PATH, in this repository.
    pub fn cargo(&self) -> Command {
        let program = process::find("cargo")
            .or_else(|| env::var_os("CARGO").map(PathBuf::from))
            .unwrap_or_else(|| PathBuf::from("cargo"));
        let mut command = process::command(program);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        command
    }

    pub fn node(&self) -> Command {
        let mut command = process::command("node");
        command.current_dir(&self.root);
        command
    }

    /// A program that an npm package brought.
    pub fn npm_program(&self, name: &str) -> Command {
        let mut command = process::command(self.root.join("node_modules/.bin").join(name));
        command.current_dir(&self.root);
        command
    }

    /// What is made beside `pkg/` stays in the clone, as `pkg/` does, even
    /// where clones share the folder that cargo builds in.
    pub fn made(&self, name: &str) -> PathBuf {
        self.root.join("target").join(name)
    }

    /// Where a silent program's output goes.
    pub fn log(&self, name: &str) -> PathBuf {
        self.made("xtask").join(format!("{name}.log"))
    }

    pub fn stamp(&self, name: &str) -> Stamp {
        Stamp::new(self.made("xtask").join(format!("{name}.stamp")))
    }

    /// The exact version of a crate in Cargo.lock.
    pub fn locked_version(&self, name: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock = fs::read_to_string(&path).doing(|| format!("read {}", path.display()))?;
        locked_version(&lock, name)
            .map(str::to_owned)
            .ok_or_else(|| Error::new(format!("Cargo.lock names no version of `{name}`")))
    }
}

fn absolute(path: &std::ffi::OsStr) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path))
}

fn locked_version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let wanted = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != wanted);
    lines.next()?;
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_the_lock() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
