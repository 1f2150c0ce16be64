//! A home's usage events, as likely as they are in the app.

use rand::seq::IndexedRandom as _;
use rand::{Rng, RngExt as _};
use time::{Date, Duration, Month, PrimitiveDateTime, Time};

use crate::json::Json;

/// A home connects until then.
pub const LAST_DAY: (i32, Month, u8) = (2025, Month::December, 31);

/// No home keeps more years of events than this.
const MOST_DAYS: usize = 1096;

/// A lively home; more events than this a day only where there would
/// otherwise be too many days.
const EVENTS_A_DAY: usize = 60;

const EVENTS_A_SESSION: usize = 12;

/// What happens in a session, and how often.
const HAPPENINGS: [(&str, u32); 15] = [
    ("NavigationEvent", 520),
    ("ConsumptionChangeTimeStepEvent", 130),
    ("ConsumptionCompareEvent", 70),
    ("KonnectorRefreshEvent", 40),
    ("KonnectorConnectEvent", 12),
    ("KonnectorAttemptEvent", 12),
    ("ActionChangeEvent", 45),
    ("ActionEndEvent", 30),
    ("QuizEndEvent", 35),
    ("ExplorationEndEvent", 22),
    ("ChallengeLaunchEvent", 18),
    ("ChallengeEndEvent", 16),
    ("DuelLaunchEvent", 18),
    ("DuelEndEvent", 16),
    ("ProfileSetEvent", 8),
];

const PAGES: [&str; 13] = [
    "consumption",
    "consumption",
    "electricity",
    "water",
    "gas",
    "multifluid",
    "challenges",
    "ecogestures",
    "analysis",
    "options",
    "faq",
    "legalNotice",
    "écogestes",
];
const TIME_STEPS: [&str; 6] = ["halfhour", "hour", "day", "week", "month", "year"];
const FLUIDS: [&str; 4] = ["electricity", "water", "gas", "multifluid"];
const KONNECTORS: [&str; 3] = ["enedisgrandlyon", "eglgrandlyon", "grdfgrandlyon"];
const BROWSERS: [&str; 4] = [
    "chrome",
    "firefox",
    "desktop",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
];

/// Where a page was opened from, in the words on the screen.
const PLACES: [&str; 6] = [
    "accueil",
    "Défi du mois",
    "L’électricité à la maison",
    "Économies d’énergie",
    "Au cœur de l’été",
    "dit « le \"bon\" geste »",
];

/// One event before it is written.
pub struct Event {
    kind: &'static str,
    at: PrimitiveDateTime,
    target: Option<String>,
    context: Option<String>,
    result: Json,
    start: Option<String>,
}

/// So many events of one home, in the order of time.
pub fn home(count: usize, random: &mut impl Rng) -> Vec<Event> {
    let days = count.div_ceil(EVENTS_A_DAY).clamp(1, MOST_DAYS);
    let (year, month, day) = LAST_DAY;
    let last = Date::from_calendar_date(year, month, day).unwrap_or(Date::MIN);
    let mut events = Vec::with_capacity(count);
    for index in 0..days {
        let date = last - Duration::days(i64::try_from(days - 1 - index).unwrap_or(0));
        let so_far = (index + 1) * count / days;
        day_of(date, so_far - events.len(), random, &mut events);
    }
    events
}

/// Sessions between six in the morning and eleven at night, one after the other.
fn day_of(date: Date, count: usize, random: &mut impl Rng, events: &mut Vec<Event>) {
    let sessions = count.div_ceil(EVENTS_A_SESSION);
    let Some(slot) = (17 * 3_600_000_i64).checked_div(i64::try_from(sessions).unwrap_or(0)) else { return };
    let pause = (slot / 2 / i64::try_from(EVENTS_A_SESSION).unwrap_or(1)).min(120_000);
    let begin = PrimitiveDateTime::new(date, Time::MIDNIGHT) + Duration::hours(6);
    for session in 0..sessions {
        let share = count / sessions + usize::from(session < count % sessions);
        let offset = slot * i64::try_from(session).unwrap_or(0) + random.random_range(0..slot / 2);
        let mut at = begin + Duration::milliseconds(offset);
        for index in 0..share {
            let kind = if index == 0 { "ConnectionEvent" } else { happening(random) };
            events.push(Event::new(kind, at, events.is_empty(), random));
            at += Duration::milliseconds(random.random_range(1..=pause));
        }
    }
}

fn happening(random: &mut impl Rng) -> &'static str {
    let total: u32 = HAPPENINGS.iter().map(|(_, weight)| weight).sum();
    let mut rest = random.random_range(0..total);
    for (kind, weight) in HAPPENINGS {
        match rest.checked_sub(weight) {
            Some(less) => rest = less,
            None => return kind,
        }
    }
    "NavigationEvent"
}

fn pick(choices: &[&str], random: &mut impl Rng) -> Option<String> {
    choices.choose(random).map(|&choice| choice.to_owned())
}

fn numbered(prefix: &str, count: u32, random: &mut impl Rng) -> Option<String> {
    Some(format!("{prefix}{:04}", random.random_range(1..=count)))
}

impl Event {
    fn new(kind: &'static str, at: PrimitiveDateTime, is_first: bool, random: &mut impl Rng) -> Event {
        let mut event = Event { kind, at, target: None, context: None, result: Json::Null, start: None };
        let outcome = |random: &mut _, often| if chance(random, often) { "success" } else { "error" };
        match kind {
            "ConnectionEvent" => {
                event.context = pick(&BROWSERS, random);
                if is_first {
                    event.result = Json::text("firstConnection");
                }
            }
            "NavigationEvent" => {
                event.target = pick(&PAGES, random);
                event.context = if chance(random, 30) { pick(&PLACES, random) } else { None };
            }
            "ConsumptionChangeTimeStepEvent" | "ConsumptionCompareEvent" => {
                event.target = pick(&TIME_STEPS, random);
                event.context = pick(&FLUIDS, random);
            }
            "KonnectorRefreshEvent" | "KonnectorConnectEvent" | "KonnectorAttemptEvent" => {
                event.target = pick(&KONNECTORS, random);
                event.result = Json::text(outcome(random, 85));
            }
            "ActionChangeEvent" => {
                event.target = numbered("ECOGESTURE", 90, random);
                event.context = numbered("CHALLENGE", 12, random);
            }
            "ChallengeLaunchEvent" => event.target = numbered("CHALLENGE", 12, random),
            "DuelLaunchEvent" => {
                event.target = numbered("DUEL", 12, random);
                event.context = numbered("CHALLENGE", 12, random);
            }
            "ProfileSetEvent" => {}
            _ => event.end(random),
        }
        event
    }

    /// What ends began some time in the last three weeks; a few dates are
    /// missing, and a few lie after the end, as clocks are.
    fn end(&mut self, random: &mut impl Rng) {
        let (prefix, count) = match self.kind {
            "ActionEndEvent" => ("ECOGESTURE", 90),
            "QuizEndEvent" => ("QUIZ", 12),
            "ExplorationEndEvent" => ("EXPLORATION", 20),
            "DuelEndEvent" => ("DUEL", 12),
            _ => ("CHALLENGE", 12),
        };
        self.target =
            if chance(random, 2) { Some("défi d’été".into()) } else { numbered(prefix, count, random) };
        if self.kind != "ChallengeEndEvent" {
            self.context = numbered("CHALLENGE", 12, random);
        }
        self.result = match self.kind {
            "QuizEndEvent" => Json::Number(random.random_range(0..=5)),
            "DuelEndEvent" => Json::text(if chance(random, 50) { "win" } else { "loss" }),
            _ => Json::Null,
        };
        let before = Duration::milliseconds(random.random_range(-3_600_000..21 * 86_400_000));
        self.start = if chance(random, 1) { None } else { Some(written(self.at - before)) };
    }

    /// The document; the fields of CouchDB and Cozy around it where it is full.
    pub fn document(&self, id: String, is_full: bool, random: &mut impl Rng) -> Json {
        let mut fields = vec![("_id", Json::Text(id))];
        if is_full {
            fields.push(("_rev", Json::Text(format!("1-{:032x}", random.random::<u128>()))));
        }
        let text = |text: &Option<String>| text.clone().map_or(Json::Null, Json::Text);
        fields.extend([
            ("type", Json::text(self.kind)),
            ("target", text(&self.target)),
            ("context", text(&self.context)),
            ("result", self.result.clone()),
        ]);
        fields.extend(self.start.clone().map(|start| ("startDate", Json::Text(start))));
        fields.extend([("eventDate", Json::Text(written(self.at))), ("aggregated", Json::Boolean(false))]);
        if is_full {
            fields.push(("cozyMetadata", self.metadata(random)));
        }
        Json::Object(fields)
    }

    /// As cozy-client writes it when the event is saved.
    fn metadata(&self, random: &mut impl Rng) -> Json {
        let saved = written(self.at + Duration::milliseconds(random.random_range(5..400)));
        Json::Object(vec![
            ("doctypeVersion", Json::Number(1)),
            ("metadataVersion", Json::Number(1)),
            ("createdAt", Json::Text(saved.clone())),
            ("createdByApp", Json::text("ecolyo")),
            (
                "updatedByApps",
                Json::Array(vec![Json::Object(vec![
                    ("slug", Json::text("ecolyo")),
                    ("date", Json::Text(saved)),
                ])]),
            ),
        ])
    }
}

fn chance(random: &mut impl Rng, percent: u32) -> bool {
    random.random_range(0..100) < percent
}

pub fn written(at: PrimitiveDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond()
    )
}
