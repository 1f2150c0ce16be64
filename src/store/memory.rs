//! The memory document: what one home keeps between its runs, with the lease,
//! the home's id and the settings it lives under. Runs and the commands of the
//! person's rights read and write it here alone.

use serde::Serialize;
#[cfg(feature = "rights")]
use serde_json::value::RawValue;

use super::cozy::{Cozy, Failure};
use crate::base::json::is_default;
use crate::calendar::Day;
use crate::decode::{Read, object, read};
use crate::limits;
use crate::memory::Memory;
use crate::options::HomeSettings;
use crate::scan::{Document, Field, fields};

/// The `_id` of the one memory document.
pub(crate) const MEMORY_ID: &str = "memory";

/// A home's memory document.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemoryDocument {
    #[serde(rename = "_rev", skip_serializing_if = "Option::is_none")]
    pub(crate) rev: Option<String>,
    /// The home's id: random, so that it says nothing. It survives every purge,
    /// and stands in exports, so that a backup is known as this home's; it
    /// never leaves in a measure, a log or a recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) home: Option<String>,
    /// What the home lives under, from its first run on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) settings: Option<HomeSettings>,
    pub(crate) memory: Memory,
    /// How many commands changed the home. What was planned under fewer was
    /// planned beside one of them, by a run that had lost its lease.
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) changes: u64,
    /// Which run may work now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lease: Option<Lease>,
    /// Which command may. It never takes the place of a run's: to a clock that is
    /// wrong that one is over, and whose clock is right still has to find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) command: Option<Lease>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) continuations: Option<Continuations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_run: Option<LastRun>,
}

/// Who holds the right to change the home, and until when on the host's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Lease {
    pub(crate) by: String,
    /// Milliseconds since 1970.
    pub(crate) until: u64,
}

object!(Lease {
    required "by" => by,
    required "until" => until,
});

impl Lease {
    /// Whether it holds others up. One that has run out, or that ends too far
    /// from now to have been written by a right clock, holds nobody up.
    pub(crate) fn holds(&self, now: u64) -> bool {
        self.until > now && self.until - now <= limits::MAX_LEASE_MILLIS
    }
}

/// How often a day's run asked for a job to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Continuations {
    pub(crate) day: Day,
    pub(crate) count: u32,
}

object!(Continuations {
    required "day" => day,
    required "count" => count,
});

/// When a run last ended, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LastRun {
    pub(crate) at: String,
    pub(crate) end: String,
}

object!(LastRun {
    required "at" => at,
    required "end" => end,
});

impl MemoryDocument {
    /// Reads a memory document, each part by itself: one that cannot be read
    /// is forgotten, and no reason to forget the rest.
    pub(crate) fn parse(bytes: &[u8]) -> MemoryDocument {
        let names =
            ["_rev", "home", "settings", "memory", "changes", "lease", "command", "continuations", "lastRun"];
        let found = Document::parse(bytes).and_then(|document| fields(document, names));
        let [rev, home, settings, memory, changes, lease, command, continuations, last_run] =
            found.unwrap_or_default();
        let text = |field: Option<Field<'_>>| Some(field?.text()?.into_owned());
        MemoryDocument {
            rev: text(rev),
            home: text(home),
            settings: part(settings),
            memory: part(memory).unwrap_or_default(),
            changes: changes.and_then(|changes| changes.number()?.parse().ok()).unwrap_or_default(),
            lease: part(lease),
            command: part(command),
            continuations: part(continuations),
            last_run: part(last_run),
        }
    }

    /// The document as it is stored. The stack takes an id and a revision, or
    /// neither.
    pub(crate) fn to_json(&self) -> Option<String> {
        let mut json = serde_json::to_string(self).ok()?;
        if self.rev.is_some() {
            json.insert_str(1, &format!("\"_id\":\"{MEMORY_ID}\","));
        }
        Some(json)
    }

    /// The document as a home file holds it.
    #[cfg(feature = "rights")]
    pub(crate) fn to_raw(&self) -> Option<Box<RawValue>> {
        let json = serde_json::to_string(&MemoryDocument { rev: None, ..self.clone() }).ok()?;
        RawValue::from_string(format!("{{\"_id\":\"{MEMORY_ID}\",{}", json.get(1..)?)).ok()
    }

    /// Whether another than this run holds a lease, be it a run or a command.
    pub(crate) fn is_held_by_another(&self, run: &str, now: u64) -> bool {
        self.lease.iter().chain(&self.command).any(|lease| lease.by != run && lease.holds(now))
    }
}

/// A part that is an object and can be read.
fn part<T: Read>(field: Option<Field<'_>>) -> Option<T> {
    read(field?.document()?.bytes()).ok()
}

/// The memory document; what of it cannot be read is forgotten, but for its
/// revision: the ledger alone keeps anything from being sent twice.
pub(crate) async fn read_memory(cozy: Cozy<'_>, doctype: &str) -> Result<MemoryDocument, Failure> {
    let body = cozy.document(doctype, MEMORY_ID).await?;
    Ok(body.map_or_else(MemoryDocument::default, |body| MemoryDocument::parse(&body)))
}

/// Writes the memory document over the revision that it carries.
pub(crate) async fn write_memory(
    cozy: Cozy<'_>,
    doctype: &str,
    document: &mut MemoryDocument,
) -> Result<(), Failure> {
    let body = document.to_json().ok_or(Failure::Malformed)?;
    match cozy.put(doctype, MEMORY_ID, body).await {
        Ok(rev) => document.rev = Some(rev),
        Err(failure) if failure.may_pass() || failure == Failure::Conflict => {
            // The write may have arrived though its answer was lost.
            let stored = read_memory(cozy, doctype).await?;
            let ours = MemoryDocument { rev: stored.rev.clone(), ..document.clone() };
            if stored != ours || stored.rev == document.rev {
                return Err(failure);
            }
            document.rev = stored.rev;
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::MemoryDocument;
    use crate::options::{HomeSettings, Options};

    fn settings(json: &str) -> HomeSettings {
        HomeSettings::configured(&Options::from_json(json).unwrap())
    }

    #[test]
    fn a_part_that_cannot_be_read_is_no_reason_to_forget_the_rest() {
        let document = MemoryDocument::parse(
            br#"{"_id":"memory","_rev":"3-a","home":"00ff","settings":7,"memory":{"firstDay":"2024-03-09"},
                "lease":{"by":"run","until":5},"later":true}"#,
        );
        assert_eq!((document.rev.as_deref(), document.home.as_deref()), (Some("3-a"), Some("00ff")));
        assert_eq!((document.settings.is_none(), document.lease.is_some()), (true, true));
        assert_eq!(document.memory.first_day, "2024-03-09".parse().ok());
        assert_eq!(MemoryDocument::parse(b"not JSON"), MemoryDocument::default());
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let document = MemoryDocument {
            rev: Some("1-a".into()),
            home: Some("00ff".into()),
            settings: Some(settings(r#"{"clock":"instant","zone":"Pacific/Apia"}"#)),
            changes: 3,
            ..MemoryDocument::default()
        };
        assert_eq!(MemoryDocument::parse(document.to_json().unwrap().as_bytes()), document);
        let without = MemoryDocument { rev: None, ..document };
        assert!(!without.to_json().unwrap().contains("_id"));
        #[cfg(feature = "rights")]
        assert_eq!(MemoryDocument::parse(without.to_raw().unwrap().get().as_bytes()), without);
    }
}
