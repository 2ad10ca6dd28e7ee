//! Whose product pushes.

use crate::kernel::words;

words! {
    /// Whose product an identity provider is. It changes what its guide says, not how it is answered.
    Provider {
        /// Okta.
        Okta = "okta",
        /// Microsoft Entra ID.
        Entra = "entra",
        /// OneLogin.
        OneLogin = "onelogin",
        /// authentik.
        Authentik = "authentik",
        /// Keycloak, with one of its SCIM extensions.
        Keycloak = "keycloak",
        /// Any other SCIM 2.0 client.
        Other = "other",
    }
}

impl Provider {
    /// The name of the product.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::Entra => "Microsoft Entra ID",
            Self::OneLogin => "OneLogin",
            Self::Authentik => "authentik",
            Self::Keycloak => "Keycloak",
            Self::Other => "Another SCIM 2.0 client",
        }
    }
}
