//! Documents with revisions, as CouchDB keeps them behind a Cozy.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

#[derive(Debug, Default, Clone)]
pub struct Store {
    databases: BTreeMap<String, Database>,
}

#[derive(Debug, Default, Clone)]
pub struct Database {
    /// By `_id`, each with its `_id` and `_rev` inside.
    pub documents: BTreeMap<String, Value>,
    pub indexes: BTreeSet<Vec<String>>,
}

/// The write was not over the revision that stands.
pub struct Conflict;

impl Store {
    pub fn database(&self, doctype: &str) -> Option<&Database> {
        self.databases.get(doctype)
    }

    /// The database, made if it is missing.
    pub fn made(&mut self, doctype: &str) -> &mut Database {
        self.databases.entry(doctype.to_owned()).or_default()
    }

    pub fn documents(&self, doctype: &str) -> impl Iterator<Item = &Value> {
        self.database(doctype).into_iter().flat_map(|database| database.documents.values())
    }

    pub fn get(&self, doctype: &str, id: &str) -> Option<&Value> {
        self.database(doctype)?.documents.get(id)
    }

    /// Writes as an app does that has just read the document.
    pub fn put(&mut self, doctype: &str, id: &str, document: Value) {
        let database = self.made(doctype);
        let rev = database.rev(id);
        // The revision is the one that stands.
        let _ = database.write(id, rev.as_deref(), document);
    }

    pub fn delete(&mut self, doctype: &str, id: &str) {
        self.made(doctype).documents.remove(id);
    }
}

impl Database {
    pub fn rev(&self, id: &str) -> Option<String> {
        self.documents.get(id).map(|document| text(document, "_rev").to_owned())
    }

    /// Writes over the revision `over`, or creates; gives the new revision.
    pub fn write(&mut self, id: &str, over: Option<&str>, mut document: Value) -> Result<String, Conflict> {
        let standing = self.rev(id);
        if standing.as_deref() != over {
            return Err(Conflict);
        }
        let generation: u64 = standing
            .as_deref()
            .and_then(|rev| rev.split_once('-'))
            .and_then(|(generation, _)| generation.parse().ok())
            .unwrap_or(0);
        let fields = document.as_object_mut().unwrap();
        fields.remove("_rev");
        fields.insert("_id".into(), id.into());
        // As CouchDB's, a revision follows from what is written over what.
        let hash = hash(&document.to_string(), hash(over.unwrap_or(""), 0xcbf2_9ce4_8422_2325));
        let rev = format!("{}-{hash:016x}", generation + 1);
        document["_rev"] = rev.clone().into();
        self.documents.insert(id.to_owned(), document);
        Ok(rev)
    }

    /// Deletes the document if `over` is its revision.
    pub fn delete(&mut self, id: &str, over: Option<&str>) -> Result<String, Conflict> {
        let standing = self.rev(id).ok_or(Conflict)?;
        if over != Some(standing.as_str()) {
            return Err(Conflict);
        }
        self.documents.remove(id);
        Ok(standing)
    }
}

fn hash(text: &str, seed: u64) -> u64 {
    text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

pub fn text<'a>(document: &'a Value, field: &str) -> &'a str {
    document.get(field).and_then(Value::as_str).unwrap_or("")
}
