//! Closing: everything up to a day becomes history, of which no run computes
//! anything any more. What was planned before it is still sent; what is planned
//! beside it, by a run that lost its lease, is not.

use serde_json::value::{RawValue, to_raw_value};

use super::store::{Change, Store};
use super::{Stop, Workspace};
use crate::calendar::{DateTime, Day};
use crate::ledger::{COMMAND, Entry};
use crate::limits;
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

/// Makes what a run plans beside this command worth nothing, unless a run that
/// has the lease plans it again: by another clock the lease of such a run was
/// over, and it reads what the command changes. What waits already was planned
/// before and, where it `stays`, is still sent.
///
/// What waits is told apart first: a command that is killed in between leaves a
/// home in which everything counts that did.
pub(super) async fn outdate_plans(
    workspace: &Workspace,
    home: &mut Store,
    stays: impl Fn(&Entry) -> bool,
) -> Result<(), Stop> {
    if !home.has_runs() {
        return Ok(());
    }
    let doctype = &workspace.options.doctypes.measures;
    let before = home.memory().changes;
    let mut changes = Vec::new();
    let mut documents = home.documents(doctype);
    while let Some(stored) = home.next_of_app(&mut documents).await? {
        let Ok(entry) = serde_json::from_str::<Entry>(stored.document.get()) else { continue };
        if entry.is_outdated(before) || !entry.is_outdated(before + 1) || !stays(&entry) {
            continue;
        }
        let entry = entry.planned_under(before + 1).stamped(COMMAND);
        changes.push(Change::Replace(stored.spot, to_raw_value(&entry).map_err(Stop::because)?));
        if changes.len() >= limits::BULK {
            home.write(doctype, std::mem::take(&mut changes)).await?;
        }
    }
    home.write(doctype, changes).await?;
    home.remember(|document| document.changes = before + 1).await
}

/// A field's value, if it is an object or an array, as it stands in the document.
pub(super) fn as_written(field: Field<'_>) -> Option<String> {
    String::from_utf8(field.document()?.bytes().to_vec()).ok()
}
