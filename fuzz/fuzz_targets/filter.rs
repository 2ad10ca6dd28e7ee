//! Any text is a filter or is refused; one that is a filter prints to text that means the same, and can
//! be held against any resource.
#![no_main]
#![allow(dead_code, unused_imports, reason = "of the room only the filters are asked here")]

#[path = "../../src/scim/mod.rs"]
mod scim;

use libfuzzer_sys::fuzz_target;
use scim::{Filter, schema::{GROUPS, USERS}};
use serde_json::json;

fuzz_target!(|text: &str| {
    let Ok(filter) = text.parse::<Filter>() else { return };
    let printed = filter.to_string();
    assert_eq!(printed.parse::<Filter>().as_ref(), Ok(&filter), "{printed}");
    let user = json!({
        "userName": "ana", "active": true, "name": { "familyName": "Lima" }, "title": "", "nickName": null,
        "emails": [{ "type": "work", "value": "ana@example.com", "primary": true }, { "value": 1 }, null],
        "meta": { "created": "2026-11-23T00:00:00Z" },
    });
    for kind in [&USERS, &GROUPS] {
        if filter.check(kind).is_ok() {
            let _ = filter.matches(&user);
        }
    }
});
