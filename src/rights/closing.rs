//! Closing: everything up to a day becomes history, of which no run computes
//! anything any more. What was planned before it is still sent.

use serde_json::value::RawValue;

use super::Stop;
use super::store::Store;
use crate::calendar::{DateTime, Day};
use crate::scan::{Document, Field, fields};

/// Up to which day a home has to be closed so that no run ever sees an event,
/// whatever clock, zone and terms it is configured with: a day more than the
/// later of the day that is written and of the same moment's day in UTC, as no
/// zone is a whole day ahead of it. `None` where no run can read its date.
pub(super) fn reach(event: &RawValue) -> Option<Day> {
    let [date] = fields(Document::known(event.get()), ["eventDate"])?;
    let DateTime { digits, offset, .. } = DateTime::parse_rfc3339(&date?.text()?)?;
    let in_utc = digits.seconds - i64::from(offset.unwrap_or(0));
    Some(Day::of_seconds(digits.seconds.max(in_utc)).next())
}

/// Closes the home up to this day; one that is closed for longer stays so.
pub(super) async fn close(home: &mut Store, until: Day) -> Result<Day, Stop> {
    let before = home.memory().memory.closed_until;
    let closed = before.map_or(until, |before| before.max(until));
    if before != Some(closed) {
        home.remember(|document| document.memory.closed_until = Some(closed)).await?;
    }
    Ok(closed)
}

/// A field's value, if it is an object or an array, as it stands in the document.
pub(super) fn as_written(field: Field<'_>) -> Option<String> {
    String::from_utf8(field.document()?.bytes().to_vec()).ok()
}
