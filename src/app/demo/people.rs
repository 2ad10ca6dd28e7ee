//! Who lives in the demo.

use crate::{access::Role, directory::Draft};

/// An administrator of the demo.
pub(super) struct Someone {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) role: Role,
}

/// One of each role.
pub(super) const ADMINISTRATORS: [Someone; 4] = [
    Someone { name: "Ruth Varga", email: "ruth@northwind.example", role: Role::Owner },
    Someone { name: "Ben Okafor", email: "ben@northwind.example", role: Role::Approver },
    Someone { name: "Cleo Marchetti", email: "cleo@northwind.example", role: Role::Operator },
    Someone { name: "Astrid Holm", email: "astrid@northwind.example", role: Role::Auditor },
];

/// First name, last name, title, department.
pub(super) type Person = (&'static str, &'static str, &'static str, &'static str);

/// Those who have had an account for a while.
pub(super) const ESTABLISHED: [Person; 29] = [
    ("Marek", "Rybak", "Analyst", "Finance"),
    ("Priya", "Nair", "Counsel", "Finance"),
    ("Jun", "Tanaka", "Account Executive", "Sales"),
    ("Amara", "Lindholm", "Contract Administrator", "Legal"),
    ("Tomás", "Ortega", "Account Executive", "Sales"),
    ("Owen", "Griffiths", "Facilities Manager", "Operations"),
    ("Sofia", "Pereira-Lindqvist", "Paralegal", "Legal"),
    ("Noor", "Haddad", "Treasury Analyst", "Finance"),
    ("Ingrid", "Sørensen", "Head of Legal", "Legal"),
    ("Kwame", "Boateng", "Sales Manager", "Sales"),
    ("Yara", "Costa", "Recruiter", "People"),
    ("Liam", "O'Connell", "Buyer", "Procurement"),
    ("Mei", "Chen", "Data Protection Officer", "Legal"),
    ("Viktor", "Novák", "Controller", "Finance"),
    ("Fatima", "El Amrani", "Buyer", "Procurement"),
    ("Henrik", "Dahl", "Site Manager", "Operations"),
    ("Chiara", "Ricci", "HR Partner", "People"),
    ("Samuel", "Adeyemi", "Account Executive", "Sales"),
    ("Elif", "Yılmaz", "Legal Counsel", "Legal"),
    ("Jonas", "Weber", "Accountant", "Finance"),
    ("Aoife", "Byrne", "Office Manager", "Operations"),
    ("Rafael", "Moreno", "Sales Engineer", "Sales"),
    ("Hana", "Kovács", "Payroll Specialist", "People"),
    ("Daniel", "Mbeki", "Contract Manager", "Procurement"),
    ("Olga", "Petrenko", "Compliance Officer", "Legal"),
    ("Lucas", "Fontaine", "Business Development", "Sales"),
    ("Zainab", "Rahman", "Financial Planner", "Finance"),
    ("Pavel", "Dvořák", "Logistics Lead", "Operations"),
    ("Grace", "Thompson", "Executive Assistant", "People"),
];

/// Those who are new.
pub(super) const NEW: [Person; 11] = [
    ("Hanna", "Oduya", "Paralegal", "Legal"),
    ("Esra", "Balcı", "Account Executive", "Sales"),
    ("Lena", "Wirth", "Legal Counsel", "Legal"),
    ("Arjun", "Mehta", "Buyer", "Procurement"),
    ("Camille", "Dubois", "Recruiter", "People"),
    ("Mateus", "Silva", "Sales Development", "Sales"),
    ("Nadia", "Ivanova", "Accountant", "Finance"),
    ("Theo", "Papadakis", "Site Manager", "Operations"),
    (
        "Maximiliane",
        "von Hohenstein-Wackerbarth",
        "International Contract Management Lead",
        "Legal",
    ),
    ("Ibrahim", "Keita", "Treasury Analyst", "Finance"),
    ("Dmitri", "Kessler", "Contractor", "Operations"),
];

/// A person as typed.
pub(super) fn draft((given, family, title, department): Person) -> Draft {
    let plain: String = format!("{given}.{family}").to_lowercase().chars().map(plain).collect();
    let address = format!("{plain}@northwind.example");
    Draft {
        user_name: address.clone(),
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        display_name: format!("{given} {family}"),
        email: address,
        title: title.to_owned(),
        department: department.to_owned(),
        phone: String::new(),
    }
}

/// A letter as it stands in addresses.
const fn plain(letter: char) -> char {
    match letter {
        'á' | 'ã' => 'a',
        'é' => 'e',
        'ı' => 'i',
        'ó' | 'ø' => 'o',
        'ř' => 'r',
        '\'' | ' ' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Profile;

    #[test]
    fn everybody_can_be_added_and_nobody_twice() {
        let mut names: Vec<_> =
            ESTABLISHED.iter().chain(&NEW).map(|person| draft(*person).user_name).collect();
        let all = names.len();
        names.sort();
        names.dedup();

        assert_eq!((all, names.len()), (40, 40));
        for person in ESTABLISHED.iter().chain(&NEW) {
            assert!(Profile::parse(&draft(*person)).is_ok(), "{person:?}");
            assert!(draft(*person).email.is_ascii(), "{person:?}");
        }
    }
}
