//! How much was simulated, and which branches were reached.

use std::collections::BTreeMap;
use std::fmt;

/// What has to happen somewhere among the fixed seeds.
pub const BRANCHES: [&str; 47] = [
    "a lease is busy",
    "a lease is taken over by the same job",
    "a lease has run out",
    "a lease of a wrong clock is passed over",
    "an entry is unknown",
    "an entry is cancelled",
    "an entry is refused",
    "an entry goes back to planned",
    "a late cell is kept",
    "a run is out of time",
    "a run stops",
    "a run has no consent",
    "a continuation is asked for",
    "a retry is asked for",
    "a run is killed",
    "a run crashes",
    "a dead run's request arrives",
    "a request arrives late",
    "a month is planned",
    "a day is caught up",
    "a lost write is recognised",
    "an index is missing",
    "a second page is read",
    "events are flagged",
    "consent is withdrawn while a run is under way",
    "consent is given again",
    "the clock jumps forward",
    "the clock jumps back",
    "clocks change in the night",
    "two runs at once",
    "a run of many nights",
    "a planned cell is found in the ledger",
    "a run's inputs are replayed",
    "a measure waits until another night",
    "a measure is held",
    "a held measure is taken",
    "a cell is another's",
    "the configuration changes",
    "a command is carried out",
    "a command is refused",
    "a command is killed",
    "a command meets a run",
    "a stranger's backup is refused",
    "an entry is deleted",
    "a settled period is not planned",
    "an outdated plan is cancelled",
    "an outdated plan is made again",
];

#[derive(Debug, Default, Clone)]
pub struct Statistics {
    pub schedules: u64,
    pub runs: u64,
    pub requests: u64,
    pub sends: u64,
    pub faults: u64,
    pub crashes: u64,
    pub branches: BTreeMap<&'static str, u64>,
}

impl Statistics {
    pub fn reach(&mut self, branch: &'static str) {
        assert!(BRANCHES.contains(&branch), "{branch} is not in the list");
        *self.branches.entry(branch).or_default() += 1;
    }

    pub fn add(&mut self, other: &Statistics) {
        self.schedules += other.schedules;
        self.runs += other.runs;
        self.requests += other.requests;
        self.sends += other.sends;
        self.faults += other.faults;
        self.crashes += other.crashes;
        for (branch, count) in &other.branches {
            *self.branches.entry(branch).or_default() += count;
        }
    }

    pub fn missed(&self) -> Vec<&'static str> {
        BRANCHES.into_iter().filter(|branch| !self.branches.contains_key(branch)).collect()
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Statistics { schedules, runs, requests, sends, faults, crashes, .. } = self;
        writeln!(
            f,
            "{schedules} schedules: {runs} runs, {requests} requests, {sends} sends accepted, {faults} faults, {crashes} crashes"
        )?;
        for branch in BRANCHES {
            writeln!(f, "{:>9}  {branch}", self.branches.get(branch).copied().unwrap_or(0))?;
        }
        Ok(())
    }
}
