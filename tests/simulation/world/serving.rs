//! Requests at the server, what the oracle sees of them there, and how a
//! process ends.

use super::*;

/// The entries of the ledger that a request writes.
fn entries(request: &Request) -> Vec<Value> {
    if !request.url.ends_with("/_bulk_docs") || !request.url.contains(LEDGER) {
        return Vec::new();
    }
    let mut body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
    serde_json::from_value(body["docs"].take()).unwrap()
}

impl World<'_> {
    /// What is to know of a request before anything happens to it.
    pub(super) fn notes(&mut self, of: usize, request: &Request) -> bool {
        let is_send = request.url.starts_with("/remote/");
        if request.url.contains(EVENTS) && self.processes[of].knows_withdrawal {
            self.oracle.violated("events are read after a withdrawal is known".into());
        }
        if is_send {
            let marked = self.processes[of].sending.as_deref().and_then(|id| self.store.get(LEDGER, id));
            let state = marked.map_or("nothing", |entry| text(entry, "state"));
            // One that is slower than its lease may find it taken by then.
            let is_purged = state == "nothing" && !self.commands.is_empty();
            if !matches!(state, "sending" | "unknown") && !is_purged && self.mutation == Mutation::None {
                self.oracle.violated(format!("a send begins without its mark: the entry is {state}"));
            }
            let is_set = self.has_wrong_clocks();
            let period = marked.map(|entry| text(entry, "period").to_owned());
            let entry = self.processes[of].sending.clone().zip(period);
            self.oracle.send_begins(self.now, &self.processes[of], &measure_of(request), entry, is_set);
        }
        if request.body.as_ref().is_some_and(|body| body.contains("\"state\":\"sending\""))
            && let [entry] = &entries(request)[..]
        {
            self.processes[of].sending = Some(text(entry, "_id").to_owned());
        }
        is_send
    }

    pub(super) fn serve(&mut self, of: usize, request: &Request) -> Response {
        if request.url.starts_with("/remote/") {
            let answer = self.dacc.serve(request, self.now);
            if answer.status == 201 {
                self.statistics.sends += 1;
                self.oracle.is_accepted(&measure_of(request));
            }
            return answer;
        }
        if request.url == "/jobs/queue/service" {
            self.begins_again(of);
            return cozy::json_answer(202, &json!({"data": {"type": "io.cozy.jobs"}}));
        }
        if request.url == "/jobs/triggers" {
            return cozy::triggers(&self.store);
        }
        if request.url.contains("bookmark")
            || request.body.as_ref().is_some_and(|b| b.contains("\"bookmark\""))
        {
            self.statistics.reach("a second page is read");
        }
        let doctype = request.url.split('/').nth(2).unwrap();
        let is_of = |other: &str| doctype == other;
        if is_of(LEDGER) && request.url.ends_with("/_bulk_docs") {
            return self.serve_ledger(of, request);
        }
        let memory = self.processes[of].config.memory;
        if is_of(memory) && request.method == "PUT" {
            return self.serve_memory(of, memory, request);
        }
        if is_of(TERMS) {
            let process = &mut self.processes[of];
            process.terms_read = self.oracle.count_terms();
            process.knows_withdrawal = !self.oracle.stands(process);
        }
        if is_of(EVENTS) && request.url.ends_with("/_bulk_docs") {
            self.events_are_flagged(request);
        }
        if is_of(TERMS) && self.mutation == Mutation::ConsentReadOnce {
            let answer = cozy::serve(&mut self.store, request, Revisions::Checked);
            return self.processes[of].terms.get_or_insert(answer).clone();
        }
        let answer = cozy::serve(&mut self.store, request, Revisions::Checked);
        if answer.status == 400 {
            self.statistics.reach("an index is missing");
        }
        let is_asked = is_of(LEDGER) && request.url.contains("/_all_docs");
        if is_asked && String::from_utf8_lossy(&answer.body).contains("\"doc\":{") {
            self.statistics.reach("a planned cell is found in the ledger");
        }
        answer
    }

    /// The job that a run asks for when its time ends.
    fn begins_again(&mut self, of: usize) {
        self.statistics.reach("a continuation is asked for");
        let at = self.now + self.random.between(100, 30 * SECOND);
        let plan = self.another(of, at, 300);
        let job = Some(self.new_job());
        self.at(at, Happening::Begin { plan: Box::new(plan), job, is_second: false });
    }

    /// A run that follows from one: with faults of its own where that is wanted.
    fn another(&mut self, of: usize, at: u64, trouble: u64) -> Planned {
        let limit = self.processes[of].plan.limit;
        if self.schedule.is_wild && !self.is_calm {
            Planned { limit, ..arbitrary::planned(&mut self.random, at, trouble) }
        } else {
            Planned { limit, ..Planned::clean(at) }
        }
    }

    fn serve_ledger(&mut self, of: usize, request: &Request) -> Response {
        let mut documents = entries(request);
        let old: Vec<Option<Value>> =
            documents.iter().map(|entry| self.store.get(LEDGER, text(entry, "_id")).cloned()).collect();
        for (old, new) in old.iter().zip(&documents) {
            if let Some(old) = old
                && old["_rev"] != new["_rev"]
                && old["stamp"] == new["stamp"]
            {
                self.statistics.reach("a lost write is recognised");
            }
        }
        if self.mutation == Mutation::ClaimsDropped {
            return self.drops_claims(of, request);
        }
        let is_mark = matches!(&documents[..], [entry] if entry["state"] == "sending");
        if is_mark && self.mutation == Mutation::MarkSkipped {
            let (id, rev) = (&documents[0]["_id"], &documents[0]["_rev"]);
            return cozy::json_answer(201, &json!([{"ok": true, "id": id, "rev": rev}]));
        }
        if is_mark && self.mutation == Mutation::OutcomeFirst {
            documents[0]["state"] = "sent".into();
            documents[0]["waits"] = false.into();
        }
        let mut request = request.clone();
        if self.mutation == Mutation::OutcomeFirst {
            request.body = Some(json!({"docs": documents}).to_string());
        }
        let revisions = match self.mutation {
            Mutation::ConflictsIgnored => Revisions::Ignored,
            _ => Revisions::Checked,
        };
        let answer = cozy::serve(&mut self.store, &request, revisions);
        for (old, sent) in old.iter().zip(&documents) {
            let Some(new) = self.store.get(LEDGER, text(sent, "_id")).cloned() else {
                if let Some(old) = old {
                    self.statistics.reach("an entry is deleted");
                    self.oracle.ledger_loses(old, &self.store);
                }
                continue;
            };
            if old.as_ref().is_some_and(|old| old["_rev"] == new["_rev"]) {
                continue;
            }
            if text(&new, "_id") == "settled" {
                self.oracle.is_settled(old.as_ref(), &new);
                continue;
            }
            if new["state"].is_null() {
                self.oracle.claim_is_written(old.as_ref(), &new);
                continue;
            }
            self.entry_changes(of, old.as_ref(), &new);
        }
        answer
    }

    /// A ledger that answers a claim as if it were kept.
    fn drops_claims(&mut self, of: usize, request: &Request) -> Response {
        let documents = entries(request);
        let is_claim = |document: &Value| document["state"].is_null();
        let kept: Vec<&Value> = documents.iter().filter(|document| !is_claim(document)).collect();
        let mut request = request.clone();
        request.body = Some(json!({"docs": kept}).to_string());
        let answer = cozy::serve(&mut self.store, &request, Revisions::Checked);
        let mut written: Vec<Value> = serde_json::from_slice(&answer.body).unwrap_or_default();
        written.reverse();
        let told = documents.iter().map(|document| match is_claim(document) {
            true => json!({"ok": true, "id": document["_id"], "rev": "1-0"}),
            false => written.pop().unwrap_or_default(),
        });
        let answer = cozy::json_answer(answer.status, &told.collect());
        for document in kept {
            let Some(new) = self.store.get(LEDGER, text(document, "_id")).cloned() else { continue };
            self.entry_changes(of, None, &new);
        }
        answer
    }

    fn entry_changes(&mut self, of: usize, old: Option<&Value>, new: &Value) {
        // A mutation's own doing is not what has to be noticed.
        if self.mutation == Mutation::None {
            self.oracle.entry_changes(old, new, &self.dacc);
        }
        let is_made_again = old.is_some_and(|old| changes(old) < changes(new));
        if is_made_again {
            self.statistics.reach("an outdated plan is made again");
        }
        if (old.is_none() || is_made_again) && text(new, "state") == "planned" {
            self.oracle.is_entered(&self.processes[of], &self.store, new);
        }
        let (id, state) = (text(new, "_id"), text(new, "state"));
        let from = old.map_or("", |old| text(old, "state"));
        let process = &mut self.processes[of];
        match state {
            "sending" if text(new, "plannedAt") < process.now.as_str() => {
                self.statistics.reach("a measure waits until another night");
            }
            "cancelled" => {
                self.statistics.reach("an entry is cancelled");
                if text(new, "reason").contains("a command changed the home") {
                    self.statistics.reach("an outdated plan is cancelled");
                }
                self.oracle.is_cancelled(process, new, &self.store);
            }
            "refused" => self.statistics.reach("an entry is refused"),
            "held" => self.statistics.reach("a measure is held"),
            "sent" if !new["heldSince"].is_null() => self.statistics.reach("a held measure is taken"),
            "unknown" => self.statistics.reach("an entry is unknown"),
            "planned" if from == "sending" => self.statistics.reach("an entry goes back to planned"),
            _ => {}
        }
        if state != "sending" && process.sending.as_deref() == Some(id) {
            process.sending = None;
        } else if state == "unknown" {
            self.is_taken_from_another(of, id);
        }
    }

    /// A run finds an entry that is being sent: by one that died, or by one
    /// that is slower than its lease. Without consent it asks for no lease.
    fn is_taken_from_another(&mut self, by: usize, id: &str) {
        let marks = |process: &&Process| process.sending.as_deref() == Some(id);
        let Some(sender) = self.processes.iter().find(marks) else { return };
        let is_slow = self.now - sender.started > 4 * MINUTE;
        if sender.is_alive && !is_slow && !self.processes[by].knows_withdrawal {
            self.oracle.violated(format!("{id} is taken from a run that is sending it"));
        }
        self.oracle.excuse(id.to_owned());
    }

    fn serve_memory(&mut self, of: usize, doctype: &str, request: &Request) -> Response {
        let old = self.store.get(doctype, "memory").cloned().unwrap_or_default();
        let mut request = request.clone();
        if self.mutation == Mutation::SettingsForgotten {
            let mut body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
            body.as_object_mut().unwrap().remove("settings");
            request.body = Some(body.to_string());
        }
        let answer = cozy::serve(&mut self.store, &request, Revisions::Checked);
        if answer.status != 200 {
            return answer;
        }
        let new = self.store.get(doctype, "memory").unwrap();
        if self.mutation == Mutation::None {
            self.oracle.memory_changes(&old, new);
        }
        let after = text(&new["lease"], "by");
        let clock = self.clock();
        let process = &self.processes[of];
        let is_lease_taken = !old.is_object() || old["memory"] == new["memory"];
        if is_lease_taken && !after.is_empty() {
            self.oracle.is_begun(process);
        }
        let is_first = is_lease_taken && process.report.is_none() && !after.is_empty();
        for lease in ["lease", "command"].map(|name| &old[name]).into_iter().filter(|_| is_first) {
            let (before, until) = (text(lease, "by"), lease["until"].as_u64().unwrap_or(0));
            if before.is_empty() {
                continue;
            }
            if before != after {
                let ran_out = until <= clock;
                self.statistics.reach(if ran_out {
                    "a lease has run out"
                } else {
                    "a lease of a wrong clock is passed over"
                });
                let is_set = self.has_wrong_clocks();
                if !ran_out && (until - clock <= 2 * HOUR || !is_set) {
                    self.oracle.violated(format!("{after} takes the lease that {before} holds"));
                }
            } else if process.is_second && until > clock {
                self.statistics.reach("a lease is taken over by the same job");
            }
        }
        let has_days = new["memory"]["days"].as_object().is_some_and(|days| !days.is_empty());
        if old["memory"] != new["memory"] && has_days {
            self.oracle.is_planned(process, &self.schedule.life, &self.store, &mut self.statistics);
        }
        answer
    }

    /// Nothing of an event may change but the flag.
    fn events_are_flagged(&mut self, request: &Request) {
        self.statistics.reach("events are flagged");
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        for event in body["docs"].as_array().unwrap() {
            let Some(mut flagged) = self.store.get(EVENTS, text(event, "_id")).cloned() else { continue };
            if flagged["_rev"] == event["_rev"] {
                flagged["aggregated"] = true.into();
                if flagged != *event {
                    self.oracle.violated(format!("an event is changed: {event}"));
                }
            }
        }
    }

    pub(super) fn dies(&mut self, of: usize, again: bool) {
        let process = &mut self.processes[of];
        process.is_alive = false;
        if let Some(id) = process.sending.clone() {
            self.oracle.excuse(id);
        }
        if again {
            self.begins_second(of);
        }
    }

    /// A job that fails is begun again at once, once.
    fn begins_second(&mut self, of: usize) {
        if self.processes[of].is_second {
            return;
        }
        let at = self.now + 60;
        let plan = self.another(of, at, 400);
        let job = self.processes[of].job.clone();
        self.at(at, Happening::Begin { plan: Box::new(plan), job, is_second: true });
    }

    pub(super) fn is_done(&mut self, of: usize, report: Report) {
        self.trace(|| format!("run {of} is done: {report:?}"));
        let ledger = self.store.documents(LEDGER).count();
        let events = self.store.documents(EVENTS).count();
        let process = &mut self.processes[of];
        process.is_alive = false;
        let most = 4 * (60 + 5 * ledger + events / 100);
        if usize::try_from(process.requests).unwrap() > most {
            self.oracle.violated(format!("{} requests with {ledger} entries", process.requests));
        }
        let is_well = process.plan.is_undisturbed() && process.is_alone;
        match report.end {
            End::Complete => {}
            End::NoConsent => self.statistics.reach("a run has no consent"),
            End::Busy => self.statistics.reach("a lease is busy"),
            End::OutOfTime => self.statistics.reach("a run is out of time"),
            End::Stopped => {
                self.statistics.reach("a run stops");
                if is_well && !self.is_haunted(of) {
                    self.oracle.violated("a run stops, and nothing went wrong".into());
                }
            }
        }
        if report.diagnostics.get(Code::CellTaken) > 0 {
            self.statistics.reach("a cell is another's");
        }
        if report.diagnostics.get(Code::PeriodSettled) > 0 {
            self.statistics.reach("a settled period is not planned");
        }
        if report.diagnostics.get(Code::LateCellKept) > 0 {
            self.statistics.reach("a late cell is kept");
        }
        if report.end == End::Complete && report.left != report.held {
            let (left, held) = (report.left, report.held);
            self.oracle.violated(format!("a run is complete and leaves {left}, of which {held} are held"));
        }
        let retries = report.retry;
        self.processes[of].report = Some(report);
        if retries {
            self.statistics.reach("a retry is asked for");
            self.begins_second(of);
        }
    }

    /// Whether requests of earlier runs may still have arrived.
    fn is_haunted(&self, of: usize) -> bool {
        let started = self.processes[of].started;
        self.processes[..of]
            .iter()
            .any(|other| !other.plan.is_undisturbed() && started.saturating_sub(other.started) < HOUR)
    }
}
