//! `pkg/`: the wasm module, its glue, and the JavaScript bundles.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;
use crate::setup::Rust;
use crate::setup::rust::WASM;
use crate::stamp::{Inputs, files_below};

const NAME: &str = "dacc_aggregator";

/// What wasm-bindgen makes and pkg/wasm/ holds.
const MODULE: &str = "dacc_aggregator_bg.wasm";
const GLUE: [&str; 3] = ["dacc_aggregator.js", "dacc_aggregator.d.ts", "dacc_aggregator_bg.wasm.d.ts"];

/// The features that rustc and wasm-bindgen use, and nothing else: what
/// wasm-opt does not know it refuses, what it may not use it does not make.
const WASM_OPT: [&str; 9] = [
    "-O3",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds what changed; everything, if forced.
pub fn build(project: &Project, rust: &Rust, bindgen: &Path, force: bool) -> Result<()> {
    let module = compile(project, rust)?;
    let wasm_changed = package(project, &module, bindgen, force)?;
    let js_changed = bundle(project, force)?;
    if !wasm_changed && !js_changed {
        report::step("build", "pkg/ is up to date");
    }
    Ok(())
}

/// Cargo knows itself what changed.
fn compile(project: &Project, rust: &Rust) -> Result<PathBuf> {
    process::run(rust.cargo(project).args([
        "build",
        "--release",
        "--lib",
        "--package",
        "dacc-aggregator",
        "--target",
        WASM,
    ]))?;
    Ok(project.target.join(WASM).join("release").join(format!("{NAME}.wasm")))
}

/// From cargo's module to pkg/wasm/.
fn package(project: &Project, module: &Path, bindgen: &Path, force: bool) -> Result<bool> {
    let made = project.root.join("pkg/wasm");
    let stamp = project.stamp("wasm");
    let mut inputs = Inputs::default();
    inputs
        .text(&project.locked_version("wasm-bindgen")?)
        .text(&WASM_OPT.join(" "))
        .file(&project.root.join("node_modules/binaryen/package.json"))
        .file(module);
    let fingerprint = inputs.finish();
    let whole = GLUE.iter().chain([&MODULE]).all(|name| made.join(name).is_file());
    if whole && !force && stamp.says(&fingerprint) {
        return Ok(false);
    }

    let started = Instant::now();
    stamp.clear();
    let bound = project.made("pkg-wasm");
    process::run(
        process::command(bindgen.join("wasm-bindgen"))
            .args(["--target", "web", "--out-name", NAME, "--out-dir"])
            .arg(&bound)
            .arg(module),
    )?;
    fs::create_dir_all(&made).doing(|| format!("create {}", made.display()))?;
    let optimised = project.made("pkg-wasm/optimised.wasm");
    process::run(
        project
            .npm_program("wasm-opt")
            .args(WASM_OPT)
            .arg(bound.join(MODULE))
            .arg("--output")
            .arg(&optimised),
    )?;
    for name in GLUE {
        copy(&bound.join(name), &made.join(name))?;
    }
    copy(&optimised, &made.join(MODULE))?;
    stamp.write(&fingerprint)?;
    report::step(
        "wasm",
        &format!(
            "pkg/wasm/, {}, {} before wasm-opt ({})",
            report::kilobytes(size(&optimised)?),
            report::kilobytes(size(&bound.join(MODULE))?),
            report::seconds(started.elapsed()),
        ),
    );
    Ok(true)
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
    for name in [MODULE].iter().chain(&GLUE) {
        inputs.file(&project.root.join("pkg/wasm").join(name));
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

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).doing(|| format!("copy {} to {}", from.display(), to.display()))
}

fn size(path: &Path) -> Result<u64> {
    let metadata = fs::metadata(path).doing(|| format!("read {}", path.display()))?;
    Ok(metadata.len())
}
