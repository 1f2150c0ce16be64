//! What an app's manifest has to allow: one fragment for the nightly service,
//! which is the least, and one for the commands of the person's rights. Both are
//! made of what is done, for the configuration that is given; a test holds them
//! against each request that is made.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{Collection, CommandName, RequiredAccess};
use crate::ecolyo::{DEFAULT_REMOTE, DEFAULT_SERVICE, DEFAULT_SLUG, Fluid};
use crate::options::{Options, Retention};

/// The remote doctype to try things with, which apps declare beside the other.
const DEV_REMOTE: &str = "cc.cozycloud.dacc.dev_v2";

/// What the stack's permissions tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verb {
    /// Reading, also by a query, and making an index for one.
    Get,
    /// Writing several documents, creating one, and sending.
    Post,
    /// Writing one document under its id.
    Put,
}

/// Who needs a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The nightly service.
    Service,
    /// The commands of the person's rights.
    Rights,
}

/// One entry of a manifest's `permissions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// Its name in the manifest.
    #[serde(skip)]
    pub name: &'static str,
    /// What the person reads of it.
    pub description: &'static str,
    /// The doctype.
    #[serde(rename = "type")]
    pub doctype: String,
    /// What is done with it.
    pub verbs: BTreeSet<Verb>,
}

/// A fragment of a manifest, to be merged into that of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The service's name, and the app's slug.
    service: Option<(String, String)>,
    permissions: Vec<Permission>,
}

impl Fragment {
    /// The fragment for these options.
    ///
    /// ```
    /// use dacc_aggregator::Options;
    /// use dacc_aggregator::rights::{Audience, Fragment};
    ///
    /// let fragment = Fragment::new(&Options::default(), Audience::Service);
    /// assert!(fragment.permissions().iter().any(|permission| permission.doctype == "cc.cozycloud.dacc_v2"));
    /// ```
    pub fn new(options: &Options, of: Audience) -> Fragment {
        let mut permissions = Vec::new();
        let service = match of {
            Audience::Service => {
                service(options, &mut permissions);
                let name = options.service.as_deref().unwrap_or(DEFAULT_SERVICE);
                Some((name.to_owned(), options.slug.as_deref().unwrap_or(DEFAULT_SLUG).to_owned()))
            }
            Audience::Rights => {
                rights(options, &mut permissions);
                None
            }
        };
        Fragment { service, permissions }
    }

    /// What it allows.
    pub fn permissions(&self) -> &[Permission] {
        &self.permissions
    }
}

impl Serialize for Fragment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Named<'a>(&'a [Permission]);
        impl Serialize for Named<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|permission| (permission.name, permission)))
            }
        }
        let mut fragment = serializer.serialize_map(None)?;
        if let Some((name, slug)) = &self.service {
            let file = format!("services/{name}/{slug}.js");
            let service = Service { kind: "node", file, trigger: "@daily before 5am" };
            fragment.serialize_entry("services", &BTreeMap::from([(name, service)]))?;
        }
        fragment.serialize_entry("permissions", &Named(&self.permissions))?;
        fragment.end()
    }
}

/// A service as a manifest has it.
#[derive(Serialize)]
struct Service {
    #[serde(rename = "type")]
    kind: &'static str,
    file: String,
    trigger: &'static str,
}

use Verb::{Get, Post, Put};

/// Adds a permission, or verbs to the one that is there for the doctype.
fn add(
    permissions: &mut Vec<Permission>,
    name: &'static str,
    doctype: &str,
    description: &'static str,
    verbs: &[Verb],
) {
    match permissions.iter_mut().find(|permission| permission.doctype == doctype) {
        Some(permission) => permission.verbs.extend(verbs),
        None => permissions.push(Permission {
            name,
            description,
            doctype: doctype.to_owned(),
            verbs: verbs.iter().copied().collect(),
        }),
    }
}

/// What a run does.
fn service(options: &Options, permissions: &mut Vec<Permission>) {
    let doctypes = &options.doctypes;
    let marks = options.flag_aggregated.unwrap_or(true);
    let (read, verbs): (_, &[Verb]) = match (
        marks,
        (Retention { ledger: None, ..options.retention }) != Retention::default(),
    ) {
        (false, false) => ("Read the day's usage events, to compute anonymous measures on this Cozy", &[Get]),
        (true, false) => (
            "Read the day's usage events, to compute anonymous measures on this Cozy, and mark them as counted",
            &[Get, Post],
        ),
        (_, true) => (
            "Read the day's usage events, to compute anonymous measures on this Cozy, and delete those kept long enough",
            &[Get, Post],
        ),
    };
    add(permissions, "usageEvents", &doctypes.events, read, verbs);
    add(permissions, "terms", &doctypes.terms, "Read whether you consent to anonymous measures", &[Get]);
    let profile = "Read the day of the monthly analysis and whether its summary is wanted";
    add(permissions, "profile", &doctypes.profile, profile, &[Get]);
    inputs(options, permissions);
    let measures = "Keep what was sent, so that nothing is sent twice and you can see it";
    add(permissions, "measures", &doctypes.measures, measures, &[Get, Post]);
    let memory = "Keep what the next night needs to know of the last";
    add(permissions, "memory", &doctypes.memory, memory, &[Get, Post, Put]);
    let jobs = "Go on in a further job where a night's time ended first";
    add(permissions, "jobs", "io.cozy.jobs", jobs, &[Post]);
    let remotes: &[(&'static str, &str)] = match options.remote.as_deref() {
        // The one for production and the one to try things with: which is used
        // is configuration, which comes after the manifest.
        None => &[("dacc", DEFAULT_REMOTE), ("daccDev", DEV_REMOTE)],
        Some(remote) if remote.contains("://") => &[],
        Some(remote) => &[("dacc", remote)],
    };
    for (name, remote) in remotes {
        let send = match *name {
            "dacc" => "Send anonymous measures",
            _ => "Send anonymous measures to the server for trials",
        };
        add(permissions, name, remote, send, &[Post]);
    }
}

/// What measures are made of beside events and profile.
fn inputs(options: &Options, permissions: &mut Vec<Permission>) {
    let doctypes = &options.doctypes;
    add(permissions, "profileType", &doctypes.profile_type, "Read the kind of housing", &[Get]);
    for (&fluid, doctype) in &doctypes.monthly_loads {
        let (name, what) = match fluid {
            Fluid::Electricity => ("electricityMonths", "Read the monthly loads of electricity"),
            Fluid::Water => ("waterMonths", "Read the monthly loads of water"),
            Fluid::Gas => ("gasMonths", "Read the monthly loads of gas"),
        };
        add(permissions, name, doctype, what, &[Get]);
    }
    for (&fluid, doctype) in &doctypes.half_hour_loads {
        let (name, what) = match fluid {
            Fluid::Electricity => {
                ("electricityHalfHours", "Read whether there are half-hour loads of electricity")
            }
            Fluid::Water => ("waterHalfHours", "Read whether there are half-hour loads of water"),
            Fluid::Gas => ("gasHalfHours", "Read whether there are half-hour loads of gas"),
        };
        add(permissions, name, doctype, what, &[Get]);
    }
    add(permissions, "accounts", &doctypes.accounts, "Read which fluids are connected", &[Get]);
    add(permissions, "triggers", &doctypes.triggers, "Read whether a connection is in error", &[Get]);
}

/// What the commands do.
fn rights(options: &Options, permissions: &mut Vec<Permission>) {
    for collection in Collection::ALL {
        let Some(doctype) = collection.doctype(&options.doctypes) else { continue };
        let (name, what) = match collection {
            Collection::Events => ("usageEvents", "Give you your usage events, take them back, delete them"),
            Collection::Profile => ("profile", "Give you your profile, take it back, delete it"),
            Collection::ProfileType => {
                ("profileType", "Give you the kind of your housing, take it back, delete it")
            }
            Collection::Terms => ("terms", "Give you what you consented to, delete it"),
            Collection::Memory => ("memory", "Keep no run from beginning meanwhile, close what is history"),
            Collection::Measures => ("measures", "Show you what was sent, cancel what waits, delete it"),
            Collection::History => ("history", "Keep what was imported where nothing counts it"),
            Collection::Requests => ("requests", "Show you the stack's own log of what was sent"),
            Collection::Backups => continue,
        };
        let verbs =
            CommandName::ALL.into_iter().flat_map(|command| match collection.required_access(command) {
                RequiredAccess::No => &[][..],
                RequiredAccess::Reads => &[Get],
                RequiredAccess::Writes => &[Get, Post],
                RequiredAccess::Holds => &[Get, Post, Put],
            });
        add(permissions, name, doctype, what, &verbs.copied().collect::<Vec<Verb>>());
    }
    // What is expected of a day is computed for the report.
    inputs(options, permissions);
}
