//! The DACC behind the stack: what it accepts, it counts; twice is twice.

use std::collections::BTreeMap;

use dacc_aggregator::effect::{Request, Response};
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

/// What the server tells apart. Under which key a group stands, it decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    created_by: String,
    pub name: String,
    start_date: String,
    groups: Vec<String>,
}

impl Cell {
    pub fn of(measure: &Value) -> Cell {
        Cell {
            created_by: text(measure, "createdBy").to_owned(),
            name: text(measure, "measureName").to_owned(),
            start_date: text(measure, "startDate").to_owned(),
            groups: values(measure),
        }
    }
}

/// The values of a measure's groups.
pub fn values(measure: &Value) -> Vec<String> {
    let groups =
        ["group1", "group2", "group3"].into_iter().filter_map(|group| measure.get(group)?.as_object());
    groups.filter_map(|group| Some(group.values().next()?.as_str()?.to_owned())).collect()
}

#[derive(Debug, Default)]
pub struct Dacc {
    /// Accepted payloads by contribution, and by cell.
    pub accepted: BTreeMap<Bucket, Vec<Value>>,
    pub cells: BTreeMap<Cell, Vec<Value>>,
    /// Measures that are not registered there, each until a time or for good.
    pub unregistered: BTreeMap<String, Option<u64>>,
    /// From when on it knows a page under the key `view`.
    pub view_from: Option<u64>,
}

/// The measure in a request to a remote doctype.
pub fn measure_of(request: &Request) -> Value {
    let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
    assert_eq!(body["path"], "measure");
    serde_json::from_str(body["data"].as_str().expect("the stack takes strings alone")).unwrap()
}

impl Dacc {
    /// Why it does not take a measure at a time.
    pub fn refuses(&self, measure: &Value, at: u64) -> Option<String> {
        let name = text(measure, "measureName");
        if self.unregistered.get(name).is_some_and(|until| until.is_none_or(|until| at < until)) {
            return Some(format!("No measure definition found for: {name}"));
        }
        let key = if self.view_from.is_some_and(|from| from <= at) { "view" } else { "page" };
        let is_under_another = name == "navigation-count-daily" && measure["group1"].get(key).is_none();
        is_under_another.then(|| format!("Group1 key does not match measure definition: {name}"))
    }

    pub fn serve(&mut self, request: &Request, at: u64) -> Response {
        let measure = measure_of(request);
        if let Some(error) = self.refuses(&measure, at) {
            return json_answer(400, &json!({"error": error}));
        }
        self.cells.entry(Cell::of(&measure)).or_default().push(measure.clone());
        self.accepted.entry(Bucket::of(&measure)).or_default().push(measure);
        json_answer(201, &json!({"ok": true}))
    }

    pub fn times(&self, bucket: &Bucket) -> usize {
        self.accepted.get(bucket).map_or(0, Vec::len)
    }
}
