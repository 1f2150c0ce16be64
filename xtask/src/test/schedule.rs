//! Which job runs when: as many at the same time as there are lanes, in the
//! order of the plan, each after what it needs.

use std::sync::mpsc;
use std::thread;

/// Something of which there is one, and that one job uses at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// The folder of cargo's `dev` and `test` profiles: cargo locks it, and
    /// who waits for a lock keeps a lane from others.
    Target,
    /// What is installed on this machine, by apt-get or rustup.
    Machine,
}

#[derive(Debug, Clone)]
pub struct Job {
    /// The stage, and its part if it has several: `clippy`, `js/cli`.
    pub name: String,
    pub what: String,
    /// Jobs that must have passed.
    pub needs: Vec<String>,
    /// Jobs that must have ended, however they did.
    pub after: Vec<String>,
    pub uses: Vec<Shared>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Skipped(String),
    Failed(String),
}

/// Runs each job of the plan once, by `execute`; one that cannot run, because
/// what it needs did not pass, fails or is skipped with that. Gives how each
/// ended, in the order of the plan.
pub fn run<T: Send>(
    plan: &[Job],
    lanes: usize,
    execute: impl Fn(&Job) -> (Outcome, T) + Sync,
    mut ended: impl FnMut(&Job, &Outcome, Option<&T>),
) -> Vec<(Outcome, Option<T>)> {
    let mut states: Vec<State> = plan.iter().map(|_| State::Waiting).collect();
    let mut results: Vec<Option<T>> = plan.iter().map(|_| None).collect();
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        loop {
            while let Some((at, outcome)) = doomed(plan, &states) {
                ended(&plan[at], &outcome, None);
                states[at] = State::Ended(outcome);
            }
            let running = states.iter().filter(|state| matches!(state, State::Running)).count();
            if running < lanes.max(1)
                && let Some(at) = next(plan, &states)
            {
                states[at] = State::Running;
                let (sender, execute) = (sender.clone(), &execute);
                scope.spawn(move || {
                    // The receiver outlives every job.
                    let _ = sender.send((at, execute(&plan[at])));
                });
                continue;
            }
            if running == 0 {
                break;
            }
            let Ok((at, (outcome, result))) = receiver.recv() else { break };
            ended(&plan[at], &outcome, Some(&result));
            states[at] = State::Ended(outcome);
            results[at] = Some(result);
        }
    });
    let outcomes = states.into_iter().map(|state| match state {
        State::Ended(outcome) => outcome,
        State::Waiting | State::Running => Outcome::Failed("not run: it waits for itself".to_owned()),
    });
    outcomes.zip(results).collect()
}

#[derive(Debug, Clone)]
enum State {
    Waiting,
    Running,
    Ended(Outcome),
}

/// The first job that may begin now.
fn next(plan: &[Job], states: &[State]) -> Option<usize> {
    let used: Vec<Shared> = plan
        .iter()
        .zip(states)
        .filter(|(_, state)| matches!(state, State::Running))
        .flat_map(|(job, _)| job.uses.iter().copied())
        .collect();
    let has_ended =
        |name: &String| !matches!(state_of(plan, states, name), Some(State::Waiting | State::Running));
    plan.iter().zip(states).position(|(job, state)| {
        matches!(state, State::Waiting)
            && job.needs.iter().chain(&job.after).all(has_ended)
            && job.uses.iter().all(|one| !used.contains(one))
    })
}

/// A job that will never run, and how it ends by that.
fn doomed(plan: &[Job], states: &[State]) -> Option<(usize, Outcome)> {
    let waiting = plan.iter().enumerate().filter(|(at, _)| matches!(states[*at], State::Waiting));
    waiting.flat_map(|(at, job)| job.needs.iter().map(move |need| (at, need))).find_map(|(at, need)| {
        match state_of(plan, states, need)? {
            State::Ended(Outcome::Failed(_)) => {
                Some((at, Outcome::Failed(format!("not run: `{need}` failed"))))
            }
            State::Ended(Outcome::Skipped(why)) => Some((at, Outcome::Skipped(why.clone()))),
            _ => None,
        }
    })
}

fn state_of<'a>(plan: &[Job], states: &'a [State], name: &str) -> Option<&'a State> {
    plan.iter().position(|job| job.name == name).map(|at| &states[at])
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn job(name: &str, needs: &[&str]) -> Job {
        Job {
            name: name.to_owned(),
            what: String::new(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            after: Vec::new(),
            uses: Vec::new(),
        }
    }

    /// The names in the order in which they began, and how each ended.
    fn begun(plan: &[Job], lanes: usize, fails: &str) -> (Vec<String>, Vec<Outcome>) {
        let order = Mutex::new(Vec::new());
        let execute = |job: &Job| {
            order.lock().unwrap().push(job.name.clone());
            let outcome = match &job.name {
                name if name == fails => Outcome::Failed("broken".to_owned()),
                name if name == "absent" => Outcome::Skipped("there is none".to_owned()),
                _ => Outcome::Passed,
            };
            (outcome, ())
        };
        let outcomes = run(plan, lanes, execute, |_, _, _| {}).into_iter().map(|(outcome, _)| outcome);
        let outcomes = outcomes.collect();
        (order.into_inner().unwrap(), outcomes)
    }

    #[test]
    fn a_job_runs_after_what_it_needs() {
        let plan = [job("c", &["b"]), job("b", &["a"]), job("a", &[])];
        assert_eq!(begun(&plan, 2, "").0, ["a", "b", "c"]);
    }

    #[test]
    fn what_needs_a_failed_job_fails_unrun_and_the_others_run() {
        let plan = [job("a", &[]), job("b", &["a"]), job("c", &["b"]), job("d", &[])];
        let (order, outcomes) = begun(&plan, 1, "a");
        assert_eq!(order, ["a", "d"]);
        assert_eq!(outcomes[1], Outcome::Failed("not run: `a` failed".to_owned()));
        assert_eq!(outcomes[2], Outcome::Failed("not run: `b` failed".to_owned()));
        assert_eq!(outcomes[3], Outcome::Passed);
    }

    #[test]
    fn what_needs_a_skipped_job_is_skipped_and_what_only_comes_after_runs() {
        let mut later = job("later", &[]);
        later.after = vec!["absent".to_owned(), "no-such-job".to_owned()];
        let plan = [later, job("user", &["absent"]), job("absent", &[])];
        let (order, outcomes) = begun(&plan, 1, "");
        assert_eq!(order, ["absent", "later"]);
        assert_eq!(outcomes[1], Outcome::Skipped("there is none".to_owned()));
    }

    #[test]
    fn there_are_never_more_jobs_than_lanes_nor_two_that_share() {
        let (now, most, sharing) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let mut plan: Vec<Job> = (0..12).map(|n| job(&n.to_string(), &[])).collect();
        for one in plan.iter_mut().step_by(2) {
            one.uses = vec![Shared::Target];
        }
        let execute = |job: &Job| {
            let shares = usize::from(!job.uses.is_empty());
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            assert!(sharing.fetch_add(shares, Ordering::SeqCst) + shares < 2);
            thread::sleep(Duration::from_millis(5));
            sharing.fetch_sub(shares, Ordering::SeqCst);
            now.fetch_sub(1, Ordering::SeqCst);
            (Outcome::Passed, ())
        };
        let rows = run(&plan, 3, execute, |_, _, _| {});
        assert!(rows.iter().all(|(outcome, _)| *outcome == Outcome::Passed));
        assert_eq!(most.into_inner(), 3);
    }

    #[test]
    fn jobs_that_wait_for_each_other_do_not_hang() {
        let (order, outcomes) = begun(&[job("a", &["b"]), job("b", &["a"])], 2, "");
        assert!(order.is_empty());
        assert!(matches!(outcomes[0], Outcome::Failed(_)));
    }
}
