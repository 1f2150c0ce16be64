//! Export and backup: documents go out as they are.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use super::collection::{Collection, Command, Handling};
use super::format::{Header, Writer, verify};
use super::store::Store;
use super::{Stop, Workspace};
use crate::calendar::{Day, timestamp_of};
use crate::ledger::{Claim, SETTLED_ID};
use crate::scan::{Document, fields};

/// The doctypes of requests that are the DACC's; the configured one is added.
const REMOTES: [&str; 5] = [
    "cc.cozycloud.dacc",
    "cc.cozycloud.dacc_v2",
    "cc.cozycloud.dacc.dev",
    "cc.cozycloud.dacc.dev_v2",
    "eu.mycozy.dacc_v2",
];

/// What was written.
#[derive(Debug, Default, Serialize)]
pub(super) struct ExportOutcome {
    /// Documents by doctype.
    pub(super) counts: BTreeMap<String, usize>,
    /// Documents that lie on no day, where days were asked for.
    pub(super) dateless: usize,
}

/// Writes what is asked for to the file `output`.
pub(super) async fn export(
    workspace: &Workspace,
    home: &mut Store,
    from: Option<Day>,
    to: Option<Day>,
    names: &[String],
) -> Result<ExportOutcome, Stop> {
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        return Err(Stop::because(format_args!("to: {to} is not after from ({from}), and itself left out")));
    }
    let collections = named(workspace, names)?;
    let mut dateless = 0;
    let choose = |collection: Collection, document: &RawValue| {
        if !collection.is_dated() || from.is_none() && to.is_none() {
            return true;
        }
        if collection == Collection::Measures
            && let Some(id) = super::document::id(document)
        {
            if Claim::is_id(&id) {
                // An import claims the cells of what it brings.
                return false;
            }
            if id == SETTLED_ID {
                // What may have been sent before is of no day asked for.
                return true;
            }
        }
        let day = collection.day(Document::known(document.get()), &workspace.settings.clock);
        dateless += usize::from(day.is_none());
        day.is_some_and(|day| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day < to))
    };
    let header = Header {
        from: from.map(|day| day.to_string()),
        to: to.map(|day| day.to_string()),
        ..header(workspace, home, &collections)
    };
    let writer = write(workspace, home, "output", header, &collections, choose).await?;
    let counts = writer.finish().await?;
    Ok(ExportOutcome { counts, dateless })
}

/// Writes everything to the file `output`, and reads it again.
pub(super) async fn backup(workspace: &Workspace, home: &mut Store) -> Result<ExportOutcome, Stop> {
    let exported = export(workspace, home, None, None, &[]).await?;
    let counts = verify(&workspace.port, "output", |_, _| Ok(())).await?.counts;
    if counts != exported.counts {
        return Err(Stop::because("output: what is read again is not what was written"));
    }
    Ok(exported)
}

/// Writes the documents that `choose` takes; the file is not finished yet.
pub(super) async fn write(
    workspace: &Workspace,
    home: &Store,
    file: &'static str,
    header: Header,
    collections: &[Collection],
    mut choose: impl FnMut(Collection, &RawValue) -> bool,
) -> Result<Writer, Stop> {
    let mut writer = Writer::new(&workspace.port, file, header)?;
    for &collection in collections {
        let Some(doctype) = collection.doctype(&workspace.options.doctypes) else { continue };
        let mut documents = home.documents(doctype);
        while let Some(stored) = home.next(&mut documents).await? {
            if belongs(workspace, collection, &stored.document) && choose(collection, &stored.document) {
                writer.add(doctype, &stored.document).await?;
            }
        }
    }
    Ok(writer)
}

pub(super) fn header(workspace: &Workspace, home: &Store, collections: &[Collection]) -> Header {
    let doctypes = &workspace.options.doctypes;
    let named = collections.iter().filter_map(|collection| {
        Some((collection.name().to_owned(), collection.doctype(doctypes)?.to_owned()))
    });
    Header {
        created_at: timestamp_of(workspace.port.now()),
        home: home.memory().home.clone(),
        collections: named.collect(),
        ..Header::default()
    }
}

/// Of the stack's log, only what went to a DACC is the person's usage data.
pub(super) fn belongs(workspace: &Workspace, collection: Collection, document: &RawValue) -> bool {
    if collection != Collection::Requests {
        return true;
    }
    let doctype = fields(Document::known(document.get()), ["doctype"]).and_then(|[doctype]| doctype?.text());
    doctype.is_some_and(|doctype| {
        REMOTES.contains(&&*doctype) || workspace.options.remote.as_deref() == Some(&*doctype)
    })
}

/// The collections of these names or doctypes; all that can be, where none is named.
fn named(workspace: &Workspace, names: &[String]) -> Result<Vec<Collection>, Stop> {
    let doctypes = &workspace.options.doctypes;
    let is_exported = |each: &Collection| matches!(each.handling(Command::Export), Handling::Does(_));
    let can: Vec<Collection> = Collection::ALL.into_iter().filter(is_exported).collect();
    for name in names {
        if !can.iter().any(|each| each.name() == name || each.doctype(doctypes) == Some(name)) {
            let known: Vec<&str> = can.iter().map(|each| each.name()).collect();
            return Err(Stop::because(format_args!(
                "collections: there is none of that name; there are {}",
                known.join(", ")
            )));
        }
    }
    let is_named = |each: &Collection| {
        let doctype = each.doctype(doctypes);
        names.iter().any(|name| each.name() == name || doctype == Some(name))
    };
    Ok(can.into_iter().filter(|each| names.is_empty() || is_named(each)).collect())
}
