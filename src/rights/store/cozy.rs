//! A Cozy as a store: its data API, and the lease that runs hold too.

use std::collections::HashMap;

use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::{Change, Spot, Stored};
use crate::effect::Port;
use crate::limits;
use crate::rights::document::{Key, id, same, with};
use crate::rights::{Stop, Workspace};
use crate::scan::{Document, fields};
use crate::store::{Cozy, MEMORY_ID, MemoryDocument, PagingGuard, read_memory, write_memory};

#[derive(Debug)]
pub(in crate::rights) struct CozyStore {
    port: Port,
}

/// The documents of a doctype, page by page.
#[derive(Debug)]
pub(in crate::rights) struct Pages {
    doctype: String,
    bookmark: Option<String>,
    guard: PagingGuard,
    page: std::vec::IntoIter<Box<RawValue>>,
}

impl Pages {
    pub(super) fn new(doctype: &str) -> Pages {
        // Page by page none is kept, so that only their number is bound.
        let (bookmark, guard) = (Some(String::new()), PagingGuard::new(usize::MAX));
        Pages { doctype: doctype.to_owned(), bookmark, guard, page: Vec::new().into_iter() }
    }
}

impl CozyStore {
    pub(super) fn open(workspace: &Workspace, name: &str) -> CozyStore {
        CozyStore { port: workspace.port.cozy(name) }
    }

    pub(super) fn now(&self) -> u64 {
        self.port.now()
    }

    pub(super) fn random_id(&self) -> String {
        self.port.random_id()
    }

    fn cozy(&self) -> Cozy<'_> {
        Cozy::new(&self.port, None)
    }

    pub(super) async fn next(&self, pages: &mut Pages) -> Result<Option<Stored>, Stop> {
        loop {
            if let Some(document) = pages.page.next() {
                return stored(document).map(Some);
            }
            let Some(bookmark) = pages.bookmark.take() else { return Ok(None) };
            let page = self.cozy().page(&pages.doctype, &bookmark).await.map_err(Stop::at(&pages.doctype))?;
            let goes_on = pages.guard.extend(0, page.documents.is_empty(), page.next.as_deref());
            goes_on.map_err(Stop::at(&pages.doctype))?;
            (pages.page, pages.bookmark) = (page.documents.into_iter(), page.next);
        }
    }

    pub(super) async fn triggers(&self, doctype: &str) -> Result<Vec<Box<RawValue>>, Stop> {
        self.cozy().triggers(doctype).await.map_err(Stop::at(doctype))
    }

    pub(super) async fn held(
        &mut self,
        doctype: &str,
        keys: &[(Key, Option<String>)],
    ) -> Result<Vec<Option<Stored>>, Stop> {
        let ids: Vec<String> = keys.iter().map(|(key, id)| id_for(*key, id.as_deref())).collect();
        let mut found = self.with_ids(doctype, &ids).await?;
        let as_it_came = |(id, (_, own)): (&String, &(Key, Option<String>))| {
            let stored = found.remove(id)?;
            let document = if own.is_some() { None } else { with(&stored.document, &[("_id", None)]) };
            Some(Stored { document: document.unwrap_or(stored.document), spot: stored.spot })
        };
        Ok(ids.iter().zip(keys).map(as_it_came).collect())
    }

    async fn with_ids(&self, doctype: &str, ids: &[String]) -> Result<HashMap<String, Stored>, Stop> {
        let documents = self.cozy().with_ids(doctype, ids, limits::BULK).await.map_err(Stop::at(doctype))?;
        let stored = documents.into_iter().map(stored).collect::<Result<Vec<_>, _>>()?;
        let id = |stored: &Stored| match &stored.spot {
            Spot::Cozy { id, .. } => id.clone(),
            _ => String::new(),
        };
        Ok(stored.into_iter().map(|stored| (id(&stored), stored)).collect())
    }

    /// Asks for no document and writes none.
    pub(super) async fn try_reach(&self, doctype: &str, written: bool) -> Result<(), Stop> {
        let nothing = [String::new()];
        self.cozy().with_ids(doctype, &nothing, limits::BULK).await.map_err(Stop::at(doctype))?;
        if written {
            self.cozy().put_all(doctype, &[]).await.map_err(Stop::at(doctype))?;
        }
        Ok(())
    }

    pub(super) async fn write(&mut self, doctype: &str, changes: Vec<Change>) -> Result<usize, Stop> {
        let writes = changes.into_iter().map(Write::new).collect::<Result<Vec<Write>, Stop>>()?;
        let mut count = 0;
        for chunk in writes.chunks(limits::BULK) {
            count += self.write_chunk(doctype, chunk).await?;
        }
        Ok(count)
    }

    async fn write_chunk(&self, doctype: &str, writes: &[Write]) -> Result<usize, Stop> {
        let at_doctype = Stop::at(doctype);
        let documents: Vec<&RawValue> = writes.iter().map(|write| &*write.document).collect();
        let mut results = self.cozy().put_all(doctype, &documents).await.map_err(&at_doctype)?.0;
        if results.is_empty() {
            // There is no such database yet.
            self.cozy().create_index(doctype, &["_id"]).await.map_err(&at_doctype)?;
            results = self.cozy().put_all(doctype, &documents).await.map_err(&at_doctype)?.0;
        }
        let left: Vec<&Write> = writes
            .iter()
            .filter(|write| !results.iter().any(|result| result.id == write.id && result.is_written()))
            .collect();
        if left.is_empty() {
            return Ok(writes.len());
        }
        // An answer may have been lost, and the write be a conflict with itself:
        // what is there now tells.
        let ids: Vec<String> = left.iter().map(|write| write.id.clone()).collect();
        let found = self.with_ids(doctype, &ids).await?;
        let missing = left.iter().filter(|write| !write.is_seen_in(found.get(&write.id))).count();
        Ok(writes.len() - missing)
    }

    /// The memory document; an empty one where there is none yet.
    pub(super) async fn memory(&self, doctype: &str) -> Result<MemoryDocument, Stop> {
        read_memory(self.cozy(), doctype).await.map_err(Stop::at("the memory"))
    }

    /// Writes the memory document over the revision that it carries.
    pub(super) async fn put_memory(&self, doctype: &str, memory: &mut MemoryDocument) -> Result<(), Stop> {
        write_memory(self.cozy(), doctype, memory).await.map_err(Stop::at("the memory"))
    }

    /// Takes the memory document away, unless another changed it.
    pub(super) async fn delete_memory(&self, doctype: &str, memory: &MemoryDocument) -> Result<(), Stop> {
        let deletion = json!({"_id": MEMORY_ID, "_rev": memory.rev, "_deleted": true});
        let deletion = to_raw_value(&deletion).map_err(Stop::because)?;
        self.cozy().put_all(doctype, &[&*deletion]).await.map_err(Stop::at("the memory")).map(drop)
    }
}

/// One document as it is to be written.
struct Write {
    id: String,
    document: Box<RawValue>,
    deletes: bool,
}

impl Write {
    fn new(change: Change) -> Result<Write, Stop> {
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        let written = |id: &str, rev: Option<&str>, document: &RawValue| {
            let (id, rev) = (quoted(id), rev.map(quoted));
            with(document, &[("_id", Some(&id)), ("_rev", rev.as_deref()), ("_type", None)])
                .ok_or_else(|| Stop::because("a document that is no object has no place in a Cozy"))
        };
        Ok(match change {
            Change::Insert(key, document) => {
                let id = id_for(key, id(&document).as_deref());
                Write { document: written(&id, None, &document)?, id, deletes: false }
            }
            Change::Replace(Spot::Cozy { id, rev }, document) => {
                Write { document: written(&id, Some(&rev), &document)?, id, deletes: false }
            }
            Change::Delete(Spot::Cozy { id, rev }) => {
                let deletion = json!({"_id": id, "_rev": rev, "_deleted": true});
                Write { document: to_raw_value(&deletion).map_err(Stop::because)?, id, deletes: true }
            }
            Change::Replace(..) | Change::Delete(_) => {
                return Err(Stop::because("a document of a file has no place in a Cozy"));
            }
        })
    }

    /// Whether what is stored is what this write leaves.
    fn is_seen_in(&self, stored: Option<&Stored>) -> bool {
        match stored {
            None => self.deletes,
            Some(stored) => !self.deletes && same(&stored.document, &self.document),
        }
    }
}

fn id_for(key: Key, id: Option<&str>) -> String {
    id.map_or_else(|| key.as_id(), str::to_owned)
}

fn stored(document: Box<RawValue>) -> Result<Stored, Stop> {
    let text = |name: &str| {
        let [field] = fields(Document::known(document.get()), [name])?;
        Some(field?.text()?.into_owned())
    };
    let (id, rev) = text("_id").zip(text("_rev")).ok_or_else(|| {
        Stop::because("the Cozy gave a document without an id or a revision, which is not what a Cozy gives")
    })?;
    Ok(Stored { document, spot: Spot::Cozy { id, rev } })
}
