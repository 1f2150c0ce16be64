//! Deletes events that were kept long enough; off unless it is configured.
//!
//! An event stays until no run can still need it: its day is settled, its
//! month has been computed or can no longer be, and what later days need of it
//! is in the memory.

use serde::Deserialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::cozy::{Cozy, Failure, Query, found};
use crate::calendar::{Clock, DateTime, Day};
use crate::limits;
use crate::memory::Memory;
use crate::options::{Options, Retention, Settings};

/// Deletes what may go; gives how many events that were.
pub(super) async fn apply(
    cozy: Cozy<'_>,
    options: &Options,
    settings: &Settings,
    memory: &Memory,
) -> Result<usize, Failure> {
    let doctype = &options.doctypes.events;
    let Some(first_kept) = first_kept_day(cozy, doctype, &options.retention, settings, memory).await? else {
        return Ok(0);
    };
    let mut count = 0;
    while cozy.has_time(limits::SEND_MILLIS) {
        let gone = deletable(cozy, doctype, first_kept, settings).await?;
        let mut written = 0;
        for chunk in gone.chunks(limits::BULK) {
            let documents: Vec<&RawValue> = chunk.iter().map(AsRef::as_ref).collect();
            let (results, _) = cozy.put_all(doctype, &documents).await?;
            written += results.iter().filter(|result| result.is_written()).count();
        }
        count += written;
        if written == 0 || gone.len() < limits::PAGE {
            break;
        }
    }
    Ok(count)
}

/// The day before which events may go; `None` if none may.
async fn first_kept_day(
    cozy: Cozy<'_>,
    doctype: &str,
    retention: &Retention,
    settings: &Settings,
    memory: &Memory,
) -> Result<Option<Day>, Failure> {
    let today = settings.today;
    let days_back = |days: u32| today.plus(-i32::try_from(days).unwrap_or(i32::MAX / 2));
    let by_age = retention.age.map(days_back);
    let by_inactivity = match retention.inactivity.map(days_back) {
        Some(since) if is_active_since(cozy, doctype, since).await? => None,
        inactive => inactive,
    };
    Ok(by_age.max(by_inactivity).map(|day| day.min(first_needed_day(today, memory))))
}

/// The first day of which a run may still compute something.
fn first_needed_day(today: Day, memory: &Memory) -> Day {
    let first_day = memory.first_day.unwrap_or(today);
    let first_due = today.month().plus(-limits::DUE_MONTHS).max(first_day.month());
    let mut open = (0..=limits::DUE_MONTHS).map(|after| first_due.plus(after));
    let month = open.find(|month| !memory.months.contains(month)).unwrap_or(today.month());
    let is_settled = |day: &Day| {
        let computed = memory.days.get(day);
        computed.is_some_and(|computed| today > computed.plus(limits::OPEN_AFTER_COMPUTED))
    };
    let open_days = first_day.max(today.plus(-limits::OPEN_DAYS)).through(today);
    let day = { open_days }.find(|day| !is_settled(day)).unwrap_or(today);
    // A day of margin: an offset can put an event under another day's digits.
    month.first_day().min(day).previous()
}

async fn is_active_since(cozy: Cozy<'_>, doctype: &str, since: Day) -> Result<bool, Failure> {
    let query = Query {
        selector: json!({"eventDate": {"$gte": since}}),
        index: &["eventDate"],
        fields: &["eventDate"],
    };
    let mut is_active = false;
    let take = |page: &[u8]| {
        is_active = found(page).is_some_and(|events| !events.is_empty());
        false
    };
    cozy.find(doctype, &query, take).await?;
    Ok(is_active)
}

/// A page's worth of what deletes events before a day. An event without a
/// readable date lies on no day, and stays.
async fn deletable(
    cozy: Cozy<'_>,
    doctype: &str,
    first_kept: Day,
    settings: &Settings,
) -> Result<Vec<Box<RawValue>>, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Event {
        #[serde(rename = "_id")]
        id: String,
        #[serde(rename = "_rev")]
        rev: String,
        event_date: String,
    }
    let query = Query {
        selector: json!({"eventDate": {"$gte": "", "$lt": first_kept}}),
        index: &["eventDate"],
        fields: &["_id", "_rev", "eventDate"],
    };
    let mut gone = Vec::new();
    let take = |page: &[u8]| {
        for event in found(page).unwrap_or_default() {
            let Ok(event) = serde_json::from_str::<Event>(event.get()) else { continue };
            if goes(&event.event_date, first_kept, &settings.clock) {
                let deletion = json!({"_id": event.id, "_rev": event.rev, "_deleted": true});
                gone.extend(to_raw_value(&deletion));
            }
        }
        gone.len() < limits::PAGE
    };
    cozy.find(doctype, &query, take).await?;
    Ok(gone)
}

/// Whether an event of this date lies before a day; one that cannot be read
/// lies on none.
pub(super) fn goes(event_date: &str, first_kept: Day, clock: &Clock) -> bool {
    let date = DateTime::parse_rfc3339(event_date);
    date.is_some_and(|date| clock.day(clock.moment(date)) < first_kept)
}

#[cfg(test)]
mod tests {
    use super::first_needed_day;
    use crate::calendar::Day;
    use crate::memory::Memory;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn first_needed(memory: &str) -> Day {
        let memory: Memory = serde_json::from_str(memory).unwrap();
        first_needed_day(day("2024-04-10"), &memory)
    }

    #[test]
    fn a_month_that_was_not_computed_keeps_its_events() {
        // March is due on 3 April at the earliest; here it was not computed yet.
        assert_eq!(
            first_needed(r#"{"firstDay":"2023-01-01","months":["2024-01","2024-02"]}"#),
            day("2024-02-29")
        );
        assert_eq!(
            first_needed(r#"{"firstDay":"2023-01-01","months":["2024-01","2024-03"]}"#),
            day("2024-01-31")
        );
        // January to March were never computed, and may still be.
        assert_eq!(first_needed(r#"{"firstDay":"2023-01-01"}"#), day("2023-12-31"));
    }

    #[test]
    fn a_day_that_is_open_keeps_its_events_and_those_after_it() {
        // 11 March is the earliest day that a run still looks at.
        assert_eq!(
            first_needed(r#"{"firstDay":"2023-01-01","months":["2024-01","2024-02","2024-03"]}"#),
            day("2024-03-10")
        );
        // All months from the first computed day on are done; April is not.
        let settled: Vec<String> = (11..=31)
            .map(|day| format!(r#""2024-03-{day}":"2024-04-01""#))
            .chain((1..=9).map(|day| format!(r#""2024-04-0{day}":"2024-04-02""#)))
            .collect();
        let memory = format!(
            r#"{{"firstDay":"2023-01-01","months":["2024-01","2024-02","2024-03"],"days":{{{}}}}}"#,
            settled.join(",")
        );
        assert_eq!(first_needed(&memory), day("2024-03-31"));
    }
}
