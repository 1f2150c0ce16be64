//! One usage event, as a document holds it.

use std::borrow::Cow;

use crate::base::text::equal;

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
                Self::from_bytes(name.as_bytes())
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

/// One type in each slot that a name has, so that one comparison tells.
const BY_SLOT: [Option<EventType>; 64] = {
    let mut types = [None; 64];
    let mut at = 0;
    while at < EventType::ALL.len() {
        let slot = slot(EventType::ALL[at].as_str().as_bytes());
        assert!(types[slot].is_none(), "two types have the same slot");
        types[slot] = Some(EventType::ALL[at]);
        at += 1;
    }
    types
};

/// Chosen so that no two types have the same; the compiler looks.
const fn slot(name: &[u8]) -> usize {
    if name.len() < 10 { 0 } else { (name[0] as usize + 2 * (name[9] as usize + name.len())) % 64 }
}

impl EventType {
    pub(crate) fn from_bytes(name: &[u8]) -> Option<EventType> {
        BY_SLOT[slot(name)].filter(|kind| equal(kind.as_str().as_bytes(), name))
    }
}

/// A result as written: a string or the digits of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldValue<'a> {
    Text(Cow<'a, str>),
    Number(&'a str),
}

/// What a valid event holds beside its date.
#[derive(Debug, Clone)]
pub(crate) struct Event<'a> {
    pub(crate) kind: EventType,
    pub(crate) target: Option<Cow<'a, str>>,
    pub(crate) context: Option<Cow<'a, str>>,
    pub(crate) result: Option<FieldValue<'a>>,
    pub(crate) start_date: Option<Cow<'a, str>>,
}

impl Event<'_> {
    /// The result if it is a string.
    pub(crate) fn result_text(&self) -> Option<&str> {
        match &self.result {
            Some(FieldValue::Text(text)) => Some(text),
            _ => None,
        }
    }
}
