//! What a run keeps in the person's Cozy: the ledger, and one memory document.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::cozy::{Cozy, Failure, Query, found};
use super::port::Port;
use crate::calendar::{Day, Moment};
use crate::ledger::{Entry, State};
use crate::limits;
use crate::map::Map;
use crate::memory::Memory;

/// The host's clock as a document has it.
pub(super) fn timestamp(port: &Port) -> String {
    timestamp_of(port.now())
}

/// Milliseconds since 1970 as a document has them.
pub(crate) fn timestamp_of(now: u64) -> String {
    let nanos = u32::try_from(now % 1_000).unwrap_or(0) * 1_000_000;
    Moment::new(i64::try_from(now / 1_000).unwrap_or(i64::MAX), nanos).to_string()
}

/// The documents of contributions.
#[derive(Debug)]
pub(super) struct Ledger<'a> {
    pub(super) cozy: Cozy<'a>,
    pub(super) doctype: &'a str,
    /// What each write of this process carries.
    pub(super) stamp: &'a str,
    pub(super) writes: Cell<u32>,
}

impl Ledger<'_> {
    /// The entries of which this holds; none where there is no ledger yet.
    async fn search(&self, field: &str, is: serde_json::Value) -> Result<Option<Vec<Entry>>, Failure> {
        let query = Query { selector: json!({field: is}), index: &[field], fields: &[] };
        let mut entries = Vec::new();
        let take = |page: &[u8]| {
            // A document that is no entry is nobody's contribution.
            let documents = found(page).unwrap_or_default();
            entries.extend(documents.iter().filter_map(|document| serde_json::from_str(document.get()).ok()));
            true
        };
        let exists = self.cozy.find(self.doctype, &query, take).await?;
        Ok(exists.then_some(entries))
    }

    /// The entries that wait, in the order of their ids.
    pub(super) async fn waiting(&self) -> Result<Option<Vec<Entry>>, Failure> {
        let mut entries: Option<Vec<Entry>> = self.search("waits", json!(true)).await?;
        if let Some(entries) = &mut entries {
            entries.sort_by(|a, b| a.id.cmp(&b.id));
        }
        Ok(entries)
    }

    /// The entries whose fate is not known.
    pub(super) async fn unknown(&self) -> Result<Vec<Entry>, Failure> {
        Ok(self.search("state", json!(State::Unknown)).await?.unwrap_or_default())
    }

    /// Makes the ledger where there is none.
    pub(super) async fn create(&self) -> Result<(), Failure> {
        self.cozy.create_index(self.doctype, &["waits"]).await
    }

    /// The entries with these ids, as far as they are there.
    pub(super) async fn existing(&self, ids: &[String]) -> Result<Map<String, Entry>, Failure> {
        let documents = self.cozy.with_ids(self.doctype, ids).await?;
        let entries =
            documents.iter().filter_map(|document| serde_json::from_str::<Entry>(document.get()).ok());
        Ok(entries.map(|entry| (entry.id.clone(), entry)).collect())
    }

    /// Writes entries over the revisions they carry; gives those that are
    /// written, with their new revisions. The others were changed by another.
    pub(super) async fn write(&self, entries: Vec<Entry>) -> Result<Vec<Entry>, Failure> {
        let mut written = Vec::with_capacity(entries.len());
        for chunk in entries.chunks(limits::BULK) {
            self.writes.set(self.writes.get() + 1);
            let stamp = format!("{}/{}", self.stamp, self.writes.get());
            let chunk: Vec<Entry> = chunk.iter().map(|entry| entry.clone().stamped(&stamp)).collect();
            written.extend(self.write_chunk(chunk, &stamp).await?);
        }
        Ok(written)
    }

    async fn write_chunk(&self, chunk: Vec<Entry>, stamp: &str) -> Result<Vec<Entry>, Failure> {
        let documents = chunk.iter().map(to_raw_value).collect::<Result<Vec<Box<RawValue>>, _>>();
        let documents = documents.map_err(|_| Failure::Malformed)?;
        let documents: Vec<&RawValue> = documents.iter().map(AsRef::as_ref).collect();
        let mut revisions = BTreeMap::new();
        // Where an answer was lost, a conflict may be with our own earlier
        // try, and a failure may have written: what is stored now tells.
        let (failure, is_doubtful) = match self.cozy.put_all(self.doctype, &documents).await {
            Ok((results, tries)) => {
                let results = results.into_iter().filter(|result| result.is_written());
                revisions.extend(results.filter_map(|result| Some((result.id, result.rev?))));
                (None, tries > 1)
            }
            Err(failure) if failure.may_pass() => (Some(failure), true),
            Err(failure) => return Err(failure),
        };
        if is_doubtful && revisions.len() < chunk.len() {
            let ids: Vec<String> = chunk.iter().map(|entry| entry.id.clone()).collect();
            let mut stored = self.existing(&ids).await?;
            for entry in &chunk {
                match (stored.remove(&entry.id), &failure) {
                    (Some(Entry { rev: Some(rev), stamp: by, .. }), _) if by == stamp => {
                        revisions.insert(entry.id.clone(), rev);
                    }
                    // As it was before: nobody else changed it, we did not write it.
                    (stored, Some(failure))
                        if stored.as_ref().and_then(|s| s.rev.as_ref()) == entry.rev.as_ref() =>
                    {
                        return Err(failure.clone());
                    }
                    _ => {}
                }
            }
        }
        let entries = chunk.into_iter().filter_map(|entry| {
            let rev = revisions.remove(&entry.id)?;
            Some(entry.at_revision(rev))
        });
        Ok(entries.collect())
    }
}

/// Who holds the right to run, and until when on the host's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    by: String,
    until: u64,
}

impl Lease {
    /// Whether it holds anybody up.
    fn holds(&self, now: u64) -> bool {
        self.until > now && self.until - now <= limits::MAX_LEASE_MILLIS
    }
}

/// How often a day's run asked for a job to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Continuations {
    day: Day,
    count: u32,
}

/// The one memory document.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Document {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_rev", skip_serializing_if = "Option::is_none")]
    rev: Option<String>,
    memory: Memory,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<Lease>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuations: Option<Continuations>,
    /// When a run last ended, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run: Option<serde_json::Value>,
}

pub(crate) const MEMORY_ID: &str = "memory";

/// The memory document while this run holds its lease.
#[derive(Debug)]
pub(super) struct Keeper<'a> {
    cozy: Cozy<'a>,
    port: &'a Port,
    doctype: &'a str,
    run: &'a str,
    lease_millis: u64,
    document: Document,
}

impl<'a> Keeper<'a> {
    /// Takes the lease; `None` if another run holds it.
    ///
    /// Held by this run's own job it is taken over at once: the stack begins a
    /// failed job again. One that has run out, or that ends too far from now to
    /// have been written by a right clock, holds nobody up.
    pub(super) async fn acquire(
        cozy: Cozy<'a>,
        port: &'a Port,
        doctype: &'a str,
        run: &'a str,
        lease_millis: u64,
        first_day: Day,
    ) -> Result<Option<Keeper<'a>>, Failure> {
        let mut document = read(cozy, doctype).await?;
        // Kept from the very first: a first run that fails is made good by the next.
        let closed = document.memory.closed_until;
        let first_day = closed.map_or(first_day, |closed| first_day.max(closed.next()));
        document.memory.first_day.get_or_insert(first_day);
        let lease_millis = lease_millis.min(limits::MAX_LEASE_MILLIS);
        let mut keeper = Keeper { cozy, port, doctype, run, lease_millis, document };
        if keeper.is_held_by_another() {
            return Ok(None);
        }
        match keeper.renew().await {
            Err(Failure::Conflict) => Ok(None),
            renewed => renewed.map(|()| Some(keeper)),
        }
    }

    fn is_held_by_another(&self) -> bool {
        self.document.lease.as_ref().is_some_and(|lease| lease.by != self.run && lease.holds(self.port.now()))
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.document.memory
    }

    /// Keeps what was remembered, with the lease.
    pub(super) async fn remember(&mut self, memory: Memory) -> Result<(), Failure> {
        self.document.memory = memory;
        self.renew().await
    }

    /// Makes the lease last, if less than half of it is left.
    pub(super) async fn renew_in_time(&mut self) -> Result<(), Failure> {
        let half_over = self.port.now() + self.lease_millis / 2;
        let is_short = self.document.lease.as_ref().is_none_or(|lease| lease.until < half_over);
        if is_short { self.renew().await } else { Ok(()) }
    }

    async fn renew(&mut self) -> Result<(), Failure> {
        let until = self.port.now() + self.lease_millis;
        self.document.lease = Some(Lease { by: self.run.to_owned(), until });
        self.save().await
    }

    /// Whether one more job may be asked for on this day; counts it.
    pub(super) fn count_continuation(&mut self, today: Day) -> bool {
        let counted = self.document.continuations.filter(|counted| counted.day == today);
        let count = counted.map_or(0, |counted| counted.count) + 1;
        self.document.continuations = Some(Continuations { day: today, count });
        count <= limits::MAX_CONTINUATIONS
    }

    /// Gives the lease back and keeps how the run ended.
    pub(super) async fn release(&mut self, ended: serde_json::Value) -> Result<(), Failure> {
        self.document.lease = None;
        self.document.last_run = Some(ended);
        self.save().await
    }

    async fn save(&mut self) -> Result<(), Failure> {
        let body = match self.document.rev {
            Some(_) => serde_json::to_string(&self.document),
            // The stack takes an id and a revision, or neither.
            None => serde_json::to_value(&self.document).map(|mut document| {
                document.as_object_mut().map(|fields| fields.remove("_id"));
                document.to_string()
            }),
        };
        let body = body.map_err(|_| Failure::Malformed)?;
        match self.cozy.put(self.doctype, MEMORY_ID, body).await {
            Ok(rev) => self.document.rev = Some(rev),
            Err(failure) if failure.may_pass() || failure == Failure::Conflict => {
                // The write may have arrived though its answer was lost.
                let stored = read(self.cozy, self.doctype).await?;
                let is_ours = stored.lease == self.document.lease
                    && stored.memory == self.document.memory
                    && stored.rev != self.document.rev;
                if !is_ours {
                    return Err(failure);
                }
                self.document.rev = stored.rev;
            }
            Err(failure) => return Err(failure),
        }
        Ok(())
    }
}

/// What is remembered, where nobody holds the lease.
pub(super) async fn unheld_memory(
    cozy: Cozy<'_>,
    port: &Port,
    doctype: &str,
) -> Result<Option<Memory>, Failure> {
    let document = read(cozy, doctype).await?;
    let is_held = document.lease.is_some_and(|lease| lease.holds(port.now()));
    Ok(Some(document.memory).filter(|_| !is_held))
}

/// The memory document; one that cannot be read is forgotten, but for its
/// revision: the ledger alone keeps anything from being sent twice.
async fn read(cozy: Cozy<'_>, doctype: &str) -> Result<Document, Failure> {
    let body = cozy.document(doctype, MEMORY_ID).await?;
    let document = body.map(|body| {
        serde_json::from_slice::<Document>(&body).unwrap_or_else(|_| Document {
            rev: serde_json::from_slice::<Revision>(&body).ok().map(|revision| revision.rev),
            ..Document::default()
        })
    });
    Ok(Document { id: MEMORY_ID.to_owned(), ..document.unwrap_or_default() })
}

#[derive(Deserialize)]
struct Revision {
    #[serde(rename = "_rev")]
    rev: String,
}
