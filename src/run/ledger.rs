//! The ledger in the person's Cozy.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use crate::calendar::timestamp_of;
use crate::catalog::Catalog;
use crate::effect::Port;
use crate::ledger::{Claim, Entry, LedgerView, Owner, SETTLED_ID, State};
use crate::limits;
use crate::store::{Cozy, Failure, Query, found};

/// The host's clock as a document has it.
pub(super) fn timestamp(port: &Port) -> String {
    timestamp_of(port.now())
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
    pub(super) async fn known(&self, mut ids: Vec<String>) -> Result<LedgerView, Failure> {
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
        known: &LedgerView,
        at: &str,
    ) -> Result<EnterOutcome, Failure> {
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
        Ok(EnterOutcome { owned, not_planned, ended })
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

/// What became of drafts that were entered into the ledger.
#[derive(Debug)]
pub(super) struct EnterOutcome {
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
