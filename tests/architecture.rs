//! Holds each room's door (`src/<room>/mod.rs`) against what its files really import, and the
//! floors of the house against both. Test code counts: a test that reaches up is an import up.
#![expect(clippy::unwrap_used, reason = "a tree that cannot be read fails the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The rooms by floor; imports go down, or along a floor other than the fourth.
const FLOORS: [&[&str]; 6] = [
    &["kernel", "config", "db", "scim", "telemetry"],
    &["directory", "access", "apps", "audit", "jobs", "sources"],
    &["policy", "notify", "connector"],
    &["queue", "imports"],
    &["web", "inbound", "api", "forwarder", "sandbox"],
    &["app"],
];
/// Which rooms may name a crate.
const CRATES: [(&str, &[&str]); 2] = [
    ("axum", &["web", "api", "inbound", "sandbox", "app"]),
    ("reqwest", &["connector", "notify", "access"]),
];
const LONGEST: usize = 400;
/// Files that are longer all the same. May only shrink, entry by entry and as a whole.
const LONGER: [(&str, usize); 0] = [];

type Rooms = BTreeMap<String, BTreeSet<String>>;

fn files(below: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let rust = files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    rust.chain(folders.iter().flat_map(|folder| self::files(folder))).collect()
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The files of every room: its name, the path below `src`, and the code without comments.
fn code() -> impl Iterator<Item = (String, String, String)> {
    files(&src()).into_iter().filter_map(|file| {
        let path = file.strip_prefix(src()).unwrap().to_str().unwrap().to_owned();
        let room = path.split_once('/')?.0.to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        Some((room, path, code.flat_map(|line| [line, "\n"]).collect()))
    })
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// The rooms that some code names: `crate::a`, and `crate::{a, b::{…}}` at its outermost level.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, prefix) in code.match_indices("crate::") {
        let rest = &code[at + prefix.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(word(rest).to_owned());
            continue;
        };
        let mut depth = 0_usize;
        let mut first = true;
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => first = true,
                c if first && c.is_alphabetic() => {
                    found.insert(word(&list[at..]).to_owned());
                    first = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn real_imports() -> Rooms {
    let mut rooms = Rooms::new();
    for (room, _, code) in code() {
        rooms.entry(room).or_default().extend(imports(&code));
    }
    for (room, uses) in &mut rooms {
        uses.remove(room);
    }
    rooms
}

fn floor(room: &str) -> usize {
    let floor = FLOORS.iter().position(|rooms| rooms.contains(&room));
    floor.unwrap_or_else(|| unreachable!("{room} is on no floor"))
}

#[test]
fn imports_are_read_out_of_nested_lists() {
    let code = "use crate::{\n    access::{self, Actor},\n    audit, db::Corrupt};\nfn f(x: crate::kernel::Id) {}";

    assert_eq!(imports(code).into_iter().collect::<Vec<_>>(), ["access", "audit", "db", "kernel"]);
}

/// What a door says that its room may use.
fn said(room: &str) -> Result<BTreeSet<String>, &'static str> {
    let door = fs::read_to_string(src().join(room).join("mod.rs")).unwrap();
    let lines: Vec<_> = door.lines().map_while(|line| line.strip_prefix("//!")).collect();
    let may_use = lines.iter().find_map(|line| line.strip_prefix(" May use: ")?.strip_suffix('.'));
    match may_use {
        _ if lines.len() > 8 => Err("has more than eight lines"),
        None => Err("has no line `May use: …`"),
        Some("nothing") => Ok(BTreeSet::new()),
        Some(rooms) => Ok(rooms.split(", ").map(str::to_owned).collect()),
    }
}

#[test]
fn every_door_says_exactly_what_its_room_uses() {
    let wrong: Vec<_> = real_imports()
        .into_iter()
        .filter_map(|(room, uses)| match said(&room) {
            Ok(said) if said == uses => None,
            Ok(said) => Some(format!("the door of {room} says {said:?}, its files use {uses:?}")),
            Err(fault) => Some(format!("the door of {room} {fault}")),
        })
        .collect();

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_room_reaches_up_or_across_the_fourth_floor() {
    for (room, uses) in real_imports() {
        for used in uses {
            let (from, to) = (floor(&room), floor(&used));

            assert!(to < from || (to == from && from != 4), "{room} uses {used}");
        }
    }
}

#[test]
fn no_rooms_use_each_other_in_a_circle() {
    let mut left = real_imports();
    while !left.is_empty() {
        let rooms: BTreeSet<_> = left.keys().cloned().collect();
        left.retain(|_, uses| !uses.is_disjoint(&rooms));

        assert!(left.len() < rooms.len(), "there is a circle among {rooms:?}");
    }
}

#[test]
fn http_is_spoken_only_where_it_belongs() {
    for (room, path, code) in code() {
        for (name, may) in CRATES {
            let named = code
                .split(name)
                .skip(1)
                .any(|rest| rest.starts_with("::") || rest.starts_with("_extra"));

            assert!(!named || may.contains(&&*room), "{path} names {name}");
        }
    }
}

#[test]
fn sql_stands_in_stores() {
    for (room, path, code) in code() {
        let store =
            path.ends_with("/store.rs") || path.ends_with("_store.rs") || path.contains("/store/");
        let may = store || ["db", "audit", "jobs"].contains(&&*room);
        let has =
            ["sqlx::query", "sqlx::raw_sql", "QueryBuilder"].iter().any(|sql| code.contains(sql));

        assert!(may || !has, "{path} holds SQL");
    }
}

#[test]
fn no_file_is_long() {
    for file in files(&src()) {
        let path = file.strip_prefix(src()).unwrap().to_str().unwrap().to_owned();
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        match LONGER.iter().find(|(longer, _)| *longer == path) {
            None => assert!(lines <= LONGEST, "{path} has {lines} lines"),
            Some((_, most)) => {
                assert!((LONGEST + 1..=*most).contains(&lines), "{path} shrank to {lines}: say so");
            }
        }
    }
}
