//! A person's rights over their usage data: access, portability, erasure,
//! recovery, one home out of two, and knowing what was sent.
//!
//! Like the nightly run, a command decides and a host acts. An [`Operation`]
//! asks for effects (a request to a Cozy, a piece of a file) and is given
//! inputs. Inside, each command is an `async` function over a `store`, which is a home file
//! or a Cozy. Documents pass through one by one, as the bytes they are.
//!
//! [`Collection`] is the registry: what is kept of a person, and what each
//! command does with it. `format` is the file that leaves and comes back.

mod closing;
mod collection;
mod document;
mod export;
mod format;
mod import;
mod incoming;
mod kind;
mod merge;
mod permissions;
mod port;
mod purge;
mod quality;
mod reader;
mod receipts;
mod record;
mod recover;
mod settings;
mod status;
mod store;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::calendar::{ClockKind, Day, Transition};
use crate::consent::Consent;
use crate::diagnostics::Diagnostics;
use crate::effect::{Request, Response, Unusable};
use crate::error::Error;
use crate::options::{Options, Settings};
use crate::scan::Document;
use crate::store::Failure;
pub(crate) use collection::RequiredAccess;
pub use collection::{Collection, Command as CommandName, Handling};
pub use permissions::{Audience, Fragment, Permission, Verb};
use port::Port;
pub use record::record;
use store::{Access, Store};

/// Where a home is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A home file, `{"<doctype>": [document, …], …}`.
    File,
    /// A Cozy.
    Cozy,
}

/// What is done about a document whose `_id` is there with another content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnConflict {
    /// Nothing at all is imported.
    #[default]
    Fail,
    /// What is there stays.
    Skip,
    /// What is imported takes its place.
    Replace,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Command {
    /// Everything that is kept, as one array in the file `output`.
    Export {
        /// The first day.
        #[serde(default)]
        from: Option<Day>,
        /// The first day no longer asked for.
        #[serde(default)]
        to: Option<Day>,
        /// Names of collections, or doctypes; all where none is named.
        #[serde(default)]
        collections: Vec<String>,
    },
    /// An export that is read again before it counts.
    Backup {},
    /// The documents of the export `input:0`.
    Import {
        /// Only tells what would be done.
        #[serde(default)]
        dry_run: bool,
        /// What is done about conflicts.
        #[serde(default)]
        on_conflict: OnConflict,
    },
    /// Deletes usage data.
    Purge {
        /// Only of days before this one.
        #[serde(default)]
        before: Option<Day>,
        /// Also what runs keep: the ledger and the memory.
        #[serde(default)]
        state: bool,
        /// Whether what is deleted is first written to the file `backup`.
        #[serde(default = "yes")]
        backup: bool,
        /// Only events that lie on no day: their date cannot be read, or is
        /// more than a year ahead.
        #[serde(default)]
        undated: bool,
        /// Only tells what would be done; nothing is written, and no backup.
        #[serde(default)]
        dry_run: bool,
    },
    /// Makes the home `former` part of the home.
    Merge {
        /// Whether the former is first written to the file `backup`.
        #[serde(default = "yes")]
        backup: bool,
        /// Only tells what would be done; nothing is written, and no backup.
        #[serde(default)]
        dry_run: bool,
        /// Whether the person says that two homes with one id are two: one is
        /// a copy of the other.
        #[serde(default)]
        same_home: bool,
    },
    /// Rebuilds events from the backups `input:0`, `input:1`, ….
    Recover {
        /// How many there are.
        files: usize,
        /// Whether the person says that they are this home's.
        #[serde(default)]
        same_home: bool,
    },
    /// What left, and what never did.
    Receipts {},
    /// The quality of the data.
    Report {},
    /// How the run stands.
    Status {},
    /// What the home lives under. What is given here is changed, and what was
    /// open is closed.
    Settings {
        /// `wall` or `instant`.
        #[serde(default)]
        clock: Option<String>,
        /// The IANA name of the users' zone.
        #[serde(default)]
        zone: Option<String>,
        /// `createdBy` of every measure.
        #[serde(default)]
        created_by: Option<String>,
        /// `month` or `run-date`.
        #[serde(default)]
        monthly_start_date: Option<String>,
    },
}

fn yes() -> bool {
    true
}

/// A command and the homes it works on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Task {
    /// What is asked for.
    pub command: Command,
    /// Where the home is.
    pub home: Place,
    /// Where the former home is, for a merge.
    #[serde(default)]
    pub former: Option<Place>,
}

/// What a host performs. Files have names: `home` and `former` are home files,
/// `input:0` … are read, `output` and `backup` are made, `scratch:…` is for the
/// command alone. What is appended to a file that is not a scratch file shows
/// only after [`Effect::Commit`]; where that never comes, nothing is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Make the request to the Cozy that is this home, `home` or `former`.
    Request(&'static str, Request),
    /// Let this time pass.
    Wait {
        /// Milliseconds.
        millis: u64,
    },
    /// Give so many bytes of a file from this place on; fewer only at its end.
    Read {
        /// The name of the file.
        file: String,
        /// From which byte on.
        at: u64,
        /// How many.
        length: usize,
    },
    /// Add bytes to a file that is being made.
    Append {
        /// The name of the file.
        file: String,
        /// What is added.
        bytes: Vec<u8>,
    },
    /// Put the file that was made in its place, whole and stored for good.
    Commit {
        /// The name of the file.
        file: String,
    },
    /// Give the offsets of a time zone, from the host's own time-zone data, for
    /// the time in question; the next input is [`Input::Offsets`]. Asked for
    /// only where the home lives in another zone than is configured.
    Offsets {
        /// The IANA name of the zone.
        zone: String,
        /// Under `wall` only now is brought into it.
        clock: ClockKind,
    },
    /// Forget a scratch file.
    Discard {
        /// The name of the file.
        file: String,
    },
    /// It is done; the outcome, as JSON.
    Done(String),
    /// It could not be done; one sentence. No file that was not committed stays.
    Failed(String),
}

/// What happened since the last step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// The operation begins.
    Start,
    /// What was appended is, or the file is in its place.
    Done,
    /// The time has passed.
    Waited,
    /// The request was answered.
    Answer(Response),
    /// The request had no answer.
    NoAnswer,
    /// The answer cannot be used, for a reason that only the host sees.
    Unusable(Unusable),
    /// The bytes asked for.
    Bytes(Vec<u8>),
    /// The offsets of the zone; none if the host does not know it.
    Offsets(Vec<Transition>),
    /// The file could not be read or written; why.
    Failed(String),
}

/// Why a command was not carried out.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Stop {
    #[error("{0}: {1}")]
    Cozy(String, Failure),
    #[error("{0}")]
    Refused(String),
}

impl Stop {
    pub(crate) fn at(what: &str) -> impl Fn(Failure) -> Stop {
        move |why| Stop::Cozy(what.to_owned(), why)
    }

    pub(crate) fn because(why: impl fmt::Display) -> Stop {
        Stop::Refused(why.to_string())
    }
}

/// What every command works with.
#[derive(Clone)]
pub(crate) struct Workspace {
    port: Port,
    options: Options,
    settings: Settings,
    /// Who holds the leases of this command's homes.
    holder: String,
}

impl Workspace {
    /// Takes the settings that the home lives under in place of those that are
    /// configured; returns the names of the options that it overrules.
    async fn adopt_settings(&mut self, home: &Store) -> Result<Vec<&'static str>, Stop> {
        let Some(mut settings) = home.memory().settings.clone() else { return Ok(Vec::new()) };
        let overruled = settings.apply(&mut self.options);
        if self.options.lacks_offsets() {
            self.options.transitions = Some(self.port.offsets(&settings.zone, settings.clock).await);
        }
        self.settings = settings.settings(&self.options).map_err(Stop::because)?;
        Ok(overruled)
    }
}

/// A command in progress.
///
/// ```
/// use dacc_aggregator::Options;
/// use dacc_aggregator::rights::{Effect, Input, Operation, Task};
///
/// let task = serde_json::from_str::<Task>(r#"{"home": "file", "command": {"status": {}}}"#).unwrap();
/// let options = Options::from_json(r#"{"now": "2024-03-10T02:00:00"}"#).unwrap();
/// let mut operation = Operation::new(task, options, 0).unwrap();
/// let effects = operation.step(1_710_032_400_000, Input::Start);
/// assert!(matches!(&effects[..], [Effect::Read { file, at: 0, .. }] if file == "home"));
/// ```
pub struct Operation {
    port: Port,
    execution: Option<Execution>,
}

/// A command being carried out; its outcome is JSON.
type Execution = Pin<Box<dyn Future<Output = Result<String, Stop>>>>;

impl Operation {
    /// A command with these options, of which `now` is the time; `seed` is what
    /// the waits between tries take their randomness from.
    ///
    /// # Errors
    /// If an option cannot be used.
    pub fn new(task: Task, options: Options, seed: u64) -> Result<Operation, Error> {
        let settings = options.settings_of_home()?;
        let port = Port::new(seed);
        let holder = store::holder(&port.cozy(port::HOMES[0]));
        let workspace = Workspace { port: port.clone(), options, settings, holder };
        Ok(Operation { port, execution: Some(Box::pin(execute(task, workspace))) })
    }

    /// Takes what happened, and the host's clock in milliseconds since 1970,
    /// and gives what is to be done; the last effect is the one whose outcome
    /// the next step takes. After [`Effect::Done`] or [`Effect::Failed`] there
    /// is nothing more to do.
    pub fn step(&mut self, now: u64, input: Input) -> Vec<Effect> {
        self.port.take(now, input);
        let mut effects = Vec::new();
        if let Some(execution) = &mut self.execution
            && let Poll::Ready(outcome) = execution.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            self.execution = None;
            effects = self.port.take_effects();
            effects.push(match outcome {
                Ok(outcome) => Effect::Done(outcome),
                Err(stop) => Effect::Failed(stop.to_string()),
            });
        } else {
            effects.extend(self.port.take_effects());
        }
        effects
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("over", &self.execution.is_none()).finish_non_exhaustive()
    }
}

async fn execute(task: Task, mut workspace: Workspace) -> Result<String, Stop> {
    let access = match task.command {
        Command::Settings { clock: None, zone: None, created_by: None, monthly_start_date: None }
        | Command::Export { .. }
        | Command::Backup {}
        | Command::Receipts {}
        | Command::Report {}
        | Command::Status {} => Access::Reads,
        // A dry run reads, also where there is nothing yet, and takes no lease.
        Command::Import { dry_run: true, .. } if task.home == Place::Cozy => Access::Reads,
        Command::Purge { dry_run: true, .. } | Command::Merge { dry_run: true, .. } => Access::Rehearses,
        Command::Import { .. } | Command::Recover { .. } => Access::Fills,
        Command::Purge { .. } | Command::Merge { .. } | Command::Settings { .. } => Access::Changes,
    };
    let mut home = Store::open(&workspace, task.home, "home", access).await?;
    let configured = workspace.clone();
    let outcome = match workspace.adopt_settings(&home).await {
        Ok(overruled) => {
            let outcome = carry_out(&workspace, configured, task, &mut home).await;
            outcome.map(|outcome| with_overruled(outcome, &overruled))
        }
        Err(stop) => Err(stop),
    };
    // The lease is given back also where the command was refused.
    let closed = home.close(outcome.is_err()).await;
    let outcome = outcome?;
    closed.map(|()| outcome)
}

/// The outcome, with the names of the options that the home's settings overrule,
/// if there are any.
fn with_overruled(outcome: String, overruled: &[&str]) -> String {
    let names = overruled.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",");
    match outcome.strip_prefix('{') {
        Some(rest) if !overruled.is_empty() => {
            let comma = if rest == "}" { "" } else { "," };
            format!("{{\"configuredOtherwise\":[{names}]{comma}{rest}")
        }
        _ => outcome,
    }
}

/// Does what is asked for; `configured` is the workspace as it was given.
async fn carry_out(
    workspace: &Workspace,
    configured: Workspace,
    task: Task,
    home: &mut Store,
) -> Result<String, Stop> {
    match task.command {
        Command::Export { from, to, collections } => {
            json(&export::export(workspace, home, from, to, &collections).await?)
        }
        Command::Backup {} => json(&export::backup(workspace, home).await?),
        Command::Import { dry_run, on_conflict } => {
            json(&import::import(workspace, home, dry_run, on_conflict).await?)
        }
        Command::Purge { before, state, backup, undated, dry_run } => {
            let backup = backup && !dry_run;
            json(&purge::purge(workspace, home, &purge::Order { before, state, backup, undated }).await?)
        }
        Command::Merge { backup, dry_run, same_home } => {
            let access = if dry_run { Access::Rehearses } else { Access::Changes };
            let backup = backup && !dry_run;
            let place = task.former.ok_or_else(|| Stop::because("merge: a former home is needed"))?;
            let mut former = Store::open(workspace, place, "former", access).await?;
            let mut former_workspace = configured;
            let merged = match former_workspace.adopt_settings(&former).await {
                Ok(_) => {
                    merge::merge(workspace, &former_workspace, &mut former, home, backup, same_home).await
                }
                Err(stop) => Err(stop),
            };
            let closed = former.close(merged.is_err()).await;
            let merged = merged?;
            closed?;
            json(&merged)
        }
        Command::Recover { files, same_home } => {
            json(&recover::recover(workspace, home, files, same_home).await?)
        }
        Command::Receipts {} => json(&receipts::receipts(workspace, home).await?),
        Command::Report {} => json(&quality::report(workspace, home).await?),
        Command::Status {} => json(&status::status(workspace, home).await?),
        Command::Settings { clock, zone, created_by, monthly_start_date } => {
            let wanted = [
                ("clock", clock),
                ("zone", zone),
                ("createdBy", created_by),
                ("monthlyStartDate", monthly_start_date),
            ];
            json(&settings::settings(workspace, home, wanted).await?)
        }
    }
}

/// The consent of these documents of the terms.
fn consent<T: AsRef<RawValue>>(workspace: &Workspace, terms: &[T]) -> Consent {
    let terms: Vec<Document<'_>> = terms.iter().map(|terms| Document::known(terms.as_ref().get())).collect();
    workspace.settings.consent(&terms, &mut Diagnostics::default())
}

fn json(outcome: &impl Serialize) -> Result<String, Stop> {
    serde_json::to_string(outcome).map_err(|_| Stop::because("the outcome cannot be written as JSON"))
}
