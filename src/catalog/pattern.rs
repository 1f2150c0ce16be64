//! The small patterns of group values; a regular-expression engine would be
//! larger than the rest of the module.

use crate::decode::number;

/// A pattern for a whole text: ASCII characters and classes such as
/// `[a-z0-9_-]`, each followed by nothing, `?`, `*`, `+` or `{least,most}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Item>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    /// The characters that fit, as one bit each; none if one is not printable.
    class: u128,
    least: usize,
    most: usize,
}

impl Item {
    fn admits(&self, byte: u8) -> bool {
        // Halves: a shift of 128 bits is a call in wasm.
        let half = if byte < 64 { self.class } else { self.class >> 64 } as u64;
        byte.is_ascii() && half >> (byte % 64) & 1 == 1
    }
}

impl Pattern {
    pub(crate) fn parse(text: &str) -> Result<Pattern, &'static str> {
        let mut rest = text.as_bytes();
        let mut items = Vec::new();
        while let Some((&first, after)) = rest.split_first() {
            let (class, after) = match first {
                b'[' => split_once(after, b']').ok_or("a [ without ]")?,
                _ if br"()|.^$\]{}?*+".contains(&first) => {
                    return Err("only characters, [classes] and ? * + {n,m} are known");
                }
                _ => rest.split_at(1),
            };
            let class = parse_class(class)?;
            rest = after;
            let (least, most) = parse_repetition(&mut rest)?;
            items.push(Item { class, least, most });
        }
        if items.is_empty() || items.iter().any(|item| item.class == 0) {
            return Err("a pattern has at least one character, all printable ASCII");
        }
        Ok(Pattern(items))
    }

    /// Whether the whole of `text` fits.
    pub(crate) fn matches(&self, text: &str) -> bool {
        // The positions that the items so far can have reached, as one bit
        // each; a group's value is no longer than that.
        let bytes = text.as_bytes();
        if bytes.len() > crate::limits::MAX_TEXT_BYTES {
            return false;
        }
        let mut reached: u128 = 1;
        for item in &self.0 {
            let mut next = 0;
            while reached != 0 {
                let start = reached.trailing_zeros() as usize;
                reached &= reached - 1;
                let run = bytes[start..].iter().take(item.most).take_while(|&&b| item.admits(b)).count();
                if run >= item.least {
                    // As many ends as there are lengths.
                    next |= (u128::MAX >> (127 - (run - item.least))) << (start + item.least);
                }
            }
            reached = next;
        }
        reached >> bytes.len() & 1 == 1
    }
}

/// The characters from `low` to `high`, which is not smaller, if they are printable.
fn range(low: u8, high: u8) -> u128 {
    if b' ' <= low && high <= b'~' { u128::MAX << low & u128::MAX >> (127 - high) } else { 0 }
}

fn parse_class(text: &[u8]) -> Result<u128, &'static str> {
    if text.is_empty() || text[0] == b'^' {
        return Err("a class lists its characters");
    }
    let mut class = 0;
    let mut rest = text;
    while let Some((&low, after)) = rest.split_first() {
        let (high, more) = match after {
            [b'-', high, more @ ..] => (*high, more),
            _ => (low, after),
        };
        if high < low {
            return Err("a range in a class has its smaller character first");
        }
        let characters = range(low, high);
        if characters == 0 {
            return Ok(0);
        }
        class |= characters;
        rest = more;
    }
    Ok(class)
}

fn parse_repetition(text: &mut &[u8]) -> Result<(usize, usize), &'static str> {
    let Some((&first, mut after)) = text.split_first() else { return Ok((1, 1)) };
    let bounds = match first {
        b'?' => (0, 1),
        b'*' => (0, usize::MAX),
        b'+' => (1, usize::MAX),
        b'{' => {
            let (bounds, more) = split_once(after, b'}').ok_or("a { without }")?;
            after = more;
            let (least, most) = split_once(bounds, b',').unwrap_or((bounds, bounds));
            let bound = |text| usize::try_from(number(str::from_utf8(text).ok()?)?).ok();
            bound(least).zip(bound(most)).ok_or("{n,m} holds two numbers")?
        }
        _ => return Ok((1, 1)),
    };
    *text = after;
    if bounds.0 > bounds.1 { Err("{n,m} has its smaller number first") } else { Ok(bounds) }
}

/// What stands before and after the first of these bytes.
fn split_once(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&other| other == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_is_for_the_whole_text() {
        let slug = Pattern::parse("[a-z0-9][a-z0-9_-]{0,49}").unwrap();
        for text in ["a", "enedis", "0_-", &"a".repeat(50)] {
            assert!(slug.matches(text), "{text}");
        }
        for text in ["", "_a", "Enedis", "é", "a b", &"a".repeat(51), &"a".repeat(5000)] {
            assert!(!slug.matches(text), "{text}");
        }
    }

    #[test]
    fn repetitions_give_back_what_the_rest_needs() {
        let pattern = Pattern::parse("a*ab?c+[0-9]{2}").unwrap();
        for text in ["ac00", "aaabcc42"] {
            assert!(pattern.matches(text), "{text}");
        }
        for text in ["c00", "ab00", "ac0", "ac000"] {
            assert!(!pattern.matches(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for text in
            ["", "(a)", "a|b", ".", "[a", "[]", "[^a]", "a{2", "a{2,1}", "a{x}", "*", "[z-a]", "é", "\\d"]
        {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
