//! One usage event, and the reading of many.

use std::collections::HashSet;
use std::ops::Range;

use crate::Error;
use crate::calendar::{Clock, DateTime, Day, Moment};
use crate::consent::Consent;
use crate::diagnostics::{Code, Diagnostics};
use crate::scan::{self, Document, Field, Found};

macro_rules! event_types {
    ($($variant:ident)*) => {
        /// The types of usage events that exist.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "each is named as in the document's `type`")]
        pub enum EventType {
            $($variant,)*
        }

        impl EventType {
            /// Every type.
            pub const ALL: &'static [EventType] = &[$(EventType::$variant),*];

            /// The type as a document's `type` has it.
            pub const fn as_str(self) -> &'static str {
                match self { $(EventType::$variant => stringify!($variant),)* }
            }

            /// The type of this name.
            pub fn from_name(name: &str) -> Option<EventType> {
                match name {
                    $(stringify!($variant) => Some(EventType::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

event_types! {
    ConnectionEvent
    NavigationEvent
    KonnectorConnectEvent
    KonnectorRefreshEvent
    KonnectorAttemptEvent
    ConsumptionCompareEvent
    ConsumptionChangeTimeStepEvent
    ChallengeLaunchEvent
    ChallengeEndEvent
    DuelLaunchEvent
    DuelEndEvent
    QuizEndEvent
    ExplorationEndEvent
    ActionChangeEvent
    ActionEndEvent
    ProfileSetEvent
    ReportFromEvent
}

/// A result as written: a string or the digits of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Text(Box<str>),
    Number(Box<str>),
}

/// One valid event, placed on its day.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) kind: EventType,
    pub(crate) id: Option<Box<str>>,
    pub(crate) target: Option<Box<str>>,
    pub(crate) context: Option<Box<str>>,
    pub(crate) result: Option<Answer>,
    pub(crate) start_date: Option<Box<str>>,
    pub(crate) moment: Moment,
    pub(crate) day: Day,
    /// Whether it is marked so; it never affects what is counted.
    pub(crate) aggregated: bool,
    /// How many events were read before it.
    pub(crate) read: usize,
}

impl Event {
    /// What orders events: date and time, `_id`, then as read.
    pub(crate) fn order(&self) -> (Moment, &str, usize) {
        (self.moment, self.id.as_deref().unwrap_or(""), self.read)
    }

    /// The result if it is a string.
    pub(crate) fn result_text(&self) -> Option<&str> {
        match &self.result {
            Some(Answer::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn read(document: Document<'_>, clock: &Clock, read: usize) -> Result<Event, Code> {
        let names = ["type", "eventDate", "_id", "target", "context", "result", "startDate", "aggregated"];
        let [kind, date, id, target, context, result, start_date, aggregated] =
            scan::fields(document, names).ok_or(Code::EventMalformed)?;
        let text = |field: Option<Field<'_>>| Some(Box::from(field?.text()?));
        let kind = kind.and_then(|field| EventType::from_name(&field.text()?));
        let date = date.and_then(|field| DateTime::parse_rfc3339(&field.text()?));
        let kind = kind.ok_or(Code::EventTypeUnknown)?;
        let moment = clock.moment(date.ok_or(Code::EventDateInvalid)?);
        Ok(Event {
            kind,
            id: text(id),
            target: text(target),
            context: text(context),
            result: result.and_then(|field| match field.number() {
                Some(digits) => Some(Answer::Number(digits.into())),
                None => field.text().map(|text| Answer::Text(text.into())),
            }),
            start_date: text(start_date),
            moment,
            day: clock.day(moment),
            aggregated: aggregated.and_then(Field::boolean) == Some(true),
            read,
        })
    }
}

/// Reads events, page by page, and counts those it has to leave out.
#[derive(Debug)]
pub(crate) struct EventReader<'a> {
    clock: &'a Clock,
    now: Moment,
    consent: &'a Consent,
    seen: HashSet<Box<str>>,
    read: usize,
    visible: Vec<Event>,
    diagnostics: Diagnostics,
}

impl<'a> EventReader<'a> {
    pub(crate) fn new(clock: &'a Clock, now: Moment, consent: &'a Consent) -> Self {
        EventReader {
            clock,
            now,
            consent,
            seen: HashSet::new(),
            read: 0,
            visible: Vec::new(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// Reads a page: a JSON array, a `_find` answer, or NDJSON.
    pub(crate) fn page(&mut self, bytes: &[u8]) -> Result<(), Error> {
        scan::documents(bytes, &[], &mut |found| {
            let document = match found {
                Found::Object(document, []) | Found::Other(document) => Some(document),
                Found::Broken => None,
            };
            _ = self.document(document);
        })
    }

    /// Reads one document; `None` is a piece of text that was not JSON. An
    /// event that is left out is counted, and the error tells why it was.
    pub(crate) fn document(&mut self, document: Option<Document<'_>>) -> Result<(), Code> {
        let event = document
            .ok_or(Code::EventMalformed)
            .and_then(|document| Event::read(document, self.clock, self.read))
            .and_then(|event| self.admit(event));
        self.read += 1;
        match event {
            Ok(event) => self.visible.push(event),
            Err(code) => {
                self.diagnostics.add(code);
                return Err(code);
            }
        }
        Ok(())
    }

    fn admit(&mut self, event: Event) -> Result<Event, Code> {
        if let Some(id) = &event.id
            && !self.seen.insert(id.clone())
        {
            return Err(Code::EventDuplicate);
        }
        if event.moment > self.now {
            return Err(Code::EventInFuture);
        }
        if !self.consent.contains(event.day) {
            return Err(Code::EventOutsideConsent);
        }
        Ok(event)
    }

    /// The events that count, in order, and what was left out.
    pub(crate) fn finish(self) -> (Timeline, Diagnostics) {
        (Timeline::new(self.visible), self.diagnostics)
    }
}

/// The visible events of a home, by day and within a day in their order.
#[derive(Debug, Default)]
pub(crate) struct Timeline(Vec<Event>);

impl Timeline {
    fn new(mut events: Vec<Event>) -> Timeline {
        // By day first: where clocks go back over midnight, a later moment
        // lies in an earlier day.
        events.sort_unstable_by(|a, b| (a.day, a.order()).cmp(&(b.day, b.order())));
        Timeline(events)
    }

    pub(crate) fn all(&self) -> &[Event] {
        &self.0
    }

    /// The events of the days from `first` to `last`, both included.
    pub(crate) fn between(&self, first: Day, last: Day) -> &[Event] {
        &self.0[self.range(first, last)]
    }

    /// Where among all the events those of some days are.
    pub(crate) fn range(&self, first: Day, last: Day) -> Range<usize> {
        let from = self.0.partition_point(|event| event.day < first);
        let to = self.0.partition_point(|event| event.day <= last);
        from..to.max(from)
    }
}
