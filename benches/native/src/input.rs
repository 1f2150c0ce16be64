//! The input files: one home's events, written in one way or another.

use std::io::{self, Write};

use rand::{RngExt as _, SeedableRng as _};
use rand_xorshift::XorShiftRng;

use crate::events::home;
use crate::json::Json;
use crate::mix::{self, Mix};

const SEED: u64 = 20_240_309;

/// How the events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The fields of an event and no more.
    Slim,
    /// With `_rev` and `cozyMetadata`; the default.
    Full,
    /// Full, in ASCII alone.
    Ascii,
    /// Full, the keys of each object in an order of their own.
    Shuffled,
    /// Full, indented.
    Pretty,
    /// Full, in the order of `_id` instead of time.
    ById,
    /// Events that follow what is left to chance, with `_rev` and metadata.
    Mix,
    /// The same without.
    MixSlim,
    /// The mix with a thousand targets, or fifty thousand.
    Targets,
    ManyTargets,
    /// Documents of 20 to 200 kB of which a few fields are read.
    Trips,
}

impl Shape {
    pub fn from_name(name: &str) -> Option<Shape> {
        Some(match name {
            "slim" => Shape::Slim,
            "full" => Shape::Full,
            "ascii" => Shape::Ascii,
            "shuffled" => Shape::Shuffled,
            "pretty" => Shape::Pretty,
            "by-id" => Shape::ById,
            "mix" => Shape::Mix,
            "mix-slim" => Shape::MixSlim,
            "targets" => Shape::Targets,
            "many-targets" => Shape::ManyTargets,
            "trips" => Shape::Trips,
            _ => return None,
        })
    }
}

/// Writes so many events: a JSON array, or one a line. The same arguments
/// give the same bytes, on any machine.
pub fn write(count: usize, shape: Shape, is_lines: bool, to: &mut impl Write) -> io::Result<()> {
    let mut random = XorShiftRng::seed_from_u64(SEED);
    let mix = |targets, is_full| Mix { targets, is_full };
    match shape {
        Shape::Mix => written(mix::documents(count, mix(0, true), &mut random), is_lines, to),
        Shape::MixSlim => written(mix::documents(count, mix(0, false), &mut random), is_lines, to),
        Shape::Targets => written(mix::documents(count, mix(1_000, true), &mut random), is_lines, to),
        Shape::ManyTargets => written(mix::documents(count, mix(50_000, true), &mut random), is_lines, to),
        Shape::Trips => written(mix::trips(count, &mut random), is_lines, to),
        _ => write_home(count, shape, is_lines, to, &mut random),
    }
}

/// Writes these documents as they come.
fn written(documents: impl Iterator<Item = Json>, is_lines: bool, to: &mut impl Write) -> io::Result<()> {
    let (open, between, close) = framing(is_lines);
    to.write_all(open.as_bytes())?;
    for (place, document) in documents.enumerate() {
        if place > 0 {
            to.write_all(between.as_bytes())?;
        }
        document.write(to, false)?;
    }
    to.write_all(close.as_bytes())
}

/// What stands before, between and after documents.
fn framing(is_lines: bool) -> (&'static str, &'static str, &'static str) {
    if is_lines { ("", "\n", "\n") } else { ("[", ",", "]\n") }
}

fn write_home(
    count: usize,
    shape: Shape,
    is_lines: bool,
    to: &mut impl Write,
    random: &mut XorShiftRng,
) -> io::Result<()> {
    let events = home(count, random);
    let mut ids: Vec<String> = events.iter().map(|_| format!("{:032x}", random.random::<u128>())).collect();
    let mut order: Vec<usize> = (0..count).collect();
    if shape == Shape::ById {
        order.sort_unstable_by(|&a, &b| ids[a].cmp(&ids[b]));
    }
    let (open, between, close) = framing(is_lines);
    to.write_all(open.as_bytes())?;
    for (place, index) in order.into_iter().enumerate() {
        if place > 0 {
            to.write_all(between.as_bytes())?;
        }
        let id = std::mem::take(&mut ids[index]);
        let mut document = events[index].document(id, shape != Shape::Slim, random);
        match shape {
            Shape::Ascii => document.plain(),
            Shape::Shuffled => document.shuffle(random),
            _ => {}
        }
        document.write(to, shape == Shape::Pretty && !is_lines)?;
    }
    to.write_all(close.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn text(shape: Shape, is_lines: bool) -> String {
        let mut bytes = Vec::new();
        write(300, shape, is_lines, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_shape_holds_the_same_events() {
        let read = |shape| {
            let mut events: Vec<Value> = serde_json::from_str(&text(shape, false)).unwrap();
            events.sort_by_key(|event| event["eventDate"].to_string());
            events.into_iter().map(|event| (event["_id"].clone(), event["type"].clone())).collect::<Vec<_>>()
        };
        let full = read(Shape::Full);
        assert_eq!(full.len(), 300);
        for shape in [Shape::Slim, Shape::Ascii, Shape::Shuffled, Shape::Pretty, Shape::ById] {
            assert_eq!(read(shape), full, "{shape:?}");
        }
    }

    #[test]
    fn the_shapes_are_what_they_are_called() {
        assert!(!text(Shape::Full, false).is_ascii());
        assert!(text(Shape::Ascii, false).is_ascii());
        assert_eq!(text(Shape::Full, true).lines().count(), 300);
        let bytes_an_event = |shape| text(shape, false).len() / 300;
        assert!((170..200).contains(&bytes_an_event(Shape::Slim)), "{}", bytes_an_event(Shape::Slim));
        assert!((400..430).contains(&bytes_an_event(Shape::Full)), "{}", bytes_an_event(Shape::Full));
    }
}
