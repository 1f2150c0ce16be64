//! Receipts: what left, when, on which consent, with which answer; and what
//! never left, and why.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::id;
use super::store::Store;
use super::{Stop, Workspace};
use crate::calendar::Day;
use crate::ledger::{Claim, Entry, Settled, State};
use crate::scan::{Document, fields};

/// All receipts, by the time of their last change.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipts {
    receipts: Vec<Receipt>,
    /// How many are in each state.
    states: BTreeMap<State, usize>,
    /// Documents of the ledger that are no contributions.
    malformed: usize,
    /// Up to which day entries were kept long enough, and are not listed any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_until: Option<Day>,
}

/// One contribution.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    state: State,
    /// Whether it left: `yes`, `no`, or `maybe`.
    left: &'static str,
    /// Of which day or month.
    period: String,
    planned_at: String,
    changed_at: String,
    consent: Option<Consent>,
    /// The status of the server's answer.
    status: Option<u16>,
    /// Why it is in its state.
    reason: Option<String>,
    /// To the letter what was sent, or would be; none if it can never be sent.
    payload: Option<String>,
}

/// The terms that a contribution rests on.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct Consent {
    id: String,
    version: Option<String>,
    date: Option<String>,
    /// The `_id` of the history's entry that holds them, where they are those of
    /// a former home or of an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<String>,
}

pub(super) async fn receipts(workspace: &Workspace, home: &mut Store) -> Result<Receipts, Stop> {
    let mut entries = Vec::new();
    let mut receipts =
        Receipts { receipts: Vec::new(), states: BTreeMap::new(), malformed: 0, settled_until: None };
    let mut documents = home.documents(&workspace.options.doctypes.measures);
    while let Some(stored) = home.next(&mut documents).await? {
        let Ok(entry) = serde_json::from_str::<Entry>(stored.document.get()) else {
            if let Some(settled) = Settled::read(Document::known(stored.document.get())) {
                receipts.settled_until = Some(settled.until);
                continue;
            }
            let is_claim = id(&stored.document).is_some_and(|id| Claim::is_id(&id));
            receipts.malformed += usize::from(!is_claim);
            continue;
        };
        *receipts.states.entry(entry.state).or_default() += 1;
        entries.push(entry);
    }
    let mut consents = consents(workspace, home).await?;
    let is_known = |entry: &Entry| entry.consent.as_ref().is_none_or(|id| consents.contains_key(id));
    if !entries.iter().all(is_known) {
        add_of_history(workspace, home, &mut consents).await?;
    }
    receipts.receipts.extend(entries.into_iter().map(|entry| receipt(entry, &consents)));
    receipts.receipts.sort_by(|a, b| (&a.changed_at, &a.period).cmp(&(&b.changed_at, &b.period)));
    Ok(receipts)
}

fn receipt(entry: Entry, consents: &BTreeMap<String, Consent>) -> Receipt {
    let (left, why) = match entry.state {
        State::Sent => ("yes", "the server took it"),
        State::Refused if entry.status.is_some() => ("yes", "the server refused it"),
        State::Refused => ("no", "it may not be sent"),
        State::Unknown => ("maybe", "no answer tells whether it arrived"),
        State::Sending => ("maybe", "its request is under way, or was when its run ended"),
        State::Planned => ("no", "it waits for the next run"),
        State::Held => ("no", "it waits until the server has its definition"),
        State::Cancelled => ("no", "it was cancelled before it was sent"),
    };
    let consent = entry.consent.as_ref().map(|id| {
        consents.get(id).cloned().unwrap_or_else(|| Consent { id: id.clone(), ..Consent::default() })
    });
    Receipt {
        state: entry.state,
        left,
        payload: entry.measure().map(|measure| measure.to_json()),
        period: entry.period,
        planned_at: entry.planned_at,
        changed_at: entry.changed_at,
        consent,
        status: entry.status,
        reason: entry.reason.or_else(|| Some(why.to_owned())),
    }
}

async fn consents(workspace: &Workspace, home: &Store) -> Result<BTreeMap<String, Consent>, Stop> {
    let mut consents = BTreeMap::new();
    for stored in home.all(&workspace.options.doctypes.terms).await? {
        if let Some(consent) = consent(Document::known(stored.document.get())) {
            consents.insert(consent.id.clone(), consent);
        }
    }
    Ok(consents)
}

/// Terms that came from elsewhere are in the history alone.
async fn add_of_history(
    workspace: &Workspace,
    home: &Store,
    consents: &mut BTreeMap<String, Consent>,
) -> Result<(), Stop> {
    let doctypes = &workspace.options.doctypes;
    let mut documents = home.documents(&doctypes.history);
    while let Some(stored) = home.next(&mut documents).await? {
        let of_entry = fields(Document::known(stored.document.get()), ["_id", "doctype", "document"]);
        let Some([Some(id), Some(doctype), Some(document)]) = of_entry else { continue };
        if doctype.text().as_deref() != Some(&doctypes.terms) {
            continue;
        }
        if let Some(consent) = document.document().and_then(consent) {
            let history = id.text().map(|id| id.into_owned());
            // The home's own terms stand where both have one of that id.
            consents.entry(consent.id.clone()).or_insert(Consent { history, ..consent });
        }
    }
    Ok(())
}

fn consent(terms: Document<'_>) -> Option<Consent> {
    let [id, version, date, accepted_at] = fields(terms, ["_id", "version", "date", "acceptedAt"])?;
    let text = |field: Option<crate::scan::Field<'_>>| Some(field?.text()?.into_owned());
    Some(Consent {
        id: text(id)?,
        version: text(version),
        date: text(date).or_else(|| text(accepted_at)),
        history: None,
    })
}
