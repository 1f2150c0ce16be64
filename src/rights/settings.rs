//! Settings: what the home lives under, and how it is changed. Where the clock,
//! the name or the dates of measures change, a day that is open would be measured
//! twice or under two meanings: so everything up to now becomes history.

use serde::Serialize;
use serde_json::{Map, Value};

use super::closing;
use super::purge::{facts, last_of_ledger};
use super::store::Store;
use super::{Stop, Workspace};
use crate::calendar::{ClockKind, Day};
use crate::options::{HomeSettings, Options};

/// What the home lives under.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettingsOutcome {
    /// None before its first run.
    settings: Option<HomeSettings>,
    /// The names of those that were changed.
    changed: Vec<&'static str>,
    /// Up to which day everything is history.
    closed_until: Option<Day>,
}

pub(super) async fn settings(
    workspace: &Workspace,
    home: &mut Store,
    wanted: [(&'static str, Option<String>); 4],
) -> Result<SettingsOutcome, Stop> {
    let known = home.memory().settings.clone();
    let mut changed = Vec::new();
    if wanted.iter().any(|(_, wanted)| wanted.is_some()) {
        let before = known.unwrap_or_else(|| HomeSettings::configured(&workspace.options));
        let after = changed_to(workspace, &before, &wanted).await?;
        let differs = [
            before.clock != after.clock,
            before.zone != after.zone,
            before.created_by != after.created_by,
            before.monthly_start_date != after.monthly_start_date,
        ];
        changed
            .extend(wanted.iter().zip(differs).filter(|(_, differs)| *differs).map(|((name, _), _)| *name));
        if !changed.is_empty() {
            home.try_reach(&workspace.options.doctypes.measures, true).await?;
            let (_, last_event) = facts(workspace, home).await?;
            let last_of_ledger = last_of_ledger(workspace, home).await?.map(Day::next);
            // First, so that no day is ever looked at under both.
            closing::outdate_plans(workspace, home, |_| true).await?;
            if let Some(reach) = last_of_ledger.max(last_event) {
                closing::close(home, reach).await?;
            }
        }
        home.remember(|document| document.settings = Some(after)).await?;
        home.commit().await?;
    }
    Ok(SettingsOutcome {
        settings: home.memory().settings.clone(),
        changed,
        closed_until: home.memory().memory.closed_until,
    })
}

/// The settings with what is wanted in them, if it can be used.
async fn changed_to(
    workspace: &Workspace,
    before: &HomeSettings,
    wanted: &[(&'static str, Option<String>)],
) -> Result<HomeSettings, Stop> {
    let given: Map<String, Value> = wanted
        .iter()
        .filter_map(|(name, wanted)| Some(((*name).to_owned(), Value::from(wanted.clone()?))))
        .collect();
    let is_given = |name: &str| given.contains_key(name);
    let options = Options::from_json(&Value::from(given.clone()).to_string()).map_err(Stop::because)?;
    let configured = HomeSettings::configured(&options);
    let mut after = before.clone();
    if is_given("clock") {
        after.clock = configured.clock;
    }
    if is_given("zone") {
        after.zone = configured.zone;
    }
    if is_given("createdBy") {
        after.created_by = configured.created_by;
    }
    if is_given("monthlyStartDate") {
        after.monthly_start_date = configured.monthly_start_date;
    }
    let offsets = workspace.port.offsets(&after.zone, ClockKind::Instant).await;
    if offsets.is_empty() {
        return Err(Stop::because("zone: it is not known here; an IANA name is needed, as Europe/Paris"));
    }
    let mut checked = Options { now: workspace.options.now.clone(), ..Options::default() };
    after.apply(&mut checked);
    checked.transitions = Some(offsets);
    checked.check().map_err(Stop::because)?;
    Ok(after)
}
