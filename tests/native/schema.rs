//! The schemas that editors read say what the readers do: each description or
//! catalog that is tried is taken by both, or refused by both.

use dacc_aggregator::Options;
use dacc_aggregator::catalog::{CatalogFile, Description};
use serde_json::{Map, Value, json};

use crate::catalog::everything;

fn app() -> Value {
    serde_json::from_str(include_str!("../../apps/app.schema.json")).unwrap()
}

fn catalog() -> Value {
    serde_json::from_str(include_str!("../../src/catalog/catalog.schema.json")).unwrap()
}

/// Why a value is not what a schema describes, as the standard has it for the
/// keywords that the schemas use; any other keyword ends the test.
fn refused(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let each =
        |schema: &Value, values: &[&Value]| values.iter().find_map(|value| refused(root, schema, value));
    let number = |limit: &Value| limit.as_f64().unwrap();
    let listed = value.as_array();
    let keywords: &Map<String, Value> = schema.as_object().unwrap();
    keywords.iter().find_map(|(keyword, given)| {
        let why = |is_kept: bool| (!is_kept).then(|| format!("{keyword}: {value}"));
        let at_most = |size: Option<usize>| why(size.is_none_or(|size| size as f64 <= number(given)));
        let at_least = |size: Option<usize>| why(size.is_none_or(|size| size as f64 >= number(given)));
        // Of the same length in characters, where nothing but ASCII is tried.
        let length = || value.as_str().map(str::len);
        let fits = |one: &Value| refused(root, one, value).is_none();
        let schemas = || given.as_array().unwrap().iter().filter(|one| fits(one)).count();
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "examples" | "default" => None,
            // Where there are regular expressions it is tried: tests/js/api/app.test.ts.
            "pattern" => None,
            "$ref" => {
                let definition = root.pointer(given.as_str().unwrap().trim_start_matches('#')).unwrap();
                refused(root, definition, value)
            }
            "type" => why(match given.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64(),
                other => panic!("no such type: {other}"),
            }),
            "const" => why(value == given),
            "enum" => why(given.as_array().unwrap().contains(value)),
            "required" => why(!value.is_object()
                || given.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some())),
            "properties" => object(given).iter().find_map(|(name, inner)| {
                value
                    .get(name)
                    .and_then(|value| refused(root, inner, value).map(|why| format!("{name}: {why}")))
            }),
            "additionalProperties" => {
                let known = object(&schema["properties"]);
                let others = object(value);
                let mut others = others.iter().filter(|(name, _)| !known.contains_key(*name));
                match given {
                    Value::Bool(false) => others.next().map(|(name, _)| format!("unknown {name}")),
                    inner => each(inner, &others.map(|(_, value)| value).collect::<Vec<_>>()),
                }
            }
            "items" => listed.and_then(|values| each(given, &values.iter().collect::<Vec<_>>())),
            "minItems" => at_least(listed.map(Vec::len)),
            "maxItems" => at_most(listed.map(Vec::len)),
            "uniqueItems" => {
                why(listed
                    .is_none_or(|values| (0..values.len()).all(|at| !values[..at].contains(&values[at]))))
            }
            "minLength" => at_least(length()),
            "maxLength" => at_most(length()),
            "minimum" => why(value.as_f64().is_none_or(|value| value >= number(given))),
            "maximum" => why(value.as_f64().is_none_or(|value| value <= number(given))),
            "dependentSchemas" => object(given)
                .iter()
                .find_map(|(name, inner)| value.get(name).and_then(|_| refused(root, inner, value))),
            "not" => why(!fits(given)),
            "anyOf" => why(schemas() > 0),
            "oneOf" => why(schemas() == 1),
            other => panic!("no such keyword: {other}"),
        }
    })
}

/// Each property of each definition: their names, and its schema.
fn properties(schema: &Value) -> Vec<(String, String, Value)> {
    let definitions = schema["$defs"].as_object().unwrap().iter();
    definitions
        .flat_map(|(definition, described)| {
            let properties = described.get("properties").and_then(Value::as_object).cloned();
            properties
                .unwrap_or_default()
                .into_iter()
                .map(|(name, property)| (definition.clone(), name, property))
        })
        .collect()
}

/// A description in which every field of what is an app's own is there.
fn books() -> Value {
    json!({
        "$schema": "s",
        "app": "books",
        "sources": [{
            "name": "readings", "doctype": "org.example.readings", "owned": true, "typeField": "kind",
            "types": ["reading"], "date": "closedAt", "flag": "counted",
            "fields": [{"name": "shelf", "path": "shelfName", "kind": "text"}],
        }],
        "indicators": [],
    })
}

/// Where the objects of an app's own definitions stand in it.
const PLACES: [(&str, &str); 3] =
    [("app", ""), ("eventSource", "/sources/0"), ("eventField", "/sources/0/fields/0")];

fn read(app: &Value) -> Result<(), String> {
    let options = json!({"now": "2024-03-10T02:00:00", "app": app}).to_string();
    Options::from_json(&options).and_then(|options| options.check()).map_err(|error| error.to_string())
}

#[test]
fn every_app_that_there_is_is_what_the_schema_describes() {
    let schema = app();
    let built_in = include_str!("../../apps/ecolyo/app.json");
    // The first of the book, which is whole.
    let (_, book) = include_str!("../../docs/app.md").split_once("```json\n").unwrap();
    let (book, _) = book.split_once("```").unwrap();
    for text in [built_in, book] {
        let app: Value = serde_json::from_str(text).unwrap();
        assert_eq!((refused(&schema, &schema, &app), read(&app)), (None, Ok(())));
    }
}

#[test]
fn the_schema_of_an_app_names_exactly_the_fields_that_are_read() {
    let schema = app();
    let whole = books();
    let written =
        serde_json::to_value(serde_json::from_value::<Description>(whole.clone()).unwrap()).unwrap();
    assert_eq!(written, whole, "every field is read");
    for (definition, place) in PLACES {
        let described = &schema["$defs"][definition];
        let names = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let (mut named, mut there) = (names(&described["properties"]), names(whole.pointer(place).unwrap()));
        named.sort();
        there.sort();
        assert_eq!(named, there, "{definition}");
    }
    let shared = catalog();
    let own = schema["$defs"].as_object().unwrap().iter().filter(|(name, definition)| {
        definition.get("properties").is_some() && shared["$defs"].get(name).is_none()
    });
    assert_eq!(own.count(), PLACES.len(), "each object of an app's own is looked at");
}

#[test]
fn what_the_schema_of_an_app_takes_is_read_and_what_it_refuses_is_refused() {
    let schema = app();
    let mut tried = 0;
    let mut both = |what: &str, app: &Value| {
        let (by_schema, by_reader) = (refused(&schema, &schema, app), read(app).err());
        assert_eq!(by_schema.is_some(), by_reader.is_some(), "{what}: {by_schema:?}, {by_reader:?}: {app}");
        tried += 1;
    };
    both("as it is", &books());
    for (definition, place) in PLACES {
        let with = |name: &str, value: Option<Value>| {
            let mut app = books();
            let object = app.pointer_mut(place).unwrap().as_object_mut().unwrap();
            match value {
                Some(value) => object.insert(name.to_owned(), value),
                None => object.remove(name),
            };
            app
        };
        both("unknown", &with("unknown", Some(json!(1))));
        for name in schema["$defs"][definition]["properties"].as_object().unwrap().keys() {
            let what = format!("{definition}: {name}");
            both(&what, &with(name, None));
            for value in [
                json!(1),
                json!(true),
                json!("text"),
                json!(""),
                json!([]),
                json!({}),
                json!([1]),
                json!(["a"]),
                json!(["a", "a"]),
                json!([{}]),
                json!(["a", "b"]),
                json!([""]),
                json!(["x".repeat(101)]),
            ] {
                both(&what, &with(name, Some(value)));
            }
        }
    }
    for value in ["text", "texts", "number", "scalar", "boolean", "date", "Text", ""] {
        let mut app = books();
        app["sources"][0]["fields"][0]["kind"] = json!(value);
        both("kind", &app);
    }
    // Several types need a path, and one does not.
    for types in [json!(["a"]), json!(["a", "b"])] {
        let mut app = books();
        app["sources"][0]["types"] = types;
        both("types", &app);
        app["sources"][0].as_object_mut().unwrap().remove("typeField");
        both("types without a field", &app);
    }
    for count in [64, 65] {
        let mut app = books();
        app["sources"][0]["types"] = (0..count).map(|number| json!(format!("t{number}"))).collect();
        both("many types", &app);
    }
    for count in [32, 33] {
        let mut app = books();
        let field = |number| json!({"name": format!("f{number}"), "kind": "text"});
        app["sources"][0]["fields"] = (0..count).map(field).collect();
        both("many fields", &app);
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn every_example_of_the_schema_of_an_app_is_taken() {
    let schema = app();
    for example in schema["examples"].as_array().unwrap() {
        assert_eq!((refused(&schema, &schema, example), read(example)), (None, Ok(())));
    }
    for (definition, name, property) in properties(&schema) {
        let examples = property["examples"].as_array();
        assert!(
            property.get("const").is_some() || examples.is_some_and(|all| !all.is_empty()),
            "{definition}: {name}"
        );
        assert!(property["description"].is_string(), "{definition}: {name}");
        let place = PLACES.iter().find(|(known, _)| *known == definition);
        for example in examples.into_iter().flatten() {
            assert_eq!(refused(&schema, &property, example), None, "{definition}: {name}");
            let Some((_, place)) = place else { continue };
            let mut app = books();
            app.pointer_mut(place).unwrap()[&name] = example.clone();
            // An example of indicators goes with that of the sources.
            if name == "indicators" {
                app["sources"] = schema["$defs"]["app"]["properties"]["sources"]["examples"][0].clone();
            }
            assert_eq!(read(&app), Ok(()), "{definition}: {name}");
        }
    }
}

#[test]
fn every_example_of_the_schema_of_a_catalog_is_taken() {
    let schema = catalog();
    let (file, places) = everything();
    for (definition, name, property) in properties(&schema) {
        let (_, place) = places.iter().find(|(known, _)| *known == definition).unwrap();
        for example in property["examples"].as_array().into_iter().flatten() {
            assert_eq!(refused(&schema, &property, example), None, "{definition}: {name}");
            let mut file = file.clone();
            file.pointer_mut(place).unwrap()[&name] = example.clone();
            let read =
                serde_json::from_value::<CatalogFile>(file).map(drop).map_err(|error| error.to_string());
            assert_eq!(read, Ok(()), "{definition}: {name}");
        }
    }
}

#[test]
fn an_app_has_the_indicators_of_a_catalog() {
    let (app, catalog) = (app(), catalog());
    let shared: Vec<_> = catalog["$defs"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| !["catalog", "change", "eventType", "fieldName"].contains(&name.as_str()))
        .collect();
    for (name, definition) in &shared {
        assert_eq!(app["$defs"][name], **definition, "node js/schema-types.mjs writes {name} anew");
    }
    // Its types and fields are any text.
    for name in ["eventType", "fieldName"] {
        assert_eq!(app["$defs"][name]["type"], "string");
    }
}
