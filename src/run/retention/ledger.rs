//! Deletes entries of the ledger that were kept long enough.
//!
//! An entry keeps its contribution from being planned a second time, and the
//! claim beside it keeps its cell. A date takes their place before they go, in
//! the ledger itself (`Settled`): whoever no longer finds the entry finds the
//! date. Only then the claims go, and then the entries, so that a run that ends
//! in between leaves no claim without its entry.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use crate::calendar::Day;
use crate::ledger::{Claim, Entry, SETTLED_ID, Settled};
use crate::limits;
use crate::run::ledger::Ledger;
use crate::scan::Document;
use crate::store::{Failure, Query, found};

/// Deletes the entries of periods that are so many days back, but for those
/// that may still leave; gives how many that were.
pub(in crate::run) async fn apply(
    ledger: &Ledger<'_>,
    days: u32,
    today: Day,
    resends: bool,
) -> Result<usize, Failure> {
    let first_kept = first_kept(today, days);
    let mut old = OldRecords::default();
    old.read_entries(ledger, first_kept, resends).await?;
    if old.entries.is_empty() {
        return Ok(0);
    }
    old.read_claims(ledger, first_kept).await?;
    // Never by the clock alone: one that is ahead settles no more than what it
    // lets go.
    let last = old.entries.iter().chain(&old.claims).map(|document| document.last).max();
    let Some(until) = last else { return Ok(0) };
    settle(ledger, until).await?;
    delete(ledger, &old.claims).await?;
    delete(ledger, &old.entries).await
}

/// The first day whose entries stay: that of a month, as a month is one period,
/// and at least of those that the nightly run may still look at.
fn first_kept(today: Day, days: u32) -> Day {
    let by_age = today.plus(-i32::try_from(days).unwrap_or(i32::MAX / 2)).month();
    by_age.min(today.month().plus(-limits::DUE_MONTHS)).first_day()
}

/// A document that is to go, and the last day that it speaks of.
#[derive(Debug)]
struct Deletion {
    id: String,
    rev: String,
    last: Day,
}

/// What a ledger holds of periods that are long over.
#[derive(Debug, Default)]
struct OldRecords {
    entries: Vec<Deletion>,
    claims: Vec<Deletion>,
    /// In whose name the entries that stay hold their cells.
    owners: BTreeSet<String>,
}

impl OldRecords {
    async fn read_entries(
        &mut self,
        ledger: &Ledger<'_>,
        first_kept: Day,
        resends: bool,
    ) -> Result<(), Failure> {
        // Days and months alike come before the month that is the first to stay.
        let before = first_kept.month().to_string();
        let query = Query {
            selector: json!({"period": {"$gte": "", "$lt": before}}),
            index: &["period"],
            fields: &[],
        };
        let take = |page: &[u8]| {
            for document in found(page).unwrap_or_default() {
                if let Ok(entry) = serde_json::from_str::<Entry>(document.get()) {
                    self.take_entry(entry, first_kept, resends);
                }
            }
            true
        };
        ledger.cozy.find(ledger.doctype, &query, take).await.map(drop)
    }

    fn take_entry(&mut self, entry: Entry, first_kept: Day, resends: bool) {
        let is_over = !entry.state.waits() && !entry.is_taken_up(resends);
        match (entry.last_day(), &entry.rev) {
            (Some(last), Some(rev)) if is_over && last < first_kept => {
                self.entries.push(Deletion { id: entry.id, rev: rev.clone(), last });
            }
            _ => _ = self.owners.insert(entry.claim().map_or(entry.id, |claim| claim.by)),
        }
    }

    /// Reads the claims of entries that go, also those under names that their
    /// keys had before, and those that nobody has any more.
    async fn read_claims(&mut self, ledger: &Ledger<'_>, first_kept: Day) -> Result<(), Failure> {
        // Not a claim in it, flattened: for that serde keeps whatever is read.
        #[derive(Deserialize)]
        struct Stored {
            #[serde(rename = "_id")]
            id: String,
            #[serde(rename = "_rev")]
            rev: String,
            by: String,
        }
        let query =
            Query { selector: json!({"by": {"$gte": ""}}), index: &["by"], fields: &["_id", "_rev", "by"] };
        let take = |page: &[u8]| {
            let documents = found(page).unwrap_or_default();
            let stored = documents.iter().filter_map(|each| serde_json::from_str::<Stored>(each.get()).ok());
            for Stored { id, rev, by } in stored {
                let claim = Claim { id, by };
                let last = claim.last_day().filter(|last| *last < first_kept);
                if let Some(last) = last.filter(|_| !self.owners.contains(&claim.by)) {
                    self.claims.push(Deletion { id: claim.id, rev, last });
                }
            }
            true
        };
        ledger.cozy.find(ledger.doctype, &query, take).await.map(drop)
    }
}

/// Puts the date into the ledger, where it is not as late already.
async fn settle(ledger: &Ledger<'_>, until: Day) -> Result<(), Failure> {
    let ids = [SETTLED_ID.to_owned()];
    // Once more where another wrote at the same time, or where an answer was lost.
    for _ in 0..2 {
        let stored = ledger.cozy.with_ids(ledger.doctype, &ids, limits::KEYS).await?;
        let stored = stored.first().and_then(|stored| Settled::read(Document::known(stored.get())));
        if stored.as_ref().is_some_and(|stored| stored.until >= until) {
            return Ok(());
        }
        let settled = Settled::new(until).over(stored);
        let settled = to_raw_value(&settled).map_err(|_| Failure::Malformed)?;
        let (results, _) = ledger.cozy.put_all(ledger.doctype, &[&*settled]).await?;
        if results.iter().any(|result| result.is_written()) {
            return Ok(());
        }
    }
    Err(Failure::Conflict)
}

/// Deletes documents as they were read; gives how many that were. One that
/// changed meanwhile stays.
async fn delete(ledger: &Ledger<'_>, going: &[Deletion]) -> Result<usize, Failure> {
    let mut count = 0;
    for chunk in going.chunks(limits::BULK) {
        if !ledger.cozy.has_time(limits::SEND_MILLIS) {
            break;
        }
        let deletion = |Deletion { id, rev, .. }: &Deletion| {
            to_raw_value(&json!({"_id": id, "_rev": rev, "_deleted": true})).ok()
        };
        let documents: Vec<Box<RawValue>> = chunk.iter().filter_map(deletion).collect();
        let documents: Vec<&RawValue> = documents.iter().map(AsRef::as_ref).collect();
        let (results, _) = ledger.cozy.put_all(ledger.doctype, &documents).await?;
        count += results.iter().filter(|result| result.is_written()).count();
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::first_kept;
    use crate::calendar::Day;

    #[test]
    fn what_a_run_may_still_look_at_stays_whatever_is_configured() {
        let first_kept = |days| first_kept("2024-07-15".parse::<Day>().unwrap(), days).to_string();
        assert_eq!(first_kept(0), "2024-04-01");
        assert_eq!(first_kept(105), "2024-04-01");
        assert_eq!(first_kept(106), "2024-03-01");
        assert_eq!(first_kept(u32::MAX), first_kept(u32::MAX - 1));
    }
}
