//! The file with which the DACC server learns the measures of a catalog.

use serde::Serialize;

use super::Catalog;
use crate::calendar::PeriodKind;
use crate::limits;

/// The server's import file: `{"definitions": [...]}`.
///
/// Shape: cozy/DACC, the import of measure definitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Registrations {
    definitions: Vec<Registration>,
}

/// One measure as the server registers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
    name: String,
    org: String,
    created_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    group1_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group2_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group3_key: Option<String>,
    description: String,
    aggregation_period: PeriodKind,
    execution_frequency: PeriodKind,
    aggregation_threshold: u32,
    access_app: bool,
    access_public: bool,
}

impl Catalog {
    /// What the server has to import before it takes this catalog's measures,
    /// for an organisation and the `createdBy` of the measures.
    ///
    /// An import overwrites the row of an id, so no id is made up: a definition
    /// has the one that its catalog says, or none.
    pub fn registrations(&self, org: &str, created_by: &str) -> Registrations {
        let registration = |indicator: &super::Indicator| {
            let definition = &indicator.definition;
            let key = |at: usize| definition.groups.get(at).map(|group| group.key.clone());
            Registration {
                id: definition.id,
                name: definition.name.clone(),
                org: org.to_owned(),
                created_by: created_by.to_owned(),
                group1_key: key(0),
                group2_key: key(1),
                group3_key: key(2),
                description: definition.description.clone(),
                aggregation_period: definition.period,
                execution_frequency: definition.period,
                aggregation_threshold: definition.threshold.unwrap_or(limits::AGGREGATION_THRESHOLD),
                access_app: false,
                access_public: false,
            }
        };
        Registrations { definitions: self.indicators().iter().map(registration).collect() }
    }
}
