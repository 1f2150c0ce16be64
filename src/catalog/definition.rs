//! The catalog as it is written: `indicators` of a description as types.

use std::sync::Arc;

use serde::Serialize;

use crate::base::Map;
use crate::base::json::is_default;
use crate::calendar::PeriodKind;

/// A catalog as data; `catalog.schema.json` describes it for editors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CatalogFile {
    /// Where an editor finds the schema; not read.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Whether the built-in indicators come first.
    #[serde(skip_serializing_if = "is_default")]
    pub extends: bool,
    /// What is changed of the built-in indicators, by their names; only where
    /// they come first.
    #[serde(rename = "override", skip_serializing_if = "Map::is_empty")]
    pub changes: Map<String, Change>,
    /// The indicators, in the order their measures come out.
    pub indicators: Vec<Arc<Definition>>,
}

/// What is changed of a built-in indicator, whose rule stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another row of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// Another threshold.
    #[serde(rename = "aggregationThreshold", skip_serializing_if = "Option::is_none")]
    pub threshold: Option<u32>,
    /// Another description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Another purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The keys of its groups that have another name, and that name.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub keys: Map<String, String>,
    /// Whether it is left out.
    #[serde(skip_serializing_if = "is_default")]
    pub omit: bool,
}

/// One indicator: a named rule that turns a period of a home into measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// The measure's name, 1 … 100 bytes.
    pub name: String,
    /// The row that the server keeps its definition in. An import overwrites
    /// the row of that number, whatever it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// How many homes a group needs before the server publishes it; default 5.
    #[serde(rename = "aggregationThreshold", skip_serializing_if = "Option::is_none")]
    pub threshold: Option<u32>,
    /// What one measure spans.
    pub period: PeriodKind,
    /// One sentence: what is measured.
    pub description: String,
    /// One sentence: what it is measured for.
    pub purpose: String,
    /// The events it reads; the first that fits an event decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Selector>,
    /// How the value is made.
    pub value: ValueRule,
    /// At most three groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupDefinition>,
    /// The keys of the groups that identify a contribution; default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Vec<String>>,
    /// What becomes of several observations in one cell.
    #[serde(skip_serializing_if = "is_default")]
    pub contribution: ContributionMode,
}

/// What a home contributes to a cell into which several observations fall.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ContributionMode {
    /// Their mean, as one measure: the server's threshold then counts homes.
    #[default]
    Mean,
    /// One measure for each, as the older service sent them.
    Each,
}

/// Which events an indicator reads, and what it takes from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Selector {
    /// The event's type.
    #[serde(rename = "type")]
    pub event: String,
    /// Only events of which this holds.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Only the first such event that the home ever had.
    #[serde(skip_serializing_if = "is_default")]
    pub first: bool,
    /// For a span: where it starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Start>,
    /// Sources that stand for the groups' own, by key.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub groups: Map<String, Arc<Source>>,
}

/// A field of an event that has exactly this text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// The name of the field looked at.
    pub field: String,
    /// The text it must have.
    pub is: String,
}

/// Where a span starts that an event ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// At the date in this field of the event.
    Field(String),
    /// At the home's first event of this type. For connections the profile's
    /// `firstConnectionDate` goes before.
    First(String),
    /// At the latest event of this type before, with the same target.
    Latest(String),
}

/// How a value is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ValueRule {
    /// How many events.
    Count {
        /// Counts from the first event ever, month by month, to the month in
        /// which this first held.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Condition>,
    },
    /// On how many days there was an event.
    DistinctDays {
        /// Whether 0 is a measure too; only without groups.
        #[serde(skip_serializing_if = "is_default")]
        zero: bool,
    },
    /// Seconds from an event to the last event of any type before the next
    /// such event or the end of the day.
    Session {},
    /// Seconds from a selector's `start` to the event.
    Span {},
    /// A number that the event holds.
    Observation {
        /// The field with the number.
        of: String,
        /// Only whole numbers from the first to the second, also as a string
        /// of one digit; any number if absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        integers: Option<[u8; 2]>,
    },
    /// Something of the home as it stands.
    Snapshot {
        /// What is looked at.
        of: SnapshotOf,
    },
}

/// What a snapshot looks at, beside events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotOf {
    /// 1 if a fluid is connected, on the latest completed day only.
    ConnectedFluids,
    /// The change of each fluid's load from the month before, in percent.
    ConsumptionVariation,
    /// 1 or 0 as the profile's `sendAnalysisNotification` says.
    SummarySubscription,
    /// 1 if there is a half-hour load in the month, else 0.
    HalfHourData,
}

/// One group of an indicator's measures: its key and where its value is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupDefinition {
    /// The group's one key, 1 … 100 bytes.
    pub key: String,
    /// Where the value is from, unless a selector says otherwise.
    pub source: Arc<Source>,
}

/// Where a group's value is from, and which values it may have.
///
/// At most one of the origins is given. A group whose every selector names a
/// source of its own needs none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Origin: always this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// Origin: a field of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Compare the field with its ASCII letters in lower case.
    #[serde(skip_serializing_if = "is_default")]
    pub lowercase: bool,
    /// Origin: `desktop` or `mobile`, from the browser in this field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Origin: one of two texts, by what a field is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Origin: several fields joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join: Option<Join>,
    /// Origin, for a snapshot: whether the period has a selected event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<EventPresence>,
    /// Origin, for a count with `until`: `true` if it was reached, else `false`.
    #[serde(skip_serializing_if = "is_default")]
    pub reached: bool,
    /// Origin: a part of the snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotPart>,
    /// Origin, for a session: how many events of this type it holds after the
    /// one that it begins with; of several sessions the mean, rounded half up.
    /// Put into `buckets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<String>,
    /// The least number of each bucket, from 0 upward; the bucket's value stands
    /// at the same place of `values`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buckets: Option<Vec<u32>>,
    /// The closed list of values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
    /// The pattern of the values: characters and classes, each with `?`, `*`,
    /// `+` or `{n,m}`, for the whole text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What stands for anything else; without it such an event is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
}

/// One of two texts, by what a field is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct When {
    /// The name of the field looked at.
    pub field: String,
    /// The text it is compared with.
    pub is: String,
    /// The value if it is.
    pub then: String,
    /// The value if it is not.
    #[serde(rename = "else")]
    pub otherwise: String,
}

/// Several fields joined to one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Join {
    /// What is joined.
    pub parts: Vec<Arc<Source>>,
    /// What stands between the parts.
    pub with: String,
}

/// One of two texts, by whether the period has a selected event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventPresence {
    /// The value if there is one.
    pub then: String,
    /// The value if there is none.
    #[serde(rename = "else")]
    pub otherwise: String,
}

/// A part of a snapshot that can be a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotPart {
    /// The one fluid the value is about.
    Fluid,
    /// All connected fluids, joined by `:`.
    Fluids,
    /// Whole months since the first connection, 60 at most.
    Seniority,
    /// What the profile type uses the fluid for, joined by `:`; `none` if for
    /// nothing, and no value without a profile type.
    FluidUsage,
}
