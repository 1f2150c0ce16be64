//! A home, wherever it is: documents by doctype, read one by one, written in
//! batches.

mod cozy;
mod file;
mod rehearsal;
mod storable;

use serde_json::value::RawValue;

use self::cozy::CozyStore;
use self::file::FileStore;
use super::document::Key;
use super::{Place, Stop, Workspace};
use crate::couch::is_document_of_app;
use crate::limits;
use crate::scan::Document;
use crate::store::{Failure, Lease, MEMORY_ID, MemoryDocument};

/// A home that is open, with its memory document.
#[derive(Debug)]
pub(super) struct Store {
    kind: Kind,
    /// The doctype of the memory document.
    doctype: String,
    memory: MemoryDocument,
    /// Where it stands in a home file.
    spot: Option<Spot>,
    /// Whether it is to be written into the home file.
    is_changed: bool,
    /// Whether this command holds a lease of a Cozy.
    is_held: bool,
    /// The memory document as it was found.
    before: MemoryDocument,
}

#[derive(Debug)]
enum Kind {
    Cozy(CozyStore),
    File(Box<FileStore>),
}

/// The name under which a command holds leases. The next command takes them
/// over: one that was killed is begun again.
pub(super) fn holder(port: &crate::effect::Port) -> String {
    format!("dacc-{}", port.random_id())
}

/// What a command does with a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Reads,
    Changes,
    /// Changes one that may not be there yet.
    Fills,
    /// Changes what seems to be it: nothing of it stays.
    Rehearses,
}

/// A document and where it is.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) document: Box<RawValue>,
    pub(super) spot: Spot,
}

impl AsRef<RawValue> for Stored {
    fn as_ref(&self) -> &RawValue {
        &self.document
    }
}

/// Where a document is, so that it can be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    /// Under this id and revision.
    Cozy { id: String, rev: String },
    /// The so manieth of its doctype in the file as it was opened.
    File { nth: usize },
}

/// What is to be done with a document.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Insert(Key, Box<RawValue>),
    Replace(Spot, Box<RawValue>),
    Delete(Spot),
}

/// How far the documents of a doctype were read.
#[derive(Debug)]
pub(super) enum Cursor {
    Cozy(cozy::Pages),
    File(Option<file::Elements>),
}

impl Store {
    /// Opens a home; where it will be changed, for nobody else at the same time.
    /// One that is changed has an id from then on.
    pub(super) async fn open(
        workspace: &Workspace,
        place: Place,
        name: &'static str,
        access: Access,
    ) -> Result<Store, Stop> {
        let doctype = workspace.options.doctypes.memory.clone();
        let kind = match place {
            Place::Cozy if access == Access::Rehearses => {
                let cozy = CozyStore::open(workspace, name);
                let mut doctypes = workspace.options.doctypes.clone();
                if let Some(settings) = cozy.memory(&doctype).await?.settings {
                    doctypes.measures = settings.measures;
                }
                Kind::File(Box::new(rehearsal::copy_of(workspace, &doctypes, &cozy, name).await?))
            }
            Place::Cozy => Kind::Cozy(CozyStore::open(workspace, name)),
            Place::File if access == Access::Rehearses => {
                Kind::File(Box::new(FileStore::open(&workspace.port, name, false).await?.rehearsing()))
            }
            Place::File => {
                Kind::File(Box::new(FileStore::open(&workspace.port, name, access == Access::Fills).await?))
            }
        };
        let (memory, spot) = (MemoryDocument::default(), None);
        let mut store =
            Store { kind, doctype, before: memory.clone(), memory, spot, is_changed: false, is_held: false };
        let changes = access != Access::Reads;
        match store.kind {
            Kind::Cozy(_) if changes => store.take_lease(workspace).await?,
            Kind::Cozy(_) => store.read_memory().await?,
            Kind::File(_) => {
                store.read_memory().await?;
                store.is_changed = changes && store.memory.home.is_none();
                if store.is_changed {
                    store.memory.home = Some(workspace.port.cozy(name).random_id());
                }
            }
        }
        Ok(store)
    }

    /// What the home keeps between its runs, its id, and what it lives under.
    pub(super) fn memory(&self) -> &MemoryDocument {
        &self.memory
    }

    /// Changes the memory document: over the revision that this command holds,
    /// so that no run's is ever overwritten.
    pub(super) async fn remember(&mut self, change: impl FnOnce(&mut MemoryDocument)) -> Result<(), Stop> {
        let before = self.memory.clone();
        change(&mut self.memory);
        match self.kind {
            Kind::Cozy(_) => {
                let kept = self.renew().await;
                if kept.is_err() {
                    self.memory = before;
                }
                kept
            }
            Kind::File(_) => {
                self.is_changed = true;
                Ok(())
            }
        }
    }

    async fn read_memory(&mut self) -> Result<(), Stop> {
        match &mut self.kind {
            Kind::Cozy(cozy) => self.memory = cozy.memory(&self.doctype).await?,
            Kind::File(file) => {
                let key = (Key::of_id(MEMORY_ID), Some(MEMORY_ID.to_owned()));
                let stored = file.held(&self.doctype, &[key]).await?.pop().flatten();
                let text = stored.as_ref().map_or("", |stored| stored.document.get());
                self.memory = MemoryDocument { rev: None, ..MemoryDocument::parse(text.as_bytes()) };
                self.spot = stored.map(|stored| stored.spot);
            }
        }
        Ok(())
    }

    /// Takes the lease of a Cozy that commands have. Where runs have no memory yet, this makes it:
    /// whoever writes first has the lease, and the other leaves.
    async fn take_lease(&mut self, workspace: &Workspace) -> Result<(), Stop> {
        for tries in 1.. {
            self.read_memory().await?;
            if self.memory.command.as_ref().is_some_and(|lease| lease.by == workspace.holder) {
                return Err(Stop::because(
                    "former: this is the same Cozy, under another address; a home is not merged with itself",
                ));
            }
            if self.memory.lease.as_ref().is_some_and(|lease| lease.holds(workspace.port.now())) {
                return Err(Stop::because("a run is under way on this Cozy; try again when it is over"));
            }
            self.before = self.memory.clone();
            let Kind::Cozy(cozy) = &self.kind else { return Ok(()) };
            self.memory.home.get_or_insert_with(|| cozy.random_id());
            self.memory.command = Some(Lease { by: workspace.holder.clone(), until: 0 });
            match self.renew().await {
                Err(Stop::Cozy(_, Failure::Conflict)) if tries == 1 => {}
                Ok(()) => {
                    self.is_held = true;
                    // To make it is another permission than to change it.
                    let is_new = self.before.rev.is_none();
                    let kept = if is_new { self.renew().await } else { Ok(()) };
                    if kept.is_err() {
                        self.close(true).await?;
                    }
                    return kept;
                }
                refused => return refused,
            }
        }
        Ok(())
    }

    /// Writes the memory document with a lease that lasts.
    async fn renew(&mut self) -> Result<(), Stop> {
        let Kind::Cozy(cozy) = &self.kind else { return Ok(()) };
        if let Some(lease) = &mut self.memory.command {
            lease.until = cozy.now() + limits::LEASE_MILLIS;
        }
        cozy.put_memory(&self.doctype, &mut self.memory).await
    }

    /// Begins to read the documents of a doctype as they are stored.
    pub(super) fn documents(&self, doctype: &str) -> Cursor {
        match &self.kind {
            Kind::Cozy(_) => Cursor::Cozy(cozy::Pages::new(doctype)),
            Kind::File(file) => Cursor::File(file.elements(doctype)),
        }
    }

    /// The next document.
    pub(super) async fn next(&self, cursor: &mut Cursor) -> Result<Option<Stored>, Stop> {
        match (&self.kind, cursor) {
            (Kind::Cozy(cozy), Cursor::Cozy(pages)) => cozy.next(pages).await,
            (_, Cursor::File(Some(elements))) => elements.next().await,
            _ => Ok(None),
        }
    }

    /// The next document that is the app's. What is deleted goes over all of
    /// them; what is read, or brought elsewhere, over these alone.
    pub(super) async fn next_of_app(&self, cursor: &mut Cursor) -> Result<Option<Stored>, Stop> {
        loop {
            match self.next(cursor).await? {
                Some(stored) if !is_document_of_app(Document::known(stored.document.get())) => {}
                found => return Ok(found),
            }
        }
    }

    /// All documents of a doctype that has few.
    pub(super) async fn all(&self, doctype: &str) -> Result<Vec<Stored>, Stop> {
        let mut cursor = self.documents(doctype);
        let mut all = Vec::new();
        while let Some(stored) = self.next_of_app(&mut cursor).await? {
            all.push(stored);
        }
        Ok(all)
    }

    /// The triggers of konnectors, which a Cozy does not give as documents.
    pub(super) async fn triggers(&self, doctype: &str) -> Result<Vec<Box<RawValue>>, Stop> {
        match &self.kind {
            Kind::Cozy(cozy) => cozy.triggers(doctype).await,
            Kind::File(_) => Ok(self.all(doctype).await?.into_iter().map(|each| each.document).collect()),
        }
    }

    /// What is there of these keys, each with the id it has, if it has one.
    pub(super) async fn held(
        &mut self,
        doctype: &str,
        keys: &[(Key, Option<String>)],
    ) -> Result<Vec<Option<Stored>>, Stop> {
        match &mut self.kind {
            Kind::Cozy(cozy) => cozy.held(doctype, keys).await,
            Kind::File(file) => file.held(doctype, keys).await,
        }
    }

    /// Whether runs may be at it: at a home file none ever is.
    pub(super) fn has_runs(&self) -> bool {
        matches!(self.kind, Kind::Cozy(_))
    }

    /// Whether it is a Cozy, or seems to be one.
    pub(super) fn is_of_cozy(&self) -> bool {
        match &self.kind {
            Kind::Cozy(_) => true,
            Kind::File(file) => file.is_of_cozy(),
        }
    }

    /// Why a document cannot be stored here as it is; `None` if it can.
    pub(super) fn refuses(&self, document: &RawValue) -> Option<&'static str> {
        match &self.kind {
            Kind::Cozy(_) => storable::why_not(document),
            Kind::File(file) if file.is_of_cozy() => storable::why_not(document),
            Kind::File(_) if document.get().len() > limits::MAX_DOCUMENT_BYTES => {
                Some("with what has to be noted of it, it is larger than 64 MiB")
            }
            // A Cozy takes none of them anyway.
            Kind::File(_) if !is_document_of_app(Document::known(document.get())) => {
                Some("it was deleted, or is CouchDB's own")
            }
            Kind::File(_) => None,
        }
    }

    /// Shows that documents of these doctypes can be read here and, where it is
    /// to be `written`, changed, before the first change is made.
    pub(super) async fn try_reach(&self, doctype: &str, written: bool) -> Result<(), Stop> {
        match &self.kind {
            Kind::Cozy(cozy) => cozy.try_reach(doctype, written).await,
            // It is written anew, beside the old one.
            Kind::File(file) => file.try_reach(doctype),
        }
    }

    /// Makes changes; gives how many were made. What another changed meanwhile
    /// stays as it is.
    pub(super) async fn write(&mut self, doctype: &str, changes: Vec<Change>) -> Result<usize, Stop> {
        let until = self.memory.command.as_ref().map_or(0, |lease| lease.until);
        if let Kind::Cozy(cozy) = &self.kind
            && self.is_held
            && cozy.now() + limits::LEASE_MILLIS / 2 > until
        {
            self.renew().await?;
        }
        match &mut self.kind {
            Kind::Cozy(cozy) => cozy.write(doctype, changes).await,
            Kind::File(file) => file.write(doctype, changes).await,
        }
    }

    /// Stores the id of a home file that had none, and nothing else.
    pub(super) async fn keep_id(&mut self) -> Result<(), Stop> {
        if self.is_changed { self.commit().await } else { Ok(()) }
    }

    /// Makes what was written last: a home file is written anew, whole, and put
    /// in its place.
    pub(super) async fn commit(&mut self) -> Result<(), Stop> {
        let Kind::File(file) = &mut self.kind else { return Ok(()) };
        if std::mem::take(&mut self.is_changed) {
            let document = self.memory.to_raw();
            let document = document.ok_or_else(|| Stop::because("the memory cannot be written"))?;
            let change = match self.spot.take() {
                Some(spot) => Change::Replace(spot, document),
                None => Change::Insert(Key::of_id(MEMORY_ID), document),
            };
            file.write(&self.doctype, vec![change]).await?;
        }
        file.commit().await?;
        self.read_memory().await
    }

    /// Lets go of the home. Where the command was refused before it changed
    /// anything, nothing of it stays.
    pub(super) async fn close(&mut self, is_refused: bool) -> Result<(), Stop> {
        if !std::mem::take(&mut self.is_held) {
            return Ok(());
        }
        let Kind::Cozy(cozy) = &self.kind else { return Ok(()) };
        let (now, before) = (&self.memory, &self.before);
        if is_refused && now.memory == before.memory && now.changes == before.changes {
            if self.before.rev.is_none() {
                return cozy.delete_memory(&self.doctype, &self.memory).await;
            }
            self.memory.home.clone_from(&self.before.home);
        }
        self.memory.command = None;
        match cozy.put_memory(&self.doctype, &mut self.memory).await {
            // Another has it already.
            Err(Stop::Cozy(_, Failure::Conflict)) => Ok(()),
            put => put,
        }
    }
}
