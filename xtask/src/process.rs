//! Other programs: finding them, running them, saying what went wrong.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Context as _, Error, Result};

/// How often a program with a time limit is looked at.
const POLL: Duration = Duration::from_millis(50);

/// How much of a failed program's log an error shows.
const TAIL_LINES: usize = 30;

/// A command without what `cargo run` says about this crate: another cargo
/// would take it for its own, and rebuild.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let leaked = name == "CARGO"
            || name == "CARGO_BIN_NAME"
            || name == "CARGO_CRATE_NAME"
            || name == "CARGO_PRIMARY_PACKAGE"
            || name.starts_with("CARGO_MANIFEST_")
            || name.starts_with("CARGO_PKG_");
        if leaked {
            command.env_remove(name);
        }
    }
    command
}

/// The program's path, if it is on PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

/// Runs with our own output; an error names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let status = status(command.stdin(Stdio::null()))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(format!("`{}` failed ({status})", render(command))))
}

/// Runs in our place, with our input and output, and passes its status on.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().doing(|| format!("start `{}`", render(command)))
}

/// Runs silently; what it prints goes to `log`, whose end an error shows.
/// A program that takes longer than `limit` is stopped.
pub fn run_quietly(command: &mut Command, log: &Path, limit: Duration) -> Result<()> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).doing(|| format!("create {}", folder.display()))?;
    }
    let output = File::create(log).doing(|| format!("write {}", log.display()))?;
    let errors = output.try_clone().doing(|| format!("write {}", log.display()))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .doing(|| format!("start `{}`", render(command)))?;
    let started = Instant::now();
    let failure = loop {
        let ended = child.try_wait().doing(|| format!("wait for `{}`", render(command)))?;
        match ended {
            Some(status) if status.success() => return Ok(()),
            Some(status) => break status.to_string(),
            None if started.elapsed() > limit => {
                // Either it is gone already or it is stopped now.
                let _ = child.kill();
                let _ = child.wait();
                break format!("stopped after {} s", limit.as_secs());
            }
            None => thread::sleep(POLL),
        }
    };
    Err(Error::new(format!(
        "`{}` failed ({failure}); the end of {}:\n{}",
        render(command),
        log.display(),
        tail(&fs::read_to_string(log).unwrap_or_default()),
    )))
}

/// What the program prints on its standard output, if it succeeds.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned())
}

/// The command as one would type it.
pub fn render(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let mut line = program.to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(TAIL_LINES);
    lines[from..].iter().map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_log_is_its_last_lines() {
        let log = (0..100).map(|n| format!("{n}\n")).collect::<String>();
        let tail = tail(&log);
        assert_eq!(tail.lines().count(), TAIL_LINES);
        assert!(tail.ends_with("| 99"));
    }

    #[test]
    fn a_missing_program_is_not_found() {
        assert!(find("no-such-program-as-this").is_none());
        assert!(output(&mut command("no-such-program-as-this")).is_none());
    }
}
