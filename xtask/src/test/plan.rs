//! Which jobs there are, in the order in which they would run.

use super::full::FULL;
use super::schedule::Job;
use super::stage::{self, PREPARATIONS, STAGES, Stage};
use crate::error::{Error, Result};
use crate::project::Project;

/// What can be asked for by name, and is listed.
pub fn tests() -> impl Iterator<Item = &'static Stage> {
    STAGES.iter().chain([&FULL])
}

/// Every stage; what others need stands before them.
fn all() -> impl Iterator<Item = &'static Stage> {
    PREPARATIONS.iter().chain(tests())
}

pub fn stage(name: &str) -> Result<&'static Stage> {
    all().find(|stage| stage.name == name).ok_or_else(|| Error::new(format!("`{name}` is not a stage")))
}

/// The jobs of the stages that `only` names, and of what these need; of all
/// stages, but the one that `full` adds, if it names none.
pub fn plan(project: &Project, only: Option<&str>, full: bool) -> Result<Vec<Job>> {
    let parts = stage::parts(project);
    let jobs: Vec<(&Stage, Job)> = all().flat_map(|stage| jobs(stage, &parts)).collect();
    let mut wanted: Vec<String> = match only {
        None => STAGES.iter().map(|stage| stage.name.to_owned()).collect(),
        Some(only) => only.split(',').map(|name| name.trim().to_owned()).collect(),
    };
    if full {
        wanted.push(FULL.name.to_owned());
    }
    for name in &wanted {
        if !jobs.iter().any(|(stage, job)| is_named(stage, job, name)) {
            let known: Vec<&str> = tests().map(|stage| stage.name).collect();
            return Err(Error::new(format!("`{name}` is not a stage; these are: {}", known.join(", "))));
        }
    }
    // What is needed may need more.
    let mut at = 0;
    while let Some(name) = wanted.get(at).cloned() {
        for (_, job) in jobs.iter().filter(|(stage, job)| is_named(stage, job, &name)) {
            wanted.extend(job.needs.iter().cloned());
        }
        at += 1;
    }
    let is_wanted = |(stage, job): &(&Stage, Job)| wanted.iter().any(|name| is_named(stage, job, name));
    Ok(jobs.into_iter().filter(is_wanted).map(|(_, job)| job).collect())
}

fn is_named(stage: &Stage, job: &Job, name: &str) -> bool {
    stage.name == name || job.name == name
}

/// One job, or one for each part.
fn jobs(stage: &'static Stage, parts: &[String]) -> Vec<(&'static Stage, Job)> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let job = |name: String| Job {
        name,
        what: stage.what.to_owned(),
        needs: owned(stage.needs),
        after: owned(stage.after),
        uses: stage.uses.to_vec(),
    };
    if stage.has_parts && !parts.is_empty() {
        return parts.iter().map(|part| (stage, job(format!("{}/{part}", stage.name)))).collect();
    }
    vec![(stage, job(stage.name.to_owned()))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: Option<&str>, full: bool) -> Vec<String> {
        let project = Project::find().unwrap();
        plan(&project, only, full).unwrap().into_iter().map(|job| job.name).collect()
    }

    #[test]
    fn stages_come_in_their_own_order_after_what_they_need() {
        assert_eq!(names(Some("node, format"), false), ["toolchain", "bindgen", "format", "node"]);
    }

    #[test]
    fn every_stage_is_asked_for_by_default_but_the_full_one() {
        let all = names(None, false);
        for stage in &STAGES {
            assert!(
                all.iter().any(|name| name == stage.name || name.starts_with(&format!("{}/", stage.name)))
            );
        }
        assert!(!all.contains(&"full".to_owned()));
        assert!(names(None, true).contains(&"full".to_owned()));
    }

    #[test]
    fn a_stage_is_asked_for_with_all_its_parts_or_by_one() {
        assert!(names(Some("js"), false).iter().filter(|name| name.starts_with("js/")).count() > 1);
        let one = names(Some("js/cli"), false);
        assert_eq!(one.iter().filter(|name| name.starts_with("js")).collect::<Vec<_>>(), ["js/cli"]);
    }

    #[test]
    fn an_unknown_stage_is_named() {
        let error = plan(&Project::find().unwrap(), Some("format,nothing"), false).unwrap_err();
        assert!(error.to_string().contains("`nothing`"));
    }

    #[test]
    fn nothing_needs_what_is_not_there() {
        for stage in all() {
            for name in stage.needs.iter().chain(stage.after) {
                assert!(super::stage(name).is_ok(), "{} needs {name}", stage.name);
            }
        }
    }
}
