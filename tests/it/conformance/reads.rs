//! What can be read, and what is found (RFC 7644 sections 3.4, 3.9 and 4).

use serde_json::{Value, json};

use super::service::{ENTERPRISE, Service, USER, path};

pub(super) async fn it_describes_itself(service: &Service) {
    let config = service.get("/ServiceProviderConfig").await.ok(200);
    for ability in ["patch", "filter", "etag"] {
        assert_eq!(config[ability]["supported"], true, "{config}");
    }
    for ability in ["bulk", "sort", "changePassword"] {
        assert!(config[ability]["supported"].is_boolean(), "{config}");
    }
    assert!(config["authenticationSchemes"].is_array(), "{config}");

    let kinds = service.get("/ResourceTypes").await.ok(200);
    let users = kinds["Resources"].as_array().unwrap().iter().find(|kind| kind["name"] == "User");
    assert_eq!(
        users.map(|kind| (&kind["endpoint"], &kind["schema"])),
        Some((&json!("/Users"), &json!(USER)))
    );
    assert_eq!(service.get("/ResourceTypes/User").await.ok(200)["endpoint"], "/Users");

    let schemas = service.get("/Schemas").await.ok(200);
    let ids: Vec<_> =
        schemas["Resources"].as_array().unwrap().iter().map(|schema| &schema["id"]).collect();
    assert!(ids.contains(&&json!(USER)) && ids.contains(&&json!(ENTERPRISE)), "{ids:?}");
    let user = service.get(&format!("/Schemas/{USER}")).await.ok(200);
    let user_name = user["attributes"].as_array().unwrap().iter().find(|a| a["name"] == "userName");
    let user_name = user_name.unwrap();
    assert_eq!(
        (&user_name["required"], &user_name["uniqueness"], &user_name["caseExact"]),
        (&json!(true), &json!("server"), &json!(false))
    );

    service.get("/Schemas/urn:nobody").await.refused(404, None);
    service.get("/Schemas?filter=id%20pr").await.refused(403, None);
}

pub(super) async fn what_is_created_reads_back(service: &Service) {
    let sent = service.body("Reads");

    let answer = service.post(&sent).await;

    let (location, etag) =
        (answer.header("location").map(str::to_owned), answer.header("etag").map(str::to_owned));
    let created = answer.ok(201);
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&created[name], value, "{name}");
    }
    let meta = &created["meta"];
    assert_eq!(meta["resourceType"], "User");
    assert_eq!(meta["location"].as_str(), location.as_deref());
    assert!(location.unwrap().ends_with(&path(&created)));
    assert_eq!(meta["version"].as_str(), etag.as_deref());
    assert!(meta["created"].is_string() && meta["lastModified"].is_string(), "{meta}");
    assert_eq!(service.get(&path(&created)).await.ok(200), created);

    // `schemas` names the extensions that are there, and no others (RFC 7643 section 3).
    let plain = json!({ "schemas": [USER], "userName": service.name("Plain"), "title": null });
    let plain = service.post(&plain).await.ok(201);
    assert_eq!(plain["schemas"], json!([USER]));
    assert_eq!(plain.get("title"), None, "null is the same as absent");

    let secret =
        json!({ "schemas": [USER], "userName": service.name("Secret"), "password": "hush" });
    let secret = service.post(&secret).await.ok(201);
    assert!(!secret.to_string().contains("hush"));
}

pub(super) async fn filters_find_what_they_say(service: &Service) {
    let (one, two) = (service.created("FilterOne").await, service.created("FilterTwo").await);
    service.patched(&two, &json!([{ "op": "replace", "path": "active", "value": false }])).await;
    let text = |user: &Value, name: &str| user[name].as_str().unwrap().to_owned();
    let (name, name_two, external) =
        (text(&one, "userName"), text(&two, "userName"), text(&one, "externalId"));
    let both = [&*name, &*name_two];
    let ours = r#"userName sw "filter""#;

    for (filter, expected) in [
        (format!(r#"userName eq "{name}""#), &both[..1]),
        (format!(r#"USERNAME EQ "{}""#, name.to_uppercase()), &both[..1]),
        (format!(r#"externalId eq "{external}""#), &both[..1]),
        (format!(r#"externalId eq "{}""#, external.to_uppercase()), &[]),
        (format!(r#"id eq "{}""#, text(&one, "id")), &both[..1]),
        (format!(r#"{USER}:userName eq "{name}""#), &both[..1]),
        (format!(r#"{ours} and {ENTERPRISE}:department eq "legal""#), &both),
        (format!(r#"{ours} and emails[type eq "work" and value eq "{name}"]"#), &both[..1]),
        (format!(r#"{ours} and emails[type eq "home" and value eq "{name}"]"#), &[]),
        (format!(r#"{ours} and emails.type eq "WORK""#), &both),
        (format!(r#"{ours} and emails co "FILTERTWO""#), &both[1..]),
        (format!("{ours} and active eq false"), &both[1..]),
        (format!("{ours} and not (active eq false)"), &both[..1]),
        (format!(r#"{ours} and (active eq false or name.givenName ew "ONE")"#), &both),
        (format!("{ours} and nickName pr"), &[]),
        (format!(r#"{ours} and nickName ne "x" and displayName pr"#), &both),
        (format!(r#"{ours} and meta.created gt "2020-01-01T00:00:00Z""#), &both),
        (format!(r#"{ours} and meta.created lt "2020-01-01T00:00:00Z""#), &[]),
        (r#"userName eq "nobody""#.to_owned(), &[]),
    ] {
        assert_eq!(service.found(&filter).await, expected, "{filter}");
    }
}

pub(super) async fn pages_cover_everything_once(service: &Service) {
    for n in 0..3 {
        service.created(&format!("Page{n}")).await;
    }
    let whole = service.list(&[]).await;
    let total = whole["totalResults"].as_u64().unwrap();
    assert_eq!(whole["Resources"].as_array().unwrap().len() as u64, total);

    let mut seen = Vec::new();
    for start in (1..=total).step_by(2) {
        let page = service.list(&[("startIndex", &start.to_string()), ("count", "2")]).await;
        let resources = page["Resources"].as_array().unwrap();
        assert_eq!(page["startIndex"], start);
        assert_eq!(page["itemsPerPage"], resources.len());
        assert_eq!(page["totalResults"], total);
        seen.extend(resources.iter().map(|user| user["id"].clone()));
    }
    let ids = whole["Resources"].as_array().unwrap().iter().map(|user| user["id"].clone());
    assert_eq!(seen, ids.collect::<Vec<_>>());

    for (start, count, first, shown) in [
        ("0", "2", 1, 2),
        ("-7", "1", 1, 1),
        ("1", "0", 1, 0),
        ("1", "-1", 1, 0),
        ("9999", "5", 9_999, 0),
    ] {
        let page = service.list(&[("startIndex", start), ("count", count)]).await;
        let resources = page["Resources"].as_array().map_or(0, Vec::len);
        assert_eq!(
            (page["startIndex"].as_u64(), resources),
            (Some(first), shown),
            "{start} {count}"
        );
        assert_eq!(page["totalResults"], total, "{start} {count}");
    }
}

pub(super) async fn only_what_is_asked_for_is_shown(service: &Service) {
    let user = service.created("Projection").await;
    let names = async |query: &str| {
        let shown = service.get(&format!("{}?{query}", path(&user))).await.ok(200);
        let mut names: Vec<_> = shown.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    let mut whole: Vec<_> = user.as_object().unwrap().keys().cloned().collect();
    whole.sort();

    assert_eq!(
        names("attributes=userName,EMAILS.value").await,
        ["emails", "id", "schemas", "userName"]
    );
    assert_eq!(names("attributes=").await, whole);
    let without = names("excludedAttributes=emails,id").await;
    assert!(
        without.contains(&"id".to_owned()) && !without.contains(&"emails".to_owned()),
        "{without:?}"
    );

    let both = format!("{}?attributes=userName&excludedAttributes=emails", path(&user));
    service.get(&both).await.refused(400, Some("invalidValue"));
}
