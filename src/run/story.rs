//! What a run does, from the first question to the last answer.

use serde_json::json;
use serde_json::value::RawValue;

use super::cozy::{Cozy, Failure, Query};
use super::port::Port;
use super::remote::{Delivery, Remote, delivery};
use super::{End, Level, Report};
use crate::aggregate::{Outcome, compute};
use crate::consent::Consent;
use crate::diagnostics::{Code, Diagnostics};
use crate::event::{EventReader, Timeline};
use crate::home::{Home, HomeReader};
use crate::options::{Options, Periods, Settings};

/// The fields of an event that are read; the others stay where they are.
const EVENT_FIELDS: [&str; 7] = ["_id", "type", "target", "context", "result", "startDate", "eventDate"];

pub(super) async fn run(port: Port, options: Options, settings: Settings, remote: Remote) -> Report {
    let reading = Reading { port: &port, options: &options, settings: &settings };
    let outcome = match reading.outcome().await {
        Ok(outcome) => outcome,
        Err(stop) => {
            port.log(Level::Critical, format!("{stop}; nothing was sent"));
            return Report { end: End::Stopped, retry: true, ..Report::default() };
        }
    };
    notice(&port, &outcome.diagnostics);
    if outcome.diagnostics.get(Code::ConsentMissing) > 0 {
        port.log(Level::Info, "no consent today: nothing was read beyond the terms, nothing is sent");
        return Report { end: End::NoConsent, diagnostics: outcome.diagnostics, ..Report::default() };
    }
    send(&port, &remote, outcome).await
}

/// Why the reading stopped, and at what.
#[derive(Debug, thiserror::Error)]
#[error("{what} could not be read: {why}")]
struct Stop {
    what: String,
    why: Failure,
}

struct Reading<'a> {
    port: &'a Port,
    options: &'a Options,
    settings: &'a Settings,
}

impl Reading<'_> {
    /// Reads what is needed and no more, and computes.
    async fn outcome(&self) -> Result<Outcome, Stop> {
        let doctypes = &self.options.doctypes;
        let mut diagnostics = Diagnostics::default();
        let consent = self.consent(&mut diagnostics).await?;
        if !consent.contains(self.settings.today) {
            diagnostics.add(Code::ConsentMissing);
            return Ok(Outcome { measures: Vec::new(), diagnostics });
        }
        let mut reader = HomeReader::new(&self.settings.clock, &self.settings.konnectors);
        reader.profiles(&borrowed(&self.all(&doctypes.profile).await?));
        let periods = self.options.due(self.settings.today, reader.analysis_day());
        let timeline = self.events(&consent, &mut diagnostics).await?;
        let home = self.home(reader, &periods, &mut diagnostics).await?;
        let outcome = compute(self.options, self.settings, &consent, &timeline, Some(&home), diagnostics);
        let (days, months) = (periods.days.len(), periods.months.len());
        let count = outcome.measures.len();
        self.port.log(Level::Info, format!("{count} measures computed for {days} days and {months} months"));
        Ok(outcome)
    }

    async fn consent(&self, diagnostics: &mut Diagnostics) -> Result<Consent, Stop> {
        let terms = self.all(&self.options.doctypes.terms).await?;
        let version = &self.settings.consent_version;
        Ok(Consent::from_terms(&borrowed(&terms), version, &self.settings.clock, diagnostics))
    }

    async fn events(&self, consent: &Consent, diagnostics: &mut Diagnostics) -> Result<Timeline, Stop> {
        let doctype = &self.options.doctypes.events;
        // A day of margin: an offset can put an event of the first consented
        // day under the digits of the day before.
        let first = consent.intervals().first().map(|interval| interval.from.previous());
        let query = Query {
            selector: json!({"eventDate": {"$gte": first}}),
            index: &["eventDate"],
            fields: &EVENT_FIELDS,
            limit: Query::PAGE,
        };
        let mut reader = EventReader::new(&self.settings.clock, self.settings.now, consent);
        let mut is_readable = true;
        let take = |page: &[u8]| {
            is_readable &= reader.page(page).is_ok();
            is_readable
        };
        Cozy::new(self.port).find(doctype, &query, take).await.map_err(|why| stop(doctype, why))?;
        if !is_readable {
            return Err(stop(doctype, Failure::Malformed));
        }
        let (timeline, noticed) = reader.finish();
        diagnostics.merge(&noticed);
        Ok(timeline)
    }

    /// Reads the inputs beside events, as far as the periods need them.
    async fn home(
        &self,
        mut reader: HomeReader<'_>,
        periods: &Periods,
        diagnostics: &mut Diagnostics,
    ) -> Result<Home, Stop> {
        let doctypes = &self.options.doctypes;
        if periods.days.contains(&self.settings.today.previous()) {
            let accounts = self.all(&doctypes.accounts).await?;
            let triggers = self.all(&doctypes.triggers).await?;
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
                    fields: &["load", "year", "month"],
                    limit: Query::PAGE,
                };
                // One numeric load is enough to know; most months have it on the first page.
                let take = |page: &[u8]| match serde_json::from_slice::<Docs<'_>>(page) {
                    Ok(page) => !reader.half_hour_loads(fluid, &page.docs),
                    Err(_) => false,
                };
                let found = Cozy::new(self.port).find(doctype, &query, take).await;
                found.map_err(|why| stop(doctype, why))?;
            }
        }
        let (home, noticed) = reader.finish();
        diagnostics.merge(&noticed);
        Ok(home)
    }

    async fn all(&self, doctype: &str) -> Result<Vec<Box<RawValue>>, Stop> {
        Cozy::new(self.port).documents(doctype).await.map_err(|why| stop(doctype, why))
    }
}

#[derive(serde::Deserialize)]
struct Docs<'a> {
    #[serde(borrow)]
    docs: Vec<&'a RawValue>,
}

fn stop(doctype: &str, why: Failure) -> Stop {
    Stop { what: doctype.to_owned(), why }
}

fn borrowed(documents: &[Box<RawValue>]) -> Vec<&RawValue> {
    documents.iter().map(AsRef::as_ref).collect()
}

fn notice(port: &Port, diagnostics: &Diagnostics) {
    let counts: Vec<_> =
        diagnostics.iter().map(|(code, count)| format!("{} {count}", code.as_str())).collect();
    if !counts.is_empty() {
        port.log(Level::Info, format!("noticed in the documents: {}", counts.join(", ")));
    }
}

/// Sends the measures one after the other; what stops one stops the rest.
async fn send(port: &Port, remote: &Remote, outcome: Outcome) -> Report {
    let computed = outcome.measures.len();
    let mut report = Report { computed, diagnostics: outcome.diagnostics, ..Report::default() };
    for measure in &outcome.measures {
        let answer = port.request(remote.request(measure)).await;
        let why = match delivery(answer.as_ref()) {
            Delivery::Sent => {
                report.sent += 1;
                continue;
            }
            Delivery::Refused => {
                report.refused += 1;
                let name = measure.name();
                port.log(Level::Error, format!("the server refuses a measure of {name}"));
                continue;
            }
            Delivery::NotSent(why) => why,
            Delivery::Unknown(why) => {
                report.unknown += 1;
                why
            }
        };
        report.end = End::Stopped;
        port.log(Level::Critical, format!("the sending stopped: {why}"));
        break;
    }
    report.retry = report.end == End::Stopped && report.sent + report.refused + report.unknown == 0;
    report.left = computed - report.sent - report.refused - report.unknown;
    let Report { sent, refused, unknown, left, .. } = report;
    port.log(Level::Info, format!("{sent} measures sent, {refused} refused, {unknown} unknown, {left} left"));
    report
}
