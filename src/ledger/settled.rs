//! What stands for the entries that retention deleted: a date up to which every
//! period is settled for good.

use serde::Serialize;
#[cfg(feature = "rights")]
use serde_json::value::RawValue;

#[cfg(feature = "rights")]
use super::{Claim, Entry};
use crate::calendar::{Day, Period};
use crate::scan::{Document, fields};

/// The `_id` of its document, in the ledger itself: whoever looks up whether a
/// contribution was planned before finds in the same answer that its entry may
/// be gone. No contribution has such an id, as all have colons.
pub(crate) const SETTLED_ID: &str = "settled";

/// Nothing of a period or a date up to this day is planned any more, whoever
/// asks for it: its entry and the claim to its cell may have been deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Settled {
    #[serde(rename = "_id")]
    id: &'static str,
    #[serde(rename = "_rev", skip_serializing_if = "Option::is_none")]
    pub(crate) rev: Option<String>,
    pub(crate) until: Day,
}

impl Settled {
    pub(crate) fn new(until: Day) -> Settled {
        Settled { id: SETTLED_ID, rev: None, until }
    }

    /// The document as it is written over the one that is stored.
    pub(crate) fn over(self, stored: Option<Settled>) -> Settled {
        Settled { rev: stored.and_then(|stored| stored.rev), ..self }
    }

    /// Reads the document; `None` for any other, and where its day cannot be read.
    pub(crate) fn read(document: Document<'_>) -> Option<Settled> {
        let [id, rev, until] = fields(document, ["_id", "_rev", "until"])?;
        if id?.text()? != SETTLED_ID {
            return None;
        }
        let rev = rev.and_then(|rev| Some(rev.text()?.into_owned()));
        Some(Settled { rev, ..Settled::new(until?.text()?.parse().ok()?) })
    }

    /// Whether a measure may be one that was planned before, and forgotten: by
    /// its period it may have the identity of one, by its date the cell.
    pub(crate) fn covers(until: Day, period: Period, start_date: Day) -> bool {
        period.first_day() <= until || start_date <= until
    }
}

/// The last day of which an entry or a claim speaks: where it is settled or
/// closed, so are its period, which is its identity, and its date, which is its
/// cell. Where one of them cannot be read it is that of the other.
pub(super) fn last_day(period: Option<Period>, start_date: Option<Day>) -> Option<Day> {
    period.map(Period::last_day).max(start_date)
}

/// The last day of which a document of the ledger speaks, whichever it is.
#[cfg(feature = "rights")]
pub(crate) fn last_day_of(document: &RawValue) -> Option<Day> {
    let known = Document::known(document.get());
    if let Some(settled) = Settled::read(known) {
        return Some(settled.until);
    }
    match Claim::read(known) {
        Some(claim) => claim.last_day(),
        None => serde_json::from_str::<Entry>(document.get()).ok()?.last_day(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Settled, last_day};
    use crate::calendar::{Day, Period};
    use crate::scan::Document;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap()
    }

    #[test]
    fn a_measure_is_covered_by_its_period_or_its_date() {
        let covers = |until, of, date| Settled::covers(day(until), period(of), day(date));
        assert!(covers("2024-01-31", "2024-01-31", "2024-01-31"));
        assert!(!covers("2024-01-31", "2024-02-01", "2024-02-01"));
        // A month that carries the date of its run, and one that began before.
        assert!(covers("2024-01-31", "2024-01", "2024-02-03"));
        assert!(covers("2024-01-15", "2024-01", "2024-01-01"));
        let last_day = |of, date: Option<&str>| last_day(of, date.map(day));
        let january = Some(period("2024-01"));
        assert_eq!(last_day(january, Some("2024-02-03")), Some(day("2024-02-03")));
        assert_eq!(last_day(january, Some("2024-01-01")), Some(day("2024-01-31")));
        assert_eq!(last_day(january, None), Some(day("2024-01-31")));
        assert_eq!(last_day(None, Some("2024-02-03")), Some(day("2024-02-03")));
        assert_eq!(last_day(None, None), None);
    }

    #[test]
    fn the_document_is_read_as_it_is_written() {
        let settled = Settled { rev: Some("1-a".into()), ..Settled::new(day("2024-01-31")) };
        let json = serde_json::to_string(&settled).unwrap();
        assert_eq!(json, r#"{"_id":"settled","_rev":"1-a","until":"2024-01-31"}"#);
        let read = |json: &str| Settled::read(Document::parse(json.as_bytes()).unwrap());
        assert_eq!(read(&json), Some(settled));
        assert_eq!(read(r#"{"_id":"settled","until":"soon"}"#), None);
        assert_eq!(read(r#"{"_id":"other","until":"2024-01-31"}"#), None);
    }
}
