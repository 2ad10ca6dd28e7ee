//! Sending one request of a plan.

use super::{ScimConnector, connect::first_users, resource};
use crate::connector::{Instead, Refusal, Request, Sent};

/// Sends `request`. A delete of what is not there is done.
pub(super) async fn send(connector: &ScimConnector, request: &Request) -> Sent {
    let (mut exchange, told) = connector.ask(request).await;
    let outcome = match told {
        Err(refusal) if request.method == "DELETE" => {
            let (gone, looked) = is_gone(connector, request, &refusal).await;
            exchange.answer.extend(looked.map(|looked| format!("\n({looked})")));
            if gone { Ok(None) } else { Err(refusal) }
        }
        Ok(_) if request.method == "DELETE" => Ok(None),
        told => told.map(|body| body.as_ref().and_then(resource::account)),
    };
    Sent { exchange, outcome }
}

/// Whether the account that could not be deleted is not there any more, and what was seen
/// where that took another look. Some apps fail at a second delete (`facts/scim-apps.md`).
async fn is_gone(
    connector: &ScimConnector,
    request: &Request,
    refusal: &Refusal,
) -> (bool, Option<&'static str>) {
    let gone = match refusal {
        Refusal::NotFound => return (true, None),
        Refusal::Down { .. } => match connector.get(request.path.clone()).await.1 {
            Ok(_) => return (false, Some("looked again: it is still there")),
            Err(Refusal::NotFound) => true,
            Err(refusal) => is_bare_404(&refusal) && first_users(connector).await.is_ok(),
        },
        refusal if is_bare_404(refusal) => first_users(connector).await.is_ok(),
        _ => return (false, None),
    };
    let looked =
        if gone { "looked again: it is gone" } else { "looked again: not known to be gone" };
    (gone, Some(looked))
}

/// A 404 that does not say in SCIM that the account is what was not found: believed only when
/// the app's list of users is where it should be.
const fn is_bare_404(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::NotScim { status: 404 | 410, got: Instead::Json | Instead::Nothing })
}
