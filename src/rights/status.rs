//! Status: how the run stands, stage by stage.

use std::collections::BTreeMap;

use serde::Serialize;

use super::quality::Undated;
use super::store::Store;
use super::{Stop, Workspace, consent};
use crate::calendar::{Day, Month};
use crate::consent::Standing;
use crate::ecolyo::HomeInputsReader;
use crate::ledger::{Entry, Settled, State};
use crate::options::Options;
use crate::scan::Document;
use crate::store::{LastRun, Lease, MemoryDocument};

/// How the run stands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    stages: [Stage; 6],
    /// The lease of a run under way, as the memory has it.
    current_run: Option<Lease>,
    /// When the last run ended, and how.
    last_run: Option<LastRun>,
    last_processed_day: Option<Day>,
    /// The days that the next run looks at.
    open_days: Vec<Day>,
    /// The months that the next run computes.
    due_months: Vec<Month>,
    /// Up to which day everything is history.
    closed_until: Option<Day>,
    /// Up to which day entries of the ledger may have been deleted, so that
    /// nothing is planned any more.
    settled_until: Option<Day>,
    /// What waits, by state.
    waiting: BTreeMap<State, usize>,
    /// Events that lie on no day.
    #[serde(flatten)]
    undated: Undated,
}

/// One stage of a run.
#[derive(Debug, Serialize)]
struct Stage {
    stage: &'static str,
    state: StageState,
    why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum StageState {
    /// Nothing is left to do.
    Done,
    /// The next run does it.
    Waits,
    /// It cannot be done as things stand.
    Blocked,
    /// A run or a command is at it.
    Running,
}

use StageState::{Blocked, Done, Running, Waits};

pub(super) async fn status(workspace: &Workspace, home: &mut Store) -> Result<Status, Stop> {
    let (doctypes, settings) = (&workspace.options.doctypes, &workspace.settings);
    let consent = consent(workspace, &home.all(&doctypes.terms).await?);
    let standing = consent.standing();
    let MemoryDocument { memory, lease, command, last_run, .. } = home.memory().clone();
    let now = workspace.port.now();
    let [lease, command] = [lease, command].map(|lease| lease.filter(|lease| lease.holds(now)));
    let profiles = home.all(&doctypes.profile).await?;
    let profiles: Vec<Document<'_>> =
        profiles.iter().map(|stored| Document::known(stored.document.get())).collect();
    let mut reader = HomeInputsReader::new(&settings.clock, workspace.options.konnectors());
    reader.profiles(&profiles);
    let has_run = memory.first_day.is_some();
    let options = Options { memory: Some(memory.clone()), ..workspace.options.clone() };
    let due = options.due(settings.today, reader.analysis_day());
    let (waiting, settled_until) = waiting(workspace, home).await?;
    let count: usize = waiting.values().sum();
    let consents = standing == Standing::Given;
    let stage = |stage, state, why: String| Stage { stage, state, why };
    let if_consented = |open: usize, what: &str, state: StageState| match (consents, open) {
        (false, _) => (Blocked, format!("without consent no {what} is computed")),
        (true, 0) => (Done, format!("no {what} is open")),
        (true, open) => (state, format!("{open} for the next run")),
    };
    let (days, why_days) = if_consented(due.days.len(), "day", Waits);
    let (months, why_months) = if_consented(due.months.len(), "month", Waits);
    let sending = match (standing, count) {
        (_, 0) => (Done, "nothing waits to be sent".to_owned()),
        (Standing::Given, count) => (Waits, format!("{count} for the next run")),
        (Standing::NotYet, count) => {
            (Blocked, format!("{count} wait for a consent that is dated after today"))
        }
        (Standing::Withdrawn, count) => {
            (Blocked, format!("the next run cancels {count}: consent does not stand"))
        }
    };
    Ok(Status {
        stages: [
            match standing {
                Standing::Given => stage("consent", Done, "it is given".into()),
                Standing::NotYet => stage("consent", Blocked, "it is dated after today".into()),
                Standing::Withdrawn => stage("consent", Blocked, "it was withdrawn, or never given".into()),
            },
            match (&lease, command) {
                (Some(_), _) => stage("lease", Running, "a run is under way".into()),
                (None, Some(_)) => stage("lease", Running, "a command changes the home".into()),
                (None, None) => stage("lease", Done, "no run is under way".into()),
            },
            match has_run {
                true => stage("memory", Done, "earlier runs are remembered".into()),
                false => stage("memory", Waits, "no run was ever made, or its memory was purged".into()),
            },
            stage("days", days, why_days),
            stage("months", months, why_months),
            stage("sending", sending.0, sending.1),
        ],
        current_run: lease,
        last_run,
        last_processed_day: memory.days.keys().max().copied(),
        open_days: due.days,
        due_months: due.months,
        closed_until: memory.closed_until,
        settled_until,
        waiting,
        undated: undated(workspace, home).await?,
    })
}

async fn undated(workspace: &Workspace, home: &Store) -> Result<Undated, Stop> {
    let mut undated = Undated::default();
    let mut documents = home.documents(&workspace.options.doctypes.events);
    while let Some(stored) = home.next_of_app(&mut documents).await? {
        undated.count(&stored.document, &workspace.settings);
    }
    Ok(undated)
}

/// What waits, and up to which day entries may have been deleted.
async fn waiting(workspace: &Workspace, home: &Store) -> Result<(BTreeMap<State, usize>, Option<Day>), Stop> {
    let (mut waiting, mut settled) = (BTreeMap::new(), None);
    let mut documents = home.documents(&workspace.options.doctypes.measures);
    while let Some(stored) = home.next_of_app(&mut documents).await? {
        let entry = serde_json::from_str::<Entry>(stored.document.get());
        if let Ok(entry) = entry
            && entry.state.waits()
        {
            *waiting.entry(entry.state).or_default() += 1;
        }
        settled = settled.or(Settled::read(Document::known(stored.document.get())));
    }
    Ok((waiting, settled.map(|settled| settled.until)))
}
