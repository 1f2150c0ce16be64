//! A failing case made as small as it can be: parts are taken away as long as
//! it still fails.

use serde_json::Value;

use crate::arbitrary::{Case, Document};

/// Takes away what is not needed for `fails`.
pub fn shrunk(mut case: Case, fails: &dyn Fn(&Case) -> bool) -> Case {
    loop {
        let smaller = candidates(&case).into_iter().find(|candidate| fails(candidate));
        match smaller {
            Some(smaller) => case = smaller,
            None => return case,
        }
    }
}

fn candidates(case: &Case) -> Vec<Case> {
    let mut candidates = Vec::new();
    for doctype in 0..case.home.len() {
        let mut without = case.clone();
        without.home.remove(doctype);
        candidates.push(without);
    }
    for (doctype, (_, documents)) in case.home.iter().enumerate() {
        // Halves first: most documents have nothing to do with it.
        let half = documents.len() / 2;
        if half > 1 {
            for range in [0..half, half..documents.len()] {
                let mut without = case.clone();
                without.home[doctype].1.drain(range);
                candidates.push(without);
            }
        }
        for document in 0..documents.len() {
            let mut without = case.clone();
            without.home[doctype].1.remove(document);
            candidates.push(without);
        }
    }
    for options in smaller_values(&case.options) {
        candidates.push(Case { home: case.home.clone(), options });
    }
    for (doctype, (_, documents)) in case.home.iter().enumerate() {
        for (position, document) in documents.iter().enumerate() {
            let Document::Fields(fields) = document else { continue };
            for field in 0..fields.len() {
                let mut fields = fields.clone();
                fields.remove(field);
                let mut without = case.clone();
                without.home[doctype].1[position] = Document::Fields(fields);
                candidates.push(without);
            }
        }
    }
    candidates
}

/// The value with one part less, at any depth.
pub fn smaller_values(value: &Value) -> Vec<Value> {
    let mut smaller = Vec::new();
    match value {
        Value::Object(object) => {
            for key in object.keys() {
                let mut without = object.clone();
                without.remove(key);
                smaller.push(without.into());
            }
            for (key, inner) in object {
                for inner in smaller_values(inner) {
                    let mut changed = object.clone();
                    changed.insert(key.clone(), inner);
                    smaller.push(changed.into());
                }
            }
        }
        Value::Array(array) => {
            for at in 0..array.len() {
                let mut without = array.clone();
                without.remove(at);
                smaller.push(without.into());
            }
            for (at, inner) in array.iter().enumerate() {
                for inner in smaller_values(inner) {
                    let mut changed = array.clone();
                    changed[at] = inner;
                    smaller.push(changed.into());
                }
            }
        }
        _ => {}
    }
    smaller
}
