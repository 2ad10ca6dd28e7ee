//! Members of JSON objects and texts, compared as SCIM does.

use serde_json::{Map, Value};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// How the object spells `name`, which it may do in any case.
pub(super) fn key<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    match object.get_key_value(name) {
        Some((key, _)) => Some(key),
        None => object.keys().find(|key| key.eq_ignore_ascii_case(name)).map(String::as_str),
    }
}

/// The member called `name`, in any case.
pub(super) fn find<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(key(object, name)?)
}

/// The member called `name`, in any case, to be changed.
pub(super) fn find_mut<'a>(object: &'a mut Object, name: &str) -> Option<&'a mut Value> {
    let key = key(object, name)?.to_owned();
    object.get_mut(&key)
}

/// The member called `name` of whatever `value` is.
pub(super) fn of<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    find(value.as_object()?, name)
}

/// Takes the member called `name` out.
pub(super) fn remove(object: &mut Object, name: &str) -> Option<Value> {
    let key = key(object, name)?.to_owned();
    object.remove(&key)
}

/// Whether two texts are the same but for their case.
pub(super) fn same_but_for_case(one: &str, other: &str) -> bool {
    one == other || lower(one).eq(lower(other))
}

/// The characters of `text` in lower case.
pub(super) fn lower(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

/// Whether there is anything in it: not null, and no empty text, list or object
/// (RFC 7643 section 2.5, RFC 7644 table 3).
pub(super) fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(is_present),
        Value::Object(members) => members.values().any(is_present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// `true` and `false`, also where someone wrote them as text in any case.
pub(super) fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_is_found_in_any_case_and_the_exact_one_first() {
        let value = json!({ "USERNAME": "b", "userName": "a", "Title": "c" });

        assert_eq!(of(&value, "userName"), Some(&json!("a")));
        assert_eq!(of(&value, "title"), Some(&json!("c")));
        assert_eq!(of(&value, "nickName"), None);
        assert_eq!(of(&json!(["userName"]), "userName"), None);
    }

    #[test]
    fn nothing_is_present_in_a_nest_of_nothing() {
        for empty in [json!(null), json!(""), json!([]), json!({}), json!([{ "value": null }, ""])]
        {
            assert!(!is_present(&empty), "{empty}");
        }
        for there in [json!(false), json!(0), json!(" "), json!([{ "value": "x" }])] {
            assert!(is_present(&there), "{there}");
        }
    }

    #[test]
    fn case_is_that_of_every_script() {
        assert!(same_but_for_case("ÅSA@example.com", "åsa@EXAMPLE.com"));
        assert!(!same_but_for_case("asa", "åsa"));
    }
}
