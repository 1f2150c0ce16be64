//! The one error of this crate.

use std::borrow::Cow;

use crate::base::json;

/// Why a computation could not begin or go on.
///
/// Bad *events* are never errors: they are counted as
/// [diagnostics](crate::diagnostics::Diagnostics). An error is something the
/// caller has to mend: a broken file, an unusable option, a catalog that contradicts itself.
/// Its text says what is wrong and where, and never holds a document's content.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Input,
    Option,
    Catalog,
}

impl Error {
    /// The bytes given are not what they should be (JSON, an array, a home).
    pub fn is_input(&self) -> bool {
        self.0.kind == Kind::Input
    }

    /// An option or a part of the configuration cannot be used.
    pub fn is_option(&self) -> bool {
        self.0.kind == Kind::Option
    }

    /// The catalog breaks a rule of its own.
    pub fn is_catalog(&self) -> bool {
        self.0.kind == Kind::Catalog
    }

    pub(crate) fn input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Input, message.into())
    }

    pub(crate) fn option(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Option, message.into())
    }

    pub(crate) fn catalog(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Catalog, message.into())
    }

    #[cold]
    #[inline(never)]
    fn new(kind: Kind, message: Cow<'static, str>) -> Self {
        let mut message = message.into_owned();
        // What it names may be anything that somebody wrote; it stays one line.
        if message.bytes().any(|byte| byte < b' ') {
            let mut line = String::new();
            json::text(&mut line, &message);
            message = line;
        }
        Self(Box::new(Inner { kind, message }))
    }
}
