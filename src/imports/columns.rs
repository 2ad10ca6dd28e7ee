//! What the columns of a file mean, as a person may correct it.

use serde::{Deserialize, Serialize};

use crate::{
    directory::{Draft, FieldError},
    kernel::words,
};

words! {
    /// What is known of a person, by its name in the API.
    Attribute {
        /// What the person signs in with.
        UserName = "userName",
        /// First name.
        GivenName = "givenName",
        /// Last name.
        FamilyName = "familyName",
        /// The name to show.
        DisplayName = "displayName",
        /// Work address.
        Email = "email",
        /// Job title.
        Title = "title",
        /// Department.
        Department = "department",
        /// Work telephone number.
        Phone = "phone",
        /// Whether they may work.
        Active = "active",
    }
}

words! {
    /// What a column is for.
    Meaning {
        /// The user name.
        UserName = "userName",
        /// The user name, which is the work address too.
        UserNameAndEmail = "userName+email",
        /// Work address.
        Email = "email",
        /// First name.
        GivenName = "givenName",
        /// Last name.
        FamilyName = "familyName",
        /// The name to show.
        DisplayName = "displayName",
        /// Job title.
        Title = "title",
        /// Department.
        Department = "department",
        /// Work telephone number.
        Phone = "phone",
        /// Whether they may work.
        Active = "active",
    }
}

impl Meaning {
    /// The attributes that such a column sets.
    #[must_use]
    pub const fn attributes(self) -> &'static [Attribute] {
        match self {
            Self::UserName => &[Attribute::UserName],
            Self::UserNameAndEmail => &[Attribute::UserName, Attribute::Email],
            Self::Email => &[Attribute::Email],
            Self::GivenName => &[Attribute::GivenName],
            Self::FamilyName => &[Attribute::FamilyName],
            Self::DisplayName => &[Attribute::DisplayName],
            Self::Title => &[Attribute::Title],
            Self::Department => &[Attribute::Department],
            Self::Phone => &[Attribute::Phone],
            Self::Active => &[Attribute::Active],
        }
    }
}

/// What is wrong with the meaning of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnFault {
    /// Which column, from 0.
    pub column: usize,
    /// What is wrong and how to mend it.
    pub says: String,
}

/// What each column of one file means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Columns(Vec<Option<Meaning>>);

impl Columns {
    /// What was chosen, if it makes sense of the file: a user name, and nothing twice.
    ///
    /// # Errors
    /// One [`ColumnFault`] for each column to mend. Where there is no user name at all it is the first.
    pub fn checked(
        header: &[String],
        meanings: Vec<Option<Meaning>>,
    ) -> Result<Self, Vec<ColumnFault>> {
        let mut faults = Vec::new();
        for (column, meaning) in meanings.iter().enumerate() {
            let attributes = meaning.map_or(&[][..], Meaning::attributes);
            let earlier = meanings.iter().take(column).position(|other| {
                let other = other.map_or(&[][..], Meaning::attributes);
                other.iter().any(|attribute| attributes.contains(attribute))
            });
            if let Some(earlier) = earlier {
                let name = header.get(earlier).map_or("", String::as_str);
                let says =
                    format!("The column “{name}” is for that already. Choose one of the two.");
                faults.push(ColumnFault { column, says });
            }
        }
        let columns = Self(meanings);
        if columns.place(Attribute::UserName).is_none() {
            let says = "No column is the user name. Choose the one that tells people apart.";
            faults.insert(0, ColumnFault { column: 0, says: says.to_owned() });
        }
        if faults.is_empty() { Ok(columns) } else { Err(faults) }
    }

    /// What was guessed or chosen, whether or not it makes sense.
    #[must_use]
    pub const fn unchecked(meanings: Vec<Option<Meaning>>) -> Self {
        Self(meanings)
    }

    /// The meaning of each column.
    #[must_use]
    pub fn meanings(&self) -> &[Option<Meaning>] {
        &self.0
    }

    /// Which column sets an attribute.
    #[must_use]
    pub fn place(&self, attribute: Attribute) -> Option<usize> {
        self.0.iter().position(|meaning| {
            meaning.is_some_and(|meaning| meaning.attributes().contains(&attribute))
        })
    }

    /// What a line says of an attribute; `None` when no column is for it.
    #[must_use]
    pub fn cell<'a>(&self, cells: &'a [String], attribute: Attribute) -> Option<&'a str> {
        self.place(attribute).map(|place| cells.get(place).map_or("", String::as_str))
    }

    /// Lays what a line says over what is known. An empty cell clears; what has no column stays.
    #[must_use]
    pub fn over(&self, mut draft: Draft, cells: &[String]) -> Draft {
        for attribute in Attribute::ALL {
            if let (Some(cell), Some(field)) =
                (self.cell(cells, *attribute), field(&mut draft, *attribute))
            {
                cell.clone_into(field);
            }
        }
        draft
    }
}

/// The text of a draft that an attribute is; `active` is none.
pub(super) fn field(draft: &mut Draft, attribute: Attribute) -> Option<&mut String> {
    Some(match attribute {
        Attribute::UserName => &mut draft.user_name,
        Attribute::GivenName => &mut draft.given_name,
        Attribute::FamilyName => &mut draft.family_name,
        Attribute::DisplayName => &mut draft.display_name,
        Attribute::Email => &mut draft.email,
        Attribute::Title => &mut draft.title,
        Attribute::Department => &mut draft.department,
        Attribute::Phone => &mut draft.phone,
        Attribute::Active => return None,
    })
}

/// Whether a status says that somebody may work; `None` for an empty one, which leaves it.
///
/// # Errors
/// A text that says neither.
pub fn active(cell: &str) -> Result<Option<bool>, FieldError> {
    match &*cell.to_lowercase() {
        "" => Ok(None),
        "true" | "yes" | "y" | "1" | "active" | "enabled" | "on" | "aktiv" | "ja" => Ok(Some(true)),
        "false" | "no" | "n" | "0" | "inactive" | "suspended" | "disabled" | "deactivated"
        | "off" | "inaktiv" | "nein" => Ok(Some(false)),
        _ => Err(FieldError {
            field: Attribute::Active.word(),
            says:
                "Must be active or suspended; true and false, yes and no, 1 and 0 will do as well."
                    .to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(header: &[&str]) -> Vec<String> {
        header.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn nothing_may_be_meant_twice_and_a_user_name_has_to_be() {
        let header = names(&["a", "b"]);
        let twice = vec![Some(Meaning::UserNameAndEmail), Some(Meaning::Email)];
        let without = vec![Some(Meaning::Title), None];

        let refused = Columns::checked(&header, twice).expect_err("refused");
        assert_eq!(refused.len(), 1);
        assert!(refused[0].column == 1 && refused[0].says.contains("“a”"));
        let refused = Columns::checked(&header, without).expect_err("refused");
        assert!(refused[0].column == 0 && refused[0].says.contains("user name"));
    }

    #[test]
    fn an_empty_cell_clears_and_a_column_that_is_not_there_leaves() {
        let columns = Columns::unchecked(vec![
            Some(Meaning::UserName),
            None,
            Some(Meaning::Title),
            Some(Meaning::Active),
        ]);
        let known =
            Draft { title: "Clerk".to_owned(), department: "Legal".to_owned(), ..Draft::default() };

        let draft = columns.over(known, &names(&["ana", "ignored", "", "no"]));

        assert_eq!((&*draft.user_name, &*draft.title, &*draft.department), ("ana", "", "Legal"));
    }

    #[test]
    fn a_status_is_told_in_many_words_and_a_strange_one_is_refused() {
        for (cell, expected) in [
            ("TRUE", Some(true)),
            ("Active", Some(true)),
            ("0", Some(false)),
            ("suspended", Some(false)),
            ("", None),
        ] {
            assert_eq!(active(cell), Ok(expected), "{cell}");
        }
        assert_eq!(active("maybe").map_err(|error| error.field), Err("active"));
    }
}
