//! Who may do what: every route, every role.

use insta::assert_snapshot;
use meridian::api::{ACCESS, Access};
use meridian::store::Role;
use serde_json::json;

use super::office::*;

const ROLES: [(&str, Role); 5] = [
    ("admin", Role::Admin),
    ("lead", Role::Lead),
    ("responder", Role::Responder),
    ("reader", Role::Reader),
    ("ingest", Role::Ingest),
];

#[tokio::test]
async fn every_route_lets_in_the_roles_of_the_table_and_nobody_else() {
    let office = Office::open().await;
    let mut table = String::new();
    for (method, path, access) in ACCESS {
        let address = path.replace("{id}", "999").replace("{name}", "nobody");
        let mut let_in = Vec::new();
        for token in ["", "mer_made-up"].into_iter().chain(ROLES.iter().map(|(name, _)| *name)) {
            let body = (*method != "GET").then(|| "{}".to_owned());
            let sent = request(method, &address, token, body);
            // The stream of events does not end by itself, so its body is not read.
            let (status, kind) = if *path == "/v1/events" {
                (office.send(sent).await.status().as_u16(), json!(null))
            } else {
                let answer = office.call(sent).await;
                (answer.status.as_u16(), answer.body["type"].clone())
            };
            let role = ROLES.iter().find(|(name, _)| *name == token).map(|(_, role)| *role);
            let expected = match (access, role) {
                (Access::Open, _) => None,
                (Access::Roles(_), None) => Some(401),
                (Access::Roles(roles), Some(role)) if !roles.contains(&role) => Some(403),
                _ => None,
            };
            match expected {
                Some(refused) => assert_eq!(status, refused, "{method} {path} as {token:?}"),
                None => {
                    let let_through =
                        ![401, 403, 405].contains(&status) || kind == "urn:meridian:problem:needs-person";
                    assert!(let_through, "{method} {path} as {token:?}: {status}");
                    assert!(status < 500, "{method} {path} as {token:?}: {status}");
                    let_in.push(if token.is_empty() { "anybody" } else { token });
                }
            }
        }
        if let_in.contains(&"anybody") {
            let_in = vec!["anybody"];
        }
        table.push_str(&format!("{method:<6} {path:<34} {}\n", let_in.join(" ")));
    }
    assert_snapshot!(table, @r#"
    GET    /healthz                           anybody
    GET    /readyz                            anybody
    GET    /metrics                           anybody
    POST   /v1/tickets                        admin lead responder ingest
    GET    /v1/tickets                        admin lead responder reader
    GET    /v1/tickets/{id}                   admin lead responder reader
    PATCH  /v1/tickets/{id}                   admin lead responder
    POST   /v1/tickets/{id}/acknowledge       admin lead responder
    POST   /v1/tickets/{id}/decline           admin lead responder
    POST   /v1/tickets/{id}/release           admin lead responder
    POST   /v1/tickets/{id}/escalate          admin lead responder
    POST   /v1/tickets/{id}/reassign          admin lead responder
    POST   /v1/tickets/{id}/brief             admin lead responder
    POST   /v1/tickets/{id}/stay              admin lead responder
    POST   /v1/tickets/{id}/note              admin lead responder
    POST   /v1/tickets/{id}/pend              admin lead responder
    POST   /v1/tickets/{id}/resume            admin lead responder
    POST   /v1/tickets/{id}/resolve           admin lead responder
    POST   /v1/tickets/{id}/close             admin lead responder
    POST   /v1/tickets/{id}/reopen            admin lead responder
    POST   /v1/tickets/{id}/feedback          admin lead responder
    GET    /v1/handoffs                       admin lead responder reader
    GET    /v1/handoffs/{id}                  admin lead responder reader
    POST   /v1/handoffs/{id}/accept           admin lead responder
    GET    /v1/on-duty                        admin lead responder reader
    GET    /v1/coverage                       admin lead responder reader
    POST   /v1/explain                        admin lead responder reader
    GET    /v1/overrides                      admin lead responder reader
    POST   /v1/overrides                      admin lead
    GET    /v1/overrides/{id}                 admin lead responder reader
    DELETE /v1/overrides/{id}                 admin lead
    GET    /v1/leave                          admin lead responder reader
    POST   /v1/leave                          admin lead
    GET    /v1/leave/{id}                     admin lead responder reader
    DELETE /v1/leave/{id}                     admin lead
    GET    /v1/schedules                      admin lead responder reader
    POST   /v1/schedules/check                admin lead
    POST   /v1/schedules/reload               admin
    GET    /v1/events                         admin lead responder reader
    GET    /v1/tokens                         admin
    POST   /v1/tokens                         admin
    DELETE /v1/tokens/{name}                  admin
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_token_is_made_shown_once_and_revoked() {
    let office = Office::open().await;
    let made = office
        .post("admin", "/v1/tokens", json!({"name": "phone", "role": "responder", "person": "carol"}))
        .await;
    assert_eq!(made.status, 201);
    let token = made.body["token"].as_str().unwrap();
    assert!(token.starts_with("mer_") && token.len() == 4 + 43, "{token}");
    assert_eq!(office.get(token, "/v1/tickets").await.status, 200);

    let twice = office.post("admin", "/v1/tokens", json!({"name": "phone", "role": "reader"})).await;
    assert_eq!(twice.status, 409);
    let listed = office.get("admin", "/v1/tokens").await.body.to_string();
    assert!(listed.contains("phone") && !listed.contains("mer_") && !listed.contains("hash"), "{listed}");

    let revoked = office.call(request("DELETE", "/v1/tokens/phone", "admin", None)).await;
    assert_eq!(revoked.status, 204);
    assert_eq!(office.get(token, "/v1/tickets").await.status, 401);
    office.close().await;
}

#[tokio::test]
async fn a_token_that_makes_no_sense_is_not_made() {
    let office = Office::open().await;
    let bodies = [
        json!({"name": "a b", "role": "reader"}),
        json!({"name": "x", "role": "responder"}),
        json!({"name": "x", "role": "lead", "person": "nobody"}),
        json!({"name": "x", "role": "ingest", "person": "anna"}),
        json!({"name": "x", "role": "boss"}),
    ];
    let mut said = Vec::new();
    for body in bodies {
        said.push(problem(&office.post("admin", "/v1/tokens", body).await));
    }
    assert_snapshot!(said.join("\n"), @r#"
        422 invalid | name | name: 1 to 100 letters, digits, `-`, `_`, `.` or `@`
        422 invalid | person | person: leads and responders act as a person: name one
        422 invalid | person | person: the schedules know nobody called "nobody"
        422 invalid | person | person: an ingest token acts as nobody
        422 invalid | role | role: "boss" is not known; known are admin, lead, responder, reader, ingest
        "#);
    office.close().await;
}

#[tokio::test]
async fn an_administrator_acts_as_somebody_and_nobody_else_does() {
    let office = Office::open().await;
    let ticket = office.ticket(json!({"title": "The shop is down"})).await;
    let path = format!("/v1/tickets/{ticket}/acknowledge");
    let as_person = |token: &str, person: &str| {
        let mut request = request("POST", &path, token, Some("{}".to_owned()));
        request.headers_mut().insert("meridian-as", person.parse().unwrap());
        office.call(request)
    };
    let mut said = vec![problem(&office.post("admin", &path, json!({})).await)];
    said.push(problem(&as_person("carol", "anna").await));
    said.push(problem(&as_person("admin", "nobody").await));
    assert_snapshot!(said.join("\n"), @r#"
    403 needs-person | - | only a person can do this: sign in as one, or name one
    403 forbidden | - | only an admin token may act as somebody else (Meridian-As)
    422 invalid | Meridian-As | Meridian-As: the schedules know nobody called "nobody"
    "#);
    let taken = as_person("admin", "bjorn").await;
    assert_eq!(custody(&taken.body), "held bjorn []");
    office.close().await;
}

#[tokio::test]
async fn the_token_of_somebody_who_was_removed_kept_working() {
    let office = Office::open().await;
    assert_eq!(office.get("carol", "/v1/tickets").await.status, 200);
    assert_eq!(office.get("reader", "/v1/schedules").await.body["stale_tokens"], json!([]));

    assert_eq!(office.rewrite(&without_carol()).await.body["outcome"], "changed");
    assert_eq!(
        problem(&office.get("carol", "/v1/tickets").await),
        "401 sign-in | - | this token is carol's, whom the schedules do not know any more"
    );
    assert_eq!(
        office.get("reader", "/v1/schedules").await.body["stale_tokens"],
        json!(["token carol: the schedules do not know carol any more"])
    );

    office.rewrite(ORG).await;
    assert_eq!(office.get("carol", "/v1/tickets").await.status, 200, "she is back");
    office.close().await;
}

#[tokio::test]
async fn the_last_admin_token_could_be_revoked_without_a_word() {
    let office = Office::open().await;
    let revoke =
        async |name: &str| office.call(request("DELETE", &format!("/v1/tokens/{name}"), "admin", None)).await;
    let refused = r#"409 conflict | - | "admin" is the last token an administrator can sign in with: make another one first"#;
    assert_eq!(problem(&revoke("admin").await), refused);

    office.post("admin", "/v1/tokens", json!({"name": "boss", "role": "admin", "person": "carol"})).await;
    office.rewrite(&without_carol()).await;
    assert_eq!(problem(&revoke("admin").await), refused, "nobody can sign in with a stale one");
    office.rewrite(ORG).await;
    assert_eq!(revoke("admin").await.status, 204);
    assert_eq!(office.get("admin", "/v1/tokens").await.status, 401);
    office.close().await;
}
