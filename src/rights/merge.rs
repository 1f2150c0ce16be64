//! Merge: a former home becomes part of the current one, as its history.
//!
//! A note in the history of the current home tells that a merge is under way:
//! begun again after a kill it goes on, though the two already share events.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::closing;
use super::collection::Collection;
use super::document::{Key, Keys, content, with};
use super::export::belongs;
use super::import::by_name;
use super::incoming::{Counts, Incoming, is_to_come, name_in_history};
use super::purge::{self, Order, Receipt};
use super::store::{Change, Store};
use super::{OnConflict, Stop, Workspace, consent};
use crate::calendar::{Clock, Day, Moment};
use crate::scan::{Document, fields};

pub(super) const NOTE: &str = "merge";

/// What was merged.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MergeOutcome {
    /// The former's events.
    events: usize,
    former_last: Option<String>,
    current_first: Option<String>,
    collections: BTreeMap<&'static str, Counts>,
    /// The earlier first connection, if it was taken.
    first_connection: Option<String>,
    closed_until: Option<Day>,
    /// What the purge of the former says.
    purged: Receipt,
}

/// The note of a merge.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    #[serde(rename = "_id")]
    id: String,
    is_over: bool,
    former_first: Option<String>,
    former_last: Option<String>,
    /// The last of all, with those to come; the same where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    former_end: Option<String>,
    current_first: Option<String>,
    events: usize,
}

/// The events of the former home.
#[derive(Debug, Default)]
struct Former {
    contents: HashMap<Key, u64>,
    /// Those of days to come, under their names in the history, where they go.
    to_come: HashMap<String, Key>,
    first: Option<(Moment, String)>,
    /// The last that a run could see.
    last: Option<(Moment, String)>,
    /// The last of all.
    end: Option<(Moment, String)>,
    /// The earliest connection, and the one that the profile has, as far as the
    /// former itself consented to their days: consent is never inherited, so
    /// what no run could use there is used by none here.
    first_connection: Option<(Moment, String)>,
    /// Up to which day the current home has to be closed for these events.
    reach: Option<Day>,
}

pub(super) async fn merge(
    workspace: &Workspace,
    former_workspace: &Workspace,
    former_home: &mut Store,
    home: &mut Store,
    backup: bool,
    same_home: bool,
) -> Result<MergeOutcome, Stop> {
    if former_home.memory().home == home.memory().home && !same_home {
        return Err(Stop::because(
            "former: both homes have one id, as a home and its copy have; a home is not merged with itself \
             (--same-home says that they are two places of one home); nothing was merged",
        ));
    }
    let former = former(former_workspace, former_home, home).await?;
    let (stored, note) = note(workspace, home).await?;
    let note = match note {
        Some(note) if !note.is_over => going_on(note, &former, &workspace.settings.clock)?,
        // It was only just over, or another had none: nothing is left to merge.
        Some(note) if former.contents.is_empty() => note,
        _ => begun(workspace, home, &former).await?,
    };
    let was_over = note.is_over;
    // What can be refused comes before the first change.
    for collection in Collection::ALL {
        let Some(doctype) = collection.doctype(&workspace.options.doctypes) else { continue };
        let own = [Collection::Profile, Collection::History];
        let is_log = collection == Collection::Requests;
        if own.contains(&collection) || collection.merge_rule().is_ok() && !is_log {
            home.try_reach(doctype, true).await?;
        }
    }
    refuse_impossible(&copy(workspace, former_workspace, former_home, home, false).await?)?;
    let order = Order { before: None, state: true, backup, undated: false };
    let prepared = purge::prepare(former_workspace, former_home, &order).await?;
    let spot = stored.map(|stored| stored.spot);
    write_note(workspace, home, spot, &note).await?;
    closing::outdate_plans(workspace, home, |_| true).await?;
    let closed_until = match former.reach {
        Some(reach) => Some(closing::close(home, reach).await?),
        None => None,
    };
    let first_connection = earlier_connection(workspace, former_home, home, &former).await?;
    let counts = copy(workspace, former_workspace, former_home, home, true).await?;
    home.commit().await?;
    refuse_impossible(&counts)?;
    if arrived(workspace, home, &former).await? != former.contents.len() {
        return Err(Stop::because(
            "not all events of the former home arrived; it stays as it is, begin again",
        ));
    }
    let purged = purge::carry_out(former_workspace, former_home, &order, prepared).await?;
    let (stored, _) = self::note(workspace, home).await?;
    write_note(workspace, home, stored.map(|stored| stored.spot), &Note { is_over: true, ..note.clone() })
        .await?;
    home.commit().await?;
    Ok(MergeOutcome {
        events: if was_over { 0 } else { note.events },
        former_last: note.former_last.filter(|_| !was_over),
        current_first: note.current_first.filter(|_| !was_over),
        collections: by_name(&counts),
        first_connection,
        closed_until,
        purged,
    })
}

async fn former(workspace: &Workspace, former_home: &mut Store, home: &Store) -> Result<Former, Stop> {
    let clock = &workspace.settings.clock;
    let consent = consent(workspace, &former_home.all(&workspace.options.doctypes.terms).await?);
    let memory = &former_home.memory().memory;
    let profile = former_home.all(&workspace.options.doctypes.profile).await?.into_iter().next();
    let of_profile = profile.and_then(|profile| first_connection(&profile.document, clock));
    let mut former = Former {
        first_connection: of_profile.filter(|(moment, _)| consent.contains(clock.day(*moment))),
        ..Former::default()
    };
    // What came into it from elsewhere was never visible there.
    let visible = consent.after(memory.closed_until);
    let mut keys = Keys::default();
    let mut documents = former_home.documents(&workspace.options.doctypes.events);
    while let Some(stored) = former_home.next_of_app(&mut documents).await? {
        if let Some(why) = home.refuses(&stored.document) {
            return Err(Stop::because(format_args!(
                "former: it has an event that a Cozy cannot hold ({why}); nothing was merged"
            )));
        }
        let (key, content) = (keys.of(&stored.document), content(&stored.document));
        if former.contents.insert(key, content).is_some_and(|before| before != content) {
            return Err(Stop::because("former: one `_id` stands twice, with different contents"));
        }
        let Some(dated) = dated(&stored.document, clock) else { continue };
        former.first = earlier(former.first.take(), dated.clone());
        former.end = former.end.take().max(Some(dated.clone()));
        if is_to_come(workspace, &stored.document) {
            former.to_come.insert(name_in_history(Collection::Events, key, &stored.document), key);
            continue;
        }
        former.reach = former.reach.max(closing::reach(&stored.document));
        if is_connection(&stored.document) && visible.contains(clock.day(dated.0)) {
            former.first_connection = earlier(former.first_connection.take(), dated.clone());
        }
        former.last = former.last.take().max(Some(dated));
    }
    Ok(former)
}

fn earlier(one: Option<(Moment, String)>, other: (Moment, String)) -> Option<(Moment, String)> {
    Some(one.map_or(other.clone(), |one| one.min(other)))
}

fn dated(event: &RawValue, clock: &Clock) -> Option<(Moment, String)> {
    let [date] = fields(Document::known(event.get()), ["eventDate"])?;
    let text = date?.text()?.into_owned();
    Some((clock.read(&text)?, text))
}

/// The first connection that a profile has.
pub(super) fn first_connection(profile: &RawValue, clock: &Clock) -> Option<(Moment, String)> {
    let [date] = fields(Document::known(profile.get()), ["firstConnectionDate"])?;
    let text = date?.text()?.into_owned();
    Some((clock.read(&text)?, text))
}

fn is_connection(event: &RawValue) -> bool {
    let kind = fields(Document::known(event.get()), ["type"]).and_then(|[kind]| kind?.text());
    kind.as_deref() == Some("ConnectionEvent")
}

/// A merge that was begun before: the former can only have become less.
fn going_on(note: Note, former: &Former, clock: &Clock) -> Result<Note, Stop> {
    let noted = |text: &Option<String>| clock.read(text.as_deref()?);
    let moment = |dated: &Option<(Moment, String)>| dated.as_ref().map(|(moment, _)| *moment);
    let (first, end) = (moment(&former.first), moment(&former.end));
    let noted_end = noted(&note.former_end).or(noted(&note.former_last));
    let is_within = former.contents.len() <= note.events
        && (first.is_none() || (first >= noted(&note.former_first) && end <= noted_end));
    if is_within {
        return Ok(note);
    }
    Err(Stop::because("a merge with another former home was begun, and has to be ended first"))
}

/// The note of a merge that may begin.
async fn begun(workspace: &Workspace, home: &Store, former: &Former) -> Result<Note, Stop> {
    let mut keys = Keys::default();
    let mut first: Option<(Moment, String)> = None;
    let (mut shared, mut count) = (0, 0);
    let mut documents = home.documents(&workspace.options.doctypes.events);
    while let Some(stored) = home.next_of_app(&mut documents).await? {
        count += 1;
        match former.contents.get(&keys.of(&stored.document)) {
            Some(&there) if there == content(&stored.document) => shared += 1,
            Some(_) => {
                return Err(Stop::because(
                    "both homes have an event of one `_id`, with different contents; nothing was merged",
                ));
            }
            None => {
                if let Some(dated) = dated(&stored.document, &workspace.settings.clock) {
                    first = earlier(first, dated);
                }
            }
        }
    }
    if shared > 0 && shared == count {
        return Err(Stop::because("the two homes have the same events; a home is not merged with itself"));
    }
    let shown = |dated: &Option<(Moment, String)>| dated.as_ref().map(|(_, text)| text.clone());
    let (former_last, current_first) = (&former.last, &first);
    if let (Some(last), Some(first)) = (former_last, current_first)
        && last.0 >= first.0
    {
        return Err(Stop::because(format_args!(
            "the former home's last event ({}) is not before the current home's first ({}); nothing was merged",
            last.1, first.1
        )));
    }
    Ok(Note {
        id: NOTE.to_owned(),
        is_over: false,
        former_first: shown(&former.first),
        former_last: shown(&former.last),
        former_end: shown(&former.end).filter(|_| !former.to_come.is_empty()),
        current_first: shown(&first),
        events: former.contents.len(),
    })
}

async fn note(
    workspace: &Workspace,
    home: &mut Store,
) -> Result<(Option<super::store::Stored>, Option<Note>), Stop> {
    let key = (Key::of_id(NOTE), Some(NOTE.to_owned()));
    let stored = home.held(&workspace.options.doctypes.history, &[key]).await?.pop().flatten();
    let note = stored.as_ref().and_then(|stored| serde_json::from_str(stored.document.get()).ok());
    Ok((stored, note))
}

async fn write_note(
    workspace: &Workspace,
    home: &mut Store,
    spot: Option<super::store::Spot>,
    note: &Note,
) -> Result<(), Stop> {
    let document = to_raw_value(note).map_err(Stop::because)?;
    let change = match spot {
        Some(spot) => Change::Replace(spot, document),
        None => Change::Insert(Key::of_id(NOTE), document),
    };
    match home.write(&workspace.options.doctypes.history, vec![change]).await? {
        0 => Err(Stop::because("the history was changed at the same time; begin again")),
        _ => Ok(()),
    }
}

/// Gives the current home's profile the earlier first connection.
async fn earlier_connection(
    workspace: &Workspace,
    former_home: &Store,
    home: &mut Store,
    former: &Former,
) -> Result<Option<String>, Stop> {
    let doctype = &workspace.options.doctypes.profile;
    let Some((moment, text)) = former.first_connection.clone() else { return Ok(None) };
    let quoted = json!(text).to_string();
    let Some(current) = home.all(doctype).await?.into_iter().next() else {
        // Without a profile of its own, the home takes the former's.
        let Some(profile) = former_home.all(doctype).await?.into_iter().next() else { return Ok(None) };
        let key = Keys::default().of(&profile.document);
        let profile = with(&profile.document, &[("firstConnectionDate", Some(&quoted))]);
        let profile = profile.ok_or_else(|| Stop::because("former: its profile is no object"))?;
        home.write(doctype, vec![Change::Insert(key, profile)]).await?;
        return Ok(Some(text));
    };
    if first_connection(&current.document, &workspace.settings.clock).is_some_and(|(own, _)| own <= moment) {
        return Ok(None);
    }
    let profile = with(&current.document, &[("firstConnectionDate", Some(&quoted))]);
    let profile = profile.ok_or_else(|| Stop::because("the profile is no object"))?;
    match home.write(doctype, vec![Change::Replace(current.spot, profile)]).await? {
        0 => Err(Stop::because("the profile was changed at the same time; begin again")),
        _ => Ok(Some(text)),
    }
}

fn refuse_impossible(counts: &BTreeMap<Collection, Counts>) -> Result<(), Stop> {
    if counts.values().all(|counts| counts.impossible == 0) {
        return Ok(());
    }
    Err(Stop::because(
        "the former home has documents that this Cozy cannot hold; it stays as it is (an import tells why)",
    ))
}

/// Copies what a merge takes of each collection; without `writes` it only tells
/// what would become of it.
async fn copy(
    workspace: &Workspace,
    former_workspace: &Workspace,
    former_home: &Store,
    home: &mut Store,
    writes: bool,
) -> Result<BTreeMap<Collection, Counts>, Stop> {
    let mut counts = BTreeMap::new();
    for collection in Collection::ALL {
        let (Some(doctype), Ok(into)) =
            (collection.doctype(&workspace.options.doctypes), collection.merge_rule())
        else {
            continue;
        };
        // The current home's word stands, but where the former's mark is higher.
        let is_marks = collection == Collection::Measures;
        let on_conflict = if is_marks { OnConflict::Replace } else { OnConflict::Skip };
        let mut incoming = Incoming::new(workspace, on_conflict, writes);
        let mut documents =
            former_home.documents(collection.doctype(&former_workspace.options.doctypes).unwrap_or(doctype));
        while let Some(stored) = former_home.next_of_app(&mut documents).await? {
            let is_note = super::document::id(&stored.document).as_deref() == Some(NOTE);
            if !is_note && belongs(workspace, collection, &stored.document) {
                incoming.take(home, collection, into, stored.document).await?;
            }
        }
        incoming.flush(home).await?;
        counts.extend(incoming.counts.into_iter().filter(|_| collection != Collection::Requests));
    }
    Ok(counts)
}

/// How many of the former's events are in the current home; those to come are
/// in its history, if they were not its own already.
async fn arrived(workspace: &Workspace, home: &Store, former: &Former) -> Result<usize, Stop> {
    let mut keys = Keys::default();
    let mut count = 0;
    let to_come: HashSet<Key> = former.to_come.values().copied().collect();
    let mut missing = to_come.clone();
    let mut documents = home.documents(&workspace.options.doctypes.events);
    while let Some(stored) = home.next_of_app(&mut documents).await? {
        let key = keys.of(&stored.document);
        if former.contents.get(&key) == Some(&content(&stored.document)) && !missing.remove(&key) {
            count += usize::from(!to_come.contains(&key));
        }
    }
    let mut documents = home.documents(&workspace.options.doctypes.history);
    while !missing.is_empty()
        && let Some(stored) = home.next_of_app(&mut documents).await?
    {
        let name = super::document::id(&stored.document).unwrap_or_default();
        let Some(key) = former.to_come.get(&name) else { continue };
        let [event] = fields(Document::known(stored.document.get()), ["document"]).unwrap_or_default();
        let event = event.and_then(closing::as_written).and_then(|event| RawValue::from_string(event).ok());
        if event.map(|event| content(&event)).as_ref() == former.contents.get(key) {
            missing.remove(key);
        }
    }
    Ok(count + to_come.len() - missing.len())
}
