//! A person's rights: what each command does, and what it does when it is
//! killed. Everything in memory; `tests/js/rights/` has real files and HTTP.

mod export;
mod files;
mod holding;
mod import;
mod kills;
mod merge;
mod permissions;
mod preview;
mod properties;
mod purge;
mod registry;
mod rehearsals;
mod retention;
mod telling;
pub mod world;

use serde_json::{Value, json};

pub const EVENTS: &str = "com.grandlyon.ecolyo.usageevents";
pub const TERMS: &str = "com.grandlyon.ecolyo.term";
pub const PROFILE: &str = "com.grandlyon.ecolyo.profile";
pub const MEASURES: &str = "com.grandlyon.ecolyo.dacc.measures";
pub const MEMORY: &str = "com.grandlyon.ecolyo.dacc.memory";
pub const HISTORY: &str = "com.grandlyon.ecolyo.dacc.history";
pub const REQUESTS: &str = "io.cozy.remote.requests";

/// A home with something in every collection.
pub fn full_home() -> Value {
    json!({
        EVENTS: [
            {"_id": "e1", "type": "ConnectionEvent", "context": "Firefox", "eventDate": "2024-03-01T08:00:00Z"},
            {"_id": "e2", "type": "NavigationEvent", "target": "faq", "eventDate": "2024-04-08T08:00:00Z"},
            {"_id": "e3", "type": "NavigationEvent", "target": "faq", "eventDate": "2024-04-09T08:00:00Z"},
            {"_id": "e4", "type": "NavigationEvent", "eventDate": "soon"},
        ],
        PROFILE: [{"_id": "p", "firstConnectionDate": "2024-03-01T08:00:00Z"}],
        "com.grandlyon.ecolyo.profiletype": [{"_id": "pt", "housingType": "apartment"}],
        TERMS: [{"_id": "t", "accepted": true, "version": "1.0.0", "date": "2024-01-01T09:00:00Z"}],
        MEMORY: [{"_id": "memory", "memory": {"firstDay": "2024-04-08", "days": {"2024-04-08": "2024-04-09"}},
            "lastRun": {"at": "2024-04-09T02:00:00Z", "end": "complete"}}],
        MEASURES: [
            entry("navigation-count-daily:2024-04-08:faq", "sent", "2024-04-08"),
            entry("navigation-count-daily:2024-04-09:faq", "planned", "2024-04-09"),
            entry("navigation-count-daily:2024-03-09:faq", "sending", "2024-03-09"),
        ],
        HISTORY: [{"_id": "terms:old", "doctype": TERMS, "document": {"_id": "old", "accepted": true}}],
        REQUESTS: [
            {"_id": "r1", "doctype": "cc.cozycloud.dacc_v2", "created_at": "2024-04-09T02:00:00Z"},
            {"_id": "r2", "doctype": "com.example.weather", "created_at": "2024-04-09T02:00:00Z"},
        ],
    })
}

pub fn entry(id: &str, state: &str, period: &str) -> Value {
    json!({
        "_id": id, "state": state, "waits": state == "planned" || state == "sending", "period": period,
        "measure": {"createdBy": "ecolyo", "measureName": "navigation-count-daily", "startDate": period,
            "value": 1, "group1": {"page": "faq"}},
        "consent": "t", "plannedAt": "2024-04-09T02:00:00Z", "changedAt": "2024-04-09T02:00:01Z", "stamp": "run-1",
        "status": if state == "sent" { json!(201) } else { Value::Null },
    })
}

/// The ids of a doctype's documents, sorted; those of claims are no entries.
pub fn ids(home: &Value, doctype: &str) -> Vec<String> {
    let documents = home[doctype].as_array().into_iter().flatten();
    let mut ids: Vec<String> =
        documents.map(|document| document["_id"].as_str().unwrap_or("-").to_owned()).collect();
    ids.retain(|id| !id.starts_with("cell="));
    ids.sort();
    ids
}

/// The documents of the last doctype of a home file, as they stand in it.
pub fn array_of<'a>(home: &'a str, doctype: &str) -> &'a str {
    home.split_once(&format!("\"{doctype}\": ")).unwrap().1.strip_suffix("\n}\n").unwrap()
}
