//! Recover: events are rebuilt from backups. They are the home's own, so its
//! days stay open; the ledger keeps what was sent from being sent again.

use std::collections::BTreeMap;

use serde::Serialize;

use super::collection::{Collection, ImportRule};
use super::format::{Elements, VerifiedFile, verify};
use super::import::by_name;
use super::incoming::{Counts, Incoming};
use super::store::Store;
use super::{OnConflict, Stop, Workspace};

/// What was rebuilt.
#[derive(Debug, Serialize)]
pub(super) struct RecoverOutcome {
    collections: BTreeMap<&'static str, Counts>,
    /// The files that could not be used, and why.
    bad: BTreeMap<String, String>,
    /// How many could.
    good: usize,
}

pub(super) async fn recover(
    workspace: &Workspace,
    home: &mut Store,
    files: usize,
    same_home: bool,
) -> Result<RecoverOutcome, Stop> {
    home.try_reach(&workspace.options.doctypes.events, true).await?;
    let mut bad = BTreeMap::new();
    let mut usable = Vec::new();
    for file in (0..files).map(|at| format!("input:{at}")) {
        // First to its end: of a file that is not whole nothing is used.
        match verify(&workspace.port, &file, |_, _| Ok(())).await {
            Err(why) => _ = bad.insert(file, why.to_string()),
            Ok(verified) if same_home || is_of(&verified, home) => usable.push(file),
            Ok(VerifiedFile { home, .. }) => {
                let whose = home.map_or("it names no home", |_| "it is of another home");
                return Err(Stop::because(format_args!(
                    "{file}: {whose}, and its events would count as this one's; --same-home says that they are, \
                     and dacc import takes them in as history; nothing was recovered"
                )));
            }
        }
    }
    let mut incoming = Incoming::new(workspace, OnConflict::Skip, true).own();
    for file in &usable {
        incoming.next_file();
        let mut elements = Elements::new(&workspace.port, file);
        while let Some(element) = elements.next().await? {
            if Collection::of(&element.doctype, &workspace.options.doctypes) == Some(Collection::Events) {
                incoming.take(home, Collection::Events, ImportRule::AsIs, element.document).await?;
            }
        }
    }
    incoming.flush(home).await?;
    home.commit().await?;
    Ok(RecoverOutcome { collections: by_name(&incoming.counts), good: usable.len(), bad })
}

/// Whether a file is known as this home's.
fn is_of(verified: &VerifiedFile, home: &Store) -> bool {
    verified.home.is_some() && verified.home == home.memory().home
}
