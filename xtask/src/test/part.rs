//! A job's own process, and what it hands back: how it ended, and what it cost.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::schedule::Outcome;
use crate::cost::{self, Cost};
use crate::error::{Context as _, Error, Result};

/// What a job hands back, beside what it prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub outcome: Outcome,
    /// Of its processors, where the system tells.
    pub processor: Option<Duration>,
    /// What of that went into builds.
    pub builds: Cost,
}

impl Ended {
    /// How the job of this process ended, and what it cost until now.
    pub fn now(outcome: Outcome) -> Self {
        Self { outcome, processor: cost::processor(), builds: cost::builds() }
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        fs::write(path, self.render()).doing(|| format!("write {}", path.display()))
    }

    /// Reads what another process wrote, and takes it away.
    pub fn take(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        // Whoever comes next clears it first.
        let _ = fs::remove_file(path);
        Self::parse(&text)
    }

    fn render(&self) -> String {
        let (word, why) = match &self.outcome {
            Outcome::Passed => ("passed", ""),
            Outcome::Skipped(why) => ("skipped", why.as_str()),
            Outcome::Failed(why) => ("failed", why.as_str()),
        };
        let millis = |time: Duration| time.as_millis().to_string();
        let processor = self.processor.map(millis).unwrap_or_default();
        let (wall, built) = (millis(self.builds.wall), millis(self.builds.processor));
        format!("{word}\n{processor}\n{wall}\n{built}\n{why}")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '\n');
        let (word, processor, wall, built) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let why = parts.next()?.to_owned();
        let millis = |text: &str| text.parse().map(Duration::from_millis);
        Some(Self {
            outcome: match word {
                "passed" => Outcome::Passed,
                "skipped" => Outcome::Skipped(why),
                "failed" => Outcome::Failed(why),
                _ => return None,
            },
            processor: millis(processor).ok(),
            builds: Cost { wall: millis(wall).ok()?, processor: millis(built).ok()? },
        })
    }
}

/// A name for files: `js/cli` is `js-cli`.
pub fn file_name(job: &str) -> String {
    job.replace('/', "-")
}

/// The job of a name that another process was given.
pub fn split(job: &str) -> (&str, Option<&str>) {
    match job.split_once('/') {
        Some((stage, part)) => (stage, Some(part)),
        None => (job, None),
    }
}

/// A file that can be written, in a folder that is there.
pub fn prepare(path: PathBuf) -> Result<PathBuf> {
    let folder = path.parent().ok_or_else(|| Error::new(format!("{} is in no folder", path.display())))?;
    fs::create_dir_all(folder).doing(|| format!("create {}", folder.display()))?;
    // One that is not there is as good.
    let _ = fs::remove_file(&path);
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_job_hands_back_is_read_as_it_was_written() {
        let cost = Cost { wall: Duration::from_millis(1_500), processor: Duration::from_millis(2_900) };
        for outcome in [
            Outcome::Passed,
            Outcome::Skipped("no browser".to_owned()),
            Outcome::Failed("two lines:\nthe second".to_owned()),
        ] {
            for processor in [None, Some(Duration::from_secs(3))] {
                let ended = Ended { outcome: outcome.clone(), processor, builds: cost };
                assert_eq!(Ended::parse(&ended.render()), Some(ended));
            }
        }
        assert_eq!(Ended::parse("passed"), None);
    }

    #[test]
    fn a_part_is_named_after_its_stage() {
        assert_eq!(split("js/cli"), ("js", Some("cli")));
        assert_eq!(split("clippy"), ("clippy", None));
    }
}
