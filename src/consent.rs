//! Consent: from the terms a person accepted to the days that may be counted.

use std::cmp::Ordering;

use serde::Serialize;

use crate::Error;
use crate::calendar::{Clock, DateTime, Day, Moment};
use crate::diagnostics::{Code, Diagnostics};
use crate::order::sort_by;
use crate::read::{number, object};
use crate::scan::{self, Document, Field};

/// Days with consent: from the first to the last but `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// The first day with consent.
    pub from: Day,
    /// The first day without; absent while consent stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
}

object!(Interval {
    required "from" => from,
    optional "to" => to,
});

/// The days on which consent stood at the day's end.
///
/// ```
/// use dacc_aggregator::{Consent, Interval};
///
/// let day = |text: &str| text.parse().unwrap();
/// let interval = Interval { from: day("2024-03-01"), to: Some(day("2024-03-10")) };
/// let consent = Consent::new(vec![interval]).unwrap();
/// assert!(consent.contains(day("2024-03-01")));
/// assert!(!consent.contains(day("2024-03-10"))); // the day of withdrawal does not count
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    intervals: Vec<Interval>,
    basis: Option<String>,
}

impl Consent {
    /// Consent for exactly these intervals, in any order.
    ///
    /// # Errors
    /// If an interval ends before it begins.
    pub fn new(mut intervals: Vec<Interval>) -> Result<Consent, Error> {
        if intervals.iter().any(|interval| interval.to.is_some_and(|to| to < interval.from)) {
            return Err(Error::option("consent: an interval's `to` is before its `from`"));
        }
        sort_by(&mut intervals, |a, b| a.from.cmp(&b.from));
        Ok(Consent { intervals, basis: None })
    }

    /// Replays documents of the terms in the order of time.
    ///
    /// Acceptance of a `version` not before `first_version`, the first with
    /// the clause, gives consent; a refusal or a `revokedAt` withdraws it; the
    /// latest stands. Where a document cannot be read, the doubt is the
    /// person's: it never gives consent, and a refusal without a readable date
    /// withdraws for good.
    pub(crate) fn from_terms(
        terms: &[Document<'_>],
        first_version: &Version,
        clock: &Clock,
        diagnostics: &mut Diagnostics,
    ) -> Consent {
        let mut steps = Vec::new();
        let mut is_withdrawn_for_good = false;
        for &document in terms {
            if let Err(doubt) = read_terms(document, first_version, clock, &mut steps) {
                diagnostics.add(Code::TermsMalformed);
                is_withdrawn_for_good |= doubt == Doubt::Withdrawal;
            }
        }
        if is_withdrawn_for_good {
            return Consent::default();
        }
        // `Withdraw` sorts after `Give`: of two at one moment, it stands.
        sort_by(&mut steps, Ord::cmp);
        let mut intervals: Vec<Interval> = Vec::new();
        let mut basis = None;
        for (moment, step, document) in steps {
            if step == Step::Give {
                basis = document;
            }
            let day = clock.day(moment);
            let standing = intervals.last_mut().filter(|interval| interval.to.is_none());
            match (step, standing) {
                (Step::Give, None) => match intervals.last_mut() {
                    // Given again on the day it was withdrawn: it stands at that day's end.
                    Some(last) if last.to == Some(day) => last.to = None,
                    _ => intervals.push(Interval { from: day, to: None }),
                },
                (Step::Withdraw, Some(interval)) => interval.to = Some(day),
                (Step::Give, Some(_)) | (Step::Withdraw, None) => {}
            }
        }
        intervals.retain(|interval| interval.to != Some(interval.from));
        Consent { intervals, basis }
    }

    /// Whether consent stood at the end of `day`.
    pub fn contains(&self, day: Day) -> bool {
        self.intervals.iter().any(|interval| interval.from <= day && interval.to.is_none_or(|to| day < to))
    }

    /// The same without the days up to `closed`.
    pub(crate) fn after(mut self, closed: Option<Day>) -> Consent {
        if let Some(closed) = closed {
            self.intervals.retain(|interval| interval.to.is_none_or(|to| to > closed.next()));
            for interval in &mut self.intervals {
                interval.from = interval.from.max(closed.next());
            }
        }
        self
    }

    /// How consent stands on a day, by the latest word on it. A withdrawal
    /// counts also where its date is still to come: whose clock is wrong is
    /// not for the person to bear.
    pub(crate) fn standing(&self, today: Day) -> Standing {
        match self.intervals[..] {
            [.., Interval { from, to: None }] if from <= today => Standing::Given,
            [Interval { to: None, .. }] => Standing::NotYet,
            _ => Standing::Withdrawn,
        }
    }

    /// Whether a day from `first` to `last`, both included, is consented.
    pub(crate) fn touches(&self, first: Day, last: Day) -> bool {
        self.intervals.iter().any(|interval| {
            let from = interval.from.max(first);
            from <= last && interval.to.is_none_or(|to| from < to)
        })
    }

    /// Whether no day is consented.
    pub fn is_empty(&self) -> bool {
        self.intervals.iter().all(|interval| interval.to == Some(interval.from))
    }

    /// The `_id` of the document of the terms that gave consent last.
    pub(crate) fn basis(&self) -> Option<&str> {
        self.basis.as_deref()
    }

    /// The intervals, by their first day.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }
}

/// How consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is given.
    Given,
    /// It is given for the first time, from a day on that this clock has not
    /// reached.
    NotYet,
    /// It was withdrawn, or never given.
    Withdrawn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Give,
    Withdraw,
}

#[derive(Debug, PartialEq, Eq)]
enum Doubt {
    /// Whether the document gives consent.
    Acceptance,
    /// When the document withdraws it.
    Withdrawal,
}

/// Adds what a document of the terms says, as far as it can be read.
fn read_terms(
    document: Document<'_>,
    first_version: &Version,
    clock: &Clock,
    steps: &mut Vec<(Moment, Step, Option<String>)>,
) -> Result<(), Doubt> {
    let names = ["_id", "accepted", "version", "date", "revokedAt"];
    let [id, accepted, version, date, revoked_at] = scan::fields(document, names).ok_or(Doubt::Acceptance)?;
    let id = id.and_then(Field::text).map(|id| id.into_owned());
    let moment = |field: Option<Field<'_>>| {
        let written = DateTime::parse_rfc3339(&field?.text()?)?;
        Some(clock.moment(written))
    };
    if revoked_at.is_some_and(|field| !field.is_null()) {
        steps.push((moment(revoked_at).ok_or(Doubt::Withdrawal)?, Step::Withdraw, id.clone()));
    }
    if !accepted.and_then(Field::boolean).ok_or(Doubt::Acceptance)? {
        steps.push((moment(date).ok_or(Doubt::Withdrawal)?, Step::Withdraw, id));
        return Ok(());
    }
    let version = version.and_then(|field| Version::parse(&field.text()?));
    let (version, date) = version.zip(moment(date)).ok_or(Doubt::Acceptance)?;
    if version >= *first_version {
        steps.push((date, Step::Give, id));
    }
    Ok(())
}

/// A version of the terms: `1.0.0`, a leading `v` allowed, compared part by
/// part as numbers; missing parts are 0.
#[derive(Debug, Clone)]
pub(crate) struct Version(Vec<u64>);

impl Version {
    pub(crate) fn parse(text: &str) -> Option<Version> {
        let mut numbers = Vec::new();
        for part in text.strip_prefix(['v', 'V']).unwrap_or(text).split('.') {
            if !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            numbers.push(number(part)?);
        }
        Some(Version(numbers))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let part = |version: &Self, at: usize| version.0.get(at).copied().unwrap_or(0);
        (0..self.0.len().max(other.0.len()))
            .map(|at| part(self, at).cmp(&part(other, at)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use super::{Consent, Version};
    use crate::calendar::{Clock, ClockKind, Zone};
    use crate::diagnostics::{Code, Diagnostics};
    use crate::scan::Document;

    /// The intervals as `from..to`, and how many documents could not be read.
    fn consent(terms: &str) -> (Vec<String>, u64) {
        let documents = Document::parse(terms.as_bytes()).unwrap().elements().unwrap();
        let mut diagnostics = Diagnostics::default();
        let clock = Clock::new(ClockKind::Wall, Zone::UTC);
        let first = Version::parse("1.0.0").unwrap();
        let consent = Consent::from_terms(&documents, &first, &clock, &mut diagnostics);
        let shown = consent.intervals().iter().map(|interval| {
            format!("{}..{}", interval.from, interval.to.map_or(String::new(), |to| to.to_string()))
        });
        (shown.collect(), diagnostics.get(Code::TermsMalformed))
    }

    #[test]
    fn acceptance_gives_and_refusal_or_revocation_withdraws() {
        assert_eq!(
            consent(
                r#"[{"accepted":false,"version":"1.0.0","date":"2024-05-02T08:00:00Z"},
                    {"accepted":true,"version":"v1.1","date":"2024-01-01T23:59:59Z","revokedAt":"2024-02-01T00:00:00Z"},
                    {"accepted":true,"version":"1","date":"2024-04-01T10:00:00Z"}]"#
            ),
            (vec!["2024-01-01..2024-02-01".into(), "2024-04-01..2024-05-02".into()], 0)
        );
    }

    #[test]
    fn a_day_counts_if_consent_stands_at_its_end() {
        let (same_day, _) = consent(
            r#"[{"accepted":true,"version":"1.0.0","date":"2024-01-01T08:00:00Z"},
                {"accepted":false,"version":"1.0.0","date":"2024-01-05T08:00:00Z"},
                {"accepted":true,"version":"1.0.0","date":"2024-01-05T09:00:00Z"},
                {"accepted":true,"version":"1.0.0","date":"2024-01-06T09:00:00Z"}]"#,
        );
        assert_eq!(same_day, ["2024-01-01.."]);
        let (gone_at_once, _) = consent(
            r#"[{"accepted":true,"version":"1.0.0","date":"2024-01-01T08:00:00Z","revokedAt":"2024-01-01T08:00:00Z"}]"#,
        );
        assert!(gone_at_once.is_empty());
    }

    #[test]
    fn doubt_never_gives_consent() {
        let accepted = r#"{"accepted":true,"version":"1.0.0","date":"2024-01-01T08:00:00Z"}"#;
        for (document, malformed, stands) in [
            (r#"{"accepted":true,"version":"0.9.9","date":"2024-02-01T08:00:00Z"}"#, 0, true),
            (r#"{"accepted":"yes","version":"1.0.0","date":"2024-02-01T08:00:00Z"}"#, 1, true),
            (r#"{"accepted":true,"version":1,"date":"2024-02-01T08:00:00Z"}"#, 1, true),
            ("7", 1, true),
            (r#"{"accepted":false,"version":"1.0.0","date":"soon"}"#, 1, false),
            (r#"{"accepted":true,"version":"1.0.0","date":"2024-01-01T08:00:00Z","revokedAt":5}"#, 1, false),
        ] {
            let (intervals, count) = consent(&format!("[{accepted},{document}]"));
            assert_eq!((count, !intervals.is_empty()), (malformed, stands), "{document}");
            let (alone, _) = consent(&format!("[{document}]"));
            assert!(alone.is_empty(), "{document}");
        }
        let (revoked, count) =
            consent(&format!(r#"[{accepted},{{"date":0,"revokedAt":"2024-03-01T00:00:00Z"}}]"#));
        assert_eq!((revoked, count), (vec!["2024-01-01..2024-03-01".into()], 1));
    }

    #[test]
    fn versions_compare_as_numbers_part_by_part() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("1.10.0") > version("1.9.0"));
        assert!(version("1.0") == version("v1.0.0"));
        assert!(version("2") > version("1.99.99"));
        for text in ["", "v", "1..0", "1.0.0-beta", "-1", "+1", "99999999999999999999"] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }
}
