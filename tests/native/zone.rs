//! A host's part: the offsets of a zone, here from jiff's time-zone data.

use dacc_aggregator::Options;
use dacc_aggregator::calendar::Transition;
use dacc_aggregator::ecolyo::DEFAULT_ZONE;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The options with the transitions of their zone, as a native host fills them in.
pub fn with_zone(options: &str) -> Options {
    let mut options = Options::from_json(options).unwrap();
    let zone = options.zone.as_deref().unwrap_or(DEFAULT_ZONE);
    options.transitions = Some(transitions(zone));
    options
}

pub fn transitions(zone: &str) -> Vec<Transition> {
    let Ok(zone) = TimeZone::get(zone) else { return Vec::new() };
    let (start, end) = (Timestamp::UNIX_EPOCH, "2040-01-01T00:00:00Z".parse().unwrap());
    let initial = Transition { at: None, offset: zone.to_offset(start).seconds() };
    let later =
        zone.following(start).take_while(|transition| transition.timestamp() < end).map(|transition| {
            Transition { at: Some(transition.timestamp().as_second()), offset: transition.offset().seconds() }
        });
    std::iter::once(initial).chain(later).collect()
}
