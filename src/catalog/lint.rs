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
    let rule = |kept: bool, rule: &str| if kept { Ok(()) } else { Err(rule.to_owned()) };
    let keys: Vec<&str> = definition.groups.iter().map(|group| group.key.as_str()).collect();
    let repeated = (1..keys.len()).any(|at| keys[..at].contains(&keys[at]));

    rule(is_sendable(&definition.name), "a name has 1 to 100 bytes and no control characters")?;
    rule(!definition.description.is_empty(), "a description is needed")?;
    rule(!definition.purpose.is_empty(), "a purpose is needed")?;
    rule(keys.len() <= limits::MAX_GROUPS, "there are at most three groups")?;
    rule(keys.iter().all(|key| is_sendable(key)), "a key has 1 to 100 bytes and no control characters")?;
    rule(!repeated, "two groups have the same key")?;
    for key in definition.identity.iter().flatten() {
        rule(keys.contains(&key.as_str()), &format!("identity names {key}, which is no group"))?;
    }
    check_value(definition)?;
    for selector in &definition.events {
        event_type(&selector.event)?;
        if let Some(Start::First(event) | Start::Latest(event)) = &selector.start {
            event_type(event)?;
        }
        let is_span = definition.value == ValueRule::Span {};
        rule(selector.start.is_some() == is_span, "a span's selectors, and only they, have a start")?;
        rule(is_span || !selector.first, "only a span can take the first event")?;
        let is_first_of_some = selector.first && selector.condition.is_some();
        rule(
            !is_first_of_some,
            "the first event is the first of its type: `first` and `where` exclude each other",
        )?;
        for key in selector.groups.keys() {
            rule(keys.contains(&key.as_str()), &format!("a selector names {key}, which is no group"))?;
        }
    }
    definition.groups.iter().try_for_each(|group| {
        check_group(definition, group).map_err(|rule| format!("group {}: {rule}", group.key))
    })
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
    if own.reached && !is_until {
        return Err("only a count with `until` can be reached".into());
    }
    if (own.snapshot.is_some() || own.seen.is_some()) != is_snapshot {
        return Err("a snapshot's groups, and only they, come from `snapshot` or `seen`".into());
    }
    let overrides = || definition.events.iter().filter_map(|selector| selector.groups.get(&group.key));
    if overrides().any(|source| own.reached || source.reached) {
        return Err("whether it was reached cannot depend on the selector".into());
    }
    check_source(own, own)?;
    let mut has_origin = definition.events.iter().map(|selector| selector.groups.get(&group.key));
    if !is_snapshot && !has_origin_itself(own) && has_origin.any(|source| source.is_none()) {
        return Err("it has no origin of its own, and not every selector names one".into());
    }
    overrides().try_for_each(|source| check_source(source, own))
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
    let free_text = source.field.is_some()
        || matches!(source.snapshot, Some(SnapshotPart::Fluids | SnapshotPart::ProfileType));
    if free_text && source.values.is_none() && source.pattern.is_none() {
        return Err("text of an event needs a list or a pattern".into());
    }
    let constants = source.values.iter().flatten().chain(&source.other).chain(&source.constant);
    if constants.clone().any(|text| !is_sendable(text)) {
        return Err("a value has 1 to 100 bytes and no control characters".into());
    }
    if source.join.is_some()
        && (source.values.is_some() || source.pattern.is_some() || source.other.is_some())
    {
        return Err("what is joined has its lists in its parts".into());
    }
    if source.values.as_ref().is_some_and(Vec::is_empty) {
        return Err("its list is empty".into());
    }
    if let (Some(constant), Some(values)) = (&source.constant, &group.values)
        && !values.contains(constant)
    {
        return Err(format!("{constant} is not in its list"));
    }
    let choices = source.when.iter().flat_map(|when| [&when.then, &when.otherwise]);
    let seen = source.seen.iter().flat_map(|seen| [&seen.then, &seen.otherwise]);
    if let Some(text) = choices.chain(seen).find(|text| !made.admits_text(text)) {
        return Err(format!("{text} is not in its list"));
    }
    match &source.join {
        Some(join) => join.parts.iter().try_for_each(|part| check_source(part, part)),
        None => Ok(()),
    }
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
