//! The request that sends a measure, in each of its forms.

use serde_json::json;

use super::Request;
use crate::Error;
use crate::measure::Measure;
use crate::options::DEFAULT_REMOTE;

/// Where measures go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remote {
    /// A remote doctype of the second form: a path beside the data.
    PathAndData(String),
    /// A remote doctype of the first form: the data alone.
    Data(String),
    /// A plain server on the developer's machine, in the first form.
    Address(String),
}

impl Remote {
    pub(super) fn new(remote: Option<&str>) -> Result<Remote, Error> {
        let remote = remote.unwrap_or(DEFAULT_REMOTE);
        let doctype = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
        };
        if remote.starts_with("http://") || remote.starts_with("https://") {
            Ok(Remote::Address(remote.to_owned()))
        } else if !doctype(remote) {
            Err(Error::option("remote: a doctype or an http:// address is needed"))
        } else if remote.ends_with("_v2") {
            Ok(Remote::PathAndData(remote.to_owned()))
        } else {
            Ok(Remote::Data(remote.to_owned()))
        }
    }

    pub(super) fn request(&self, measure: &Measure) -> Request {
        let data = measure.to_json();
        let (url, body) = match self {
            Remote::PathAndData(doctype) => {
                (format!("/remote/{doctype}"), json!({"data": data, "path": "measure"}))
            }
            Remote::Data(doctype) => (format!("/remote/{doctype}"), json!({"data": data})),
            Remote::Address(address) => (address.clone(), json!({"data": data})),
        };
        Request { method: "POST", url, body: Some(body.to_string()), in_pieces: false }
    }
}

#[cfg(test)]
mod tests {
    use super::Remote;

    #[test]
    fn the_form_follows_from_the_name() {
        let remote = |name| Remote::new(Some(name)).unwrap();
        assert_eq!(Remote::new(None).unwrap(), Remote::PathAndData("cc.cozycloud.dacc_v2".into()));
        assert_eq!(
            remote("cc.cozycloud.dacc.dev_v2"),
            Remote::PathAndData("cc.cozycloud.dacc.dev_v2".into())
        );
        assert_eq!(remote("cc.cozycloud.dacc"), Remote::Data("cc.cozycloud.dacc".into()));
        assert_eq!(remote("http://localhost:8081"), Remote::Address("http://localhost:8081".into()));
        assert!(Remote::new(Some("../files")).is_err());
        assert!(Remote::new(Some("")).is_err());
    }
}
