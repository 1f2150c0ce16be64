//! Deliberate breaks: each rule that keeps a person's data safe is broken in a
//! copy of the sources, one at a time, and a test has to notice.
//!
//! The sources themselves hold nothing of this. A break whose text is no longer
//! there is an error, so that the list follows the code.

mod breaks;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::project::Project;
use crate::report::{self, Colour};

use breaks::{BREAKS, Break};

/// A build of the tests, and the tests themselves.
const LIMIT: Duration = Duration::from_secs(1_200);

/// What the copy is made of: what cargo needs for the tests.
const COPIED: [&str; 10] =
    ["Cargo.toml", "Cargo.lock", "apps", "src", "tests", "fixtures", "xtask", "benches", "docs", "README.md"];

/// Breaks one rule after the other, those whose name has `only` in it; fails if
/// a break goes unnoticed.
pub fn mutants(project: &Project, only: Option<&str>, is_list: bool) -> Result<ExitCode> {
    let wanted = |broken: &&Break| only.is_none_or(|only| broken.name.contains(only));
    let breaks: Vec<&Break> = BREAKS.iter().filter(wanted).collect();
    if breaks.is_empty() {
        return Err(Error::new("no break has this in its name; `--list` names them"));
    }
    if is_list {
        breaks.iter().for_each(|broken| println!("{:<32} {}", broken.name, broken.rule));
        return Ok(ExitCode::SUCCESS);
    }
    let tree = project.made("mutants").join("tree");
    fs::create_dir_all(&tree).doing(|| format!("create {}", tree.display()))?;
    for part in COPIED {
        copy(&project.root.join(part), &tree.join(part))?;
    }
    let mut unnoticed = 0;
    for broken in breaks {
        report::heading(&format!("{}: {}", broken.name, broken.rule));
        let started = Instant::now();
        let is_noticed = try_out(project, &tree, broken)?;
        let took = report::seconds(started.elapsed());
        unnoticed += usize::from(!is_noticed);
        match is_noticed {
            true => println!("  {} ({took})", report::paint(Colour::Green, "noticed")),
            false => println!("  {} ({took})", report::paint(Colour::Red, "NOT noticed")),
        }
    }
    match unnoticed {
        0 => Ok(ExitCode::SUCCESS),
        count => Err(Error::new(format!("breaks that no test notices: {count}"))),
    }
}

/// Whether the tests notice a break.
fn try_out(project: &Project, tree: &Path, broken: &Break) -> Result<bool> {
    let path = tree.join(broken.file);
    let sources = fs::read_to_string(&path).doing(|| format!("read {}", path.display()))?;
    let changed = changed(&sources, broken)?;
    write(&path, &changed)?;
    let build = cargo(project, tree, broken, &["--no-run"]);
    let noticed = build.map_err(|error| Error::new(format!("{}: {error}", broken.name))).map(|()| {
        let mut arguments = vec!["--"];
        arguments.extend(broken.tests);
        cargo(project, tree, broken, &arguments).is_err()
    });
    write(&path, &sources)?;
    noticed
}

fn changed(sources: &str, broken: &Break) -> Result<String> {
    match sources.matches(broken.from).count() {
        1 => Ok(sources.replace(broken.from, broken.to)),
        count => Err(Error::new(format!(
            "{}: `{}` stands {count} times in {}, and has to stand once: mend the list of breaks",
            broken.name, broken.from, broken.file
        ))),
    }
}

fn cargo(project: &Project, tree: &Path, broken: &Break, arguments: &[&str]) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.current_dir(tree).env("CARGO_TARGET_DIR", project.made("mutants").join("target"));
    // Enough cases that each break is met.
    cargo.env("SEEDS", "8000").env("NIGHTS", "300").env("MOST", "1");
    cargo.args(["test", "--package", "dacc-aggregator"]).args(broken.target.split(' ')).args(arguments);
    process::run_quietly(&mut cargo, &project.log("mutants"), LIMIT)
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).doing(|| format!("write {}", path.display()))
}

/// Copies what changed, so that cargo builds no more than that anew.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to).doing(|| format!("create {}", to.display()))?;
        let names = |folder: &Path| -> Result<Vec<PathBuf>> {
            let entries = fs::read_dir(folder).doing(|| format!("read {}", folder.display()))?;
            entries.map(|entry| Ok(entry.doing(|| format!("read {}", folder.display()))?.path())).collect()
        };
        for old in names(to)?.iter().filter_map(|path| path.file_name()) {
            let gone = to.join(old);
            if !from.join(old).exists() {
                let removed = if gone.is_dir() { fs::remove_dir_all(&gone) } else { fs::remove_file(&gone) };
                removed.doing(|| format!("remove {}", gone.display()))?;
            }
        }
        for path in names(from)? {
            let name = path.file_name().unwrap_or_default().to_owned();
            copy(&path, &to.join(name))?;
        }
        return Ok(());
    }
    let new = fs::read(from).doing(|| format!("read {}", from.display()))?;
    if fs::read(to).is_ok_and(|old| old == new) {
        return Ok(());
    }
    fs::write(to, new).doing(|| format!("write {}", to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_break_stands_once_in_the_sources() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for broken in BREAKS {
            let sources = fs::read_to_string(root.join(broken.file)).unwrap();
            assert!(changed(&sources, broken).is_ok(), "{:?}", changed(&sources, broken));
        }
    }
}
