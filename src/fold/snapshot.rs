//! Something of the home as it stands, beside its events.

use super::{Cell, Fold, Inputs, Subject};
use crate::base::sort::sort_by;
use crate::calendar::{Moment, Month, Period};
use crate::catalog::{GroupValue, SnapshotOf, SnapshotPart};
use crate::diagnostics::{Code, Diagnostics};
use crate::ecolyo::{CONNECTION, Fluid, HomeInputs};
use crate::limits;
use crate::measure::Value;

/// One value of a snapshot, and the fluid it is about.
struct SnapshotValue {
    value: Option<Value>,
    fluid: Option<Fluid>,
}

impl Inputs for HomeInputs {
    fn analysis_day(&self) -> Option<u8> {
        self.profile.analysis_day
    }

    fn first_of(&self, kind: &str) -> Option<Moment> {
        self.profile.first_connection.filter(|_| kind == CONNECTION)
    }

    fn snapshot(&self, fold: &Fold<'_>, of: SnapshotOf, diagnostics: &mut Diagnostics) -> Vec<Cell> {
        snapshot(self, fold, of, diagnostics)
    }
}

fn snapshot(home: &HomeInputs, fold: &Fold<'_>, of: SnapshotOf, diagnostics: &mut Diagnostics) -> Vec<Cell> {
    let Fold { subject, indicator, period, .. } = *fold;
    let month = period.first_day().month();
    let has_event = !fold.class_counts().is_empty();
    let snapshot_values = match of {
        SnapshotOf::ConnectedFluids => connected(subject, home, period),
        SnapshotOf::ConsumptionVariation if !has_event => Vec::new(),
        SnapshotOf::ConsumptionVariation => variations(home, month),
        SnapshotOf::SummarySubscription => subscription(home),
        SnapshotOf::HalfHourData => half_hours(home, month),
    };
    let cells = snapshot_values.into_iter().filter_map(|SnapshotValue { value, fluid }| {
        let part = |part| match part {
            SnapshotPart::Fluid => fluid.map(|fluid| fluid.as_str().to_owned()),
            SnapshotPart::Fluids => {
                let names: Vec<_> = home.connected.iter().map(|fluid| fluid.as_str()).collect();
                Some(names.join(":"))
            }
            SnapshotPart::Seniority => seniority(subject, month),
            SnapshotPart::FluidUsage => fluid.and_then(|fluid| home.usage(fluid)),
        };
        let values = indicator.sources.iter().map(|source| source.of_snapshot(part, has_event));
        Some(Cell { groups: indicator.groups(usable_values(values, diagnostics)?), value, event: None })
    });
    let mut cells: Vec<Cell> = cells.collect();
    sort_by(&mut cells, Ord::cmp);
    cells
}

/// The values of the groups; `None`, and counted, if a group has none.
fn usable_values<'a>(
    values: impl Iterator<Item = GroupValue<'a>> + Clone,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<String>> {
    // First whether all can be used: what is left out counts once, as that.
    if values.clone().any(|value| value == GroupValue::Nothing) {
        diagnostics.add(Code::ResultInvalid);
        return None;
    }
    let values = values.filter_map(|value| match value {
        GroupValue::Value(value) => Some(value.into_owned()),
        GroupValue::Other(value) => {
            diagnostics.add(Code::GroupOther);
            Some(value.into_owned())
        }
        GroupValue::Nothing => None,
    });
    Some(values.collect())
}

fn flag(flag: bool) -> Option<Value> {
    Value::from_count(u64::from(flag))
}

/// What is connected now says something of yesterday, and of no day before.
fn connected(subject: &Subject<'_>, home: &HomeInputs, period: Period) -> Vec<SnapshotValue> {
    let is_latest = period.last_day() == subject.settings.today.previous();
    let any = is_latest && !home.connected.is_empty();
    any.then(|| SnapshotValue { value: flag(true), fluid: None }).into_iter().collect()
}

fn variations(home: &HomeInputs, month: Month) -> Vec<SnapshotValue> {
    let variation = |fluid| {
        let earlier = home.load(fluid, month.previous()).filter(|load| load.is_positive())?;
        let variation = home.load(fluid, month)?.variation_from(earlier);
        Some(SnapshotValue { value: variation.and_then(Value::from_hundredths), fluid: Some(fluid) })
    };
    Fluid::ALL.into_iter().filter_map(variation).collect()
}

fn subscription(home: &HomeInputs) -> Vec<SnapshotValue> {
    let wants = home.profile.wants_summary;
    wants.map(|wants| SnapshotValue { value: flag(wants), fluid: None }).into_iter().collect()
}

fn half_hours(home: &HomeInputs, month: Month) -> Vec<SnapshotValue> {
    let fluid = Fluid::Electricity;
    vec![SnapshotValue { value: flag(home.has_half_hours(fluid, month)), fluid: Some(fluid) }]
}

/// Whole months from the first connection to the first day after the month.
fn seniority(subject: &Subject<'_>, month: Month) -> Option<String> {
    let connection = subject.settings.catalog.shape().find_type(CONNECTION.as_bytes())?;
    let first = subject.clock().day(subject.first_of(connection)?);
    let months = month.next().whole_months_since(first);
    Some(months.min(limits::MAX_SENIORITY_MONTHS).to_string())
}
