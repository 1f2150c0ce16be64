//! The registry: what is kept of a person, and what each command does with it.
//!
//! Every command iterates over [`Collection::ALL`] and asks here. The matches
//! have no arm for the rest: a collection without a handler does not compile.

use std::fmt;

use crate::calendar::{Clock, Day, Period};
use crate::ecolyo::Doctypes;
use crate::scan::{Document, fields};

/// Something that is kept of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collection {
    /// Usage events.
    Events,
    /// The app's profile of the person.
    Profile,
    /// The kind of household.
    ProfileType,
    /// The terms accepted and refused: the history of consent.
    Terms,
    /// What runs remember.
    Memory,
    /// The ledger of contributions.
    Measures,
    /// What was imported of another time or another home, and counts for nothing.
    History,
    /// The stack's own log of what was sent.
    Requests,
    /// Files that `backup` and `purge` wrote.
    Backups,
}

/// The commands that work on collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is a command of `dacc`")]
pub enum Command {
    Export,
    Import,
    Purge,
    Merge,
    Backup,
    Recover,
    Receipts,
    Report,
    Status,
    Settings,
}

impl Command {
    /// Every command.
    pub const ALL: [Command; 10] = [
        Command::Export,
        Command::Import,
        Command::Purge,
        Command::Merge,
        Command::Backup,
        Command::Recover,
        Command::Receipts,
        Command::Report,
        Command::Status,
        Command::Settings,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Command::Export => "export",
            Command::Import => "import",
            Command::Purge => "purge",
            Command::Merge => "merge",
            Command::Backup => "backup",
            Command::Recover => "recover",
            Command::Receipts => "receipts",
            Command::Report => "report",
            Command::Status => "status",
            Command::Settings => "settings",
        }
    }
}

/// What an import makes of a document; a merge makes the same of the former's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImportRule {
    /// The document itself.
    AsIs,
    /// The document itself where the home has no terms, under which a run could
    /// use it; elsewhere an entry of the history.
    WithoutTerms,
    /// A contribution that can no longer be sent, and keeps its cell.
    Ended,
    /// An entry of the history, with the document inside.
    History,
}

/// What a purge does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PurgeRule {
    /// Deletes it.
    Always,
    /// Deletes it where the state goes too and no day bounds the purge.
    WithEverything,
    /// Deletes it where the state goes too.
    WithState,
}

/// How a command reaches a collection of a Cozy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequiredAccess {
    No,
    Reads,
    /// Reads it, and writes several of its documents at once.
    Writes,
    /// Reads it, and writes its one document, which it may make or take away.
    Holds,
}

/// What a command does with a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// This, with it.
    Does(&'static str),
    /// Nothing, for this reason.
    Leaves(&'static str),
}

impl fmt::Display for Handling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Handling::Does(what) => f.write_str(what),
            Handling::Leaves(why) => write!(f, "nothing: {why}"),
        }
    }
}

use Handling::{Does, Leaves};

const A_FILE: &str = "a file the person keeps, where the home is not";
const NOT_READ: &str = "it says nothing of this";

impl Collection {
    /// Every collection, in the order of an export; a purge has its own.
    pub const ALL: [Collection; 9] = [
        Collection::Events,
        Collection::Profile,
        Collection::ProfileType,
        Collection::Terms,
        Collection::Memory,
        Collection::Measures,
        Collection::History,
        Collection::Requests,
        Collection::Backups,
    ];

    /// Its name on the command line and in the results.
    pub fn name(self) -> &'static str {
        match self {
            Collection::Events => "events",
            Collection::Profile => "profile",
            Collection::ProfileType => "profileType",
            Collection::Terms => "terms",
            Collection::Memory => "memory",
            Collection::Measures => "measures",
            Collection::History => "history",
            Collection::Requests => "requests",
            Collection::Backups => "backups",
        }
    }

    /// Its doctype, if it is one of documents.
    pub fn doctype(self, doctypes: &Doctypes) -> Option<&str> {
        match self {
            Collection::Events => Some(&doctypes.events),
            Collection::Profile => Some(&doctypes.profile),
            Collection::ProfileType => Some(&doctypes.profile_type),
            Collection::Terms => Some(&doctypes.terms),
            Collection::Memory => Some(&doctypes.memory),
            Collection::Measures => Some(&doctypes.measures),
            Collection::History => Some(&doctypes.history),
            Collection::Requests => Some(&doctypes.requests),
            Collection::Backups => None,
        }
    }

    /// The collection of a doctype.
    pub(crate) fn of(doctype: &str, doctypes: &Doctypes) -> Option<Collection> {
        Collection::ALL.into_iter().find(|each| each.doctype(doctypes) == Some(doctype))
    }

    /// What the personal data are for.
    pub fn purpose(self) -> &'static str {
        match self {
            Collection::Events => "what the indicators are computed from",
            Collection::Profile | Collection::ProfileType => {
                "groups of monthly indicators, and the day on which they are due"
            }
            Collection::Terms => "whether the person consents, and since when",
            Collection::Memory => "what the next night needs to know of the last",
            Collection::Measures => "that nothing is sent twice, and that the person sees what was sent",
            Collection::History => "that an import keeps what it may not bring to life",
            Collection::Requests => "the stack's proof of each request",
            Collection::Backups => "that what is deleted can be had again",
        }
    }

    /// When it is deleted.
    pub fn kept(self) -> &'static str {
        match self {
            Collection::Events => "as `retention` says, or until `dacc purge`",
            Collection::History => "until `dacc purge`, by the day of what was imported",
            Collection::Profile | Collection::ProfileType | Collection::Terms => {
                "by the app, or until `dacc purge --state`"
            }
            Collection::Measures => "as `retention.ledger` says, or until `dacc purge --state`",
            Collection::Memory => "until `dacc purge --state`",
            Collection::Requests => "by the stack; apps cannot delete it",
            Collection::Backups => "until the person deletes the file",
        }
    }

    /// What each command does with it.
    pub fn handling(self, command: Command) -> Handling {
        match command {
            Command::Export => self.exported(),
            Command::Import => match self.import_rule() {
                Some(ImportRule::AsIs) => Does("inserts the documents"),
                Some(ImportRule::WithoutTerms) => {
                    Does("inserts the documents where the home has no terms, else keeps them in the history")
                }
                Some(ImportRule::Ended) => Does("inserts contributions that can no longer be sent"),
                Some(ImportRule::History) => {
                    Does("keeps the documents in the history, where nothing reads them")
                }
                None => Leaves(A_FILE),
            },
            Command::Purge => match self.purge_rule() {
                Ok(PurgeRule::Always) => Does("deletes the documents"),
                Ok(PurgeRule::WithEverything) => {
                    Does("deletes the documents with --state and without --before")
                }
                Ok(PurgeRule::WithState) => {
                    Does("deletes the documents with --state; cancels what waits first")
                }
                Err(why) => Leaves(why),
            },
            Command::Merge => match self.merge_rule() {
                Ok(ImportRule::AsIs | ImportRule::WithoutTerms) => Does("inserts the former's documents"),
                Ok(ImportRule::Ended) => {
                    Does("inserts the former's contributions, none of which can be sent")
                }
                Ok(ImportRule::History) => Does("keeps the former's documents in the history"),
                Err(why) => Leaves(why),
            },
            Command::Backup => self.exported(),
            Command::Recover => match self {
                Collection::Events => Does("inserts those that are missing, by `_id`"),
                Collection::Backups => Does("reads them"),
                Collection::Profile
                | Collection::ProfileType
                | Collection::Terms
                | Collection::Memory
                | Collection::Measures
                | Collection::History
                | Collection::Requests => Leaves("`import` brings it back from the same file"),
            },
            Command::Receipts => match self {
                Collection::Measures => Does("tells what became of each"),
                Collection::Terms | Collection::History => Does("tells on which consent each rests"),
                Collection::Events
                | Collection::Profile
                | Collection::ProfileType
                | Collection::Memory
                | Collection::Requests
                | Collection::Backups => Leaves(NOT_READ),
            },
            Command::Report => match self {
                Collection::Events => Does("counts fields, unknown values, duplicates, what is out of range"),
                Collection::Measures => Does("counts by day what was computed and what became of it"),
                Collection::Terms | Collection::Profile | Collection::ProfileType | Collection::Memory => {
                    Does("computes what is expected of each day")
                }
                Collection::History | Collection::Requests | Collection::Backups => Leaves(NOT_READ),
            },
            Command::Settings => self.resettled(),
            Command::Status => match self {
                Collection::Terms => Does("tells whether consent stands"),
                Collection::Memory => Does("tells the lease, the last run, the days that are open"),
                Collection::Measures => Does("tells what waits"),
                Collection::Profile => Does("tells when months are due"),
                Collection::Events => Does("counts those that lie on no day"),
                Collection::ProfileType
                | Collection::History
                | Collection::Requests
                | Collection::Backups => Leaves(NOT_READ),
            },
        }
    }

    /// What a change of the settings does with it.
    fn resettled(self) -> Handling {
        match self {
            Collection::Memory => Does("keeps them, and closes what is open"),
            Collection::Events | Collection::Measures => Does("closes the home up to the last of them"),
            Collection::Terms => Does("reads which events are consented"),
            Collection::Profile
            | Collection::ProfileType
            | Collection::History
            | Collection::Requests
            | Collection::Backups => Leaves(NOT_READ),
        }
    }

    /// How each command reaches it on a Cozy, at most: what the app's manifest
    /// has to allow. Who changes a home holds its memory, also where it says
    /// nothing of it otherwise.
    pub(crate) fn required_access(self, command: Command) -> RequiredAccess {
        use RequiredAccess::{Holds, No, Reads, Writes};
        match (command, self) {
            (_, Collection::Backups) => No,
            (Command::Export | Command::Backup, _) => Reads,
            (
                Command::Import | Command::Purge | Command::Merge | Command::Recover | Command::Settings,
                Collection::Memory,
            ) => Holds,
            (Command::Settings, Collection::Measures) => Writes,
            (Command::Settings, Collection::Events | Collection::Terms) => Reads,
            (Command::Import, Collection::Terms | Collection::Requests) => Reads,
            (Command::Import, _) => Writes,
            (Command::Purge | Command::Merge, Collection::Requests) => Reads,
            (Command::Purge | Command::Merge, _) => Writes,
            (Command::Recover, Collection::Events) => Writes,
            (
                Command::Receipts,
                Collection::Measures | Collection::Terms | Collection::History | Collection::Memory,
            ) => Reads,
            (
                Command::Report,
                Collection::Events
                | Collection::Profile
                | Collection::ProfileType
                | Collection::Terms
                | Collection::Memory
                | Collection::Measures,
            ) => Reads,
            (
                Command::Status,
                Collection::Events
                | Collection::Profile
                | Collection::Terms
                | Collection::Memory
                | Collection::Measures,
            ) => Reads,
            (
                Command::Recover | Command::Receipts | Command::Report | Command::Status | Command::Settings,
                _,
            ) => No,
        }
    }

    fn exported(self) -> Handling {
        match self {
            Collection::Events
            | Collection::Profile
            | Collection::ProfileType
            | Collection::Terms
            | Collection::Memory
            | Collection::Measures
            | Collection::History => Does("writes the documents as they are"),
            Collection::Requests => Does("writes those of the DACC's doctypes"),
            Collection::Backups => Leaves(A_FILE),
        }
    }

    pub(crate) fn import_rule(self) -> Option<ImportRule> {
        match self {
            Collection::Events | Collection::History => Some(ImportRule::AsIs),
            Collection::Profile | Collection::ProfileType => Some(ImportRule::WithoutTerms),
            Collection::Measures => Some(ImportRule::Ended),
            Collection::Terms | Collection::Memory | Collection::Requests => Some(ImportRule::History),
            Collection::Backups => None,
        }
    }

    pub(crate) fn merge_rule(self) -> Result<ImportRule, &'static str> {
        match self {
            Collection::Events | Collection::History => Ok(ImportRule::AsIs),
            Collection::Measures => Ok(ImportRule::Ended),
            // What was sent rests on them: as history they are a proof, and no consent.
            Collection::Terms | Collection::Requests => Ok(ImportRule::History),
            Collection::Profile => Err("the current's stays; the earlier first connection is taken"),
            Collection::ProfileType => Err("the current's stays"),
            Collection::Memory => Err("each home remembers its own runs"),
            Collection::Backups => Err(A_FILE),
        }
    }

    pub(crate) fn purge_rule(self) -> Result<PurgeRule, &'static str> {
        match self {
            Collection::Events | Collection::History => Ok(PurgeRule::Always),
            Collection::Profile | Collection::ProfileType | Collection::Terms => {
                Ok(PurgeRule::WithEverything)
            }
            Collection::Measures | Collection::Memory => Ok(PurgeRule::WithState),
            Collection::Requests => Err("the stack's log: apps may read it, and not delete it"),
            Collection::Backups => Err("a file that only the person can delete"),
        }
    }

    /// The order of a purge: what could still be sent first, the state last.
    pub(crate) const PURGE_ORDER: [Collection; 9] = [
        Collection::Events,
        Collection::History,
        Collection::Profile,
        Collection::ProfileType,
        Collection::Terms,
        Collection::Requests,
        Collection::Backups,
        Collection::Measures,
        Collection::Memory,
    ];

    /// Whether its documents lie on days.
    pub(crate) fn is_dated(self) -> bool {
        match self {
            Collection::Events | Collection::Terms | Collection::Measures | Collection::Requests => true,
            Collection::Profile
            | Collection::ProfileType
            | Collection::Memory
            | Collection::History
            | Collection::Backups => false,
        }
    }

    /// Whether an event lies on no day that anybody means: its date cannot be
    /// read, or is more than a year ahead.
    pub(crate) fn is_undated(event: Document<'_>, clock: &Clock, today: Day) -> bool {
        let date = fields(event, ["eventDate"]).and_then(|[date]| date?.text());
        date.is_none_or(|date| clock.plausible_day(&date, today).is_none())
    }

    /// Whether nothing says when the document of such an event was made, so that
    /// retention never lets it go.
    pub(crate) fn is_ageless(event: Document<'_>, clock: &Clock, today: Day) -> bool {
        let made = fields(event, ["cozyMetadata"]).and_then(|[made]| {
            let [created_at] = fields(made?.document()?, ["createdAt"])?;
            clock.plausible_day(&created_at?.text()?, today)
        });
        Collection::is_undated(event, clock, today) && made.is_none()
    }

    /// The day of a document, if it has one that can be read.
    pub(crate) fn day(self, document: Document<'_>, clock: &Clock) -> Option<Day> {
        let day_of = |field: &str| {
            let [date] = fields(document, [field])?;
            Some(clock.day(clock.read(&date?.text()?)?))
        };
        match self {
            Collection::Events => day_of("eventDate"),
            Collection::Terms => {
                let [date] = fields(document, ["date"])?;
                let has_date = date.is_some_and(|date| !date.is_null());
                day_of(if has_date { "date" } else { "acceptedAt" })
            }
            Collection::Requests => day_of("created_at"),
            Collection::Measures => {
                let [period] = fields(document, ["period"])?;
                Period::parse(&period?.text()?).map(Period::first_day)
            }
            Collection::Profile
            | Collection::ProfileType
            | Collection::Memory
            | Collection::History
            | Collection::Backups => None,
        }
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
