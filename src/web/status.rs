//! States in words and colours.

use super::parts::Badge;
use crate::{
    apps::change::Kind,
    queue::{Status, store::Standing},
};

/// How far an action has come.
#[must_use]
pub(super) fn badge(status: Status) -> Badge {
    match status {
        Status::Pending => Badge::waits("Pending"),
        Status::Approved => Badge::busy("Approved"),
        Status::Sending => Badge::busy("Sending"),
        Status::Provisioned => Badge::good("Provisioned"),
        Status::Failed => Badge::bad("Failed"),
        Status::Rejected => Badge::over("Rejected"),
        Status::Cancelled => Badge::over("Cancelled"),
        Status::Withdrawn => Badge::over("Withdrawn"),
    }
}

/// How somebody's account is: what is under way, else whether there is one.
#[must_use]
pub(super) fn standing(standing: Standing) -> Badge {
    match (standing.open, standing.active) {
        (Some((kind, Status::Pending)), _) => Badge::waits(format!("{} waits", word(kind))),
        (Some((kind, Status::Failed)), _) => Badge::bad(format!("{} failed", word(kind))),
        (Some((kind, _)), _) => Badge::busy(format!("{} on its way", word(kind))),
        (None, Some(true)) => Badge::calm("Provisioned"),
        (None, Some(false)) => Badge::off("Suspended"),
        (None, None) => Badge::none("No account"),
    }
}

/// A kind as it begins a sentence.
#[must_use]
pub(super) const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Create => "Create",
        Kind::Update => "Update",
        Kind::Suspend => "Suspend",
        Kind::Reactivate => "Reactivate",
        Kind::Delete => "Delete",
    }
}
