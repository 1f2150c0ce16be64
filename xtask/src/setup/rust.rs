//! A Rust toolchain that builds for wasm.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{Done, debian};
use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;

pub const WASM: &str = "wasm32-unknown-unknown";

/// A download of some 20 MB. Behind a firewall that swallows packets rustup
/// would try for much longer, and there is another way.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rust {
    /// The toolchain that runs us has the wasm target.
    Current,
    /// Debian's, which rustup knows as `debian`.
    DebianByRustup,
    /// Debian's, on a machine without rustup.
    Debian,
}

impl Rust {
    /// A cargo that builds for wasm.
    pub fn cargo(&self, project: &Project) -> Command {
        let mut command = project.cargo();
        match self {
            Self::Current => {}
            Self::DebianByRustup => {
                command.env("RUSTUP_TOOLCHAIN", debian::TOOLCHAIN);
            }
            Self::Debian => {
                // First on PATH, for `cargo clippy` is a program of its own.
                let path = env::var_os("PATH").unwrap_or_default();
                let folders = [PathBuf::from(debian::FOLDER)].into_iter().chain(env::split_paths(&path));
                command = process::command(debian::CARGO);
                if let Ok(path) = env::join_paths(folders) {
                    command.env("PATH", path);
                }
                command
                    .current_dir(&project.root)
                    .env("CARGO_TARGET_DIR", &project.target)
                    .env("RUSTC", debian::RUSTC)
                    .env("RUSTDOC", debian::RUSTDOC);
            }
        }
        command
    }
}

/// In this order: what is there, what rustup can add, what Debian has.
pub fn provide(project: &Project) -> Result<(Rust, Done)> {
    if debian_is_wanted()? {
        return match debian::ready() {
            Some(rust) => Ok(found_debian(rust)),
            None => debian::install(project),
        };
    }
    let Some(sysroot) = sysroot() else {
        return Err(Error::new(
            "`rustc --print sysroot` failed: install Rust (https://rustup.rs), then try again",
        ));
    };
    if has_target(&sysroot) {
        let version = process::output(process::command("rustc").arg("--version"));
        let version = version.unwrap_or_default();
        let number = version.split(' ').nth(1).unwrap_or("unknown");
        let how = format!("wasm target of rustc {number}");
        return Ok((Rust::Current, Done::Found(how)));
    }
    if let Some(rust) = debian::ready() {
        return Ok(found_debian(rust));
    }
    let refused = match add_by_rustup(project) {
        // Its exit status is not reliable: the folder is.
        _ if has_target(&sysroot) => {
            return Ok((Rust::Current, Done::Got("rustup added it".to_owned())));
        }
        Ok(()) => format!("rustup added nothing to {}", sysroot.display()),
        Err(error) => error.to_string(),
    };
    debian::install(project).map_err(|error| {
        Error::new(format!(
            "no toolchain builds for {WASM}.\n  rustup: {refused}\n  Debian: {error}\n\
             Run `rustup target add {WASM}` where rustup can download, then try again."
        ))
    })
}

fn found_debian(rust: Rust) -> (Rust, Done) {
    (rust, Done::Found("wasm target of Debian's rustc".to_owned()))
}

fn debian_is_wanted() -> Result<bool> {
    match env::var("DACC_WASM_TOOLCHAIN").as_deref() {
        Err(_) | Ok("") => Ok(false),
        Ok("debian") => Ok(true),
        Ok(other) => {
            Err(Error::new(format!("DACC_WASM_TOOLCHAIN is `{other}`; the only value it takes is `debian`")))
        }
    }
}

fn sysroot() -> Option<PathBuf> {
    process::output(process::command("rustc").args(["--print", "sysroot"])).map(PathBuf::from)
}

fn has_target(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib").join(WASM).join("lib").is_dir()
}

fn add_by_rustup(project: &Project) -> Result<()> {
    let rustup = process::find("rustup").ok_or_else(|| Error::new("it is not installed"))?;
    report::step("wasm target", "asking rustup for it …");
    process::run_quietly(
        process::command(rustup).current_dir(&project.root).args(["target", "add", WASM]),
        &project.log("rustup"),
        RUSTUP_LIMIT,
    )
}
