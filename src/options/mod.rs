//! The options that a host passes in, and the settings that a home lives under.

mod home_settings;
mod settings;

use std::sync::Arc;

use serde::Serialize;

use crate::base::Map;
use crate::calendar::{Clock, ClockKind, DateTime, Day, Month, Transition, Zone};
use crate::catalog::{Catalog, CatalogFile, Description};
use crate::consent::{Interval, Rule, Version};
use crate::decode::{deserialized, object, read, string_enum};
use crate::ecolyo::{
    DEFAULT_CONSENT_VERSION, DEFAULT_CREATED_BY, DEFAULT_SLUG, DEFAULT_ZONE, Doctypes, Fluid,
    default_konnectors,
};
use crate::error::Error;
use crate::measure::is_sendable;
use crate::memory::Memory;
pub(crate) use home_settings::HomeSettings;
pub(crate) use settings::Settings;

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
    /// The app; default: the built-in one. Not written: a recording is of a
    /// home, and only those of the built-in app are run.
    #[serde(skip_serializing)]
    pub app: Option<Arc<Description>>,
    /// The catalog; default: all indicators of the app.
    pub catalog: Option<CatalogFile>,
    /// Days with consent, in place of the home's terms. For events alone there
    /// are no terms: without this nothing is computed.
    pub consent: Option<Vec<Interval>>,
    /// What earlier runs remembered.
    pub memory: Option<Memory>,
    /// `createdBy` of every measure; default: the app's slug.
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
    /// `http://` address of a local server; default
    /// [`DEFAULT_REMOTE`](crate::ecolyo::DEFAULT_REMOTE).
    pub remote: Option<String>,
    /// Whether a run sends again what may have been stored already. Off by default:
    /// the server cannot deduplicate, and would count another home.
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
    optional "app" => app,
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

string_enum!(MonthlyStartDate { "month" => Month, "run-date" => RunDate, });

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

    /// `createdBy` of every measure.
    pub(crate) fn created_by(&self) -> &str {
        let own = self.app.as_ref().map_or(DEFAULT_CREATED_BY, |app| &app.app);
        self.created_by.as_deref().unwrap_or(own)
    }

    /// The settings for a home, with its events and what is beside them.
    ///
    /// # Errors
    /// As [`check`](Self::check), and of another app than the built-in one:
    /// what is beside its events is not read so far.
    pub(crate) fn settings_of_home(&self) -> Result<Settings, Error> {
        match self.app.as_ref().filter(|app| app.app != DEFAULT_SLUG) {
            Some(app) => Err(Error::option(format!(
                "app: of {} events alone can be computed so far, and no home",
                app.app
            ))),
            None => self.settings(),
        }
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
        let created_by = self.created_by();
        if !is_sendable(created_by) {
            return Err(Error::option("createdBy: it has 1 to 100 bytes and no control characters"));
        }
        let version = self.consent_version.as_deref().unwrap_or(DEFAULT_CONSENT_VERSION);
        Ok(Settings {
            now: moment,
            today: clock.day(moment),
            clock,
            catalog: Catalog::shared(self.app.as_ref(), self.catalog.as_ref())?,
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

#[cfg(test)]
mod tests {
    use super::Options;

    fn options(json: &str) -> Options {
        Options::from_json(json).unwrap()
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
