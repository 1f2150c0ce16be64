//! The DACC behind the stack: what it accepts, it counts; twice is twice.

use std::collections::{BTreeMap, BTreeSet};

use dacc_aggregator::{Answer, Request};
use serde_json::{Value, json};

use crate::cozy::json_answer;
use crate::store::text;

/// A home contributes at most once to each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket {
    pub name: String,
    pub start_date: String,
    /// The values of the groups that identify a contribution.
    pub groups: Vec<String>,
}

impl Bucket {
    pub fn of(measure: &Value) -> Bucket {
        let name = text(measure, "measureName").to_owned();
        let all = ["group1", "group2", "group3"].map(|group| {
            let group = measure.get(group)?.as_object()?;
            Some(group.values().next()?.as_str()?.to_owned())
        });
        // Identity groups as the domain's section 5 lists them.
        let identifying = match name.as_str() {
            "konnector-connected-daily" | "summary-subscription-monthly" => 0..0,
            "consumption-variation-monthly" | "konnector-attempts-monthly" => 0..1,
            "session-duration" => 1..2,
            _ => 0..3,
        };
        let groups = all[identifying].iter().flatten().cloned().collect();
        Bucket { name, start_date: text(measure, "startDate").to_owned(), groups }
    }

    pub fn is_monthly(&self) -> bool {
        self.name.ends_with("-monthly")
    }
}

#[derive(Debug, Default)]
pub struct Dacc {
    /// Accepted payloads by contribution.
    pub accepted: BTreeMap<Bucket, Vec<Value>>,
    /// Measures that are not registered there.
    pub unregistered: BTreeSet<String>,
}

/// The measure in a request to a remote doctype.
pub fn measure_of(request: &Request) -> Value {
    let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
    assert_eq!(body["path"], "measure");
    serde_json::from_str(body["data"].as_str().expect("the stack takes strings alone")).unwrap()
}

impl Dacc {
    pub fn serve(&mut self, request: &Request) -> Answer {
        let measure = measure_of(request);
        let name = text(&measure, "measureName");
        if self.unregistered.contains(name) {
            let error = format!("No measure definition found for: {name}");
            return json_answer(400, &json!({"error": error}));
        }
        self.accepted.entry(Bucket::of(&measure)).or_default().push(measure);
        json_answer(201, &json!({"ok": true}))
    }

    pub fn times(&self, bucket: &Bucket) -> usize {
        self.accepted.get(bucket).map_or(0, Vec::len)
    }
}
