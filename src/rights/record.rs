//! The record of processing activities (GDPR, article 30), made of the catalog
//! and the registry, so that it says what the program does.

use serde::Serialize;

use super::collection::{Collection, Command};
use crate::calendar::PeriodKind;
use crate::ecolyo::DEFAULT_REMOTE;
use crate::error::Error;
use crate::limits;
use crate::options::Options;

/// The record, as it is printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    created_by: String,
    data_subjects: &'static str,
    where_processed: &'static str,
    legal_basis: String,
    recipient: String,
    transfers: &'static str,
    indicators: Vec<Purpose>,
    collections: Vec<KeptCollection>,
    security: Vec<&'static str>,
}

/// An indicator and what it is for.
#[derive(Debug, Serialize)]
struct Purpose {
    name: String,
    period: PeriodKind,
    description: String,
    purpose: String,
    groups: Vec<String>,
}

/// A collection and what is done with it.
#[derive(Debug, Serialize)]
struct KeptCollection {
    name: &'static str,
    doctype: Option<String>,
    purpose: &'static str,
    kept: &'static str,
    commands: Vec<(&'static str, String)>,
}

/// The record of processing for these options.
///
/// # Errors
/// If an option cannot be used.
///
/// ```
/// use dacc_aggregator::{Options, rights};
///
/// let options = Options::from_json(r#"{"now": "2024-03-10T02:00:00"}"#).unwrap();
/// let record = serde_json::to_value(rights::record(&options).unwrap()).unwrap();
/// assert_eq!(record["collections"][0]["doctype"], "com.grandlyon.ecolyo.usageevents");
/// ```
pub fn record(options: &Options) -> Result<Record, Error> {
    let settings = options.settings_of_home()?;
    let purposes = settings.catalog.definitions().map(|definition| Purpose {
        name: definition.name.clone(),
        period: definition.period,
        description: definition.description.clone(),
        purpose: definition.purpose.clone(),
        groups: definition.groups.iter().map(|group| group.key.clone()).collect(),
    });
    let collections = Collection::ALL.into_iter().map(|collection| KeptCollection {
        name: collection.name(),
        doctype: collection.doctype(&options.doctypes).map(str::to_owned),
        purpose: collection.purpose(),
        kept: collection.kept(),
        commands: Command::ALL
            .into_iter()
            .map(|command| (command.name(), collection.handling(command).to_string()))
            .collect(),
    });
    let threshold = limits::AGGREGATION_THRESHOLD;
    let version = options.consent_version.as_deref().unwrap_or("1.0.0");
    Ok(Record {
        created_by: settings.created_by.to_string(),
        data_subjects: "the person whose Cozy this is",
        where_processed: "on the person's own device; only anonymous measures leave it",
        legal_basis: format!(
            "consent (article 6(1)(a)): the terms from version {version} on, accepted and not withdrawn"
        ),
        recipient: format!(
            "the DACC behind {}, which gives back only aggregates of at least {threshold} homes",
            options.remote.as_deref().unwrap_or(DEFAULT_REMOTE)
        ),
        transfers: "none to a third country by this program",
        indicators: purposes.collect(),
        collections: collections.collect(),
        security: vec![
            "events never leave the device; a measure holds no identifier and at most three coarse groups",
            "a contribution is planned once, by its identity, and never sent twice",
            "consent is read again before anything is sent, and at least every 10 s while sending",
            "logs hold no content and no ids",
            "exports can be sealed to a passphrase or a public key (age)",
        ],
    })
}
