//! Every test, stage by stage, as many at the same time as there are
//! processors; and a table of how it went and what it cost.
//!
//! Each job is a process of its own, this program once more: so its lines stay
//! together, and the system counts what it costs.

mod full;
mod fuzz;
mod part;
mod plan;
mod schedule;
mod stage;
mod table;

use std::env;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::cost::Cost;
use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::project::Project;
use crate::report;

use part::Ended;
use schedule::{Job, Outcome};
use table::{Row, Total};

/// More than so many at the same time take memory that a machine may not have:
/// some start a browser or a database.
const MOST_LANES: usize = 4;

pub fn list() {
    for stage in plan::tests() {
        println!("{:<9} {}", stage.name, stage.what);
    }
}

/// Runs the stages that `only` names, or all of them; the one that `full` adds
/// beside them; so many at the same time.
pub fn test(project: &Project, only: Option<&str>, full: bool, lanes: Option<&str>) -> Result<ExitCode> {
    let plan = plan::plan(project, only, full)?;
    let lanes = match lanes {
        Some(lanes) => lanes.parse().ok().filter(|&lanes| lanes > 0).ok_or_else(|| {
            Error::new(format!("`--jobs` wants how many run at the same time, not `{lanes}`"))
        })?,
        None => thread::available_parallelism().map_or(1, usize::from).min(MOST_LANES),
    };
    let started = Instant::now();
    let output = Output { is_live: lanes == 1 || plan.len() == 1, speaking: Mutex::new(()) };
    let ended = schedule::run(
        &plan,
        lanes,
        |job| output.execute(project, job),
        |job, outcome, told| {
            // Who did not run has not said why.
            if told.is_none() {
                let (word, why) = match outcome {
                    Outcome::Skipped(why) => ("skipped", why.as_str()),
                    Outcome::Failed(why) => ("failed", why.as_str()),
                    Outcome::Passed => ("ok", ""),
                };
                output.say(|| println!("{}: {word}, {why}\n", job.name));
            }
        },
    );
    let rows: Vec<Row> = plan
        .iter()
        .zip(ended)
        .map(|(job, (outcome, told))| {
            let (wall, processor, builds) = told.unwrap_or_default();
            Row { name: job.name.clone(), outcome, wall, processor, builds }
        })
        .collect();
    table::print(&rows, &Total { wall: started.elapsed(), lanes });
    let failed = rows.iter().any(|row| matches!(row.outcome, Outcome::Failed(_)));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Runs one job in this process, and writes what became of it for the one that
/// started it.
pub fn job(project: &Project, name: &str, told: &Path) -> Result<ExitCode> {
    let (stage, part) = part::split(name);
    let stage = plan::stage(stage)?;
    let outcome = match (stage.run)(project, part) {
        Ok(outcome) => outcome,
        Err(error) => {
            // Before the error, and not in the middle of it.
            io::stdout().flush().doing(|| "print".to_owned())?;
            report::error(&error.to_string());
            Outcome::Failed(error.to_string())
        }
    };
    let is_failed = matches!(outcome, Outcome::Failed(_));
    Ended::now(outcome).write(told)?;
    Ok(if is_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Where what jobs print goes: at once where one runs at a time, else when the
/// job has ended, in one piece.
struct Output {
    is_live: bool,
    speaking: Mutex<()>,
}

/// What a job took: time, of its processors, and in builds.
type Told = (Duration, Option<Duration>, Cost);

impl Output {
    fn say(&self, words: impl FnOnce()) {
        let speaking = self.speaking.lock();
        words();
        drop(speaking);
    }

    fn execute(&self, project: &Project, job: &Job) -> (Outcome, Told) {
        let title = format!("{}: {}", job.name, job.what);
        if self.is_live {
            report::heading(&title);
        } else {
            self.say(|| println!("{} begins", job.name));
        }
        let started = Instant::now();
        let log = project.log(&format!("test-{}", part::file_name(&job.name)));
        let ended = self.process(project, job, &log).unwrap_or_else(|error| {
            report::error(&error.to_string());
            Ended { outcome: Outcome::Failed(error.to_string()), processor: None, builds: Cost::default() }
        });
        let wall = started.elapsed();
        self.say(|| {
            if !self.is_live {
                println!();
                report::heading(&title);
                if let Err(error) = show(&log) {
                    report::error(&error.to_string());
                }
            }
            let took = report::seconds(wall);
            match &ended.outcome {
                Outcome::Passed => println!("{}: ok ({took})\n", job.name),
                Outcome::Skipped(why) => println!("{}: skipped, {why}\n", job.name),
                Outcome::Failed(_) => println!("{}: failed ({took})\n", job.name),
            }
        });
        (ended.outcome, (wall, ended.processor, ended.builds))
    }

    fn process(&self, project: &Project, job: &Job, log: &Path) -> Result<Ended> {
        let told = log.with_extension("ended");
        let told = part::prepare(told)?;
        let program = env::current_exe().doing(|| "find this program".to_owned())?;
        // With what `cargo run` said about this crate, by which it finds the
        // repository.
        let mut command = Command::new(program);
        command.args(["job", &job.name]).arg(&told).current_dir(&project.root).stdin(Stdio::null());
        if !self.is_live {
            let lines = File::create(log).doing(|| format!("write {}", log.display()))?;
            command.stderr(lines.try_clone().doing(|| format!("write {}", log.display()))?).stdout(lines);
        }
        let status = process::status(&mut command)?;
        Ended::take(&told).ok_or_else(|| Error::new(format!("`{}` ended early ({status})", job.name)))
    }
}

fn show(log: &Path) -> Result<()> {
    let lines = fs::read(log).doing(|| format!("read {}", log.display()))?;
    let mut out = io::stdout().lock();
    out.write_all(&lines).and_then(|()| out.flush()).doing(|| format!("print {}", log.display()))
}
