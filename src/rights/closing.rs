//! Closing: everything up to a day becomes history, of which no run computes
//! anything any more. What was planned before it is still sent.

use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::document::{Key, with};
use super::store::{Change, Store};
use super::{Desk, Stop};
use crate::calendar::{DateTime, Day};
use crate::memory::MEMORY_ID;
use crate::memory::Memory;
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
pub(super) async fn close(desk: &Desk, home: &mut Store, until: Day) -> Result<Day, Stop> {
    let doctype = &desk.options.doctypes.memory;
    let (stored, memory) = memory(desk, home).await?;
    let closed = memory.closed_until.map_or(until, |closed| closed.max(until));
    if memory.closed_until == Some(closed) {
        return Ok(closed);
    }
    let change = match stored {
        Some(stored) => {
            let [member] = fields(Document::known(stored.document.get()), ["memory"]).unwrap_or_default();
            let member = member.and_then(as_written).unwrap_or_else(|| "{}".to_owned());
            let member = RawValue::from_string(member).map_err(Stop::because)?;
            let quoted = format!("\"{closed}\"");
            let member = with(&member, &[("closedUntil", Some(&quoted))]);
            let member =
                member.map_or_else(|| format!("{{\"closedUntil\":{quoted}}}"), |m| m.get().to_owned());
            let document = with(&stored.document, &[("memory", Some(&member))]);
            let document = document.ok_or_else(|| Stop::because("the memory is no object"))?;
            Change::Replace(stored.spot, document)
        }
        None => Change::Insert(Key::of_id(MEMORY_ID), tombstone(closed)?),
    };
    if home.write(doctype, vec![change]).await? == 0 {
        return Err(Stop::because("the memory was changed at the same time; begin again"));
    }
    Ok(closed)
}

/// A field's value, if it is an object or an array, as it stands in the document.
pub(super) fn as_written(field: Field<'_>) -> Option<String> {
    String::from_utf8(field.document()?.bytes().to_vec()).ok()
}

/// The memory document that holds one date alone.
pub(super) fn tombstone(closed: Day) -> Result<Box<RawValue>, Stop> {
    to_raw_value(&json!({"_id": MEMORY_ID, "memory": {"closedUntil": closed}})).map_err(Stop::because)
}

/// The memory document, and what it remembers.
pub(super) async fn memory(
    desk: &Desk,
    home: &mut Store,
) -> Result<(Option<super::store::Stored>, Memory), Stop> {
    let key = (Key::of_id(MEMORY_ID), Some(MEMORY_ID.to_owned()));
    let stored = home.held(&desk.options.doctypes.memory, &[key]).await?.pop().flatten();
    let memory = stored.as_ref().and_then(|stored| {
        let [memory] = fields(Document::known(stored.document.get()), ["memory"])?;
        serde_json::from_slice(memory?.document()?.bytes()).ok()
    });
    Ok((stored, memory.unwrap_or_default()))
}
