//! Customers who wait to be forgotten: what is meant, when it goes, who sees it, and how it is called off.

use meridian::store::{Deed, Footprint};
use serde_json::{Value, json};

use super::office::*;
use super::privacy::{at_work, audit, everything, on_either};

async fn forget(office: &Office, customer: &str) -> Value {
    let body = json!({"customer": customer, "confirm": customer, "when_closed": true});
    let answer = office.post("admin", "/v1/forget", body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn list(office: &Office) -> Value {
    office.get("admin", "/v1/forget").await.body["forgetting"].clone()
}

async fn title(office: &Office, ticket: i64) -> String {
    let body = office.get("admin", &format!("/v1/tickets/{ticket}")).await.body;
    body["title"].as_str().unwrap().to_owned()
}

/// Once nobody is being forgotten any more; looks every ten milliseconds.
async fn nobody_waits(office: &Office, looks: u32) -> bool {
    for _ in 0..looks {
        if office.engine.store().forgettings().await.unwrap().is_empty() {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn what_was_closed_later_waited_for_the_hourly_pass() {
    on_either(async |office| {
        office.engine.keep_private(None);
        let [_, open, _] = at_work(&office).await;
        assert_eq!(forget(&office, "acme").await["open"], json!([open]));
        office.act("anna", open, "resolve", json!({"notes": "Mustermann is content"})).await;
        // A minute counts from when it hears of the closing: the clock goes on until then, and not for an hour.
        for minute in 1..30 {
            office.later(&format!("2026-03-02T09:{minute:02}:00Z")).await;
            if nobody_waits(&office, 10).await {
                break;
            }
        }
        assert_eq!(list(&office).await, json!([]));
        assert_eq!(title(&office, open).await, "(erased)");
        office.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_ticket_that_was_opened_after_the_request_was_erased_as_well() {
    on_either(async |office| {
        let [_, open, _] = at_work(&office).await;
        forget(&office, "acme").await;
        office.later("2026-03-02T09:10:00Z").await;
        let later = office.ticket(json!({"title": "Mustermann is back", "customer": "acme"})).await;
        let done = office.ticket(json!({"title": "Mustermann once more", "customer": "acme"})).await;
        office.act("anna", done, "resolve", json!({"notes": "Mustermann was helped"})).await;
        assert_eq!(list(&office).await[0]["open"], json!([open]), "a later one holds nothing up");
        office.act("anna", open, "resolve", json!({"notes": "Mustermann is content"})).await;
        office.engine.keep_private(None);
        assert!(nobody_waits(&office, 500).await);
        assert_eq!(title(&office, open).await, "(erased)");
        for (ticket, expected) in [(later, "Mustermann is back"), (done, "Mustermann once more")] {
            assert_eq!(title(&office, ticket).await, expected);
            let body = office.get("admin", &format!("/v1/tickets/{ticket}")).await.body;
            assert_eq!(body["customer"], "acme", "that is a new beginning");
        }
        office.close().await;
    })
    .await;
}

#[tokio::test]
async fn asked_again_it_takes_in_what_was_opened_since() {
    on_either(async |office| {
        let [_, open, _] = at_work(&office).await;
        forget(&office, "acme").await;
        office.later("2026-03-02T09:10:00Z").await;
        let later = office.ticket(json!({"title": "Mustermann is back", "customer": "acme"})).await;
        office.act("anna", later, "resolve", json!({"notes": "Mustermann was helped"})).await;
        let other = office.ticket(json!({"title": "Anybody's"})).await;
        office.act("anna", other, "resolve", json!({"notes": "Done"})).await;
        // It has been passed over.
        office.engine.keep_private(None);
        office.later("2026-03-02T10:30:00Z").await;
        assert_eq!(title(&office, later).await, "Mustermann is back");
        let body = json!({"customer": "acme", "confirm": "acme", "go_on": true});
        let went_on = office.post("admin", "/v1/forget", body).await.body;
        assert_eq!(
            (&went_on["state"], &went_on["tickets"]),
            (&json!("waits"), &json!(0)),
            "the same request"
        );
        let again = forget(&office, "acme").await;
        assert_eq!(
            (&again["state"], &again["tickets"], &again["open"]),
            (&json!("waits"), &json!(1), &json!([open]))
        );
        assert_eq!(
            (title(&office, later).await.as_str(), title(&office, other).await.as_str()),
            ("(erased)", "Anybody's")
        );
        let listed = list(&office).await;
        assert_eq!(listed[0]["asked_at"], "2026-03-02T10:30:00Z");
        office.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_waits_to_be_forgotten_is_listed_and_called_off() {
    on_either(async |office| {
        let [done, open, _] = at_work(&office).await;
        assert_eq!(list(&office).await, json!([]));
        let call_off = async |customer: &str| {
            office.post("admin", "/v1/forget/call-off", json!({"customer": customer})).await
        };
        let nobody = problem(&call_off("acme").await);
        insta::allow_duplicates! {
            insta::assert_snapshot!(nobody, @"404 not-found | - | nobody of that name is being forgotten; `GET /v1/forget` lists who is: what is finished cannot be called off");
        }
        forget(&office, "acme").await;
        let expected = json!({"customer": "acme", "asked_at": "2026-03-02T09:00:00Z", "open": [open]});
        assert_eq!(list(&office).await, json!([expected.clone()]));
        office.later("2026-03-02T09:30:00Z").await;
        let scraped = office.get("", "/metrics").await;
        let read = metrics(scraped.body.as_str().unwrap());
        assert_eq!(
            (read["meridian_forgetting_customers"], read["meridian_forgetting_oldest_seconds"]),
            (1.0, 1800.0)
        );

        let begun = office.engine.store().forgettings().await.unwrap().remove(0);
        let answer = call_off("acme").await;
        assert_eq!((answer.status.as_u16(), &answer.body), (200, &expected));
        let body = json!({"customer": "acme", "confirm": "acme", "go_on": true});
        assert_eq!(office.post("admin", "/v1/forget", body).await.status, 409, "there is nothing to go on with");
        assert_eq!((call_off("acme").await.status.as_u16(), list(&office).await), (404, json!([])));
        office.act("anna", open, "resolve", json!({"notes": "Mustermann is content"})).await;
        // Whoever was at it already does nothing more.
        let forgot = office.engine.forget(begun, |_| true).await.unwrap();
        assert_eq!((forgot.is_ended, forgot.is_over(), forgot.erased.tickets), (true, false, 0));
        assert_eq!(
            (title(&office, done).await.as_str(), title(&office, open).await.as_str()),
            ("(erased)", "Mustermann cannot log in")
        );
        let said = audit(&office, "?what=forget").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @r#"
            forget admin - | POST /v1/forget | [] acme
            forget admin - | POST /v1/forget/call-off | [] acme
            "#);
        }
        for token in ["anna", "lead", "reader", "ingest"] {
            assert_eq!(office.get(token, "/v1/forget").await.status, 403, "{token}");
            let answer = office.post(token, "/v1/forget/call-off", json!({"customer": "acme"})).await;
            assert_eq!(answer.status, 403, "{token}");
        }
        assert_eq!(call_off(" ").await.status, 422);
        assert_eq!(call_off(&"x".repeat(301)).await.status, 422);
        office.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_counted_what_is_open_and_what_is_erased_already() {
    on_either(async |office| {
        let [_, open, _] = at_work(&office).await;
        let figures = |body: &Value| {
            ["tickets", "events", "notices", "handoffs"].map(|name| body[name].as_u64().unwrap())
        };
        let dry = async |name: &str| {
            figures(
                &office.post("admin", "/v1/forget", json!({"customer": name, "dry_run": true})).await.body,
            )
        };
        let would = dry("acme").await;
        assert!(would[0] == 1 && would[1] > 1 && would[2] > 0, "{would:?}");
        assert_eq!(dry("acme").await, would, "it changes nothing");
        assert_eq!(figures(&forget(&office, "acme").await), would);
        assert_eq!(dry("acme").await, [0; 4], "what is left is open");
        office.act("anna", open, "resolve", json!({"notes": "Mustermann is content"})).await;
        let would = dry("acme").await;
        assert_eq!(figures(&forget(&office, "acme").await), would);
        assert_eq!(dry("acme").await, [0; 4]);

        // Erased for its age, only the name is left to go, where events have it.
        let name = "Erika \"100%\" Meier";
        let before = dry(name).await;
        let org = format!("{ORG}[privacy]\nerase_after = {{ default = \"30d\" }}\n");
        assert_eq!(office.rewrite(&org).await.status, 200);
        office.later("2026-03-09T12:00:00Z").await;
        office.later("2026-04-09T12:00:00Z").await;
        office.engine.erase_old().await.unwrap();
        let after = dry(name).await;
        assert!(
            after[0] == 1 && after[1] < before[1] && after[1] > 0 && after[2] == 0,
            "{before:?} {after:?}"
        );
        assert_eq!(figures(&forget(&office, name).await), after);
        office.close().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_done_about_a_customer_that_cannot_be_written_down() {
    let office = Office::open().await;
    let [done, open, _] = at_work(&office).await;
    let url = format!("sqlite:{}", office.folder.path().join("meridian.db").display());
    let tool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query("alter table trail rename to elsewhere").execute(&tool).await.unwrap();
    let body = json!({"customer": "acme", "confirm": "acme", "when_closed": true});
    let forgotten = office.post("admin", "/v1/forget", body).await;
    let exported = office.post("admin", "/v1/export", json!({"customer": "acme"})).await;
    let read = office.get("admin", &format!("/v1/tickets/{done}")).await;
    sqlx::query("alter table elsewhere rename to trail").execute(&tool).await.unwrap();
    assert_eq!(list(&office).await, json!([]), "nothing was begun");
    assert!(everything(&office, &[done, open]).await.contains("Mustermann cannot pay"), "nothing was erased");

    forget(&office, "acme").await;
    sqlx::query("alter table trail rename to elsewhere").execute(&tool).await.unwrap();
    let called_off = office.post("admin", "/v1/forget/call-off", json!({"customer": "acme"})).await;
    sqlx::query("alter table elsewhere rename to trail").execute(&tool).await.unwrap();
    assert_eq!(list(&office).await[0]["open"], json!([open]), "it goes on");
    let told = [&forgotten, &exported, &read, &called_off].map(problem).join("\n");
    insta::assert_snapshot!(told, @r#"
    503 unavailable | - | this cannot be written into the audit log, so nothing was erased; ask again in a few seconds
    503 unavailable | - | who reads this cannot be written into the audit log, so it is not shown; ask again in a few seconds
    503 unavailable | - | who reads this cannot be written into the audit log, so it is not shown; ask again in a few seconds
    503 unavailable | - | this cannot be written into the audit log, so it goes on; ask again in a few seconds
    "#);
    tool.close().await;
    office.close().await;
}

#[tokio::test]
async fn a_file_that_is_called_by_the_customers_name_was_not_told_of() {
    let office = Office::open().await;
    let [_, open, _] = at_work(&office).await;
    office.act("anna", open, "resolve", json!({"notes": "Done"})).await;
    let own = office.folder.path().join("schedules/customers");
    std::fs::create_dir(&own).unwrap();
    std::fs::write(own.join("Acme.toml"), "# Nothing yet\n").unwrap();
    std::fs::write(own.join("acmeist.toml"), "# Somebody else\n").unwrap();
    assert_eq!(office.rewrite(ORG).await.status, 200);
    std::fs::remove_file(own.join("Acme.toml")).unwrap();
    let org = ORG.replace("[customers.acme]\nname = \"Acme SA\"\nresidency = \"eu\"\n", "");
    assert_eq!(office.rewrite(&org).await.status, 200);
    let finished = forget(&office, "acme").await;
    assert_eq!(finished["state"], "finished");
    insta::assert_snapshot!(finished["not_reached"][0].as_str().unwrap(), @"rotation files are, or were, called by the customer's name (customers/Acme.toml): rename what is still there; revisions keep the names that their files had");
    office.close().await;
}

#[tokio::test]
async fn asked_for_twice_at_once_one_goes_on_and_it_is_finished_once() {
    on_either(async |office| {
        let [_, open, _] = at_work(&office).await;
        office.act("anna", open, "resolve", json!({"notes": "Done"})).await;
        let print = || Footprint::new(office.clock.now(), Deed::Forget, "POST /v1/forget").unwrap();
        let store = office.engine.store();
        let first = store.begin_forgetting("acme", None, print()).await.unwrap();
        office.later("2026-03-02T09:05:00Z").await;
        let second = store.begin_forgetting("acme", None, print()).await.unwrap();
        assert_eq!(first.pseudonym, second.pseudonym);
        let (first, second) =
            tokio::join!(office.engine.forget(first, |_| true), office.engine.forget(second, |_| true));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!((first.is_ended, first.erased.tickets), (true, 0));
        assert_eq!((second.is_over(), second.erased.tickets), (true, 2));
        let said = audit(&office, "?what=forget").await;
        assert_eq!(said.matches("finished").count(), 1, "{said}");
        office.close().await;
    })
    .await;
}
