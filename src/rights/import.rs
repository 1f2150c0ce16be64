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
use super::{OnConflict, Stop, Workspace, consent};
use crate::calendar::Day;

const FILE: &str = "input:0";

/// What was imported.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImportOutcome {
    dry_run: bool,
    collections: BTreeMap<&'static str, Counts>,
    /// Up to which day nothing is computed any more, where that was needed.
    closed_until: Option<Day>,
}

pub(super) async fn import(
    workspace: &Workspace,
    home: &mut Store,
    dry_run: bool,
    on_conflict: OnConflict,
) -> Result<ImportOutcome, Stop> {
    let mut terms = Vec::new();
    verify(&workspace.port, FILE, |element, _| {
        if collection(workspace, &element.doctype)? == Collection::Terms {
            terms.push(element.document.clone());
        }
        Ok(())
    })
    .await?;
    let theirs = consent(workspace, &terms);
    let has_terms = !home.all(&workspace.options.doctypes.terms).await?.is_empty();
    let incoming = |writes| match Incoming::new(workspace, on_conflict, writes) {
        incoming if has_terms => incoming,
        incoming => incoming.without_terms(theirs.clone()),
    };
    let (counts, reach) = pass(workspace, home, incoming(false)).await?;
    let mut closed_until = None;
    if !dry_run {
        // What can be refused comes before the first change.
        home.try_reach(&workspace.options.doctypes.measures, true).await?;
        let written = counts.iter().filter(|(_, counts)| counts.inserted + counts.replaced > 0);
        for collection in written.map(|(collection, _)| collection) {
            if let Some(doctype) = collection.doctype(&workspace.options.doctypes) {
                home.try_reach(doctype, true).await?;
            }
        }
        // First, so that nothing of what comes is ever seen by a run.
        if counts.values().any(|counts| counts.inserted + counts.replaced > 0) {
            closing::outdate_plans(workspace, home, |_| true).await?;
        }
        if let Some(reach) = reach {
            closed_until = Some(closing::close(home, reach).await?);
        }
        pass(workspace, home, incoming(true)).await?;
        home.commit().await?;
    }
    Ok(ImportOutcome { dry_run, collections: by_name(&counts), closed_until })
}

/// What becomes of each document, and up to which day the home has to be closed
/// for the events that are new.
async fn pass(
    workspace: &Workspace,
    home: &mut Store,
    mut incoming: Incoming<'_>,
) -> Result<(BTreeMap<Collection, Counts>, Option<Day>), Stop> {
    let mut elements = Elements::new(&workspace.port, FILE);
    while let Some(element) = elements.next().await? {
        let collection = collection(workspace, &element.doctype)?;
        if let Some(into) = collection.import_rule() {
            incoming.take(home, collection, into, element.document).await?;
        }
    }
    incoming.flush(home).await?;
    Ok((incoming.counts, incoming.reach))
}

fn collection(workspace: &Workspace, doctype: &str) -> Result<Collection, Stop> {
    Collection::of(doctype, &workspace.options.doctypes).ok_or_else(|| {
        Stop::because(format_args!(
            "{FILE}: the export has documents of a doctype that is not configured here (`doctypes`)"
        ))
    })
}

pub(super) fn by_name(counts: &BTreeMap<Collection, Counts>) -> BTreeMap<&'static str, Counts> {
    counts.iter().map(|(collection, counts)| (collection.name(), counts.clone())).collect()
}
