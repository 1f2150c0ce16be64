//! The rules that a definition keeps before anything is computed with it.

use std::sync::Arc;

use super::definition::{Definition, GroupDefinition, Several, SnapshotPart, Source, Start, ValueRule};
use super::group::GroupSource;
use crate::calendar::PeriodKind;
use crate::event::EventType;
use crate::limits;
use crate::measure::is_sendable;

/// Checks a definition; the error is the rule it breaks.
pub(super) fn check(definition: &Definition) -> Result<(), String> {
    let keys: Vec<&str> = definition.groups.iter().map(|group| group.key.as_str()).collect();
    let repeated = (1..keys.len()).any(|at| keys[..at].contains(&keys[at]));
    all_kept(&[
        (is_sendable(&definition.name), "a name has 1 to 100 bytes and no control characters"),
        (!definition.description.is_empty(), "a description is needed"),
        (!definition.purpose.is_empty(), "a purpose is needed"),
        (keys.len() <= limits::MAX_GROUPS, "there are at most three groups"),
        (keys.iter().all(|key| is_sendable(key)), "a key has 1 to 100 bytes and no control characters"),
        (!repeated, "two groups have the same key"),
    ])?;
    let is_key = |key: &String, who: &str| match keys.contains(&key.as_str()) {
        true => Ok(()),
        false => Err(format!("{who} {key}, which is no group")),
    };
    for key in definition.identity.iter().flatten() {
        is_key(key, "identity names")?;
    }
    check_value(definition)?;
    let is_span = definition.value == ValueRule::Span {};
    for selector in &definition.events {
        event_type(&selector.event)?;
        if let Some(Start::First(event) | Start::Latest(event)) = &selector.start {
            event_type(event)?;
        }
        all_kept(&[
            (selector.start.is_some() == is_span, "a span's selectors, and only they, have a start"),
            (is_span || !selector.first, "only a span can take the first event"),
            (
                !(selector.first && selector.condition.is_some()),
                "the first event is the first of its type: `first` and `where` exclude each other",
            ),
        ])?;
        for key in selector.groups.keys() {
            is_key(key, "a selector names")?;
        }
    }
    for group in &definition.groups {
        check_group(definition, group).map_err(|rule| format!("group {}: {rule}", group.key))?;
    }
    Ok(())
}

/// The first of these rules that is not kept is the error.
fn all_kept(rules: &[(bool, &str)]) -> Result<(), String> {
    match rules.iter().find(|(is_kept, _)| !is_kept) {
        Some((_, rule)) => Err((*rule).to_owned()),
        None => Ok(()),
    }
}

pub(super) fn event_type(name: &str) -> Result<EventType, String> {
    EventType::from_name(name).ok_or_else(|| format!("there is no event type {name}"))
}

fn check_value(definition: &Definition) -> Result<(), String> {
    let has_events = !definition.events.is_empty();
    let refused = match &definition.value {
        ValueRule::Snapshot { .. } => None,
        _ if !has_events => Some("it reads no events"),
        ValueRule::Count { until: Some(_) } if definition.period == PeriodKind::Day => {
            Some("a count with `until` is monthly")
        }
        ValueRule::DistinctDays { zero: true } if !definition.groups.is_empty() => {
            Some("0 can only be a measure where there are no groups")
        }
        ValueRule::Observation { integers: Some([least, most]), .. } if least > most || *most > 9 => {
            Some("`integers` goes from a smaller to a larger digit")
        }
        _ => None,
    };
    let averaged = matches!(
        definition.value,
        ValueRule::Session {} | ValueRule::Span {} | ValueRule::Observation { .. }
    );
    match refused {
        Some(rule) => Err(rule.into()),
        None if !averaged && definition.contribution == Several::Each => {
            Err("only sessions, spans and observations can be sent each".into())
        }
        None => Ok(()),
    }
}

fn check_group(definition: &Definition, group: &GroupDefinition) -> Result<(), String> {
    let is_snapshot = matches!(definition.value, ValueRule::Snapshot { .. });
    let is_until = matches!(definition.value, ValueRule::Count { until: Some(_) });
    let own = &group.source;
    let named: Vec<_> = definition.events.iter().filter_map(|event| event.groups.get(&group.key)).collect();
    all_kept(&[
        (is_until || !own.reached, "only a count with `until` can be reached"),
        (
            (own.snapshot.is_some() || own.seen.is_some()) == is_snapshot,
            "a snapshot's groups, and only they, come from `snapshot` or `seen`",
        ),
        (
            !named.iter().any(|source| own.reached || source.reached),
            "whether it was reached cannot depend on the selector",
        ),
    ])?;
    check_source(own, own)?;
    let has_origin = is_snapshot || has_origin_itself(own) || named.len() == definition.events.len();
    all_kept(&[(has_origin, "it has no origin of its own, and not every selector names one")])?;
    for source in named {
        check_source(source, own)?;
    }
    Ok(())
}

fn has_origin_itself(source: &Source) -> bool {
    source.constant.is_some()
        || source.field.is_some()
        || source.device.is_some()
        || source.when.is_some()
        || source.join.is_some()
        || source.reached
}

/// Checks a source; constants also against the group's own list.
fn check_source(source: &Arc<Source>, group: &Source) -> Result<(), String> {
    let made = GroupSource::new(source)?;
    let Source { constant, field, when, join, seen, snapshot, values, pattern, other, .. } = &**source;
    let free_text =
        field.is_some() || matches!(snapshot, Some(SnapshotPart::Fluids | SnapshotPart::ProfileType));
    let is_closed = values.is_some() || pattern.is_some();
    let mut constants = values.iter().flatten().chain(other).chain(constant);
    all_kept(&[
        (is_closed || !free_text, "text of an event needs a list or a pattern"),
        (constants.all(|text| is_sendable(text)), "a value has 1 to 100 bytes and no control characters"),
        (join.is_none() || !is_closed && other.is_none(), "what is joined has its lists in its parts"),
        (values.as_ref().is_none_or(|values| !values.is_empty()), "its list is empty"),
    ])?;
    let unlisted = |text: &str| Err(format!("{text} is not in its list"));
    if let (Some(constant), Some(values)) = (constant, &group.values)
        && !values.contains(constant)
    {
        return unlisted(constant);
    }
    let when = when.as_ref().map(|when| [&when.then, &when.otherwise]);
    let seen = seen.as_ref().map(|seen| [&seen.then, &seen.otherwise]);
    for text in [when, seen].into_iter().flatten().flatten() {
        if !made.admits_text(text) {
            return unlisted(text);
        }
    }
    for part in join.iter().flat_map(|join| &join.parts) {
        check_source(part, part)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Catalog;

    fn refusal(indicator: &str) -> String {
        let common = r#""name":"n","period":"day","description":"d","purpose":"p""#;
        let catalog = format!(r#"{{"indicators":[{{{common},{indicator}}}]}}"#);
        Catalog::from_json(&catalog).unwrap_err().to_string()
    }

    #[test]
    fn a_broken_rule_is_named() {
        let count = r#""value":{"kind":"count"}"#;
        for (indicator, rule) in [
            (format!(r#""events":[],{count}"#), "it reads no events"),
            (format!(r#""events":[{{"type":"Nope"}}],{count}"#), "there is no event type Nope"),
            (
                format!(
                    r#""events":[{{"type":"ProfileSetEvent"}}],{count},"groups":[{{"key":"k","source":{{"field":"target"}}}}]"#
                ),
                "group k: text of an event needs a list or a pattern",
            ),
            (
                format!(
                    r#""events":[{{"type":"ProfileSetEvent"}}],{count},"groups":[{{"key":"k","source":{{"values":["a"]}}}}]"#
                ),
                "group k: it has no origin of its own, and not every selector names one",
            ),
            (
                format!(
                    r#""events":[{{"type":"ProfileSetEvent","groups":{{"k":{{"constant":"b"}}}}}}],{count},"groups":[{{"key":"k","source":{{"values":["a"]}}}}]"#
                ),
                "group k: b is not in its list",
            ),
            (
                format!(r#""events":[{{"type":"ProfileSetEvent"}}],{count},"identity":["k"]"#),
                "identity names k, which is no group",
            ),
            (
                r#""events":[{"type":"DuelEndEvent"}],"value":{"kind":"span"}"#.into(),
                "a span's selectors, and only they, have a start",
            ),
            (
                format!(
                    r#""events":[{{"type":"ProfileSetEvent"}}],{count},"groups":[{{"key":"k","source":{{"field":"target","pattern":"a|b"}}}}]"#
                ),
                "group k: only characters, [classes] and ? * + {n,m} are known",
            ),
            (
                format!(r#""events":[{{"type":"ProfileSetEvent"}}],{count},"contribution":"each""#),
                "only sessions, spans and observations can be sent each",
            ),
        ] {
            assert_eq!(refusal(&indicator), format!("catalog: n: {rule}"));
        }
        assert!(refusal(r#""kind":"count""#).starts_with("the catalog cannot be read"));
    }
}
