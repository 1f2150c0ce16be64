//! Instructions of the native core, counted by callgrind and kept in the
//! repository: a figure that does not depend on what else a machine does.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;

/// Where the counts are kept.
const KEPT: &str = "benches/instructions.json";

/// What is counted: so many events of this shape.
const CASES: [(u32, &str); 11] = [
    (1_000, "full"),
    (10_000, "full"),
    (10_000, "slim"),
    (10_000, "shuffled"),
    (10_000, "pretty"),
    (10_000, "mix"),
    (10_000, "mix-slim"),
    (10_000, "targets"),
    (20, "trips"),
    (300, "mix"),
    (0, "mix"),
];

/// More than so many percent above what is kept is a failure.
const MOST_PERCENT: f64 = 5.0;

/// Under callgrind a second of work takes about a minute.
const LIMIT: Duration = Duration::from_secs(600);

/// How the counts compare with those that are kept.
pub enum Verdict {
    Kept,
    /// They cannot be compared here, and why.
    Skipped(String),
}

/// Counts, and fails where something takes more than it may.
pub fn check(project: &Project) -> Result<Verdict> {
    let compiler = match countable() {
        Ok(compiler) => compiler,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    let path = project.root.join(KEPT);
    let kept = Counts::parse(&fs::read_to_string(&path).doing(|| format!("read {KEPT}"))?)?;
    if kept.compiler != compiler {
        return Ok(Verdict::Skipped(format!(
            "{KEPT} was counted with {}, this is {compiler}, and counts of two compilers do not compare",
            kept.compiler
        )));
    }
    let counts = count(project, compiler)?;
    let mut worse = Vec::new();
    for (case, &now) in &counts.cases {
        let Some(&before) = kept.cases.get(case) else {
            return Err(Error::new(format!("{KEPT} has no `{case}`: `cargo xtask bench --bless` counts it")));
        };
        let percent = change(before, now);
        println!("  {case:<16} {now:>12} {percent:>+7.1} %");
        if percent > MOST_PERCENT {
            worse.push(format!("{case} {percent:+.1} %"));
        } else if percent < -MOST_PERCENT {
            report::step(case, "is better than what is kept: `cargo xtask bench --bless` keeps it so");
        }
    }
    if worse.is_empty() {
        return Ok(Verdict::Kept);
    }
    Err(Error::new(format!(
        "more instructions than {KEPT} allows ({}): find out why, or accept it by `cargo xtask bench --bless`",
        worse.join(", ")
    )))
}

/// Counts, and keeps that.
pub fn bless(project: &Project) -> Result<()> {
    let compiler = countable().map_err(|why| Error::new(format!("nothing can be counted: {why}")))?;
    let counts = count(project, compiler)?;
    for (case, now) in &counts.cases {
        println!("  {case:<16} {now:>12}");
    }
    fs::write(project.root.join(KEPT), counts.render()).doing(|| format!("write {KEPT}"))?;
    report::step("instructions", &format!("kept in {KEPT}"));
    Ok(())
}

/// The compiler that counts here, or why nothing can be counted.
fn countable() -> Result<String, String> {
    if env::consts::ARCH != "x86_64" || env::consts::OS != "linux" {
        return Err("instructions are counted on x86-64 Linux only".to_owned());
    }
    if process::find("valgrind").is_none() {
        return Err("valgrind is not on PATH; Debian's package has that name".to_owned());
    }
    process::output(process::command("rustc").arg("--version"))
        .map(|version| version.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .ok_or_else(|| "`rustc --version` failed".to_owned())
}

fn change(before: u64, now: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a ratio, for a person")]
    let (before, now) = (before as f64, now as f64);
    (now / before - 1.0) * 100.0
}

fn count(project: &Project, compiler: String) -> Result<Counts> {
    let program = super::native(project)?;
    let cases = CASES.iter().map(|(events, shape)| {
        let case = format!("{shape}-{events}");
        let instructions = callgrind(project, &program, &case, &[&events.to_string(), shape])?;
        Ok((case, instructions))
    });
    Ok(Counts { compiler, cases: cases.collect::<Result<_>>()? })
}

fn callgrind(project: &Project, program: &Path, case: &str, input: &[&str]) -> Result<u64> {
    let out: PathBuf = project.made(super::MADE).join(format!("callgrind.{case}.out"));
    let mut valgrind = process::command("valgrind");
    valgrind
        .args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*counted_work*"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program)
        .arg("count")
        .args(input);
    process::run_quietly(&mut valgrind, &project.log("callgrind"), LIMIT)?;
    let text = fs::read_to_string(&out).doing(|| format!("read {}", out.display()))?;
    total(&text).filter(|&total| total > 0).ok_or_else(|| {
        Error::new(format!(
            "callgrind counted nothing of `{case}`: the program's `counted_work` was not found"
        ))
    })
}

/// The one number of callgrind's file that is asked for.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("totals:").or(line.strip_prefix("summary:")));
    line?.split_whitespace().next()?.parse().ok()
}

/// Counts by case, and the compiler whose program was counted.
#[derive(Debug, PartialEq)]
struct Counts {
    compiler: String,
    cases: BTreeMap<String, u64>,
}

impl Counts {
    fn render(&self) -> String {
        let cases = self.cases.iter().map(|(case, count)| format!("    \"{case}\": {count}"));
        let cases = cases.collect::<Vec<_>>().join(",\n");
        format!("{{\n  \"compiler\": \"{}\",\n  \"instructions\": {{\n{cases}\n  }}\n}}\n", self.compiler)
    }

    /// Reads what `render` writes.
    fn parse(text: &str) -> Result<Counts> {
        let mut compiler = None;
        let mut cases = BTreeMap::new();
        for line in text.lines() {
            let Some((name, value)) = line.trim().trim_end_matches(',').split_once(": ") else { continue };
            let name = name.trim_matches('"');
            if name == "compiler" {
                compiler = Some(value.trim_matches('"').to_owned());
            } else if let Ok(count) = value.parse() {
                cases.insert(name.to_owned(), count);
            }
        }
        let compiler = compiler.ok_or_else(|| {
            Error::new(format!("{KEPT} cannot be read: `cargo xtask bench --bless` makes it again"))
        })?;
        Ok(Counts { compiler, cases })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_they_were_written() {
        let cases = [("full-1000".to_owned(), 12_345), ("slim-1000".to_owned(), 6)];
        let counts = Counts { compiler: "rustc 1.95.0".to_owned(), cases: BTreeMap::from(cases) };
        assert_eq!(Counts::parse(&counts.render()).unwrap(), counts);
        assert!(Counts::parse("{}").is_err());
    }

    #[test]
    fn callgrind_s_total_is_found() {
        assert_eq!(total("version: 1\nevents: Ir\nsummary: 42\n\ntotals: 42\n"), Some(42));
        assert_eq!(total("events: Ir\n"), None);
    }

    #[test]
    fn a_change_is_in_percent() {
        assert!((change(100, 106) - 6.0).abs() < 1e-9);
        assert!((change(100, 90) + 10.0).abs() < 1e-9);
    }
}
