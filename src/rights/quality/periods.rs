//! What is expected of a home's days and months, what was computed of them,
//! and what became of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::calendar::{Day, Month, Period};
use crate::catalog::ValueRule;
use crate::ledger::{Contribution, Entry, Settled, State};
use crate::limits;
use crate::options::Options;
use crate::rights::store::Store;
use crate::rights::{Stop, Workspace};
use crate::scan::Document;

/// One day or month.
#[derive(Debug, Default, Serialize)]
pub(super) struct PeriodQuality {
    period: String,
    /// Contributions that the documents give now.
    expected: usize,
    /// Contributions in the ledger.
    computed: usize,
    sent: usize,
    refused: usize,
    unknown: usize,
    cancelled: usize,
    waiting: usize,
    /// Expected, and not in the ledger.
    missing: usize,
    /// Expected, and its entry may have been kept long enough and deleted.
    settled: usize,
    /// In the ledger, and no longer expected.
    surplus: usize,
}

/// With the days and months asked for; else with those that a run could still
/// look at.
pub(super) fn asked(options: Options, today: Day) -> Options {
    if options.asked(today).is_some() {
        return options;
    }
    let first = options.first_computed_day(today);
    let from = first.max(today.plus(-limits::OPEN_DAYS)).min(today.previous());
    let months: Vec<Month> = (1..=limits::DUE_MONTHS)
        .rev()
        .map(|back| today.month().plus(-back))
        .filter(|month| *month >= first.month())
        .collect();
    Options { from: Some(from), to: Some(today.previous()), months: Some(months), ..options }
}

/// Compares by identity, so that one too many never makes up for one too few.
pub(super) async fn compare(
    workspace: &Workspace,
    home: &Store,
    options: &Options,
    expected: &BTreeMap<String, Contribution>,
) -> Result<Vec<PeriodQuality>, Stop> {
    let asked = options.asked(workspace.settings.today).unwrap_or_default();
    let all = asked.days.into_iter().map(Period::Day).chain(asked.months.into_iter().map(Period::Month));
    let mut periods: BTreeMap<String, PeriodQuality> = all
        .map(|period| {
            (period.to_string(), PeriodQuality { period: period.to_string(), ..Default::default() })
        })
        .collect();
    // Of a snapshot only the last day's can be expected again.
    let is_snapshot = |value: &ValueRule| matches!(value, ValueRule::Snapshot { .. });
    let snapshots: BTreeSet<&str> = workspace
        .settings
        .catalog
        .definitions()
        .filter(|definition| is_snapshot(&definition.value))
        .map(|definition| definition.name.as_str())
        .collect();
    let (mut known, mut settled_until) = (BTreeSet::new(), None);
    let mut documents = home.documents(&workspace.options.doctypes.measures);
    while let Some(stored) = home.next(&mut documents).await? {
        if let Some(settled) = Settled::read(Document::known(stored.document.get())) {
            settled_until = Some(settled.until);
        }
        let Ok(entry) = serde_json::from_str::<Entry>(stored.document.get()) else { continue };
        let Some(period) = periods.get_mut(&entry.period) else { continue };
        period.computed += 1;
        let counted = match entry.state {
            State::Sent => &mut period.sent,
            State::Refused => &mut period.refused,
            State::Unknown => &mut period.unknown,
            State::Cancelled => &mut period.cancelled,
            State::Planned | State::Sending | State::Held => &mut period.waiting,
        };
        *counted += 1;
        let is_of_snapshot = entry.measure().is_some_and(|measure| snapshots.contains(measure.name()));
        period.surplus += usize::from(!is_of_snapshot && !expected.contains_key(&entry.id));
        known.insert(entry.id);
    }
    for (id, contribution) in expected {
        let of = contribution.period;
        let Some(period) = periods.get_mut(&of.to_string()) else { continue };
        period.expected += 1;
        let is_settled =
            settled_until.is_some_and(|until| Settled::covers(until, of, contribution.measure.start_date()));
        match known.contains(id) {
            true => {}
            false if is_settled => period.settled += 1,
            false => period.missing += 1,
        }
    }
    Ok(periods.into_values().collect())
}
