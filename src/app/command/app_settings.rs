//! What `countersign app set` takes.

use std::{collections::BTreeSet, str::FromStr};

use clap::{Args, ValueEnum, value_parser};

use super::{AppError, refused};
use crate::{
    apps::{
        Approvals, LONGEST_UNDO, OnDelete, OnSuspend, Provisioning, Sending, change::Attribute,
    },
    queue::flow::{MOST_A_MINUTE, Tuned},
};

/// How an app is provisioned.
#[derive(Debug, Args)]
pub struct SetProvisioning {
    /// Enable provisioning.
    #[arg(long)]
    provisioning: Option<Switch>,
    /// Which kinds require admin approval: create, update, suspend, delete with commas, or none.
    #[arg(long)]
    approve: Option<String>,
    /// When users are deleted: delete, suspend or nothing.
    #[arg(long)]
    on_delete: Option<OnDelete>,
    /// When users are suspended: suspend or nothing.
    #[arg(long)]
    on_suspend: Option<OnSuspend>,
    /// Whether nobody may approve what they asked for.
    #[arg(long)]
    four_eyes: Option<Switch>,
}

/// How approved actions are sent to an app.
#[derive(Debug, Args)]
pub struct SetSending {
    /// How long an approval can be undone before it is sent; 0 to 600.
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = value_parser!(u16).range(..=i64::from(LONGEST_UNDO))
    )]
    undo: Option<u16>,
    /// Requests a minute at most, or none for no limit.
    #[arg(long)]
    rate: Option<Rate>,
    /// What may have changed in the app without bringing an action back: title, phone … with commas, or none.
    #[arg(long, value_name = "ATTRIBUTES")]
    send_anyway: Option<String>,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// Requests a minute, or as many as there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rate(Option<i32>);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(rate) if (1..=MOST_A_MINUTE).contains(&rate) => Ok(Self(Some(rate))),
            _ if text == "none" => Ok(Self(None)),
            _ => Err(format!("must be 1 to {MOST_A_MINUTE}, or none")),
        }
    }
}

impl SetProvisioning {
    /// What is named, over what is stored.
    pub(super) fn over(self, stored: Provisioning) -> Result<Provisioning, AppError> {
        Ok(Provisioning {
            enabled: self.provisioning.map_or(stored.enabled, |switch| switch == Switch::On),
            approve: self.approve.as_deref().map_or(Ok(stored.approve), approvals)?,
            on_delete: self.on_delete.unwrap_or(stored.on_delete),
            on_suspend: self.on_suspend.unwrap_or(stored.on_suspend),
            four_eyes: self.four_eyes.map_or(stored.four_eyes, |switch| switch == Switch::On),
        })
    }
}

impl SetSending {
    /// What is named, over what is stored.
    pub(super) fn over(self, Tuned { sending, rate }: Tuned) -> Result<Tuned, AppError> {
        let sending = Sending {
            undo_seconds: self.undo.unwrap_or(sending.undo_seconds),
            send_anyway: match self.send_anyway.as_deref() {
                Some(text) => attributes(text)?,
                None => sending.send_anyway,
            },
        };
        Ok(Tuned { sending, rate: self.rate.map_or(rate, |Rate(rate)| rate) })
    }
}

/// The words of a list with commas; `none` is none of them.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| *word != "none")
}

fn attributes(text: &str) -> Result<BTreeSet<Attribute>, AppError> {
    listed(text)
        .map(|word| {
            word.parse().map_err(|error| refused(format_args!("--send-anyway: {word}: {error}")))
        })
        .collect()
}

fn approvals(text: &str) -> Result<Approvals, AppError> {
    let mut approvals = Approvals { create: false, update: false, suspend: false, delete: false };
    for word in listed(text) {
        match word {
            "create" => approvals.create = true,
            "update" => approvals.update = true,
            "suspend" => approvals.suspend = true,
            "delete" => approvals.delete = true,
            _ => {
                return Err(refused(format!(
                    "--approve: {word} must be one of create, update, suspend, delete, or none"
                )));
            }
        }
    }
    Ok(approvals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Tuned {
        let send_anyway = BTreeSet::from([Attribute::Title]);
        Tuned { sending: Sending { undo_seconds: 30, send_anyway }, rate: Some(60) }
    }

    #[test]
    fn what_is_not_named_stays() {
        let nothing = SetSending { undo: None, rate: None, send_anyway: None };

        assert_eq!(nothing.over(stored()).unwrap(), stored());
    }

    #[test]
    fn none_takes_a_limit_and_a_list_away() {
        let none = SetSending {
            undo: Some(0),
            rate: Some("none".parse().unwrap()),
            send_anyway: Some("none".to_owned()),
        };

        let tuned = none.over(stored()).unwrap();

        assert_eq!(tuned, Tuned { sending: Sending::default(), rate: None });
    }

    #[test]
    fn a_rate_is_a_number_that_lets_something_through() {
        assert_eq!("60000".parse(), Ok(Rate(Some(60_000))));
        for bad in ["0", "-1", "60001", "fast", ""] {
            assert_eq!(bad.parse::<Rate>(), Err("must be 1 to 60000, or none".to_owned()), "{bad}");
        }
    }

    #[test]
    fn an_attribute_that_is_not_known_is_named_with_those_that_are() {
        let says = attributes("title, salary").unwrap_err().to_string();

        assert!(says.contains("--send-anyway: salary: ") && says.contains("userName"), "{says}");
        assert_eq!(
            attributes("phone, title").unwrap(),
            BTreeSet::from([Attribute::Title, Attribute::Phone])
        );
    }
}
