//! What becomes of documents that come into a home from elsewhere.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::closing::reach;
use super::collection::{Collection, ImportRule};
use super::document::{Key, Keys, content, id, same, with};
use super::merge::{NOTE, first_connection};
use super::store::{Change, Store, Stored};
use super::{OnConflict, Stop, Workspace};
use crate::calendar::Day;
use crate::consent::Consent;
use crate::ledger::{Claim, Entry, Settled, State};
use crate::limits;
use crate::scan::Document;
use crate::store::MemoryDocument;

/// How many documents of a collection became what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    pub(super) inserted: usize,
    /// There already, with the same content.
    pub(super) unchanged: usize,
    /// Others under the same `_id`, whose place was taken.
    pub(super) replaced: usize,
    /// Others under the same `_id`, which stay.
    pub(super) conflicts: usize,
    /// Those that a Cozy cannot hold as they are.
    pub(super) impossible: usize,
    /// Why it cannot, and how many for that reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    impossible_because: BTreeMap<&'static str, usize>,
}

/// A document on its way into a home.
#[derive(Debug)]
struct IncomingDocument {
    collection: Collection,
    key: Key,
    document: Box<RawValue>,
    /// What it came as; it needs nothing where that is there already.
    original: Option<(Collection, Key, Box<RawValue>)>,
}

/// Takes documents in, in batches. Without `writes` it only tells what would
/// become of them.
pub(super) struct Incoming<'a> {
    workspace: &'a Workspace,
    on_conflict: OnConflict,
    writes: bool,
    /// Whether what comes in is this home's own.
    is_own: bool,
    /// Where the home has no terms, under which a run could use what comes in:
    /// the consent that stood where it comes from.
    without_terms: Option<Consent>,
    keys: BTreeMap<Collection, Keys>,
    /// By collection, what came before in the same files.
    seen: BTreeMap<Collection, HashMap<Key, u64>>,
    batch: Vec<IncomingDocument>,
    bytes: usize,
    pub(super) counts: BTreeMap<Collection, Counts>,
    /// Up to which day the home has to be closed for the events that are new here.
    pub(super) reach: Option<Day>,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(workspace: &'a Workspace, on_conflict: OnConflict, writes: bool) -> Incoming<'a> {
        Incoming {
            workspace,
            on_conflict,
            writes,
            is_own: false,
            without_terms: None,
            keys: BTreeMap::new(),
            seen: BTreeMap::new(),
            batch: Vec::new(),
            bytes: 0,
            counts: BTreeMap::new(),
            reach: None,
        }
    }

    /// What comes in is this home's own, and goes on to live.
    pub(super) fn own(self) -> Incoming<'a> {
        Incoming { is_own: true, ..self }
    }

    /// The home has no terms: no run uses what comes in before the person
    /// consents. `theirs` is the consent that stood where it comes from.
    pub(super) fn without_terms(self, theirs: Consent) -> Incoming<'a> {
        Incoming { without_terms: Some(theirs), ..self }
    }

    /// A file of its own begins: what has no `_id` is told apart within it.
    pub(super) fn next_file(&mut self) {
        self.keys.clear();
    }

    /// Takes a document that is to become this.
    pub(super) async fn take(
        &mut self,
        home: &mut Store,
        collection: Collection,
        into: ImportRule,
        document: Box<RawValue>,
    ) -> Result<(), Stop> {
        let key = self.keys.entry(collection).or_default().of(&document);
        self.bytes += document.get().len();
        if collection == Collection::Profile
            && into == ImportRule::WithoutTerms
            && let Some(stripped) = self.without_first_connection(&document)
        {
            let original = Some((collection, key, document.clone()));
            self.batch.push(IncomingDocument { collection, key, document: stripped, original });
            let whole = self.converted(collection, ImportRule::History, key, document)?;
            self.batch.push(whole);
            return Ok(());
        }
        if collection == Collection::Measures && into == ImportRule::Ended {
            if let Some(settled) = Settled::read(Document::known(document.get())) {
                // One that lies ahead was written under a clock that did.
                let settled = Settled::new(settled.until.min(self.workspace.settings.today));
                let document = to_raw_value(&settled).map_err(Stop::because)?;
                self.batch.push(IncomingDocument { collection, key, document, original: None });
                return Ok(());
            }
            self.claim(&document)?;
            if id(&document).is_some_and(|id| Claim::is_id(&id)) {
                self.batch.push(IncomingDocument { collection, key, document, original: None });
                return Ok(());
            }
        }
        let coming = self.converted(collection, into, key, document)?;
        self.batch.push(coming);
        let is_full = self.batch.len() >= limits::BULK || self.bytes >= limits::MAX_STORED_BYTES;
        if is_full { self.flush(home).await } else { Ok(()) }
    }

    /// Claims the cell of a contribution that comes in, so that no run fills it.
    fn claim(&mut self, document: &RawValue) -> Result<(), Stop> {
        let entry: Option<Entry> = serde_json::from_str(document.get()).ok();
        if let Some(claim) = entry.and_then(|entry| entry.claim()) {
            let (collection, key) = (Collection::Measures, Key::of_id(&claim.id));
            let document = to_raw_value(&claim).map_err(Stop::because)?;
            self.batch.push(IncomingDocument { collection, key, document, original: None });
        }
        Ok(())
    }

    /// A profile that may come to life without its first connection alone: on
    /// that day no consent stood where it comes from, and none is inherited.
    fn without_first_connection(&self, profile: &RawValue) -> Option<Box<RawValue>> {
        let theirs = self.without_terms.as_ref()?;
        let clock = &self.workspace.settings.clock;
        let (first, _) = first_connection(profile, clock)?;
        let is_consented = theirs.contains(clock.day(first));
        if is_consented { None } else { with(profile, &[("firstConnectionDate", None)]) }
    }

    fn converted(
        &self,
        collection: Collection,
        into: ImportRule,
        key: Key,
        document: Box<RawValue>,
    ) -> Result<IncomingDocument, Stop> {
        let as_is = |document| IncomingDocument { collection, key, document, original: None };
        match into {
            ImportRule::AsIs
                if collection == Collection::Events
                    && !self.is_own
                    && is_to_come(self.workspace, &document) => {}
            // A note of a merge came from elsewhere: here none is under way.
            ImportRule::AsIs if collection == Collection::History && key == Key::of_id(NOTE) => {
                let ended = with(&document, &[("isOver", Some("true"))]);
                return Ok(as_is(ended.unwrap_or(document)));
            }
            ImportRule::AsIs => return Ok(as_is(document)),
            ImportRule::WithoutTerms if self.without_terms.is_some() => return Ok(as_is(document)),
            ImportRule::Ended => {
                if let Some(ended) = ended(&document) {
                    let original = Some((collection, key, document));
                    return Ok(IncomingDocument { collection, key, document: ended, original });
                }
            }
            ImportRule::WithoutTerms | ImportRule::History => {}
        }
        let name = name_in_history(collection, key, &document);
        let doctype = collection.doctype(&self.workspace.options.doctypes).unwrap_or_default();
        let quoted = |text: &str| serde_json::to_string(text).map_err(Stop::because);
        let (id, doctype) = (quoted(&name)?, quoted(doctype)?);
        let text = format!("{{\"_id\":{id},\"doctype\":{doctype},\"document\":{}}}", document.get());
        Ok(IncomingDocument {
            collection: Collection::History,
            key: Key::of_id(&name),
            document: RawValue::from_string(text).map_err(Stop::because)?,
            original: Some((collection, key, document)),
        })
    }

    /// Decides on what was taken, and writes it.
    pub(super) async fn flush(&mut self, home: &mut Store) -> Result<(), Stop> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let mut by_collection: BTreeMap<Collection, Vec<IncomingDocument>> = BTreeMap::new();
        for coming in batch {
            by_collection.entry(coming.collection).or_default().push(coming);
        }
        for (collection, batch) in by_collection {
            let Some(doctype) = collection.doctype(&self.workspace.options.doctypes) else { continue };
            let wanted: Vec<_> = batch.iter().map(|coming| (coming.key, id(&coming.document))).collect();
            let held = home.held(doctype, &wanted).await?;
            let mut changes = Vec::new();
            for (coming, held) in batch.into_iter().zip(held) {
                let is_there = match &coming.original {
                    Some(original) => self.is_alive(home, original).await?,
                    None => false,
                };
                changes.extend(self.decide(home, coming, held, is_there)?);
            }
            let count = changes.len();
            if self.writes && home.write(doctype, changes).await? < count {
                return Err(Stop::because(
                    "the home was changed by another at the same time; begin again, what is there stays",
                ));
            }
        }
        Ok(())
    }

    /// Whether what would become history, or end, is in the home as it came.
    async fn is_alive(
        &self,
        home: &mut Store,
        (collection, key, document): &(Collection, Key, Box<RawValue>),
    ) -> Result<bool, Stop> {
        let doctype = collection.doctype(&self.workspace.options.doctypes).unwrap_or_default();
        let held = home.held(doctype, &[(*key, id(document))]).await?;
        Ok(held.into_iter().flatten().any(|held| match *collection == Collection::Memory {
            // This command holds the lease, which the document came without.
            true => without_lease(&held.document) == without_lease(document),
            false if *collection == Collection::Measures => {
                // Who wrote it last is nothing that became of it.
                same(&without_writer(&held.document), &without_writer(document))
            }
            false => same(&held.document, document),
        }))
    }

    fn decide(
        &mut self,
        home: &Store,
        coming: IncomingDocument,
        held: Option<Stored>,
        is_there: bool,
    ) -> Result<Option<Change>, Stop> {
        let IncomingDocument { collection, key, document, .. } = coming;
        if collection == Collection::Measures && id(&document).is_some_and(|id| Claim::is_id(&id)) {
            // Whoever claimed a cell first has it; and a claim is no contribution.
            let is_new = self.seen.entry(collection).or_default().insert(key, 0).is_none() && held.is_none();
            return Ok(is_new.then_some(Change::Insert(key, document)));
        }
        if let Some(settled) = Settled::read(Document::known(document.get()))
            && collection == Collection::Measures
        {
            return self.settle(key, settled, held);
        }
        let counts = self.counts.entry(collection).or_default();
        if !is_there && let Some(why) = home.refuses(&document) {
            counts.impossible += 1;
            *counts.impossible_because.entry(why).or_default() += 1;
            return Ok(None);
        }
        let now = content(&document);
        let before = self.seen.entry(collection).or_default().insert(key, now);
        let is_same = is_there
            || match (before, &held) {
                (Some(before), _) => before == now,
                (None, Some(held)) => same(&held.document, &document),
                (None, None) => false,
            };
        if is_same {
            counts.unchanged += 1;
            return Ok(None);
        }
        let change = match (before, held) {
            (None, None) => {
                counts.inserted += 1;
                Change::Insert(key, document)
            }
            // The home's own note of a merge stays, whatever is asked for.
            (None, Some(_)) if collection == Collection::History && key == Key::of_id(NOTE) => {
                counts.conflicts += 1;
                return Ok(None);
            }
            // Of one `_id` twice in the same files the first counts; only which mark
            // of a contribution is the right one has to be decided.
            _ if self.on_conflict == OnConflict::Fail
                && (before.is_none() || collection == Collection::Measures) =>
            {
                return Err(Stop::because(format_args!(
                    "{collection}: a document is there under the same `_id` with another content; \
                     nothing was imported (--on-conflict skip or replace decides)"
                )));
            }
            (None, Some(held))
                if self.on_conflict == OnConflict::Replace
                    && may_replace(collection, &held.document, &document) =>
            {
                counts.replaced += 1;
                Change::Replace(held.spot, document)
            }
            _ => {
                if let Some(before) = before {
                    self.seen.entry(collection).or_default().insert(key, before);
                }
                counts.conflicts += 1;
                return Ok(None);
            }
        };
        if collection == Collection::Events
            && let Change::Insert(_, event) | Change::Replace(_, event) = &change
        {
            self.reach = self.reach.max(reach(event));
        }
        Ok(Some(change))
    }
}

impl Incoming<'_> {
    /// What was sent from where this comes may have been forgotten there: the
    /// later of both dates stays, whatever is asked for.
    fn settle(&mut self, key: Key, settled: Settled, held: Option<Stored>) -> Result<Option<Change>, Stop> {
        if self.seen.entry(Collection::Measures).or_default().insert(key, 0).is_some() {
            return Ok(None);
        }
        let own = held.as_ref().and_then(|held| Settled::read(Document::known(held.document.get())));
        if own.is_some_and(|own| own.until >= settled.until) {
            return Ok(None);
        }
        let document = to_raw_value(&settled).map_err(Stop::because)?;
        Ok(Some(match held {
            Some(held) => Change::Replace(held.spot, document),
            None => Change::Insert(key, document),
        }))
    }
}

/// An event of a day to come would count when it comes.
pub(super) fn is_to_come(workspace: &Workspace, event: &RawValue) -> bool {
    let day = Collection::Events.day(Document::known(event.get()), &workspace.settings.clock);
    day.is_some_and(|day| day > workspace.settings.today)
}

/// The `_id` of the history's entry for a document.
pub(super) fn name_in_history(collection: Collection, key: Key, document: &RawValue) -> String {
    format!("{collection}:{}", id(document).unwrap_or_else(|| key.as_id()))
}

fn without_writer(entry: &RawValue) -> Box<RawValue> {
    with(entry, &[("stamp", None), ("changes", None)]).unwrap_or_else(|| entry.to_owned())
}

fn without_lease(memory: &RawValue) -> MemoryDocument {
    MemoryDocument { rev: None, lease: None, command: None, ..MemoryDocument::parse(memory.get().as_bytes()) }
}

/// The contribution as one that can no longer be sent, whatever is configured;
/// `None` if it is none.
fn ended(document: &RawValue) -> Option<Box<RawValue>> {
    let entry: Entry = serde_json::from_str(document.get()).ok()?;
    let ended = match entry.state {
        State::Planned | State::Held => Some(("\"cancelled\"", "\"imported before it was sent\"")),
        State::Sending => Some(("\"unknown\"", "\"imported before its answer\"")),
        State::Sent | State::Refused | State::Unknown | State::Cancelled => None,
    };
    let mut changes = vec![("waits", Some("false")), ("imported", Some("true"))];
    if let Some((state, reason)) = ended {
        changes.extend([("state", Some(state)), ("reason", Some(reason))]);
    }
    with(document, &changes)
}

/// A mark is never lowered: what may have left stays so. Of two that say as
/// much, the home's own stays.
fn may_replace(collection: Collection, held: &RawValue, coming: &RawValue) -> bool {
    let mark =
        |document: &RawValue| match serde_json::from_str::<Entry>(document.get()).map(|entry| entry.state) {
            Err(_) => 0,
            Ok(State::Planned | State::Held) => 1,
            Ok(State::Cancelled) => 2,
            Ok(State::Refused) => 3,
            Ok(State::Sending | State::Unknown) => 4,
            Ok(State::Sent) => 5,
        };
    collection != Collection::Measures || mark(coming) > mark(held)
}
