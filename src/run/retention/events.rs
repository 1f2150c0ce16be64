//! Deletes events that were kept long enough.
//!
//! An event stays until no run can still need it: its day is settled, its
//! month has been computed or can no longer be, and what later days need of it
//! is in the memory. What was never consented to is never needed. An event
//! whose date says nothing goes by when its document was made.
//!
//! Nothing is read but ids, dates and `cozyMetadata.createdAt`: it goes on where
//! consent does not stand.

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::calendar::{Clock, Day};
use crate::consent::Consent;
use crate::limits;
use crate::memory::Memory;
use crate::options::{Options, Retention, Settings};
use crate::store::{Cozy, Failure, Query, found};

const CREATED_AT: &str = "cozyMetadata.createdAt";

/// Deletes what may go; gives how many events that were.
pub(in crate::run) async fn apply(
    cozy: Cozy<'_>,
    options: &Options,
    settings: &Settings,
    memory: &Memory,
    consent: &Consent,
) -> Result<usize, Failure> {
    let events = Events { cozy, doctype: &options.doctypes.events, settings };
    let Some(limit) = events.limit(&options.retention).await? else { return Ok(0) };
    let needed = first_needed_day(settings.today, memory.first_day.or(options.first_day), memory);
    let mut count = 0;
    for filter in unneeded(limit, needed, consent) {
        count += events.delete(&filter).await?;
    }
    count += events.delete(&EventFilter::Created { before: limit }).await?;
    Ok(count)
}

/// The days before a limit of which no run needs an event: those before the
/// first that is needed, and those without consent after it.
fn unneeded(limit: Day, needed: Day, consent: &Consent) -> Vec<EventFilter> {
    let mut filters = vec![EventFilter::Dated { from: None, before: limit.min(needed) }];
    for day in needed.through(limit.previous()).filter(|day| !consent.contains(*day)) {
        match filters.last_mut() {
            Some(EventFilter::Dated { before, .. }) if *before == day => *before = day.next(),
            _ => filters.push(EventFilter::Dated { from: Some(day), before: day.next() }),
        }
    }
    filters
}

/// Which events are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::run) enum EventFilter {
    /// Those of the days from one on and before another.
    Dated { from: Option<Day>, before: Day },
    /// Those that lie on no day, and were made before this one.
    Created { before: Day },
}

/// What is read of an event.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Event {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_rev")]
    rev: String,
    event_date: Value,
    cozy_metadata: Value,
}

impl EventFilter {
    /// A little more than what is asked for, as dates are asked for by their
    /// digits; `takes` tells them apart.
    fn selector(self, clock: &Clock) -> Value {
        let (since, until) = (|from| clock.first_written(from), |before: Day| clock.last_written(before));
        match self {
            EventFilter::Dated { from: Some(from), before } => {
                json!({"eventDate": {"$gte": since(from), "$lt": until(before)}})
            }
            EventFilter::Dated { from: None, before } => {
                json!({"eventDate": {"$gte": "", "$lt": until(before)}})
            }
            EventFilter::Created { before } => json!({CREATED_AT: {"$gte": "", "$lt": until(before)}}),
        }
    }

    /// What a selector asks for, if it is one of these.
    pub(in crate::run) fn of(selector: &Value, clock: &Clock) -> Option<EventFilter> {
        let day = |bound: &Value| bound.as_str()?.parse::<Day>().ok();
        // The way back: as far as the first is before it, a day is before the last.
        let before = |field: &str| Some(clock.first_written(day(&selector[field]["$lt"])?));
        match before("eventDate") {
            Some(before) => {
                let from = day(&selector["eventDate"]["$gte"]).map(|from| clock.last_written(from));
                Some(EventFilter::Dated { from, before })
            }
            None => Some(EventFilter::Created { before: before(CREATED_AT)? }),
        }
    }

    /// Whether an event, as it was found, is one of those asked for.
    pub(in crate::run) fn takes(self, event: &Value, clock: &Clock, today: Day) -> bool {
        Event::deserialize(event).is_ok_and(|event| self.takes_read(&event, clock, today))
    }

    fn takes_read(self, event: &Event, clock: &Clock, today: Day) -> bool {
        let day = |date: &Value| clock.plausible_day(date.as_str()?, today);
        match (self, day(&event.event_date)) {
            (EventFilter::Dated { from, before }, Some(day)) => {
                from.is_none_or(|from| from <= day) && day < before
            }
            (EventFilter::Created { before }, None) => {
                day(&event.cozy_metadata["createdAt"]).is_some_and(|day| day < before)
            }
            (EventFilter::Dated { .. }, None) | (EventFilter::Created { .. }, Some(_)) => false,
        }
    }

    /// Fields of an event that is taken too, and says nothing of another.
    pub(in crate::run) fn stub(self, clock: &Clock, today: Day) -> Value {
        let first = match self {
            EventFilter::Dated { from: Some(from), .. } => from,
            EventFilter::Dated { before, .. } | EventFilter::Created { before } => before.previous(),
        };
        let made = |date: String| match self {
            EventFilter::Dated { .. } => json!({"_rev": "", "eventDate": date}),
            EventFilter::Created { .. } => json!({"_rev": "", "cozyMetadata": {"createdAt": date}}),
        };
        // Whatever the zone, one of these lies on the first day.
        let hours = [0, 12].map(|hour| format!("T{hour:02}:00:00Z"));
        let days = first.previous().through(first.next());
        let mut stubs = days.flat_map(|day| hours.iter().map(move |hour| format!("{day}{hour}"))).map(made);
        stubs.find(|stub| self.takes(stub, clock, today)).unwrap_or_default()
    }
}

/// The events of a Cozy, as far as retention looks at them.
struct Events<'a> {
    cozy: Cozy<'a>,
    doctype: &'a str,
    settings: &'a Settings,
}

impl Events<'_> {
    /// The day before which events were kept long enough; `None` if none was.
    async fn limit(&self, retention: &Retention) -> Result<Option<Day>, Failure> {
        let days_back = |days: u32| self.settings.today.plus(-i32::try_from(days).unwrap_or(i32::MAX / 2));
        let by_age = retention.age.map(days_back);
        let by_inactivity = match retention.inactivity.map(days_back) {
            Some(since) if self.is_active_since(since).await? => None,
            inactive => inactive,
        };
        Ok(by_age.max(by_inactivity))
    }

    /// Whether there is an event of a day from then up to today. One whose date
    /// cannot be read, or is still to come, is no activity.
    async fn is_active_since(&self, since: Day) -> Result<bool, Failure> {
        let filter = EventFilter::Dated { from: Some(since), before: self.settings.today.next() };
        let mut is_active = false;
        self.find(filter, &["eventDate"], |_| {
            is_active = true;
            false
        })
        .await?;
        Ok(is_active)
    }

    async fn delete(&self, filter: &EventFilter) -> Result<usize, Failure> {
        let fields = match filter {
            EventFilter::Dated { .. } => &["_id", "_rev", "eventDate"][..],
            EventFilter::Created { .. } => &["_id", "_rev", "eventDate", CREATED_AT][..],
        };
        let mut count = 0;
        while self.cozy.has_time(limits::SEND_MILLIS) {
            let mut gone = Vec::new();
            self.find(*filter, fields, |Event { id, rev, .. }| {
                gone.extend(to_raw_value(&json!({"_id": id, "_rev": rev, "_deleted": true})));
                gone.len() < limits::PAGE
            })
            .await?;
            let mut written = 0;
            for chunk in gone.chunks(limits::BULK) {
                let documents: Vec<&RawValue> = chunk.iter().map(AsRef::as_ref).collect();
                let (results, _) = self.cozy.put_all(self.doctype, &documents).await?;
                written += results.iter().filter(|result| result.is_written()).count();
            }
            count += written;
            if written == 0 || gone.len() < limits::PAGE {
                break;
            }
        }
        Ok(count)
    }

    /// Gives the events asked for to `take`, which tells whether to go on.
    async fn find(
        &self,
        filter: EventFilter,
        fields: &[&str],
        mut take: impl FnMut(Event) -> bool,
    ) -> Result<(), Failure> {
        let field = match filter {
            EventFilter::Dated { .. } => "eventDate",
            EventFilter::Created { .. } => CREATED_AT,
        };
        let query = Query { selector: filter.selector(&self.settings.clock), index: &[field], fields };
        let (clock, today) = (&self.settings.clock, self.settings.today);
        let take = |page: &[u8]| {
            let events = found(page).unwrap_or_default();
            let mut events =
                events.iter().filter_map(|event| serde_json::from_str::<Event>(event.get()).ok());
            events.all(|event| !filter.takes_read(&event, clock, today) || take(event))
        };
        self.cozy.find(self.doctype, &query, take).await.map(drop)
    }
}

/// The first day of which a run may still compute something.
fn first_needed_day(today: Day, first_day: Option<Day>, memory: &Memory) -> Day {
    let first_day = first_day.unwrap_or(today);
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
        first_needed_day(day("2024-04-10"), memory.first_day, &memory)
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
