//! Report: the quality of a home's data. What its events hold, and for each
//! day and month what is expected, what was computed, and what became of it.

mod events;
mod periods;

use std::collections::BTreeMap;

use serde::Serialize;

use super::store::{Store, Stored};
use super::{Stop, Workspace, consent};
use crate::diagnostics::Diagnostics;
use crate::ecolyo::{HomeInputs, HomeInputsReader};
use crate::ledger::{Contribution, compute};
use crate::options::Options;
use crate::scan::Document;
use crate::timeline::EventReader;
pub(super) use events::Undated;
use events::{EventQuality, Inspection};
use periods::PeriodQuality;

/// The quality of a home's data.
#[derive(Debug, Serialize)]
pub(super) struct Quality {
    #[serde(flatten)]
    events: EventQuality,
    periods: Vec<PeriodQuality>,
}

pub(super) async fn report(workspace: &Workspace, home: &mut Store) -> Result<Quality, Stop> {
    let settings = &workspace.settings;
    let consent = consent(workspace, &home.all(&workspace.options.doctypes.terms).await?);
    let memory = home.memory().memory.clone();
    let consent = consent.after(memory.closed_until);
    let options = Options { memory: Some(memory), ..workspace.options.clone() };
    let options = periods::asked(options, settings.today);

    let mut inspection = Inspection::new(settings);
    let mut reader = EventReader::new(settings, &consent);
    let mut documents = home.documents(&workspace.options.doctypes.events);
    while let Some(stored) = home.next(&mut documents).await? {
        inspection.look_at(&stored.document);
        _ = reader.document(Some(Document::known(stored.document.get())));
    }
    let (timeline, _) = reader.finish();
    let inputs = inputs(workspace, home).await?;
    let computed = compute(&options, settings, &consent, &timeline, Some(&inputs), Diagnostics::default());
    let expected: BTreeMap<String, Contribution> =
        computed.contributions.into_iter().map(|each| (each.id.clone(), each)).collect();
    let periods = periods::compare(workspace, home, &options, &expected).await?;
    Ok(Quality { events: inspection.finish(), periods })
}

/// What the indicators read of a home beside its events.
async fn inputs(workspace: &Workspace, home: &Store) -> Result<HomeInputs, Stop> {
    let doctypes = &workspace.options.doctypes;
    let mut reader = HomeInputsReader::new(&workspace.settings.clock, workspace.options.konnectors());
    reader.profiles(&texts(&home.all(&doctypes.profile).await?));
    reader.profile_types(&texts(&home.all(&doctypes.profile_type).await?));
    for (&fluid, doctype) in &doctypes.monthly_loads {
        reader.monthly_loads(fluid, &texts(&home.all(doctype).await?));
    }
    for (&fluid, doctype) in &doctypes.half_hour_loads {
        let mut documents = home.documents(doctype);
        while let Some(stored) = home.next(&mut documents).await? {
            reader.half_hour_loads(fluid, &[Document::known(stored.document.get())]);
        }
    }
    let accounts = home.all(&doctypes.accounts).await?;
    let triggers = home.triggers(&doctypes.triggers).await?;
    let triggers: Vec<Document<'_>> = triggers.iter().map(|each| Document::known(each.get())).collect();
    reader.accounts(&texts(&accounts), &triggers);
    Ok(reader.finish().0)
}

fn texts(stored: &[Stored]) -> Vec<Document<'_>> {
    stored.iter().map(|stored| Document::known(stored.document.get())).collect()
}
