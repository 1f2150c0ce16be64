//! The server of measures: the request that sends one, in each of its forms, and
//! what an answer says of it.

mod delivery;

use serde_json::json;

use crate::ecolyo::DEFAULT_REMOTE;
use crate::effect::Request;
use crate::error::Error;
use crate::measure::Measure;
use crate::store::missing_permission;
#[cfg(all(feature = "tools", target_arch = "wasm32"))]
pub(crate) use delivery::Delivery;
pub(crate) use delivery::{DeliveryOutcome, classify};

/// Where measures go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remote {
    form: Form,
    /// A doctype or an address.
    place: String,
    /// What is said where the stack forbids it.
    forbidden: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A remote doctype of the second form: a path beside the data.
    PathAndData,
    /// A remote doctype of the first form: the data alone.
    Data,
    /// A plain server on the developer's machine, in the first form.
    Address,
}

impl Remote {
    pub(crate) fn new(remote: Option<&str>) -> Result<Remote, Error> {
        let remote = remote.unwrap_or(DEFAULT_REMOTE);
        let doctype = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
        };
        let form = if remote.starts_with("http://") || remote.starts_with("https://") {
            Form::Address
        } else if !doctype(remote) {
            return Err(Error::option("remote: a doctype or an http:// address is needed"));
        } else if remote.ends_with("_v2") {
            Form::PathAndData
        } else {
            Form::Data
        };
        Ok(Remote { form, place: remote.to_owned(), forbidden: missing_permission("POST", remote) })
    }

    pub(crate) fn is_address(&self) -> bool {
        self.form == Form::Address
    }

    /// Which permission is missing where the stack answers 403.
    pub(crate) fn forbidden(&self) -> Option<&str> {
        (!self.is_address()).then_some(&*self.forbidden)
    }

    pub(crate) fn request(&self, measure: &Measure) -> Request {
        let data = measure.to_json();
        let place = &self.place;
        let (url, body) = match self.form {
            Form::PathAndData => (format!("/remote/{place}"), json!({"data": data, "path": "measure"})),
            Form::Data => (format!("/remote/{place}"), json!({"data": data})),
            Form::Address => (place.clone(), json!({"data": data})),
        };
        Request { method: "POST", url, body: Some(body.to_string()), in_pieces: false }
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, Remote};

    #[test]
    fn the_form_follows_from_the_name() {
        let form = |name| Remote::new(name).unwrap().form;
        assert_eq!(Remote::new(None).unwrap().place, "cc.cozycloud.dacc_v2");
        assert_eq!(form(None), Form::PathAndData);
        assert_eq!(form(Some("cc.cozycloud.dacc.dev_v2")), Form::PathAndData);
        assert_eq!(form(Some("cc.cozycloud.dacc")), Form::Data);
        assert_eq!(form(Some("http://localhost:8081")), Form::Address);
        assert!(Remote::new(Some("../files")).is_err());
        assert!(Remote::new(Some("")).is_err());
    }
}
