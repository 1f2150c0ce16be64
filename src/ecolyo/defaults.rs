//! What holds for Ecolyo where a host configures nothing else.

use super::Fluid;
use crate::base::Map;

/// The zone of the app's users.
pub const DEFAULT_ZONE: &str = "Europe/Paris";

/// `createdBy` where nothing is configured.
pub(crate) const DEFAULT_CREATED_BY: &str = "ecolyo";

/// The first version of the terms with the clause, where nothing is configured.
pub(crate) const DEFAULT_CONSENT_VERSION: &str = "1.0.0";

/// The remote doctype behind which the DACC stands in production.
pub const DEFAULT_REMOTE: &str = "cc.cozycloud.dacc_v2";

/// The app's slug, where nothing is configured.
pub(crate) const DEFAULT_SLUG: &str = "ecolyo";

/// The service's name in the app's manifest, where nothing is configured.
pub(crate) const DEFAULT_SERVICE: &str = "aggregatorUsageEvents";

/// The type of the event of which the profile knows the first.
pub(crate) const CONNECTION: &str = "ConnectionEvent";

/// Which fluid the accounts of a konnector connect, by `account_type`.
pub(crate) fn default_konnectors() -> Map<String, Fluid> {
    let mut konnectors = Map::new();
    for fluid in Fluid::ALL {
        let slug = match fluid {
            Fluid::Electricity => "enedisgrandlyon",
            Fluid::Water => "eglgrandlyon",
            Fluid::Gas => "grdfgrandlyon",
        };
        konnectors.insert(slug.to_owned(), fluid);
    }
    konnectors
}
