use std::sync::Arc;

use super::chunked_vec::ChunkedVec;
use super::class::Classes;
use super::ids::{Ids, Key};
use super::span::{WrittenSpan, lasted};
use super::stamp::Stamp;
use super::{DailyCount, Occurrence, Run, Timeline, order};
use crate::app::{Shape, TypeId};
use crate::base::sort::{sort_by, sort_by_number};
use crate::calendar::{Day, Moment, Placing};
use crate::consent::Consent;
use crate::couch::is_own;
use crate::diagnostics::{Code, Diagnostics};
use crate::options::Settings;
use crate::scan::{self, Document, Field, Found, Names};

/// So many events wait for their ids to be looked for together.
const TOGETHER: usize = 128;

/// A host that is wrong about how much will come costs no more than megabytes.
const MAX_EXPECTED: u64 = 1_000_000;

/// A valid event whose id is not yet looked for.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    id: Key,
    moment: Moment,
    stamp: Stamp,
    day: Day,
    class: u32,
    kind: TypeId,
}

/// Reads events one by one, and counts those it has to leave out.
#[derive(Debug)]
pub(crate) struct EventReader {
    shape: Arc<Shape>,
    now: Moment,
    /// The first day whose events count: what a query gives beyond the days it
    /// is made for is as if it were not there.
    since: Option<Day>,
    consent: Consent,
    dates: Placing,
    start_dates: Placing,
    /// A day, and whether it is consented.
    day: Option<(Day, bool)>,
    classes: Classes,
    arrivals: Vec<Arrival>,
    /// Spans that end with arrivals, whose places stand for numbers.
    arriving: Vec<WrittenSpan>,
    ids: Ids,
    stamps: ChunkedVec<Stamp>,
    runs: Vec<(Day, Run)>,
    /// The day of the last event, and the run that it ends.
    run: Option<(Day, Run)>,
    wide: Vec<(u32, u32)>,
    beyond: Vec<(u32, u32)>,
    spans: ChunkedVec<WrittenSpan>,
    firsts: Vec<Option<Occurrence>>,
    starts: Vec<Occurrence>,
    /// By class: how many events of a day were read one after the other.
    counts: Vec<Vec<DailyCount>>,
    diagnostics: Diagnostics,
}

impl EventReader {
    pub(crate) fn new(settings: &Settings, consent: &Consent) -> EventReader {
        let shape = settings.catalog.shape();
        EventReader {
            shape: shape.clone(),
            now: settings.now,
            since: None,
            consent: consent.clone(),
            dates: Placing::new(&settings.clock),
            start_dates: Placing::new(&settings.clock),
            day: None,
            classes: Classes::new(settings.catalog.clone()),
            arrivals: Vec::with_capacity(TOGETHER),
            arriving: Vec::new(),
            ids: Ids::default(),
            stamps: ChunkedVec::default(),
            runs: Vec::new(),
            run: None,
            wide: Vec::new(),
            beyond: Vec::new(),
            spans: ChunkedVec::default(),
            firsts: vec![None; shape.all_types().len()],
            starts: Vec::new(),
            counts: Vec::new(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// Reads events of this day and later ones only.
    pub(crate) fn since(mut self, since: Option<Day>) -> EventReader {
        self.since = since;
        self
    }

    /// Makes room for the events of so many bytes, of which those `read` gave
    /// what there is so far.
    pub(crate) fn expect(&mut self, bytes: usize, read: usize) {
        let events = u64::from(self.ids.len()) * bytes as u64 / read.max(1) as u64;
        let and_some_more = events + events / 16;
        self.ids.expect(and_some_more.min(MAX_EXPECTED) as u32);
    }

    /// The fields that a scanner has to give.
    pub(crate) fn names(&self) -> Names<'static> {
        self.shape.names()
    }

    /// Reads what a scanner found.
    #[inline(always)]
    pub(crate) fn found(&mut self, found: &Found<'_, '_>) {
        let arrived = match found {
            Found::Object(_, fields) => self.arrive(fields),
            Found::Other(_) | Found::Broken => Err(Code::EventMalformed),
        };
        if let Err(code) = arrived {
            self.diagnostics.add(code);
        }
        if self.arrivals.len() == TOGETHER {
            let _ = self.admit_all();
        }
    }

    /// Reads one document; `None` is a piece of text that was not JSON. Gives
    /// the event's number. An event that is left out is counted, and the error
    /// tells why it was; without a reason it is of a day nobody asked for.
    pub(crate) fn document(&mut self, document: Option<Document<'_>>) -> Result<u32, Option<Code>> {
        let fields = document.and_then(|document| scan::fields_named(document, self.names()));
        let arrived = fields.ok_or(Code::EventMalformed).and_then(|fields| self.arrive(&fields));
        match arrived {
            Ok(()) => self.admit_all(),
            Err(code) => {
                self.diagnostics.add(code);
                Err(Some(code))
            }
        }
    }

    /// Takes over what there is of an event, if it is valid.
    fn arrive(&mut self, found: &[Option<Field<'_>>]) -> Result<(), Code> {
        let opened;
        let found = if self.shape.is_nested() {
            opened = self.shape.open(found);
            &opened
        } else {
            found
        };
        let slots = self.shape.places();
        let at = |slot: usize| found.get(slot).copied().flatten();
        let id = at(slots.id);
        // An id may be written with escapes.
        let escaped;
        let id = match id.map(Field::plain) {
            Some(Some(id)) => Some(id),
            _ => {
                escaped = id.and_then(Field::text);
                escaped.as_deref().map(str::as_bytes)
            }
        };
        if id.is_some_and(is_own) || at(slots.deleted).and_then(Field::boolean) == Some(true) {
            return Err(Code::DocumentNotTheApps);
        }
        let kind = match slots.kind {
            Some(kind) => at(kind).and_then(|kind| event_type(kind, &self.shape)),
            None => self.shape.all_types().next(),
        };
        let kind = kind.ok_or(Code::EventTypeUnknown)?;
        let (date, flag) = (at(slots.date), slots.flag.and_then(at));
        let moment = with_bytes(date, |date| self.dates.moment(date)).ok_or(Code::EventDateInvalid)?;
        for (field, start) in self.classes.wanted(kind).start_fields.iter().enumerate() {
            let start = with_bytes(at(start.slot), |text| self.start_dates.moment(text));
            let event = self.arrivals.len() as u32;
            self.arriving.push(WrittenSpan::new(event, field, lasted(start, moment)));
        }
        let (day, begin) = self.dates.day(moment);
        let class = self.classes.number(kind, found);
        let is_aggregated = flag.and_then(Field::boolean) == Some(true);
        let id = id.map_or(Key::NONE, |id| self.ids.key(id));
        self.arrivals.push(Arrival {
            id,
            moment,
            stamp: Stamp::new(moment, begin, is_aggregated, class),
            day,
            class,
            kind,
        });
        Ok(())
    }

    /// Gives arrivals their numbers; what becomes of the last of them.
    fn admit_all(&mut self) -> Result<u32, Option<Code>> {
        let (arrivals, arriving) = (std::mem::take(&mut self.arrivals), std::mem::take(&mut self.arriving));
        self.ids.approach(arrivals.iter().map(|arrival| arrival.id));
        let mut admitted = Err(None);
        let mut spans = arriving.iter().peekable();
        for (place, arrival) in (0..).zip(&arrivals) {
            admitted = self.admit(arrival);
            while let Some(span) = spans.next_if(|span| span.event == place) {
                self.spans.extend(admitted.ok().map(|event| span.of(event)));
            }
            if let Err(Some(code)) = admitted {
                self.diagnostics.add(code);
            }
        }
        self.ids.settle();
        (self.arrivals, self.arriving) = (arrivals, arriving);
        self.arrivals.clear();
        self.arriving.clear();
        admitted
    }

    /// Gives an event its number, if it is one of its own and visible.
    #[inline(always)]
    fn admit(&mut self, arrival: &Arrival) -> Result<u32, Option<Code>> {
        let &Arrival { ref id, moment, stamp, day, class, kind } = arrival;
        // One `_id` is one event, whether or not it is visible.
        let number = match id.is_none() {
            true => None,
            false => Some(self.ids.add(id).ok_or(Some(Code::EventDuplicate))?),
        };
        let visible = if self.since.is_some_and(|since| day < since) {
            Err(None)
        } else if moment > self.now {
            Err(Some(Code::EventInFuture))
        } else if !self.is_consented(day) {
            Err(Some(Code::EventOutsideConsent))
        } else {
            Ok(())
        };
        if let Err(left_out) = visible {
            if number.is_some() {
                self.stamps.push(Stamp::default());
            }
            return Err(left_out);
        }
        let number = number.unwrap_or_else(|| self.ids.add_none());
        let event = Occurrence { number, class, moment, day };
        self.place(event, stamp);
        self.note(kind, event);
        Ok(number)
    }

    fn is_consented(&mut self, day: Day) -> bool {
        match self.day {
            Some((known, is_consented)) if known == day => is_consented,
            _ => {
                let is_consented = self.consent.contains(day);
                self.day = Some((day, is_consented));
                is_consented
            }
        }
    }

    fn place(&mut self, event: Occurrence, stamp: Stamp) {
        self.stamps.push(stamp);
        if Stamp::is_wide(event.class) {
            self.wide.push((event.number, event.class));
        }
        if event.moment.beyond > 0 {
            self.beyond.push((event.number, event.moment.beyond));
        }
        match &mut self.run {
            Some((day, run)) if *day == event.day && run.end == event.number => run.end += 1,
            last => self.runs.extend(last.replace((event.day, event.number..event.number + 1))),
        }
    }

    /// What days other than the event's own have to know of it.
    fn note(&mut self, kind: TypeId, event: Occurrence) {
        let first = &mut self.firsts[kind.index()];
        let is_before =
            |first: Occurrence| event.moment <= first.moment && order(&self.ids, &event, &first).is_lt();
        if first.is_none_or(is_before) {
            *first = Some(event);
        }
        let wanted = self.classes.wanted(kind);
        if wanted.is_start && self.classes.get(event.class).target.is_some() {
            self.starts.push(event);
        }
        if wanted.is_counted {
            let class = event.class as usize;
            if class >= self.counts.len() {
                self.counts.resize_with(class + 1, Vec::new);
            }
            match self.counts[class].last_mut() {
                Some(last) if last.day == event.day => last.count += 1,
                _ => self.counts[class].push(DailyCount { day: event.day, count: 1 }),
            }
        }
    }

    /// The events that count, and what was left out.
    pub(crate) fn finish(mut self) -> (Timeline, Diagnostics) {
        let _ = self.admit_all();
        let mut ids = self.ids;
        ids.close();
        let mut runs = self.runs;
        runs.extend(self.run);
        sort_by_number(&mut runs, |(day, _)| day.number());
        let mut counts = self.counts;
        for counts in counts.iter_mut().filter(|counts| !counts.is_sorted_by_key(|count| count.day)) {
            sort_by(counts, |a, b| a.day.cmp(&b.day));
        }
        let mut starts = self.starts;
        sort_by(&mut starts, |a, b| order(&ids, a, b));
        let start_fields = self.classes.start_fields();
        let (classes, groups) = self.classes.finish();
        let timeline = Timeline {
            stamps: self.stamps,
            ids,
            runs,
            wide: self.wide,
            beyond: self.beyond,
            spans: self.spans,
            classes,
            start_fields,
            groups,
            firsts: self.firsts,
            starts,
            counts,
        };
        (timeline, self.diagnostics)
    }
}

fn event_type(field: Field<'_>, shape: &Shape) -> Option<TypeId> {
    match field.plain() {
        Some(name) => shape.find_type(name),
        None => shape.find_type(field.text()?.as_bytes()),
    }
}

/// Looks at the bytes of a text.
fn with_bytes<T>(field: Option<Field<'_>>, look: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
    let field = field?;
    match field.plain() {
        Some(bytes) => look(bytes),
        None => look(field.text()?.as_bytes()),
    }
}
