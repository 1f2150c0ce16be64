//! Sends what waits: one measure after the other, each marked before it leaves.

use std::collections::{BTreeMap, VecDeque};

use super::document_reader::DocumentReader;
use super::lease::MemoryLease;
use super::ledger::{Ledger, timestamp};
use super::stop::Stop;
use crate::base::Map;
use crate::consent::{Consent, Standing};
use crate::diagnostics::Diagnostics;
use crate::effect::{End, Level, Port, Report, RequestOutcome};
use crate::ledger::{Entry, State};
use crate::limits;
use crate::options::Settings;
use crate::remote::{DeliveryOutcome, Remote, classify};
use crate::store::Cozy;

pub(super) struct Sending<'a> {
    pub(super) port: &'a Port,
    pub(super) cozy: Cozy<'a>,
    pub(super) ledger: &'a Ledger<'a>,
    pub(super) reader: &'a DocumentReader<'a>,
    pub(super) settings: &'a Settings,
    pub(super) remote: &'a Remote,
}

/// What follows one measure.
enum NextStep {
    /// The next one.
    Go,
    /// The same again, after the wait that the server asks for, in seconds.
    Again(Box<Entry>, Option<u64>),
    /// All others of its name are held as well, for this reason.
    Hold(String),
    /// The run ends so.
    End(End),
}

/// The measures of one name that wait for its definition.
struct HeldMeasures {
    reason: String,
    /// Those that were not tried, after the one that was.
    untried: Vec<Entry>,
}

impl Sending<'_> {
    /// Sends what waits, until something ends it.
    pub(super) async fn all(
        &self,
        waiting: Vec<Entry>,
        lease: &mut MemoryLease<'_>,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let mut held = BTreeMap::new();
        report.left = waiting.len();
        let sent = self.until_something_ends_it(waiting.into(), &mut held, lease, report).await;
        self.hold(held, report).await?;
        sent
    }

    async fn until_something_ends_it(
        &self,
        mut waiting: VecDeque<Entry>,
        held: &mut BTreeMap<String, HeldMeasures>,
        lease: &mut MemoryLease<'_>,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let mut consent_read = None;
        let mut tries = 1;
        while let Some(entry) = waiting.pop_front() {
            let (read_at, consent) = match self.consent(&mut consent_read, lease).await? {
                Ok(read) => read,
                Err(end) => {
                    report.end = end;
                    let withdrawn = Some(Standing::Withdrawn);
                    if end == End::NoConsent
                        && consent_read.map(|(_, consent)| consent.standing()) == withdrawn
                    {
                        waiting.push_front(entry);
                        // Nor does what waits for its definition.
                        waiting.extend(held.values_mut().flat_map(|held| std::mem::take(&mut held.untried)));
                        cancel(self.port, self.ledger, waiting.into(), report).await?;
                    }
                    return Ok(());
                }
            };
            let name = entry.measure().map(|measure| measure.name().to_owned()).unwrap_or_default();
            if let Some(held) = held.get_mut(&name)
                && entry.sendable(&self.settings.catalog, &consent, self.settings.today).is_ok()
            {
                held.untried.push(entry);
                continue;
            }
            match self.one(entry, &consent, read_at, report).await? {
                NextStep::Go => tries = 1,
                NextStep::Hold(reason) => {
                    held.insert(name, HeldMeasures { reason, untried: Vec::new() });
                    tries = 1;
                }
                NextStep::Again(entry, asked) if tries < limits::MAX_TRIES => {
                    waiting.push_front(*entry);
                    self.port.back_off(tries, asked).await;
                    tries += 1;
                }
                NextStep::Again(..) => {
                    self.port
                        .log(Level::Error, "sending stopped: after several tries it did not get through");
                    report.end = End::Stopped;
                    return Ok(());
                }
                NextStep::End(end) => {
                    report.end = end;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Marks what was not tried as held, and tells each name once.
    async fn hold(&self, held: BTreeMap<String, HeldMeasures>, report: &mut Report) -> Result<(), Stop> {
        let (at, today) = (timestamp(self.port), self.settings.today);
        let mut planned = Vec::new();
        for (name, HeldMeasures { reason, untried }) in held {
            let count = untried.len() + 1;
            report.held += count;
            let message = format!("measures of {name} are held, as {reason}: {count}");
            self.port.log(Level::Warn, message);
            let new = untried.into_iter().filter(|entry| entry.state == State::Planned);
            planned.extend(
                new.map(|entry| entry.held(today).into_state(State::Held, at.clone(), Some(&reason))),
            );
        }
        self.ledger.write(planned).await.map_err(Stop::at("the ledger"))?;
        Ok(())
    }

    /// The consent as it stands now, if there is time for one more send; else
    /// how the run ends.
    async fn consent(
        &self,
        read: &mut Option<(u64, Consent)>,
        lease: &mut MemoryLease<'_>,
    ) -> Result<Result<(u64, Consent), End>, Stop> {
        if !self.cozy.has_time(limits::SEND_MILLIS) {
            return Ok(Err(End::OutOfTime));
        }
        lease.renew_in_time().await.map_err(Stop::at("the lease"))?;
        if !read.as_ref().is_some_and(|(at, _)| self.is_fresh(*at)) {
            // It is as old as the question, not as the answer.
            let asked_at = self.port.now();
            *read = Some((asked_at, self.reader.consent(&mut Diagnostics::default()).await?));
        }
        let (at, consent) = read.clone().unwrap_or_default();
        let stands = consent.standing() == Standing::Given;
        Ok(if stands { Ok((at, consent)) } else { Err(End::NoConsent) })
    }

    /// Whether consent read at this time still holds for a send that begins now.
    fn is_fresh(&self, read_at: u64) -> bool {
        let now = self.port.now();
        read_at <= now && now - read_at < limits::CONSENT_MILLIS
    }

    /// Marks one measure, sends it, and stores what became of it.
    async fn one(
        &self,
        entry: Entry,
        consent: &Consent,
        read_at: u64,
        report: &mut Report,
    ) -> Result<NextStep, Stop> {
        // What may have left before stays so, unless this send tells more.
        let before = entry.state;
        let measure = match entry.sendable(&self.settings.catalog, consent, self.settings.today) {
            Ok(measure) => measure,
            Err(_) if before == State::Unknown => {
                report.left = report.left.saturating_sub(1);
                return Ok(NextStep::Go);
            }
            Err((state, reason)) => {
                self.store(entry, state, Some(reason), None).await?;
                count(report, state);
                return Ok(NextStep::Go);
            }
        };
        let Some(marked) = self.store(entry, State::Sending, None, None).await? else {
            // Another run has it.
            report.left = report.left.saturating_sub(1);
            return Ok(NextStep::Go);
        };
        // The mark itself can take long; what was true before it is looked at again.
        if !self.is_fresh(read_at) || !self.cozy.has_time(limits::SEND_MILLIS) {
            let again = self.store(marked, before, Some("its mark took too long"), None).await?;
            let Some(entry) = again else {
                // Another run has it.
                report.left = report.left.saturating_sub(1);
                return Ok(NextStep::Go);
            };
            return Ok(NextStep::Again(Box::new(entry), None));
        }
        let outcome = self.port.request(self.remote.request(&measure)).await;
        let (delivery, reason) = classify(&outcome, self.remote);
        let (status, asked) = match outcome {
            RequestOutcome::Answer(answer) => (Some(answer.status), answer.retry_after),
            RequestOutcome::None { .. } => (None, None),
        };
        let state = match delivery {
            DeliveryOutcome::Sent => State::Sent,
            DeliveryOutcome::Refused => State::Refused,
            DeliveryOutcome::Unknown => State::Unknown,
            DeliveryOutcome::Held if before != State::Unknown => State::Held,
            DeliveryOutcome::Held | DeliveryOutcome::NotYet | DeliveryOutcome::NotNow => before,
        };
        let did_not_arrive =
            matches!(delivery, DeliveryOutcome::Held | DeliveryOutcome::NotYet | DeliveryOutcome::NotNow);
        let kept = match before {
            State::Unknown if did_not_arrive => "it may have arrived when it was sent before",
            _ => reason,
        };
        // It is so also where it cannot be stored.
        if !did_not_arrive {
            count(report, state);
        }
        let marked = if state == State::Held { marked.held(self.settings.today) } else { marked };
        let stored =
            self.store(marked, state, (delivery != DeliveryOutcome::Sent).then_some(kept), status).await?;
        let name = measure.name();
        Ok(match (delivery, stored) {
            (DeliveryOutcome::Held, _) => NextStep::Hold(reason.to_owned()),
            (DeliveryOutcome::Sent, _) => NextStep::Go,
            (DeliveryOutcome::Refused, _) => {
                self.port.log(Level::Error, format!("the server refuses a measure of {name}"));
                NextStep::Go
            }
            (DeliveryOutcome::NotYet, Some(entry)) => NextStep::Again(Box::new(entry), asked),
            _ => {
                self.port.log(Level::Error, format!("sending stopped at a measure of {name}: {reason}"));
                NextStep::End(End::Stopped)
            }
        })
    }

    /// Stores an entry in a state; `None` if another changed it.
    async fn store(
        &self,
        entry: Entry,
        state: State,
        reason: Option<&str>,
        status: Option<u16>,
    ) -> Result<Option<Entry>, Stop> {
        let entry = entry.into_state(state, timestamp(self.port), reason).with_status(status);
        let written = self.ledger.write(vec![entry]).await.map_err(Stop::at("the ledger"))?;
        Ok(written.into_iter().next())
    }
}

fn count(report: &mut Report, state: State) {
    let counted = match state {
        State::Sent => &mut report.sent,
        State::Refused => &mut report.refused,
        State::Unknown => &mut report.unknown,
        State::Cancelled => &mut report.cancelled,
        State::Planned | State::Sending | State::Held => return,
    };
    *counted += 1;
    report.left = report.left.saturating_sub(1);
}

/// Cancels what a run planned that had lost its lease to a command, and what no
/// run that has the lease plans.
pub(super) async fn cancel_outdated(
    port: &Port,
    ledger: &Ledger<'_>,
    outdated: Map<String, Entry>,
    report: &mut Report,
) -> Result<(), Stop> {
    let (at, reason) = (timestamp(port), Some("it was planned while a command changed the home"));
    let ended = outdated.into_iter().map(|(_, entry)| entry.into_state(State::Cancelled, at.clone(), reason));
    let count = ledger.write(ended.collect()).await.map_err(Stop::at("the ledger"))?.len();
    report.cancelled += count;
    if count > 0 {
        port.log(
            Level::Warn,
            format!("measures cancelled, as a command changed the home meanwhile: {count}"),
        );
    }
    Ok(())
}

/// Cancels what waits; what was being sent, or may have been, has an unknown fate.
pub(super) async fn cancel(
    port: &Port,
    ledger: &Ledger<'_>,
    waiting: Vec<Entry>,
    report: &mut Report,
) -> Result<(), Stop> {
    let at = timestamp(port);
    // What is of unknown fate stays so: it was to be sent once more, and is not.
    let (unknown, waiting): (Vec<Entry>, Vec<Entry>) =
        waiting.into_iter().partition(|entry| entry.state == State::Unknown);
    report.left = report.left.saturating_sub(unknown.len());
    let ended = waiting.into_iter().map(|entry| match entry.state {
        State::Sending => {
            entry.into_state(State::Unknown, at.clone(), Some("the run ended before the answer"))
        }
        _ => entry.into_state(State::Cancelled, at.clone(), Some("consent was withdrawn")),
    });
    let written = ledger.write(ended.collect()).await.map_err(Stop::at("the ledger"))?;
    for entry in &written {
        count(report, entry.state);
    }
    if !written.is_empty() {
        port.log(Level::Info, format!("measures cancelled, as consent was withdrawn: {}", report.cancelled));
    }
    Ok(())
}
