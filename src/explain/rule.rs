//! A definition of the catalog, in sentences.

use serde::Serialize;

use crate::calendar::PeriodKind;
use crate::catalog::{Condition, ContributionMode, Definition, SnapshotOf, ValueRule};

/// The rule by which an indicator's cells are made, for a person to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Rule {
    /// The measure's name.
    pub measure_name: String,
    /// What one measure spans.
    pub period: PeriodKind,
    /// What is measured, as the catalog says it.
    pub description: String,
    /// How the value is made, from the catalog's value rule.
    pub value: String,
    /// The types of the events it reads.
    pub events: Vec<String>,
    /// The keys of its groups.
    pub groups: Vec<String>,
}

impl Rule {
    pub(super) fn new(definition: &Definition) -> Rule {
        Rule {
            measure_name: definition.name.clone(),
            period: definition.period,
            description: definition.description.clone(),
            value: sentence(definition),
            events: definition.events.iter().map(|selector| selector.event.clone()).collect(),
            groups: definition.groups.iter().map(|group| group.key.clone()).collect(),
        }
    }
}

fn sentence(definition: &Definition) -> String {
    let period = match definition.period {
        PeriodKind::Day => "day",
        PeriodKind::Month => "month",
    };
    let contribution = match definition.contribution {
        ContributionMode::Mean => "the mean where several fall into one cell",
        ContributionMode::Each => "each one is a measure of its own",
    };
    match &definition.value {
        ValueRule::Count { until: None } => format!("How many events there were in the {period}."),
        ValueRule::Count { until: Some(Condition { field, is }) } => format!(
            "How many events there were from the first ever to the end of the {period}, up to the {period} of the first whose {} is {is}.",
            field
        ),
        ValueRule::DistinctDays { zero } => {
            let none = if *zero { "; 0 if on none" } else { "" };
            format!("On how many days of the {period} there was an event{none}.")
        }
        ValueRule::Session {} => format!(
            "Seconds from the event to the last of any type before the next such event or the end of the day; {contribution}."
        ),
        ValueRule::Span {} => {
            format!("Seconds from where it started to the event that ends it; {contribution}.")
        }
        ValueRule::Observation { of, integers } => {
            let which = match integers {
                Some([least, most]) => format!("whole number from {least} to {most}"),
                None => "number".to_owned(),
            };
            format!("The {which} that the event's {of} holds; {contribution}.")
        }
        ValueRule::Snapshot { of: SnapshotOf::ConnectedFluids } => {
            "1 if a fluid is connected as the home stands; on the latest completed day only.".to_owned()
        }
        ValueRule::Snapshot { of: SnapshotOf::ConsumptionVariation } => {
            format!("By how much each fluid's load changed from the {period} before, in percent.")
        }
        ValueRule::Snapshot { of: SnapshotOf::SummarySubscription } => {
            "1 if the profile asks for the summary, 0 if it does not.".to_owned()
        }
        ValueRule::Snapshot { of: SnapshotOf::HalfHourData } => {
            format!("1 if there is a half-hour load in the {period}, else 0.")
        }
    }
}
