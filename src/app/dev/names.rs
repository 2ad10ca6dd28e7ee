//! What people, departments, reasons and failures are called.

/// First and last names that go together.
pub(super) struct Country {
    pub(super) given: &'static [&'static str],
    pub(super) family: &'static [&'static str],
    /// Before the names in addresses, where theirs are not written in Latin letters.
    pub(super) plain: Option<&'static str>,
}

pub(super) const COUNTRIES: [Country; 9] = [
    Country {
        given: &["Ana", "Tomás", "Lucía", "Rafael", "Inés", "Mateo", "Carmen", "Álvaro"],
        family: &["Lima", "Ortega", "Moreno", "de la Cruz", "Núñez", "Herrera", "Ibáñez", "Vidal"],
        plain: None,
    },
    Country {
        given: &["Lena", "Jonas", "Maximiliane", "Jürgen", "Heike", "Felix", "Annegret", "Götz"],
        family: &[
            "Wirth",
            "Weber",
            "von Hohenstein-Wackerbarth",
            "Müller",
            "Schäfer",
            "Groß",
            "Köhler",
            "Leutheusser-Schnarrenberger",
        ],
        plain: None,
    },
    Country {
        given: &["Grace", "Owen", "Aoife", "Liam", "Harriet", "Callum", "Niamh", "Rhys"],
        family: &[
            "Thompson",
            "Griffiths",
            "Byrne",
            "O'Connell",
            "Hughes",
            "Fraser",
            "Walsh",
            "Ward",
        ],
        plain: None,
    },
    Country {
        given: &["Priya", "Arjun", "Kavya", "Rohan", "Lakshmi", "Vikram", "Meera", "Sanjay"],
        family: &[
            "Nair",
            "Mehta",
            "Venkatanarasimharajuvaripeta",
            "Iyer",
            "Sharma",
            "Rao",
            "Das",
            "Gill",
        ],
        plain: None,
    },
    Country {
        given: &["Ingrid", "Henrik", "Astrid", "Søren", "Åsa", "Lars", "Maja", "Bjørn"],
        family: &["Sørensen", "Dahl", "Holm", "Lindqvist", "Østergård", "Nyström", "Berg", "Aas"],
        plain: None,
    },
    Country {
        given: &["Elif", "Emre", "Esra", "Kerem", "Zeynep", "Murat", "Derya", "Ozan"],
        family: &["Yılmaz", "Balcı", "Demir", "Çelik", "Şahin", "Aydın", "Kılıç", "Arslan"],
        plain: None,
    },
    Country {
        given: &["نور", "ليلى", "يوسف", "سارة", "عمر", "هدى", "كريم", "منى"],
        family: &["حداد", "الخطيب", "منصور", "النجار", "سليمان", "خوري", "عباس", "المصري"],
        plain: Some("n"),
    },
    Country {
        given: &["נועה", "יואב", "תמר", "איתי", "מאיה", "דוד", "שירה", "אורי"],
        family: &["לוי", "כהן", "פרידמן", "מזרחי", "אברהם", "ביטון", "שפירא", "דהן"],
        plain: Some("y"),
    },
    Country {
        given: &["美咲", "蓮", "结衣", "Jun", "Mei", "大翔", "陽菜", "Hiroshi"],
        family: &["田中", "佐藤", "鈴木", "Tanaka", "Chen", "高橋", "渡辺", "Kobayashi"],
        plain: Some("j"),
    },
];

/// Departments, each with what people do there.
pub(super) const DEPARTMENTS: [(&str, [&str; 3]); 7] = [
    ("Finance", ["Analyst", "Accountant", "Treasury Analyst"]),
    ("Legal", ["Paralegal", "Legal Counsel", "International Contract Management Specialist"]),
    ("Sales", ["Account Executive", "Sales Engineer", "Business Developer"]),
    ("Operations", ["Site Manager", "Facilities Manager", "Logistics Planner"]),
    ("People", ["Recruiter", "HR Partner", "Payroll Specialist"]),
    ("Procurement", ["Buyer", "Contract Manager", "Category Manager"]),
    ("Research and Development, Northern Europe", ["Engineer", "Scientist", "Technician"]),
];
/// How far somebody has come.
pub(super) const LEVELS: [&str; 4] = ["", "Senior ", "Lead ", "Head "];

/// Who decided; none of them can sign in.
pub(super) const ADMINISTRATORS: [(&str, &str, &str); 5] = [
    ("Ruth Varga", "ruth.varga@northwind.example", "owner"),
    ("Ben Okafor", "ben.okafor@northwind.example", "approver"),
    ("Cleo Marchetti", "cleo.marchetti@northwind.example", "approver"),
    ("Samir Haddad", "samir.haddad@northwind.example", "approver"),
    ("Yuki Mori", "yuki.mori@northwind.example", "approver"),
];
/// Sources that push: slug, provider, name.
pub(super) const SOURCES: [(&str, &str, &str); 2] =
    [("okta", "okta", "Okta"), ("entra", "entra", "Entra ID")];

pub(super) const REASONS: [&str; 5] = [
    "Contractors sign through their agency. See the access policy, section 4.",
    "Not before the first working day.",
    "The manager does not know of it.",
    "Asked for twice; the other one was approved.",
    "No licence is left in this department.",
];
