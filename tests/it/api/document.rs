//! Holds answers against the `OpenAPI` document.
#![expect(clippy::panic, reason = "how a test says what is wrong")]

use countersign::api::ROUTES;
use serde_json::Value as Json;

/// The document, as the API itself hands it out.
#[derive(Debug)]
pub(super) struct Document(pub(super) Json);

impl Document {
    /// Panics unless this answer to this request is described, word for word: a field that is
    /// not described is as wrong as one that is missing.
    pub(super) fn hold(&self, method: &str, path: &str, status: u16, kind: &str, body: &Json) {
        let Some(template) = template(method, path) else {
            // No operation: what the router itself says.
            return self.fits(&self.0["components"]["schemas"]["Problem"], body, path);
        };
        let at = format!("{method} {template} {status}");
        let operation = &self.0["paths"][template][method.to_lowercase()];
        let response = self.resolved(&operation["responses"][status.to_string()]);
        assert!(response.is_object(), "{at} is not described: {body}");
        match response["content"].as_object() {
            None => assert!(body.is_null(), "{at} has a body: {body}"),
            Some(content) => {
                let described =
                    content.get(kind).unwrap_or_else(|| panic!("{at} as {kind} is not described"));
                self.fits(&described["schema"], body, &at);
            }
        }
    }

    fn fits(&self, schema: &Json, value: &Json, at: &str) {
        if let Err(says) = self.check(schema, value) {
            panic!("{at}: {says}");
        }
    }

    pub(super) fn resolved<'a>(&'a self, schema: &'a Json) -> &'a Json {
        match schema["$ref"].as_str() {
            Some(reference) => self.0.pointer(&reference[1..]).unwrap(),
            None => schema,
        }
    }

    fn check(&self, schema: &Json, value: &Json) -> Result<(), String> {
        let schema = self.resolved(schema);
        if let Some(choices) = schema["oneOf"].as_array() {
            let fitting = choices.iter().filter(|choice| self.check(choice, value).is_ok()).count();
            return if fitting == 1 {
                Ok(())
            } else {
                Err(format!("{value} fits {fitting} of {choices:?}"))
            };
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            return Err(format!("{value} is none of {words:?}"));
        }
        if schema["format"] == "date-time" {
            let rfc3339 = time::format_description::well_known::Rfc3339;
            let text = value.as_str().unwrap_or_default();
            time::OffsetDateTime::parse(text, &rfc3339)
                .map_err(|error| format!("{text}: {error}"))?;
        }
        let kinds: Vec<_> = match &schema["type"] {
            Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
            kind => kind.as_str().into_iter().collect(),
        };
        if !kinds.is_empty() && !kinds.contains(&kind(value)) {
            return Err(format!("{value} is none of {kinds:?}"));
        }
        match value {
            Json::Object(fields) => self.check_object(schema, fields),
            Json::Array(items) if schema["items"].is_object() => {
                items.iter().try_for_each(|item| self.check(&schema["items"], item))
            }
            _ => Ok(()),
        }
    }

    fn check_object(
        &self,
        schema: &Json,
        fields: &serde_json::Map<String, Json>,
    ) -> Result<(), String> {
        let parts = self.parts(schema);
        for part in &parts {
            for required in part["required"].as_array().into_iter().flatten() {
                if !fields.contains_key(required.as_str().unwrap()) {
                    return Err(format!("{required} is missing in {fields:?}"));
                }
            }
        }
        for (name, field) in fields {
            let described = parts.iter().find_map(|part| part["properties"].get(name));
            let others = parts.iter().find_map(|part| part.get("additionalProperties"));
            match (described, others) {
                (Some(described), _) => {
                    self.check(described, field).map_err(|says| format!("{name}: {says}"))?;
                }
                (None, Some(Json::Bool(true))) => {}
                (None, Some(schema @ Json::Object(_))) => self.check(schema, field)?,
                _ => return Err(format!("{name} is not described")),
            }
        }
        Ok(())
    }

    /// The schemas that all hold of one object.
    fn parts<'a>(&'a self, schema: &'a Json) -> Vec<&'a Json> {
        let schema = self.resolved(schema);
        match schema["allOf"].as_array() {
            Some(all) => all.iter().flat_map(|part| self.parts(part)).collect(),
            None => vec![schema],
        }
    }
}

fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_f64() => "number",
        Json::Number(_) => "integer",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// The path of the document that this request is to.
fn template(method: &str, path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap();
    let route = ROUTES.iter().find(|route| {
        let (mine, theirs) = (path.split('/'), route.path.split('/'));
        route.method == method
            && mine.clone().count() == theirs.clone().count()
            && mine.zip(theirs).all(|(mine, theirs)| mine == theirs || theirs.starts_with('{'))
    })?;
    route.path.strip_prefix("/api/v1")
}

#[test]
fn an_answer_that_is_not_as_described_is_found() {
    let document: Json =
        serde_json::from_str(include_str!("../../../src/api/openapi.json")).unwrap();
    let document = Document(document);
    let schema = serde_json::json!({ "$ref": "#/components/schemas/Change" });
    let change = |text: &str| serde_json::from_str::<Json>(text).unwrap();

    let good = change(r#"{"attribute": "title", "from": null, "to": "Clerk"}"#);
    assert_eq!(document.check(&schema, &good), Ok(()));
    for bad in [
        r#"{"attribute": "title", "from": null}"#,
        r#"{"attribute": "titel", "from": null, "to": "Clerk"}"#,
        r#"{"attribute": "title", "from": 1, "to": "Clerk"}"#,
        r#"{"attribute": "title", "from": null, "to": "Clerk", "more": 1}"#,
    ] {
        assert!(document.check(&schema, &change(bad)).is_err(), "{bad}");
    }
}
