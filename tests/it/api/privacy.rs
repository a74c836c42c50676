//! What is personal: forgotten, exported, and who has read it.

use meridian::clock::Clock;
use meridian::desk::{Action, Actor, Briefing, Command, TicketId, Verb};
use meridian::engine::{Engine, Source};
use meridian::schedule::PersonId;
use meridian::store::{Deed, Footprint, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::office::*;
use crate::postgres;

pub async fn office(url: &str, org: &str) -> Office {
    let clock = Clock::standing_at("2026-03-02T09:00:00Z".parse().unwrap());
    Office::on(url, TempDir::new().unwrap(), org, clock).await
}

pub async fn on_either(story: impl AsyncFn(Office)) {
    let folder = TempDir::new().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("meridian.db").display());
    for url in [sqlite, postgres::database().await] {
        story(office(&url, ORG).await).await;
    }
}

/// Who, what and about which tickets, sorted.
pub async fn audit(office: &Office, query: &str) -> String {
    let page = office.get("admin", &format!("/v1/audit{query}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let word = |row: &Value, key: &str| row[key].as_str().unwrap_or("-").to_owned();
    let line = |row: &Value| {
        let [what, token, person, route] = ["what", "token", "person", "route"].map(|key| word(row, key));
        let customer = row["customer"].as_str().unwrap_or_default();
        format!("{what} {token} {person} | {route} | {} {}\n", row["tickets"], customer)
    };
    // The clock stands, and what was done at one instant has no order.
    let mut lines: Vec<String> = page.body["audit"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines.concat()
}

#[tokio::test]
async fn whoever_reads_a_ticket_that_not_everybody_may_leaves_a_row() {
    on_either(async |office| {
        let free = office.ticket(json!({"title": "Anybody's"})).await;
        let bound = office.ticket(json!({"title": "Europe's own", "residency": "eu"})).await;
        let acme = office.ticket(json!({"title": "Acme's", "customer": "acme", "dedup_key": "k"})).await;
        for (token, path) in [
            ("anna", format!("/v1/tickets/{free}")),
            ("anna", format!("/v1/tickets/{bound}")),
            ("carol", format!("/v1/tickets/{bound}")),
            ("carol", "/v1/tickets".to_owned()),
            ("bjorn", "/v1/tickets".to_owned()),
            ("admin", format!("/v1/tickets/{acme}/report")),
            ("anna", format!("/v1/notices?ticket={acme}")),
            ("lead", "/v1/reports/volume?from=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z".to_owned()),
        ] {
            office.get(token, &path).await;
        }
        office.act("anna", bound, "note", json!({"text": "hello"})).await;
        office.post("anna", "/v1/tickets", json!({"title": "Again", "dedup_key": "k"})).await;
        let said = audit(&office, "").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @r#"
            read admin - | GET /v1/tickets/{id}/report | [3] 
            read anna anna | GET /v1/notices | [3] 
            read anna anna | GET /v1/tickets/{id} | [2] 
            read anna anna | POST /v1/tickets | [3] 
            read anna anna | POST /v1/tickets/{id}/note | [2] 
            read bjorn bjorn | GET /v1/tickets | [2,3] 
            read lead anna | GET /v1/reports/volume | [2,3]
            "#);
        }
        let bjorn = audit(&office, "?person=bjorn").await;
        assert_eq!(bjorn, "read bjorn bjorn | GET /v1/tickets | [2,3] \n");
        assert!(!audit(&office, &format!("?ticket={free}")).await.contains("read"));
        let first = office.get("admin", "/v1/audit?limit=1").await.body;
        let next = first["next"].as_str().unwrap();
        assert_ne!(
            office.get("admin", &format!("/v1/audit?limit=1&cursor={next}")).await.body["audit"],
            first["audit"]
        );
        for token in ["anna", "lead", "reader", "ingest"] {
            assert_eq!(office.get(token, "/v1/audit").await.status, 403, "{token}");
        }
        assert_eq!(
            problem(&office.get("admin", "/v1/audit?ticket=0").await),
            "422 invalid | ticket | ticket: numbers of tickets begin at 1"
        );
        for cursor in ["x", "0", "%27", "1772442000000-0123456789abcdeg", ""] {
            let page = office.get("admin", &format!("/v1/audit?cursor={cursor}")).await;
            assert_eq!(
                problem(&page),
                "422 invalid | cursor | cursor: is what `next` said on the page before"
            );
        }
        office.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_shown() {
    let office = Office::open().await;
    let free = office.ticket(json!({"title": "Anybody's"})).await;
    let bound = office.ticket(json!({"title": "Europe's own", "residency": "eu"})).await;
    let url = format!("sqlite:{}", office.folder.path().join("meridian.db").display());
    let tool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query("alter table trail rename to elsewhere").execute(&tool).await.unwrap();
    let hidden = office.get("anna", &format!("/v1/tickets/{bound}")).await;
    insta::assert_snapshot!(problem(&hidden), @"503 unavailable | - | who reads this cannot be written into the audit log, so it is not shown; ask again in a few seconds");
    assert_eq!(office.get("anna", &format!("/v1/tickets/{free}")).await.status, 200);
    assert_eq!(office.get("anna", "/v1/tickets").await.status, 503, "not a part of it either");
    let stream = office.send(request("GET", "/v1/events", "anna", None)).await;
    let mut body = stream.into_body().into_data_stream();
    sqlx::query("alter table elsewhere rename to trail").execute(&tool).await.unwrap();
    office.act("anna", bound, "note", json!({"text": "hello"})).await;
    let heard = futures_util::StreamExt::next(&mut body).await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&heard).contains("hello"));
    assert!(audit(&office, "").await.contains("read anna anna | GET /v1/events | [2]"));
    tool.close().await;
    office.close().await;
}

/// Two of Acme's, of which the second is still open, and one of somebody whom the files do not know.
pub async fn at_work(office: &Office) -> [i64; 3] {
    let secret = |title: &str| json!({"title": title, "customer": "acme", "labels": {"who": "Mustermann"}, "external_ref": "INC-7"});
    let done = office.ticket(secret("Mustermann cannot pay")).await;
    let open = office.ticket(secret("Mustermann cannot log in")).await;
    let other =
        office.ticket(json!({"title": "Meier is hot", "customer": {"name": "Erika \"100%\" Meier"}})).await;
    for ticket in [done, other] {
        office.act("anna", ticket, "acknowledge", json!({})).await;
        office.act("anna", ticket, "update", json!({"status": "Mustermann was called"})).await;
        office.act("anna", ticket, "resolve", json!({"notes": "Mustermann is content"})).await;
        office.act("anna", ticket, "feedback", json!({"score": 5, "text": "Thank you, Mustermann"})).await;
    }
    [done, open, other]
}

/// Everything that can be asked for, as text.
pub async fn everything(office: &Office, tickets: &[i64]) -> String {
    let mut text = String::new();
    for ticket in tickets {
        for path in [format!("/v1/tickets/{ticket}"), format!("/v1/notices?ticket={ticket}")] {
            text += &office.get("admin", &path).await.body.to_string();
        }
    }
    text
}

#[tokio::test]
async fn a_customer_is_forgotten_and_the_figures_stay() {
    on_either(async |office| {
        let [done, open, other] = at_work(&office).await;
        let volume = "/v1/reports/volume?from=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z&format=csv";
        let forget = async |body: Value| office.post("admin", "/v1/forget", body).await;

        let looked = forget(json!({"customer": "acme", "dry_run": true})).await.body;
        assert_eq!(
            (&looked["state"], &looked["tickets"], &looked["open"]),
            (&json!("dry_run"), &json!(1), &json!([open]))
        );
        let refused = forget(json!({"customer": "acme"})).await;
        let slip = forget(json!({"customer": "acme", "confirm": "acne"})).await;
        let live = forget(json!({"customer": "acme", "confirm": "acme"})).await;
        let nobody = forget(json!({"customer": " ", "confirm": " "})).await;
        let told = [&refused, &slip, &live, &nobody].map(problem).join("\n");
        insta::allow_duplicates! {
            insta::assert_snapshot!(told, @r#"
        422 invalid | confirm | confirm: must say the customer once more: what is forgotten does not come back
        422 invalid | confirm | confirm: must say the customer once more: what is forgotten does not come back
        409 conflict | - | nothing was erased: of acme one ticket is still open: 2. Close them first, or ask for `when_closed`: then the others are erased now, and these when they are closed
        422 invalid | customer | customer: is an id of the rotation files, or a name as tickets give it, of at most 300 characters
        "#);
        }
        assert!(everything(&office, &[done]).await.contains("Mustermann"), "nothing was done");

        let waits = forget(json!({"customer": "acme", "confirm": "acme", "when_closed": true})).await.body;
        assert_eq!(
            (&waits["state"], &waits["tickets"], &waits["open"]),
            (&json!("waits"), &json!(1), &json!([open]))
        );
        let left = everything(&office, &[done]).await;
        assert!(!left.contains("Mustermann") && !left.contains("acme") && !left.contains("INC-7"), "{left}");
        assert!(everything(&office, &[open]).await.contains("Mustermann"), "it is worked on");
        let again =
            office.post("anna", &format!("/v1/tickets/{done}/reopen"), json!({"reason": "Once more"})).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(problem(&again), @"409 conflict | - | ticket 1: what it said was erased on 2026-03-02; open another one");
        }

        office.act("anna", open, "resolve", json!({"notes": "Mustermann has another password"})).await;
        let before = office.get("lead", volume).await.body;
        let finished = forget(json!({"customer": "acme", "confirm": "acme"})).await.body;
        assert_eq!(
            (&finished["state"], &finished["tickets"], &finished["open"]),
            (&json!("finished"), &json!(1), &json!([]))
        );
        insta::allow_duplicates! {
            insta::assert_snapshot!(finished["not_reached"][0].as_str().unwrap(), @"the rotation files name the customer (org.toml): take that out, reload, and forget once more, so that earlier revisions of them go, too");
        }
        let left = everything(&office, &[done, open]).await;
        assert!(!left.contains("Mustermann") && !left.to_lowercase().contains("acme"), "{left}");
        assert_eq!(office.get("lead", volume).await.body, before);
        let customer =
            async |id: i64| office.get("admin", &format!("/v1/tickets/{id}")).await.body["customer"].clone();
        assert_eq!(customer(done).await, customer(open).await, "they group as before");
        assert_eq!(office.engine.store().forgettings().await.unwrap(), []);
        let said = audit(&office, "?what=forget").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @r#"
            forget - - | finished | [] (forgotten)
            forget admin - | POST /v1/forget | [] (forgotten)
            forget admin - | POST /v1/forget | [] (forgotten)
            "#);
        }

        // Once the files do not name the customer, earlier revisions of them go, too.
        let org = ORG.replace("[customers.acme]\nname = \"Acme SA\"\nresidency = \"eu\"\n", "");
        assert_eq!(office.rewrite(&org).await.status, 200);
        let finished = forget(json!({"customer": "acme", "confirm": "acme"})).await.body;
        assert_eq!((&finished["revisions"], &finished["tickets"]), (&json!(1), &json!(0)));
        assert!(!finished["not_reached"].to_string().contains("files name"), "{finished}");
        let first = office.engine.store().revision(1).await.unwrap().unwrap();
        assert!(!format!("{first:?}").contains("acme"));

        // Somebody whom the files never knew, by name.
        let name = "Erika \"100%\" Meier";
        let finished = forget(json!({"customer": name, "confirm": name})).await.body;
        assert_eq!((&finished["state"], &finished["tickets"]), (&json!("finished"), &json!(1)));
        assert!(!everything(&office, &[other]).await.contains("Meier"));
        office.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_broken_off_goes_on_by_itself_under_the_same_pseudonym() {
    on_either(async |office| {
        let [done, open, _] = at_work(&office).await;
        let store = office.engine.store();
        let print = Footprint::new(office.clock.now(), Deed::Forget, "POST /v1/forget");
        let begun = store.begin_forgetting("acme", None, print.unwrap()).await.unwrap();
        let forgot = office.engine.forget(begun.clone(), |_| true).await.unwrap();
        assert_eq!((forgot.erased.tickets, &forgot.open), (1, &vec![TicketId(open)]));
        office.act("anna", open, "resolve", json!({"notes": "Done"})).await;
        // A daemon starts, and finds what another has begun.
        office.engine.keep_private(None);
        for _ in 0..500 {
            if store.forgettings().await.unwrap().is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let name = |body: Value| body["customer"]["name"].clone();
        for ticket in [done, open] {
            let body = office.get("admin", &format!("/v1/tickets/{ticket}")).await.body;
            assert_eq!(name(body), json!(begun.pseudonym), "{ticket}");
        }
        office.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_old_enough_is_erased_by_the_class_of_the_customer() {
    let org = ORG
        .replace("residency = \"eu\"\n\n[policies", "residency = \"eu\"\nclass = \"vip\"\n\n[policies")
        + "[privacy]\nerase_after = { default = \"30d\", vip = \"60d\" }\n";
    let folder = TempDir::new().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("meridian.db").display());
    for url in [sqlite, postgres::database().await] {
        let office = office(&url, &org).await;
        let [vip, open, other] = at_work(&office).await;
        let erased = async |ticket: i64| {
            office.get("admin", &format!("/v1/tickets/{ticket}")).await.body["erased_at"] != Value::Null
        };
        // They close by themselves on the 9th, and days count from then.
        for (to, expected) in [
            ("2026-03-09T12:00:00Z", [false, false]),
            ("2026-04-07T12:00:00Z", [false, false]),
            ("2026-04-09T12:00:00Z", [false, true]),
            ("2026-05-09T12:00:00Z", [true, true]),
        ] {
            office.later(to).await;
            office.engine.erase_old().await.unwrap();
            assert_eq!([erased(vip).await, erased(other).await], expected, "{to}");
        }
        assert!(!erased(open).await, "what is open stays as it is");
        let body = office.get("admin", &format!("/v1/tickets/{other}")).await.body;
        let name = body["customer"]["name"].as_str().unwrap();
        assert!(name.starts_with("customer-") && name.len() == 25, "{name}");
        let body = office.get("admin", &format!("/v1/tickets/{vip}")).await.body;
        assert_eq!(body["customer"], "acme", "the files know who that is");
        // By name, it is found all the same.
        let name = "Erika \"100%\" Meier";
        let found = office.post("admin", "/v1/forget", json!({"customer": name, "dry_run": true})).await.body;
        assert_eq!(found["tickets"], 1, "{found}");
        office.close().await;
    }
}

#[tokio::test]
async fn internal_tickets_went_with_all_others_where_the_files_said_never() {
    let erased = async |privacy: &str| {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("meridian.db").display());
        let office = office(&url, &format!("{ORG}[privacy]\nerase_after = {privacy}\n")).await;
        let mut tickets = Vec::new();
        for audience in ["internal", "customer"] {
            let facts = json!({"title": "The printer", "audience": audience});
            let id = office.ticket(facts).await;
            office.act("anna", id, "acknowledge", json!({})).await;
            office.act("anna", id, "resolve", json!({"notes": "paper"})).await;
            tickets.push(id);
        }
        // They close by themselves on the 9th.
        office.later("2026-03-09T12:00:00Z").await;
        office.later("2026-06-09T12:00:00Z").await;
        office.engine.erase_old().await.unwrap();
        let mut erased = Vec::new();
        for id in tickets {
            erased.push(
                office.get("admin", &format!("/v1/tickets/{id}")).await.body["erased_at"] != Value::Null,
            );
        }
        office.close().await;
        erased
    };
    assert_eq!(erased("{ default = \"30d\", internal = \"never\" }").await, [false, true]);
    assert_eq!(erased("{ default = \"never\", internal = \"30d\" }").await, [true, false]);
    assert_eq!(erased("\"30d\"").await, [true, true]);
}

#[tokio::test]
async fn an_export_has_everything_and_stands_in_the_audit_log() {
    on_either(async |office| {
        let [done, open, _] = at_work(&office).await;
        let page = office.post("admin", "/v1/export", json!({"customer": "acme"})).await.body;
        assert_eq!((&page["known"]["name"], &page["next"]), (&json!("Acme SA"), &Value::Null));
        let tickets = page["tickets"].as_array().unwrap();
        let ids: Vec<i64> = tickets.iter().map(|ticket| ticket["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, [done, open]);
        let first = &tickets[0];
        assert_eq!(first["labels"]["who"], "Mustermann");
        let events: Vec<&str> = first["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["event"].as_str().unwrap())
            .collect();
        assert!(
            ["opened", "updated", "resolved", "feedback"].iter().all(|event| events.contains(event)),
            "{events:?}"
        );
        assert_eq!(first["notices"][0]["about"]["customer"], "Acme SA");
        assert!(
            audit(&office, "?what=export").await.contains("export admin - | POST /v1/export | [1,2] acme")
        );
        let as_anna = request("POST", "/v1/export", "admin", Some(json!({"customer": "acme"}).to_string()));
        let (mut parts, body) = as_anna.into_parts();
        parts.headers.insert("meridian-as", "anna".parse().unwrap());
        let refused = office.call(axum::http::Request::from_parts(parts, body)).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(problem(&refused), @"403 forbidden | - | this is about every ticket of a customer, and a person may not see them all: use an admin token that is bound to nobody, without Meridian-As");
        }
        for token in ["anna", "lead", "reader", "ingest"] {
            for path in ["/v1/export", "/v1/forget"] {
                let answer = office.post(token, path, json!({"customer": "acme"})).await;
                assert_eq!(answer.status, 403, "{token} {path}");
            }
        }
        let nobody = office.post("admin", "/v1/export", json!({"customer": "nobody"})).await.body;
        assert_eq!((&nobody["tickets"], &nobody["next"]), (&json!([]), &Value::Null));
        office.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_briefing_goes_with_its_ticket_and_no_other_node_brings_it_back() {
    let url = postgres::database().await;
    let office = office(&url, ORG).await;
    let schedules = office.folder.path().join("schedules");
    let zones = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones/2026f");
    let source = Source::now(&schedules, Some(&zones));
    let store = Store::open(&url).await.unwrap().of_node("other");
    let other = Engine::start(store, office.clock.clone(), source).await.unwrap();

    let ticket =
        json!({"title": "Mustermann cannot pay", "customer": {"name": "Mustermann"}, "priority": "P2"});
    let ticket = office.ticket(ticket).await;
    let free = office.ticket(json!({"title": "Anybody's", "priority": "P2"})).await;
    for ticket in [ticket, free] {
        office.act("anna", ticket, "acknowledge", json!({})).await;
    }
    office.later("2026-03-02T15:31:00Z").await;
    office.act("anna", ticket, "brief", json!({"summary": "Mustermann is angry"})).await;
    let handoffs = office.get("admin", "/v1/handoffs").await.body.to_string();
    assert!(handoffs.contains("Mustermann is angry"), "{handoffs}");
    office.act("anna", ticket, "resolve", json!({"notes": "Mustermann was wrong"})).await;
    let forget = json!({"customer": "Mustermann", "confirm": "Mustermann"});
    let finished = office.post("admin", "/v1/forget", forget).await.body;
    assert_eq!((&finished["state"], &finished["handoffs"]), (&json!("finished"), &json!(1)), "{finished}");

    // The other node had all of it at hand, and goes on with the rest of the handoff.
    let by = Actor::Person(PersonId::new("anna"));
    let brief = Verb::Brief(Briefing { summary: "The other one".to_owned(), ..Briefing::default() });
    let command = Command { by: by.clone(), action: Action::On(TicketId(free), brief) };
    other.take(command, None).await.unwrap();
    let note = Verb::Note { text: "Mustermann?".to_owned(), progress: false };
    let command = Command { by, action: Action::On(TicketId(ticket), note) };
    let refused = other.take(command, None).await.unwrap_err().to_string();
    insta::assert_snapshot!(refused, @"ticket 1: what it said was erased on 2026-03-02; open another one");
    office.later("2026-03-02T16:30:00Z").await;
    let handoffs = office.get("admin", "/v1/handoffs").await.body.to_string();
    assert!(handoffs.contains("The other one") && !handoffs.contains("Mustermann"), "{handoffs}");
    assert!(!everything(&office, &[ticket]).await.contains("Mustermann"));
    other.stop().await;
    other.store().close().await;
    office.close().await;
}
