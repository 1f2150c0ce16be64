//! The right to run, which a run holds in the home's memory document.

use crate::calendar::Day;
use crate::effect::Port;
use crate::limits;
use crate::memory::Memory;
use crate::options::HomeSettings;
use crate::store::{Continuations, Cozy, Failure, LastRun, Lease, MemoryDocument, read_memory, write_memory};

use crate::effect::End;

/// The memory document, and the right to run while this run holds its lease.
#[derive(Debug)]
pub(super) struct MemoryLease<'a> {
    cozy: Cozy<'a>,
    port: &'a Port,
    doctype: &'a str,
    run: &'a str,
    lease_millis: u64,
    document: MemoryDocument,
}

impl<'a> MemoryLease<'a> {
    /// Reads the memory document; the lease is not taken yet.
    pub(super) async fn read(
        cozy: Cozy<'a>,
        port: &'a Port,
        doctype: &'a str,
        run: &'a str,
        lease_millis: u64,
    ) -> Result<MemoryLease<'a>, Failure> {
        let document = read_memory(cozy, doctype).await?;
        let lease_millis = lease_millis.min(limits::MAX_LEASE_MILLIS);
        Ok(MemoryLease { cozy, port, doctype, run, lease_millis, document })
    }

    /// Takes the lease; `false` if another run holds it.
    ///
    /// Held by this run's own job it is taken over at once: the stack begins a
    /// failed job again. What the home begins with is kept from the very first,
    /// so that a first run which fails is made good by the next: the first day,
    /// the home's id, the settings it lives under.
    pub(super) async fn take(
        &mut self,
        first_day: Day,
        home: &str,
        settings: HomeSettings,
    ) -> Result<bool, Failure> {
        if self.is_held_by_another() {
            return Ok(false);
        }
        // That of a command is over, or of a wrong clock.
        self.document.command = None;
        self.document.home.get_or_insert_with(|| home.to_owned());
        self.document.settings = Some(settings);
        let memory = &mut self.document.memory;
        let first_day = memory.closed_until.map_or(first_day, |closed| first_day.max(closed.next()));
        memory.first_day.get_or_insert(first_day);
        match self.renew().await {
            Err(Failure::Conflict) => Ok(false),
            renewed => renewed.map(|()| true),
        }
    }

    pub(super) fn is_held_by_another(&self) -> bool {
        self.document.is_held_by_another(self.run, self.port.now())
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.document.memory
    }

    /// How many commands changed the home before this run took the lease.
    pub(super) fn changes(&self) -> u64 {
        self.document.changes
    }

    /// What the home lives under; none before its first run.
    pub(super) fn settings(&self) -> Option<&HomeSettings> {
        self.document.settings.as_ref()
    }

    /// Keeps settings without the lease, where there is a memory already: what
    /// is configured counts from now on, whether or not anything is computed.
    pub(super) async fn keep_settings(&mut self, settings: HomeSettings) -> Result<(), Failure> {
        if self.document.rev.is_none() || self.is_held_by_another() {
            return Ok(());
        }
        self.document.settings = Some(settings);
        match self.save().await {
            // Another run is at it, and keeps them as well.
            Err(Failure::Conflict) => Ok(()),
            saved => saved,
        }
    }

    /// Keeps what was remembered, with the lease.
    pub(super) async fn remember(&mut self, memory: Memory) -> Result<(), Failure> {
        self.document.memory = memory;
        self.renew().await
    }

    /// Makes the lease last, if less than half of it is left.
    pub(super) async fn renew_in_time(&mut self) -> Result<(), Failure> {
        let half_over = self.port.now() + self.lease_millis / 2;
        let is_short = self.document.lease.as_ref().is_none_or(|lease| lease.until < half_over);
        if is_short { self.renew().await } else { Ok(()) }
    }

    /// Writes the memory document with a lease that lasts: who lost the lease
    /// cannot.
    pub(super) async fn renew(&mut self) -> Result<(), Failure> {
        let until = self.port.now() + self.lease_millis;
        self.document.lease = Some(Lease { by: self.run.to_owned(), until });
        self.save().await
    }

    /// Whether one more job may be asked for on this day; counts it.
    pub(super) fn count_continuation(&mut self, today: Day) -> bool {
        let counted = self.document.continuations.filter(|counted| counted.day == today);
        let count = counted.map_or(0, |counted| counted.count) + 1;
        self.document.continuations = Some(Continuations { day: today, count });
        count <= limits::MAX_CONTINUATIONS
    }

    /// Gives the lease back and keeps how the run ended.
    pub(super) async fn release(&mut self, at: String, end: End) -> Result<(), Failure> {
        self.document.lease = None;
        self.document.last_run = Some(LastRun { at, end: end.as_str().to_owned() });
        self.save().await
    }

    async fn save(&mut self) -> Result<(), Failure> {
        write_memory(self.cozy, self.doctype, &mut self.document).await
    }
}
