//! Any JSON is a PATCH or is refused; one that is a PATCH leaves any resource whole or is refused, and means
//! the same when it is sent on. The input is a pair in a JSON list: the resource, and the body.
#![no_main]
#![allow(dead_code, unused_imports, reason = "of the room only the patches are asked here")]

#[path = "../../src/scim/mod.rs"]
mod scim;

use libfuzzer_sys::fuzz_target;
use scim::{Patch, schema::{GROUPS, USERS}};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok((resource, body)) = serde_json::from_slice::<(Value, Value)>(bytes) else { return };
    let Ok(patch) = Patch::read(&body) else { return };
    let sent_on = Patch::read(&patch.to_value());
    assert_eq!(sent_on.as_ref(), Ok(&patch));
    for kind in [&USERS, &GROUPS] {
        let Ok(changed) = patch.apply(&resource, kind) else { continue };
        assert!(changed.is_object(), "{changed}");
        assert!(changed["schemas"].is_array(), "{changed}");
        assert_eq!(patch.apply(&resource, kind), Ok(changed), "the same again");
    }
});
