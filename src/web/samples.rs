//! Samples of what stands around pages, and what every drawn page must be.

use std::{collections::BTreeSet, fs, path::Path};

use askama::Template;
use time::{OffsetDateTime, macros::datetime};

use super::{
    parts::Who,
    shell::{Crumb, Place, Shell},
};

/// When the samples are looked at.
pub(super) const NOW: OffsetDateTime = datetime!(2026-11-23 18:00 UTC);

/// A shell with nothing remarkable in it.
pub(super) fn shell(title: &str, place: Place, crumbs: &[&str]) -> Shell {
    Shell {
        title: title.to_owned(),
        place,
        crumbs: crumbs
            .iter()
            .map(|name| match *name {
                "People" => Crumb::to(*name, "/users"),
                "Provisioning" => Crumb::to(*name, "/users/provisioning"),
                "Sources" => Crumb::to(*name, "/settings/sources"),
                group => Crumb::at(group),
            })
            .collect(),
        me: Who::new("Ruth Varga", "ruth.varga@northwind.example"),
        role: "Approver",
        waiting: Some("14".to_owned()),
        banners: Vec::new(),
        flash: None,
    }
}

/// Draws a page, holds it against what every page must be, and leaves it in `target/pages`
/// for a person to look at.
pub(super) fn draw(name: &str, page: &impl Template) -> String {
    let html = page.render().expect("the page renders");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages");
    fs::create_dir_all(&folder).expect("a folder for the pages");
    fs::write(folder.join(format!("{name}.html")), &html).expect("the page is written");
    holds(name, &html);
    html
}

/// No inline script or style; ids are the page's own; what refers to an id finds it.
fn holds(name: &str, html: &str) {
    for inline in [" style=", "<style", "javascript:", " onclick=", " onload=", "hx-on", "<script>"]
    {
        assert!(!html.contains(inline), "{name} has {inline}");
    }
    let mut ids = BTreeSet::new();
    for id in values(html, " id=\"") {
        assert!(ids.insert(id), "{name} has two of #{id}");
    }
    for reference in [
        " for=\"",
        " aria-labelledby=\"",
        " aria-describedby=\"",
        " href=\"#",
        " data-needs=\"",
        " data-copy=\"",
        " popovertarget=\"",
    ] {
        for id in values(html, reference).flat_map(str::split_whitespace) {
            assert!(ids.contains(id), "{name} refers to #{id}, which is not there");
        }
    }
    assert_eq!(html.matches("<h1").count(), 1, "{name} has one heading of its own");
}

fn values<'html>(html: &'html str, before: &'static str) -> impl Iterator<Item = &'html str> {
    html.split(before).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0))
}

/// A person's name and address; now and then a long one.
pub(super) fn somebody(number: usize) -> (&'static str, &'static str) {
    const PEOPLE: [(&str, &str); 12] = [
        ("Hanna Oduya", "hanna.oduya@northwind.example"),
        ("Marek Rybak", "marek.rybak@northwind.example"),
        ("Sofia Pereira-Lindqvist", "sofia.pereira-lindqvist@northwind.example"),
        ("Jun Tanaka", "jun.tanaka@northwind.example"),
        ("Esra Balcı", "esra.balci@northwind.example"),
        (
            "Wolfeschlegelsteinhausenbergerdorff Maximiliane von und zu Hohenlohe-Langenburg",
            "maximiliane.wolfeschlegelsteinhausenbergerdorff@subsidiary.northwind-international.example",
        ),
        ("Amara Lindholm", "amara.lindholm@northwind.example"),
        ("Tomás Ortega", "tomas.ortega@northwind.example"),
        ("Nguyễn Thị Ánh", "anh.nguyen@northwind.example"),
        ("Владимир Соколов", "v.sokolov@northwind.example"),
        ("owen.griffiths@northwind.example", "owen.griffiths@northwind.example"),
        ("Priya Nair", "priya.nair@northwind.example"),
    ];
    PEOPLE[number % PEOPLE.len()]
}
