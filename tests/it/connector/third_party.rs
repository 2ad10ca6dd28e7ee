//! The whole life of an account in a server that other people wrote.

use countersign::{
    apps::{
        Deletes,
        change::{Attribute, Content, Kind, Value},
    },
    connector::{
        Connector, Refusal,
        scim::{ScimSettings, UpdateStyle},
    },
};
use serde_json::{Value as Json, json};

use super::{
    TOKEN, ana, carry_out, connector, connector_with, content, get, settings, sought, text,
};
use crate::support::scim2_server::Scim2Server;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn new_account() -> Content {
    content(
        Kind::Create,
        &[
            (Attribute::UserName, Some(text("ana@example.com"))),
            (Attribute::GivenName, Some(text("Ana"))),
            (Attribute::FamilyName, Some(text("Lima"))),
            (Attribute::DisplayName, Some(text("Ana Lima"))),
            (Attribute::Email, Some(text("ana@example.com"))),
            (Attribute::Title, Some(text("Analyst"))),
            (Attribute::Department, Some(text("Legal"))),
            (Attribute::Phone, Some(text("+44 20 7946 0018"))),
            (Attribute::Active, Some(Value::Flag(true))),
        ],
    )
}

fn changed_account() -> Content {
    content(
        Kind::Update,
        &[
            (Attribute::UserName, Some(text("ana.costa@example.com"))),
            (Attribute::FamilyName, Some(text("Costa"))),
            (Attribute::DisplayName, None),
            (Attribute::Email, Some(text("ana.costa@example.com"))),
            (Attribute::Title, Some(text("Senior Analyst"))),
            (Attribute::Department, Some(text("Finance"))),
            (Attribute::Phone, None),
        ],
    )
}

#[tokio::test]
async fn an_account_lives_and_dies_in_each_way_of_changing_it() {
    let server = Scim2Server::start(TOKEN);
    for updates in [UpdateStyle::Patch, UpdateStyle::PatchOneOperation, UpdateStyle::Put] {
        for filter in [true, false] {
            let settings = ScimSettings { updates, filter, ..settings() };
            let connector = connector_with(server.base_url(), settings);

            assert_eq!(connector.find(&sought(None)).await.outcome, Ok(None));
            let created = carry_out(&connector, &new_account(), &sought(None)).await.unwrap();
            assert!(new_account().is_met_by(&created.attributes), "{updates:?} {created:?}");
            assert_eq!(created.external_id, Some(ana().to_string()));

            let known = sought(Some(&created.remote_id));
            let updated = carry_out(&connector, &changed_account(), &known).await.unwrap();
            assert!(changed_account().is_met_by(&updated.attributes), "{updates:?} {updated:?}");
            let name = &updated.resource.as_ref().unwrap()["name"]["formatted"];
            assert_eq!(name, "Ana Costa", "{updates:?}");

            for (kind, active) in [(Kind::Suspend, false), (Kind::Reactivate, true)] {
                let switch = content(kind, &[(Attribute::Active, Some(Value::Flag(active)))]);
                let switched = carry_out(&connector, &switch, &known).await.unwrap();
                assert!(switch.is_met_by(&switched.attributes), "{updates:?} {switched:?}");
            }

            let delete = content(Kind::Delete, &[(Attribute::Title, None)]);
            assert_eq!(carry_out(&connector, &delete, &known).await, None, "{updates:?}");
        }
    }
}

#[tokio::test]
async fn a_delete_may_be_sent_twice_and_a_create_finds_what_is_there() {
    let server = Scim2Server::start(TOKEN);
    let connector = connector(server.base_url());
    let created = carry_out(&connector, &new_account(), &sought(None)).await.unwrap();

    let again = connector.plan(&new_account(), Some(&created));
    let twice = connector.send(&connector.plan(&new_account(), None)[0]).await.outcome;
    let delete = content(Kind::Delete, &[(Attribute::Title, None)]);
    let [delete] = &connector.plan(&delete, Some(&created))[..] else { panic!("one request") };
    let first = connector.send(delete).await.outcome;
    let second = connector.send(delete).await.outcome;

    assert_eq!(again, []);
    assert!(matches!(twice, Err(Refusal::Conflict { .. })), "{twice:?}");
    assert_eq!((first, second), (Ok(None), Ok(None)));
}

#[tokio::test]
async fn an_app_that_may_not_delete_is_left_with_an_account_that_is_off() {
    let server = Scim2Server::start(TOKEN);
    let deactivate = ScimSettings { deletes: Deletes::Deactivate, ..settings() };
    let connector = connector_with(server.base_url(), deactivate);
    carry_out(&connector, &new_account(), &sought(None)).await.unwrap();

    let delete = content(Kind::Delete, &[(Attribute::Title, None)]);
    let left = carry_out(&connector, &delete, &sought(None)).await.unwrap();

    assert_eq!(left.attributes.get(&Attribute::Active), Some(&Value::Flag(false)));
}

#[tokio::test]
async fn connect_finds_out_what_it_can_do() {
    let server = Scim2Server::start(TOKEN);
    let connector = connector(server.base_url());
    carry_out(&connector, &new_account(), &sought(None)).await.unwrap();

    let found = connector.connect().await.unwrap();

    assert!(found.described && !found.untyped, "{found:?}");
    assert_eq!((found.patch, found.filter, found.accounts), (Some(true), Some(true), Some(1)));
}

#[tokio::test]
async fn a_wrong_token_and_a_wrong_address_are_told_apart() {
    let server = Scim2Server::start("another-token");

    let token = connector(server.base_url()).connect().await.unwrap_err();
    let address = server.base_url().replace("/v2", "/nothing/here");
    let address = connector(&address).connect().await.unwrap_err();

    assert_eq!(token, Refusal::CredentialsRefused);
    assert!(matches!(address, Refusal::NotScim { status: 404, .. }), "{address:?}");
    assert_eq!(connector(server.base_url()).send(&get("Users")).await.exchange.status, Some(401));
}

/// A server that knows little of a user, and refuses whatever else it is sent.
fn strict_server() -> Scim2Server {
    let attribute = |name: &str, kind: &str, parts: &[Json]| {
        json!({
            "name": name, "type": kind, "multiValued": name == "emails", "description": name,
            "required": name == "userName", "caseExact": false, "mutability": "readWrite",
            "returned": "default", "uniqueness": "none", "subAttributes": parts,
        })
    };
    let address = [attribute("value", "string", &[]), attribute("primary", "boolean", &[])];
    let schemas = json!([{
        "id": USER, "name": "User", "description": "User", "attributes": [
            attribute("userName", "string", &[]),
            attribute("name", "complex", &[attribute("formatted", "string", &[])]),
            attribute("active", "boolean", &[]),
            attribute("emails", "complex", &address),
        ],
    }]);
    let kinds = json!([{ "id": "User", "name": "User", "endpoint": "/Users", "schema": USER }]);
    let folder = std::env::temp_dir();
    let file = |name: &str, content: &Json| {
        let path = folder.join(format!("countersign-{}-{name}.json", std::process::id()));
        std::fs::write(&path, content.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (schemas, kinds) = (file("schemas", &schemas), file("kinds", &kinds));
    let server = Scim2Server::start_with(TOKEN, &["--schema", &schemas, "--resource-type", &kinds]);
    for path in [schemas, kinds] {
        std::fs::remove_file(path).unwrap();
    }
    server
}

#[tokio::test]
async fn an_app_that_refuses_the_type_of_an_address_takes_one_without() {
    let server = strict_server();
    let wanted = [
        (Attribute::UserName, Some(text("ana@example.com"))),
        (Attribute::Email, Some(text("a@example.com"))),
    ];
    let create = content(Kind::Create, &wanted);

    let typed = connector(server.base_url());
    let refused = typed.send(&typed.plan(&create, None)[0]).await.outcome;
    let untyped = typed.connect().await.unwrap().untyped;
    let connector = connector_with(server.base_url(), ScimSettings { untyped, ..settings() });
    let created = carry_out(&connector, &create, &sought(None)).await.unwrap();

    assert!(matches!(refused, Err(Refusal::Invalid { status: 400, .. })), "{refused:?}");
    assert!(untyped && create.is_met_by(&created.attributes), "{created:?}");
}
