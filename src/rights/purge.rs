//! Purge: usage data are deleted, and the receipt says what is left of them.
//!
//! What can be refused comes first, so that a purge that cannot be carried out
//! has changed nothing: each doctype is shown to be writable, what goes is
//! written to the backup and that read again. Then the order makes each step
//! safe to be killed after: what waits is cancelled, the home is closed where
//! its state goes, documents go, the ledger goes, the memory goes last. Begun
//! again, it goes on.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use serde_json::value::RawValue;

use super::closing;
use super::collection::{Collection, PurgeRule};
use super::document::{Key, Keys, content};
use super::export::{belongs, header, write};
use super::format::verify;
use super::store::{Change, Store};
use super::{Stop, Workspace, consent};
use crate::calendar::{Day, Moment, Period, timestamp_of};
use crate::facts::Facts;
use crate::ledger::{COMMAND, Entry, State, last_day_of};
use crate::limits;
use crate::memory::{Marks, Memory};
use crate::scan::{Document, fields};
use crate::timeline::EventReader;

/// What is to be deleted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) before: Option<Day>,
    pub(super) state: bool,
    pub(super) backup: bool,
    /// Only events that lie on no day, and nothing else.
    pub(super) undated: bool,
}

impl Order {
    /// Whether documents of a collection may be to go.
    fn reaches(&self, collection: Collection) -> bool {
        match collection.purge_rule() {
            Ok(PurgeRule::Always) => !self.undated || collection == Collection::Events,
            Ok(PurgeRule::WithEverything) => self.state && self.before.is_none(),
            Ok(PurgeRule::WithState) => self.state,
            Err(_) => false,
        }
    }
}

/// What was deleted, and what was not.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    /// Documents by collection, as this command deleted them.
    deleted: BTreeMap<&'static str, usize>,
    /// Measures that waited, and now never leave.
    cancelled: usize,
    /// Documents by collection that are there when everything is read again.
    remaining: BTreeMap<&'static str, usize>,
    /// Those of them that were to go, and came or changed meanwhile.
    left: usize,
    not_erased: Vec<NotErased>,
    /// Documents in the backup.
    backed_up: usize,
    /// Up to which day nothing is computed any more: all that stays of the state.
    closed_until: Option<Day>,
    /// What once happened, without a time: its events went, and what comes later
    /// is not the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    marks: Option<Marks>,
}

/// Something that cannot be erased from here.
#[derive(Debug, Serialize)]
struct NotErased {
    what: &'static str,
    /// How many, where that can be known.
    count: Option<usize>,
    why: &'static str,
}

/// By doctype, what the backup holds: of one `_id` there may be two contents.
type BackupContents = BTreeMap<String, HashSet<(Key, u64)>>;

/// What was done before the first change.
pub(super) struct Preparation {
    left_already: (usize, Option<usize>),
    backed_up: Option<BackupContents>,
    /// Up to which day the home has to be closed where its state goes.
    reach: Option<Day>,
    /// What is known of all events, also of those that no run remembers yet.
    facts: Memory,
}

pub(super) async fn purge(workspace: &Workspace, home: &mut Store, order: &Order) -> Result<Receipt, Stop> {
    let prepared = prepare(workspace, home, order).await?;
    carry_out(workspace, home, order, prepared).await
}

/// Does what can be refused, and changes nothing; a home file that had no id has
/// the one that its backup names.
pub(super) async fn prepare(
    workspace: &Workspace,
    home: &mut Store,
    order: &Order,
) -> Result<Preparation, Stop> {
    if order.undated && (order.before.is_some() || order.state) {
        return Err(Stop::because("undated: it goes with neither a day nor the state"));
    }
    for collection in Collection::ALL.into_iter().filter(|collection| collection.purge_rule().is_ok()) {
        let Some(doctype) = collection.doctype(&workspace.options.doctypes) else { continue };
        let waits = collection == Collection::Measures && !order.undated;
        let is_written = waits || order.reaches(collection) && collection != Collection::Memory;
        home.try_reach(doctype, is_written).await?;
    }
    let left_already = left_already(workspace, home).await?;
    let backed_up = match order.backup {
        true => Some(back_up(workspace, home, order).await?),
        false => None,
    };
    let (facts, last_event) = facts(workspace, home).await?;
    // Never by the clock alone: one that is slow would open days that were
    // sent, and one that is far ahead would close the home for good.
    let reach = last_of_ledger(workspace, home).await?.max(last_event);
    Ok(Preparation { left_already, backed_up, reach, facts })
}

/// The last day that the ledger speaks of, as a period, as a date, or as the one
/// up to which entries may have been deleted.
pub(super) async fn last_of_ledger(workspace: &Workspace, home: &Store) -> Result<Option<Day>, Stop> {
    let mut last = None;
    let mut documents = home.documents(&workspace.options.doctypes.measures);
    while let Some(stored) = home.next_of_app(&mut documents).await? {
        last = last.max(last_day_of(&stored.document));
    }
    Ok(last)
}

/// What is known of the home's events and of those that are remembered; and up
/// to which day it has to be closed for those up to today.
pub(super) async fn facts(workspace: &Workspace, home: &Store) -> Result<(Memory, Option<Day>), Stop> {
    let (settings, memory) = (&workspace.settings, &home.memory().memory);
    let consent =
        consent(workspace, &home.all(&workspace.options.doctypes.terms).await?).after(memory.closed_until);
    let mut reader = EventReader::new(settings, &consent);
    let mut reach = None;
    let mut documents = home.documents(&workspace.options.doctypes.events);
    while let Some(stored) = home.next_of_app(&mut documents).await? {
        let event = Document::known(stored.document.get());
        _ = reader.document(Some(event));
        let day = Collection::Events.day(event, &settings.clock);
        if day.is_some_and(|day| day <= settings.today) {
            reach = reach.max(closing::reach(&stored.document));
        }
    }
    let (timeline, _) = reader.finish();
    let facts = Facts::new(&settings.catalog, &timeline, Some(memory), &consent, &settings.clock);
    Ok((facts.remembered(Moment::new(0, 0)), reach))
}

/// Deletes what is to go, as it stands in the backup.
pub(super) async fn carry_out(
    workspace: &Workspace,
    home: &mut Store,
    order: &Order,
    prepared: Preparation,
) -> Result<Receipt, Stop> {
    let Preparation { left_already, mut backed_up, reach, facts } = prepared;
    let mut receipt = Receipt {
        backed_up: backed_up.iter().flat_map(BTreeMap::values).map(HashSet::len).sum(),
        ..Receipt::default()
    };
    if !order.undated {
        receipt.cancelled = cancel(workspace, home, order, backed_up.as_mut()).await?;
        closing::outdate_plans(workspace, home, |waiting| !is_cancelled(order, waiting)).await?;
        // Before it is closed: what is history is no fact any more.
        forget(workspace, home, order, facts).await?;
    }
    if order.state {
        receipt.closed_until = match reach {
            Some(reach) => Some(closing::close(home, reach).await?),
            None => home.memory().memory.closed_until,
        };
    }
    home.commit().await?;
    for collection in Collection::PURGE_ORDER {
        let count = delete(workspace, home, order, collection, backed_up.as_ref()).await?;
        if count > 0 {
            receipt.deleted.insert(collection.name(), count);
        }
    }
    home.commit().await?;
    if order.state {
        // What is left of the memory goes last.
        home.remember(|document| {
            let Memory { closed_until, marks, .. } = std::mem::take(&mut document.memory);
            document.memory = Memory { closed_until, marks, ..Memory::default() };
            (document.continuations, document.last_run) = (None, None);
        })
        .await?;
        home.commit().await?;
    }
    receipt.marks = Some(home.memory().memory.marks.clone()).filter(|marks| !marks.is_empty());
    verify_gone(workspace, home, order, &mut receipt).await?;
    not_erased(left_already, home.is_of_cozy(), &mut receipt);
    Ok(receipt)
}

/// Whether a document is to go.
fn goes(workspace: &Workspace, order: &Order, collection: Collection, document: &RawValue) -> bool {
    if order.undated {
        let (event, settings) = (Document::known(document.get()), &workspace.settings);
        return collection == Collection::Events
            && Collection::is_undated(event, &settings.clock, settings.today);
    }
    let is_before = |before: Day| day(workspace, collection, document).is_some_and(|day| day < before);
    order.reaches(collection)
        && (collection.purge_rule() != Ok(PurgeRule::Always) || order.before.is_none_or(is_before))
}

/// The day of a document; of the history's, that of the document inside.
fn day(workspace: &Workspace, collection: Collection, document: &RawValue) -> Option<Day> {
    let document = Document::known(document.get());
    if collection != Collection::History {
        return collection.day(document, &workspace.settings.clock);
    }
    let [doctype, inside] = fields(document, ["doctype", "document"])?;
    let collection = Collection::of(&doctype?.text()?, &workspace.options.doctypes)?;
    collection.day(inside?.document()?, &workspace.settings.clock)
}

/// Whether an entry that waits is cancelled: its events go.
fn is_cancelled(order: &Order, entry: &Entry) -> bool {
    let ends = entry.period().map(Period::last_day);
    order.state || order.before.is_none_or(|before| ends.is_none_or(|day| day < before))
}

/// Cancels what waits; what was being sent has an unknown fate. An entry that
/// stands in the backup as it was stands in it cancelled too.
async fn cancel(
    workspace: &Workspace,
    home: &mut Store,
    order: &Order,
    backed_up: Option<&mut BackupContents>,
) -> Result<usize, Stop> {
    let doctype = &workspace.options.doctypes.measures;
    let at = timestamp_of(workspace.port.now());
    let mut backed_up = backed_up.and_then(|backed_up| backed_up.get_mut(doctype));
    let mut keys = Keys::default();
    let mut changes = Vec::new();
    let (mut count, mut written) = (0, 0);
    let mut documents = home.documents(doctype);
    while let Some(stored) = home.next(&mut documents).await? {
        let key = keys.of(&stored.document);
        let Ok(entry) = serde_json::from_str::<Entry>(stored.document.get()) else { continue };
        if !entry.state.waits() || !is_cancelled(order, &entry) {
            continue;
        }
        let ended = match entry.state {
            State::Sending => {
                entry.into_state(State::Unknown, at.clone(), Some("its events were purged while it was sent"))
            }
            _ => entry.into_state(State::Cancelled, at.clone(), Some("its events were purged")),
        };
        // A run whose write before this one had no answer must not take it for its own.
        let ended = ended.stamped(COMMAND);
        let ended = serde_json::value::to_raw_value(&ended).map_err(Stop::because)?;
        if let Some(backed_up) = &mut backed_up
            && backed_up.contains(&(key, content(&stored.document)))
        {
            backed_up.insert((key, content(&ended)));
        }
        changes.push(Change::Replace(stored.spot, ended));
        count += 1;
        if changes.len() >= limits::BULK {
            written += home.write(doctype, std::mem::take(&mut changes)).await?;
        }
    }
    written += home.write(doctype, changes).await?;
    home.commit().await?;
    if written < count {
        return Err(Stop::because(
            "the ledger was changed at the same time; nothing was deleted yet, begin again",
        ));
    }
    Ok(count)
}

/// How many measures left this home: they are anonymous, and nobody can find
/// them again. And how many requests the stack remembers, if it tells.
async fn left_already(workspace: &Workspace, home: &Store) -> Result<(usize, Option<usize>), Stop> {
    let doctypes = &workspace.options.doctypes;
    let mut sent = 0;
    let mut documents = home.documents(&doctypes.measures);
    while let Some(stored) = home.next(&mut documents).await? {
        let entry = serde_json::from_str::<Entry>(stored.document.get());
        let may_have_left =
            |entry: Entry| matches!(entry.state, State::Sent | State::Sending | State::Unknown);
        sent += usize::from(entry.is_ok_and(may_have_left));
    }
    let mut requests = Some(0);
    let mut documents = home.documents(&doctypes.requests);
    loop {
        match home.next(&mut documents).await {
            Ok(Some(stored)) if belongs(workspace, Collection::Requests, &stored.document) => {
                requests = requests.map(|requests| requests + 1);
            }
            Ok(Some(_)) => {}
            Ok(None) => break,
            // The app may not read it.
            Err(_) => {
                requests = None;
                break;
            }
        }
    }
    Ok((sent, requests))
}

/// Writes what is to go to the file `backup`, and reads that again.
async fn back_up(workspace: &Workspace, home: &mut Store, order: &Order) -> Result<BackupContents, Stop> {
    let collections: Vec<Collection> =
        Collection::ALL.into_iter().filter(|collection| collection.purge_rule().is_ok()).collect();
    let mut count = 0;
    let choose = |collection: Collection, document: &RawValue| {
        let goes = goes(workspace, order, collection, document);
        count += usize::from(goes);
        goes
    };
    let writer =
        write(workspace, home, "backup", header(workspace, home, &collections), &collections, choose).await?;
    let mut backed_up = BackupContents::new();
    if count == 0 {
        return Ok(backed_up);
    }
    // Before there is a backup: one that names a home of no id is nobody's, where
    // this command is killed and another id is made by the next.
    home.keep_id().await?;
    writer.finish().await?;
    verify(&workspace.port, "backup", |element, key| {
        let of_doctype = backed_up.entry(element.doctype.clone()).or_default();
        of_doctype.insert((key, content(&element.document)));
        Ok(())
    })
    .await?;
    let read: usize = backed_up.values().map(HashSet::len).sum();
    if read > count {
        return Err(Stop::because("backup: what is read again is not what was written"));
    }
    Ok(backed_up)
}

/// Deletes what is to go and, if there is a backup, stands in it as it is; the
/// memory document stays, for `forget`.
async fn delete(
    workspace: &Workspace,
    home: &mut Store,
    order: &Order,
    collection: Collection,
    backed_up: Option<&BackupContents>,
) -> Result<usize, Stop> {
    let Some(doctype) = collection.doctype(&workspace.options.doctypes) else { return Ok(0) };
    if collection == Collection::Memory || collection.purge_rule().is_err() {
        return Ok(0);
    }
    let nothing = HashSet::new();
    let closed_until = home.memory().memory.closed_until;
    let backed_up = backed_up.map(|backed_up| backed_up.get(doctype).unwrap_or(&nothing));
    let mut count = 0;
    let mut keys = Keys::default();
    let mut changes = Vec::new();
    let mut documents = home.documents(doctype);
    while let Some(stored) = home.next(&mut documents).await? {
        if !goes(workspace, order, collection, &stored.document) {
            continue;
        }
        let found = (keys.of(&stored.document), content(&stored.document));
        let is_backed_up = backed_up.is_none_or(|backed_up| backed_up.contains(&found));
        // The ledger's documents keep their contributions from being planned twice:
        // they go where the home is closed, which a run that began meanwhile may
        // have gone beyond.
        let is_closed = collection != Collection::Measures
            || last_day_of(&stored.document).is_none_or(|day| closed_until >= Some(day));
        if is_backed_up && is_closed {
            changes.push(Change::Delete(stored.spot));
        }
        if changes.len() >= limits::BULK {
            count += home.write(doctype, std::mem::take(&mut changes)).await?;
        }
    }
    count += home.write(doctype, changes).await?;
    Ok(count)
}

/// Forgets what is remembered of the events that go, before they do: of what
/// happened once in a life a mark without a time stays, so that nothing later is
/// the first.
async fn forget(
    workspace: &Workspace,
    home: &mut Store,
    order: &Order,
    mut facts: Memory,
) -> Result<(), Stop> {
    let clock = &workspace.settings.clock;
    let is_gone = |day: Day| order.state || order.before.is_none_or(|before| day < before);
    let mut memory = home.memory().memory.clone();
    memory.forget(clock, &is_gone);
    facts.forget(clock, &is_gone);
    memory.marks.join(&facts.marks);
    if memory == home.memory().memory {
        return Ok(());
    }
    home.remember(|document| document.memory = memory).await
}

/// Reads everything again.
async fn verify_gone(
    workspace: &Workspace,
    home: &Store,
    order: &Order,
    receipt: &mut Receipt,
) -> Result<(), Stop> {
    for collection in Collection::PURGE_ORDER {
        let Some(doctype) = collection.doctype(&workspace.options.doctypes) else { continue };
        if collection.purge_rule().is_err() {
            continue;
        }
        let mut remaining = 0;
        let mut documents = home.documents(doctype);
        while let Some(stored) = home.next(&mut documents).await? {
            remaining += 1;
            let goes =
                collection != Collection::Memory && goes(workspace, order, collection, &stored.document);
            receipt.left += usize::from(goes);
        }
        receipt.remaining.insert(collection.name(), remaining);
    }
    Ok(())
}

fn not_erased((sent, requests): (usize, Option<usize>), is_of_cozy: bool, receipt: &mut Receipt) {
    let mut not_erased = Vec::new();
    let mut add = |what, count: Option<usize>, why| {
        if count != Some(0) {
            not_erased.push(NotErased { what, count, why });
        }
    };
    add(
        "measures",
        Some(sent),
        "they left, and are anonymous: the server cannot tell them from those of other homes",
    );
    let why = "the stack's log of what was sent: apps may not delete it, the person's Cozy can";
    add("requests", requests, why);
    let deleted = receipt.deleted.values().sum::<usize>() > 0;
    let why = "CouchDB keeps the former contents of what is deleted until it is compacted, which the Cozy's host does, and the ids for ever";
    add("revisions", if is_of_cozy && deleted { None } else { Some(0) }, why);
    let why = "the file with what was deleted: it is the person's to keep or to delete";
    add("backups", Some(usize::from(receipt.backed_up > 0)), why);
    receipt.not_erased = not_erased;
}
