//! The memory document: what one home keeps between its runs, with the lease,
//! the home's id and the settings it lives under. Runs and the commands of the
//! person's rights read and write it here alone.

use serde::Serialize;
#[cfg(feature = "rights")]
use serde_json::value::RawValue;

use super::{Memory, moment};
use crate::Error;
use crate::calendar::{Clock, ClockKind, Day, Moment};
use crate::consent::{Rule, Version};
use crate::json::is_default;
use crate::limits;
use crate::options::{
    DEFAULT_CONSENT_VERSION, DEFAULT_CREATED_BY, DEFAULT_ZONE, MonthlyStartDate, Options, Settings,
};
use crate::read::{Read, deserialized, object, read};
use crate::scan::{Document, Field, fields};

/// The `_id` of the one memory document.
pub(crate) const MEMORY_ID: &str = "memory";

/// A home's memory document.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemoryDocument {
    #[serde(rename = "_rev", skip_serializing_if = "Option::is_none")]
    pub(crate) rev: Option<String>,
    /// The home's id: random, so that it says nothing. It survives every purge,
    /// and stands in exports, so that a backup is known as this home's; it
    /// never leaves in a measure, a log or a recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) home: Option<String>,
    /// What the home lives under, from its first run on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) settings: Option<HomeSettings>,
    pub(crate) memory: Memory,
    /// How many commands changed the home. What was planned under fewer was
    /// planned beside one of them, by a run that had lost its lease.
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) changes: u64,
    /// Who may run now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lease: Option<Lease>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) continuations: Option<Continuations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_run: Option<LastRun>,
}

/// Who holds the right to run, and until when on the host's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Lease {
    pub(crate) by: String,
    /// Milliseconds since 1970.
    pub(crate) until: u64,
}

object!(Lease {
    required "by" => by,
    required "until" => until,
});

/// How often a day's run asked for a job to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Continuations {
    pub(crate) day: Day,
    pub(crate) count: u32,
}

object!(Continuations {
    required "day" => day,
    required "count" => count,
});

/// When a run last ended, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LastRun {
    pub(crate) at: String,
    pub(crate) end: String,
}

object!(LastRun {
    required "at" => at,
    required "end" => end,
});

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

impl MemoryDocument {
    /// Reads a memory document, each part by itself: one that cannot be read
    /// is forgotten, and no reason to forget the rest.
    pub(crate) fn parse(bytes: &[u8]) -> MemoryDocument {
        let names = ["_rev", "home", "settings", "memory", "changes", "lease", "continuations", "lastRun"];
        let found = Document::parse(bytes).and_then(|document| fields(document, names));
        let [rev, home, settings, memory, changes, lease, continuations, last_run] =
            found.unwrap_or_default();
        let text = |field: Option<Field<'_>>| Some(field?.text()?.into_owned());
        MemoryDocument {
            rev: text(rev),
            home: text(home),
            settings: part(settings),
            memory: part(memory).unwrap_or_default(),
            changes: changes.and_then(|changes| changes.number()?.parse().ok()).unwrap_or_default(),
            lease: part(lease),
            continuations: part(continuations),
            last_run: part(last_run),
        }
    }

    /// The document as it is stored. The stack takes an id and a revision, or
    /// neither.
    pub(crate) fn to_json(&self) -> Option<String> {
        let mut json = serde_json::to_string(self).ok()?;
        if self.rev.is_some() {
            json.insert_str(1, &format!("\"_id\":\"{MEMORY_ID}\","));
        }
        Some(json)
    }

    /// The document as a home file holds it.
    #[cfg(feature = "rights")]
    pub(crate) fn to_raw(&self) -> Option<Box<RawValue>> {
        let json = serde_json::to_string(&MemoryDocument { rev: None, ..self.clone() }).ok()?;
        RawValue::from_string(format!("{{\"_id\":\"{MEMORY_ID}\",{}", json.get(1..)?)).ok()
    }

    /// Whether another holds the lease. One that has run out, or that ends too
    /// far from now to have been written by a right clock, holds nobody up.
    pub(crate) fn is_held_by_another(&self, holder: &str, now: u64) -> bool {
        self.lease.as_ref().is_some_and(|lease| {
            lease.by != holder && lease.until > now && lease.until - now <= limits::MAX_LEASE_MILLIS
        })
    }
}

/// A part that is an object and can be read.
fn part<T: Read>(field: Option<Field<'_>>) -> Option<T> {
    read(field?.document()?.bytes()).ok()
}

impl HomeSettings {
    /// What a home that begins now lives under.
    pub(crate) fn configured(options: &Options) -> HomeSettings {
        let version = options.consent_version.as_deref().unwrap_or(DEFAULT_CONSENT_VERSION);
        HomeSettings {
            clock: options.clock,
            zone: options.zone.as_deref().unwrap_or(DEFAULT_ZONE).to_owned(),
            created_by: options.created_by.as_deref().unwrap_or(DEFAULT_CREATED_BY).to_owned(),
            monthly_start_date: options.monthly_start_date,
            measures: options.doctypes.measures.clone(),
            consent: vec![ConsentRule { version: version.to_owned(), since: None }],
        }
    }

    /// These options under the home's settings, and the names of those that
    /// were configured otherwise.
    pub(crate) fn apply(&self, options: &mut Options) -> Vec<&'static str> {
        let configured = HomeSettings::configured(options);
        let mut otherwise = Vec::new();
        let mut compare = |name, is_same: bool| {
            if !is_same {
                otherwise.push(name);
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
        otherwise
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
        let mut settings = options.settings()?;
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
    use super::{ConsentRule, HomeSettings, MemoryDocument};
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
    fn a_part_that_cannot_be_read_is_no_reason_to_forget_the_rest() {
        let document = MemoryDocument::parse(
            br#"{"_id":"memory","_rev":"3-a","home":"00ff","settings":7,"memory":{"firstDay":"2024-03-09"},
                "lease":{"by":"run","until":5},"later":true}"#,
        );
        assert_eq!((document.rev.as_deref(), document.home.as_deref()), (Some("3-a"), Some("00ff")));
        assert_eq!((document.settings.is_none(), document.lease.is_some()), (true, true));
        assert_eq!(document.memory.first_day, "2024-03-09".parse().ok());
        assert_eq!(MemoryDocument::parse(b"not JSON"), MemoryDocument::default());
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let document = MemoryDocument {
            rev: Some("1-a".into()),
            home: Some("00ff".into()),
            settings: Some(settings(r#"{"clock":"instant","zone":"Pacific/Apia"}"#)),
            changes: 3,
            ..MemoryDocument::default()
        };
        assert_eq!(MemoryDocument::parse(document.to_json().unwrap().as_bytes()), document);
        let without = MemoryDocument { rev: None, ..document };
        assert!(!without.to_json().unwrap().contains("_id"));
        #[cfg(feature = "rights")]
        assert_eq!(MemoryDocument::parse(without.to_raw().unwrap().get().as_bytes()), without);
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
