//! The rules that a definition keeps before anything is computed with it.

use std::sync::Arc;

use super::definition::{
    ContributionMode, Definition, GroupDefinition, Join, SnapshotOf, SnapshotPart, Source, Start, ValueRule,
};
use super::device::Device;
use super::group::GroupSource;
use crate::app::{Shape, TARGET};
use crate::calendar::PeriodKind;
use crate::decode::{Refusal, has_twice, rule};
use crate::limits;
use crate::measure::is_sendable;

/// Checks a definition; the error is the first rule that it breaks.
pub(super) fn check(definition: &Definition, shape: &Shape) -> Result<(), Refusal> {
    let Definition { groups, events, .. } = definition;
    rule("a name has 1 to 100 bytes and no control characters", is_sendable(&definition.name))?;
    rule("an id is a number from 1 to 2147483647", definition.id.is_none_or(is_id))?;
    // Fewer homes in a published group would be known by it.
    rule(
        "aggregationThreshold is a number from 5 to 2147483647",
        definition.threshold.is_none_or(|least| is_id(least) && least >= limits::AGGREGATION_THRESHOLD),
    )?;
    rule("a description is needed", !definition.description.is_empty())?;
    rule("a purpose is needed", !definition.purpose.is_empty())?;
    rule("there are at most three groups", groups.len() <= limits::MAX_GROUPS)?;
    let mut keys = groups.iter().map(|group| &group.key);
    rule("a key has 1 to 100 bytes and no control characters", keys.all(|key| is_sendable(key)))?;
    rule("two groups have the same key", !has_twice(groups.len(), &|at| &groups[at].key))?;
    for key in definition.identity.iter().flatten() {
        check_key("identity", key, groups)?;
    }
    check_value(definition)?;
    let is_span = definition.value == ValueRule::Span {};
    for selector in events {
        shape.type_named(&selector.event)?;
        if let Some(Start::First(event) | Start::Latest(event)) = &selector.start {
            shape.type_named(event)?;
        }
        if let Some(Start::Latest(_)) = &selector.start {
            shape.text_named(TARGET)?;
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
        check_group(definition, group, shape)
            .map_err(|broken| Refusal::new(format!("group {}: {broken}", group.key)))?;
    }
    Ok(())
}

/// Whether the server's database can hold it, which has no numbers without a sign.
fn is_id(number: u32) -> bool {
    number > 0 && i32::try_from(number).is_ok()
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

fn identifies(definition: &Definition, group: &GroupDefinition) -> bool {
    definition.identity.as_ref().is_none_or(|keys| keys.contains(&group.key))
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
    // Of other snapshots there is one value in a period.
    let is_variation = *value == ValueRule::Snapshot { of: SnapshotOf::ConsumptionVariation };
    let tells_fluids_apart = |group: &GroupDefinition| {
        let Source { snapshot, other, .. } = &*group.source;
        *snapshot == Some(SnapshotPart::Fluid) && other.is_none() && identifies(definition, group)
    };
    rule(
        "a variation is identified by its fluid, which has no `other`",
        !is_variation || groups.iter().any(tells_fluids_apart),
    )?;
    rule("it reads no events", is_snapshot || !events.is_empty())?;
    rule("a count with `until` is monthly", !is_until || definition.period != PeriodKind::Day)?;
    rule("0 can only be a measure where there are no groups", !counts_nothing || groups.is_empty())?;
    rule("`integers` goes from a smaller to a larger digit", is_range)?;
    rule(
        "only sessions, spans and observations can be sent each",
        is_averaged || definition.contribution != ContributionMode::Each,
    )
}

fn check_group(definition: &Definition, group: &GroupDefinition, shape: &Shape) -> Result<(), Refusal> {
    let is_snapshot = matches!(definition.value, ValueRule::Snapshot { .. });
    let is_until = matches!(definition.value, ValueRule::Count { until: Some(_) });
    let own = &group.source;
    let is_inside = own.inside.is_some();
    let named = || definition.events.iter().filter_map(|event| event.groups.get(&group.key));
    rule("only a count with `until` can be reached", is_until || !own.reached)?;
    let is_session = definition.value == ValueRule::Session {};
    rule("only a session has events inside", is_session || !is_inside)?;
    // A late event would change it, and the session would be sent once more.
    rule("what is inside a session does not identify it", !(is_inside && identifies(definition, group)))?;
    // Else two contributions of one period had one identity, and the second were lost.
    rule(
        "identity leaves out what an event decides",
        is_snapshot || own.reached || is_inside || identifies(definition, group),
    )?;
    let is_of_snapshot = own.snapshot.is_some() || own.seen.is_some();
    rule(
        "a snapshot's groups come from `snapshot`, `seen` or a `constant`, and only its from the first two",
        if is_snapshot { is_of_snapshot || own.constant.is_some() } else { !is_of_snapshot },
    )?;
    let is_of_cell = |source: &Source| source.reached || source.inside.is_some();
    rule(
        "what tells of the whole cell, `reached` or `inside`, cannot depend on the selector",
        !named().any(|source| is_of_cell(own) || is_of_cell(source)),
    )?;
    check_source(own, own, shape)?;
    rule(
        "it has no origin of its own, and not every selector names one",
        is_snapshot || has_origin_itself(own) || named().count() == definition.events.len(),
    )?;
    for source in named() {
        check_source(source, own, shape)?;
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
        || source.inside.is_some()
}

/// Checks a source. Whatever it gives fits its group, whose own it is or for
/// whose it stands.
fn check_source(source: &Arc<Source>, group: &Arc<Source>, shape: &Shape) -> Result<(), Refusal> {
    let (made, made_group) = (GroupSource::new(source, shape)?, GroupSource::new(group, shape)?);
    let Source { constant, field, device, when, join, seen, snapshot, values, pattern, other, .. } =
        &**source;
    check_buckets(source)?;
    let is_free =
        field.is_some() || matches!(snapshot, Some(SnapshotPart::Fluids | SnapshotPart::FluidUsage));
    let is_closed = values.is_some() || pattern.is_some();
    rule("text of an event needs a list or a pattern", is_closed || !is_free)?;
    rule("what is joined has its lists in its parts", join.is_none() || !is_closed && other.is_none())?;
    rule("its list is empty", values.as_ref().is_none_or(|values| !values.is_empty()))?;
    rule(
        "a selector's join or other pattern cannot stand for the group's list or pattern",
        !(group.values.is_some() || group.pattern.is_some())
            || join.is_none() && (pattern.is_none() || *pattern == group.pattern),
    )?;
    let (when, seen) = (when.as_ref(), seen.as_ref());
    let is_free_device = device.is_some() && !is_closed;
    let chosen = [
        constant.as_ref(),
        other.as_ref(),
        when.map(|when| &when.then),
        when.map(|when| &when.otherwise),
        seen.map(|seen| &seen.then),
        seen.map(|seen| &seen.otherwise),
    ];
    for text in chosen {
        check_text(text.map(String::as_str), &made, &made_group)?;
    }
    for text in values.as_deref().unwrap_or_default() {
        check_text(Some(text), &made, &made_group)?;
    }
    for device in [Device::Desktop, Device::Mobile] {
        check_text(is_free_device.then(|| device.as_str()), &made, &made_group)?;
    }
    if let Some(Join { parts, with }) = join {
        // Each part has a byte at least.
        let least = parts.len().saturating_sub(1).saturating_mul(with.len()).saturating_add(parts.len());
        rule(
            "a join has parts, and with them at most 100 bytes and no control characters",
            (1..=limits::MAX_TEXT_BYTES).contains(&least) && (with.is_empty() || is_sendable(with)),
        )?;
        for part in parts {
            let is_of_event = !part.reached && part.inside.is_none();
            rule("a join's part is of the event", is_of_event && has_origin_itself(part))?;
            check_source(part, part, shape)?;
        }
    }
    Ok(())
}

/// Buckets are for a number of a session, and each number has one with a value.
fn check_buckets(source: &Source) -> Result<(), Refusal> {
    rule("`inside` and `buckets` need each other", source.inside.is_some() == source.buckets.is_some())?;
    let Some(buckets) = source.buckets.as_deref() else { return Ok(()) };
    let values = source.values.as_deref().unwrap_or_default();
    let is_rising = buckets.first() == Some(&0) && buckets.is_sorted_by(|less, more| less < more);
    rule("buckets begin at 0 and rise", is_rising)?;
    rule(
        "there are as many values as buckets, each once",
        values.len() == buckets.len() && !has_twice(values.len(), &|at| &values[at]),
    )
}

#[inline(never)]
fn check_text(text: Option<&str>, made: &GroupSource, group: &GroupSource) -> Result<(), Refusal> {
    let Some(text) = text else { return Ok(()) };
    rule("a value has 1 to 100 bytes and no control characters", is_sendable(text))?;
    if made.can_give(text) && group.can_give(text) {
        return Ok(());
    }
    Err(Refusal::new(format!("{text} is not in its list or pattern")))
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;

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
