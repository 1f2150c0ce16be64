use serde::Serialize;

use super::Fluid;
use crate::base::Map;
use crate::decode::{Read, Refusal, Value, fields};

/// The doctypes that are read, and those that runs keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Doctypes {
    /// Usage events.
    pub events: String,
    /// The terms accepted.
    pub terms: String,
    /// The profile.
    pub profile: String,
    /// The profile types.
    pub profile_type: String,
    /// Accounts of konnectors.
    pub accounts: String,
    /// Triggers of konnectors.
    pub triggers: String,
    /// Monthly loads by fluid.
    pub monthly_loads: Map<Fluid, String>,
    /// Half-hour loads by fluid.
    pub half_hour_loads: Map<Fluid, String>,
    /// The ledger: a document for each contribution.
    pub measures: String,
    /// What a run remembers for the next.
    pub memory: String,
    /// What was imported, and counts for nothing.
    pub history: String,
    /// The stack's own log of what was sent.
    pub requests: String,
}

impl Default for Doctypes {
    fn default() -> Self {
        Doctypes {
            events: named("com.grandlyon.ecolyo.usageevents"),
            terms: named("com.grandlyon.ecolyo.term"),
            profile: named("com.grandlyon.ecolyo.profile"),
            profile_type: named("com.grandlyon.ecolyo.profiletype"),
            accounts: named("io.cozy.accounts"),
            triggers: named("io.cozy.triggers"),
            monthly_loads: fluids(&[
                (Fluid::Electricity, "com.grandlyon.enedis.month"),
                (Fluid::Water, "com.grandlyon.egl.month"),
                (Fluid::Gas, "com.grandlyon.grdf.month"),
            ]),
            half_hour_loads: fluids(&[(Fluid::Electricity, "com.grandlyon.enedis.minute")]),
            measures: named("com.grandlyon.ecolyo.dacc.measures"),
            memory: named("com.grandlyon.ecolyo.dacc.memory"),
            history: named("com.grandlyon.ecolyo.dacc.history"),
            requests: named("io.cozy.remote.requests"),
        }
    }
}

/// Not inlined: a dozen of them are made one after the other.
#[inline(never)]
fn named(doctype: &str) -> String {
    doctype.to_owned()
}

fn fluids(doctypes: &[(Fluid, &str)]) -> Map<Fluid, String> {
    let mut fluids = Map::new();
    for &(fluid, doctype) in doctypes {
        fluids.insert(fluid, named(doctype));
    }
    fluids
}

impl Read for Doctypes {
    fn blank() -> Self {
        Doctypes::default()
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        fields!(value.fields {
            optional "events" => self.events,
            optional "terms" => self.terms,
            optional "profile" => self.profile,
            optional "profileType" => self.profile_type,
            optional "accounts" => self.accounts,
            optional "triggers" => self.triggers,
            optional "monthlyLoads" => self.monthly_loads,
            optional "halfHourLoads" => self.half_hour_loads,
            optional "measures" => self.measures,
            optional "memory" => self.memory,
            optional "history" => self.history,
            optional "requests" => self.requests,
        })
    }
}
