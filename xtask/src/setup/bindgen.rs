//! wasm-bindgen's command line, of exactly the crate's version.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Done;
use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;

/// It takes less than a minute on two cores.
const LIMIT: Duration = Duration::from_secs(1800);

pub fn provide(project: &Project) -> Result<(PathBuf, Done)> {
    let version = project.locked_version("wasm-bindgen")?;
    let kept = project.cache.join(format!("wasm-bindgen-{version}"));
    let programs = kept.join("bin");
    if is_whole(&programs) {
        let how = format!("wasm-bindgen {version}");
        return Ok((programs, Done::Found(how)));
    }
    report::step("wasm-bindgen", &format!("installing {version}, which takes a minute …"));
    install(project, &version, &kept)?;
    Ok((programs, Done::Got(format!("installed {version}"))))
}

fn is_whole(programs: &Path) -> bool {
    ["wasm-bindgen", "wasm-bindgen-test-runner"].iter().all(|name| programs.join(name).is_file())
}

/// Installs under another name first: an interrupted installation is never
/// taken for a whole one, and goes on where it stopped.
fn install(project: &Project, version: &str, kept: &Path) -> Result<()> {
    let work = project.cache.join(format!(".building-wasm-bindgen-{version}"));
    let root = work.join("root");
    fs::create_dir_all(&work).doing(|| format!("create {}", work.display()))?;
    let cargo_install = |locked: bool| {
        let mut command = project.cargo();
        command
            .current_dir(&project.cache)
            .env("CARGO_TARGET_DIR", work.join("target"))
            .args(["install", "wasm-bindgen-cli", "--version", version])
            .args(["--bin", "wasm-bindgen", "--bin", "wasm-bindgen-test-runner"])
            // The test runner talks to a browser's driver on this machine, and
            // TLS is a third of what would be compiled.
            .arg("--no-default-features")
            // They work for seconds: compiled without optimisation they are
            // there three minutes sooner, and take one second longer.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .arg("--root")
            .arg(&root);
        if locked {
            command.arg("--locked");
        }
        process::run_quietly(&mut command, &project.log("wasm-bindgen"), LIMIT)
    };
    // A registry's mirror may lag behind the versions of the lock.
    if let Err(locked) = cargo_install(true) {
        cargo_install(false)
            .map_err(|error| Error::new(format!("{error}\nand before, with its lock: {locked}")))?;
    }
    if kept.exists() && !is_whole(&kept.join("bin")) {
        fs::remove_dir_all(kept).doing(|| format!("remove {}", kept.display()))?;
    }
    // Another clone may have been faster; its result is as good.
    if let Err(error) = fs::rename(&root, kept)
        && !is_whole(&kept.join("bin"))
    {
        return Err(error).doing(|| format!("create {}", kept.display()));
    }
    let _ = fs::remove_dir_all(&work);
    Ok(())
}
