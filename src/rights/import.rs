//! Import: an export comes in, as history.
//!
//! Three passes over the file: it is shown to be whole, then what would become
//! of each document is found, and only then anything is written.

use std::collections::BTreeMap;

use serde::Serialize;

use super::closing;
use super::collection::Collection;
use super::format::{Elements, verify};
use super::incoming::{Counts, Incoming};
use super::store::Store;
use super::{Desk, OnConflict, Stop};
use crate::calendar::Day;

const FILE: &str = "input:0";

/// What was imported.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    dry_run: bool,
    collections: BTreeMap<&'static str, Counts>,
    /// Up to which day nothing is computed any more, where that was needed.
    closed_until: Option<Day>,
}

pub(super) async fn import(
    desk: &Desk,
    home: &mut Store,
    dry_run: bool,
    on_conflict: OnConflict,
) -> Result<Outcome, Stop> {
    verify(&desk.port, FILE, |element, _| collection(desk, &element.doctype).map(drop)).await?;
    let has_terms = !home.all(&desk.options.doctypes.terms).await?.is_empty();
    let incoming = |writes| match Incoming::new(desk, on_conflict, writes) {
        incoming if has_terms => incoming,
        incoming => incoming.without_terms(),
    };
    let (counts, latest) = pass(desk, home, incoming(false)).await?;
    let mut closed_until = None;
    if !dry_run {
        // First, so that nothing of what comes is ever seen by a run.
        if let Some(latest) = latest {
            closed_until = closing::close_for(desk, home, latest).await?;
        }
        pass(desk, home, incoming(true)).await?;
        home.commit().await?;
    }
    Ok(Outcome { dry_run, collections: by_name(&counts), closed_until })
}

/// What becomes of each document, and the last day of an event that is new.
async fn pass(
    desk: &Desk,
    home: &mut Store,
    mut incoming: Incoming<'_>,
) -> Result<(BTreeMap<Collection, Counts>, Option<Day>), Stop> {
    let mut elements = Elements::new(&desk.port, FILE);
    while let Some(element) = elements.next().await? {
        let collection = collection(desk, &element.doctype)?;
        if let Some(into) = collection.imported() {
            incoming.take(home, collection, into, element.document).await?;
        }
    }
    incoming.flush(home).await?;
    Ok((incoming.counts, incoming.latest))
}

fn collection(desk: &Desk, doctype: &str) -> Result<Collection, Stop> {
    Collection::of(doctype, &desk.options.doctypes).ok_or_else(|| {
        Stop::because(format_args!(
            "{FILE}: the export has documents of a doctype that is not configured here (`doctypes`)"
        ))
    })
}

pub(super) fn by_name(counts: &BTreeMap<Collection, Counts>) -> BTreeMap<&'static str, Counts> {
    counts.iter().map(|(collection, counts)| (collection.name(), counts.clone())).collect()
}
