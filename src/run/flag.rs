//! Marks the events of planned days as aggregated, as apps of a Cozy expect.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use serde_json::value::RawValue;

use crate::calendar::Day;
use crate::limits;
use crate::store::{Cozy, Failure, Query, found};

/// Sets `aggregated` on the events with these ids, of which none is written
/// under the digits of an earlier day than the one given. What another changes
/// meanwhile is left for the next night.
pub(super) async fn flag(
    cozy: Cozy<'_>,
    doctype: &str,
    ids: Vec<String>,
    first_written: Day,
) -> Result<usize, Failure> {
    let ids: BTreeSet<String> = ids.into_iter().collect();
    let query = Query {
        selector: json!({"aggregated": false, "eventDate": {"$gte": first_written}}),
        index: &["aggregated", "eventDate"],
        fields: &[],
    };
    let mut events = Vec::new();
    let take = |page: &[u8]| {
        events.extend(found(page).unwrap_or_default().iter().filter_map(|event| flagged(event, &ids)));
        true
    };
    cozy.find(doctype, &query, take).await?;
    let mut count = 0;
    for chunk in events.chunks(limits::BULK) {
        let documents: Vec<&RawValue> = chunk.iter().map(AsRef::as_ref).collect();
        let (results, _) = cozy.put_all(doctype, &documents).await?;
        count += results.iter().filter(|result| result.is_written()).count();
    }
    Ok(count)
}

/// The event as it is, but for `aggregated`; values stay as they were written.
fn flagged(event: &RawValue, ids: &BTreeSet<String>) -> Option<Box<RawValue>> {
    let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(event.get()).ok()?;
    let id: String = serde_json::from_str(fields.get("_id")?.get()).ok()?;
    ids.contains(&id).then_some(())?;
    fields.insert("aggregated".to_owned(), RawValue::from_string("true".to_owned()).ok()?);
    serde_json::value::to_raw_value(&fields).ok()
}
