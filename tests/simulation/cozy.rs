//! The data API of a Cozy, for the requests that a run makes.

use std::cmp::Ordering;

use dacc_aggregator::effect::{Request, Response};
use serde_json::{Value, json};

use crate::store::{Conflict, Database, Store, text};

/// Apps read it from the stack's own list alone.
const TRIGGERS: &str = "io.cozy.triggers";

/// A limit above this becomes 100.
const MAX_LIMIT: u64 = 1_000;

pub fn json_answer(status: u16, body: &Value) -> Response {
    answer(status, "application/json", &body.to_string())
}

pub fn answer(status: u16, content_type: &str, body: &str) -> Response {
    Response {
        status,
        content_type: content_type.to_owned(),
        retry_after: None,
        body: body.as_bytes().to_vec(),
    }
}

fn error(status: u16, error: &str, reason: &str) -> Response {
    json_answer(status, &json!({"ok": false, "status": status.to_string(), "error": error, "reason": reason}))
}

fn conflict() -> Response {
    error(409, "conflict", "Document update conflict.")
}

/// How a bulk write treats revisions; only a mutation does not check them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revisions {
    Checked,
    Ignored,
}

/// Answers a request under `/data/`.
pub fn serve(store: &mut Store, request: &Request, revisions: Revisions) -> Response {
    let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
    let mut parts = path.trim_start_matches("/data/").splitn(2, '/');
    let (doctype, name) = (parts.next().unwrap(), parts.next().unwrap_or(""));
    let body: Value = request.body.as_deref().map_or(Value::Null, |body| serde_json::from_str(body).unwrap());
    match (request.method, name) {
        _ if doctype == TRIGGERS => error(403, "forbidden", "no app reads this doctype"),
        ("GET", "_normal_docs") => normal_docs(store.database(doctype), query),
        ("POST", "_find") => find(store.database(doctype), &body),
        ("POST", "_index") => {
            let fields = strings(&body["index"]["fields"]);
            let is_new = store.made(doctype).indexes.insert(fields);
            json_answer(200, &json!({"result": if is_new { "created" } else { "exists" }}))
        }
        ("POST", "_all_docs") => all_docs(store.database(doctype), &body),
        ("POST", "_bulk_docs") => match store.database(doctype) {
            None => error(404, "not_found", "wrong_doctype"),
            Some(_) => bulk_docs(store.made(doctype), &body, revisions),
        },
        ("GET", id) => match store.database(doctype).map(|database| database.documents.get(id)) {
            None => error(404, "not_found", "wrong_doctype"),
            Some(None) => error(404, "not_found", "missing"),
            Some(Some(document)) => json_answer(200, document),
        },
        ("PUT", id) => put(store, doctype, id, body),
        (method, name) => panic!("the model of the Cozy knows no {method} {name}"),
    }
}

/// Answers `GET /jobs/triggers`, the only way in which a Cozy gives triggers.
pub fn triggers(store: &Store) -> Response {
    let documents = store.database(TRIGGERS).into_iter().flat_map(|database| &database.documents);
    let resources = documents.map(|(id, document)| {
        json!({
            "type": TRIGGERS,
            "id": id,
            "attributes": {"message": document["message"], "current_state": document["current_state"]},
        })
    });
    json_answer(200, &json!({"data": resources.collect::<Vec<_>>()}))
}

fn strings(array: &Value) -> Vec<String> {
    array.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn put(store: &mut Store, doctype: &str, id: &str, body: Value) -> Response {
    let (sent_id, sent_rev) = (text(&body, "_id").to_owned(), text(&body, "_rev").to_owned());
    if sent_id.is_empty() != sent_rev.is_empty() {
        return error(400, "bad_request", "either _id and _rev or neither");
    }
    if !sent_rev.is_empty() && store.database(doctype).is_none() {
        return error(404, "not_found", "wrong_doctype");
    }
    let over = Some(sent_rev.as_str()).filter(|rev| !rev.is_empty());
    match store.made(doctype).write(id, over, body) {
        Ok(rev) => json_answer(200, &json!({"ok": true, "id": id, "rev": rev, "type": doctype})),
        Err(Conflict) => conflict(),
    }
}

/// By `_id`; the bookmark is one that has to be escaped in an address.
fn normal_docs(database: Option<&Database>, query: &str) -> Response {
    let Some(database) = database else { return error(404, "not_found", "wrong_doctype") };
    let parameter = |name: &str| {
        query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, v)| v)
    };
    let limit = bounded(parameter("limit").and_then(|limit| limit.parse().ok()));
    let bookmark = parameter("bookmark").map(percent_decoded).unwrap_or_default();
    let after = bookmark.strip_prefix("after=\"").and_then(|id| id.strip_suffix('"'));
    let rows: Vec<&Value> = database
        .documents
        .iter()
        .filter(|(id, _)| after.is_none_or(|after| id.as_str() > after))
        .map(|(_, document)| document)
        .take(limit)
        .collect();
    let bookmark = rows.last().map_or(bookmark, |last| format!("after=\"{}\"", text(last, "_id")));
    json_answer(200, &json!({"rows": rows, "total_rows": database.documents.len(), "bookmark": bookmark}))
}

fn bounded(limit: Option<u64>) -> usize {
    let limit = limit.filter(|limit| *limit <= MAX_LIMIT).unwrap_or(100);
    usize::try_from(limit).unwrap()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let digits = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn find(database: Option<&Database>, body: &Value) -> Response {
    let Some(database) = database else {
        return error(404, "not_found", "Database does not exist.");
    };
    let sort = body["sort"].as_array().unwrap().iter();
    let fields: Vec<String> =
        sort.map(|field| field.as_object().unwrap().keys().next().unwrap().clone()).collect();
    if !database.indexes.contains(&fields) {
        return error(400, "no_index", "no matching index found, create an index");
    }
    let selector = body["selector"].as_object().unwrap();
    let limit = bounded(body["limit"].as_u64());
    let mut found: Vec<(Vec<&Value>, &Value)> = database
        .documents
        .values()
        .filter(|document| {
            selector.iter().all(|(field, wanted)| fits(at(document, field).unwrap_or(&Value::Null), wanted))
        })
        .filter_map(|document| {
            Some((fields.iter().map(|field| at(document, field)).collect::<Option<_>>()?, document))
        })
        .collect();
    found.sort_by(order);
    let bookmark = text(body, "bookmark").to_owned();
    if let Ok(Value::Array(last)) = serde_json::from_str(&bookmark) {
        let last_document = json!({"_id": last[1]});
        let last = (last[0].as_array().unwrap().iter().collect(), &last_document);
        found.retain(|document| order(document, &last).is_gt());
    }
    found.truncate(limit);
    let next = found.len() >= limit;
    let bookmark = found.last().map_or(bookmark, |(key, document)| json!([key, document["_id"]]).to_string());
    let wanted = body.get("fields").map(strings);
    let docs = found.iter().map(|(_, document)| match &wanted {
        None => document.to_string(),
        Some(fields) => projected(document, fields),
    });
    let docs = docs.collect::<Vec<_>>().join(",");
    let bookmark = Value::from(bookmark);
    answer(
        200,
        "application/json",
        &format!("{{\"bookmark\":{bookmark},\"docs\":[{docs}],\"limit\":{limit},\"next\":{next}}}"),
    )
}

/// A field, or one inside another: `a.b`.
fn at<'a>(document: &'a Value, field: &str) -> Option<&'a Value> {
    field.split('.').try_fold(document, |inside, name| inside.get(name))
}

type Found<'a> = (Vec<&'a Value>, &'a Value);

fn order(a: &Found<'_>, b: &Found<'_>) -> Ordering {
    let keys = a.0.iter().zip(&b.0).map(|(a, b)| compare(a, b)).find(|order| order.is_ne());
    keys.unwrap_or(Ordering::Equal).then_with(|| text(a.1, "_id").cmp(text(b.1, "_id")))
}

fn projected(document: &Value, fields: &[String]) -> String {
    let kept = fields.iter().filter_map(|field| {
        let inside = at(document, field)?;
        Some(match field.split_once('.') {
            Some((outer, inner)) => format!("\"{outer}\":{{\"{inner}\":{inside}}}"),
            None => format!("\"{field}\":{inside}"),
        })
    });
    format!("{{{}}}", kept.collect::<Vec<_>>().join(","))
}

fn fits(value: &Value, wanted: &Value) -> bool {
    match (wanted.get("$gte"), wanted.get("$lt")) {
        // To CouchDB 10.0 and 10 are one number.
        (None, None) => value == wanted || value.is_number() && compare(value, wanted).is_eq(),
        (least, bound) => {
            least.is_none_or(|least| compare(value, least).is_ge())
                && bound.is_none_or(|bound| compare(value, bound).is_lt())
        }
    }
}

/// CouchDB's order of types, and within strings and numbers theirs.
fn compare(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        _ => 4,
    };
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64().unwrap().total_cmp(&b.as_f64().unwrap()),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn all_docs(database: Option<&Database>, body: &Value) -> Response {
    let Some(database) = database else { return error(404, "not_found", "Database does not exist.") };
    let rows: Vec<Value> = strings(&body["keys"])
        .iter()
        .map(|key| match database.documents.get(key) {
            Some(document) => {
                json!({"id": key, "key": key, "value": {"rev": document["_rev"]}, "doc": document})
            }
            None => json!({"key": key, "error": "not_found"}),
        })
        .collect();
    json_answer(200, &json!({"total_rows": database.documents.len(), "rows": rows}))
}

fn bulk_docs(database: &mut Database, body: &Value, revisions: Revisions) -> Response {
    let written = body["docs"].as_array().unwrap().iter().map(|document| {
        let id = text(document, "_id");
        let over = Some(text(document, "_rev")).filter(|rev| !rev.is_empty()).map(str::to_owned);
        let over = if revisions == Revisions::Ignored { database.rev(id) } else { over };
        let written = match document["_deleted"] == true {
            true => database.delete(id, over.as_deref()),
            false => database.write(id, over.as_deref(), document.clone()),
        };
        match written {
            Ok(rev) => json!({"ok": true, "id": id, "rev": rev}),
            Err(Conflict) => {
                json!({"id": id, "error": "conflict", "reason": "Document update conflict."})
            }
        }
    });
    let written: Vec<Value> = written.collect();
    json_answer(201, &written.into())
}
