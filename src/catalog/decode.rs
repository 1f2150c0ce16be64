//! How a catalog is read: the fields of each of its objects.

use super::definition::{
    CatalogFile, Change, Condition, ContributionMode, Definition, EventPresence, GroupDefinition, Join,
    Selector, SnapshotOf, SnapshotPart, Source, Start, ValueRule, When,
};
use std::sync::Arc;

use super::cache;
use crate::decode::{Read, Refusal, Value, deserialized, fields, object, string_enum};

deserialized!(CatalogFile);

impl Read for CatalogFile {
    fn blank() -> Self {
        CatalogFile::default()
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        if let Some(known) = cache::read_before(value.written()) {
            *self = known;
            return Ok(());
        }
        let mut indicators = None::<Vec<Arc<Definition>>>;
        fields!(value.fields {
            optional "$schema" => self.schema,
            optional "extends" => self.extends,
            optional "override" => self.changes,
            optional "indicators" => indicators,
        })?;
        // What adds nothing to the built-in indicators can still change them.
        self.indicators = match indicators {
            Some(indicators) => indicators,
            None if self.extends => Vec::new(),
            None => return Err(Refusal::new("missing field `indicators`")),
        };
        cache::keep_read(value.written(), self);
        Ok(())
    }
}

object!(Change {
    optional "name" => name,
    optional "id" => id,
    optional "aggregationThreshold" => threshold,
    optional "description" => description,
    optional "purpose" => purpose,
    optional "keys" => keys,
    optional "omit" => omit,
});

object!(Definition {
    required "name" => name,
    optional "id" => id,
    optional "aggregationThreshold" => threshold,
    required "period" => period,
    required "description" => description,
    required "purpose" => purpose,
    optional "events" => events,
    required "value" => value,
    optional "groups" => groups,
    optional "identity" => identity,
    optional "contribution" => contribution,
});

object!(Selector {
    required "type" => event,
    optional "where" => condition,
    optional "first" => first,
    optional "start" => start,
    optional "groups" => groups,
});

object!(Condition {
    required "field" => field,
    required "is" => is,
});

object!(GroupDefinition {
    required "key" => key,
    required "source" => source,
});

object!(Source {
    optional "constant" => constant,
    optional "field" => field,
    optional "lowercase" => lowercase,
    optional "device" => device,
    optional "when" => when,
    optional "join" => join,
    optional "seen" => seen,
    optional "reached" => reached,
    optional "snapshot" => snapshot,
    optional "inside" => inside,
    optional "buckets" => buckets,
    optional "values" => values,
    optional "pattern" => pattern,
    optional "other" => other,
});

object!(When {
    required "field" => field,
    required "is" => is,
    required "then" => then,
    required "else" => otherwise,
});

object!(Join {
    required "parts" => parts,
    required "with" => with,
});

object!(EventPresence {
    required "then" => then,
    required "else" => otherwise,
});

string_enum!(ContributionMode {
    "mean" => Mean,
    "each" => Each,
});

string_enum!(SnapshotOf {
    "connected-fluids" => ConnectedFluids,
    "consumption-variation" => ConsumptionVariation,
    "summary-subscription" => SummarySubscription,
    "half-hour-data" => HalfHourData,
});

string_enum!(SnapshotPart {
    "fluid" => Fluid,
    "fluids" => Fluids,
    "seniority" => Seniority,
    "fluid-usage" => FluidUsage,
});

impl Read for Start {
    fn blank() -> Self {
        Start::Field(String::new())
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        let (mut field, mut first, mut latest) = (None, None, None);
        fields!(value.fields {
            optional "field" => field,
            optional "first" => first,
            optional "latest" => latest,
        })?;
        *self = match (field, first, latest) {
            (Some(field), None, None) => Start::Field(field),
            (None, Some(event), None) => Start::First(event),
            (None, None, Some(event)) => Start::Latest(event),
            _ => return Err(Refusal::new("one of `field`, `first` and `latest` is needed")),
        };
        Ok(())
    }
}

/// What a value rule is named.
#[derive(Clone, Copy)]
enum Kind {
    Count,
    DistinctDays,
    Session,
    Span,
    Observation,
    Snapshot,
}

string_enum!(Kind {
    "count" => Count,
    "distinct-days" => DistinctDays,
    "session" => Session,
    "span" => Span,
    "observation" => Observation,
    "snapshot" => Snapshot,
});

impl Read for ValueRule {
    fn blank() -> Self {
        ValueRule::Session {}
    }

    fn read(&mut self, value: Value<'_>) -> Result<(), Refusal> {
        let mut kind = Kind::blank();
        // The kind first: it says which fields there are.
        let _others = fields!(value.known_fields { required "kind" => kind })?;
        *self = match kind {
            Kind::Count => {
                let mut until = None;
                fields!(value.fields { required "kind" => kind, optional "until" => until })?;
                ValueRule::Count { until }
            }
            Kind::DistinctDays => {
                let mut zero = false;
                fields!(value.fields { required "kind" => kind, optional "zero" => zero })?;
                ValueRule::DistinctDays { zero }
            }
            Kind::Session => {
                fields!(value.fields { required "kind" => kind })?;
                ValueRule::Session {}
            }
            Kind::Span => {
                fields!(value.fields { required "kind" => kind })?;
                ValueRule::Span {}
            }
            Kind::Observation => {
                let (mut of, mut integers) = (String::new(), None::<Vec<u8>>);
                fields!(value.fields {
                    required "kind" => kind,
                    required "of" => of,
                    optional "integers" => integers,
                })?;
                let integers = match integers.as_deref() {
                    None => None,
                    Some(&[least, most]) => Some([least, most]),
                    Some(_) => return Err(Refusal::new("`integers` has two numbers")),
                };
                ValueRule::Observation { of, integers }
            }
            Kind::Snapshot => {
                let mut of = SnapshotOf::blank();
                fields!(value.fields { required "kind" => kind, required "of" => of })?;
                ValueRule::Snapshot { of }
            }
        };
        Ok(())
    }
}
