//! The catalog's small patterns, matched by trying every way.

struct Item {
    class: Vec<(char, char)>,
    least: usize,
    most: usize,
}

fn parse(pattern: &str) -> Vec<Item> {
    let mut rest: Vec<char> = pattern.chars().collect();
    let mut items = Vec::new();
    while !rest.is_empty() {
        let mut class = Vec::new();
        if rest[0] == '[' {
            let end = rest.iter().position(|&c| c == ']').unwrap();
            let inside = &rest[1..end];
            let mut at = 0;
            while at < inside.len() {
                if at + 2 < inside.len() && inside[at + 1] == '-' {
                    class.push((inside[at], inside[at + 2]));
                    at += 3;
                } else {
                    class.push((inside[at], inside[at]));
                    at += 1;
                }
            }
            rest.drain(..=end);
        } else {
            class.push((rest[0], rest[0]));
            rest.remove(0);
        }
        let (least, most) = match rest.first() {
            Some('?') => (0, 1),
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('{') => {
                let end = rest.iter().position(|&c| c == '}').unwrap();
                let inside: String = rest[1..end].iter().collect();
                let (least, most) = inside.split_once(',').unwrap();
                rest.drain(..end);
                (least.parse().unwrap(), most.parse().unwrap())
            }
            _ => {
                items.push(Item { class, least: 1, most: 1 });
                continue;
            }
        };
        rest.remove(0);
        items.push(Item { class, least, most });
    }
    items
}

fn matches(items: &[Item], text: &[char]) -> bool {
    let Some((item, later)) = items.split_first() else { return text.is_empty() };
    let fits = |c: &char| item.class.iter().any(|(from, to)| from <= c && c <= to);
    let run = text.iter().take_while(|c| fits(c)).count().min(item.most);
    (item.least..=run).any(|taken| matches(later, &text[taken..]))
}

/// Whether the whole text fits.
pub fn fits(pattern: &str, text: &str) -> bool {
    matches(&parse(pattern), &text.chars().collect::<Vec<_>>())
}

#[test]
fn patterns_are_of_the_whole_text() {
    for (pattern, yes, no) in [
        ("[A-Z][A-Z0-9_]{0,29}", "CHALLENGE0001", "aCHALLENGE"),
        ("a*ab?", "aaab", "b"),
        ("[a-c]{1,2}x+", "abxx", "abcx"),
        ("[a_-]+", "a-_", "b"),
    ] {
        assert!(fits(pattern, yes) && !fits(pattern, no), "{pattern}");
    }
}
