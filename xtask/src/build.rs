//! `pkg/`: the wasm modules, their glue, and the JavaScript bundles.

pub mod modules;
mod panics;
mod paths;
pub mod sizes;

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;
use crate::setup::Rust;
use crate::stamp::{Inputs, files_below};

/// Builds what changed; everything, if forced.
pub fn build(project: &Project, rust: &Rust, bindgen: &Path, force: bool) -> Result<()> {
    let wasm_changed = modules::build(project, rust, bindgen, force)?;
    let js_changed = bundle(project, force)?;
    if !wasm_changed && !js_changed {
        report::step("build", "pkg/ is up to date");
    }
    sizes::print(project)
}

/// From js/ to pkg/, by esbuild; `js/build.mjs` says which bundles there are.
fn bundle(project: &Project, force: bool) -> Result<bool> {
    let script = project.root.join("js/build.mjs");
    if !script.is_file() {
        return Err(Error::new("js/build.mjs is missing"));
    }
    let stamp = project.stamp("js");
    if !force && outputs_are_there(project) && stamp.says(&bundle_inputs(project)) {
        return Ok(false);
    }
    let started = Instant::now();
    stamp.clear();
    process::run(project.node().arg("js/build.mjs"))?;
    // Only now is it known what was read.
    stamp.write(&bundle_inputs(project))?;
    report::step("javascript", &format!("bundled ({})", report::seconds(started.elapsed())));
    Ok(true)
}

/// All of js/, for a new file may be an entry, and whatever else the bundles
/// took in, which `js/build.mjs` writes down.
fn bundle_inputs(project: &Project) -> String {
    let mut inputs = Inputs::default();
    for file in files_below(&project.root.join("js"), &|_| true) {
        inputs.file(&file);
    }
    for name in ["package-lock.json", "tsconfig.json", "pkg/package.json"] {
        inputs.file(&project.root.join(name));
    }
    for file in modules::files(project) {
        inputs.file(&file);
    }
    for name in noted(project, "inputs").unwrap_or_default() {
        inputs.file(&project.root.join(name));
    }
    inputs.finish()
}

fn outputs_are_there(project: &Project) -> bool {
    noted(project, "outputs").is_some_and(|names| names.iter().all(|name| project.root.join(name).is_file()))
}

/// A list that `js/build.mjs` wrote, a path a line.
fn noted(project: &Project, list: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(project.made("js").join(list)).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}
