//! Consent: from the terms a person accepted to the days that may be counted.

use std::cmp::Ordering;

use serde::Serialize;

use crate::base::sort::sort_by;
use crate::calendar::{Clock, Day, Moment};
use crate::couch::is_of_app;
use crate::decode::object;
use crate::diagnostics::{Code, Diagnostics};
use crate::error::Error;
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
/// use dacc_aggregator::consent::{Consent, Interval};
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
    standing: Standing,
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
        Ok(Consent { intervals, basis: None, standing: Standing::Given })
    }

    /// Replays documents of the terms in the order of time.
    ///
    /// Acceptance of a version that has the clause, as the rule of that moment
    /// says, gives consent; a refusal or a `revokedAt` withdraws it; the latest
    /// word stands. Where a document cannot be read, the doubt is the person's:
    /// it never gives consent, and a refusal without a readable date withdraws
    /// for good. For the same reason a withdrawal whose date is still to come
    /// counts now, and an acceptance only when its time has come.
    pub(crate) fn from_terms(
        terms: &[Document<'_>],
        rules: &[Rule],
        clock: &Clock,
        now: Moment,
        diagnostics: &mut Diagnostics,
    ) -> Consent {
        let mut acts = Vec::new();
        let mut is_withdrawn_for_good = false;
        for &document in terms {
            if let Err(doubt) = read_terms(document, rules, clock, &mut acts) {
                diagnostics.add(match doubt {
                    Doubt::Document => Code::DocumentNotTheApps,
                    Doubt::Acceptance | Doubt::Withdrawal => Code::TermsMalformed,
                });
                is_withdrawn_for_good |= doubt == Doubt::Withdrawal;
            }
        }
        if is_withdrawn_for_good {
            return Consent::default();
        }
        // `Withdraw` sorts after `Give`: of two at one moment, it stands.
        sort_by(&mut acts, Ord::cmp);
        let to_come = acts.split_off(acts.partition_point(|(moment, ..)| *moment <= now));
        let is_withdrawal_to_come = to_come.iter().any(|(_, act, _)| *act == Act::Withdraw);
        if is_withdrawal_to_come {
            acts.push((now, Act::Withdraw, None));
        }
        let mut intervals: Vec<Interval> = Vec::new();
        let mut basis = None;
        for (moment, act, document) in acts {
            if act == Act::Give {
                basis = document;
            }
            let day = clock.day(moment);
            let standing = intervals.last_mut().filter(|interval| interval.to.is_none());
            match (act, standing) {
                (Act::Give, None) => match intervals.last_mut() {
                    // Given again on the day it was withdrawn: it stands at that day's end.
                    Some(last) if last.to == Some(day) => last.to = None,
                    _ => intervals.push(Interval { from: day, to: None }),
                },
                (Act::Withdraw, Some(interval)) => interval.to = Some(day),
                (Act::Give, Some(_)) | (Act::Withdraw, None) => {}
            }
        }
        intervals.retain(|interval| interval.to != Some(interval.from));
        let standing = match (intervals.last(), to_come.first()) {
            (Some(Interval { to: None, .. }), _) => Standing::Given,
            (None, Some(&(moment, ..))) if !is_withdrawal_to_come => {
                intervals.push(Interval { from: clock.day(moment), to: None });
                Standing::NotYet
            }
            _ => Standing::Withdrawn,
        };
        Consent { intervals, basis, standing }
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

    /// How consent stood at the moment for which the terms were replayed.
    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    /// The consented days from the first, if one is given, to the last included.
    pub(crate) fn within(&self, first: Option<Day>, last: Day) -> Vec<Interval> {
        let clipped = self.intervals.iter().map(|interval| Interval {
            from: first.map_or(interval.from, |first| first.max(interval.from)),
            to: Some(interval.to.map_or(last.next(), |to| to.min(last.next()))),
        });
        clipped.filter(|interval| interval.to.is_some_and(|to| interval.from < to)).collect()
    }

    /// Whether every day of these intervals is consented.
    pub(crate) fn covers(&self, intervals: &[Interval]) -> bool {
        intervals.iter().all(|wanted| {
            // Up to which day all is consented; `None`: for ever.
            let mut until = Some(wanted.from);
            for known in &self.intervals {
                until = until.and_then(|until| match known.to {
                    _ if until < known.from => Some(until),
                    Some(to) => Some(until.max(to)),
                    None => None,
                });
            }
            until.is_none_or(|until| wanted.to.is_some_and(|to| to <= until))
        })
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is given.
    Given,
    /// It is given for the first time, from a moment on that this clock has
    /// not reached.
    NotYet,
    /// It was withdrawn, or never given.
    #[default]
    Withdrawn,
}

/// Which acceptances give consent, from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// From when on acceptances follow this rule; `None`: from ever.
    pub(crate) since: Option<Moment>,
    /// The first version of the terms with the clause.
    pub(crate) first_version: Version,
}

impl Rule {
    /// The one rule where there are no others.
    pub(crate) fn from_ever(first_version: Version) -> Rule {
        Rule { since: None, first_version }
    }

    /// Whether an acceptance of this version at this moment gives consent: the
    /// last rule that is in force then says so.
    fn accepts(rules: &[Rule], version: &Version, moment: Moment) -> bool {
        let rule = rules.iter().rfind(|rule| rule.since.is_none_or(|since| since <= moment));
        rule.is_some_and(|rule| *version >= rule.first_version)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Give,
    Withdraw,
}

#[derive(Debug, PartialEq, Eq)]
enum Doubt {
    /// Whether it is the app's at all: it is not.
    Document,
    /// Whether the document gives consent.
    Acceptance,
    /// When the document withdraws it.
    Withdrawal,
}

/// Adds what a document of the terms says, as far as it can be read.
fn read_terms(
    document: Document<'_>,
    rules: &[Rule],
    clock: &Clock,
    acts: &mut Vec<(Moment, Act, Option<String>)>,
) -> Result<(), Doubt> {
    let names = ["_id", "accepted", "version", "date", "acceptedAt", "revokedAt", "_deleted"];
    let fields = scan::fields(document, names).ok_or(Doubt::Acceptance)?;
    let [id, accepted, version, date, accepted_at, revoked_at, deleted] =
        fields.map(|field| field.filter(|field| !field.is_null()));
    if !is_of_app(id, deleted) {
        return Err(Doubt::Document);
    }
    let id = id.and_then(Field::text).map(|id| id.into_owned());
    let moment = |field: Field<'_>| clock.read(&field.text()?);
    let date = date.or(accepted_at).and_then(moment);
    if let Some(revoked_at) = revoked_at {
        let revoked_at = moment(revoked_at).ok_or(Doubt::Withdrawal)?;
        // A word that was taken back before it was given takes nothing back.
        if date.is_none_or(|date| date <= revoked_at) {
            acts.push((revoked_at, Act::Withdraw, id.clone()));
        }
    }
    if !accepted.and_then(Field::boolean).ok_or(Doubt::Acceptance)? {
        acts.push((date.ok_or(Doubt::Withdrawal)?, Act::Withdraw, id));
        return Ok(());
    }
    let version = version.and_then(|field| Version::parse(&field.text()?));
    let (version, date) = version.zip(date).ok_or(Doubt::Acceptance)?;
    if Rule::accepts(rules, &version, date) {
        acts.push((date, Act::Give, id));
    }
    Ok(())
}

/// A version of the terms: `1.0.0`, a leading `v` allowed, compared part by
/// part as numbers of any length; missing parts are 0. Kept are the digits of
/// each part without the zeros before them.
#[derive(Debug, Clone)]
pub(crate) struct Version(Vec<Box<str>>);

impl Version {
    pub(crate) fn parse(text: &str) -> Option<Version> {
        let mut parts = Vec::new();
        for part in text.strip_prefix('v').unwrap_or(text).split('.') {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            parts.push(part.trim_start_matches('0').into());
        }
        Some(Version(parts))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // Of two numbers the one with more digits is greater.
        fn part(version: &Version, at: usize) -> &str {
            version.0.get(at).map_or("", |part| part)
        }
        (0..self.0.len().max(other.0.len()))
            .map(|at| (part(self, at), part(other, at)))
            .map(|(a, b)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)))
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
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Consent, Interval, Rule, Standing, Version};
    use crate::calendar::{Clock, ClockKind, DateTime, Moment, Transition, Zone};
    use crate::diagnostics::{Code, Diagnostics};
    use crate::scan::Document;

    fn moment(text: &str) -> Moment {
        DateTime::parse_rfc3339(text).unwrap().digits
    }

    fn rule(since: Option<&str>, first_version: &str) -> Rule {
        Rule { since: since.map(moment), first_version: Version::parse(first_version).unwrap() }
    }

    fn replayed(terms: &str, rules: &[Rule], now: &str) -> (Consent, Diagnostics) {
        let documents = Document::parse(terms.as_bytes()).unwrap().elements().unwrap();
        let mut diagnostics = Diagnostics::default();
        let clock = Clock::new(ClockKind::Wall, Zone::UTC);
        let consent = Consent::from_terms(&documents, rules, &clock, moment(now), &mut diagnostics);
        (consent, diagnostics)
    }

    /// The intervals as `from..to`.
    fn intervals(consent: &Consent) -> Vec<String> {
        let to = |interval: &Interval| interval.to.map_or(String::new(), |to| to.to_string());
        consent.intervals().iter().map(|interval| format!("{}..{}", interval.from, to(interval))).collect()
    }

    /// The intervals as `from..to`, and how many documents could not be read.
    fn consent(terms: &str) -> (Vec<String>, u64) {
        let (consent, diagnostics) = replayed(terms, &[rule(None, "1.0.0")], "2026-01-01T02:00:00Z");
        (intervals(&consent), diagnostics.get(Code::TermsMalformed))
    }

    /// Acceptances (`+`), refusals (`-`), and acceptances with the date of
    /// their revocation (`+ … ! …`), as terms.
    fn terms(acts: &[&str]) -> String {
        let document = |act: &&str| {
            let (accepted, date) = (act.starts_with('+'), &act[1..]);
            let (date, revoked) = date.split_once('!').map_or((date, None), |(d, r)| (d, Some(r)));
            let revoked = revoked.map_or(String::new(), |at| format!(r#","revokedAt":"{at}""#));
            format!(r#"{{"accepted":{accepted},"version":"1.0.0","date":"{date}"{revoked}}}"#)
        };
        format!("[{}]", acts.iter().map(document).collect::<Vec<_>>().join(","))
    }

    fn standing(acts: &[&str], now: &str) -> Standing {
        replayed(&terms(acts), &[rule(None, "1.0.0")], now).0.standing()
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
    fn a_withdrawal_to_come_withdraws_at_once_and_an_acceptance_waits_for_its_time() {
        use Standing::{Given, NotYet, Withdrawn};
        let first = "+2024-01-01T08:00:00Z";
        for (acts, now, expected) in [
            (&[first, "-2024-03-12T10:00:00Z"][..], "2024-03-10T02:00:00Z", Withdrawn),
            // An acceptance of the same day to come, or of a later one, changes nothing yet.
            (&[first, "-2024-03-12T10:00:00Z", "+2024-03-12T11:00:00Z"], "2024-03-10T02:00:00Z", Withdrawn),
            (&[first, "-2024-03-12T10:00:00Z", "+2024-03-20T11:00:00Z"], "2024-03-10T02:00:00Z", Withdrawn),
            (&[first, "-2024-03-12T10:00:00Z", "+2024-03-12T11:00:00Z"], "2024-03-12T10:59:59Z", Withdrawn),
            (&[first, "-2024-03-12T10:00:00Z", "+2024-03-12T11:00:00Z"], "2024-03-12T11:00:00Z", Given),
            // Within today.
            (&[first, "-2024-03-10T12:00:00Z", "+2024-03-10T13:00:00Z"], "2024-03-10T02:00:00Z", Withdrawn),
            (&[first, "-2024-03-10T00:30:00Z", "+2024-03-10T13:00:00Z"], "2024-03-10T02:00:00Z", Withdrawn),
            (&[first, "-2024-03-10T00:30:00Z", "+2024-03-10T01:00:00Z"], "2024-03-10T02:00:00Z", Given),
            // A withdrawal to come takes back what is given before it comes, also today.
            (&["+2024-03-10T01:00:00Z", "-2024-03-12T10:00:00Z"], "2024-03-10T02:00:00Z", Withdrawn),
            (&["+2024-03-11T01:00:00Z", "-2024-03-12T10:00:00Z"], "2024-03-10T02:00:00Z", Withdrawn),
            (&["+2024-03-01T01:00:00Z!2024-03-12T10:00:00Z"], "2024-03-10T02:00:00Z", Withdrawn),
            // Given for the first time, and not yet.
            (&["+2024-03-11T01:00:00Z"], "2024-03-10T02:00:00Z", NotYet),
            (&["+2024-03-10T02:00:01Z"], "2024-03-10T02:00:00Z", NotYet),
            (&["+2024-03-10T02:00:00Z"], "2024-03-10T02:00:00Z", Given),
            (&["-2024-03-01T01:00:00Z", "+2024-03-11T01:00:00Z"], "2024-03-10T02:00:00Z", NotYet),
            (&[first, "-2024-03-01T01:00:00Z", "+2024-03-11T01:00:00Z"], "2024-03-10T02:00:00Z", Withdrawn),
            (&[first, "+2024-03-11T01:00:00Z"], "2024-03-10T02:00:00Z", Given),
            (&[], "2024-03-10T02:00:00Z", Withdrawn),
        ] {
            assert_eq!(standing(acts, now), expected, "{acts:?} at {now}");
            let mut backwards = acts.to_vec();
            backwards.reverse();
            assert_eq!(standing(&backwards, now), expected, "{backwards:?} at {now}");
        }
        // What the withdrawal to come leaves are the days before the one on which it is seen.
        let acts = terms(&[first, "-2024-03-12T10:00:00Z", "+2024-03-12T11:00:00Z"]);
        let (before, _) = replayed(&acts, &[rule(None, "1.0.0")], "2024-03-10T02:00:00Z");
        assert_eq!(intervals(&before), ["2024-01-01..2024-03-10"]);
        let (after, _) = replayed(&acts, &[rule(None, "1.0.0")], "2024-03-13T02:00:00Z");
        assert_eq!(intervals(&after), ["2024-01-01.."]);
    }

    #[test]
    fn of_two_acts_at_one_instant_the_withdrawal_wins() {
        let both = ["+2024-01-05T08:00:00Z", "-2024-01-05T08:00:00.000Z"];
        for acts in [
            both,
            [both[1], both[0]],
            ["+2024-01-05T08:00:00Z!2024-01-05T08:00:00Z", "+2024-01-05T08:00:00Z"],
        ] {
            assert_eq!(standing(&acts, "2024-03-10T02:00:00Z"), Standing::Withdrawn, "{acts:?}");
        }
    }

    #[test]
    fn a_revocation_before_its_own_documents_date_takes_nothing_back() {
        let (kept, malformed) = consent(&terms(&["+2024-02-01T08:00:00Z!2024-01-31T08:00:00Z"]));
        assert_eq!((kept, malformed), (vec!["2024-02-01..".into()], 0));
        // Neither what another document gave.
        let (kept, _) =
            consent(&terms(&["+2024-01-01T08:00:00Z", "+2024-02-01T08:00:00Z!2024-01-31T08:00:00Z"]));
        assert_eq!(kept, ["2024-01-01.."]);
        // A refusal stands by its own date.
        let (gone, _) =
            consent(&terms(&["+2024-01-01T08:00:00Z", "-2024-02-01T08:00:00Z!2024-01-15T08:00:00Z"]));
        assert_eq!(gone, ["2024-01-01..2024-02-01"]);
    }

    #[test]
    fn where_there_is_no_date_it_is_when_the_terms_were_accepted() {
        for (dates, expected) in [
            (r#""acceptedAt":"2024-02-01T08:00:00Z""#, vec!["2024-02-01..".to_owned()]),
            (r#""date":null,"acceptedAt":"2024-02-01T08:00:00Z""#, vec!["2024-02-01..".to_owned()]),
            (
                r#""date":"2024-03-01T08:00:00Z","acceptedAt":"2024-02-01T08:00:00Z""#,
                vec!["2024-03-01..".to_owned()],
            ),
            // A date that cannot be read is one all the same.
            (r#""date":5,"acceptedAt":"2024-02-01T08:00:00Z""#, vec![]),
            (r#""acceptedAt":"soon""#, vec![]),
        ] {
            let document = format!(r#"[{{"accepted":true,"version":"1.0.0",{dates}}}]"#);
            assert_eq!(consent(&document).0, expected, "{dates}");
        }
        let refused = r#"[{"accepted":true,"version":"1","acceptedAt":"2024-02-01T08:00:00Z"},
                          {"accepted":false,"version":"1","acceptedAt":"2024-02-03T08:00:00Z"}]"#;
        assert_eq!(consent(refused).0, ["2024-02-01..2024-02-03"]);
    }

    #[test]
    fn the_rule_of_its_moment_says_whether_an_acceptance_counts() {
        let rules = [
            rule(None, "1.0.0"),
            rule(Some("2024-03-01T00:00:00Z"), "2.0.0"),
            rule(Some("2024-05-01T00:00:00Z"), "1.5.0"),
        ];
        let given = |version: &str, date: &str, rules: &[Rule]| {
            let document = format!(r#"[{{"accepted":true,"version":"{version}","date":"{date}"}}]"#);
            !replayed(&document, rules, "2026-01-01T02:00:00Z").0.is_empty()
        };
        assert!(given("1.0.0", "2024-02-29T23:59:59Z", &rules));
        assert!(!given("1.9.0", "2024-03-01T00:00:00Z", &rules));
        assert!(given("2.0.0", "2024-03-01T00:00:00Z", &rules));
        assert!(given("1.5.0", "2024-05-01T00:00:00Z", &rules));
        assert!(!given("1.4.9", "2024-05-01T00:00:00Z", &rules));
        assert!(!given("9", "2024-05-01T00:00:00Z", &[]));
    }

    #[test]
    fn intervals_are_covered_if_each_of_their_days_is_consented() {
        let all = |text: &str| {
            let interval = |part: &str| {
                let (from, to) = part.split_once("..").unwrap();
                let day = |text: &str| format!("2024-01-{text}").parse().unwrap();
                Interval { from: day(from), to: Some(to).filter(|to| !to.is_empty()).map(day) }
            };
            text.split_whitespace().map(interval).collect::<Vec<_>>()
        };
        for (known, wanted, expected) in [
            ("", "", true),
            ("", "01..02", false),
            ("", "01..01", true),
            ("01..10", "03..05 09..10", true),
            ("01..10", "03..11", false),
            ("01..10", "03..", false),
            ("01..05 05..10", "03..07", true),
            ("01..05 06..10", "03..07", false),
            ("01..09 02..05", "03..09", true),
            ("04..", "04.. 08..09", true),
            ("04..", "03..05", false),
            ("01..05 04..", "02..", true),
        ] {
            let consent = Consent::new(all(known)).unwrap();
            assert_eq!(consent.covers(&all(wanted)), expected, "{known}: {wanted}");
        }
    }

    /// Whether the latest of these acts up to a second gives consent: a
    /// withdrawal of the same second comes after an acceptance.
    fn stands(acts: &[(i64, bool)], until: i64) -> bool {
        let latest = acts.iter().filter(|(at, _)| *at <= until).max_by_key(|(at, gives)| (*at, !gives));
        latest.is_some_and(|(_, gives)| *gives)
    }

    proptest! {
        /// Acts within some days, in hours, so that they meet; each day and the
        /// moment itself looked at alone.
        #[test]
        fn each_day_is_consented_as_its_end_is(
            acts in vec((0..24 * 8_i64, any::<bool>()), 0..8),
            now in 0..24 * 8_i64,
            zone in prop::sample::select(&[0, 5, -11][..]),
            is_instant in any::<bool>(),
        ) {
            // Between, the zone goes an hour back.
            let change = 24 * 4 * 3_600;
            let transitions = [
                Transition { at: None, offset: zone * 3_600 },
                Transition { at: Some(change), offset: (zone - 1) * 3_600 },
            ];
            let kind = if is_instant { ClockKind::Instant } else { ClockKind::Wall };
            let clock = Clock::new(kind, Zone::new(&transitions).unwrap());
            let acts: Vec<(i64, bool)> = acts.into_iter().map(|(hour, gives)| (hour * 3_600, gives)).collect();
            let now = now * 3_600;
            let document = |&(at, gives): &(i64, bool)| {
                let date = Moment::new(at, 0);
                format!(r#"{{"accepted":{gives},"version":"1.0.0","date":"{date}"}}"#)
            };
            let terms = format!("[{}]", acts.iter().map(document).collect::<Vec<_>>().join(","));
            let documents = Document::parse(terms.as_bytes()).unwrap().elements().unwrap();
            let rules = [rule(None, "1.0.0")];
            let noticed = &mut Diagnostics::default();
            let consent = Consent::from_terms(&documents, &rules, &clock, Moment::new(now, 0), noticed);

            let is_withdrawal_to_come = acts.iter().any(|(at, gives)| *at > now && !gives);
            let is_given = stands(&acts, now) && !is_withdrawal_to_come;
            prop_assert_eq!(consent.standing() == Standing::Given, is_given);
            let today = clock.day(Moment::new(now, 0));
            prop_assert!(consent.contains(today) == is_given || consent.standing() == Standing::NotYet);
            // The last second of each day before today, by looking at each second's day.
            let mut ends = BTreeMap::new();
            for hour in -48..24 * 10_i64 {
                let last = hour * 3_600 + 3_599;
                ends.insert(clock.day(Moment::new(last, 0)), last);
            }
            for (day, end) in ends.range(..today) {
                prop_assert_eq!(consent.contains(*day), stands(&acts, *end), "{}", day);
                let interval = Interval { from: *day, to: Some(day.next()) };
                prop_assert_eq!(consent.covers(&[interval]), consent.contains(*day));
                prop_assert_eq!(consent.touches(*day, *day), consent.contains(*day));
            }
        }
    }

    #[test]
    fn versions_compare_as_numbers_part_by_part() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("1.10.0") > version("1.9.0"));
        assert!(version("1.0") == version("v1.0.0"));
        assert!(version("2") > version("1.99.99"));
        assert!(version("1.0.99999999999999999999") > version("1.0.18446744073709551615"));
        assert!(version("1.00000000000000000000000002") == version("v1.2.0.00"));
        for text in
            ["", "v", "V1.0.0", "vv1", "1..0", "1.", ".1", "1.0.0-beta", "-1", "+1", " 1", "1.\u{661}"]
        {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }
}
