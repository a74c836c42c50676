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

/// Those who knock at every door: nobody, somebody with a token that was never made, and the roles.
const CALLERS: [&str; 7] = ["", "mer_made-up", "admin", "lead", "responder", "reader", "ingest"];

/// The address of a route with things in it that are not there.
fn address(path: &str) -> String {
    path.replace("{id}", "999").replace("{name}", "nobody").replace("{token}", "nothing")
}

/// Status and kind of problem. The stream of events does not end by itself, so its body is not read.
async fn knock(office: &Office, method: &str, path: &str, token: &str) -> (u16, String) {
    let body = (method != "GET").then(|| "{}".to_owned());
    let sent = request(method, &address(path), token, body);
    if path == "/v1/events" {
        return (office.send(sent).await.status().as_u16(), String::new());
    }
    let answer = office.call(sent).await;
    let kind = answer.body["type"].as_str().unwrap_or_default().replace("urn:meridian:problem:", "");
    let nowhere = answer.body["detail"].as_str().is_some_and(|detail| detail.starts_with("there is nothing"));
    assert!(!nowhere, "{method} {path} is in the table of access and leads nowhere");
    (answer.status.as_u16(), kind)
}

#[tokio::test]
async fn every_route_lets_in_the_roles_of_the_table_and_nobody_else() {
    let office = Office::open().await;
    let mut table = format!("{:<41}", "");
    for caller in ["nobody", "made-up"].iter().chain(&CALLERS[2..]) {
        table.push_str(&format!("{caller:>10}"));
    }
    for (method, path, access) in ACCESS {
        table.push_str(&format!("\n{method:<6} {path:<34}"));
        for token in CALLERS {
            let (status, kind) = knock(&office, method, path, token).await;
            let role = ROLES.iter().find(|(name, _)| *name == token).map(|(_, role)| *role);
            let expected = match (access, role) {
                (Access::Roles(_), None) => Some(401),
                (Access::Roles(roles), Some(role)) if !roles.contains(&role) => Some(403),
                _ => None,
            };
            match expected {
                Some(refused) => assert_eq!(status, refused, "{method} {path} as {token:?}"),
                None => {
                    let let_through = ![401, 403, 405].contains(&status) || kind == "needs-person";
                    assert!(let_through && status < 500, "{method} {path} as {token:?}: {status}");
                }
            }
            let shown = if kind == "needs-person" { "person!".to_owned() } else { status.to_string() };
            table.push_str(&format!("{shown:>10}"));
        }
    }
    // What is let in meets a ticket that is not there (404), or a body without what it needs (422).
    assert_snapshot!(table, @r#"
                                                 nobody   made-up     admin      lead responder    reader    ingest
    GET    /healthz                                 200       200       200       200       200       200       200
    GET    /readyz                                  200       200       200       200       200       200       200
    GET    /metrics                                 200       200       200       200       200       200       200
    GET    /a/{token}                               404       404       404       404       404       404       404
    POST   /a/{token}                               404       404       404       404       404       404       404
    GET    /v/{token}                               404       404       404       404       404       404       404
    POST   /v/{token}                               404       404       404       404       404       404       404
    POST   /v1/tickets                              401       401       422       422       422       403       422
    GET    /v1/tickets                              401       401       200       200       200       200       403
    GET    /v1/tickets/{id}                         401       401       404       404       404       404       403
    PATCH  /v1/tickets/{id}                         401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/acknowledge             401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/decline                 401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/release                 401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/escalate                401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/approve                 401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/refuse                  401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/vendor                  401       401       422       422       422       403       403
    POST   /v1/tickets/{id}/vendor/reply            401       401       422       422       422       403       403
    POST   /v1/tickets/{id}/vendor/recall           401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/reassign                401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/brief                   401       401       422       422       422       403       403
    POST   /v1/tickets/{id}/stay                    401       401       422       422       422       403       403
    POST   /v1/tickets/{id}/note                    401       401       422       422       422       403       403
    POST   /v1/tickets/{id}/update                  401       401       422       422       422       403       403
    POST   /v1/tickets/{id}/subscribe               401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/unsubscribe             401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/link                    401       401       422       422       422       403       403
    POST   /v1/tickets/{id}/unlink                  401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/pend                    401       401       422       422       422       403       403
    POST   /v1/tickets/{id}/resume                  401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/resolve                 401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/close                   401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/reopen                  401       401       404       404       404       403       403
    POST   /v1/tickets/{id}/feedback                401       401       422       422       422       403       403
    POST   /v1/tickets/{id}/verdict                 401       401       422       422       422       403       403
    GET    /v1/tickets/{id}/report                  401       401       404       404       404       404       403
    GET    /v1/handoffs                             401       401       200       200       200       200       403
    GET    /v1/handoffs/{id}                        401       401       404       404       404       404       403
    POST   /v1/handoffs/{id}/accept                 401       401       404       404       404       403       403
    GET    /v1/notices                              401       401       200       200       200       200       403
    POST   /v1/notices/{id}/resend                  401       401       404       404       403       403       403
    GET    /v1/shifts                               401       401       200       200       403       403       403
    GET    /v1/on-duty                              401       401       200       200       200       200       403
    GET    /v1/coverage                             401       401       422       422       422       422       403
    POST   /v1/explain                              401       401       200       200       200       200       403
    GET    /v1/overrides                            401       401       200       200       200       200       403
    POST   /v1/overrides                            401       401       422       422       403       403       403
    GET    /v1/overrides/{id}                       401       401       404       404       404       404       403
    DELETE /v1/overrides/{id}                       401       401       404       404       403       403       403
    GET    /v1/leave                                401       401       200       200       200       200       403
    POST   /v1/leave                                401       401       422       422       403       403       403
    GET    /v1/leave/{id}                           401       401       404       404       404       404       403
    DELETE /v1/leave/{id}                           401       401       404       404       403       403       403
    GET    /v1/schedules                            401       401       200       200       200       200       403
    POST   /v1/schedules/check                      401       401       200       200       403       403       403
    POST   /v1/schedules/reload                     401       401       200       403       403       403       403
    GET    /v1/reports                              401       401       200       200       403       403       403
    GET    /v1/reports/{name}                       401       401       404       404       403       403       403
    GET    /v1/events                               401       401       200       200       200       200       403
    GET    /v1/audit                                401       401       200       403       403       403       403
    POST   /v1/export                               401       401       422       403       403       403       403
    GET    /v1/forget                               401       401       200       403       403       403       403
    POST   /v1/forget                               401       401       422       403       403       403       403
    POST   /v1/forget/call-off                      401       401       422       403       403       403       403
    GET    /v1/tokens                               401       401       200       403       403       403       403
    POST   /v1/tokens                               401       401       422       403       403       403       403
    DELETE /v1/tokens/{name}                        401       401       404       403       403       403       403
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_method_that_is_not_in_the_table_is_refused_to_everybody() {
    let office = Office::open().await;
    let mut paths: Vec<&str> = ACCESS.iter().map(|(_, path, _)| *path).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        let takes = |method: &str| ACCESS.iter().any(|(m, p, _)| *p == path && *m == method);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"] {
            for token in ["", "admin"] {
                if takes(method) {
                    continue;
                }
                let answer = office.call(request(method, &address(path), token, None)).await;
                assert_eq!(answer.status, 405, "{method} {path} as {token:?}");
                let allowed = answer.headers["allow"].to_str().unwrap();
                assert!(allowed.split(", ").all(takes) && !allowed.is_empty(), "{method} {path}: {allowed}");
            }
        }
        let head = office.send(request("HEAD", &address(path), "admin", None)).await;
        assert_eq!(head.status() == 405, !takes("GET"), "HEAD {path} is as GET is");
    }
    office.close().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_wherever_one_is_read() {
    let office = Office::open().await;
    let mut table = String::new();
    for (method, path, _) in ACCESS.iter().filter(|(method, _, _)| ["POST", "PATCH"].contains(method)) {
        let body = format!("{{\"title\": \"{}\"}}", "x".repeat(300_000));
        let mut said = Vec::new();
        for token in ["", "ingest", "admin"] {
            let answer = office.call(request(method, &address(path), token, Some(body.clone()))).await;
            said.push(answer.status.as_u16().to_string());
        }
        table.push_str(&format!("{method:<5} {path:<33} {}\n", said.join(" ")));
    }
    assert_snapshot!(table, @r#"
    POST  /a/{token}                        404 404 404
    POST  /v/{token}                        404 404 404
    POST  /v1/tickets                       401 413 413
    PATCH /v1/tickets/{id}                  401 403 413
    POST  /v1/tickets/{id}/acknowledge      401 403 413
    POST  /v1/tickets/{id}/decline          401 403 413
    POST  /v1/tickets/{id}/release          401 403 413
    POST  /v1/tickets/{id}/escalate         401 403 413
    POST  /v1/tickets/{id}/approve          401 403 413
    POST  /v1/tickets/{id}/refuse           401 403 413
    POST  /v1/tickets/{id}/vendor           401 403 413
    POST  /v1/tickets/{id}/vendor/reply     401 403 413
    POST  /v1/tickets/{id}/vendor/recall    401 403 413
    POST  /v1/tickets/{id}/reassign         401 403 413
    POST  /v1/tickets/{id}/brief            401 403 413
    POST  /v1/tickets/{id}/stay             401 403 413
    POST  /v1/tickets/{id}/note             401 403 413
    POST  /v1/tickets/{id}/update           401 403 413
    POST  /v1/tickets/{id}/subscribe        401 403 413
    POST  /v1/tickets/{id}/unsubscribe      401 403 413
    POST  /v1/tickets/{id}/link             401 403 413
    POST  /v1/tickets/{id}/unlink           401 403 413
    POST  /v1/tickets/{id}/pend             401 403 413
    POST  /v1/tickets/{id}/resume           401 403 413
    POST  /v1/tickets/{id}/resolve          401 403 413
    POST  /v1/tickets/{id}/close            401 403 413
    POST  /v1/tickets/{id}/reopen           401 403 413
    POST  /v1/tickets/{id}/feedback         401 403 413
    POST  /v1/tickets/{id}/verdict          401 403 413
    POST  /v1/handoffs/{id}/accept          401 403 413
    POST  /v1/notices/{id}/resend           401 403 404
    POST  /v1/explain                       401 403 413
    POST  /v1/overrides                     401 403 413
    POST  /v1/leave                         401 403 413
    POST  /v1/schedules/check               401 403 413
    POST  /v1/schedules/reload              401 403 200
    POST  /v1/export                        401 403 413
    POST  /v1/forget                        401 403 413
    POST  /v1/forget/call-off               401 403 413
    POST  /v1/tokens                        401 403 413
    "#);
    office.close().await;
}

#[tokio::test]
async fn a_role_bound_to_a_person_may_no_more_than_the_role_and_sees_no_more_than_the_person() {
    let office = Office::open().await;
    let made = [("boss", "admin", "carol"), ("viewer", "reader", "carol"), ("head", "lead", "carol")];
    let mut tokens = Vec::new();
    for (name, role, person) in made {
        let body = json!({"name": name, "role": role, "person": person});
        let token = office.post("admin", "/v1/tokens", body).await.body["token"].as_str().unwrap().to_owned();
        tokens.push((name, role, token));
    }
    let restricted = office.ticket(json!({"title": "x", "residency": "eu"})).await;
    let mut table = String::new();
    for (name, role, token) in &tokens {
        for (method, path, access) in ACCESS {
            let Access::Roles(roles) = access else { continue };
            let role = ROLES.iter().find(|(known, _)| known == role).map(|(_, role)| *role).unwrap();
            let (status, kind) = knock(&office, method, path, token).await;
            let refused = status == 403 && kind == "forbidden";
            // It is about everybody's tickets, and has no body that could be found wrong before.
            let bound_to_nobody = (*method, *path) == ("GET", "/v1/forget");
            let expected = bound_to_nobody || !roles.contains(&role);
            assert_eq!(refused, expected, "{method} {path} as {name}: {status} {kind}");
        }
        let seen = office.get(token, &format!("/v1/tickets/{restricted}")).await.status;
        let listed = office.get(token, "/v1/tickets").await.body["tickets"].as_array().unwrap().len();
        table.push_str(&format!(
            "{name} ({role}, carol of amer): a ticket bound to eu {seen}, listed {listed}\n"
        ));
    }
    assert_snapshot!(table, @r#"
    boss (admin, carol of amer): a ticket bound to eu 404 Not Found, listed 0
    viewer (reader, carol of amer): a ticket bound to eu 404 Not Found, listed 0
    head (lead, carol of amer): a ticket bound to eu 404 Not Found, listed 0
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
