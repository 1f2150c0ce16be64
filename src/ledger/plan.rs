//! What of a computation is planned: what never was, into cells that are free.

use serde_json::value::RawValue;

use super::{Claim, Contribution, Entry, Settled};
use crate::base::Map;
use crate::calendar::Day;
use crate::decode::read;
use crate::diagnostics::{Code, Diagnostics};
use crate::scan::{Document, fields};

/// The entries and claims that a ledger holds under the ids that were asked for.
#[derive(Debug, Default)]
pub(crate) struct LedgerView {
    /// By their ids.
    pub(crate) entries: Map<String, Entry>,
    /// Who owns a cell, by the ids of the claims.
    owners: Map<String, String>,
    /// Up to which day entries may have been deleted.
    settled_until: Option<Day>,
}

/// Whose a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Nobody,
    /// The one who asks.
    Own,
    Another,
}

impl LedgerView {
    /// Takes a document of the ledger; of two under one id the first counts. A
    /// document that is neither entry nor claim is nobody's contribution.
    pub(crate) fn add(&mut self, document: Document<'_>) {
        let Some([Some(id)]) = fields(document, ["_id"]) else { return };
        let Some(id) = id.text().map(|id| id.into_owned()) else { return };
        if Claim::is_id(&id) {
            if let Some(claim) = Claim::read(document) {
                self.owners.or_insert(claim.id, || claim.by);
            }
        } else if let Some(settled) = Settled::read(document) {
            self.settled_until = self.settled_until.max(Some(settled.until));
        } else if let Ok(entry) = read::<Entry>(document.bytes()) {
            self.entries.or_insert(id, || entry);
        }
    }

    pub(crate) fn owner(&self, claim: &Claim) -> Owner {
        match self.owners.get(&claim.id) {
            None => Owner::Nobody,
            Some(by) if *by == claim.by => Owner::Own,
            Some(_) => Owner::Another,
        }
    }

    /// Whether a contribution may have been planned before, and its entry deleted.
    fn is_settled(&self, contribution: &Contribution) -> bool {
        let Contribution { period, measure, .. } = contribution;
        self.settled_until.is_some_and(|until| Settled::covers(until, *period, measure.start_date))
    }
}

impl<'a> FromIterator<&'a RawValue> for LedgerView {
    fn from_iter<I: IntoIterator<Item = &'a RawValue>>(documents: I) -> Self {
        let mut known = LedgerView::default();
        documents.into_iter().for_each(|document| known.add(Document::known(document.get())));
        known
    }
}

/// What of a computation is planned.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    /// What was never planned, into cells that nobody else owns.
    pub(crate) new: Vec<&'a Contribution>,
    /// The months wait: the date that they carry is that of others.
    pub(crate) months_wait: bool,
}

/// What is planned of what was computed, beside what waits. What is planned
/// already stays as it is, whatever came late, a cell stays whose it is, and of
/// a period that is settled for good nothing is planned; all three are counted.
pub(crate) fn plan<'a>(
    contributions: &'a [Contribution],
    known: &LedgerView,
    waiting: impl Iterator<Item = Claim>,
    diagnostics: &mut Diagnostics,
) -> Plan<'a> {
    let is_new = |contribution: &&Contribution| {
        !known.entries.contains_key(&contribution.id) && !known.is_settled(contribution)
    };
    let mut run_dated = contributions.iter().filter(|contribution| contribution.carries_run_date());
    let months_wait = run_dated
        .any(|contribution| is_new(&contribution) && known.owner(&contribution.claim()) == Owner::Another);
    let mut new = Vec::new();
    let mut claimed: Map<String, String> = waiting.map(|claim| (claim.id, claim.by)).collect();
    for contribution in contributions {
        if months_wait && !contribution.is_of_day() {
            continue;
        }
        if let Some(entry) = known.entries.get(&contribution.id) {
            if entry.differs_from(&contribution.measure) {
                diagnostics.add(Code::LateCellKept);
            }
            continue;
        }
        if known.is_settled(contribution) {
            diagnostics.add(Code::PeriodSettled);
            continue;
        }
        let claim = contribution.claim();
        let is_another_s = claimed.get(&claim.id).is_some_and(|by| *by != claim.by);
        if is_another_s || known.owner(&claim) == Owner::Another {
            diagnostics.add(Code::CellTaken);
            continue;
        }
        claimed.insert(claim.id, claim.by);
        new.push(contribution);
    }
    Plan { new, months_wait }
}
