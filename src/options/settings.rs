use std::sync::Arc;

use super::MonthlyStartDate;
use crate::calendar::{Clock, Day, Moment};
use crate::catalog::Catalog;
use crate::consent::{Consent, Rule};
use crate::diagnostics::Diagnostics;
use crate::scan::Document;

/// Options after they were checked.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) now: Moment,
    pub(crate) today: Day,
    pub(crate) clock: Clock,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) created_by: Arc<str>,
    pub(crate) monthly_start_date: MonthlyStartDate,
    /// Which acceptances of the terms give consent, in the order of time.
    pub(crate) consent_rules: Vec<Rule>,
}

impl Settings {
    /// The consent that these documents of the terms give.
    pub(crate) fn consent(&self, terms: &[Document<'_>], diagnostics: &mut Diagnostics) -> Consent {
        Consent::from_terms(terms, &self.consent_rules, &self.clock, self.now, diagnostics)
    }
}
