//! What the columns of a file seem to mean, by what they are called.

use super::Meaning;

/// What a header is called elsewhere, in lower case, letters and digits alone. The first that fits is taken.
const SYNONYMS: &[(Meaning, &str)] = &[
    (
        Meaning::UserName,
        "username login loginname loginid userid user userprincipalname upn account accountname \
         samaccountname uid signinname benutzername benutzer anmeldename nomdutilisateur \
         identifiant usuario",
    ),
    (
        Meaning::Email,
        "email mail emailaddress mailaddress workemail workmail primaryemail businessemail \
         emailid emailsvalue emails smtp emailadresse courriel correo",
    ),
    (
        Meaning::GivenName,
        "givenname firstname first forename namegivenname vorname prenom prénom nombre",
    ),
    (
        Meaning::FamilyName,
        "familyname lastname last surname sn namefamilyname nachname familienname nomdefamille \
         apellido apellidos",
    ),
    (
        Meaning::DisplayName,
        "displayname fullname name nameformatted commonname cn anzeigename nomcomplet",
    ),
    (Meaning::Title, "title jobtitle position jobposition titel funktion poste puesto"),
    (
        Meaning::Department,
        "department dept departmentname division abteilung département departement departamento",
    ),
    (
        Meaning::Phone,
        "phone phonenumber telephone telephonenumber tel workphone businessphone officephone \
         phonenumbersvalue telefon telefonnummer téléphone teléfono",
    ),
    (
        Meaning::Active,
        "active isactive status userstatus accountstatus enabled accountenabled state aktiv",
    ),
];

/// What each column of a header seems to mean. A meaning is given once, to the first that bears its
/// name; where nothing is called a user name, the address serves as both.
#[must_use]
pub(super) fn guess(header: &[String]) -> Vec<Option<Meaning>> {
    let mut meanings = Vec::with_capacity(header.len());
    for name in header {
        let meaning = known(name).filter(|meaning| !meanings.contains(&Some(*meaning)));
        meanings.push(meaning);
    }
    if !meanings.contains(&Some(Meaning::UserName))
        && let Some(email) = meanings.iter_mut().find(|meaning| **meaning == Some(Meaning::Email))
    {
        *email = Some(Meaning::UserNameAndEmail);
    }
    meanings
}

fn known(name: &str) -> Option<Meaning> {
    let plain: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let known = SYNONYMS.iter().find(|(_, names)| names.split(' ').any(|name| name == plain));
    known.map(|(meaning, _)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(header: &[&str]) -> Vec<String> {
        header.iter().map(|name| (*name).to_owned()).collect()
    }

    fn guessed(header: &[&str]) -> Vec<&'static str> {
        guess(&names(header)).iter().map(|meaning| meaning.map_or("", Meaning::word)).collect()
    }

    #[test]
    fn headers_are_known_in_any_case_and_spelling() {
        for (header, meanings) in [
            (
                &["userName", "E-Mail", "First Name", "LAST_NAME"][..],
                ["userName", "email", "givenName", "familyName"],
            ),
            (
                &["Vorname", "Nachname", "Mail", "Benutzername"],
                ["givenName", "familyName", "email", "userName"],
            ),
            (
                &["login", "job title", "Dept.", "Shoe size"],
                ["userName", "title", "department", ""],
            ),
            (
                &["UPN", "AccountEnabled", "Telephone Number", "name"],
                ["userName", "active", "phone", "displayName"],
            ),
        ] {
            assert_eq!(guessed(header), meanings, "{header:?}");
        }
    }

    #[test]
    fn an_address_alone_serves_as_the_user_name_too() {
        assert_eq!(guessed(&["Name", "Email"]), ["displayName", "userName+email"]);
        assert_eq!(guessed(&["Email", "Login"]), ["email", "userName"]);
    }

    #[test]
    fn a_second_column_of_the_same_name_is_not_used() {
        assert_eq!(guessed(&["user", "mail", "E-mail"]), ["userName", "email", ""]);
    }
}
