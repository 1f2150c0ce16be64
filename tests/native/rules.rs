//! The strict rules of a measure, checked on its bytes and written apart from
//! the catalog.

use serde_json::Value;

/// What a group may hold.
enum Allowed {
    Values(&'static [&'static str]),
    /// `[A-Z][A-Z0-9_]{0,29}`, else `other`.
    Id,
    /// `[a-z0-9][a-z0-9_-]{0,49}`, else `other`.
    Slug,
    /// The params of navigation-action-daily.
    Params,
    /// Whole months, 60 at most.
    Seniority,
}

use Allowed::{Id, Params, Seniority, Slug, Values};

type Groups = &'static [(&'static str, Allowed)];

const INDICATORS: &[(&str, bool, Groups)] = &[
    ("connection-count-daily", false, &[("device", Values(&["desktop", "mobile"]))]),
    (
        "konnector-event-daily",
        false,
        &[
            ("slug", Slug),
            ("event_type", Values(&["connection", "refresh"])),
            ("status", Values(&["success", "error"])),
        ],
    ),
    (
        "konnector-connected-daily",
        false,
        &[(
            "categories",
            Values(&[
                "electricity",
                "water",
                "gas",
                "electricity:water",
                "electricity:gas",
                "water:gas",
                "electricity:water:gas",
            ]),
        )],
    ),
    (
        "navigation-count-daily",
        false,
        &[(
            "page",
            Values(&[
                "electricity",
                "gas",
                "eau",
                "water",
                "multifluid",
                "faq",
                "legalNotice",
                "consumption",
                "challenges",
                "ecogestures",
                "analysis",
                "options",
                "other",
            ]),
        )],
    ),
    ("challenge-launch-daily", false, &[("challenge_id", Id)]),
    (
        "session-duration",
        false,
        &[
            ("number_pages", Values(&["0", "1", "2", "3-5", "6-10", "11-20", "21+"])),
            ("session_type", Values(&["first", "any"])),
        ],
    ),
    (
        "navigation-action-daily",
        false,
        &[
            ("page", Values(&["challenges", "consumption", "profile"])),
            ("feature", Values(&["action-change", "compare", "change-timestep", "profile-set"])),
            ("params", Params),
        ],
    ),
    (
        "event-duration",
        false,
        &[
            (
                "start_event",
                Values(&[
                    "first-session",
                    "challenge-launch",
                    "duel-launch",
                    "quiz-launch",
                    "exploration-launch",
                    "action-launch",
                ]),
            ),
            (
                "end_event",
                Values(&[
                    "first-challenge",
                    "challenge-end",
                    "duel-end",
                    "quiz-end",
                    "exploration-end",
                    "action-end",
                ]),
            ),
            ("params", Id),
        ],
    ),
    ("quiz-stars", false, &[("challenge_id", Id), ("quiz_id", Id)]),
    (
        "consumption-variation-monthly",
        true,
        &[
            ("fluid_type", Values(&["electricity", "water", "gas"])),
            ("seniority", Seniority),
            (
                "fluid_usage",
                Values(&[
                    "heating",
                    "hot_water",
                    "cooking",
                    "heating:hot_water",
                    "heating:cooking",
                    "hot_water:cooking",
                    "heating:hot_water:cooking",
                    "none",
                    "unknown",
                ]),
            ),
        ],
    ),
    ("summary-subscription-monthly", true, &[("event_type", Values(&["analysis", "none"]))]),
    (
        "fluid-data-granularity-monthly",
        true,
        &[("fluid_type", Values(&["electricity"])), ("granularity", Values(&["minute"]))],
    ),
    ("connection-count-monthly", true, &[]),
    ("profile-count-monthly", true, &[]),
    ("konnector-attempts-monthly", true, &[("slug", Slug), ("success", Values(&["true", "false"]))]),
];

/// Whether a text is an id such as `CHALLENGE0001`.
pub fn is_id(text: &str) -> bool {
    let rest = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    text.len() <= 30 && text.starts_with(|c: char| c.is_ascii_uppercase()) && text.bytes().all(rest)
}

/// Whether a text is a konnector's slug.
pub fn is_slug(text: &str) -> bool {
    let first = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let rest = |b: u8| first(b) || b == b'_' || b == b'-';
    (1..=50).contains(&text.len()) && first(text.as_bytes()[0]) && text.bytes().all(rest)
}

impl Allowed {
    fn admits(&self, text: &str) -> bool {
        match self {
            Values(values) => values.contains(&text),
            Id => text == "other" || is_id(text),
            Slug => text == "other" || is_slug(text),
            Params => text == "none" || text == "other" || is_id(text) || is_step_and_fluid(text),
            Seniority => text.parse::<u8>().is_ok_and(|months| months <= 60 && months.to_string() == text),
        }
    }
}

fn is_step_and_fluid(text: &str) -> bool {
    let steps = ["halfhour", "hour", "day", "week", "month", "year", "other"];
    let fluids = ["electricity", "water", "gas", "multifluid", "other"];
    text.split_once('-').is_some_and(|(step, fluid)| steps.contains(&step) && fluids.contains(&fluid))
}

/// The hundredths of a value as it stands in the bytes; an error if it could
/// be written shorter, has more than two decimals, or is beyond the bound.
pub fn hundredths(token: &str) -> Result<i128, String> {
    let refused = || format!("value {token}");
    let unsigned = token.strip_prefix('-').unwrap_or(token);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let shortest = !fraction.ends_with('0')
        && !unsigned.ends_with('.')
        && (whole == "0" || !whole.starts_with('0'))
        && token != "-0";
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 2 || !shortest {
        return Err(refused());
    }
    let amount: i128 = format!("{whole}{fraction:0<2}").parse().map_err(|_| refused())?;
    if amount > 999_999_900 {
        Err(refused())
    } else {
        Ok(if token.starts_with('-') { -amount } else { amount })
    }
}

/// The value's token in a payload.
pub fn value_token(payload: &str) -> &str {
    let rest = payload.split_once(r#","value":"#).map_or("", |(_, rest)| rest);
    rest.split([',', '}']).next().unwrap_or("")
}

/// Whether a payload keeps every rule of §4; the error is what is wrong.
pub fn check(payload: &str) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{what}: {payload}"));
    let measure: Value = serde_json::from_str(payload).map_err(|error| error.to_string())?;
    let name = measure["measureName"].as_str().unwrap_or("");
    let Some((_, is_monthly, groups)) = INDICATORS.iter().find(|(known, ..)| *known == name) else {
        return wrong("an unknown name");
    };
    let date = measure["startDate"].as_str().unwrap_or("");
    let is_date = date.parse::<jiff::civil::Date>().is_ok_and(|day| day.to_string() == date);
    if !is_date || (*is_monthly && !date.ends_with("-01")) {
        return wrong("its date");
    }
    let token = value_token(payload);
    hundredths(token)?;
    // Fields in order, nothing more and nothing twice: the payload written anew is the payload.
    let mut written =
        format!(r#"{{"createdBy":"ecolyo","measureName":"{name}","startDate":"{date}","value":{token}"#);
    for (at, (key, allowed)) in groups.iter().enumerate() {
        let field = format!("group{}", at + 1);
        let Some(value) = measure[&field][key].as_str() else {
            return wrong(&field);
        };
        if !allowed.admits(value)
            || value.is_empty()
            || value.len() > 100
            || value.chars().any(char::is_control)
        {
            return wrong(key);
        }
        written += &format!(r#","{field}":{{"{key}":{}}}"#, Value::from(value));
    }
    written.push('}');
    if written == payload { Ok(()) } else { wrong("its fields") }
}

#[test]
fn the_checker_itself_refuses_what_breaks_a_rule() {
    let good = r#"{"createdBy":"ecolyo","measureName":"quiz-stars","startDate":"2024-03-09","value":2.5,"group1":{"challenge_id":"other"},"group2":{"quiz_id":"QUIZ001"}}"#;
    assert_eq!(check(good), Ok(()));
    for (from, to) in [
        ("ecolyo", "someone"),
        ("quiz-stars", "quiz-star"),
        ("2024-03-09", "2024-02-30"),
        ("2024-03-09", "2024-03-09T00:00:00Z"),
        ("2.5", "2.50"),
        ("2.5", "2.555"),
        ("2.5", "-0"),
        ("2.5", "\"2.5\""),
        ("2.5", "null"),
        ("2.5", "9999999.01"),
        ("QUIZ001", "quiz001"),
        ("quiz_id", "quizId"),
        ("\"}}", "\",\"more\":\"x\"}}"),
        (r#","group2":{"quiz_id":"QUIZ001"}"#, ""),
        ("}}", r#"},"group3":{}}"#),
    ] {
        assert!(check(&good.replace(from, to)).is_err(), "{to}");
    }
}
