//! The wasm modules: one source, built once for each host and engine.
//!
//! A process loads exactly one of them: the runtime of a Cozy has no room for
//! two wasm memories. Which features a host uses is `Cargo.toml`'s. Whether an
//! engine knows 128-bit vectors is asked when a module is loaded, where that is
//! worth a second variant: what only aggregates may be fed with millions of
//! events. The others wait for a network or for a person, and a build takes
//! most of a minute.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::{panics, paths};
use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;
use crate::setup::Rust;
use crate::setup::rust::WASM;
use crate::stamp::{Inputs, Stamp, files_below};

const NAME: &str = "dacc_aggregator";

/// What wasm-bindgen makes, the same for both variants.
const GLUE: [&str; 3] = ["dacc_aggregator.js", "dacc_aggregator.d.ts", "dacc_aggregator_bg.wasm.d.ts"];

/// The profile in `Cargo.toml`.
const PROFILE: &str = "wasm";

/// What a host calls.
pub struct Build {
    pub name: &'static str,
    /// Below pkg/wasm/.
    folder: &'static str,
    /// The features of the crate.
    pub features: &'static str,
    pub variants: &'static [Variant],
    /// What the compiler is asked for.
    rustc: &'static [&'static str],
    /// What a variant may weigh at most, in bytes of gzip; it only ever goes
    /// down, but for what speed is worth.
    pub most_gzip: Option<u64>,
}

/// What an engine knows.
pub struct Variant {
    pub name: &'static str,
    module: &'static str,
    rustc: &'static [&'static str],
    wasm_opt: &'static [&'static str],
}

/// It may never be more than 96 000; the goal is 93 000.
const AGGREGATE: Build = Build {
    name: "aggregate",
    folder: "aggregate",
    features: "",
    variants: &[PLAIN, SIMD],
    rustc: FAST,
    most_gzip: Some(96_000),
};

/// The goal is 290 000, and it may never be more than 300 000.
const SERVICE: Build = Build {
    name: "service",
    folder: "service",
    features: "run",
    variants: &[PLAIN],
    rustc: SMALL,
    most_gzip: Some(297_000),
};

/// For developers, and for pages where a person looks at what is theirs.
const ALL: Build = Build {
    name: "all",
    folder: "",
    features: "home,browser,tools,rights",
    variants: &[PLAIN],
    rustc: FAST,
    most_gzip: None,
};

pub const BUILDS: [Build; 3] = [AGGREGATE, SERVICE, ALL];

/// For any engine.
const PLAIN: Variant =
    Variant { name: "plain", module: "dacc_aggregator_bg.wasm", rustc: &[], wasm_opt: &[] };

/// For one that knows vectors.
const SIMD: Variant = Variant {
    name: "simd",
    module: "dacc_aggregator_bg.simd.wasm",
    rustc: &["-Ctarget-feature=+simd128"],
    wasm_opt: &["--enable-simd"],
};

/// Four tenths of what LLVM would inline at most, next to nothing of what is
/// rare, and short loops stay loops: a twenty-fifth smaller than with six
/// tenths, and a hundredth slower. What must be inlined for speed says so itself.
const FAST: &[&str] = &["-Cllvm-args=-inline-threshold=90 -inlinecold-threshold=20 -unroll-threshold=20"];

/// A night waits for its Cozy, not for the module, which is loaded every night.
const SMALL: &[&str] = &["-Copt-level=s", "-Cllvm-args=-inline-threshold=80 -inlinecold-threshold=20"];

/// The features that rustc and wasm-bindgen use, and nothing else: what
/// wasm-opt does not know it refuses, what it may not use it does not make.
/// And what is called from one place stays a function if it is not short: the
/// memory that an engine compiles in grows with the largest function, by
/// megabytes, and what is no faster in one piece is sooner fast in several.
/// In the first kilobyte of memory lies the last of the stack, and nothing else.
const WASM_OPT: [&str; 11] = [
    "-O3",
    "--one-caller-inline-max-function-size=20",
    "--low-memory-unused",
    "--strip-producers",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

impl Build {
    /// Where a variant of it is kept.
    pub fn module(&self, project: &Project, variant: &Variant) -> PathBuf {
        self.made(project).join(variant.module)
    }

    fn made(&self, project: &Project) -> PathBuf {
        project.root.join("pkg/wasm").join(self.folder)
    }

    fn files(&self, project: &Project) -> Vec<PathBuf> {
        let modules = self.variants.iter().map(|variant| variant.module);
        modules.chain(GLUE).map(|name| self.made(project).join(name)).collect()
    }
}

/// Every file of pkg/wasm/.
pub fn files(project: &Project) -> Vec<PathBuf> {
    BUILDS.iter().flat_map(|build| build.files(project)).collect()
}

/// Builds what changed; everything, if forced.
pub fn build(project: &Project, rust: &Rust, bindgen: &Path, force: bool) -> Result<bool> {
    let inputs = inputs(project, rust)?;
    let fingerprint = |build: &Build| {
        Inputs::default().text(&inputs).text(build.features).text(&build.rustc.join(" ")).finish()
    };
    let is_made = |build: &Build| {
        let is_whole = build.files(project).iter().all(|file| file.is_file());
        is_whole && stamp(project, build).says(&fingerprint(build))
    };
    // The largest first, for nothing is compiled while the last is finished.
    let due: Vec<&Build> = BUILDS.iter().rev().filter(|build| force || !is_made(build)).collect();
    if due.is_empty() {
        return Ok(false);
    }
    let flags = paths::flags(project, rust)?;
    // A compiler that sees a whole program works on one processor, and so do
    // the tools after it: one module is compiled while those before it are
    // finished.
    thread::scope(|scope| {
        let mut finishing = Vec::new();
        for build in due {
            let fingerprint = fingerprint(build);
            stamp(project, build).clear();
            let compiled =
                build.variants.iter().map(|variant| compile(project, rust, build, variant, &flags));
            let compiled = compiled.collect::<Result<Vec<_>>>()?;
            finishing.push(scope.spawn(move || {
                finish(project, bindgen, build, &compiled)?;
                stamp(project, build).write(&fingerprint)
            }));
        }
        let ended = finishing
            .into_iter()
            .map(|one| one.join().unwrap_or_else(|_| Err(Error::new("a module could not be finished"))));
        ended.collect::<Result<()>>()
    })?;
    Ok(true)
}

fn stamp(project: &Project, build: &Build) -> Stamp {
    project.stamp(&format!("wasm-{}", build.name))
}

/// What all of them are made from.
fn inputs(project: &Project, rust: &Rust) -> Result<String> {
    let mut inputs = Inputs::default();
    inputs.text(&project.locked_version("wasm-bindgen")?).text(&WASM_OPT.join(" "));
    inputs.text(include_str!("panics.rs"));
    inputs.text(&process::output(rust.cargo(project).arg("--version")).unwrap_or_default());
    for file in ["Cargo.toml", "Cargo.lock", "node_modules/binaryen/package.json"] {
        inputs.file(&project.root.join(file));
    }
    for file in files_below(&project.root.join("src"), &|_| true) {
        inputs.file(&file);
    }
    Ok(inputs.finish())
}

/// A variant as the compiler made it, and how long that took.
struct Compiled {
    module: PathBuf,
    time: Duration,
}

/// From what was compiled to pkg/: the glue, and the modules made smaller.
fn finish(project: &Project, bindgen: &Path, build: &Build, compiled: &[Compiled]) -> Result<()> {
    let made = build.made(project);
    fs::create_dir_all(&made).doing(|| format!("create {}", made.display()))?;
    let mut glue = None;
    for (variant, Compiled { module, time }) in build.variants.iter().zip(compiled) {
        let started = Instant::now();
        return_one_value(module)?;
        panics::forget(module)?;
        let bound = bind(project, bindgen, build, variant, module)?;
        optimise(project, variant, &bound, &made)?;
        paths::check(project, &made.join(variant.module))?;
        same_glue(&bound, &made, &mut glue)?;
        let (compiling, finishing) = (report::seconds(*time), report::seconds(started.elapsed()));
        report::step(
            "wasm",
            &format!("{}, {} (compiled in {compiling}, finished in {finishing})", build.name, variant.name),
        );
    }
    Ok(())
}

/// Compiles a variant to a file of its own: of cargo's there is one for all.
fn compile(
    project: &Project,
    rust: &Rust,
    build: &Build,
    variant: &Variant,
    flags: &str,
) -> Result<Compiled> {
    let started = Instant::now();
    let folder = project.target.join(WASM).join(PROFILE);
    let compiled = folder.join(format!("{NAME}.wasm"));
    // All builds have this one name, by which cargo would take the last one
    // for this one.
    for old in [&compiled, &folder.join("deps").join(format!("{NAME}.wasm"))] {
        // One that is not there is as good.
        let _ = fs::remove_file(old);
    }
    let mut cargo = rust.cargo(project);
    if *rust != Rust::Current {
        // Debian's standard library carries no bitcode.
        cargo.env("CARGO_PROFILE_WASM_LTO", "off");
    }
    process::run(
        cargo
            .env("CARGO_ENCODED_RUSTFLAGS", flags)
            .args(["rustc", "--quiet", "--lib", "--package", "dacc-aggregator"])
            .args(["--target", WASM, "--profile", PROFILE])
            .args(["--no-default-features", "--features", build.features, "--"])
            .args(build.rustc)
            .args(variant.rustc),
    )?;
    let kept = project.made("pkg-wasm");
    fs::create_dir_all(&kept).doing(|| format!("create {}", kept.display()))?;
    let module = kept.join(format!("{}-{}.wasm", build.name, variant.name));
    fs::copy(&compiled, &module).doing(|| format!("copy {}", compiled.display()))?;
    Ok(Compiled { module, time: started.elapsed() })
}

/// In the list of features that a module uses: a `+`, the name's length, the name.
const SEVERAL_VALUES: &[u8] = b"+\x0amultivalue";

/// Takes from a module's features that functions return several values. None
/// does, but the standard library says so for all, and wasm-bindgen would make
/// such functions. What stands between them and JavaScript, V8 compiles for
/// each before anything can be called: a seventh of the time until then.
fn return_one_value(module: &Path) -> Result<()> {
    let mut bytes = fs::read(module).doing(|| format!("read {}", module.display()))?;
    let mut places = bytes.windows(SEVERAL_VALUES.len());
    if let Some(place) = places.rposition(|window| window == SEVERAL_VALUES) {
        bytes[place] = b'-';
    }
    fs::write(module, bytes).doing(|| format!("write {}", module.display()))
}

/// Where wasm-bindgen left the module and its glue.
fn bind(
    project: &Project,
    bindgen: &Path,
    build: &Build,
    variant: &Variant,
    compiled: &Path,
) -> Result<PathBuf> {
    let bound = project.made("pkg-wasm").join(format!("{}-{}", build.name, variant.name));
    process::run(
        process::command(bindgen.join("wasm-bindgen"))
            .args(["--target", "web", "--out-name", NAME, "--out-dir"])
            .arg(&bound)
            .arg(compiled),
    )?;
    Ok(bound)
}

fn optimise(project: &Project, variant: &Variant, bound: &Path, made: &Path) -> Result<()> {
    process::run(
        project
            .npm_program("wasm-opt")
            .args(WASM_OPT)
            .args(variant.wasm_opt)
            .arg(bound.join(format!("{NAME}_bg.wasm")))
            .arg("--output")
            .arg(made.join(variant.module)),
    )
}

/// Both variants are called in the same way, or a host could not choose.
fn same_glue(bound: &Path, made: &Path, glue: &mut Option<Vec<String>>) -> Result<()> {
    let read = |name: &str| {
        let path = bound.join(name);
        fs::read_to_string(&path).doing(|| format!("read {}", path.display()))
    };
    let texts = GLUE.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    match glue {
        Some(first) if *first != texts => {
            return Err(Error::new("the variants of a module have different glue: they need one each"));
        }
        Some(_) => return Ok(()),
        None => {}
    }
    for (name, text) in GLUE.iter().zip(&texts) {
        let path = made.join(name);
        fs::write(&path, text).doing(|| format!("write {}", path.display()))?;
    }
    *glue = Some(texts);
    Ok(())
}
