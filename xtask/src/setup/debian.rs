//! Debian's toolchain, where rustup cannot download.
//!
//! Debian packages no wasm standard library for its newest compiler, but its
//! source with every dependency: one build makes it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Done;
use super::rust::{Rust, WASM};
use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;

/// The name rustup gets for it.
pub const TOOLCHAIN: &str = "debian";
pub const FOLDER: &str = "/usr/bin";
pub const CARGO: &str = "/usr/bin/cargo";
pub const RUSTC: &str = "/usr/bin/rustc";
pub const RUSTDOC: &str = "/usr/bin/rustdoc";

const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "rust-web-clippy"];
const CRATES: &str = "core,alloc,std,panic_abort,panic_unwind,test,proc_macro";

/// The whole of a standard library takes a minute on two cores.
const BUILD_LIMIT: Duration = Duration::from_secs(1200);
const LINK_LIMIT: Duration = Duration::from_secs(60);

/// Debian's toolchain, if it can build for wasm now.
pub fn ready() -> Option<Rust> {
    let version = version()?;
    if fs::read_to_string(installed_stamp()).ok()? != version {
        return None;
    }
    match process::find("rustup") {
        None => Some(Rust::Debian),
        Some(_) => is_linked(&version).then_some(Rust::DebianByRustup),
    }
}

/// Installs the packages, builds the standard library, tells rustup.
pub fn install(project: &Project) -> Result<(Rust, Done)> {
    apt_get_allowed()?;
    report::step("wasm target", "installing Debian's toolchain …");
    apt_get(project, &PACKAGES.map(str::to_owned))?;
    let verbose = process::output(process::command(RUSTC).arg("-vV"))
        .ok_or_else(|| Error::new(format!("`{RUSTC} -vV` failed after its installation")))?;
    let llvm =
        llvm_major(&verbose).ok_or_else(|| Error::new(format!("`{RUSTC} -vV` names no LLVM version")))?;
    apt_get(project, &[format!("lld-{llvm}")])?;

    let version = version().ok_or_else(|| Error::new(format!("`{RUSTC} --version` failed")))?;
    let libraries = standard_library(project, &version)?;
    copy_libraries(&libraries, &version)?;
    let rust = link(project, &version)?;
    let number = short(&version).0;
    Ok((rust, Done::Got(format!("Debian's rustc {number}, std built from source"))))
}

/// Number and commit of `rustc 1.96.0 (ac68faa20 2026-05-25) (built from …)`.
fn short(version: &str) -> (&str, &str) {
    let mut words = version.split(' ').skip(1);
    let number = words.next().unwrap_or("unknown");
    let commit = words.next().unwrap_or("unknown");
    (number, commit.trim_start_matches('('))
}

fn version() -> Option<String> {
    process::output(process::command(RUSTC).arg("--version"))
}

fn llvm_major(verbose_version: &str) -> Option<&str> {
    verbose_version.lines().find_map(|line| line.strip_prefix("LLVM version: "))?.split('.').next()
}

/// Why apt-get cannot be used here, if it cannot.
pub fn apt_get_allowed() -> Result<()> {
    if !Path::new("/etc/debian_version").exists() || process::find("apt-get").is_none() {
        return Err(Error::new("this is not a Debian system"));
    }
    if process::output(process::command("id").arg("-u")).as_deref() != Some("0") {
        return Err(Error::new("apt-get needs root"));
    }
    Ok(())
}

/// Installs packages, and removes none that are in their way.
pub fn apt_get(project: &Project, packages: &[String]) -> Result<()> {
    const LIMIT: Duration = Duration::from_secs(900);
    let apt_get = |arguments: &[&str]| {
        let mut command = process::command("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-q", "-o", "DPkg::Lock::Timeout=300"])
            .args(arguments);
        command
    };
    // Lists that are a little old often do: a mirror that is down for a
    // moment does not matter if the installation then works.
    let updated = process::run_quietly(&mut apt_get(&["update"]), &project.log("apt-get-update"), LIMIT);
    let mut install = apt_get(&["install", "-y", "--no-install-recommends", "--no-remove"]);
    install.args(packages);
    process::run_quietly(&mut install, &project.log("apt-get-install"), LIMIT).map_err(
        |error| match updated {
            Ok(()) => error,
            Err(update) => Error::new(format!("{update}\n{error}")),
        },
    )
}

fn rustlib() -> PathBuf {
    Path::new("/usr/lib/rustlib").join(WASM).join("lib")
}

/// Which compiler the installed libraries are for: they fit no other.
fn installed_stamp() -> PathBuf {
    rustlib().join(".compiler")
}

/// The folder of the built standard library in the cache.
fn standard_library(project: &Project, version: &str) -> Result<PathBuf> {
    let (number, commit) = short(version);
    let key = format!("{number}-{commit}");
    let kept = project.cache.join(format!("std-{key}"));
    if kept.is_dir() {
        return Ok(kept);
    }
    report::step("wasm target", "building the standard library …");
    let work = project.cache.join(format!(".building-std-{key}"));
    let write = |name: &str, text: &str| {
        let path = work.join(name);
        fs::write(&path, text).doing(|| format!("write {}", path.display()))
    };
    fs::create_dir_all(work.join("src")).doing(|| format!("create {}", work.display()))?;
    write("src/lib.rs", "#![no_std]\n")?;
    write(
        "Cargo.toml",
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n\
         [profile.release]\nopt-level = 3\npanic = \"abort\"\n\n[workspace]\n",
    )?;
    let target = work.join("target");
    process::run_quietly(
        process::command(CARGO)
            .current_dir(&work)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", RUSTC)
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("RUSTFLAGS")
            .args(["build", "--release", "--target", WASM])
            .args(["-Z", &format!("build-std={CRATES}")]),
        &project.log("build-std"),
        BUILD_LIMIT,
    )?;

    let whole = work.join("whole");
    // Left by an interrupted run, perhaps.
    let _ = fs::remove_dir_all(&whole);
    fs::create_dir_all(&whole).doing(|| format!("create {}", whole.display()))?;
    for library in libraries(&target.join(WASM).join("release/deps"))? {
        let name = library.file_name().unwrap_or_default();
        if !name.to_string_lossy().starts_with("libempty-") {
            copy(&library, &whole.join(name))?;
        }
    }
    // Another clone may have been faster; its result is as good.
    if fs::rename(&whole, &kept).is_err() && !kept.is_dir() {
        return Err(Error::new(format!("could not create {}", kept.display())));
    }
    let _ = fs::remove_dir_all(&work);
    Ok(kept)
}

/// Puts the libraries where Debian's compiler looks for them.
fn copy_libraries(from: &Path, version: &str) -> Result<()> {
    let to = rustlib();
    fs::create_dir_all(&to).doing(|| format!("create {}", to.display()))?;
    let _ = fs::remove_file(installed_stamp());
    for old in libraries(&to)? {
        fs::remove_file(&old).doing(|| format!("remove {}", old.display()))?;
    }
    for library in libraries(from)? {
        copy(&library, &to.join(library.file_name().unwrap_or_default()))?;
    }
    let stamp = installed_stamp();
    fs::write(&stamp, version).doing(|| format!("write {}", stamp.display()))
}

fn libraries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).doing(|| format!("read {}", folder.display()))?;
    Ok(entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rlib"))
        .collect())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).doing(|| format!("copy {} to {}", from.display(), to.display()))
}

/// Whether rustup's `debian` is the compiler in /usr.
fn is_linked(version: &str) -> bool {
    let mut command = process::command("rustup");
    command.env("RUSTUP_AUTO_INSTALL", "0").args(["run", TOOLCHAIN, "rustc", "--version"]);
    process::output(&mut command).as_deref() == Some(version)
}

fn link(project: &Project, version: &str) -> Result<Rust> {
    if process::find("rustup").is_none() {
        return Ok(Rust::Debian);
    }
    if !is_linked(version) {
        process::run_quietly(
            process::command("rustup").args(["toolchain", "link", TOOLCHAIN, "/usr"]),
            &project.log("rustup-link"),
            LINK_LIMIT,
        )?;
    }
    if is_linked(version) {
        return Ok(Rust::DebianByRustup);
    }
    Err(Error::new(format!(
        "rustup's toolchain `{TOOLCHAIN}` is not the compiler in /usr: \
         `rustup toolchain uninstall {TOOLCHAIN}`, then try again"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linker_has_the_version_of_the_compiler_s_llvm() {
        let verbose = "rustc 1.96.0\nbinary: rustc\nhost: x86_64\nLLVM version: 22.1.3";
        assert_eq!(llvm_major(verbose), Some("22"));
        assert_eq!(llvm_major("rustc 1.96.0"), None);
    }

    #[test]
    fn a_standard_library_is_kept_by_number_and_commit() {
        let version = "rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)";
        assert_eq!(short(version), ("1.96.0", "ac68faa20"));
    }
}
