//! Recover: events are rebuilt from backups. They are the home's own, so its
//! days stay open; the ledger keeps what was sent from being sent again.

use std::collections::BTreeMap;

use serde::Serialize;

use super::collection::{Collection, Imported};
use super::format::{Elements, verify};
use super::import::by_name;
use super::incoming::{Counts, Incoming};
use super::store::Store;
use super::{Desk, OnConflict, Stop};

/// What was rebuilt.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    collections: BTreeMap<&'static str, Counts>,
    /// The files that could not be used, and why.
    bad: BTreeMap<String, String>,
    /// How many could.
    good: usize,
}

pub(super) async fn recover(desk: &Desk, home: &mut Store, files: usize) -> Result<Outcome, Stop> {
    home.try_reach(&desk.options.doctypes.events, true).await?;
    let mut incoming = Incoming::new(desk, OnConflict::Skip, true).own();
    let mut bad = BTreeMap::new();
    for at in 0..files {
        let file = format!("input:{at}");
        // First to its end: of a file that is not whole nothing is used.
        if let Err(why) = verify(&desk.port, &file, |_, _| Ok(())).await {
            bad.insert(file, why.to_string());
            continue;
        }
        incoming.next_file();
        let mut elements = Elements::new(&desk.port, &file);
        while let Some(element) = elements.next().await? {
            if Collection::of(&element.doctype, &desk.options.doctypes) == Some(Collection::Events) {
                incoming.take(home, Collection::Events, Imported::AsIs, element.document).await?;
            }
        }
    }
    incoming.flush(home).await?;
    home.commit().await?;
    Ok(Outcome { collections: by_name(&incoming.counts), good: files - bad.len(), bad })
}
