//! Catalogs that are compiled once.
//!
//! Reading and compiling the built-in catalog takes as long as some hundred
//! events. A host calls again and again, with the built-in catalog or with one
//! of its own that is always the same; so what was compiled last is kept.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use std::thread::LocalKey;

use super::{Catalog, CatalogFile, Description};
use crate::error::Error;

/// The catalog that was read last, as it was written.
struct LastRead {
    json: Box<[u8]>,
    file: CatalogFile,
}

/// What was compiled last, and what of.
type LastCompiled<K> = RefCell<Option<(K, Arc<Catalog>)>>;

/// A catalog's file, and the indicators of the app to which it adds.
type FileAndAll = (CatalogFile, Arc<Catalog>);

thread_local! {
    static BUILT_IN: OnceCell<Arc<Catalog>> = const { OnceCell::new() };
    static WRITTEN: RefCell<Option<LastRead>> = const { RefCell::new(None) };
    static DESCRIBED: LastCompiled<Arc<Description>> = const { RefCell::new(None) };
    static COMPILED: LastCompiled<FileAndAll> = const { RefCell::new(None) };
}

/// The built-in catalog, which `make` compiles.
pub(super) fn built_in(make: impl FnOnce() -> Catalog) -> Arc<Catalog> {
    BUILT_IN.with(|kept| kept.get_or_init(|| Arc::new(make())).clone())
}

/// What was read of this text, if it was read last.
pub(super) fn read_before(json: &[u8]) -> Option<CatalogFile> {
    WRITTEN.with_borrow(|kept| {
        let known = kept.as_ref().filter(|known| *known.json == *json);
        known.map(|known| known.file.clone())
    })
}

/// Keeps what was read of a text. It was read whole: no refusal is kept.
pub(super) fn keep_read(json: &[u8], file: &CatalogFile) {
    WRITTEN.set(Some(LastRead { json: json.into(), file: file.clone() }));
}

/// The indicators of an app compiled, or as they were compiled last.
pub(super) fn described(app: &Arc<Description>) -> Result<Arc<Catalog>, Error> {
    last_or_made(
        &DESCRIBED,
        |known| Arc::ptr_eq(known, app),
        || Ok((app.clone(), Arc::new(Catalog::of_app(app)?))),
    )
}

/// A catalog compiled, or as it was compiled last.
pub(super) fn compiled(file: &CatalogFile, all: &Arc<Catalog>) -> Result<Arc<Catalog>, Error> {
    last_or_made(
        &COMPILED,
        |(known, of)| Arc::ptr_eq(of, all) && is_same(known, file),
        || Ok(((file.clone(), all.clone()), Arc::new(Catalog::compile(file, all)?))),
    )
}

/// What was compiled last, if it is what is asked for; else what `make` gives,
/// which is kept in its place. What is refused takes the place of nothing.
fn last_or_made<K: 'static>(
    last: &'static LocalKey<LastCompiled<K>>,
    is_it: impl Fn(&K) -> bool,
    make: impl FnOnce() -> Result<(K, Arc<Catalog>), Error>,
) -> Result<Arc<Catalog>, Error> {
    let known = last.with_borrow(|last| {
        let known = last.as_ref().filter(|(of, _)| is_it(of));
        known.map(|(_, catalog)| catalog.clone())
    });
    if let Some(catalog) = known {
        return Ok(catalog);
    }
    let (of, catalog) = make()?;
    last.set(Some((of, catalog.clone())));
    Ok(catalog)
}

/// Whether two files say the same in the same memory, as what is read again
/// does. To compare all of their definitions would be two kilobytes of code.
fn is_same(one: &CatalogFile, other: &CatalogFile) -> bool {
    // Named one by one, so that none is forgotten.
    let CatalogFile { schema: _, extends, changes, indicators } = one;
    *extends == other.extends
        && *changes == other.changes
        && indicators.len() == other.indicators.len()
        && indicators.iter().zip(&other.indicators).all(|(one, other)| Arc::ptr_eq(one, other))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::options::Options;

    fn catalog(options: &str) -> Arc<crate::catalog::Catalog> {
        Options::from_json(options).unwrap().settings().unwrap().catalog
    }

    fn own(name: &str, extends: bool) -> String {
        format!(
            r#"{{"now": "2024-03-10T02:00:00", "catalog": {{"extends": {extends}, "indicators": [{{
            "name": "{name}", "period": "day", "description": "d", "purpose": "p",
            "events": [{{"type": "ReportFromEvent"}}], "value": {{"kind": "count"}}}}]}}}}"#
        )
    }

    #[test]
    fn a_catalog_that_is_repeated_is_the_same_in_memory_and_another_is_not() {
        let built_in = r#"{"now": "2024-03-10T02:00:00"}"#;
        assert!(Arc::ptr_eq(&catalog(built_in), &catalog(built_in)));
        let first = catalog(&own("reports", false));
        assert!(Arc::ptr_eq(&first, &catalog(&own("reports", false))));
        for other in [own("others", false), own("reports", true), built_in.to_owned()] {
            assert!(!Arc::ptr_eq(&first, &catalog(&other)), "{other}");
        }
        let names = |catalog: &crate::catalog::Catalog| -> Vec<_> {
            catalog.definitions().map(|definition| definition.name.clone()).collect()
        };
        // What was kept of one is nothing of the next.
        assert_eq!(names(&catalog(&own("others", false))), ["others"]);
        assert_eq!(names(&catalog(&own("reports", false))), ["reports"]);
        assert_eq!(names(&catalog(&own("reports", true))).len(), 16);
        assert_eq!(names(&catalog(built_in)).len(), 15);
    }

    #[test]
    fn a_catalog_that_is_refused_is_refused_again() {
        let broken = own("reports", false).replace("\"day\"", "\"week\"");
        let twice = own("quiz-stars", true);
        for _ in 0..2 {
            assert!(Options::from_json(&broken).is_err());
            assert!(Options::from_json(&twice).unwrap().settings().is_err());
        }
    }
}
