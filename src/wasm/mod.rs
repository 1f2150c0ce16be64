//! The face that JavaScript sees; the only place that knows it.
//!
//! Documents cross as bytes, never as objects; options and results are small
//! and typed (`types.d.ts` becomes part of the generated declarations). The
//! functions are made of four steps: read the options, fill in what only
//! JavaScript knows (the zone), call the pure crate, give the result back.
//!
//! The crate's features choose what is here: a module holds what its host
//! uses, and nothing of the rest.

mod aggregation;
#[cfg(feature = "browser")]
mod browser;
#[cfg(all(feature = "run", feature = "tools"))]
mod delivery;
#[cfg(feature = "home")]
mod home;
#[cfg(feature = "rights")]
mod rights;
#[cfg(feature = "run")]
mod run;
mod table;
#[cfg(feature = "tools")]
mod tools;
mod zone;

pub use aggregation::Aggregation;
#[cfg(feature = "browser")]
pub use browser::run;
#[cfg(all(feature = "run", feature = "tools"))]
pub use delivery::{classify_answer, classify_no_answer};
#[cfg(feature = "home")]
pub use home::{aggregate, aggregate_home, home_name};
#[cfg(feature = "rights")]
pub use rights::{Rights, processing_record};
#[cfg(feature = "run")]
pub use run::Run;
#[cfg(feature = "tools")]
pub use tools::{catalog, definitions, diagnostic_codes};

use std::cell::RefCell;
use std::sync::Arc;

use wasm_bindgen::prelude::*;

use crate::catalog::{Catalog, Description};
use crate::error::Error;
use crate::options::Options;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

thread_local! {
    /// The app that this module was told.
    static APP: RefCell<Option<Arc<Description>>> = const { RefCell::new(None) };
}

/// Tells the module its app, as JSON: it stands for the built-in one wherever
/// options name none.
#[wasm_bindgen]
pub fn describe(app: &str) -> Result<(), JsError> {
    let app = Arc::new(
        crate::decode::read(app.as_bytes())
            .map_err(|refusal| Error::option(refusal.within("app").to_string()))?,
    );
    // What is compiled here is what the first computation finds.
    Catalog::shared(Some(&app), None)?;
    APP.set(Some(app));
    Ok(())
}

/// The app that this module was told.
fn app() -> Option<Arc<Description>> {
    APP.with_borrow(Clone::clone)
}

/// Options as JavaScript gives them, with the app that the module was told and
/// the offsets of their zone.
fn read_options(options: JsValue) -> Result<Options, Error> {
    let mut options = Options::from_json(&json(&options)?)?;
    options.app = options.app.or_else(app);
    zone::with_transitions(options)
}

/// Options cross as JSON: they are small, and so a name that is not known is
/// refused (an object would only be asked for the names that are).
fn json(value: &JsValue) -> Result<String, Error> {
    if value.is_undefined() || value.is_null() {
        return Ok("{}".to_owned());
    }
    stringify(value).ok().flatten().ok_or_else(|| Error::option("options: an object is needed"))
}

// What every module calls is imported by itself: js-sys leaves a shim in a
// module for each kind of callback it knows, whether or not one is used.
#[wasm_bindgen]
extern "C" {
    /// Throws for what lies in itself, and gives nothing for a function.
    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;
}

/// A JavaScript clock's milliseconds.
#[cfg(any(feature = "run", feature = "rights"))]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a clock is below 2^53")]
fn millis(now: f64) -> u64 {
    now.max(0.0) as u64
}

/// Why an answer cannot be used, by the name that hosts have for it.
#[cfg(any(feature = "run", feature = "rights"))]
fn unusable(why: &str) -> Option<crate::effect::Unusable> {
    match why {
        "too-large" => Some(crate::effect::Unusable::TooLarge),
        "certificate" => Some(crate::effect::Unusable::Certificate),
        _ => None,
    }
}

#[cfg(any(feature = "run", feature = "tools"))]
fn to_js(value: &impl serde::Serialize) -> Result<JsValue, JsError> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}

#[cfg(any(feature = "run", feature = "tools"))]
fn from_js<T: crate::decode::Read>(value: &JsValue) -> Result<T, Error> {
    crate::decode::read(json(value)?.as_bytes())
        .map_err(|refusal| Error::option(format!("options: {refusal}")))
}

#[cfg(feature = "tools")]
/// What is large crosses as one text: a call for each of its fields is many
/// times slower.
fn parsed(value: &impl serde::Serialize) -> Result<JsValue, JsError> {
    let unreadable = || JsError::new("the result is too large for this machine");
    let json = serde_json::to_string(value).map_err(|_| unreadable())?;
    js_sys::JSON::parse(&json).map_err(|_| unreadable())
}
