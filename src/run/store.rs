//! What a run keeps in the person's Cozy: the ledger, and one memory document.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::End;
use super::cozy::{Cozy, Failure, Query, found};
use super::port::Port;
use crate::calendar::{Day, Moment};
use crate::catalog::Catalog;
use crate::ledger::{Claim, Entry, Known, Owner, SETTLED_ID, State};
use crate::limits;
use crate::memory::{Continuations, HomeSettings, LastRun, Lease, MEMORY_ID, Memory, MemoryDocument};

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

    /// What is under these ids, entries and claims; and up to which day others
    /// may have been deleted, which is asked for after them.
    pub(super) async fn known(&self, mut ids: Vec<String>) -> Result<Known, Failure> {
        if !ids.is_empty() {
            ids.push(SETTLED_ID.to_owned());
        }
        let documents = self.cozy.with_ids(self.doctype, &ids, limits::KEYS).await?;
        Ok(documents.iter().map(AsRef::as_ref).collect())
    }

    /// Writes entries over the revisions they carry; gives those that are
    /// written, with their new revisions. The others were changed by another.
    pub(super) async fn write(&self, entries: Vec<Entry>) -> Result<Vec<Entry>, Failure> {
        let mut written = Vec::with_capacity(entries.len());
        for chunk in entries.chunks(limits::BULK) {
            written.extend(self.put(chunk, &[]).await?.0);
        }
        Ok(written)
    }

    /// Enters drafts into the ledger, each with a claim to its cell. One whose
    /// cell is another's ends.
    pub(super) async fn enter(
        &self,
        drafts: Vec<Draft>,
        known: &Known,
        at: &str,
    ) -> Result<Entered, Failure> {
        let mut owned = Vec::with_capacity(drafts.len());
        let mut ended = Vec::new();
        // Of the drafts for one cell the first claims it.
        let mut claimed: BTreeMap<String, String> = BTreeMap::new();
        for chunk in drafts.chunks(limits::BULK) {
            let (mut free, mut claims) = (Vec::with_capacity(chunk.len()), Vec::new());
            for draft in chunk {
                let claim = draft.entry.claim();
                let owner = claim.as_ref().map_or(Owner::Own, |claim| known.owner(claim));
                let earlier = claim.as_ref().and_then(|claim| claimed.get(&claim.id));
                match (owner, claim, earlier) {
                    (Owner::Another, ..) => ended.push(draft.entry.clone()),
                    (Owner::Nobody, Some(claim), Some(by)) if *by != claim.by => {
                        ended.push(draft.entry.clone());
                    }
                    (Owner::Nobody, Some(claim), None) => {
                        claimed.insert(claim.id.clone(), claim.by.clone());
                        claims.push(claim);
                        free.push(draft);
                    }
                    _ => free.push(draft),
                }
            }
            let (stored, to_write): (Vec<&Draft>, Vec<&Draft>) =
                free.into_iter().partition(|draft| draft.is_stored);
            let to_write: Vec<Entry> = to_write.into_iter().map(|draft| draft.entry.clone()).collect();
            let (written, lost) = self.put(&to_write, &claims).await?;
            let there = stored.into_iter().map(|draft| draft.entry.clone()).chain(written);
            let is_lost = |entry: &Entry| {
                entry.claim().is_some_and(|claim| lost.iter().any(|lost| lost.id == claim.id))
            };
            let (without, with): (Vec<Entry>, Vec<Entry>) = there.partition(is_lost);
            owned.extend(with);
            ended.extend(without);
        }
        let not_planned = ended.iter().filter(|entry| entry.rev.is_none()).count();
        // What may have left already stays so, whosever the cell is.
        ended.retain(|entry| entry.rev.is_some() && entry.state != State::Unknown);
        let reason = Some("its cell holds another measure of the home");
        let ended = ended.into_iter().map(|entry| entry.into_state(State::Refused, at.to_owned(), reason));
        let ended = self.write(ended.collect()).await?.len();
        Ok(Entered { owned, not_planned, ended })
    }

    /// Writes entries and claims in one request; gives the entries that are
    /// written, and the claims to cells that are another's.
    async fn put(&self, entries: &[Entry], claims: &[Claim]) -> Result<(Vec<Entry>, Vec<Claim>), Failure> {
        if entries.is_empty() && claims.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        self.writes.set(self.writes.get() + 1);
        let stamp = format!("{}/{}", self.stamp, self.writes.get());
        let entries: Vec<Entry> = entries.iter().map(|entry| entry.clone().stamped(&stamp)).collect();
        let mut documents = entries.iter().map(to_raw_value).collect::<Result<Vec<_>, _>>();
        if let Ok(documents) = &mut documents {
            documents.extend(claims.iter().flat_map(to_raw_value));
        }
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
        let mut lost: Vec<Claim> =
            claims.iter().filter(|claim| !revisions.contains_key(&claim.id)).cloned().collect();
        let is_missing = |entry: &&Entry| is_doubtful && !revisions.contains_key(&entry.id);
        let in_doubt: Vec<&Entry> = entries.iter().filter(is_missing).collect();
        // Two that plan the same write the same claim: it is as good as ours.
        let ids: Vec<String> = in_doubt
            .iter()
            .map(|entry| &entry.id)
            .chain(lost.iter().map(|claim| &claim.id))
            .cloned()
            .collect();
        if !ids.is_empty() {
            let mut stored = self.known(ids).await?;
            for entry in in_doubt {
                match (stored.entries.remove(&entry.id), &failure) {
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
            if lost.iter().any(|claim| stored.owner(claim) == Owner::Nobody) {
                return Err(failure.unwrap_or(Failure::Conflict));
            }
            lost.retain(|claim| stored.owner(claim) == Owner::Another);
        }
        let written = entries.into_iter().filter_map(|entry| {
            let rev = revisions.remove(&entry.id)?;
            Some(entry.at_revision(rev))
        });
        Ok((written.collect(), lost))
    }
}

/// What became of drafts.
#[derive(Debug)]
pub(super) struct Entered {
    /// Those that stand in the ledger and own their cells.
    pub(super) owned: Vec<Entry>,
    /// How many new ones were not planned: their cells are another's.
    pub(super) not_planned: usize,
    /// How many that waited ended for that.
    pub(super) ended: usize,
}

/// An entry on its way into the ledger.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) entry: Entry,
    /// Whether it stands there already as it is.
    pub(super) is_stored: bool,
}

impl Draft {
    /// An entry that waits: as it stands, or under the names that its keys have
    /// now.
    pub(super) fn left(entry: Entry, catalog: &Catalog) -> Draft {
        match entry.renamed(catalog) {
            Some(entry) => Draft { entry, is_stored: false },
            None => Draft { entry, is_stored: true },
        }
    }

    /// The id of the claim to its cell.
    pub(super) fn claim_id(&self) -> Option<String> {
        self.entry.claim().map(|claim| claim.id)
    }
}

/// The memory document, and the right to run while this run holds its lease.
#[derive(Debug)]
pub(super) struct MemoryLease<'a> {
    cozy: Cozy<'a>,
    port: &'a Port,
    doctype: &'a str,
    run: &'a str,
    lease_millis: u64,
    document: MemoryDocument,
}

impl<'a> MemoryLease<'a> {
    /// Reads the memory document; the lease is not taken yet.
    pub(super) async fn read(
        cozy: Cozy<'a>,
        port: &'a Port,
        doctype: &'a str,
        run: &'a str,
        lease_millis: u64,
    ) -> Result<MemoryLease<'a>, Failure> {
        let document = read_memory(cozy, doctype).await?;
        let lease_millis = lease_millis.min(limits::MAX_LEASE_MILLIS);
        Ok(MemoryLease { cozy, port, doctype, run, lease_millis, document })
    }

    /// Takes the lease; `false` if another run holds it.
    ///
    /// Held by this run's own job it is taken over at once: the stack begins a
    /// failed job again. What the home begins with is kept from the very first,
    /// so that a first run which fails is made good by the next: the first day,
    /// the home's id, the settings it lives under.
    pub(super) async fn take(
        &mut self,
        first_day: Day,
        home: &str,
        settings: HomeSettings,
    ) -> Result<bool, Failure> {
        if self.is_held_by_another() {
            return Ok(false);
        }
        self.document.home.get_or_insert_with(|| home.to_owned());
        self.document.settings = Some(settings);
        let memory = &mut self.document.memory;
        let first_day = memory.closed_until.map_or(first_day, |closed| first_day.max(closed.next()));
        memory.first_day.get_or_insert(first_day);
        match self.renew().await {
            Err(Failure::Conflict) => Ok(false),
            renewed => renewed.map(|()| true),
        }
    }

    pub(super) fn is_held_by_another(&self) -> bool {
        self.document.is_held_by_another(self.run, self.port.now())
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.document.memory
    }

    /// How many commands changed the home before this run took the lease.
    pub(super) fn changes(&self) -> u64 {
        self.document.changes
    }

    /// What the home lives under; none before its first run.
    pub(super) fn settings(&self) -> Option<&HomeSettings> {
        self.document.settings.as_ref()
    }

    /// Keeps settings without the lease, where there is a memory already: what
    /// is configured counts from now on, whether or not anything is computed.
    pub(super) async fn keep_settings(&mut self, settings: HomeSettings) -> Result<(), Failure> {
        if self.document.rev.is_none() || self.is_held_by_another() {
            return Ok(());
        }
        self.document.settings = Some(settings);
        match self.save().await {
            // Another run is at it, and keeps them as well.
            Err(Failure::Conflict) => Ok(()),
            saved => saved,
        }
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

    /// Writes the memory document with a lease that lasts: who lost the lease
    /// cannot.
    pub(super) async fn renew(&mut self) -> Result<(), Failure> {
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
    pub(super) async fn release(&mut self, at: String, end: End) -> Result<(), Failure> {
        self.document.lease = None;
        self.document.last_run = Some(LastRun { at, end: end.as_str().to_owned() });
        self.save().await
    }

    async fn save(&mut self) -> Result<(), Failure> {
        write_memory(self.cozy, self.doctype, &mut self.document).await
    }
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
