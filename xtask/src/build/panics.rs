//! What a module holds to tell of a panic, and has nobody to tell.
//!
//! In wasm the standard library writes the message of a panic to nowhere, and
//! traps: JavaScript sees `unreachable`, whatever was to be said. Still every
//! index that is checked hands over the index, the length and the place in the
//! source, which is a fortieth of a module. Here the functions that begin a
//! panic become the trap that they end with, so that wasm-opt has nothing to
//! hand over; and the places, which nobody reads then, become zeros.
//! `-Cpanic=immediate-abort` would do the first and `-Zlocation-detail=none`
//! the second, with a nightly compiler alone.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use crate::error::{Context as _, Error, Result};

/// What the names of functions hold that do nothing but panic, or tell that
/// there is no memory and end: in both ways in which rustc writes names, parts
/// of a path, each with its length before it. Of `std::panicking` only what
/// tells: other parts of it are asked whether there is a panic.
const PANICS: [&str; 19] = [
    "4core9panicking",
    "15panic_with_hook",
    "9panicking13panic_handler",
    "22panic_already_borrowed",
    "30panic_already_mutably_borrowed",
    "16slice_index_fail",
    "16slice_error_fail",
    "19slice_error_fail_rt",
    "17len_mismatch_fail",
    "13assert_failed",
    "6option13unwrap_failed",
    "6option13expect_failed",
    "6result13unwrap_failed",
    "18panic_access_error",
    "7raw_vec17capacity_overflow",
    "7raw_vec12handle_error",
    "18handle_alloc_error",
    "5alloc8rust_oom",
    "22panic_on_ord_violation",
];

/// No locals, `unreachable`, `end`.
const TRAP: [u8; 3] = [0, 0x00, 0x0b];

/// Takes from a module what tells of panics.
pub fn forget(module: &Path) -> Result<()> {
    let bytes = fs::read(module).doing(|| format!("read {}", module.display()))?;
    let unknown = || Error::new(format!("{} is no module as rustc makes them", module.display()));
    let (bytes, count) = without_panics(&bytes).ok_or_else(unknown)?;
    if count == 0 {
        return Err(Error::new(format!(
            "{} has no function that panics: this compiler has other names for them, \
             see xtask/src/build/panics.rs",
            module.display()
        )));
    }
    fs::write(module, bytes).doing(|| format!("write {}", module.display()))
}

const CUSTOM: u8 = 0;
const IMPORT: u8 = 2;
const CODE: u8 = 10;
const DATA: u8 = 11;

/// The module without, and how many functions became a trap; `None` for what
/// is not read here.
fn without_panics(module: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut all = Reader { bytes: module, at: 0 };
    let mut made = all.take(8)?.to_vec();
    let (mut imported, mut names, mut sections) = (0, BTreeMap::new(), Vec::new());
    while !all.is_over() {
        let kind = all.byte()?;
        let content = all.sized()?;
        match kind {
            IMPORT => imported = imported_functions(content)?,
            CUSTOM => names.append(&mut function_names(content)?),
            _ => {}
        }
        sections.push((kind, content));
    }
    let mut count = 0;
    for (kind, content) in sections {
        let content = match kind {
            CODE => with_traps(content, &mut count, |at| names.get(&(imported + at)).copied())?,
            DATA => without_places(content)?,
            _ => content.to_vec(),
        };
        made.push(kind);
        write_sized(&mut made, &content);
    }
    Some((made, count))
}

/// How many there are; nothing else is imported.
fn imported_functions(content: &[u8]) -> Option<usize> {
    const FUNCTION: u8 = 0;
    let mut imports = Reader { bytes: content, at: 0 };
    let count = imports.number()?;
    for _ in 0..count {
        let (_module, _name) = (imports.sized()?, imports.sized()?);
        let (FUNCTION, _type) = (imports.byte()?, imports.number()?) else { return None };
    }
    Some(count)
}

/// The names of functions by their numbers, if it is the section with names.
fn function_names(content: &[u8]) -> Option<BTreeMap<usize, &str>> {
    const FUNCTIONS: u8 = 1;
    let mut names = BTreeMap::new();
    let mut custom = Reader { bytes: content, at: 0 };
    if custom.sized()? != b"name" {
        return Some(names);
    }
    while !custom.is_over() {
        let kind = custom.byte()?;
        let mut part = Reader { bytes: custom.sized()?, at: 0 };
        if kind != FUNCTIONS {
            continue;
        }
        for _ in 0..part.number()? {
            let number = part.number()?;
            names.insert(number, std::str::from_utf8(part.sized()?).ok()?);
        }
    }
    Some(names)
}

/// The functions, a trap for each that panics.
fn with_traps<'a>(
    content: &[u8],
    count: &mut usize,
    name: impl Fn(usize) -> Option<&'a str>,
) -> Option<Vec<u8>> {
    let mut functions = Reader { bytes: content, at: 0 };
    let length = functions.number()?;
    let mut made = Vec::with_capacity(content.len());
    write_number(&mut made, length);
    for at in 0..length {
        let body = functions.sized()?;
        let panics = name(at).is_some_and(|name| PANICS.iter().any(|part| name.contains(part)));
        *count += usize::from(panics);
        write_sized(&mut made, if panics { &TRAP } else { body });
    }
    Some(made)
}

/// The data, with zeros where places in the source stand.
fn without_places(content: &[u8]) -> Option<Vec<u8>> {
    let mut data = Reader { bytes: content, at: 0 };
    // From an address in memory on, what stands here.
    let mut segments: Vec<(usize, Range<usize>)> = Vec::new();
    for _ in 0..data.number()? {
        // Of memory 0, from a constant on.
        let (0, 0x41) = (data.number()?, data.byte()?) else { return None };
        let address = data.number()?;
        let 0x0b = data.byte()? else { return None };
        let length = data.sized()?.len();
        segments.push((address, data.at - length..data.at));
    }
    let lies = |address: usize, length: usize| {
        segments.iter().find_map(|(from, place)| {
            let start = place.start + address.checked_sub(*from)?;
            (start + length <= place.end).then_some(start..start + length)
        })
    };
    let mut made = content.to_vec();
    for (address, place) in &segments {
        let mut at = place.start + address.next_multiple_of(4) - address;
        while at + PLACE_BYTES <= place.end {
            match path_of(&content[at..at + PLACE_BYTES], content, &lies) {
                Some(path) => {
                    made[path].fill(0);
                    made[at..at + PLACE_BYTES].fill(0);
                    at += PLACE_BYTES;
                }
                None => at += 4,
            }
        }
    }
    Some(made)
}

/// A `core::panic::Location`: where the path lies and its length, line, column.
const PLACE_BYTES: usize = 16;

/// Where the path of a source lies, if these bytes are a place in one.
fn path_of(
    place: &[u8],
    content: &[u8],
    lies: &dyn Fn(usize, usize) -> Option<Range<usize>>,
) -> Option<Range<usize>> {
    let mut words = place.chunks_exact(4).map(|word| word.try_into().map(u32::from_le_bytes));
    let mut word = || words.next()?.ok();
    let (address, length, line, column) = (word()?, word()?, word()?, word()?);
    let is_likely = length < 300 && (1..100_000).contains(&line) && (1..1_000).contains(&column);
    let path = lies(address as usize, length as usize).filter(|_| is_likely)?;
    let text = &content[path.clone()];
    let is_path = text.ends_with(b".rs") && text.iter().all(|byte| byte.is_ascii_graphic());
    is_path.then_some(path)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn is_over(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// A number of at most 32 bits, seven in each byte.
    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let bytes = self.bytes.get(self.at..)?.get(..length)?;
        self.at += length;
        Some(bytes)
    }

    /// What has its length before it.
    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }
}

fn write_number(to: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        to.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn write_sized(to: &mut Vec<u8>, content: &[u8]) {
    write_number(to, content.len());
    to.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `local.get 0` many times over, so that lengths take two bytes.
    fn long_body() -> Vec<u8> {
        let mut body = vec![0];
        body.extend([0x20, 0, 0x1a].repeat(60));
        body.push(0x0b);
        body
    }

    fn section(module: &mut Vec<u8>, kind: u8, parts: &[&[u8]]) {
        module.push(kind);
        write_sized(module, &parts.concat());
    }

    fn sized(content: &[u8]) -> Vec<u8> {
        let mut made = Vec::new();
        write_sized(&mut made, content);
        made
    }

    /// A module with two imports, these functions, and this data from 1 MiB on.
    fn module(functions: &[(&str, &[u8])], data: &[u8]) -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        section(&mut module, IMPORT, &[&[2], b"\x01a\x01b\0\x05", b"\x01a\x01c\0\x06"]);
        let bodies: Vec<u8> = functions.iter().flat_map(|(_, body)| sized(body)).collect();
        section(&mut module, CODE, &[&[functions.len() as u8], &bodies]);
        section(&mut module, DATA, &[b"\x01\0\x41\x80\x80\xc0\0\x0b", &sized(data)]);
        let mut names = vec![functions.len() as u8];
        for (at, (name, _)) in (2..).zip(functions) {
            names.push(at);
            names.extend(sized(name.as_bytes()));
        }
        section(&mut module, CUSTOM, &[&sized(b"name"), &[0, 1, 0], &[1], &sized(&names)]);
        section(&mut module, CUSTOM, &[&sized(b"other"), b"anything"]);
        module
    }

    #[test]
    fn what_panics_becomes_a_trap_and_all_else_stays() {
        let body = long_body();
        let named = |panics: &'static [u8]| {
            module(
                &[
                    ("_RNvNtCsgX_4core9panicking18panic_bounds_check", panics),
                    ("_RNvNtNtCseb_3std9panicking11panic_count17is_zero_slow_path", &body),
                    ("_ZN4core9panicking9panic_fmt17h0123456789abcdefE", panics),
                    ("_RNvNtNtNtCsgX_4core5slice5index16slice_index_fail", panics),
                    ("_RNvNtCs12_15dacc_aggregator9aggregate", &body),
                ],
                b"text",
            )
        };
        let long: &'static [u8] = Box::leak(long_body().into_boxed_slice());
        assert_eq!(without_panics(&named(long)), Some((named(&TRAP), 3)));
    }

    #[test]
    fn places_in_the_source_become_zeros_and_all_else_stays() {
        const AT: u32 = 1 << 20;
        let place = |numbers: [u32; 4]| numbers.map(u32::to_le_bytes).concat();
        let data = |path: &[u8], places: [[u32; 4]; 2]| {
            let places = places.map(place).concat();
            let others = [[AT + 10, 4, 1, 1], [AT, 4, 0, 1], [AT + 9000, 4, 1, 1], [7, 0, 1, 1]].map(place);
            [path, b"text", &places, &others.concat()].concat()
        };
        let none = module(&[], &data(&[0; 12], [[0; 4]; 2]));
        let some = module(&[], &data(b"src/facts.rs", [[AT, 12, 99, 5], [AT, 12, 4000, 17]]));
        assert_eq!(without_panics(&some), Some((none, 0)));
    }

    #[test]
    fn what_is_no_module_is_not_read() {
        let whole = module(&[("a", &long_body())], b"text");
        for length in [0, 7, 9, 20, 40, whole.len() - 1] {
            assert_eq!(without_panics(&whole[..length]), None, "{length}");
        }
    }
}
