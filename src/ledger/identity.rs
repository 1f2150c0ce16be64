//! The identity under which a home contributes a measure, and the cell of the
//! server that it falls into.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::settled::last_day;
use crate::calendar::{Day, Period, PeriodKind};
use crate::catalog::Indicator;
use crate::fold::Fold;
use crate::measure::Measure;
use crate::options::{MonthlyStartDate, Settings};
use crate::scan::{Document, fields};

/// One measure and the identity under which the home contributes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contribution {
    /// The `_id` of its document: measure, period and identifying groups.
    pub(crate) id: String,
    /// Where each observation is sent: in whose name all those of a cell hold it.
    pub(crate) together: Option<String>,
    pub(crate) period: Period,
    pub(crate) measure: Measure,
}

impl Contribution {
    /// The contribution of a measure that comes after others in the order of
    /// measures. Where each observation is sent, it is known by its event, so
    /// that a value which a late event changes stays the same observation.
    pub(crate) fn after(
        earlier: &[Contribution],
        fold: &Fold<'_>,
        measure: Measure,
        event: Option<u32>,
    ) -> Contribution {
        let Fold { indicator, period, subject, .. } = *fold;
        let id = contribution_id(indicator, period, &measure);
        let Some(event) = event else {
            return Contribution { id, together: None, period, measure };
        };
        let of_period = |other: &&Contribution| other.period == period && other.measure.name == measure.name;
        let of_period = earlier.iter().rev().take_while(of_period);
        let marked = format!("{id}:{:016x}:", subject.timeline.mark(event));
        // Events without an id have one mark. Those of one identity need not
        // stand together: they differ in groups that do not identify.
        let nth = of_period.filter(|other| other.id.starts_with(&marked)).count();
        Contribution { together: Some(format!("{id}:each")), id: format!("{marked}{nth}"), period, measure }
    }

    /// The contribution that a measure is of, under the identity that the run
    /// which made it gave it.
    pub(crate) fn of(measure: &Measure, settings: &Settings) -> Option<Contribution> {
        let indicator = settings.catalog.named(&measure.name)?;
        let period = match (indicator.definition.period, settings.monthly_start_date) {
            (PeriodKind::Day, _) => Period::Day(measure.start_date),
            (PeriodKind::Month, MonthlyStartDate::Month) => Period::Month(measure.start_date.month()),
            // It was due in the month that followed it.
            (PeriodKind::Month, MonthlyStartDate::RunDate) => {
                Period::Month(measure.start_date.month().plus(-1))
            }
        };
        let id = contribution_id(indicator, period, measure);
        Some(Contribution { id, together: None, period, measure: measure.clone() })
    }

    pub(crate) fn is_of_day(&self) -> bool {
        self.period.kind() == PeriodKind::Day
    }

    /// Whether its measure carries the date of the run, which other periods may
    /// carry too.
    pub(super) fn carries_run_date(&self) -> bool {
        self.measure.start_date != self.period.first_day()
    }

    /// What claims its cell for it.
    pub(crate) fn claim(&self) -> Claim {
        Claim::new(&self.measure, self.together.as_ref().unwrap_or(&self.id))
    }
}

/// The identity of what a home contributes for a period.
fn contribution_id(indicator: &Indicator, period: Period, measure: &Measure) -> String {
    let period = period.to_string();
    let groups = measure.groups.iter().zip(&indicator.identity);
    let values = groups.filter(|(_, identifies)| **identifies).map(|(group, _)| group.value.as_str());
    joined([&*measure.name, &period].into_iter().chain(values))
}

/// The document that claims a cell of the server: (createdBy, measureName,
/// startDate, groups). Its `_id` follows from the payload, so that whatever is
/// configured, and whoever plans, one contribution of the home owns a cell. It
/// is written once and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Claim {
    #[serde(rename = "_id")]
    pub(crate) id: String,
    /// The contribution that owns the cell, or where each observation is sent,
    /// all of them together.
    pub(crate) by: String,
}

/// What the `_id` of a claim begins with, and that of no contribution.
const CELL: &str = "cell=";

impl Claim {
    pub(crate) fn new(measure: &Measure, by: &str) -> Claim {
        let Measure { created_by, name, start_date, groups, .. } = measure;
        let date = start_date.to_string();
        let groups = groups.iter().flat_map(|group| [group.key.as_str(), group.value.as_str()]);
        let cell = joined([&**created_by, &**name, &date].into_iter().chain(groups));
        Claim { id: format!("{CELL}{cell}"), by: by.to_owned() }
    }

    /// Reads a claim; `None` for any other document of the ledger.
    pub(crate) fn read(document: Document<'_>) -> Option<Claim> {
        let [id, by] = fields(document, ["_id", "by"])?;
        let (id, by) = (id?.text()?.into_owned(), by?.text()?.into_owned());
        Claim::is_id(&id).then_some(Claim { id, by })
    }

    /// The last day of which it speaks, by its owner's period and its cell's
    /// date.
    pub(crate) fn last_day(&self) -> Option<Day> {
        let period = self.by.split(':').nth(1).and_then(Period::parse);
        let date = self.id.strip_prefix(CELL).and_then(|cell| cell.split(':').nth(2)?.parse().ok());
        last_day(period, date)
    }

    /// Whether a document of the ledger is a claim.
    pub(crate) fn is_id(id: &str) -> bool {
        id.starts_with(CELL)
    }
}

/// A contribution as a recording holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RecordedContribution {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    together: Option<String>,
    pub(crate) period: String,
    measure: Box<RawValue>,
}

impl RecordedContribution {
    pub(crate) fn new(contribution: &Contribution) -> Option<RecordedContribution> {
        Some(RecordedContribution {
            id: contribution.id.clone(),
            together: contribution.together.clone(),
            period: contribution.period.to_string(),
            measure: RawValue::from_string(contribution.measure.to_json()).ok()?,
        })
    }

    pub(crate) fn read(&self) -> Option<Contribution> {
        Some(Contribution {
            id: self.id.clone(),
            together: self.together.clone(),
            period: Period::parse(&self.period)?,
            measure: Measure::read(Document::known(self.measure.get()))?,
        })
    }
}

/// Parts joined by `:`, all but plain characters escaped: equal only if all
/// parts are.
fn joined<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut id = String::new();
    for (position, part) in parts.enumerate() {
        if position > 0 {
            id.push(':');
        }
        for byte in part.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => id.push(char::from(byte)),
                _ => _ = write!(id, "_{byte:02x}"),
            }
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn identities_are_equal_only_if_all_parts_are() {
        let id = |parts: &[&str]| joined(parts.iter().copied());
        assert_eq!(
            id(&["konnector-event-daily", "2024-03-09", "enedis_x", "ok"]),
            "konnector-event-daily:2024-03-09:enedis_5fx:ok"
        );
        assert_ne!(id(&["a", "b:c"]), id(&["a:b", "c"]));
        assert_ne!(id(&["a", "b", ""]), id(&["a", "b"]));
        assert_ne!(id(&["a_3a"]), id(&["a:"]));
        assert_eq!(id(&["é/%"]), "_c3_a9_2f_25");
    }
}
