//! What a host passes in: the configuration, and what is asked for.

use std::sync::Arc;

use serde::Serialize;

use crate::Error;
use crate::calendar::{Clock, ClockKind, DateTime, Day, Month, Transition, Zone};
use crate::catalog::{Catalog, CatalogFile};
use crate::consent::{Consent, Interval, Rule, Version};
use crate::fluid::Fluid;
use crate::limits;
use crate::map::{Map, Set};
use crate::measure::is_sendable;
use crate::memory::{Basis, Memory};
use crate::read::{Read, Refusal, Value, deserialized, fields, object, read, words};

/// The zone of the app's users.
pub const DEFAULT_ZONE: &str = "Europe/Paris";

/// `createdBy` where nothing is configured.
pub(crate) const DEFAULT_CREATED_BY: &str = "ecolyo";

/// The first version of the terms with the clause, where nothing is configured.
pub(crate) const DEFAULT_CONSENT_VERSION: &str = "1.0.0";

/// The remote doctype behind which the DACC stands in production.
pub const DEFAULT_REMOTE: &str = "cc.cozycloud.dacc_v2";

/// Everything a host passes in beside the documents; but for `now`, each has a
/// default.
///
/// ```
/// use dacc_aggregator::Options;
///
/// let options = Options::from_json(
///     r#"{"now": "2024-03-10T02:00:00", "from": "2024-03-09", "to": "2024-03-09"}"#,
/// ).unwrap();
/// assert!(options.check().is_ok());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// The time of the computation: with an offset an instant, without one
    /// wall time in the zone.
    pub now: Option<String>,
    /// The first day asked for; alone, up to yesterday.
    pub from: Option<Day>,
    /// The last day asked for, included; alone, only this day.
    pub to: Option<Day>,
    /// The months asked for; given alone, no days are.
    pub months: Option<Vec<Month>>,
    /// How date-times are read.
    pub clock: ClockKind,
    /// The IANA name of the users' zone; default [`DEFAULT_ZONE`].
    pub zone: Option<String>,
    /// The zone's offsets, from the host's time-zone data. Needed where `now`
    /// has an offset or the clock is `instant`, unless the zone is UTC.
    pub transitions: Option<Vec<Transition>>,
    /// The catalog; default: the built-in one.
    pub catalog: Option<CatalogFile>,
    /// Days with consent, in place of the home's terms. For events alone there
    /// are no terms: without this nothing is computed.
    pub consent: Option<Vec<Interval>>,
    /// What earlier runs remembered.
    pub memory: Option<Memory>,
    /// `createdBy` of every measure; default `ecolyo`.
    pub created_by: Option<String>,
    /// The date of a monthly measure.
    pub monthly_start_date: MonthlyStartDate,
    /// The first version of the terms with the clause; default `1.0.0`.
    pub consent_version: Option<String>,
    /// The first day to compute, for the change-over from an older service;
    /// default: the yesterday of the first run.
    pub first_day: Option<Day>,
    /// Which fluid the accounts of a konnector connect, by `account_type`.
    pub konnectors: Option<Map<String, Fluid>>,
    /// Where documents are read.
    pub doctypes: Doctypes,
    /// Where a run sends measures: a remote doctype of the stack, or the
    /// `http://` address of a local server; default [`DEFAULT_REMOTE`].
    pub remote: Option<String>,
    /// Whether a run sends again what may have been stored already: never by
    /// default, for what the server gets twice counts as another home.
    pub resend_unknown: bool,
    /// Whether a run marks the events of planned days as aggregated; default yes.
    pub flag_aggregated: Option<bool>,
    /// How long events and entries of the ledger are kept; default: for ever.
    pub retention: Retention,
    /// The app's slug, for a job that goes on where the time ended; default `ecolyo`.
    pub slug: Option<String>,
    /// The service's name in the app's manifest; default `aggregatorUsageEvents`.
    pub service: Option<String>,
}

object!(Options {
    optional "now" => now,
    optional "from" => from,
    optional "to" => to,
    optional "months" => months,
    optional "clock" => clock,
    optional "zone" => zone,
    optional "transitions" => transitions,
    optional "catalog" => catalog,
    optional "consent" => consent,
    optional "memory" => memory,
    optional "createdBy" => created_by,
    optional "monthlyStartDate" => monthly_start_date,
    optional "consentVersion" => consent_version,
    optional "firstDay" => first_day,
    optional "konnectors" => konnectors,
    optional "doctypes" => doctypes,
    optional "remote" => remote,
    optional "resendUnknown" => resend_unknown,
    optional "flagAggregated" => flag_aggregated,
    optional "retention" => retention,
    optional "slug" => slug,
    optional "service" => service,
});

deserialized!(Options);

/// The date that a monthly measure carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MonthlyStartDate {
    /// The first day of the month measured.
    #[default]
    Month,
    /// The day of the run, as the older service wrote it. Months are then
    /// planned on days of their own: one date is one cell.
    RunDate,
}

words!(MonthlyStartDate { "month" => Month, "run-date" => RunDate, });

/// How long events and the ledger's entries are kept, in days. None is deleted
/// while a run can still compute something of its day or month, whatever is
/// configured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Retention {
    /// Older events go.
    pub age: Option<u32>,
    /// After so many days without an event all go.
    pub inactivity: Option<u32>,
    /// Older entries of the ledger go: what was sent, or never will be. A date
    /// stays for them, up to which nothing is planned any more.
    pub ledger: Option<u32>,
}

object!(Retention {
    optional "age" => age,
    optional "inactivity" => inactivity,
    optional "ledger" => ledger,
});

/// The doctypes that are read, and those that runs keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Doctypes {
    /// Usage events.
    pub events: String,
    /// The terms accepted.
    pub terms: String,
    /// The profile.
    pub profile: String,
    /// The profile types.
    pub profile_type: String,
    /// Accounts of konnectors.
    pub accounts: String,
    /// Triggers of konnectors.
    pub triggers: String,
    /// Monthly loads by fluid.
    pub monthly_loads: Map<Fluid, String>,
    /// Half-hour loads by fluid.
    pub half_hour_loads: Map<Fluid, String>,
    /// The ledger: a document for each contribution.
    pub measures: String,
    /// What a run remembers for the next.
    pub memory: String,
    /// What was imported, and counts for nothing.
    pub history: String,
    /// The stack's own log of what was sent.
    pub requests: String,
}

impl Default for Doctypes {
    fn default() -> Self {
        Doctypes {
            events: named("com.grandlyon.ecolyo.usageevents"),
            terms: named("com.grandlyon.ecolyo.term"),
            profile: named("com.grandlyon.ecolyo.profile"),
            profile_type: named("com.grandlyon.ecolyo.profiletype"),
            accounts: named("io.cozy.accounts"),
            triggers: named("io.cozy.triggers"),
            monthly_loads: fluids(&[
                (Fluid::Electricity, "com.grandlyon.enedis.month"),
                (Fluid::Water, "com.grandlyon.egl.month"),
                (Fluid::Gas, "com.grandlyon.grdf.month"),
            ]),
            half_hour_loads: fluids(&[(Fluid::Electricity, "com.grandlyon.enedis.minute")]),
            measures: named("com.grandlyon.ecolyo.dacc.measures"),
            memory: named("com.grandlyon.ecolyo.dacc.memory"),
            history: named("com.grandlyon.ecolyo.dacc.history"),
            requests: named("io.cozy.remote.requests"),
        }
    }
}

/// Not inlined: a dozen of them are made one after the other.
#[inline(never)]
fn named(doctype: &str) -> String {
    doctype.to_owned()
}

fn fluids(doctypes: &[(Fluid, &str)]) -> Map<Fluid, String> {
    let mut fluids = Map::new();
    for &(fluid, doctype) in doctypes {
        fluids.insert(fluid, named(doctype));
    }
    fluids
}

impl Read for Doctypes {
    fn blank() -> Self {
        Doctypes::default()
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        fields!(value.fields {
            optional "events" => self.events,
            optional "terms" => self.terms,
            optional "profile" => self.profile,
            optional "profileType" => self.profile_type,
            optional "accounts" => self.accounts,
            optional "triggers" => self.triggers,
            optional "monthlyLoads" => self.monthly_loads,
            optional "halfHourLoads" => self.half_hour_loads,
            optional "measures" => self.measures,
            optional "memory" => self.memory,
            optional "history" => self.history,
            optional "requests" => self.requests,
        })
    }
}

fn default_konnectors() -> Map<String, Fluid> {
    let mut konnectors = Map::new();
    for fluid in Fluid::ALL {
        let slug = match fluid {
            Fluid::Electricity => "enedisgrandlyon",
            Fluid::Water => "eglgrandlyon",
            Fluid::Gas => "grdfgrandlyon",
        };
        konnectors.insert(slug.to_owned(), fluid);
    }
    konnectors
}

impl Options {
    /// Reads options from JSON.
    ///
    /// # Errors
    /// If it is not JSON, or a field is unknown or of another type; the
    /// message names the field.
    pub fn from_json(json: &str) -> Result<Options, Error> {
        read(json.as_bytes()).map_err(|refusal| Error::option(format!("options: {refusal}")))
    }

    /// Whether a computation could begin with these options.
    ///
    /// # Errors
    /// The first option that cannot be used, and why.
    pub fn check(&self) -> Result<(), Error> {
        self.settings().map(drop)
    }

    pub(crate) fn settings(&self) -> Result<Settings, Error> {
        let now = self.now.as_deref().ok_or_else(|| Error::option("now: the time of the run is needed"))?;
        let no_date = || {
            Error::option("now: a date and time as 2024-03-10T02:00:00, with or without an offset, is needed")
        };
        let now = DateTime::parse(now).ok_or_else(no_date)?;
        let clock = Clock::new(self.clock, self.zone(now)?);
        let moment = clock.now(now).ok_or_else(no_date)?;
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            return Err(Error::option(format!("to: {to} is before from ({from})")));
        }
        let mut months = self.months.iter().flatten();
        let first = months.next();
        if self.monthly_start_date == MonthlyStartDate::RunDate && months.any(|month| Some(month) != first) {
            return Err(Error::option(
                "months: with `monthlyStartDate` `run-date` one month at a time can be asked for, as all would be one cell",
            ));
        }
        let created_by = self.created_by.as_deref().unwrap_or(DEFAULT_CREATED_BY);
        if !is_sendable(created_by) {
            return Err(Error::option("createdBy: it has 1 to 100 bytes and no control characters"));
        }
        let version = self.consent_version.as_deref().unwrap_or(DEFAULT_CONSENT_VERSION);
        Ok(Settings {
            now: moment,
            today: clock.day(moment),
            clock,
            catalog: Catalog::shared(self.catalog.as_ref())?,
            created_by: created_by.into(),
            monthly_start_date: self.monthly_start_date,
            consent_rules: vec![Rule::from_ever(Version::parse(version).ok_or_else(|| {
                Error::option("consentVersion: numbers with points, as 1.0.0, are needed")
            })?)],
        })
    }

    /// Which fluid the accounts of a konnector connect.
    pub(crate) fn konnectors(&self) -> Map<String, Fluid> {
        self.konnectors.clone().unwrap_or_else(default_konnectors)
    }

    /// The zone's offsets.
    fn zone(&self, now: DateTime) -> Result<Zone, Error> {
        match &self.transitions {
            Some(transitions) => Zone::new(transitions),
            None if self.needs_offsets(now) => {
                let zone = self.zone.as_deref().unwrap_or(DEFAULT_ZONE);
                Err(Error::option(format!("transitions: the offsets of {zone} are needed")))
            }
            None => Ok(Zone::UTC),
        }
    }

    /// Whether anything is brought into the zone.
    fn needs_offsets(&self, now: DateTime) -> bool {
        self.zone.as_deref() != Some("UTC") && (self.clock != ClockKind::Wall || now.offset.is_some())
    }

    /// Whether the zone's offsets are needed and not given.
    pub(crate) fn lacks_offsets(&self) -> bool {
        let now = self.now.as_deref().and_then(DateTime::parse);
        self.transitions.is_none() && now.is_some_and(|now| self.needs_offsets(now))
    }
}

/// Options that can be used.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) now: crate::calendar::Moment,
    pub(crate) today: Day,
    pub(crate) clock: Clock,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) created_by: Arc<str>,
    pub(crate) monthly_start_date: MonthlyStartDate,
    /// Which acceptances of the terms give consent, in the order of time.
    pub(crate) consent_rules: Vec<Rule>,
}

/// The periods to compute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Periods {
    pub(crate) days: Vec<Day>,
    pub(crate) months: Vec<Month>,
    /// Asked for and not over yet.
    pub(crate) open: usize,
}

impl Options {
    /// The periods asked for; `None` when the nightly run decides.
    pub(crate) fn asked(&self, today: Day) -> Option<Periods> {
        if self.from.is_none() && self.to.is_none() && self.months.is_none() {
            return None;
        }
        let days = match (self.from, self.to) {
            (None, None) => None,
            (Some(from), None) => Some((from, today.previous().max(from))),
            (None, Some(to)) => Some((to, to)),
            (Some(from), Some(to)) => Some((from, to)),
        };
        let mut months = Set::new();
        for &month in self.months.iter().flatten() {
            months.insert(month);
        }
        let mut asked = Periods::default();
        if let Some((first, last)) = days {
            for day in first.through(last) {
                if day < today {
                    asked.days.push(day);
                } else {
                    asked.open += 1;
                }
            }
        }
        for &month in months.iter() {
            if month.last_day() < today {
                asked.months.push(month);
            } else {
                asked.open += 1;
            }
        }
        Some(asked)
    }

    /// The periods to compute: those asked for, or else those that are due.
    pub(crate) fn periods(&self, today: Day, due_day: Option<u8>) -> Periods {
        self.asked(today).unwrap_or_else(|| self.due(today, due_day))
    }

    /// What the nightly run computes: the open days, and the months due.
    pub(crate) fn due(&self, today: Day, due_day: Option<u8>) -> Periods {
        let yesterday = today.previous();
        let first_day = self.first_computed_day(today);
        let due_day = due_day.unwrap_or(limits::DEFAULT_DUE_DAY);
        let is_open = |day: &Day| {
            let computed = self.memory.as_ref().and_then(|memory| memory.days.get(day));
            computed.is_none_or(|computed| today <= computed.plus(limits::OPEN_AFTER_COMPUTED))
        };
        let is_due = |month: &Month| {
            let computed = self.memory.as_ref().is_some_and(|memory| memory.months.contains(month));
            !computed && month.next().day_clamped(due_day) <= today
        };
        let mut due = Periods::default();
        for day in first_day.max(today.plus(-limits::OPEN_DAYS)).through(yesterday) {
            if is_open(&day) {
                due.days.push(day);
            }
        }
        for back in (1..=limits::DUE_MONTHS).rev() {
            let month = today.month().plus(-back);
            if month >= first_day.month() && is_due(&month) {
                due.months.push(month);
            }
        }
        if self.monthly_start_date == MonthlyStartDate::RunDate {
            // All that are planned on one day carry one date: the others wait.
            due.months.truncate(1);
        }
        due
    }

    /// The first day whose events a run asks for: what earlier days hold is
    /// remembered. It asks for all days with consent where periods are asked
    /// for, where there is no memory, and where what is remembered was made
    /// under something else: another meaning of what is counted, other events,
    /// another reach of consent.
    pub(crate) fn first_asked_day(
        &self,
        settings: &Settings,
        consent: &Consent,
        periods: &Periods,
    ) -> Option<Day> {
        let first = consent.intervals().first()?.from;
        let read_until = self.memory.as_ref().filter(|_| self.asked(settings.today).is_none());
        let read_until = read_until.and_then(|memory| {
            let mut days = memory.days.keys().filter(|day| **day < settings.today);
            let read_until = *days.next_back()?;
            let basis = memory.basis.as_ref()?;
            let is_same = self.is_made_under(basis, settings, consent, read_until);
            let is_consented = memory.restricted(&settings.clock, &|day| consent.contains(day)) == *memory;
            (is_same && is_consented).then_some(read_until)
        });
        let Some(read_until) = read_until else { return Some(first) };
        let oldest = settings.today.plus(-limits::OPEN_DAYS).min(read_until.next());
        let month = periods.months.first().map(|month| month.first_day());
        Some(oldest.min(month.unwrap_or(oldest)).max(first))
    }

    /// What is remembered by a run under these options is made under this.
    pub(crate) fn basis(&self, settings: &Settings, consent: &Consent) -> Basis {
        Basis {
            rules: settings.catalog.remembered(),
            events: self.doctypes.events.clone(),
            consent: consent.within(None, settings.today.previous()),
        }
    }

    /// Whether what was remembered of the days up to this one is what a run
    /// under these options would remember of them.
    fn is_made_under(&self, basis: &Basis, settings: &Settings, consent: &Consent, until: Day) -> bool {
        let is_known = |(name, meaning): (&String, &String)| basis.rules.get(name) == Some(meaning);
        let earlier = Consent::new(basis.consent.clone()).unwrap_or_default();
        settings.catalog.remembered().iter().all(is_known)
            && basis.events == self.doctypes.events
            && earlier.covers(&consent.within(None, until))
    }

    /// The first day this home ever computed, or computes now. One that lies
    /// far ahead was remembered under a wrong clock; one that lies near is
    /// waited for, as this clock may be the wrong one.
    pub(crate) fn first_computed_day(&self, today: Day) -> Day {
        let memory = self.memory.as_ref();
        let first = memory
            .and_then(|memory| memory.first_day)
            .filter(|first| *first <= today.plus(limits::OPEN_DAYS));
        let first = first.or(self.first_day);
        let first = first.unwrap_or(today.previous());
        let closed = memory.and_then(|memory| memory.closed_until);
        closed.map_or(first, |closed| first.max(closed.next()))
    }
}

#[cfg(test)]
mod tests {
    use super::Options;
    use crate::calendar::Day;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn options(json: &str) -> Options {
        Options::from_json(json).unwrap()
    }

    #[test]
    fn a_first_run_computes_yesterday_alone() {
        let due = options("{}").due(day("2024-04-10"), None);
        assert_eq!(due.days, [day("2024-04-09")]);
        assert!(due.months.is_empty());
    }

    #[test]
    fn a_change_over_opens_thirty_days_and_three_months() {
        let due = options(r#"{"firstDay":"2023-01-01"}"#).due(day("2024-04-10"), None);
        assert_eq!((due.days[0], due.days.len()), (day("2024-03-11"), 30));
        let months: Vec<_> = due.months.iter().map(ToString::to_string).collect();
        assert_eq!(months, ["2024-01", "2024-02", "2024-03"]);
    }

    #[test]
    fn a_month_is_due_on_its_day_clamped_to_the_month() {
        let options = options(r#"{"firstDay":"2024-03-31"}"#);
        let months = |today, due_day| options.due(day(today), due_day).months.len();
        assert_eq!(months("2024-04-29", Some(31)), 0);
        assert_eq!(months("2024-04-30", Some(31)), 1);
        assert_eq!(months("2024-04-02", None), 0);
        assert_eq!(months("2024-04-03", None), 1);
    }

    #[test]
    fn a_day_is_settled_a_week_after_it_was_computed_and_a_month_at_once() {
        let memory = r#"{"memory":{"firstDay":"2024-03-01","months":["2024-03"],
            "days":{"2024-04-01":"2024-04-02","2024-04-02":"2024-04-03"}}}"#;
        let due = options(memory).due(day("2024-04-10"), None);
        assert!(!due.days.contains(&day("2024-04-01")));
        assert!(due.days.contains(&day("2024-04-02")));
        assert!(due.days.contains(&day("2024-04-03")));
        assert!(due.months.is_empty());
    }

    #[test]
    fn what_is_asked_for_and_not_over_is_told() {
        let options =
            options(r#"{"from":"2024-04-08","to":"2024-04-11","months":["2024-04","2024-03","2024-03"]}"#);
        let asked = options.asked(day("2024-04-10")).unwrap();
        assert_eq!((asked.days.len(), asked.months.len(), asked.open), (2, 1, 3));
    }

    #[test]
    fn an_unusable_option_is_named() {
        let refused = |json: &str| options(json).check().unwrap_err().to_string();
        assert!(refused("{}").starts_with("now:"));
        assert!(refused(r#"{"now":"tomorrow"}"#).starts_with("now:"));
        assert!(refused(r#"{"now":"2024-03-10T02:00:00Z"}"#).contains("offsets of Europe/Paris"));
        assert!(
            refused(r#"{"now":"2024-03-10T02:00:00","from":"2024-03-02","to":"2024-03-01"}"#)
                .starts_with("to:")
        );
        assert!(refused(r#"{"now":"2024-03-10T02:00:00","createdBy":""}"#).starts_with("createdBy:"));
        assert!(Options::from_json(r#"{"form":"2024-03-01"}"#).unwrap_err().to_string().contains("form"));
    }
}
