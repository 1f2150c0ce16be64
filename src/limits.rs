//! Every bound of a measure and of a run, with its reason.

/// A group's value, a key or a name: the server keeps 100 characters of a
/// name, and a value of some 2 600 bytes breaks its aggregation for good.
pub(crate) const MAX_TEXT_BYTES: usize = 100;

/// The largest value of a measure, either way: the server's column ends at
/// 1e10, and sums over a population have to fit too.
pub(crate) const MAX_VALUE: i64 = 9_999_999;

/// The types of an app's events: a table of them is looked up for each event.
pub(crate) const MAX_EVENT_TYPES: usize = 64;

/// The fields of an app's events.
pub(crate) const MAX_EVENT_FIELDS: usize = 32;

/// The keys of a path; with as many fields as there may be, all have numbers
/// below 256.
pub(crate) const MAX_PATH_KEYS: usize = 6;

/// The dates of an event of one type that spans can start at.
pub(crate) const MAX_START_FIELDS: u32 = 8;

/// A measure has three places for groups.
pub(crate) const MAX_GROUPS: usize = 3;

/// A number farther from 0 than ten to this power is no observation: doubles
/// no longer tell its hundredths apart.
pub(crate) const MAX_OBSERVED_POWER: i32 = 15;

/// A span longer than ten years is a mistake of a clock.
pub(crate) const MAX_SPAN_DAYS: i64 = 3_660;

/// Seniority is coarse beyond five years, so that groups stay large.
pub(crate) const MAX_SENIORITY_MONTHS: u32 = 60;

/// How far back the nightly run looks for days it missed.
pub(crate) const OPEN_DAYS: i32 = 30;

/// How far back the nightly run looks for months it missed.
pub(crate) const DUE_MONTHS: i32 = 3;

/// The day of the month on which monthly indicators are due where the profile
/// does not say.
pub(crate) const DEFAULT_DUE_DAY: u8 = 3;

/// How long a measure waits for a definition that the server does not have:
/// registering one takes people days, and an older measure says little.
pub(crate) const HELD_DAYS: i32 = 30;

/// Fewer homes than this in a group, and the server does not publish it.
pub(crate) const AGGREGATION_THRESHOLD: u32 = 5;

/// How long a day stays open after it was first computed: late events come
/// within a week or not at all, and what is settled need not be read again.
pub(crate) const OPEN_AFTER_COMPUTED: i32 = 7;

/// An event dated further ahead than this was dated by a clock that was wrong:
/// it lies on no day that anybody means.
pub(crate) const MAX_DAYS_AHEAD: i32 = 366;

/// Events of a span's start older than this are kept one a target only.
pub(crate) const START_DAYS: i32 = OPEN_DAYS + OPEN_AFTER_COMPUTED;

/// The most documents that the stack gives at once; a limit above becomes 100.
pub(crate) const PAGE: usize = 1_000;

/// So many pages are a mistake of the server's, not a person's documents.
pub(crate) const MAX_PAGES: usize = 10_000;

/// Pages in a row without a document: the stack says that there is a next page
/// only where one is full, so that one empty page is the last. What a database
/// may leave out of a page while it is written is borne.
pub(crate) const MAX_EMPTY_PAGES: usize = 3;

/// A bookmark holds the last key and id of a page, which are a few hundred
/// bytes; it goes back with the next request.
pub(crate) const MAX_BOOKMARK_BYTES: usize = 64 << 10;

/// A whole answer: a full page of a person's documents has a few hundred
/// kilobytes, and one document may have 8 MB. A host holds it once, and the
/// module twice while it is read. Hosts have the same bound.
pub(crate) const MAX_ANSWER_BYTES: usize = 32 << 20;

/// All documents of a doctype that is read whole (terms, profile, accounts,
/// triggers, monthly loads): a load a month in ten years is 40 kB.
pub(crate) const MAX_WHOLE_BYTES: usize = 32 << 20;

/// The stack gives all triggers at once; a Cozy has a few for each konnector.
pub(crate) const MAX_TRIGGERS: usize = 10_000;

/// What a document in memory takes beside its bytes.
pub(crate) const DOCUMENT_OVERHEAD: usize = 64;

/// All pages of one query: the fields asked for of half a million events.
pub(crate) const MAX_QUERY_BYTES: usize = 128 << 20;

/// Ids of the ledger asked for in one request: with their documents, which are
/// small, less than a megabyte.
pub(crate) const KEYS: usize = 1_000;

/// Documents written in one request: small enough for a slow Cozy.
pub(crate) const BULK: usize = 200;

/// Tries of one request, the first included: what fails so often in a row is
/// not passing, and the next night tries again.
pub(crate) const MAX_TRIES: u32 = 4;

/// Half the first wait before a request is tried again; it doubles each time,
/// and of each wait a random part is taken, so that homes do not come in step.
pub(crate) const BACKOFF_MILLIS: u64 = 500;

/// No wait is longer, also not one that a server asks for: the run has minutes.
pub(crate) const MAX_BACKOFF_MILLIS: u64 = 20_000;

/// `COZY_TIME_LIMIT` is up to 5 s more than the limit that kills; the rest is
/// for what follows the last send.
pub(crate) const TIME_MARGIN_MILLIS: u64 = 15_000;

/// A send and the storing of its outcome take at most this long: the stack
/// gives up on the DACC after 20 s.
pub(crate) const SEND_MILLIS: u64 = 30_000;

/// Consent is read again when it was read longer ago than this; a send that
/// begins right before is still within the 10 s that were promised.
pub(crate) const CONSENT_MILLIS: u64 = 8_000;

/// Where nothing limits a run's time, its lease lasts this long before it is
/// renewed: long enough for any request, short enough to block no night.
pub(crate) const LEASE_MILLIS: u64 = 600_000;

/// A lease that ends later than this from now was written by a clock that was
/// wrong; it holds nobody up.
pub(crate) const MAX_LEASE_MILLIS: u64 = 7_200_000;

/// Jobs that a night may ask for to go on where its time ended; the stack
/// takes 200 service jobs an hour, and a backlog waits for the next night.
pub(crate) const MAX_CONTINUATIONS: u32 = 5;

/// How deep a document may lie in itself. None of a Cozy's goes beyond ten
/// levels; what does was made to exhaust something.
pub(crate) const MAX_DEPTH: usize = 1_024;

/// A document as large as this is none of a person's: CouchDB refuses more
/// than 8 MB. It is also the most that is held of a text while its end is
/// awaited.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 64 << 20;

/// What a command reads or writes of a file at once.
#[cfg(feature = "rights")]
pub(crate) const CHUNK: usize = 1 << 18;

/// The largest document that CouchDB takes. In a home file or an export one may
/// be as large as any other program here reads (`MAX_DOCUMENT_BYTES`): a command
/// of the person's rights holds one at a time.
#[cfg(feature = "rights")]
pub(crate) const MAX_STORED_BYTES: usize = 8_000_000;

/// What stands around a document in an export: two words and a doctype.
#[cfg(feature = "rights")]
pub(crate) const MAX_AROUND_BYTES: usize = 1 << 12;
