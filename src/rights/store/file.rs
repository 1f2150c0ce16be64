//! A home file, `{"<doctype>": [document, …], …}`, as a store.
//!
//! It is read in pieces and never changed in place. What is written is kept in
//! scratch files and notes of a few bytes a document; a commit writes the whole
//! file anew, each document that stays as the bytes it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::value::RawValue;

use super::{Change, Spot, Stored};
use crate::couch::is_document_of_app;
use crate::limits;
use crate::rights::Stop;
use crate::rights::document::{Key, Keys};
use crate::rights::port::Port;
use crate::rights::reader::Reader;
use crate::scan::Document;

#[derive(Debug)]
pub(in crate::rights) struct FileStore {
    port: Port,
    name: &'static str,
    /// Where it is read: under its name or, where what was written to it is only
    /// rehearsed, in a scratch file.
    file: String,
    rehearsal: Option<Rehearsal>,
    entries: Vec<Entry>,
    /// By doctype, where documents are; made for those that are asked for.
    indexes: BTreeMap<String, HashMap<Key, Location>>,
    changed: BTreeMap<String, PendingChanges>,
    /// What was last fetched: documents are mostly asked for in their order.
    window: Window,
}

/// What is written goes to scratch files, and the home stays as it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Rehearsal {
    /// How often the whole was written.
    pub(super) count: usize,
    /// Whether it is of a Cozy.
    pub(super) is_of_cozy: bool,
    /// Doctypes that the Cozy did not give, and why.
    pub(super) withheld: BTreeMap<String, Stop>,
}

/// One field of the file.
#[derive(Debug)]
struct Entry {
    key: String,
    /// Where its value begins and ends.
    value: (u64, u64),
}

/// Where a document is.
#[derive(Debug, Clone, Copy)]
struct Location {
    at: u64,
    length: u32,
    /// Which of its doctype.
    nth: u32,
}

/// What is to become of a doctype.
#[derive(Debug, Default)]
struct PendingChanges {
    deleted: BTreeSet<usize>,
    /// Where in the scratch file the new text is.
    replaced: BTreeMap<usize, (u64, u32)>,
    added: Vec<(u64, u32)>,
    buffer: Vec<u8>,
    /// How long the scratch file is, with the buffer.
    length: u64,
}

impl PendingChanges {
    fn scratch(&mut self, document: &RawValue) -> (u64, u32) {
        let bytes = document.get().as_bytes();
        let at = self.length;
        self.buffer.extend_from_slice(bytes);
        self.length += bytes.len() as u64;
        (at, u32::try_from(bytes.len()).unwrap_or(u32::MAX))
    }
}

impl FileStore {
    /// Reads the file once, to the end: a home that is cut is not opened.
    pub(super) async fn open(port: &Port, name: &'static str, may_miss: bool) -> Result<FileStore, Stop> {
        FileStore::read(port, name, name.to_owned(), None, may_miss).await
    }

    /// Reads a home where it is now.
    pub(super) async fn read(
        port: &Port,
        name: &'static str,
        file: String,
        rehearsal: Option<Rehearsal>,
        may_miss: bool,
    ) -> Result<FileStore, Stop> {
        let entries = entries(port, &file, may_miss).await?;
        let window = Window::new(port, &file);
        let (port, indexes, changed) = (port.clone(), BTreeMap::new(), BTreeMap::new());
        Ok(FileStore { port, name, file, rehearsal, entries, indexes, changed, window })
    }

    /// From here on nothing that is written reaches the home.
    pub(super) fn rehearsing(self) -> FileStore {
        FileStore { rehearsal: Some(Rehearsal::default()), ..self }
    }

    pub(super) fn is_of_cozy(&self) -> bool {
        self.rehearsal.as_ref().is_some_and(|rehearsal| rehearsal.is_of_cozy)
    }

    /// Fails where a rehearsal has no documents of this doctype to read.
    pub(super) fn try_reach(&self, doctype: &str) -> Result<(), Stop> {
        let withheld = self.rehearsal.as_ref().and_then(|rehearsal| rehearsal.withheld.get(doctype));
        withheld.cloned().map_or(Ok(()), Err)
    }

    pub(super) fn elements(&self, doctype: &str) -> Option<Elements> {
        let withheld = self.rehearsal.as_ref().and_then(|rehearsal| rehearsal.withheld.get(doctype));
        let entry = self.entries.iter().find(|entry| entry.key == doctype);
        let from = if withheld.is_some() { 0 } else { entry?.value.0 };
        let reader = Reader::new(&self.port, &self.file, from);
        Some(Elements { reader, nth: 0, at: 0, withheld: withheld.cloned() })
    }

    pub(super) async fn held(
        &mut self,
        doctype: &str,
        keys: &[(Key, Option<String>)],
    ) -> Result<Vec<Option<Stored>>, Stop> {
        if !self.indexes.contains_key(doctype) {
            let index = self.index(doctype).await?;
            self.indexes.insert(doctype.to_owned(), index);
        }
        let mut all = Vec::with_capacity(keys.len());
        for (key, _) in keys {
            let held = self.indexes.get(doctype).and_then(|index| index.get(key)).copied();
            all.push(match held {
                Some(held) => Some(self.fetch(held).await?),
                None => None,
            });
        }
        Ok(all)
    }

    async fn index(&self, doctype: &str) -> Result<HashMap<Key, Location>, Stop> {
        let mut index = HashMap::new();
        let mut keys = Keys::default();
        let Some(mut elements) = self.elements(doctype) else { return Ok(index) };
        while let Some(stored) = elements.next().await? {
            // One that was deleted is not there for whoever asks for its id.
            if !is_document_of_app(Document::known(stored.document.get())) {
                continue;
            }
            let held = Location {
                at: elements.at,
                length: u32::try_from(stored.document.get().len()).unwrap_or(u32::MAX),
                nth: u32::try_from(elements.nth - 1).unwrap_or(u32::MAX),
            };
            // Of two events with one id the first counts.
            index.entry(keys.of(&stored.document)).or_insert(held);
        }
        Ok(index)
    }

    async fn fetch(&mut self, held: Location) -> Result<Stored, Stop> {
        let document = self.window.document((held.at, held.length)).await?;
        Ok(Stored { document, spot: Spot::File { nth: usize::try_from(held.nth).unwrap_or(usize::MAX) } })
    }

    pub(super) async fn write(&mut self, doctype: &str, changes: Vec<Change>) -> Result<usize, Stop> {
        let count = changes.len();
        if count == 0 {
            return Ok(0);
        }
        let changed = self.changed.entry(doctype.to_owned()).or_default();
        for change in changes {
            match change {
                Change::Insert(_, document) => {
                    let spot = changed.scratch(&document);
                    changed.added.push(spot);
                }
                Change::Replace(Spot::File { nth }, document) => {
                    let spot = changed.scratch(&document);
                    changed.replaced.insert(nth, spot);
                }
                Change::Delete(Spot::File { nth }) => {
                    changed.deleted.insert(nth);
                }
                Change::Replace(..) | Change::Delete(_) => {
                    return Err(Stop::because("a document of a Cozy has no place in a file"));
                }
            }
        }
        self.flush(doctype, limits::CHUNK).await?;
        Ok(count)
    }

    /// Writes what waits for the scratch file, if it is so much.
    async fn flush(&mut self, doctype: &str, least: usize) -> Result<(), Stop> {
        let Some(changed) = self.changed.get_mut(doctype) else { return Ok(()) };
        if changed.buffer.is_empty() || changed.buffer.len() < least {
            return Ok(());
        }
        let bytes = std::mem::take(&mut changed.buffer);
        self.port.append(&scratch(self.name, doctype), bytes).await
    }

    pub(super) async fn commit(&mut self) -> Result<(), Stop> {
        if self.changed.is_empty() {
            return Ok(());
        }
        let doctypes: Vec<String> = self.changed.keys().cloned().collect();
        for doctype in &doctypes {
            self.flush(doctype, 0).await?;
        }
        let target = match &mut self.rehearsal {
            Some(rehearsal) => {
                rehearsal.count += 1;
                rehearsed(self.name, rehearsal.count)
            }
            None => self.name.to_owned(),
        };
        let mut output = Output::new(&self.port, target.clone());
        let mut is_first = true;
        for entry in &self.entries {
            output.key(&entry.key, &mut is_first)?;
            match self.changed.get(&entry.key) {
                Some(changed) => self.rewrite(&entry.key, changed, &mut output).await?,
                None => self.copy(entry.value, &mut output).await?,
            }
        }
        for (doctype, changed) in &self.changed {
            if !self.entries.iter().any(|entry| entry.key == *doctype) {
                output.key(doctype, &mut is_first)?;
                self.rewrite(doctype, changed, &mut output).await?;
            }
        }
        output.add(b"\n}\n").await?;
        output.flush().await?;
        let before = std::mem::replace(&mut self.file, target);
        if self.rehearsal.is_none() {
            self.port.commit(self.name).await?;
        } else if before != self.name {
            self.port.discard(&before).await?;
        }
        for doctype in &doctypes {
            self.port.discard(&scratch(self.name, doctype)).await?;
        }
        let (file, rehearsal) = (std::mem::take(&mut self.file), self.rehearsal.take());
        *self = FileStore::read(&self.port, self.name, file, rehearsal, false).await?;
        Ok(())
    }

    /// Writes the documents of a doctype as they are to be.
    async fn rewrite(
        &self,
        doctype: &str,
        changed: &PendingChanges,
        output: &mut Output,
    ) -> Result<(), Stop> {
        let scratch = scratch(self.name, doctype);
        let mut replaced = Window::new(&self.port, &scratch);
        let mut separator: &[u8] = b"[\n";
        if let Some(mut elements) = self.elements(doctype) {
            while let Some(stored) = elements.next().await? {
                let nth = elements.nth - 1;
                if changed.deleted.contains(&nth) {
                    continue;
                }
                output.add(separator).await?;
                separator = b",\n";
                match changed.replaced.get(&nth) {
                    Some(&(at, length)) => output.add(replaced.bytes(at, length).await?).await?,
                    None => output.add(stored.document.get().as_bytes()).await?,
                }
            }
        }
        let mut added = Window::new(&self.port, &scratch);
        for &(at, length) in &changed.added {
            output.add(separator).await?;
            separator = b",\n";
            output.add(added.bytes(at, length).await?).await?;
        }
        output.add(if separator == b"[\n" { b"[]" } else { b"\n]" }).await
    }

    /// Copies a value as it is.
    async fn copy(&self, (from, to): (u64, u64), output: &mut Output) -> Result<(), Stop> {
        let mut at = from;
        while at < to {
            let length = usize::try_from(to - at).unwrap_or(usize::MAX).min(limits::CHUNK);
            let bytes = self.port.read(&self.file, at, length).await?;
            if bytes.is_empty() {
                return Err(Stop::because(format_args!("{}: it was changed meanwhile", self.name)));
            }
            at += bytes.len() as u64;
            output.add(&bytes).await?;
        }
        Ok(())
    }
}

/// The documents of an array, one after the other.
#[derive(Debug)]
pub(in crate::rights) struct Elements {
    reader: Reader,
    /// How many were read.
    nth: usize,
    /// Where the last one begins.
    at: u64,
    /// Why there are none to read.
    withheld: Option<Stop>,
}

impl Elements {
    pub(super) async fn next(&mut self) -> Result<Option<Stored>, Stop> {
        if let Some(why) = self.withheld.take() {
            return Err(why);
        }
        let opens = if self.nth == 0 { b'[' } else { b',' };
        let goes_on = self.reader.eat(opens).await?;
        if !goes_on || self.nth == 0 && self.reader.peek().await? == Some(b']') {
            return Ok(None);
        }
        self.reader.peek().await?;
        self.at = self.reader.at();
        let document = self.reader.value().await?;
        self.nth += 1;
        Ok(Some(Stored { document, spot: Spot::File { nth: self.nth - 1 } }))
    }
}

/// Pieces of a file that lie close to each other.
#[derive(Debug)]
struct Window {
    port: Port,
    file: String,
    from: u64,
    bytes: Vec<u8>,
}

impl Window {
    fn new(port: &Port, file: &str) -> Window {
        Window { port: port.clone(), file: file.to_owned(), from: 0, bytes: Vec::new() }
    }

    async fn document(&mut self, (at, length): (u64, u32)) -> Result<Box<RawValue>, Stop> {
        let text = String::from_utf8(self.bytes(at, length).await?.to_vec()).ok();
        let document = text.and_then(|text| RawValue::from_string(text).ok());
        document.ok_or_else(|| Stop::because(format_args!("{}: it was changed meanwhile", self.file)))
    }

    async fn bytes(&mut self, at: u64, length: u32) -> Result<&[u8], Stop> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let start = at.checked_sub(self.from).and_then(|start| usize::try_from(start).ok());
        let is_within = start.is_some_and(|start| start + length <= self.bytes.len());
        let start = if is_within {
            start.unwrap_or_default()
        } else {
            self.bytes.clear();
            while self.bytes.len() < length {
                let (next, wanted) = (at + self.bytes.len() as u64, length.max(limits::CHUNK));
                let more = self.port.read(&self.file, next, wanted - self.bytes.len()).await?;
                if more.is_empty() {
                    break;
                }
                self.bytes.extend_from_slice(&more);
            }
            self.from = at;
            0
        };
        let bytes = self.bytes.get(start..start + length);
        bytes.ok_or_else(|| Stop::because(format_args!("{}: it was changed meanwhile", self.file)))
    }
}

/// The file that is being made.
pub(super) struct Output {
    port: Port,
    name: String,
    buffer: Vec<u8>,
}

impl Output {
    pub(super) fn new(port: &Port, name: String) -> Output {
        Output { port: port.clone(), name, buffer: b"{".to_vec() }
    }

    pub(super) fn key(&mut self, key: &str, is_first: &mut bool) -> Result<(), Stop> {
        let key = serde_json::to_string(key).map_err(Stop::because)?;
        self.buffer.extend_from_slice(if std::mem::take(is_first) { b"\n" } else { b",\n" });
        self.buffer.extend_from_slice(key.as_bytes());
        self.buffer.extend_from_slice(b": ");
        Ok(())
    }

    pub(super) async fn add(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= limits::CHUNK { self.flush().await } else { Ok(()) }
    }

    pub(super) async fn flush(&mut self) -> Result<(), Stop> {
        self.port.append(&self.name, std::mem::take(&mut self.buffer)).await
    }
}

/// Where a home is while it is rehearsed.
pub(super) fn rehearsed(home: &str, count: usize) -> String {
    format!("scratch:rehearsed {home}:{count}")
}

fn scratch(home: &str, doctype: &str) -> String {
    format!("scratch:{home}:{doctype}")
}

/// The fields of the file, and where their values are. A home without documents
/// is `{}`; a file with nothing in it is none, unless it may not be there yet.
async fn entries(port: &Port, name: &str, may_miss: bool) -> Result<Vec<Entry>, Stop> {
    let mut reader = Reader::new(port, name, 0);
    reader.begin().await?;
    let mut entries: Vec<Entry> = Vec::new();
    match reader.peek().await? {
        None if may_miss => return Ok(entries),
        None => {
            return Err(reader.is_other(
                "it is empty; a home is {\"<doctype>\": [document, …], …}, and one without documents {}",
            ));
        }
        Some(b'[') => {
            return Err(reader.is_other(
                "this is an array, and a home is {\"<doctype>\": [document, …], …}; dacc import takes an export into a home",
            ));
        }
        Some(_) => {}
    }
    if !reader.eat(b'{').await? {
        return Err(reader.broken("this is no home, {\"<doctype>\": [document, …], …},"));
    }
    while reader.peek().await? != Some(b'}') {
        if !entries.is_empty() && !reader.eat(b',').await? {
            return Err(reader.broken("a comma or } was expected"));
        }
        let key = reader.value().await?;
        let key: String = serde_json::from_str(key.get()).map_err(|_| reader.broken("a key was expected"))?;
        if !reader.eat(b':').await? {
            return Err(reader.broken("a colon was expected"));
        }
        if entries.iter().any(|entry| entry.key == key) {
            return Err(reader.broken("this is no home: a doctype stands twice, the second time"));
        }
        let is_array = reader.peek().await? == Some(b'[');
        let from = reader.at();
        if is_array {
            let mut elements = Elements { reader, nth: 0, at: 0, withheld: None };
            while elements.next().await?.is_some() {}
            reader = elements.reader;
            if !reader.eat(b']').await? {
                return Err(reader.broken("a comma or ] was expected"));
            }
        } else if key.contains('.') {
            // What has no dot in its name is no doctype, and stays as it is.
            return Err(reader.broken("this is no home: the documents of a doctype are no array"));
        } else {
            reader.value().await?;
        }
        entries.push(Entry { key, value: (from, reader.at()) });
    }
    reader.eat(b'}').await?;
    match reader.peek().await? {
        None => Ok(entries),
        Some(b'{') if entries.iter().any(|entry| entry.key.contains('.')) => Err(reader.is_other(
            "these are several homes, one a line, and this command is about one: take its line out first, as with sed -n 1p (preview and explain read all)",
        )),
        Some(_) => Err(reader.broken("the home goes on after its end")),
    }
}
