//! The settings that a home lives under from its first run on.

use serde::Serialize;

use super::{MonthlyStartDate, Options, Settings};
use crate::calendar::{Clock, ClockKind, Moment};
use crate::consent::{Rule, Version};
use crate::decode::{deserialized, object};
use crate::ecolyo::{DEFAULT_CONSENT_VERSION, DEFAULT_ZONE};
use crate::error::Error;
use crate::memory::moment;

/// The settings that are the home's: where they changed from one night to the
/// next, one day would be measured twice, or under two meanings. A run or a
/// command that is configured otherwise takes the home's and says so; only a
/// command that closes what is open changes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HomeSettings {
    pub(crate) clock: ClockKind,
    pub(crate) zone: String,
    pub(crate) created_by: String,
    pub(crate) monthly_start_date: MonthlyStartDate,
    /// The doctype of the ledger.
    pub(crate) measures: String,
    /// Which acceptances of the terms give consent, in the order of time.
    pub(crate) consent: Vec<ConsentRule>,
}

object!(HomeSettings {
    required "clock" => clock,
    required "zone" => zone,
    required "createdBy" => created_by,
    required "monthlyStartDate" => monthly_start_date,
    required "measures" => measures,
    required "consent" => consent,
});

/// From when on acceptances of which version give consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ConsentRule {
    /// The first version of the terms that counts.
    pub(crate) version: String,
    /// The moment from which on acceptances are held to it; absent in the
    /// first rule, which holds for all that came before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
}

object!(ConsentRule {
    required "version" => version,
    optional "since" => since,
});

deserialized!(HomeSettings);

impl HomeSettings {
    /// What a home that begins now lives under.
    pub(crate) fn configured(options: &Options) -> HomeSettings {
        let version = options.consent_version.as_deref().unwrap_or(DEFAULT_CONSENT_VERSION);
        HomeSettings {
            clock: options.clock,
            zone: options.zone.as_deref().unwrap_or(DEFAULT_ZONE).to_owned(),
            created_by: options.created_by().to_owned(),
            monthly_start_date: options.monthly_start_date,
            measures: options.doctypes.measures.clone(),
            consent: vec![ConsentRule { version: version.to_owned(), since: None }],
        }
    }

    /// Puts the home's settings in place of the options; returns the names of
    /// the options that they overrule.
    pub(crate) fn apply(&self, options: &mut Options) -> Vec<&'static str> {
        let configured = HomeSettings::configured(options);
        let mut overruled = Vec::new();
        let mut compare = |name, is_same: bool| {
            if !is_same {
                overruled.push(name);
            }
        };
        compare("clock", configured.clock == self.clock);
        compare("zone", configured.zone == self.zone);
        compare("createdBy", configured.created_by == self.created_by);
        compare("monthlyStartDate", configured.monthly_start_date == self.monthly_start_date);
        compare("doctypes.measures", configured.measures == self.measures);
        if configured.zone != self.zone || configured.clock != self.clock {
            // They are those of another zone, or of a shorter time.
            options.transitions = None;
        }
        options.clock = self.clock;
        options.zone = Some(self.zone.clone());
        options.created_by = Some(self.created_by.clone());
        options.monthly_start_date = self.monthly_start_date;
        options.doctypes.measures.clone_from(&self.measures);
        overruled
    }

    /// Takes up the version of the terms that is configured. A stricter one
    /// counts for all acceptances, a laxer one for those from now on alone:
    /// nobody consents by a configuration. Tells whether anything changed.
    fn adopt_consent_version(&mut self, options: &Options, now: Moment) -> bool {
        let Some(ConsentRule { version, since: None }) = HomeSettings::configured(options).consent.pop()
        else {
            return false;
        };
        let last = self.consent.last().and_then(|rule| Version::parse(&rule.version));
        match (last, Version::parse(&version)) {
            (Some(last), Some(configured)) if last == configured => false,
            (Some(last), Some(configured)) if last > configured => {
                self.consent.push(ConsentRule { version, since: Some(now.to_string()) });
                true
            }
            _ => {
                self.consent = vec![ConsentRule { version, since: None }];
                true
            }
        }
    }

    /// What a run under these options, which are the home's, goes by; takes up
    /// the version of the terms that is configured.
    pub(crate) fn settings(&mut self, options: &Options) -> Result<Settings, Error> {
        let mut settings = options.settings_of_home()?;
        self.adopt_consent_version(options, settings.now);
        settings.consent_rules = self.consent_rules(&settings.clock);
        Ok(settings)
    }

    /// The rules for acceptances of the terms. One that cannot be read lets
    /// none give consent.
    fn consent_rules(&self, clock: &Clock) -> Vec<Rule> {
        let rules = self.consent.iter().map(|rule| {
            let since = match &rule.since {
                None => None,
                Some(since) => Some(moment(clock, since)?),
            };
            Some(Rule { since, first_version: Version::parse(&rule.version)? })
        });
        rules.collect::<Option<_>>().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{ConsentRule, HomeSettings};
    use crate::calendar::{ClockKind, Moment};
    use crate::options::Options;

    const NOW: Moment = Moment::new(1_710_000_000, 0);

    fn options(json: &str) -> Options {
        Options::from_json(json).unwrap()
    }

    fn settings(json: &str) -> HomeSettings {
        HomeSettings::configured(&options(json))
    }

    #[test]
    fn options_are_taken_from_the_home_and_what_differs_is_named() {
        let home = settings(r#"{"clock":"instant","zone":"Pacific/Apia","createdBy":"other"}"#);
        let mut options = options(r#"{"clock":"wall","transitions":[{"offset":3600}]}"#);
        assert_eq!(home.apply(&mut options), ["clock", "zone", "createdBy"]);
        assert_eq!((options.clock, options.zone.as_deref()), (ClockKind::Instant, Some("Pacific/Apia")));
        assert_eq!(options.transitions, None);
        assert!(home.apply(&mut options).is_empty());
    }

    #[test]
    fn a_laxer_version_counts_for_acceptances_to_come_and_a_stricter_one_for_all() {
        let mut home = settings("{}");
        let rule = |version: &str, since: Option<&str>| ConsentRule {
            version: version.into(),
            since: since.map(str::to_owned),
        };
        let mut adopts = |version: &str| {
            let options = options(&format!(r#"{{"consentVersion":"{version}"}}"#));
            (home.adopt_consent_version(&options, NOW), home.consent.clone())
        };
        assert!(!adopts("v1").0);
        let laxer = [rule("1.0.0", None), rule("0.9.0", Some("2024-03-09T16:00:00Z"))];
        assert_eq!(adopts("0.9.0"), (true, laxer.to_vec()));
        assert_eq!(adopts("0.9.0"), (false, laxer.to_vec()));
        assert_eq!(adopts("2.0.0"), (true, vec![rule("2.0.0", None)]));
    }
}
