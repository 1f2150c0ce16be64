//! The rules that a definition keeps before anything is computed with it.

use std::sync::Arc;

use super::definition::{
    Definition, GroupDefinition, Join, Several, SnapshotOf, SnapshotPart, Source, Start, ValueRule,
};
use super::group::GroupSource;
use crate::calendar::PeriodKind;
use crate::device::Device;
use crate::event::EventType;
use crate::limits;
use crate::measure::is_sendable;
use crate::read::Refusal;

/// Checks a definition; the error is the first rule that it breaks.
pub(super) fn check(definition: &Definition) -> Result<(), Refusal> {
    let Definition { groups, events, .. } = definition;
    rule("a name has 1 to 100 bytes and no control characters", is_sendable(&definition.name))?;
    rule("a description is needed", !definition.description.is_empty())?;
    rule("a purpose is needed", !definition.purpose.is_empty())?;
    rule("there are at most three groups", groups.len() <= limits::MAX_GROUPS)?;
    let mut keys = groups.iter().map(|group| &group.key);
    rule("a key has 1 to 100 bytes and no control characters", keys.all(|key| is_sendable(key)))?;
    let is_repeated = |at: usize| has_key(&groups[..at], &groups[at].key);
    rule("two groups have the same key", !(0..groups.len()).any(is_repeated))?;
    for key in definition.identity.iter().flatten() {
        check_key("identity", key, groups)?;
    }
    check_value(definition)?;
    let is_span = definition.value == ValueRule::Span {};
    for selector in events {
        event_type(&selector.event)?;
        if let Some(Start::First(event) | Start::Latest(event)) = &selector.start {
            event_type(event)?;
        }
        rule("a span's selectors, and only they, have a start", selector.start.is_some() == is_span)?;
        rule("only a span can take the first event", is_span || !selector.first)?;
        rule(
            "the first event is the first of its type: `first` and `where` exclude each other",
            !(selector.first && selector.condition.is_some()),
        )?;
        for key in selector.groups.keys() {
            check_key("a selector", key, groups)?;
        }
    }
    for group in groups {
        check_group(definition, group)
            .map_err(|broken| Refusal::new(format!("group {}: {broken}", group.key)))?;
    }
    check_identity(definition)
}

/// Two contributions of one period never have the same identity: the second
/// would be lost.
fn check_identity(definition: &Definition) -> Result<(), Refusal> {
    let Definition { identity, groups, value, .. } = definition;
    let identifies = |group: &GroupDefinition| identity.as_ref().is_none_or(|keys| keys.contains(&group.key));
    if let ValueRule::Snapshot { of } = value {
        let is_fluid = |Source { snapshot, other, .. }: &Source| {
            *snapshot == Some(SnapshotPart::Fluid) && other.is_none()
        };
        // Of all others there is one value in a period.
        return rule(
            "the fluids of a variation are told apart: a group from `fluid`, without `other`, is in its identity",
            *of != SnapshotOf::ConsumptionVariation
                || groups.iter().any(|group| identifies(group) && is_fluid(&group.source)),
        );
    }
    match groups.iter().find(|group| !identifies(group) && !group.source.reached) {
        None => Ok(()),
        Some(GroupDefinition { key, .. }) => Err(Refusal::new(format!(
            "identity leaves out {key}, which tells contributions of one period apart"
        ))),
    }
}

/// A rule that is not kept is the error.
#[inline(never)]
fn rule(rule: &'static str, is_kept: bool) -> Result<(), Refusal> {
    if is_kept { Ok(()) } else { Err(Refusal::new(rule)) }
}

#[inline(never)]
pub(super) fn event_type(name: &str) -> Result<EventType, Refusal> {
    EventType::from_name(name).ok_or_else(|| Refusal::new(format!("there is no event type {name}")))
}

#[inline(never)]
fn has_key(groups: &[GroupDefinition], key: &str) -> bool {
    groups.iter().any(|group| group.key == key)
}

fn check_key(who: &str, key: &str, groups: &[GroupDefinition]) -> Result<(), Refusal> {
    if has_key(groups, key) {
        Ok(())
    } else {
        Err(Refusal::new(format!("{who} names {key}, which is no group")))
    }
}

fn check_value(definition: &Definition) -> Result<(), Refusal> {
    let Definition { value, events, groups, .. } = definition;
    let is_snapshot = matches!(value, ValueRule::Snapshot { .. });
    let is_until = matches!(value, ValueRule::Count { until: Some(_) });
    let counts_nothing = matches!(value, ValueRule::DistinctDays { zero: true });
    let is_range = match value {
        ValueRule::Observation { integers: Some([least, most]), .. } => least <= most && *most <= 9,
        _ => true,
    };
    let is_averaged =
        matches!(value, ValueRule::Session {} | ValueRule::Span {} | ValueRule::Observation { .. });
    rule("it reads no events", is_snapshot || !events.is_empty())?;
    rule("a count with `until` is monthly", !is_until || definition.period != PeriodKind::Day)?;
    rule("0 can only be a measure where there are no groups", !counts_nothing || groups.is_empty())?;
    rule("`integers` goes from a smaller to a larger digit", is_range)?;
    rule(
        "only sessions, spans and observations can be sent each",
        is_averaged || definition.contribution != Several::Each,
    )
}

fn check_group(definition: &Definition, group: &GroupDefinition) -> Result<(), Refusal> {
    let is_snapshot = matches!(definition.value, ValueRule::Snapshot { .. });
    let is_until = matches!(definition.value, ValueRule::Count { until: Some(_) });
    let own = &group.source;
    let named = || definition.events.iter().filter_map(|event| event.groups.get(&group.key));
    rule("only a count with `until` can be reached", is_until || !own.reached)?;
    rule(
        "a snapshot's groups, and only they, come from `snapshot` or `seen`",
        (own.snapshot.is_some() || own.seen.is_some()) == is_snapshot,
    )?;
    rule(
        "whether it was reached cannot depend on the selector",
        !named().any(|source| own.reached || source.reached),
    )?;
    check_source(own, own)?;
    rule(
        "it has no origin of its own, and not every selector names one",
        is_snapshot || has_origin_itself(own) || named().count() == definition.events.len(),
    )?;
    for source in named() {
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

/// Checks a source. Whatever it gives fits its group, whose own it is or for
/// whose it stands.
fn check_source(source: &Arc<Source>, group: &Arc<Source>) -> Result<(), Refusal> {
    let (made, made_group) = (GroupSource::new(source)?, GroupSource::new(group)?);
    let Source { constant, field, device, when, join, seen, snapshot, values, pattern, other, .. } =
        &**source;
    let is_free =
        field.is_some() || matches!(snapshot, Some(SnapshotPart::Fluids | SnapshotPart::ProfileType));
    let is_closed = values.is_some() || pattern.is_some();
    let can_be_sent = |text: &String| is_sendable(text);
    let are_sendable = values.iter().flatten().all(can_be_sent)
        && other.as_ref().is_none_or(can_be_sent)
        && constant.as_ref().is_none_or(can_be_sent);
    rule("text of an event needs a list or a pattern", is_closed || !is_free)?;
    rule("a value has 1 to 100 bytes and no control characters", are_sendable)?;
    rule("what is joined has its lists in its parts", join.is_none() || !is_closed && other.is_none())?;
    rule("its list is empty", values.as_ref().is_none_or(|values| !values.is_empty()))?;
    rule(
        "a selector's pattern or join cannot stand for the list or pattern of its group",
        !(group.values.is_some() || group.pattern.is_some())
            || join.is_none() && (pattern.is_none() || *pattern == group.pattern),
    )?;
    let fits = |text: &&str| made_group.admits_text(text) || group.other.as_deref() == Some(text);
    let when = when.iter().flat_map(|when| [&when.then, &when.otherwise]);
    let seen = seen.iter().flat_map(|seen| [&seen.then, &seen.otherwise]);
    let mut chosen = constant.iter().chain(when).chain(seen).map(String::as_str);
    let listed = values.iter().flatten().chain(other).map(String::as_str);
    let devices = device.filter(|_| !is_closed).map(|_| [Device::Desktop.as_str(), Device::Mobile.as_str()]);
    let misfit = chosen.find(|text| !made.admits_text(text) || !fits(text));
    if let Some(text) =
        misfit.or_else(|| listed.chain(devices.into_iter().flatten()).find(|text| !fits(text)))
    {
        return Err(Refusal::new(format!("{text} is not in its list or pattern")));
    }
    if let Some(Join { parts, with }) = join {
        // Each part has a byte at least.
        let least = parts.len().saturating_sub(1).saturating_mul(with.len()).saturating_add(parts.len());
        rule(
            "what is joined has parts, and at most 100 bytes without control characters",
            (1..=limits::MAX_TEXT_BYTES).contains(&least) && (with.is_empty() || is_sendable(with)),
        )?;
        for part in parts {
            check_source(part, part)?;
        }
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
                "group k: b is not in its list or pattern",
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
