//! Reads what a computation needs, and no more.

use serde_json::json;
use serde_json::value::RawValue;

use super::stop::Stop;
use crate::compute::Periods;
use crate::consent::Consent;
use crate::diagnostics::Diagnostics;
use crate::ecolyo::{HomeInputs, HomeInputsReader, LOAD_FIELDS};
use crate::ledger::{Computation, compute};
use crate::options::{Options, Settings};
use crate::scan::Document;
use crate::store::{Cozy, EventPages, Query, found};
use crate::timeline::{EventReader, Timeline};

/// Reads a home's documents through its Cozy, as far as a run needs them.
pub(super) struct DocumentReader<'a> {
    pub(super) cozy: Cozy<'a>,
    pub(super) options: &'a Options,
    pub(super) settings: &'a Settings,
}

/// What a run computes, and of which periods.
pub(super) struct RunComputation {
    pub(super) computed: Computation,
    pub(super) periods: Periods,
    /// The ids of counted events that are not yet marked as aggregated.
    pub(super) unflagged: Vec<String>,
}

impl DocumentReader<'_> {
    pub(super) async fn consent(&self, diagnostics: &mut Diagnostics) -> Result<Consent, Stop> {
        let terms = self.all(&self.options.doctypes.terms).await?;
        Ok(self.settings.consent(&borrowed(&terms), diagnostics))
    }

    /// Reads what the open days and due months need, and computes them.
    pub(super) async fn compute(
        &self,
        consent: &Consent,
        mut diagnostics: Diagnostics,
    ) -> Result<RunComputation, Stop> {
        let doctypes = &self.options.doctypes;
        let mut reader = HomeInputsReader::new(&self.settings.clock, self.options.konnectors());
        reader.profiles(&borrowed(&self.all(&doctypes.profile).await?));
        let periods = self.options.periods(self.settings.today, reader.analysis_day());
        let timeline = self.events(consent, &periods, &mut diagnostics).await?;
        let home = self.home(reader, &periods, &mut diagnostics).await?;
        let computed = compute(self.options, self.settings, consent, &timeline, Some(&home), diagnostics);
        let unflagged = timeline.unflagged(&periods.days);
        Ok(RunComputation { computed, periods, unflagged })
    }

    async fn events(
        &self,
        consent: &Consent,
        periods: &Periods,
        diagnostics: &mut Diagnostics,
    ) -> Result<Timeline, Stop> {
        let doctype = &self.options.doctypes.events;
        let since = self.options.first_asked_day(self.settings, consent, periods);
        let written = since.map(|since| self.settings.clock.first_written(since));
        let shape = self.settings.catalog.shape();
        let (date, fields) = (shape.date(), shape.asked().collect::<Vec<_>>());
        let query = Query { selector: json!({date: {"$gte": written}}), index: &[date], fields: &fields };
        let mut reader = EventReader::new(self.settings, consent).since(since);
        let mut pages = EventPages::new(&mut reader);
        self.cozy.find_pages(doctype, &query, &mut pages).await.map_err(Stop::at(doctype))?;
        let (timeline, noticed) = reader.finish();
        diagnostics.merge(&noticed);
        Ok(timeline)
    }

    /// Reads the inputs beside events, as far as the periods need them.
    async fn home(
        &self,
        mut reader: HomeInputsReader<'_>,
        periods: &Periods,
        diagnostics: &mut Diagnostics,
    ) -> Result<HomeInputs, Stop> {
        let doctypes = &self.options.doctypes;
        if periods.days.contains(&self.settings.today.previous()) {
            let accounts = self.all(&doctypes.accounts).await?;
            let at_triggers = Stop::at(&doctypes.triggers);
            let triggers = self.cozy.triggers(&doctypes.triggers).await.map_err(at_triggers)?;
            reader.accounts(&borrowed(&accounts), &borrowed(&triggers));
        }
        if !periods.months.is_empty() {
            reader.profile_types(&borrowed(&self.all(&doctypes.profile_type).await?));
            for (&fluid, doctype) in &doctypes.monthly_loads {
                reader.monthly_loads(fluid, &borrowed(&self.all(doctype).await?));
            }
        }
        for month in &periods.months {
            for (&fluid, doctype) in &doctypes.half_hour_loads {
                let (year, number) = month.numbers();
                let query = Query {
                    selector: json!({"year": year, "month": number}),
                    index: &["year", "month"],
                    fields: &LOAD_FIELDS,
                };
                // One numeric load is enough to know; most months have it on the first page.
                let take = |page: &[u8]| {
                    let documents = found(page).unwrap_or_default();
                    !reader.half_hour_loads(fluid, &borrowed(&documents))
                };
                self.cozy.find(doctype, &query, take).await.map_err(Stop::at(doctype))?;
            }
        }
        let (home, noticed) = reader.finish();
        diagnostics.merge(&noticed);
        Ok(home)
    }

    async fn all(&self, doctype: &str) -> Result<Vec<Box<RawValue>>, Stop> {
        self.cozy.documents(doctype).await.map_err(Stop::at(doctype))
    }
}

fn borrowed(documents: &[Box<RawValue>]) -> Vec<Document<'_>> {
    documents.iter().map(|document| Document::known(document.get())).collect()
}
