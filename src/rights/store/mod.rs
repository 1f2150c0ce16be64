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
use super::{Desk, Place, Stop};
use crate::couch::is_document_of_app;
use crate::limits;
use crate::scan::Document;

/// A home that is open.
#[derive(Debug)]
pub(super) enum Store {
    Cozy(CozyStore),
    File(FileStore),
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
    pub(super) async fn open(
        desk: &Desk,
        place: Place,
        name: &'static str,
        access: Access,
    ) -> Result<Store, Stop> {
        Ok(match place {
            Place::File if access == Access::Rehearses => {
                Store::File(FileStore::open(&desk.port, name, false).await?.rehearsing())
            }
            Place::Cozy if access == Access::Rehearses => {
                let cozy = CozyStore::open(desk, name, false).await?;
                Store::File(rehearsal::copy_of(desk, &cozy, name).await?)
            }
            Place::Cozy => Store::Cozy(CozyStore::open(desk, name, access != Access::Reads).await?),
            Place::File => Store::File(FileStore::open(&desk.port, name, access == Access::Fills).await?),
        })
    }

    /// Begins to read the documents of a doctype as they are stored.
    pub(super) fn documents(&self, doctype: &str) -> Cursor {
        match self {
            Store::Cozy(_) => Cursor::Cozy(cozy::Pages::new(doctype)),
            Store::File(file) => Cursor::File(file.elements(doctype)),
        }
    }

    /// The next document.
    pub(super) async fn next(&self, cursor: &mut Cursor) -> Result<Option<Stored>, Stop> {
        match (self, cursor) {
            (Store::Cozy(cozy), Cursor::Cozy(pages)) => cozy.next(pages).await,
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
        match self {
            Store::Cozy(cozy) => cozy.triggers(doctype).await,
            Store::File(_) => Ok(self.all(doctype).await?.into_iter().map(|each| each.document).collect()),
        }
    }

    /// What is there of these keys, each with the id it has, if it has one.
    pub(super) async fn held(
        &mut self,
        doctype: &str,
        keys: &[(Key, Option<String>)],
    ) -> Result<Vec<Option<Stored>>, Stop> {
        match self {
            Store::Cozy(cozy) => cozy.held(doctype, keys).await,
            Store::File(file) => file.held(doctype, keys).await,
        }
    }

    /// Whether it is a Cozy, or seems to be one.
    pub(super) fn is_of_cozy(&self) -> bool {
        match self {
            Store::Cozy(_) => true,
            Store::File(file) => file.is_of_cozy(),
        }
    }

    /// Why a document cannot be stored here as it is; `None` if it can.
    pub(super) fn refuses(&self, document: &RawValue) -> Option<&'static str> {
        match self {
            Store::Cozy(_) => storable::why_not(document),
            Store::File(file) if file.is_of_cozy() => storable::why_not(document),
            Store::File(_) if document.get().len() > limits::MAX_DOCUMENT_BYTES => {
                Some("with what has to be noted of it, it is larger than 64 MiB")
            }
            // A Cozy takes none of them anyway.
            Store::File(_) if !is_document_of_app(Document::known(document.get())) => {
                Some("it was deleted, or is CouchDB's own")
            }
            Store::File(_) => None,
        }
    }

    /// Shows that documents of these doctypes can be read here and, where it is
    /// to be `written`, changed, before the first change is made.
    pub(super) async fn try_reach(&self, doctype: &str, written: bool) -> Result<(), Stop> {
        match self {
            Store::Cozy(cozy) => cozy.try_reach(doctype, written).await,
            // It is written anew, beside the old one.
            Store::File(file) => file.try_reach(doctype),
        }
    }

    /// Makes changes; gives how many were made. What another changed meanwhile
    /// stays as it is.
    pub(super) async fn write(&mut self, doctype: &str, changes: Vec<Change>) -> Result<usize, Stop> {
        match self {
            Store::Cozy(cozy) => cozy.write(doctype, changes).await,
            Store::File(file) => file.write(doctype, changes).await,
        }
    }

    /// Makes what was written last: a home file is written anew, whole, and put
    /// in its place.
    pub(super) async fn commit(&mut self) -> Result<(), Stop> {
        match self {
            Store::Cozy(_) => Ok(()),
            Store::File(file) => file.commit().await,
        }
    }

    /// Lets go of the home.
    pub(super) async fn close(&mut self) -> Result<(), Stop> {
        match self {
            Store::Cozy(cozy) => cozy.close().await,
            Store::File(_) => Ok(()),
        }
    }
}
