//! The small patterns of group values; a regular-expression engine would be
//! larger than the rest of the module.

/// A pattern for a whole text: ASCII characters and classes such as
/// `[a-z0-9_-]`, each followed by nothing, `?`, `*`, `+` or `{least,most}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Item>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    /// Inclusive ranges of bytes.
    class: Vec<(u8, u8)>,
    least: usize,
    most: usize,
}

impl Item {
    fn admits(&self, byte: u8) -> bool {
        self.class.iter().any(|&(low, high)| low <= byte && byte <= high)
    }
}

impl Pattern {
    pub(crate) fn parse(text: &str) -> Result<Pattern, &'static str> {
        let mut rest = text.as_bytes();
        let mut items = Vec::new();
        while let Some((&first, after)) = rest.split_first() {
            let class = match first {
                b'[' => {
                    let end = after.iter().position(|&byte| byte == b']').ok_or("a [ without ]")?;
                    let class = parse_class(&after[..end])?;
                    rest = &after[end + 1..];
                    class
                }
                b'(' | b')' | b'|' | b'.' | b'^' | b'$' | b'\\' | b']' | b'{' | b'}' | b'?' | b'*' | b'+' => {
                    return Err("only characters, [classes] and ? * + {n,m} are known");
                }
                byte => {
                    rest = after;
                    vec![(byte, byte)]
                }
            };
            let (least, most) = parse_repetition(&mut rest)?;
            items.push(Item { class, least, most });
        }
        let printable = |&(low, high): &(u8, u8)| low <= high && low >= b' ' && high <= b'~';
        if items.is_empty() || !items.iter().flat_map(|item| &item.class).all(printable) {
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
            for start in (0..=bytes.len()).filter(|start| reached >> start & 1 == 1) {
                let run = bytes[start..].iter().take(item.most).take_while(|&&b| item.admits(b)).count();
                for length in item.least..=run {
                    next |= 1 << (start + length);
                }
            }
            reached = next;
        }
        reached >> bytes.len() & 1 == 1
    }
}

fn parse_class(text: &[u8]) -> Result<Vec<(u8, u8)>, &'static str> {
    if text.is_empty() || text[0] == b'^' {
        return Err("a class lists its characters");
    }
    let mut ranges = Vec::new();
    let mut rest = text;
    while let Some((&low, after)) = rest.split_first() {
        match after {
            [b'-', high, more @ ..] => {
                ranges.push((low, *high));
                rest = more;
            }
            _ => {
                ranges.push((low, low));
                rest = after;
            }
        }
    }
    Ok(ranges)
}

fn parse_repetition(rest: &mut &[u8]) -> Result<(usize, usize), &'static str> {
    let (bounds, length) = match rest.first() {
        Some(b'?') => ((0, 1), 1),
        Some(b'*') => ((0, usize::MAX), 1),
        Some(b'+') => ((1, usize::MAX), 1),
        Some(b'{') => {
            let end = rest.iter().position(|&byte| byte == b'}').ok_or("a { without }")?;
            let inner = std::str::from_utf8(&rest[1..end]).map_err(|_| "{n,m} holds two numbers")?;
            let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
            let number = |text: &str| {
                let number = text.parse::<u64>().ok().and_then(|number| usize::try_from(number).ok());
                number.ok_or("{n,m} holds two numbers")
            };
            ((number(least)?, number(most)?), end + 1)
        }
        _ => ((1, 1), 0),
    };
    *rest = &rest[length..];
    if bounds.0 > bounds.1 { Err("{n,m} has its smaller number first") } else { Ok(bounds) }
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
